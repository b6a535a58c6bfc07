# mail-mx and MTA-STS (RFC 8461): policies from a web server on loopback, what is kept of them, and what is made of bad ones.
. "${SURAT_SRC:?}/tests/lib.sh" || exit 99
W=$T/web
mkdir "$W"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$T/key" -out "$T/cert" -days 2 -subj /CN=web \
  -addext 'subjectAltName=DNS:*.one.test,DNS:*.two.test,DNS:*.bad.test,DNS:*.x.bad.test' 2>/dev/null
python3 "$SURAT_SRC/tests/tools/https_files.py" "$W" "$T/cert" "$T/key" 2>/dev/null &
web=$!
at_exit 'kill $web 2>/dev/null; wait $web 2>/dev/null'
for _ in $(seq 200); do
  [ ! -e "$W/port" ] || break
  sleep 0.05
done
zone() { # ID of one.test's record
  cat >"$T/zone" <<X
\$ORIGIN test.
one          MX 10 mx.one
one          MX 20 mx.elsewhere
_mta-sts.one TXT "v=STSv1; id=$1;"
mta-sts.one  A 127.0.0.1
mx.one       A 192.0.2.1
mx.elsewhere A 192.0.2.2
_mta-sts.two TXT "v=STSv1; id=1"
_mta-sts.two TXT "something else"
two          A 192.0.2.3
mta-sts.two  A 127.0.0.1
_mta-sts.bad TXT "v=STSv1; id=1"
bad          MX 10 mx.one
mta-sts.bad  A 127.0.0.1
none         MX 10 mx.one
twice        MX 10 mx.one
_mta-sts.twice TXT "v=STSv1; id=1"
_mta-sts.twice TXT "v=STSv1; id=2"
wrong        MX 10 mx.one
_mta-sts.wrong TXT "v=STSv1; id=no-letters"
lost         MX 10 mx.one
_mta-sts.lost TXT "v=STSv1; id=1"
; security: fail
_mta-sts.failing TXT "v=STSv1; id=1"
; security: secure
failing      MX 10 mx.one
dane         MX 10 mx.dane
mx.dane      A 192.0.2.4
_25._tcp.mx.dane TLSA 3 1 1 0011223344556677889900112233445566778899001122334455667788990011
X
}
zone 1
NOW=1800000000
mx() { run mail-mx --dns-data "$T/zone" --ca-file "$T/cert" --https-port "$(cat "$W/port")" --timeout 5 --now "@$NOW" "$@"; }
policy() { printf 'version: STSv1\r\nmode: %s\r\nmx: %s\r\nmax_age: %s\r\n' "$@"; }
verdicts() { printf '%s\n' "$out" | cut -f6,7 | tr '\t\n' ' |'; }
asked() { if [ -e "$W/log" ]; then grep -c . "$W/log"; else echo 0; fi; }

policy enforce mx.one.test 864000 >"$W/mta-sts.one.test"
mx one.test
code_is 0 "a policy that is enforced"
is "$(verdicts)" "match sts-enforced|no match deferred: the domain's MTA-STS policy does not name this host|" "one server fits, one does not"
is "$(asked)" 1 "it was fetched"
mx --plan one.test
is "$(asked)" 1 "and kept"
like "$out" '"sts":\{"mode":"enforce","id":"1","mx":\["mx.one.test"\],"max_age":864000,"expires":"2027-01-25T[0-9:]*Z","cached":true\}' "the plan has it"
like "$out" '"tls":"verify","names":\["mx.one.test"\],"sts":"match"' "and says what to verify"
like "$out" '"sts":"mismatch","error":\{"code":75,"enhanced":"4.7.5"' "and whom not to use"
mx --tls=dane one.test
is "$(verdicts)" "- opportunistic|- opportunistic|" "nobody asks with --tls=dane"
mx -s one.test
is "$out" "10	mx.one.test
20	mx.elsewhere.test" "nor with -s"
mx --explain one.test
like "$out" 'the policy names this host: TLS with a certificate.*\[RFC 8461 4.1\]' "each step is explained"

# a new id, and no new policy to be had: the old one counts until its time is over
zone 2
rm "$W/mta-sts.one.test"
mx one.test
like "$(verdicts)" '^match sts-enforced' "a refresh that fails keeps the old"
like "$err" '404' "and says so"
is "$(asked)" 2 "after it was tried"
mx one.test
is "$(asked)" 2 "not again within five minutes"
NOW=$((NOW + 301))
mx one.test
is "$(asked)" 3 "but after them"
policy testing mx.one.test 864000 >"$W/mta-sts.one.test"
NOW=$((NOW + 301))
mx one.test
is "$(verdicts)" "match opportunistic|no match opportunistic|" "a new policy, in testing: told, not enforced"
policy enforce mx.one.test 864000 >"$W/mta-sts.one.test"
zone 3
mx one.test
like "$(verdicts)" '^match sts-enforced' "enforced again"
sed -i '/_mta-sts.one/d' "$T/zone"
mx one.test
like "$(verdicts)" '^match sts-enforced' "it counts where the record is gone, too"
NOW=$((NOW + 864001))
mx one.test
is "$(verdicts)" "- opportunistic|- opportunistic|" "until its time is over"
zone 3
mx one.test
n=$(asked)
NOW=$((NOW + 90000))
mx one.test
is "$(asked)" $((n + 1)) "after a day it is renewed, with the same id"
policy none mx.one.test 864000 >"$W/mta-sts.one.test"
zone 4
mx one.test
is "$(verdicts)" "- opportunistic|- opportunistic|" "the mode none asks for nothing"

# a damaged cache is put away, said, and done without
printf 'no database at all, in any way whatsoever, but longer than a header of one hundred bytes, which this is by now' >"$XDG_CACHE_HOME/surat/mta-sts.db"
rm -f "$XDG_CACHE_HOME"/surat/mta-sts.db-*
policy enforce mx.one.test 864000 >"$W/mta-sts.one.test"
mx one.test
like "$(verdicts)" '^match sts-enforced' "a damaged cache stops nothing"
like "$err" 'damaged' "and is said"
run env -u HOME -u XDG_CACHE_HOME mail-mx --dns-data "$T/zone" --ca-file "$T/cert" --https-port "$(cat "$W/port")" one.test
like "$(verdicts)" '^match sts-enforced' "without a home nothing is kept"
run mail-mx --dns-data "$T/zone" --https-port "$(cat "$W/port")" --now @1 one.test
like "$err" 'certificate' "a web server that nobody vouches for"

# records
mx two.test
code_is 0 "other TXT records are passed over"
mx twice.test
like "$err" 'twice.test: MTA-STS: the MTA-STS record does not count: there are two of them' "two records are none"
mx wrong.test
like "$err" 'id=: not only letters and digits' "a wrong record is none"
mx failing.test
code_is 0 "no answer for the record"
like "$err" 'MTA-STS: the _mta-sts question failed' "is said"
mx lost.test
like "$err" 'mta-sts.lost.test: no address' "no web server"
mx none.test dane.test
is "$err" "" "no record: not a word"

# what web servers answer
bad() { # WHAT PATTERN, the answer in $T/answer
  NOW=$((NOW + 301))
  mv "$T/answer" "$W/mta-sts.bad.test.raw"
  mx bad.test
  code_is 0 "$1: no policy, mail can be sent"
  one_line "$1: one line"
  like "$err" "$2" "$1: and why"
}
ok_head='HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n'
printf 'HTTP/1.1 302 Found\r\nLocation: https://mta-sts.one.test/.well-known/mta-sts.txt\r\nContent-Length: 0\r\n\r\n' >"$T/answer"
bad redirect 'redirect \(302\)'
printf 'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 0\r\n\r\n' >"$T/answer"
bad html 'not text/plain but text/html'
printf "${ok_head}Content-Length: 9999999\r\n\r\nversion" >"$T/answer"
bad "a length too large" 'larger than 65536'
{ printf "$ok_head\r\n"; head -c 200000 /dev/zero; } >"$T/answer"
bad "no length, and too large" 'larger than 65536'
printf "$ok_head\r\nversion: STSv1\nmode: enforce\nmx: a.b\0\nmax_age: 1\n" >"$T/answer"
bad "a NUL" 'NUL'
printf "$ok_head\r\n\033]52;c;x\007" >"$T/answer"
bad "an escape sequence" 'line 1'
unlike "$err" "$(printf '\033')" "an escape sequence: inert"
printf 'garbage\0\1\2\n\n' >"$T/answer"
bad garbage 'https://mta-sts.bad.test/'
printf '' >"$T/answer"
bad "nothing at all" 'https://mta-sts.bad.test/'
{ printf 'HTTP/1.1 200 OK\r\n'; yes 'X-Header: 012345678901234567890123456789' | head -20000; } >"$T/answer"
bad "an endless header" 'https://mta-sts.bad.test/'
printf "$ok_head\r\nversion: STSv1\nmode: enforce\nmx: mx.one.test\nmax_age: 86400\n" >"$W/mta-sts.bad.test.raw"
touch "$W/mta-sts.bad.test.hang"
NOW=$((NOW + 301))
start=$SECONDS
run mail-mx --dns-data "$T/zone" --ca-file "$T/cert" --https-port "$(cat "$W/port")" --timeout 1 --now "@$NOW" bad.test
code_is 0 "a web server that hangs: mail can be sent"
like "$err" 'timed out' "and why"
[ $((SECONDS - start)) -lt 10 ] && pass "within the time allowed" || fail "it took $((SECONDS - start)) s"

# the helper that is not there, or dies
mkdir "$T/bin"
cp "$SURAT_BUILD/mail-mx" "$T/bin/"
NOW=$((NOW + 301))
cat >"$T/bin/surat-https" <<'X'
#!/bin/sh
read line
exit 1
X
chmod 755 "$T/bin/surat-https"
run "$T/bin/mail-mx" --dns-data "$T/zone" --now "@$NOW" one.test bad.test
code_is 0 "a helper that dies"
is "$(printf '%s\n' "$err" | grep -c 'surat-https: it ended without an answer')" 2 "is told for each domain"
printf '#!/bin/sh\nread line\necho "{}"\necho garbage\nread line\n' >"$T/bin/surat-https"
run "$T/bin/mail-mx" --dns-data "$T/zone" --now "@$NOW" one.test
like "$err" 'surat-https: an answer that is none' "one that talks nonsense"

# questions of others
run sh -c "echo '{\"v\":1,\"n\":1,\"domain\":\"a/../b\",\"id\":\"1\"}' | surat-https policies"
code_is 65 "a domain that is none is no question"
run sh -c "echo nonsense | surat-https policies"
code_is 65 "nor is nonsense"
run surat-https
code_is 64 "surat-https without a command"
done_testing
