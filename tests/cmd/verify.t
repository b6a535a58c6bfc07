# mail-verify: SPF, DKIM, DMARC and ARC as the program shows them; what the rooms do is in tests/unit/auth.
. "$SURAT_SRC/tests/lib.sh"
cd "$T" || exit 99
# the example of RFC 8463 A: an Ed25519 and an RSA key sign one message
cat >zone <<'X'
brisbane._domainkey.football.example.com. TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
test._domainkey.football.example.com. TXT "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB"
X
cat >rfc8463 <<'X'
DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=brisbane; t=1528637909; h=from : to :
 subject : date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus
 Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=test; t=1528637909; h=from : to : subject :
 date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3
 DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz
 dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=
From: Joe SixPack <joe@football.example.com>
To: Suzie Q <suzie@shopping.example.net>
Subject: Is dinner ready?
Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
Message-ID: <20030712040037.46341.5F8J@football.example.com>

Hi.

We lost the game.  Are you hungry yet?

Joe.

X
verify() { run mail-verify --dkim --dns-data zone "$@"; }
verify rfc8463
code_is 0 "RFC 8463 A.3"
is "$out" "dkim	pass	football.example.com	brisbane	
dkim	pass	football.example.com	test	" "both signatures are good"
verify <rfc8463
code_is 0 "the same from standard input"
sed 's/Joe\./Jo./' rfc8463 >changed
verify changed
code_is 1 "a changed body"
like "$out" 'fail.*body was changed' "is said"
sed 's/^Subject: Is/Subject: is/' rfc8463 >changed
verify changed
like "$out" 'fail.*does not fit the header' "a changed field too"
verify --json rfc8463
like "$out" '^\{"method":"dkim","result":"pass","domain":"football.example.com","selector":"brisbane","name":"rfc8463","properties":\{"header_d":"football.example.com"' "--json"
fits mail-verify "as its schema says"
verify --explain rfc8463
like "$out" 'brisbane\._domainkey\.football\.example\.com TXT "v=DKIM1; k=ed25519' "--explain shows the record"
printf 'From: a@example.org\n\nx\n' | mail-verify --dkim --dns-data zone >plain
is "$(cat plain)" "dkim	none			not signed" "no signature"
run mail-verify --dns-data zone </dev/null
code_is 65 "no message"

# --- SPF and DMARC ---
cat >>zone <<'X'
football.example.com. TXT "v=spf1 ip4:192.0.2.0/24 exp=why.example.com -all"
why.example.com. TXT "%{i} is none of ours"
_dmarc.example.com. TXT "v=DMARC1; p=reject; pct=20"
; security: fail
down.example.net. TXT "v=spf1 -all"
X
run mail-verify --spf-only --client-ip 192.0.2.1 --helo mx.example.com -f joe@football.example.com --dns-data zone
code_is 0 "--spf-only"
is "$out" 'spf	pass	football.example.com		"ip4:192.0.2.0/24" of football.example.com' "names the mechanism"
run mail-verify --spf-only --client-ip 2001:db8::1 --helo mx.example.com -f joe@football.example.com --dns-data zone
code_is 1 "another client"
like "$out" 'fail.*the domain says: 2\.0\.0\.1.*\.1 is none of ours' "with the explanation of the domain"
run mail-verify --spf-only --client-ip 192.0.2.1 -f joe@down.example.net --dns-data zone
code_is 75 "the DNS fails"
run mail-verify --dns-data zone rfc8463
code_is 0 "everything at once"
like "$out" '^dmarc	pass	football\.example\.com		DKIM of football\.example\.com is aligned; policy reject, from _dmarc\.example\.com' "DMARC passes by DKIM"
like "$out" 'pct counts for nothing' "what differs from RFC 7489 is named"
printf 'From: joe@football.example.com\n\nx\n' >unsigned
run mail-verify --dns-data zone --client-ip 192.0.2.1 -f joe@football.example.com unsigned
code_is 0 "DMARC passes by SPF"
run mail-verify --dns-data zone --client-ip 192.0.2.1 -f joe@evil.example unsigned
code_is 1 "and fails by nothing"
run mail-verify --dmarc --explain --dns-data zone unsigned
like "$out" '_dmarc\.example\.com TXT "v=DMARC1; p=reject; pct=20"' "--explain shows the record"
for bad in "--spf" "--spf-only" "--client-ip nonsense --helo x" "--client-ip 192.0.2.1" "--spf-only --client-ip 192.0.2.1 --helo x unsigned" "--add-header --json" "--add-header a b"; do
  run mail-verify $bad --dns-data zone </dev/null
  code_is 64 "mail-verify $bad"
done

# --- Authentication-Results ---
cat - rfc8463 >forged <<'X'
Authentication-Results: mx.example.net; spf=pass; dkim=pass
Authentication-Results: (a comment) "MX.EXAMPLE.NET" 1;
	dmarc=pass
Authentication-Results : mx.example.net;
 arc=pass
Authentication-Results: ; dkim=pass
Authentication-Results: other.example; spf=pass
Received: x
X
run mail-verify --add-header --authserv-id mx.example.net --dns-data zone forged
code_is 0 "--add-header"
cp .out added
is "$(grep -ci '^Authentication-Results' added)" 2 "what claims to be ours went, ours came, and that of others stayed"
like "$(head -1 added)" '^Authentication-Results: mx\.example\.net;$' "ours is in front"
is "$(grep -A1000 '^Received' added)" "$(grep -A1000 '^Received' forged)" "all else is as it was"
run mail-verify --dns-data zone --dkim added
code_is 0 "and the signatures still are good"
sed 's/$/\r/' forged | mail-verify --add-header --authserv-id mx.example.net --dns-data zone >crlf
is "$(grep -vc $'\r$' crlf)" 0 "line ends are those of the message"
is "$(tr -d '\r' <crlf)" "$(cat added)" "and the same comes out"
# readers disagree on a line that is no field
for nl in '\n' '\r\n'; do
  printf "Subject: x${nl}Authentication-Results: MX.example.net.; dmarc=pass${nl}no field${nl}Authentication-Results: mx.example.net; dmarc=pass${nl}From: a@b.example${nl}" >unended
  run mail-verify --add-header --authserv-id mx.example.net --dns-data zone <unended
  is "$(sed -n '/^Subject/,$p' .out | od -c)" "$(printf "Subject: x${nl}${nl}no field${nl}Authentication-Results: mx.example.net; dmarc=pass${nl}From: a@b.example${nl}" | od -c)" "a header that ends so ends for all with an empty line"
done
# what a stranger says of himself, however long, ends where it ends
long=$(printf 'a%.0s' {1..4070})
run mail-verify --add-header --authserv-id mx.example.net --dns-data zone --client-ip 192.0.2.1 -f "\"$long;dmarc=pass;$long\"@football.example.com" unsigned
like "$out" '^	spf=pass' "SPF of a sender with a very long name"
unlike "$out" '[^ 	]dmarc=pass|aaaa' "whose name says nothing for us"
for i in 1 2; do echo "From x@y Thu Jan  1 00:00:00 1970"; cat forged; echo; done >box
run mail-verify --mbox --add-header --authserv-id mx.example.net --dns-data zone box
is "$(grep -c '^Authentication-Results: mx' .out) $(grep -c '^From ' .out)" "2 2" "--mbox"
run mail-verify --mbox --json --dkim --dns-data zone box
is "$(grep -c '"message":2' .out)" 2 "and each message has its number"
fits mail-verify "as the schema says"
sed 's/Joe\./Jo./' forged | { run mail-verify --add-header --authserv-id mx.example.net --dns-data zone; code_is 1 "a bad message"; like "$out" 'dkim=fail' "is passed on all the same"; }
tap_n=$((tap_n + 2))

# --- an mbox is read ahead of what is judged: no result may tell ---
for i in $(seq 20); do
  case $i in
  3 | 16) sed 's/Joe\./Jo./' rfc8463 ;;
  5 | 15 | 17) printf 'From: a%d@football.example.com\n\nx\n' "$i" ;;
  8) sed 's/^From: .*/From: joe@down.example.net/' rfc8463 ;;
  9) sed "s/s=test/s=other/" rfc8463 ;;
  12) printf 'Subject: none\n' ;;
  *) cat rfc8463 ;;
  esac >"m$i"
done
mbox() { for f; do echo "From x@y Thu Jan  1 00:00:00 1970"; cat "$f"; echo; done; }
alone() { # N: as one of an mbox would be said
  mail-verify --json --explain --dkim --dmarc --arc --dns-data zone "m$1" 2>&1 | sed "s/\"name\":\"m$1\"/\"name\":\"box\",\"message\":$1/"
}
for i in $(seq 20); do alone "$i"; done >one-by-one
for n in 1 15 16 17 20; do
  mbox $(seq -f m%g "$n") >box
  run mail-verify --json --explain --mbox --dkim --dmarc --arc --dns-data zone box
  is "$out" "$(for i in $(seq "$n"); do grep "\"message\":$i[,}]" one-by-one; done)" "$n messages of an mbox are judged as one by one"
done
mbox $(seq -f m%g 20) | head -c -60 >box
run mail-verify --json --explain --mbox --dkim --dmarc --arc --dns-data zone box
is "$code $out" "65 $(grep -v '"message":20[,}]' one-by-one)" "all that is whole before a cut is judged"
fits mail-verify "each with its steps, as the schema says"
like "$err" 'box: message 20: cut off' "and which one is cut is said"
one_line "in one line"
mbox $(seq -f m%g 20) | mail-verify --mbox --add-header --authserv-id mx.example.net --dns-data zone >added
for i in $(seq 20); do
  echo "From x@y Thu Jan  1 00:00:00 1970"; mail-verify --add-header --authserv-id mx.example.net --dns-data zone "m$i"; echo
done >one-by-one
is "$(cat added)" "$(cat one-by-one)" "--add-header too"

# --- for people ---
run mail-verify -v --dns-data zone rfc8463
like "$out" '^Sent by +football\.example\.com: that is proved$' "one screen says who sent it"
like "$out" '^Known by +dkim pass football\.example\.com/brisbane$' "how that is known"
like "$out" '^Suspicious +nothing$' "and that nothing is suspicious"
{
  printf 'Authentication-Results: me.example; dkim=pass\nFrom: "service@bank.example" <joe@football.example.com>\nReply-To: eve@evil.example\n'
  printf 'Subject: =?utf-8?q?hi=1B[31m_=E2=80=AE?=\nSubject: two\n\nx\n'
} >odd
run mail-verify -v --authserv-id me.example --dns-data zone odd
code_is 1 "a message that proves nothing"
like "$out" '^Sent by +nobody knows: it says football\.example\.com' "says so"
like "$out" 'the name in From shows an address of bank\.example' "an address in a name"
like "$out" 'answers go to another domain: eve@evil\.example' "another domain for answers"
like "$out" '2 Subject fields' "two of a field"
like "$out" 'Authentication-Results in our name' "results in our name"
unlike "$out" $'\033|\xe2\x80\xae' "text of others does nothing to a terminal"
like "$out" '^(Suspicious| ) +dmarc fail football\.example\.com: ' "what failed is suspicious"
run mail-verify -v --scan archives --dns-data zone rfc8463
like "$out" '^From +Joe' "who asks for something else sees the header all the same"
unlike "$out" '^Sent by' "and nothing is said of who nobody asked for"
run mail-verify -v --dkim --dns-data zone rfc8463
like "$out" '^Sent by +football\.example\.com: DKIM of it passes$' "and nothing of a policy that was not looked for"
run mail-verify --scan off --dns-data zone rfc8463
like "$out" '^dkim'$'\t''pass' "--scan off: everything else is looked at"
unlike "$out" '^scan' "and that is not"
run mail-verify nowhere
is "$err" "mail-verify: nowhere: No such file or directory" "a message that is not there is named once"
run mail-verify --dkim --dns-data zone nowhere rfc8463 nor-here
code_is 66 "of several, two are not there"
is "$err" "mail-verify: nowhere: No such file or directory
mail-verify: nor-here: No such file or directory" "each is named"
like "$out" '^dkim	pass	football\.example\.com	brisbane		rfc8463	$' "the other one is looked at, and a line says which it is of"
run mail-verify --explain --dkim --dns-data zone --mbox box
like "$out" '^box: message 2$' "so does --explain"
printf 'From: a@xn--pypal-4ve.example\n\nx\n' | mail-verify -v --dns-data zone >idn
like "$(cat idn)" 'letters that may look like others: xn--pypal-4ve\.example \(.*\.example\)' "letters that look like others"

# --- what is broken gets a result and a line, whatever it is ---
b64=$(head -c 256 /dev/zero | base64 -w0)
one() { printf '%s\nFrom: a@example.com\n\nx\n' "DKIM-Signature: $1"; }
full="v=1; a=rsa-sha256; bh=$(printf 'x\r\n' | openssl dgst -sha256 -binary | base64); c=relaxed/relaxed; d=example.com; h=from; s=s; b=$b64"
tags() { printf '%s' "$full" | sed "$1"; }
verdict() { run mail-verify --dkim --dns-data keys; printf '%s\n' "$out" | cut -f2,5 | head -1 | tr '\t' ' '; }
rsa() { openssl rsa -in "$1" -pubout -outform DER 2>/dev/null | base64 -w0; }
openssl genrsa -traditional 512 >k512 2>/dev/null
# a modulus of 16,384 bits need not be the product of two primes to be looked at
printf 'asn1=SEQUENCE:k\n[k]\nn=INTEGER:0xF1%sD1\ne=INTEGER:65537\n' "$(openssl rand -hex 2046)" >conf
openssl asn1parse -genconf conf -noout -out k16384
{
  echo "huge._domainkey.example.com. TXT $(base64 -w0 k16384 | sed 's/^/p=/' | fold -w 250 | sed 's/.*/"&"/' | tr '\n' ' ')"
  echo "s._domainkey.example.com. TXT \"p=$(rsa k512)\""
  echo 'revoked._domainkey.example.com. TXT "p="'
  echo 'nonsense._domainkey.example.com. TXT "p=!!!"'
  echo 'noder._domainkey.example.com. TXT "p=MAA="'
  echo 'short._domainkey.example.com. TXT "k=ed25519; p=AAAA"'
  echo 'other._domainkey.example.com. TXT "k=dsa; p=AAAA"'
  echo 'sms._domainkey.example.com. TXT "s=sms; p=MAA="'
  echo 'sha1._domainkey.example.com. TXT "h=sha1; p=MAA="'
  echo 'loop._domainkey.example.com. CNAME loop2._domainkey.example.com.'
  echo 'loop2._domainkey.example.com. CNAME loop._domainkey.example.com.'
} >keys
while IFS='|' read -r change want; do
  got=$(one "$(tags "$change")" | verdict)
  like "$got" "^$want" "$change: $want"
done <<'X'
s/v=1; //|neutral no v=
s/v=1/v=2/|neutral v=2
s/a=[^;]*; //|neutral no a=
s/a=rsa-sha256/a=rsa-md5/|neutral a=rsa-md5
s/bh=[^;]*; //|neutral no bh=
s/bh=[^;]*;/bh=x;/|neutral bh=
s/c=[^;]*;/c=loose;/|neutral c=
s/d=[^;]*; //|neutral no d=
s/d=[^;]*;/d=;/|neutral d=
s/ h=[^;]*; / /|neutral no h=
s/ h=[^;]*;/ h=to;/|permerror From is not signed
s/ h=[^;]*;/ h=from::to;/|neutral h=
s/s=s; //|neutral no s=
s/b=AAA.*/b=/|neutral b=
s/; b=AAA.*//|neutral no b=
s/$/; v=1/|neutral v= stands there twice
s/$/; d=evil.example/|neutral d= stands there twice
s/$/; l=99999999999999999999999/|neutral l=
s/$/; l=-1/|neutral l=
s/$/; l=100/|fail l= is longer
s/$/; x=1/|fail the signature expired
s/$/; t=100; x=99/|neutral x= lies before t=
s/$/; t=99999999999/|fail .*future
s/$/; i=@evil.example/|permerror i=
s/$/; i=nonsense/|permerror i=
s/$/; q=carrier-pigeon/|neutral q=
s/$/; unknown=x;/|policy an RSA key of 512 bits
s/bh=[^;]*;/bh=AAAA;/|fail the body was changed
s/rsa-sha256/rsa-sha1/|policy SHA-1
s/rsa-sha256/ed25519-sha256/|permerror the key is of another kind
s/s=s/s=none/|permerror no key
s/s=s/s=huge/|fail the signature does not fit
s/s=s/s=revoked/|permerror the key was revoked
s/s=s/s=nonsense/|permerror the key cannot be read
s/s=s/s=noder/|permerror the public key cannot be read
s/s=s/s=short/|permerror the key cannot be read
s/s=s/s=other/|permerror the key is of another kind
s/s=s/s=sms/|permerror the key is not for mail
s/s=s/s=sha1/|permerror the key does not allow this hash
s/s=s/s=loop/|temperror the key at
X
many() { for _ in $(seq "$1"); do echo "DKIM-Signature: $full"; done; printf 'From: a@example.com\n\nx\n'; }
many 1000 | mail-verify --dkim --dns-data keys >thousand
is "$(wc -l <thousand)" 21 "of a thousand signatures twenty are looked at"
like "$(tail -1 thousand)" 'policy.*980 more signatures' "and that is said"
printf 'nothing but text\n' | mail-verify --dns-data keys >text
like "$(cat text)" 'dmarc	permerror			no From' "no header at all"
done_testing
