# S/MIME both ways: what mail-sign writes is read by `openssl cms`, what that writes is read by mail-verify; and what is wrong is said.
. "$SURAT_SRC/tests/lib.sh"
. "$SURAT_SRC/tests/certs.sh"
cd "$T" || exit 99
make_ca ca "Test CA"
KEY=rsa:2048 make_cert alice alice@example.org
make_cert bob bob@example.org
KEY=rsa:2048 make_cert carol carol@example.org
cat >message <<'X'
From: Alice <alice@example.org>
To: bob@example.org
Bcc: secret@example.org
Subject: the plan
Keywords: attack
Date: Thu, 26 Nov 2026 01:00:00 +0000
Message-ID: <1@example.org>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

Grüße
From here
trailing 
--b
Content-Type: application/octet-stream
Content-Transfer-Encoding: base64

AAECAwQF
--b--
X
A="--smime-cert alice.pem --smime-key alice.key"
B="--smime-cert bob.pem --smime-key bob.key"
verify() { run mail-verify --smime --ca-file ca.pem "$@"; }

# --- signed, read by openssl and by us ---
run mail-sign --smime-sign $A <message
code_is 0 "a message is signed"
cp .out signed
like "$out" '^Content-Type: multipart/signed; micalg=sha-256;' "in the clear"
is "$(LC_ALL=C grep -c '[^ -~	]' signed)" 0 "in seven bits"
unlike "$(sed '1,/^$/d' signed)" '^From here|trailing $' "with nothing a mail server would change"
is "$(grep -c '^Bcc:' signed)" 1 "Bcc is not copied into what is signed"
run openssl cms -verify -in signed -CAfile ca.pem
code_is 0 "openssl finds it good"
sed 's/$/\r/' signed >signed.crlf
run openssl cms -verify -in signed.crlf -CAfile ca.pem
code_is 0 "with CRLF too"
verify signed
code_is 0 "so do we"
like "$out" '^smime	pass	example.org		signed by alice@example.org, vouched for by CN=Test CA$' "and say who, and who vouches"
like "$out" '^cover	signed			part 1.2, signed by alice@example.org$' "each part is covered"
verify signed.crlf
code_is 0 "line ends do not matter"
run mail-sign --smime-sign --smime-opaque $A <message
cp .out opaque
run openssl cms -verify -in opaque -CAfile ca.pem
code_is 0 "openssl reads an opaque signature of ours"
like "$out" 'Grüße' "and what is in it"
run mail-verify --json --ca-file ca.pem --smime opaque
fits mail-verify "the parts within a layer are as the schema says"
verify opaque
code_is 0 "so do we"
run mail-verify --decrypt --ca-file ca.pem opaque
like "$out" '^Content-Type: multipart/mixed; boundary=b;' "--decrypt takes the content out"
printf 'Content-Type: text/plain\n\nhello\n' >plain
for how in "" -nodetach "-nodetach -stream -indef" "-noattr" "-md sha512" "-keyid"; do
  openssl cms -sign -in plain -signer alice.pem -inkey alice.key $how -from alice@example.org -to x@y -subject s >o
  verify o
  code_is 0 "openssl cms -sign $how"
  like "$out" '^smime	pass' "is good"
done
# --- RSASSA-PSS (RFC 4056) ---
openssl cms -sign -in plain -signer alice.pem -inkey alice.key -keyopt rsa_padding_mode:pss -from alice@example.org -to x@y -subject s >o
verify o
code_is 0 "RSASSA-PSS of openssl"
for restricted in "" "-pkeyopt rsa_pss_keygen_md:sha384 -pkeyopt rsa_pss_keygen_mgf1_md:sha384 -pkeyopt rsa_pss_keygen_saltlen:20"; do
  openssl req -x509 -newkey rsa-pss -pkeyopt rsa_keygen_bits:2048 $restricted -nodes -keyout pss.key -out pss.pem -days 30 -subj /CN=Ana \
    -addext subjectAltName=email:alice@example.org -addext basicConstraints=critical,CA:TRUE 2>/dev/null
  run mail-sign --smime-sign --smime-cert pss.pem --smime-key pss.key <message
  code_is 0 "a key for nothing but RSASSA-PSS signs ${restricted:+with the digest that it demands}"
  cp .out o
  run openssl cms -verify -in o -CAfile pss.pem
  code_is 0 "openssl finds it good"
  run mail-verify --smime --ca-file pss.pem o
  code_is 0 "so do we"
  mail-sign --smime-sign --smime-opaque --smime-cert pss.pem --smime-key pss.key <message >o
  run openssl cms -verify -in o -CAfile pss.pem
  code_is 0 "and with the content in it"
  run mail-verify --smime --ca-file pss.pem o
  code_is 0 "so do we"
done
openssl req -x509 -newkey rsa-pss -pkeyopt rsa_keygen_bits:2048 -pkeyopt rsa_pss_keygen_md:sha1 -pkeyopt rsa_pss_keygen_mgf1_md:sha1 -nodes -keyout pss.key -out pss.pem -days 30 \
  -subj /CN=Ana -addext subjectAltName=email:alice@example.org -sha1 2>/dev/null
run mail-sign --smime-sign --smime-cert pss.pem --smime-key pss.key <message
code_is 78 "a key for SHA-1 alone signs nothing"
openssl smime -sign -in plain -signer alice.pem -inkey alice.key -from alice@example.org -to x@y -subject s >o
verify o
code_is 0 "what writes application/x-pkcs7-signature too"
run bash -c "mail-sign --smime-sign $A <message | mail-sign --dkim-keygen ed25519 --dkim-key k.pem >/dev/null; mail-sign --smime-sign $A --dkim example.org --selector s --dkim-key k.pem <message"
like "$out" '^DKIM-Signature:' "DKIM comes last"
printf '%s\n' "$out" >both
verify both
code_is 0 "and leaves the signature as it is"
run mail-verify --smime --ca-file ca.pem --add-header --authserv-id mx.example.net signed
like "$(tr -d '\n' <.out)" '^Authentication-Results: mx.example.net;.*smime=pass.*body.smime-identifier="?alice@example.org' "--add-header tells it as RFC 7281 does"

# --- encrypted ---
run mail-sign --smime-sign $A --smime-encrypt bob.pem --smime-encrypt carol.pem <message
code_is 0 "signed, and encrypted for two"
cp .out sealed
like "$out" 'smime-type=authEnveloped-data' "AES-GCM"
like "$out" '^Subject: \[\.\.\.\]$' "the subject is hidden"
unlike "$out" '^Keywords:' "keywords are gone"
for who in bob carol alice; do
  run openssl cms -decrypt -in sealed -recip $who.pem -inkey $who.key
  code_is 0 "$who reads it with openssl"
  printf '%s\n' "$out" | tr -d '\r' | sed 's/$/\r/' >inner
  run openssl cms -verify -in inner -CAfile ca.pem
  code_is 0 "the signature inside is good"
done
run mail-verify --decrypt --ca-file ca.pem $B sealed
code_is 0 "we read it too"
cp .out opened
like "$err" 'smime: pass: decrypted, aes-256-gcm' "and say how it was encrypted"
like "$err" 'header: hidden: Subject: the plan \(outside: \[\.\.\.\]\)' "and what was hidden"
like "$err" 'cover: signed\+encrypted: part 1/1.1, signed by alice@example.org' "and what covers each part"
is "$(sed '/^$/q' opened | grep '^Subject:')" "Subject: the plan" "the header is the one inside"
like "$out" '^Surat-Protection: v=1; encrypted=smime; signed=smime; by="?alice@example.org"?' "with what covered it"
like "$(sed '1,/^$/d' opened)" '^HP-Outer: Subject: \[\.\.\.\]$' "what was outside is recorded inside"
verify opened
code_is 0 "what comes out is a message whose signature is still good"
# --- the header's protection, field by field (RFC 9788) ---
{ printf 'Autocrypt: addr=a; keydata=AA==\nPrecedence:list\nReceived: from x\n'; cat message; } | mail-sign --smime-encrypt bob.pem >sealed2
run openssl cms -decrypt -in sealed2 -recip bob.pem -inkey bob.key
like "$out" '^HP-Outer: Precedence: list' "what the author leaves outside is all named in HP-Outer"
like "$out" '^HP-Outer: Autocrypt: addr=a' "that of his programs too"
unlike "$out" 'HP-Outer: Received|^Received' "but no traces"
printf 'From: alice@example.org\nSubject: the plan\nHP-Outer: Subject: the plan\nContent-Type: text/plain; hp="cipher"\n\nhello\n' >payload
openssl cms -encrypt -aes-256-gcm -in payload -from alice@example.org -to bob@example.org bob.pem >o
run mail-verify --decrypt $B o
like "$err" 'header: changed: Subject: the plan' "HP-Outer has it as it is: whoever took it away, it was not hidden"
sed -i 's/^HP-Outer.*/HP-Outer: Subject: [...]/' payload
openssl cms -encrypt -aes-256-gcm -in payload -from alice@example.org -to bob@example.org bob.pem >o
run mail-verify --decrypt $B o
like "$err" 'header: hidden: Subject: the plan' "removed where the author put something else: it was hidden"
openssl cms -sign -in payload -signer alice.pem -inkey alice.key -from alice@example.org -to bob@example.org -subject '[...]' >o
run mail-verify --smime --ca-file ca.pem o
like "$err$out" 'header.*changed.*Subject: the plan' "hp=cipher does not make hidden what nothing encrypts"
run mail-verify --json --ca-file ca.pem --smime sealed
like "$out" '"result":"none","reason":"encrypted, what is inside was not looked at"' "without --decrypt it is not looked into, and that is said"
fits mail-verify "as the schema says"
code_is 0 "which is no failure"
run mail-sign --smime-encrypt bob.pem --protect-headers=no <message
like "$out" '^Subject: the plan$' "--protect-headers=no"
for curve in P-384 P-521; do
  KEY="ec -pkeyopt ec_paramgen_curve:$curve" make_cert dora alice@example.org
  run bash -c "mail-sign --smime-sign --smime-cert dora.pem --smime-key dora.key --smime-encrypt dora.pem <message | tee d1 | mail-verify --decrypt --ca-file ca.pem --smime-cert dora.pem --smime-key dora.key"
  code_is 0 "$curve signs and decrypts"
done
for how in -aes-256-gcm -aes-128-gcm "-aes-256-gcm -stream" "-aes-256-gcm -keyid"; do
  openssl cms -encrypt $how -in plain -from alice@example.org -to bob@example.org -subject hi bob.pem carol.pem >o
  run mail-verify --decrypt $B o
  code_is 0 "openssl cms -encrypt $how"
  like "$out" '^hello' "is read"
done
openssl cms -encrypt -aes-256-gcm -in plain -from a@b -to c@d -subject hi -recip carol.pem -keyopt rsa_padding_mode:oaep >o
run mail-verify --decrypt --smime-cert carol.pem --smime-key carol.key o
like "$out" '^hello' "RSA-OAEP of others is read"

printf 'Content-Type: text/plain; protected-headers="v1"\nSubject: real\n\nhello\n' >old
openssl cms -encrypt -aes-256-gcm -in old -from a@b -to c@d -subject ... bob.pem >o
run mail-verify --decrypt $B o
like "$out" '^Subject: real$' "headers protected in the way that came before RFC 9788"
like "$out" '^From: a@b$' "what is only outside stays"
like "$err" 'header: hidden: Subject: real \(outside: \.\.\.\)' "are honoured"

# --- CBC: no integrity of its own ---
run mail-sign --smime-encrypt bob.pem --smime-cipher cbc <message
cp .out cbc
run openssl cms -decrypt -in cbc -recip bob.pem -inkey bob.key
code_is 0 "--smime-cipher=cbc is for older programs"
run mail-verify --decrypt $B cbc
code_is 76 "what may have been changed is not shown"
is "$(wc -c <.out)" 0 "not a byte of it"
like "$err" 'aes-256-cbc does not show whether it was changed' "and that is said"
run mail-verify --decrypt --smime-allow-unauthenticated $B cbc
like "$out" 'Grüße' "unless it is asked for"
run bash -c "mail-sign --smime-sign $A --smime-encrypt bob.pem --smime-cipher cbc <message | mail-verify --decrypt --ca-file ca.pem $B"
code_is 0 "a signature over all of it is as good"
like "$err" 'and the signature shows that it was not changed' "and it is said why"

# --- a passphrase ---
openssl pkey -in alice.key -aes256 -passout pass:sesame -out locked.key
run mail-sign --smime-sign --smime-cert alice.pem --smime-key locked.key --smime-passphrase-command 'echo sesame' <message
code_is 0 "the passphrase comes from a command"
run mail-sign --smime-sign --smime-cert alice.pem --smime-key locked.key --smime-passphrase-command 'echo open' <message
code_is 77 "a wrong one"
run mail-sign --smime-sign --smime-cert alice.pem --smime-key locked.key <message
code_is 77 "none"
run mail-sign --smime-sign --smime-cert alice.pem --smime-key bob.key <message
code_is 78 "a key that is another certificate's"

# --- certificates picked up ---
run mail-verify --smime --smime-learn --ca-file ca.pem signed
code_is 0 "a certificate is kept"
certs=$XDG_STATE_HOME/surat/certs
is "$(stat -c %a "$certs") $(stat -c %a "$certs"/alice@example.org.*.pem)" "700 600" "where nobody else may look"
run mail-sign --smime-encrypt alice@example.org <message
code_is 0 "and found"
printf '%s\n' "$out" >for-alice
run mail-verify --decrypt --ca-file ca.pem $A for-alice
like "$out" 'Grüße' "it is hers"
run mail-sign --smime-encrypt carol.pem <message
like "$err" '^mail-sign: bob@example.org will not be able to read it: there is no certificate for that address$' "who cannot read it is named"
run mail-sign --smime-encrypt nobody@example.org <message
code_is 67 "one that was not kept"
run mail-verify --smime --smime-learn --smime-certs "$T/other" --ca-file bob.pem signed
is "$(ls "$T/other" 2>/dev/null | wc -l)" 0 "what nobody vouches for is not kept"
SAN='email:a/b@example.org' make_cert evil x
sed 's/alice@/a\/b@/' message >evilmsg
run bash -c "mail-sign --smime-sign --smime-cert evil.pem --smime-key evil.key <evilmsg | mail-verify --smime --smime-learn --smime-certs $T/other --ca-file ca.pem"
like "$(ls -A "$T/other" 2>/dev/null)" '^a%2fb@example\.org\.[0-9a-f]+\.pem$' "an address that is a path stays a name"

# --- what is wrong ---
says() { # WANT-CODE WORDS... WHAT: of the file x
  run mail-verify --smime --ca-file ca.pem ${opts:-} x
  code_is "$1" "$3"
  like "$out" "^smime	$2" "$3: said"
}
sed 's/^Gr=/Hr=/' signed >x
says 1 'fail	.*changed since it was signed' "changed"
sed '1s/.*/From: Eve <eve@example.net>/' signed >x
says 1 'policy	.*signed by alice@example.org, outside it says it is from eve@example.net' "another From outside"
sed 's/alice@/eve@/' message >eve
mail-sign --smime-sign $A <eve >x
says 1 "fail	.*the certificate is alice@example.org's, the message says it is from eve@example.org" "another's address"
cp signed x
run mail-verify --smime --ca-file bob.pem x
like "$out" '^smime	policy	.*nobody trusted vouches' "an unknown authority"
code_is 1 "proves too little"
run mail-verify --smime --ca-file alice.pem x
code_is 0 "a certificate in the CA file is believed as it is"
for n in 300 900 1500; do
  openssl base64 -d -A -in <(sed -n '/smime.p7m/,$p' opaque | sed '1,/^$/d' | tr -d '\n') | head -c $n >cut
  { sed '/^$/q' opaque; openssl base64 -in cut; } >x
  says 1 'permerror	.*CMS: cut short at byte' "cut after $n bytes"
done
{ sed '/^$/q' opaque; echo 'AAAA'; } >x
says 1 'permerror	.*CMS: ' "no CMS"
run mail-verify --decrypt $A cbc
code_is 77 "encrypted for others"
{ sed '/^$/q' sealed; sed '1,/^$/d' sealed | openssl base64 -d | head -c 1500 | openssl base64; } >x
run mail-verify --decrypt $B x
code_is 65 "an envelope that is cut"
is "$(wc -c <.out)" 0 "nothing comes out"
{ sed '/^$/q' sealed; echo 'AAAA'; } >x
run mail-verify --decrypt $B x
code_is 65 "one that is none at all"
is "$(wc -c <.out)" 0 "is not passed on as if it had been opened"
sed '1,/^$/d' sealed | openssl base64 -d >der
n=$(stat -c %s der)
printf '\377' | dd of=der bs=1 seek=$((n - 2000)) conv=notrunc 2>/dev/null
{ sed '/^$/q' sealed; openssl base64 -in der; } >x
run mail-verify --decrypt $B x
code_is 76 "a byte changed in AES-GCM"
is "$(wc -c <.out)" 0 "nothing comes out"
openssl cms -sign -in plain -md sha1 -signer alice.pem -inkey alice.key -from alice@example.org -to x@y -subject s >x
says 1 'policy	.*signed with sha-1' "SHA-1"
KEY=rsa:1024 make_cert small alice@example.org
openssl cms -sign -in plain -signer small.pem -inkey small.key -from alice@example.org -to x@y -subject s >x
says 1 'policy	.*RSA key of only 1024 bits' "a short key"
USAGE=keyEncipherment make_cert nosign alice@example.org
openssl cms -sign -in plain -signer nosign.pem -inkey nosign.key -from alice@example.org -to x@y -subject s >x 2>/dev/null
says 1 'fail	.*may not sign' "a key that may not sign"
EKU=serverAuth make_cert web alice@example.org
openssl cms -sign -in plain -signer web.pem -inkey web.key -from alice@example.org -to x@y -subject s >x
says 1 'fail	.*not for mail' "a web server's certificate"
run mail-sign --smime-encrypt web.pem <message
code_is 65 "nor is it encrypted to"
openssl cms -sign -in plain -signer alice.pem -inkey alice.key -signer bob.pem -inkey bob.key -from alice@example.org -to x@y -subject s >x
run mail-verify --smime --ca-file ca.pem x
is "$(grep -c '^smime	pass' .out) $(grep -c "^smime	fail.*bob@example.org's" .out)" "1 1" "two signers are two results"
openssl cms -sign -in plain -nocerts -signer alice.pem -inkey alice.key -from alice@example.org -to x@y -subject s >x
says 1 "permerror	.*the signer's certificate is not here" "no certificate"
opts="--smime-chain alice.pem" says 0 'pass' "unless it is known"
opts=
# time
run mail-verify --smime --ca-file ca.pem --now 2029-01-01 signed
like "$out" '^smime	policy	.*expired on 20.*, after this was signed' "expired since"
mail-sign --now 2029-01-01 --smime-sign $A <message >x 2>late
run cat late
like "$err$out" 'has expired' "an expired certificate does not sign"
run mail-sign --now 2029-01-01 --smime-encrypt bob.pem <message
code_is 65 "nor is it encrypted to"
# revoked
cat >ca.cnf <<'X'
[ca]
default_ca=d
[d]
database=index
crlnumber=number
default_md=sha256
default_crl_days=30
X
: >index; echo 01 >number
openssl ca -config ca.cnf -gencrl -cert ca.pem -keyfile ca.key -out none.crl 2>/dev/null
openssl ca -config ca.cnf -revoke alice.pem -cert ca.pem -keyfile ca.key 2>/dev/null
mkdir crls
openssl ca -config ca.cnf -gencrl -cert ca.pem -keyfile ca.key -out crls/ca.crl 2>/dev/null
cp signed x
opts="--smime-crl none.crl" says 0 'pass' "not revoked"
opts="--smime-crl crls" says 1 'fail	.*was revoked' "revoked, as a folder of lists says"
run mail-verify --smime --ca-file ca.pem --smime-crl none.crl --now 2027-03-01 x
code_is 75 "a list that is too old"
like "$out" '^smime	temperror' "may be better later"
opts=
# chains
ISCA=true USAGE=keyCertSign,cRLSign EKU=emailProtection make_cert sub sub@example.org
CA=sub make_cert deep alice@example.org
cat deep.pem sub.pem >chain.pem
mail-sign --smime-sign --smime-cert chain.pem --smime-key deep.key <message >x
says 0 'pass' "a chain that is sent along"
mail-sign --smime-sign --smime-cert deep.pem --smime-key deep.key <message >x
says 1 'policy	.*nobody trusted vouches' "one that is not"
opts="--smime-chain sub.pem" says 0 'pass' "unless we have it"
opts=
# addresses beyond ASCII
SAN=@alt EXTRA=$'[alt]\notherName=1.3.6.1.5.5.7.8.9;FORMAT:UTF8,UTF8:ana@büro.example' make_cert ana x
sed 's/alice@example.org/ana@xn--bro-hoa.example/' message >idn
mail-sign --smime-sign --smime-cert ana.pem --smime-key ana.key <idn >x
says 0 'pass' "SmtpUTF8Mailbox, compared as it is looked up"
# nested
mail-sign --smime-sign $A <signed >x
run mail-verify --smime --ca-file ca.pem x
is "$(grep -c '^smime	pass' .out)" 2 "a signature in a signature"
run bash -c "mail-sign --smime-sign $A --smime-encrypt bob.pem <message | mail-sign --smime-sign $A | tee x | mail-verify --decrypt --ca-file ca.pem $B"
code_is 0 "signed, encrypted and signed again (RFC 2634)"
like "$out" '^Subject: the plan' "is read"
# an attached message is from whom it says itself
{
  printf 'From: carol@example.org\nSubject: fwd\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=z\n\n--z\n\nsee below\n--z\nContent-Type: message/rfc822\n\n'
  cat signed
  printf -- '\n--z--\n'
} >x
says 0 'pass	.*signed by alice@example.org' "a signed message that is attached"
like "$out" '^cover	neither			part 1$' "what came with it is not signed"
touch empty
run mail-verify --add-header --authserv-id me.example --ca-file ca.pem --dns-data empty x
like "$out" 'body\.smime-part=2' "and the result is of that part, not of the whole message"
# who it is from is said twice: another name is in front of the signer's
(echo 'From: carol@example.org'; cat signed) >x
says 1 'policy	.*several From fields' "two From fields"
# the pipeline
echo 'Dear Bob' | mail-compose -f alice@example.org -t bob@example.org -s Salam -a plain | mail-sign --smime-sign $A --smime-encrypt bob.pem >x
run bash -c "mail-verify --quiet --decrypt --ca-file ca.pem $B x | mail-read show"
code_is 0 "mail-compose | mail-sign | mail-verify --decrypt | mail-read show"
like "$out" 'Salam' "its subject"
like "$out" 'Dear Bob' "its text"
run mail-read show sealed
like "$out" '^\[1: application/pkcs7-mime, smime.p7m, .*; encrypted with S/MIME: mail-verify --decrypt opens it\]$' "mail-read says who can open it"
run mail-read show signed
like "$out" '; a signature: mail-verify checks it\]$' "and who checks a signature"
run mail-sign --smime-sign <message
code_is 64 "--smime-sign without a certificate"
run mail-sign --smime-sign $A </dev/null
code_is 65 "no message"
done_testing
