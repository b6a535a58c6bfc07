# mail-sign: DKIM and ARC. What it writes is held against mail-verify and, where it is there, dkimpy (opinion.t has OpenDKIM and rspamd too).
. "$SURAT_SRC/tests/lib.sh"
cd "$T" || exit 99
cat >message <<'X'
From: Joe SixPack <joe@example.org>
To: Suzie Q <suzie@shopping.example.net>
Subject: Is dinner   ready?
Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
Message-ID: <20030712040037.46341.5F8J@football.example.com>

Hi.

We lost the game. 	Are you hungry yet?

Joe.


X
r="--selector r --dkim-key r.pem" e="--selector e --dkim-key e.pem"

# --- keys ---
run mail-sign --dkim-keygen rsa2048 --dkim example.org --selector r --dkim-key r.pem
code_is 0 "an RSA key is made"
like "$out" '^r\._domainkey\.example\.org\. IN TXT \( "v=DKIM1; k=rsa; p=MII' "and its record is a line of a zone file"
is "$(stat -c %a r.pem)" 600 "nobody else may read the key"
cp .out zone
run mail-sign --dkim-keygen ed25519 --dkim example.org --selector e --dkim-key e.pem
code_is 0 "an Ed25519 key is made"
cat .out >>zone
run mail-sign --dkim-keygen ed25519 --dkim-key e.pem
code_is 73 "an existing key is not written over"
is "$err" "mail-sign: e.pem: is there already" "that is said"
run mail-sign --dkim-keygen ed25519
like "$out" '^-----BEGIN PRIVATE KEY' "without a file the key is printed"
printf '%s\n' "$out" >both.pem
run mail-sign --dkim example.org --selector x --dkim-key both.pem <message
code_is 0 "and what was printed is a key file as it stands"
run mail-sign --dkim-keygen rsa1024
code_is 64 "no key that is too short"

# --- signatures ---
run mail-sign --dkim example.org $r $e --time 1700000000 <message
code_is 0 "two keys sign in one pass"
cp .out signed
is "$(grep -c '^DKIM-Signature:' signed)" 2 "each makes a signature"
is "$(tail -n +"$(grep -n '^From' signed | cut -d: -f1)" signed)" "$(cat message)" "the message itself is as it was"
like "$out" 'bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=' "the hash of the body is that of RFC 6376 A.2"
is "$(tr -d '\n\t ' <<<"$out" | sed 's/From:Joe.*//; s/DKIM-Signature:/\n/g' | sed -n 2p | grep -oE '(^|;)[a-z]+=' | tr -d ';\n')" 'a=b=bh=c=d=h=s=t=v=' "tags stand in their order"
is "$(awk 'length > 78' signed)" "" "no line is long"
mail-sign --dkim example.org $r $e --time 1700000000 <message | cmp -s - signed && pass "the same bytes again" || fail "the same bytes again"
run mail-verify --dkim --dns-data zone signed
code_is 0 "mail-verify finds them good"
is "$out" "dkim	pass	example.org	r	
dkim	pass	example.org	e	" "both"
for canon in simple/simple simple/relaxed relaxed/simple relaxed; do
  mail-sign --dkim example.org $r $e --canon $canon <message >c
  run mail-verify --dns-data zone c
  code_is 0 "--canon $canon"
done
sed 's/$/\r/' message | mail-sign --dkim example.org $r >crlf
is "$(grep -vc $'\r$' crlf)" 0 "line ends are those of the message"
run mail-verify --dns-data zone crlf
code_is 0 "and it verifies with CRLF"
tr -d '\r' <crlf | mail-verify --dns-data zone >/dev/null && pass "and with LF" || fail "and with LF"
run mail-sign --dkim bücher.example --selector r --dkim-key r.pem <message
like "$out" 'd=xn--bcher-kva\.example;' "an internationalised domain is written as A-labels"
run mail-sign --dkim example.org $r --expire-after 1d --time 1700000000 <message
like "$out" 'x=1700086400' "--expire-after"

# --- which fields ---
h() { tr -d '\n\t ' | grep -oE ';h=[^;]*' | head -1; }
printf 'Received: x\nBcc: b@example.org\nFrom: a@example.org\nX-Other: y\nList-Id: <l>\nAuthentication-Results: x; none\n\nx\n' >fields
is "$(mail-sign --dkim example.org $e <fields | h)" ';h=from:from:list-id' "what others add and what is removed is not signed"
is "$(mail-sign --dkim example.org $e --oversign <fields | h)" \
  ';h=from:from:sender:reply-to:subject:date:message-id:to:cc:in-reply-to:references:mime-version:content-type:content-transfer-encoding:list-id' "--oversign names what is not there"
is "$(mail-sign --dkim example.org $e --sign-headers From:X-Other:x-none <fields | h)" ';h=from:x-other:x-none' "--sign-headers"
is "$(mail-sign --dkim example.org $e --sign-headers From:X-Other --oversign <fields | h)" ';h=from:x-other:from:x-other' "and with --oversign"
mail-sign --dkim example.org $e --oversign <fields >over
sed 's/^X-Other/Subject: added\nX-Other/' over | mail-verify --dns-data zone >/dev/null
is $? 1 "a field that was oversigned cannot be added"
mail-sign --dkim example.org $e <fields | sed 's/^X-Other/Subject: added\nX-Other/' | mail-verify --dns-data zone >/dev/null
is $? 0 "one that was not can"

# --- the DNS first ---
run mail-sign --check-dns --dns-data zone --dkim example.org $r $e <message
code_is 0 "--check-dns: what is published fits"
run mail-sign --check-dns --dns-data zone --dkim example.org --selector r --dkim-key e.pem <message
code_is 78 "--check-dns: another key is published"
is "$out" "" "nothing is written then"
one_line "one line says so"
run mail-sign --check-dns --dns-data zone --dkim example.org --selector none --dkim-key e.pem <message
is "$err" 'mail-sign: --check-dns: no key at none._domainkey.example.org: no such name' "--check-dns: no key"
(echo "; security: fail"; cat zone) >failing
run mail-sign --check-dns --dns-data failing --dkim example.org $r <message
code_is 75 "--check-dns: the DNS fails for now"

# --- ARC ---
printf '%s\n' '_dmarc.example.org. TXT "v=DMARC1; p=reject"' >>zone
seal() { mail-verify --add-header --authserv-id "$1" --dns-data zone | mail-sign --arc example.org --authserv-id "$1" $r --time 1700000000; }
seal one.example <signed >arc1
is "$(mail-verify --arc --dns-data zone arc1 | cut -f1-4)" "arc	pass	example.org	r" "a chain of one"
seal two.example <arc1 >arc2
is "$(grep -c '^ARC-' arc2)" 6 "a second set"
run mail-verify --arc --dns-data zone --json arc2
like "$out" '"result":"pass".*"reason":"2 hops.*"header_oldest_pass":"0"' "and the chain of two is good"
sed 's/^To: Suzie/To: Susie/' arc1 | seal two.example >arc3
like "$(cat arc3)" 'cv=fail; d=example.org' "a chain that is broken is sealed as such"
is "$(grep -c '^ARC-[SM].*: i=2; a=' arc3)" 2 "i= comes before all else"
{ echo 'ARC-Seal: i=7; nonsense'; cat arc2; } | seal two.example >arc7
is "$(grep -c '^ARC-.*: i=8; ' arc7)" 3 "its instance is one more than the highest, though that cannot be read"
is "$(mail-verify --arc --dns-data zone arc3 | cut -f1-2)" "arc	fail" "and stays broken"
seal three.example <arc3 >arc5
is "$(grep -c '^ARC-' arc5)" 6 "to which nobody adds any more"
{ echo 'Subject: more'; cat arc2; } | seal three.example >arc4
is "$(mail-verify --arc --dns-data zone arc4 | cut -f1-2)" "arc	fail" "a field was added: the chain is broken"
sed 's/^Hi\./Ho./' arc2 >changed
run mail-verify --arc --dns-data zone changed
like "$out" 'arc	fail.*instance 2.*body' "a changed body"
sed 's/^ARC-Authentication-Results: i=1; one/ARC-Authentication-Results: i=1; evil/' arc2 >changed
run mail-verify --arc --dns-data zone changed
like "$out" 'arc	fail.*seal' "changed results of an older instance"
grep -v '^ARC-Authentication-Results: i=1' arc2 >changed
run mail-verify --arc --dns-data zone changed
code_is 1 "a set that is not whole"
run mail-sign --arc example.org --authserv-id unknown.example $r <arc1
code_is 65 "nothing of our name says whether the chain is good"
run mail-sign --arc example.org $r <message
code_is 64 "--arc without --authserv-id"

# --- a stream ---
{ mail-sign --dkim example.org $e <message >/dev/null; for i in 1 2 3; do echo "From x@y Thu Jan  1 00:00:00 1970"; cat message; echo; done; } >box
run mail-sign --mbox --dkim example.org $r $e <box
code_is 0 "--mbox"
cp .out signed-box
run mail-verify --dkim --mbox --dns-data zone <signed-box
is "$(grep -c pass .out)" 6 "each message is signed"

# --- large, from a pipe, in bounded memory ---
{ cat message; head -c 30000000 /dev/zero | tr '\0' 'x' | fold -w 76; } | ASAN_OPTIONS=$ASAN_OPTIONS:quarantine_size_mb=1 mail-sign --dkim example.org $e >large
is "$(mail-verify --dkim --dns-data zone large)" "dkim	pass	example.org	e	" "30 MB from a pipe"

# --- what cannot be signed ---
run mail-sign --dkim example.org $r </dev/null
code_is 65 "no message"
printf 'Subject: x\n\nx\n' | { run mail-sign --dkim example.org $r; code_is 65 "no From"; one_line "one line"; like "$err" 'no From' "says it"; }
tap_n=$((tap_n + 3))
printf 'From: a@b.c\nFrom: d@e.f\n\nx\n' >two
run mail-sign --dkim example.org $r <two
code_is 65 "two From"
run mail-sign --dkim example.org $r <<<'no header'
code_is 65 "no header"
run mail-sign --dkim example.org --selector r --dkim-key message <message
code_is 78 "a key file without a key"
run mail-sign --dkim example.org --selector r --dkim-key nowhere <message
code_is 66 "a key file that is not there"
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ec.pem 2>/dev/null
run mail-sign --dkim example.org --selector r --dkim-key ec.pem <message
code_is 78 "a key of another kind"
for bad in "" "--dkim example.org" "--dkim example.org --selector r" "--dkim example.org $r --selector x" "--dkim a.example --dkim b.example --dkim c.example $r $e" \
  "--dkim example.org $r --canon loose" "--dkim example.org $r --sign-headers To" "--dkim example.org $r --sign-headers From:DKIM-Signature" "--dkim example.org $r operand"; do
  run mail-sign $bad <message
  code_is 64 "mail-sign $bad"
done
{ (exec >/dev/full; mail-sign --dkim example.org $r <message) 2>err; code=$?; err=$(cat err); code_is 74 "a full disk"; }

# --- second opinions ---
py=/usr/bin/python3 # where Debian's modules are
if $py -c 'import dkim' 2>/dev/null; then
  cat >judge.py <<'P'
import dkim, sys
zone = {}
for line in open('zone', 'rb'):
    name, text = line.split(b' ', 1)
    zone[name] = b''.join(text.split(b'"')[1::2])
message = open(sys.argv[1], 'rb').read()
d = dkim.DKIM(message.replace(b'\r\n', b'\n').replace(b'\n', b'\r\n'))
n = sum(1 for name, _ in d.headers if name.lower() == b'dkim-signature')
print(*[d.verify(i, dnsfunc=lambda name, timeout=5: zone.get(name)) for i in range(n)])
P
  for canon in relaxed/relaxed simple/simple simple/relaxed relaxed/simple; do
    mail-sign --dkim example.org $r --canon $canon <message >c
    is "$($py judge.py c 2>&1)" True "dkimpy: $canon"
  done
  $py -c 'import nacl' 2>/dev/null && is "$($py judge.py signed 2>&1)" "True True" "dkimpy: both keys" || skip "dkimpy: both keys" "no PyNaCl"
  is "$($py judge.py over 2>&1)" True "dkimpy: oversigned"
  sed 's/^print.*/print(dkim.arc_verify(d.message, dnsfunc=lambda name, timeout=5: zone.get(name))[0].decode())/; s/^d = .*/class d: message = message.replace(b"\\r\\n", b"\\n").replace(b"\\n", b"\\r\\n")/; /^n = /d' judge.py >arc.py
  for chain in arc1 arc2; do is "$($py arc.py $chain 2>&1)" pass "dkimpy: $chain"; done
  { echo 'Subject: more'; cat arc2; } >arc6
  is "$($py arc.py arc6 2>&1)" fail "dkimpy: a broken chain"
else
  skip "dkimpy" "not installed"
fi
done_testing
