# mail-send against real servers: Postfix by MX with STARTTLS and DANE, each way a server can be missing, submission with SASL, LMTP to Dovecot.
. "${SURAT_SRC:?}/tests/lib.sh" || exit 99
. "$SURAT_SRC/tests/live/addr.sh"
S=$LAB_STATE
mkdir -p "$XDG_CONFIG_HOME/surat"
cat >"$XDG_CONFIG_HOME/surat/config" <<X
resolver = $RES4
trust-anchor = $S/dns/anchor.ds
X
export EMAIL=ana@client.test
n=0
letter() { # [SUBJECT]: a new letter in $T/letter, its Message-ID in $id
  n=$((n + 1)) id="$n.$$.$RANDOM@client.test"
  printf 'From: Ana <ana@client.test>\nTo: somebody@example.test\nSubject: %s\nMessage-ID: <%s>\n\nhello\n.\nbye\n' "${1:-number $n}" "$id" >"$T/letter"
}
send() { run mail-send --helo client.test --timeout 20 "$@" <"$T/letter"; }
mailbox() { echo "$S/mail/$1/Maildir/new"; }
in_mailbox() { # ADDRESS: how many of this Message-ID arrived, waited for
  for _ in $(seq 100); do grep -qrsF "$id" "$(mailbox "$1")" && break; sleep 0.05; done
  grep -rlsF "$id" "$(mailbox "$1")" | wc -l
}
not_in_mailbox() { grep -rlsF "$id" "$(mailbox "$1")" | wc -l; }
in_sink() { # NAME
  for _ in $(seq 100); do grep -qsF "$id" "$S"/sink/"$1".* && break; sleep 0.05; done
  grep -lsF "$id" "$S"/sink/"$1".* | wc -l
}
field() { # KEY: of each line of the report
  printf '%s\n' "$out" | python3 -c 'import json, sys
for line in sys.stdin:
    print(json.loads(line).get(sys.argv[1], "-") if line.strip() else "")' "$1" | tr '\n' ' ' | sed 's/ $//'
}
body() { sed -n '/^\r*$/,$p' "$1" | tr -d '\r'; }

# --- by MX ---
letter
send --mx --json alice@dane.test
code_is 0 "by MX, with DANE"
is "$(field status) $(field security) $(field host)" "sent dane mx.dane.test" "TLS by the TLSA record"
like "$(field tls)" '^TLSv1.3 ' "TLS 1.3"
like "$(field evidence)" '^TLSA 3 1 1 of mx.dane.test$' "and which record"
like "$(field queue_id)" '^[0-9a-zA-Z]+$' "Postfix's name for it"
is "$(in_mailbox alice@dane.test)" 1 "it arrived, once"
f=$(grep -rlsF "$id" "$(mailbox alice@dane.test)")
like "$(cat "$f")" 'from client.test \(' "we said who we are"
is "$(body "$f")" "$(body "$T/letter")" "and it is the same letter"

letter
send --mx --no-keep alice@danebad.test
code_is 75 "a TLSA record of another key: deferred"
like "$err" 'mx.danebad.test\[.*\]:25: .*matches no TLSA record' "and why"
is "$(not_in_mailbox alice@danebad.test)" 0 "nothing arrived"
send --mx --tls=may --no-keep --json alice@danebad.test
is "$code $(field security)" "0 encrypted" "unless nobody looks"

letter
send --mx --json alice@sts-none.test
is "$code $(field security)" "0 encrypted" "no TLSA record: TLS as it is offered"
send --mx --tls=verify --ca-file "$S/pki/ca.pem" --json alice@sts.test
is "$code $(field security)" "0 verified" "verified on demand"
send --mx --tls=verify --no-keep alice@sts.test
code_is 75 "by nobody we know: deferred"
send --mx --ca-file "$S/pki/ca.pem" --json alice@sts.test
is "$code $(field security)" "0 sts" "an enforced MTA-STS policy, kept"
like "$(field evidence)" '^MTA-STS policy [0-9A-Za-z]+$' "and which policy"
send --mx --ca-file "$S/pki/ca.pem" --json alice@sts-dane.test
is "$code $(field security)" "0 dane" "DANE comes before it"
send --mx --ca-file "$S/pki/ca.pem" --no-keep alice@sts-miss.test
code_is 75 "a server that the policy does not name: deferred"
like "$err" "policy does not name this host" "and why"
send --mx --ca-file "$S/pki/ca.pem" --no-keep alice@sts-name.test
code_is 75 "a server with another name's certificate: deferred"
send --mx --ca-file "$S/pki/ca.pem" --no-keep alice@sts-plain.test
code_is 75 "a server without TLS: deferred"
like "$err" 'no STARTTLS' "and why"
send --mx --ca-file "$S/pki/ca.pem" --json alice@sts-testing.test
is "$code $(field security)" "0 encrypted" "a policy in testing stops nothing"
send --mx --tls=dane-only --no-keep alice@sts.test
code_is 75 "dane-only without a TLSA record: deferred"

letter
send --mx --json alice@plain.test
is "$code $(field security)" "0 none" "no TLS offered"
is "$(in_mailbox alice@plain.test)" 1 "it arrived"
send --mx --tls=encrypt --no-keep alice@plain.test
code_is 75 "unless TLS is demanded"
like "$err" 'no STARTTLS' "and why"
send --mx --json alice@nomx.test
is "$code $(field host)" "0 nomx.test" "no MX record: the domain itself"

letter
send --mx --json bob@backup.test
is "$code $(field host)" "0 mx2.backup.test" "the first server is down: the second one"
is "$(in_sink mx2)" 1 "has it"
letter
run mail-send --helo client.test --timeout 2 --mx --json bob@hole.test <"$T/letter"
is "$code $(field host)" "0 mx2.backup.test" "the first server is a black hole: the second one"
is "$(in_sink mx2)" 1 "has it"
letter
send --mx --json bob@v6.test
is "$code $(field ip)" "0 $V6ONLY" "a server with an IPv6 address only"
is "$(in_sink v6)" 1 "has it"

letter
send --mx --json bob@nullmx.test
is "$code $(field status) $(field enhanced) $(field host)" "69 refused 5.1.10 -" "null MX: nobody is connected to"
send --mx bob@no-such.test
code_is 68 "no such domain"
for d in bogus expired; do
  send --mx --json --no-keep bob@$d.test
  is "$code $(field status)" "75 deferred" "$d.test: deferred"
  one_line "in one line"
done

# IPv6 goes nowhere: IPv4 is there soon
nft -f - <<X
table inet hole {
  chain out {
    type filter hook output priority 0
    ip6 daddr $DANE6 tcp dport 25 drop
  }
}
X
letter
send --mx --json alice@dane.test
is "$code $(field ip)" "0 $DANE4" "a black hole by IPv6: IPv4"
[ "$(field ms)" -lt 5000 ] && pass "without waiting for it" || fail "without waiting for it" "$(field ms)"
send --server smtp://mx.dane.test:25 --tls=encrypt --json alice@dane.test
is "$code $(field ip)" "0 $DANE4" "a named server whose first address is the hole: the other one"
nft delete table inet hole

# --- what became of TLS is counted, and reported (RFC 8460) ---
report() { # DOMAIN: policy type, successes, failures, first failure
  "$SURAT_BUILD/surat-tlsrpt" report --state "$XDG_STATE_HOME/surat/state.db" --from tls@client.test --record 'v=TLSRPTv1; rua=mailto:tls@dane.test' \
    --now "$(date -u -d tomorrow +%Y-%m-%dT12:00:00Z)" "$1" | python3 -c 'import email, email.policy, gzip, json, sys
m = email.message_from_binary_file(sys.stdin.buffer, policy=email.policy.default)
for p in json.loads(gzip.decompress(list(m.iter_parts())[1].get_content()))["policies"]:
    s, f = p["summary"], p["failure-details"]
    print(p["policy"]["policy-type"], p["policy"].get("policy-string", ["-"])[0][:6], s["total-successful-session-count"], s["total-failure-session-count"],
          f[0]["result-type"] if f else "-")' | tr '\n' ';'
}
like "$(report dane.test)" '^tlsa 3 1 1  [1-9][0-9]* 0 -;$' "DANE that held"
like "$(report danebad.test)" '(^|;)tlsa 3 1 1  [0-9]+ [1-9][0-9]* validation-failure;' "DANE that did not"
like "$(report sts.test)" '(^|;)sts versio [1-9][0-9]* [0-9]+ ' "MTA-STS that held"
like "$(report sts-name.test)" '(^|;)sts versio 0 [1-9] certificate-host-mismatch;' "and not: another name"
like "$(report sts-plain.test)" '(^|;)sts versio 0 [1-9] starttls-not-supported;' "and not: no TLS"
like "$(report plain.test)" '^no-policy-found - 0 [1-9][0-9]* starttls-not-supported;$' "no policy, no TLS"

# --- several recipients, several domains ---
letter
send --mx --json --no-keep alice@dane.test bob@dane.test carl@plain.test dora@nullmx.test emil@danebad.test
code_is 75 "five recipients, four domains"
is "$(field status)" "sent sent sent refused deferred" "each by itself"
is "$(in_mailbox alice@dane.test)$(in_mailbox bob@dane.test)$(in_mailbox carl@plain.test)" 111 "one copy each"

# --- a large message, 8 bits ---
letter
head -c 6000000 /dev/urandom | base64 >>"$T/letter"
send --mx alice@dane.test
code_is 0 "eight megabytes"
in_mailbox alice@dane.test >"$T/count"
f=$(grep -rlsF "$id" "$(mailbox alice@dane.test)")
is "$(body "$f" | sha256sum)" "$(body "$T/letter" | sha256sum)" "arrive as they were"
letter
printf 'grüße\n' >>"$T/letter"
send --mx alice@dane.test
code_is 0 "8 bits"
is "$(in_mailbox alice@dane.test)" 1 "arrive"
letter 'naïve'
send --mx --trace="$T/utf8" alice@dane.test
like "$(cat "$T/utf8")" '^-> MAIL FROM:.* SMTPUTF8' "UTF-8 in the header: SMTPUTF8"
letter 'naïve'
send --mx --smtputf8=never alice@dane.test
is "$code $(in_mailbox alice@dane.test)" "0 1" "which may be left out"

# --- submission ---
printf 'secret-scram\n' >"$T/good"
printf 'wrong\n' >"$T/wrong"
chmod 600 "$T/good" "$T/wrong"
to_587() { send --connect "$1=$DANE4:587" "${@:2}"; }
submit() { to_587 mx.dane.test --server smtp://scram@dane.test@mx.dane.test --ca-file "$S/pki/ca.pem" "$@"; }
letter
submit --password-file "$T/good" --trace="$T/trace" --json alice@dane.test
is "$code $(field security)" "0 verified" "signed in and sent"
is "$(in_mailbox alice@dane.test)" 1 "it arrived"
like "$(cat "$T/trace")" '^-> AUTH SCRAM-SHA-256 ' "by SCRAM"
unlike "$(cat "$T/trace")" 'secret-scram|c2VjcmV0' "no secret in the trace"
submit --password-file "$T/good" --auth=plain alice@dane.test
code_is 0 "PLAIN within TLS"
submit --password-file "$T/wrong" --no-keep alice@dane.test
code_is 77 "a wrong password"
one_line "said in one line"
submit --no-keep alice@dane.test
code_is 77 "no password"
to_587 mx.dane.test --server smtp://mx.dane.test --ca-file "$S/pki/ca.pem" alice@dane.test
code_is 69 "no user: Postfix does not relay"
to_587 mx.dane.test --server smtp://mx.dane.test --no-keep alice@dane.test
code_is 76 "a certificate of nobody we know"
to_587 mx.other.test --server smtp://mx.other.test --ca-file "$S/pki/ca.pem" --no-keep alice@dane.test
code_is 76 "a certificate for another name"
fp=$(openssl x509 -in "$S/pki/mx.dane.test.crt" -noout -fingerprint -sha256 | sed 's/.*=//')
to_587 mx.dane.test --server smtp://scram@dane.test@mx.dane.test --password-file "$T/good" --fingerprint "sha256:$fp" --dry-run --json alice@dane.test
is "$(field status) $(field security)" "sent fingerprint" "known by its fingerprint"

send --server smtp://scram@dane.test@mx.dane.test --password-file "$T/good" --tls=dane --dry-run --json alice@dane.test
is "$(field status) $(field security)" "sent dane" "by its TLSA record"
send --server smtp://mx.sts.test:25 --tls=dane-only --no-keep alice@sts.test
code_is 75 "dane-only, and there is none"

# --- LMTP ---
letter
send --server "lmtp:$S/run/dovecot/lmtp" --json alice@dane.test bob@dane.test
is "$code $(field status)" "0 sent sent" "LMTP to Dovecot, an answer each"
is "$(in_mailbox alice@dane.test)$(in_mailbox bob@dane.test)" 11 "both have it"

# --- smuggling: what a message has in it never becomes a second message ---
smuggle() { # NAME BYTES
  letter "smuggle $1"
  printf 'one'"$2"'MAIL FROM:<evil@client.test>\r\nRCPT TO:<evil@dane.test>\r\nDATA\r\nSubject: smuggled\r\n\r\n.\r\n' >>"$T/letter"
  send --mx alice@dane.test
}
for s in 'lf-dot-lf:\n.\n' 'crlf-dot-lf:\r\n.\n' 'lf-dot-crlf:\n.\r\n' 'crlf-dot-crlf:\r\n.\r\n'; do
  smuggle "${s%%:*}" "${s#*:}"
  code_is 0 "${s%%:*} is sent"
  is "$(in_mailbox alice@dane.test)" 1 "and is one message"
done
for s in 'cr-dot-cr:\r.\r' 'lf-dot-cr:\n.\r' 'cr-dot-lf:\r.\n' 'crlf-dot-cr-x:\r\n.\rx' 'nul:\0.\r\n'; do
  smuggle "${s%%:*}" "${s#*:}"
  code_is 65 "${s%%:*} is refused"
done
is "$(grep -c 'evil@' "$S/log/postfix.log")" 0 "Postfix heard of nobody smuggled"

# --- greylisted: it waits, and goes ---
letter
send --mx --queue alice@grey.test
code_is 0 "greylisted, queued"
like "$err" '45[01] 4[.0-9]* .*queued as' "and said so"
like "$(mail-queue list)" 'alice@grey.test' "mail-queue has it"
sleep 3.5
run mail-queue run --force
code_is 0 "the queue runs"
is "$(in_mailbox alice@grey.test)" 1 "and it arrives"
is "$(mail-queue list)" "" "nothing is left"

# --- many jobs, few connections ---
arrived() { find "$(mailbox alice@dane.test)" -type f | wc -l; }
connects() { grep -c 'connect from client' "$S/log/postfix.log"; }
before=$(arrived) before_connects=$(connects)
for _ in $(seq 20); do
  letter
  send --queue=always --mx alice@dane.test
done
run mail-queue run --force
code_is 0 "twenty from the queue"
for _ in $(seq 100); do [ $(($(arrived) - before)) = 20 ] && break; sleep 0.05; done
is $(($(arrived) - before)) 20 "arrive"
[ $(($(connects) - before_connects)) -lt 20 ] && pass "over fewer connections than messages" || fail "over fewer connections than messages" "$(($(connects) - before_connects))"
done_testing
