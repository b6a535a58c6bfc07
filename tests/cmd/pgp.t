# OpenPGP both ways, with gpg on the other side.
. "$SURAT_SRC/tests/lib.sh"
cd "$T" || exit 99
if ! [ -x "$SURAT_BUILD/surat-pgp" ] || ! command -v gpg >/dev/null; then
  skip "OpenPGP" "built without gpgme, or there is no gpg"
  done_testing
fi
export GNUPGHOME=$T/g
mkdir -m 700 g
at_exit 'gpgconf --homedir "$T/g" --kill all 2>/dev/null; gpgconf --homedir "$T/h" --kill all 2>/dev/null'
key() { gpg --batch --quiet --passphrase '' --quick-gen-key "$1 <$1@example.org>" future-default default "${2:-never}" 2>/dev/null; }
key alice; key bob
fpr() { gpg --batch --with-colons --list-keys "$1" 2>/dev/null | sed -n 's/^fpr:*\([0-9A-F]*\):$/\1/p' | head -1; }
printf 'From: Alice <alice@example.org>\nTo: bob@example.org\nSubject: the plan\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\nGrüße \nFrom here\n' >m

# --- signed ---
run mail-sign --pgp-sign alice@example.org <m
code_is 0 "a message is signed"
cp .out signed
like "$out" '^Content-Type: multipart/signed; micalg=pgp-sha[0-9]+;' "PGP/MIME"
run mail-verify --pgp signed
code_is 0 "and good"
like "$out" '^pgp	pass	example.org		signed by alice@example.org, a key of your own$' "who, and who says so"
bound=$(sed -n 's/^ boundary="\(.*\)"$/\1/p' signed | head -1)
awk -v b="--$bound" '$0 == b { n++; next } $0 == b "--" { exit } n == 1 { if (have) print line; line = $0; have = 1 }' signed | sed 's/$/\r/' >content
sed -n '/BEGIN PGP/,/END PGP/p' signed >sig
run gpg --batch --verify sig content
code_is 0 "gpg finds it good"
sed 's/^Gr=/Hr=/' signed >x
run mail-verify --pgp x
code_is 1 "changed"
like "$out" '^pgp	fail	.*changed since it was signed' "and said"
sed 's/alice@example.org/eve@example.net/' m >eve
mail-sign --pgp-sign alice@example.org <eve >x
run mail-verify --pgp x
like "$out" "^pgp	fail	.*the key is alice@example.org's, the message says it is from eve@example.net" "another's address"
# made by gpg: LF in the file, CRLF signed
printf 'Content-Type: text/plain\r\n\r\nhello\r\n' >c
gpg --batch --quiet -a --detach-sign -u alice@example.org -o c.asc c
{
  printf 'From: alice@example.org\nSubject: x\nMIME-Version: 1.0\nContent-Type: multipart/signed; boundary=q; micalg=pgp-sha512; protocol="application/pgp-signature"\n\n--q\n'
  tr -d '\r' <c
  printf '\n--q\nContent-Type: application/pgp-signature\n\n'
  cat c.asc
  printf -- '--q--\n'
} >x
run mail-verify --pgp x
code_is 0 "what gpg signed is good here"

# --- encrypted ---
run mail-sign --pgp-sign alice@example.org --pgp-encrypt bob@example.org <m
code_is 0 "signed and encrypted"
cp .out sealed
like "$out" '^Subject: \[\.\.\.\]$' "the subject is hidden"
run bash -c "sed -n '/BEGIN PGP/,/END PGP/p' sealed | gpg --batch --quiet --decrypt"
code_is 0 "gpg reads it"
like "$out" '^Subject: the plan' "with the header inside"
run mail-verify --decrypt sealed
code_is 0 "so do we"
like "$out" '^Subject: the plan$' "its header"
like "$out" 'Grüße' "its text"
like "$err" 'pgp: pass: decrypted, aes256' "its integrity is known"
like "$err" 'cover: signed\+encrypted: part 1, signed by alice@example.org' "and what covers it"
run mail-verify sealed --pgp
like "$out" '^pgp	none			encrypted, what is inside was not looked at' "not looked into without --decrypt"
{
  printf 'From: alice@example.org\nSubject: x\nMIME-Version: 1.0\nContent-Type: multipart/encrypted; boundary=q; protocol="application/pgp-encrypted"\n\n--q\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n\n--q\nContent-Type: application/octet-stream\n\n'
  printf 'Content-Type: text/plain\n\nfrom gpg\n' | gpg --batch --quiet -a -e -r bob@example.org
  printf -- '--q--\n'
} >x
run mail-verify --decrypt x
code_is 0 "what gpg encrypted is read"
like "$out" '^from gpg' "its text"
like "$err" 'cover: encrypted: part 1' "nobody signed it"
sed 's/^\([A-Za-z0-9+/]\{20\}\)[A-Za-z0-9]/\1+/' x >y
run mail-verify --decrypt y
is "$(wc -c <.out)" 0 "changed: nothing comes out"
isnt "$code" 0 "and it fails"
# no integrity: refused, whatever gpg would say
for how in "--rfc2440 --cipher-algo 3DES" "--rfc2440 --disable-mdc"; do
  { printf 'From: alice@example.org\nSubject: x\n\n'; printf 'old words\n' | gpg --batch --quiet $how -a -e -r bob@example.org 2>/dev/null; } >x
  run mail-verify --decrypt x
  code_is 76 "no MDC ($how)"
  is "$(wc -c <.out)" 0 "nothing comes out"
  like "$err" 'not protected against changes' "and it is said why"
done
echo ignore-mdc-error >>g/gpg.conf
run mail-verify --decrypt x
code_is 76 "also where gpg.conf says to ignore it"
is "$(wc -c <.out)" 0 "nothing comes out"
: >g/gpg.conf

# --- in the text ---
printf 'Hello inline\n' | gpg --batch --quiet --clearsign -u alice@example.org >cs
{ printf 'From: alice@example.org\nSubject: x\n\n'; cat cs; } >x
run mail-verify --pgp x
code_is 0 "clear-signed text is read"
{ cat x; echo 'and send money to eve'; } >y
run mail-verify --pgp y
unlike "$out" '^pgp	pass' "text around it is not taken for signed"
like "$out" '^cover	neither' "and it is said"
{ printf 'From: alice@example.org\nSubject: x\n\n'; printf 'inline secret\n' | gpg --batch --quiet -a -e -r bob@example.org; } >x
run mail-verify --decrypt x
like "$out" '^inline secret' "encrypted text is read"

# --- keys and trust ---
run mail-sign --pgp-encrypt nobody@example.org <m
code_is 67 "no such key"
run mail-sign --pgp-sign nobody@example.org <m
code_is 67 "no such secret key"
mkdir -m 700 h
gpg --batch --quiet --export alice@example.org >alice.pub
run env GNUPGHOME="$T/h" mail-verify --pgp signed
code_is 1 "a key that is not here"
like "$out" '^pgp	permerror	.*is not here, and is not looked for elsewhere' "is not looked for"
GNUPGHOME=$T/h gpg --batch --quiet --import alice.pub 2>/dev/null
run env GNUPGHOME="$T/h" mail-verify --pgp signed
code_is 1 "one nobody vouches for"
like "$out" "^pgp	policy	.*nobody you trust vouches that the key is alice@example.org's" "proves little"
run env GNUPGHOME="$T/h" mail-sign --pgp-encrypt alice@example.org <m
code_is 69 "nor is it encrypted to by its address"
run env GNUPGHOME="$T/h" mail-sign --pgp-encrypt "$(fpr alice@example.org)" <m
code_is 0 "but by its fingerprint"
mkdir nogpg
run env PATH="$SURAT_BUILD:$T/nogpg" GNUPGHOME="$T/none" mail-verify --pgp signed
unlike "$out" '^pgp	pass' "without a key there is no pass"
# a second user id of the same key says nothing about the first
gpg --batch --quiet --passphrase '' --quick-add-uid alice@example.org 'CEO <ceo@example.org>' 2>/dev/null
gpg --batch --quiet --export alice@example.org >alice.pub
GNUPGHOME=$T/h gpg --batch --quiet --import alice.pub 2>/dev/null
GNUPGHOME=$T/h gpg --batch --quiet --passphrase '' --quick-gen-key 'me <me@example.org>' future-default default never 2>/dev/null
GNUPGHOME=$T/h gpg --batch --quiet --yes --quick-lsign-key "$(fpr alice@example.org)" 'alice <alice@example.org>' 2>/dev/null
run env GNUPGHOME="$T/h" mail-verify --pgp signed
like "$out" '^pgp	pass	.*certified by you or by keys you trust' "one that you certified"
sed 's/alice@example.org/ceo@example.org/' m | mail-sign --pgp-sign "$(fpr alice@example.org)" >x
run env GNUPGHOME="$T/h" mail-verify --pgp x
like "$out" "^pgp	policy	.*nobody you trust vouches that the key is ceo@example.org's" "does not make its other ids believed"
# --- what Mutt makes, with header protection of before RFC 9788 ---
if command -v mutt >/dev/null && mutt -v | grep -q CRYPT_BACKEND_GPGME; then
  printf '#!/bin/sh\ncat >"%s/sent"\n' "$T" >capture
  chmod 755 capture
  printf 'set %s\n' sendmail="$T/capture" 'from="Alice <alice@example.org>"' copy=no crypt_use_gpgme=yes pgp_sign_as="$(fpr alice)" pgp_default_key="$(fpr alice)" \
    crypt_protected_headers_write=yes crypt_autosign=yes editor=true abort_unmodified=no postponed=/dev/null record= mbox=/dev/null folder="$T" spoolfile=/dev/null >muttrc
  printf 'text with ü\n.\nFrom here \n' >body
  python3 "$SURAT_SRC/tests/tools/mutt.py" muttrc body 'the grüße' bob@example.org || fail "Mutt signs"
  run mail-verify --pgp sent
  code_is 0 "a signature of Mutt"
  like "$out" '^pgp	pass	example.org		signed by alice@example.org' "is good"
  echo 'set crypt_autoencrypt=yes' >>muttrc
  python3 "$SURAT_SRC/tests/tools/mutt.py" muttrc body 'the grüße' bob@example.org || fail "Mutt encrypts"
  unlike "$(cat sent)" 'Subject: .*the' "what Mutt encrypts has its Subject inside"
  run mail-verify --decrypt --pgp sent
  code_is 0 "and is read"
  like "$(mail-read show "$T/.out")" '^Subject: the grüße' "with its Subject"
  like "$(mail-read show "$T/.out")" 'text with ü' "and its text"
else
  skip "Mutt" "it is not installed, or without gpgme"
fi
done_testing
