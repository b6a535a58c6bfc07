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
for i in 1 2; do echo "From x@y Thu Jan  1 00:00:00 1970"; cat forged; echo; done >box
run mail-verify --mbox --add-header --authserv-id mx.example.net --dns-data zone box
is "$(grep -c '^Authentication-Results: mx' .out) $(grep -c '^From ' .out)" "2 2" "--mbox"
run mail-verify --mbox --json --dkim --dns-data zone box
is "$(grep -c '"message":2' .out)" 2 "and each message has its number"
sed 's/Joe\./Jo./' forged | { run mail-verify --add-header --authserv-id mx.example.net --dns-data zone; code_is 1 "a bad message"; like "$out" 'dkim=fail' "is passed on all the same"; }
tap_n=$((tap_n + 2))
done_testing
