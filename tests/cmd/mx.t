# mail-mx: every state of an answer, played from a file and by servers that misbehave.
. "${SURAT_SRC:?}/tests/lib.sh" || exit 99
hash=0011223344556677889900112233445566778899001122334455667788990011
cat >"$T/zone" <<X
\$ORIGIN test.
\$TTL 300
; security: secure
dane      MX 10 mx1.dane
dane      MX 20 mx2.plain
mx1.dane  A 192.0.2.1
mx1.dane  AAAA 2001:db8::1
_25._tcp.mx1.dane TLSA 3 1 1 $hash
_25._tcp.mx1.dane TLSA 0 0 1 $hash
_2525._tcp.mx1.dane TLSA 3 0 1 $hash
pkix      MX 10 mx.pkix
mx.pkix   A 192.0.2.2
_25._tcp.mx.pkix TLSA 1 0 1 $hash
held      MX 10 mx.held
mx.held   A 192.0.2.3
xn--bcher-kva MX 10 mx1.dane
; security: insecure
plain     MX 10 mx2.plain
mx2.plain A 198.51.100.7
implicit  A 192.0.2.4
nowhere   TXT "no address"
null      MX 0 .
lost      MX 10 gone.lost
v6        MX 10 mx.v6
mx.v6     AAAA 2001:db8::6
evil      MX 5 a\010b\027]52\;c\;x\007.evil
evil      MX 10 mx2.plain
loop1     CNAME loop2
loop2     CNAME loop1
alias     CNAME dane
numeric   MX 10 192.0.2.1.
ring      MX 10 a.ring
ring      MX 20 us.test.
a.ring    A 192.0.2.20
; security: bogus
bogus     MX 10 mx1.dane
_25._tcp.mx.held TLSA 3 1 1 $hash
; security: fail
fail      MX 10 mx1.dane
X
mx() { run mail-mx --dns-data "$T/zone" "$@"; }
rows() { printf '%s\n' "$out"; }

# --- without a terminal: a line a host, fields with tabs between
mx dane.test
code_is 0 "a domain with DANE"
is "$out" "dane.test	10	mx1.dane.test	192.0.2.1 2001:db8::1	1 usable, 1 not	-	dane	secure
dane.test	20	mx2.plain.test	198.51.100.7	-	-	opportunistic	secure" "says all in a line a host"
is "$err" "" "and nothing else"
for what in ana@dane.test DANE.Test. '"ana@home"@dane.test'; do
  mx -s "$what"
  is "$out" "10	mx1.dane.test
20	mx2.plain.test" "$what: only the domain counts"
done
mx plain.test
like "$out" '	opportunistic	insecure$' "an unsigned domain"
mx pkix.test
like "$out" '	0 usable, 1 not	-	encrypt	secure$' "TLSA records that are no use still ask for TLS"
mx implicit.test
is "$out" "implicit.test	0	implicit.test	192.0.2.4	-	-	opportunistic	insecure" "no MX: the domain itself"
mx alias.test
like "$out" 'mx1.dane.test' "an alias is followed"
like "$out" '	opportunistic	insecure$' "and is no safer than its first link"
mx bücher.test
like "$out" '^xn--bcher-kva.test	10	mx1.dane.test' "an internationalised domain"
mx '[192.0.2.9]'
is "$out" "[192.0.2.9]	0	[192.0.2.9]	192.0.2.9	-	-	opportunistic	unsigned-data" "an address literal"
mx '[mx1.dane.test]:2525'
like "$out" '	1 usable	-	dane	secure$' "a host and its port"
mx -4 dane.test
unlike "$out" '2001:' "-4: no IPv6 address"
mx -6 dane.test
code_is 0 "-6"
unlike "$(rows | head -1)" '192\.0' "has no IPv4 address"
mx --self us.test ring.test
is "$(rows | cut -f3)" "a.ring.test" "mail does not go back up the list"
mx --self A.ring.test ring.test
code_is 69 "nor in a circle"
like "$err" 'loop' "and it says so"
mx --tls may dane.test
unlike "$out" 'usable' "--tls=may asks for no TLSA records"
mx --tls dane-only plain.test
code_is 76 "--tls=dane-only where there is none"
mx --tls dane-only dane.test
code_is 0 "--tls=dane-only where one host has it"
mx --dnssec=off dane.test
like "$out" '	opportunistic	unsigned-data' "--dnssec=off: no DANE"
mx --dnssec=required plain.test
code_is 76 "--dnssec=required: unsigned is not enough"
mx --dnssec=required dane.test
code_is 0 "--dnssec=required: one host is secure"
like "$out" 'mx2.plain.test.*deferred: .*not secure' "the other is not tried"

# --- why not, and the exit code
refused() { # CODE NAME PATTERN
  mx "$2"
  code_is "$1" "$2: $1"
  one_line "$2: one line"
  like "$err" "^mail-mx: .*$3" "$2: says why"
}
refused 68 nx.test 'nx.test: no such domain'
refused 68 nowhere.test 'no address'
refused 68 lost.test 'gone.lost.test: no such host'
refused 68 numeric.test 'an address, where a host name must stand'
refused 69 null.test 'null MX'
refused 75 fail.test 'failed'
refused 75 loop1.test 'CNAME'
refused 76 bogus.test 'bogus'
refused 76 held.test 'mx.held.test: the TLSA answer is bogus'
refused 65 'a..b' 'not a domain name'
refused 65 'a b' 'not a domain name'
refused 65 "$(printf 'a%.0s' $(seq 64)).test" '63 characters'
refused 65 "$(printf 'aaaaaaaa.%.0s' $(seq 32))test" '253 characters'
refused 65 'xn--a' 'not a domain name'
refused 65 '☃..' 'not a domain name'
refused 65 '192.0.2.1' 'in brackets'
refused 65 '[192.0.2.1' '"\]"'
refused 65 '[300.0.2.1:x]' 'literal'
refused 65 '[mx1.dane.test]:x' 'port'
refused 65 '' 'empty'
mx -4 v6.test
code_is 68 "-4 and a server with IPv6 only"
mx nx.test null.test plain.test
code_is 69 "the worst code of all"
like "$out" '^plain.test' "what can be answered is"
mx bogus.test plain.test
code_is 76 "wherever the worst stands"

# hostile names are data
mx evil.test
code_is 0 "a host name with a newline and an escape sequence"
is "$(rows | wc -l)" 2 "is one row"
unlike "$out" "$(printf '\033')" "and inert"
like "$(rows | head -1)" 'undeliverable: not a host name' "and not tried"

# --- JSON
mx --json dane.test
is "$(printf '%s' "$out" | python3 -c 'import json,sys; d=json.load(sys.stdin); h=d["hosts"][0]
print(d["v"], d["code"], d["domain"], d["mx_security"], h["preference"], h["host"], h["addresses"], h["security"], h["tls"], h["pins"][0]["data"], h["names"], h["verdict"])')" \
  "1 0 dane.test secure 10 mx1.dane.test ['192.0.2.1', '2001:db8::1'] secure dane $hash ['mx1.dane.test', 'dane.test'] dane" "--json: the whole plan"
mx --json nx.test null.test bogus.test fail.test held.test 'a b'
code_is 76 "--json with failures"
is "$(printf '%s\n' "$out" | python3 -c 'import json,sys
for l in sys.stdin: d=json.loads(l); print(d["input"], d["code"], d["enhanced"], bool(d["text"]))')" "nx.test 68 5.1.2 True
null.test 69 5.1.10 True
bogus.test 76 4.7.5 True
fail.test 75 4.4.3 True
held.test 76 4.7.5 True
a b 65 5.1.3 True" "each a line with its code"
is "$err" "" "and nothing on standard error"
mx --json --explain dane.test
like "$out" '"clause":"RFC 7672' "--json --explain: the steps too"

fits mail-mx "--json --explain fits the schema"
mx --json dane.test plain.test implicit.test alias.test pkix.test evil.test lost.test nx.test null.test bogus.test fail.test held.test 'a b' '[192.0.2.9]' '[mx1.dane.test]:2525'
fits mail-mx "so does each kind of result"
mx --plan dane.test nx.test '[192.0.2.9]'
fits mail-mx "and --plan"
out='{"v":1,"domain":"x.test","code":0,"kind":"mx","mx_security":"sure","hosts":[]}' code=0
run python3 "$SURAT_SRC/tests/tools/schema.py" "$SURAT_SRC/cmd/mail-mx/mail-mx.json" <<<"$out"
code_is 1 "what does not fit is told"

# --- a letter with REQUIRETLS
mx --require-tls dane.test
is "$(rows | cut -f7)" "dane
verified" "--require-tls: DANE will do, and a certificate for a host that DNSSEC names"
mx --require-tls plain.test
code_is 69 "a host that anybody may have named will not"
like "$err" 'REQUIRETLS: the MX answer is not secure' "and why"
mx --require-tls pkix.test '[mx2.plain.test]'
is "$(rows | cut -f7)" "verified
verified" "nor is any certificate enough; a host that was named needs no MX"
mx --require-tls '[192.0.2.9]'
code_is 69 "an address has no name to check"
mx --require-tls --explain dane.test plain.test
like "$out" 'must offer it after STARTTLS.*RFC 8689 4.2.1' "--explain: what is asked of the server"
like "$out" 'Action: failed, Status: 5.7.10' "and what a sender would get to read"
mx --require-tls --plan dane.test plain.test
fits mail-mx "--plan with it fits the schema"
like "$(rows | head -1)" '"require_tls":true.*"tls":"dane".*"tls":"verify"' "and says what to demand"

# --- --plan, as mail-send uses it: a line in, a line out, while the pipe is open
mkfifo "$T/in" "$T/out"
mail-mx --dns-data "$T/zone" --plan <"$T/in" >"$T/out" 2>"$T/plan.err" &
pid=$!
exec 3>"$T/in" 4<"$T/out"
for d in dane.test nx.test '' plain.test; do
  printf '%s\n' "$d" >&3
  IFS= read -r -t 20 -u 4 line || line=
  like "$line" "^\\{\"v\":1,\"domain\":\"$d\",\"code\":" "--plan answers \"$d\" before the next question"
done
exec 3>&-
code=0
wait "$pid" || code=$?
exec 4<&-
code_is 68 "and ends with its input"
is "$(cat "$T/plan.err")" "" "saying nothing beside"

# --- names from standard input
{ for i in $(seq 500); do echo plain.test; [ $((i % 50)) != 0 ] || echo "nx$i.test"; done; printf '\n  dane.test  '; } >"$T/names"
mx -s - <"$T/names"
is "$(rows | wc -l)" 502 "names from standard input; the last needs no newline"
is "$(printf '%s\n' "$err" | wc -l)" 10 "each that fails is said"
mx -j 1 --json - <"$T/names"
is "$(printf '%s\n' "$out" | sed 's/.*"input":"\([^"]*\)".*/\1/')" "$(tr -d ' ' <"$T/names" | grep .)" "in their order"
mx -s plain.test - plain.test <<<nx.test
is "$(rows | wc -l)" 2 "between others"
code_is 68 "and all count"
run mail-mx --dns-data "$T/zone" -s <<<plain.test
code_is 0 "a pipe is read without being told"
run mail-mx --dns-data "$T/zone" </dev/null
code_is 64 "nothing to do"
one_line "one line"
head -c 300000 /dev/zero | tr '\0' a >"$T/long"
mx - <"$T/long"
code_is 65 "a line without end is a name that is none"
one_line "one line"
like "$err" 'too long' "that says so"

# --- options and files that are wrong
usage() { # CODE ARGUMENTS...
  local want=$1
  shift
  run mail-mx "$@"
  code_is "$want" "$(basename -- "$*"): $want"
  one_line "one line"
}
usage 64 --dns-data "$T/zone" -4 -6 dane.test
usage 64 --dns-data "$T/zone" --json --short dane.test
usage 64 --resolver localhost dane.test
usage 64 --resolver 127.0.0.1:53 dane.test
usage 64 --dnssec=maybe dane.test
usage 64 -j 0 dane.test
usage 64 --require-tls --short --dns-data "$T/zone" dane.test
usage 64 --resolver foo --dns-data "$T/zone" dane.test
usage 78 --trust-anchor "$T/none" --dns-data "$T/zone" dane.test
usage 66 --dns-data "$T/none" dane.test
usage 78 --resolver 127.0.0.1@1 --trust-anchor "$T/none" dane.test
usage 78 --resolver 127.0.0.1@1 --trust-anchor "$T/zone" dane.test
printf 'a.test. A 192.0.2.1\nb.test. MX ten mx\n' >"$T/bad"
usage 65 --dns-data "$T/bad" a.test
like "$err" 'bad:2: ' "with the line of the file"
run bash -c 'mail-mx --dns-data "$1" dane.test >/dev/full' - "$T/zone"
code_is 74 "a full disk"
one_line "one line"

# --- records that are only read
check() { # CODE OPTION TEXT
  run mail-mx "$2" "$3"
  code_is "$1" "$2 '$3': $1"
  is "$out" "" "and nothing on standard output"
  if [ "$1" = 0 ]; then is "$err" "" "nor on standard error"; else one_line "one line why"; fi
}
check 0 --check-spf 'v=spf1 mx a:%{d}/24 include:_spf.example.org -all'
check 65 --check-spf 'v=spf1 ip4:192.0.2.300 -all'
like "$err" '^mail-mx: SPF: "ip4:192.0.2.300": not an IPv4 address$' "which term, and why"
check 65 --check-spf "$(printf 'v=spf1 a:x\033]0;y')"
unlike "$err" "$(printf '\033')" "inert"
check 0 --check-dmarc 'v=DMARC1; p=reject; rua=mailto:d@example.org'
check 65 --check-dmarc 'v=DMARC1; p=rejected'
check 0 --check-dkim 'v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo='
check 65 --check-dkim 'v=DKIM1; k=ed25519; p=AAAA'
check 0 --check-sts-record 'v=STSv1; id=20261125;'
check 65 --check-sts-record 'v=STSv1; id=2026-11-25;'
printf 'version: STSv1\r\nmode: enforce\r\nmx: *.example.org\r\nmax_age: 86400\r\n' >"$T/policy"
check 0 --check-sts-policy "$T/policy"
sed -i 's/enforce/force/' "$T/policy"
check 65 --check-sts-policy "$T/policy"
like "$err" 'line 2: ' "which line"
check 66 --check-sts-policy "$T/none"
head -c 70000 /dev/zero >"$T/policy"
check 65 --check-sts-policy "$T/policy"
run mail-mx --json --check-spf 'v=spf1 -all' --check-spf 'v=spf2'
code_is 65 "--json: the worst code"
is "$(printf '%s\n' "$out" | python3 -c 'import json,sys
for l in sys.stdin: d=json.loads(l); print(d["check"], d["input"], d["valid"], "reason" in d)')" "SPF v=spf1 -all True False
SPF v=spf2 False True" "--json: an object for each"
fits mail-mx "as the schema says"
usage 64 --check-spf 'v=spf1 -all' example.org

# --- a terminal
run script -qec "mail-mx --color=never --dns-data $T/zone dane.test bücher.test" /dev/null </dev/null
like "$out" '^dane.test: MX secure' "a title"
like "$out" '^PREF +HOST +ADDRESSES +TLSA +STS +VERDICT' "and a heading"
like "$out" '^xn--bcher-kva.test \(bücher.test\): ' "A-labels and what they mean"

{ for i in $(seq 30000); do echo plain.test; done; } >"$T/names"
run script -qec "mail-mx --json --dns-data $T/zone - <$T/names >$T/results" /dev/null </dev/null
like "$out" 'mail-mx: [0-9]+ done, [0-9]+ under way, [0-9]+ a second' "many names: how far it is"
is "$(wc -l <"$T/results")" 30000 "and the results go elsewhere"
run script -qec "mail-mx -q --json --dns-data $T/zone - <$T/names >$T/results" /dev/null </dev/null
is "$out" "" "-q: not a word"

# --- --explain
mx --explain dane.test held.test null.test
like "$out" 'RFC 5321 5.1' "--explain names the clauses"
like "$out" 'RFC 7672 2.1.2' "that make a host wait"
like "$out" 'Action: failed, Status: 5.1.10' "and what a sender would get to read"
like "$out" 'Action: delayed, Status: 4.7.5' "or wait for"

# --- name servers that misbehave
with_server() { # MODE
  rm -f "$T/port"
  python3 "$SURAT_SRC/tests/tools/hostile_dns.py" "$1" "$T/port" &
  server=$!
  for _ in $(seq 200); do
    [ ! -s "$T/port" ] || break
    sleep 0.05
  done
  port=$(cat "$T/port")
}
end_server() {
  kill "$server"
  wait "$server" 2>/dev/null
  server=
}
at_exit '[ -z "${server:-}" ] || kill "$server"'
ask() { run timeout 20 mail-mx --timeout 1 --resolver "127.0.0.1@$port" "$@"; }
with_server good
ask --timeout 9 good.test
code_is 0 "a resolver without DNSSEC"
is "$out" "good.test	10	mx.good.test	127.0.0.9	-	-	opportunistic	unsigned-data" "is good for unsigned data"
one_line "which is said once"
like "$err" 'strips DNSSEC signatures' "and why"
ask --timeout 9 good.test nx.test good.test
is "$(printf '%s\n' "$err" | grep -c strips)" 1 "once for many domains"
ask --timeout 9 --dnssec=required good.test
code_is 76 "but not where validation is required"
one_line "one line"
ask --timeout 9 --dnssec=off good.test
code_is 0 "--dnssec=off: nobody asks"
is "$err" "" "and nobody complains"
ask --timeout 9 --dnssec=off nx.test
code_is 68 "no such domain"
ask --timeout 9 --dnssec=off mx.good.test
code_is 0 "no MX, an address"
run timeout 20 mail-mx --timeout 9 --dnssec=off --resolver 127.0.0.1@1 --resolver "127.0.0.1@$port" good.test
code_is 0 "the second resolver answers where the first does not"
end_server
for mode in silent garbage wrongid tcpsilent; do
  with_server $mode
  ask good.test
  code_is 75 "$mode: later, and within its time"
  # one that answers small questions only gives no signed keys either
  is "$(printf '%s\n' "$err" | grep -v 'strips DNSSEC signatures' | grep -c .)" 1 "$mode: one line"
  end_server
done
for mode in wrongname servfail refused formerr loop short pointers; do
  with_server $mode
  ask --timeout 9 good.test
  code_is 75 "$mode: later"
  one_line "$mode: one line"
  end_server
done
# the same, where nobody validates: our own questions
for mode in silent garbage wrongid wrongname tcpsilent tctwice servfail refused formerr loop short pointers lame; do
  with_server $mode
  ask --dnssec=off good.test
  code_is 75 "--dnssec=off, $mode: later, and within its time"
  one_line "--dnssec=off, $mode: one line"
  end_server
done
like "$err" 'no resolver' "a server that sends us elsewhere is said to"
for mode in noedns drops; do
  with_server $mode
  ask --timeout 9 --dnssec=off good.test
  is "$code$(rows | cut -f3,4)" "0mx.good.test	127.0.0.9" "--dnssec=off, $mode: answered all the same"
  end_server
done
with_server deaf
ask --timeout 9 --dnssec=off mx.good.test
ask --timeout 9 --dnssec=off good.test mx.good.test
is "$code$(rows | cut -f3 | sort -u | tr '\n' ' ')" "0mx.good.test " "--dnssec=off, deaf: over TCP in the end"
end_server
with_server piecemeal
ask --timeout 9 --dnssec=off alias.test
is "$code$(rows | cut -f1-4)" "0alias.test	10	mx.good.test	127.0.0.9" "an alias is followed from server to server"
end_server
with_server silent
ask --timeout 60 --deadline 1 -j 1 a.test b.test c.test
code_is 75 "--deadline ends all of it"
is "$(printf '%s\n' "$err" | wc -l)" 3 "and each is answered"
end_server
with_server lying
ask --timeout 9 --dnssec=off good.test
code_is 68 "records of another name are not taken"
end_server
with_server empty
ask --timeout 9 --dnssec=off good.test
code_is 68 "an answer without anything"
end_server
with_server tcp
ask --timeout 9 --dnssec=off -s big.test
is "$(rows | wc -l)" 40 "what does not fit comes over TCP"
end_server
with_server tcp
for i in $(seq 400); do echo "nx$i.test"; done >"$T/names"
run bash -c 'ulimit -n 128; timeout 60 mail-mx --timeout 50 --resolver "127.0.0.1@$1" --dnssec=off -s - <"$2"' - "$port" "$T/names"
is "$code $(printf '%s\n' "$err" | grep -c 'no such domain')" "68 400" "many that are cut: over a few connections at a time"
end_server
with_server many
ask --timeout 9 --dnssec=off -s many.test
is "$(rows | wc -l) $(rows | tail -1)" "50 49	mx049.many.test" "of 250 servers the best 50 count"
like "$err" '250 mail servers' "and it is said"
end_server
with_server hostile
ask --timeout 9 --dnssec=off hostile.test
code_is 0 "host names made of anything"
is "$(rows | cut -f7 | tr '\n' ' ')" "undeliverable: not a host name undeliverable: not a host name opportunistic " "are not tried, the good one is"
unlike "$out" "$(printf '[\033\377]')" "and inert"
end_server
done_testing
