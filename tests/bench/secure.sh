# S/MIME and OpenPGP of a 100 MB message, beside `openssl cms` and gpg: time, and memory that does not grow with the message.
. "$(dirname "$0")/lib.sh"
cd "$W" || exit 73
. "$SURAT_SRC/tests/certs.sh"
[ -f ca.pem ] || { make_ca ca "Bench CA" && KEY=rsa:2048 make_cert alice alice@example.org && make_cert bob bob@example.org; } || exit 71
[ -f big ] || { head -c 75000000 /dev/urandom >big.bin && echo x | mail-compose -f alice@example.org -t bob@example.org -s big -a big.bin >big; } || exit 71
A="--smime-cert alice.pem --smime-key alice.key" B="--ca-file ca.pem --smime-cert bob.pem --smime-key bob.key"
[ -f signed ] || mail-sign --smime-sign $A <big >signed || exit 71
[ -f sealed ] || mail-sign --smime-encrypt bob.pem <big >sealed 2>/dev/null || exit 71

bench smime-sign-100M -b 1e8 -n 3
peer openssl 'openssl cms -sign -in big -signer alice.pem -inkey alice.key -from alice@example.org -to b -subject s >/dev/null'
ours "mail-sign --smime-sign $A <big >/dev/null"
bar wall 2 openssl # which reads a file twice, where we keep what came through a pipe
bar rss 16384
measure

bench smime-verify-100M -b 1e8 -n 3
peer openssl 'openssl cms -verify -in signed -CAfile ca.pem -out /dev/null 2>&1'
ours 'mail-verify --smime --ca-file ca.pem signed'
bar wall 1.5 openssl
bar rss 16384
measure

bench smime-encrypt-100M -b 1e8 -n 3
peer openssl 'openssl cms -encrypt -aes-256-gcm -in big -from a@b -to c@d -subject s bob.pem >/dev/null'
ours 'mail-sign -q --smime-encrypt bob.pem <big >/dev/null'
bar wall 1.5 openssl
bar rss 16384
measure

bench smime-decrypt-100M -b 1e8 -n 3
peer openssl 'openssl cms -decrypt -in sealed -recip bob.pem -inkey bob.key -out /dev/null'
ours "mail-verify -q --decrypt $B sealed >/dev/null"
bar wall 1.5 openssl
bar rss 16384
measure
