# mail-verify: DKIM.
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
done_testing
