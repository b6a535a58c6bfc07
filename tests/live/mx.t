# mail-mx against real name servers: each state of DNSSEC, each shape of a domain, and what delv says beside us.
. "${SURAT_SRC:?}/tests/lib.sh" || exit 99
anchor=$LAB_STATE/dns/anchor.ds
mx() { run mail-mx --resolver "$RES4" --trust-anchor "$anchor" --timeout 20 "$@"; }
row() { printf '%s\n' "$out" | cut -f"$1" | tr '\n' ' ' | sed 's/ $//'; } # a column of all rows

mx dane.test
code_is 0 "dane.test can be sent to"
is "$(row 3)" "mx.dane.test" "its mail server"
is "$(row 4)" "$DANE4 2001:db8:25::25" "addresses of both families"
is "$(row 5)" "1 usable" "a TLSA record"
is "$(row 7) $(row 8)" "dane secure" "dane"
is "$err" "" "nothing to complain about"
mx --plan dane.test
like "$out" '"pins":\[\{"usage":3,"selector":1,"matching":1,"data":"[0-9a-f]{64}"\}\]' "the plan holds the digest"
mx --dnssec=required dane.test
code_is 0 "validation may be required"

mx plain.test
code_is 0 "plain.test"
is "$(row 3) $(row 7) $(row 8)" "mx.plain.test opportunistic insecure" "proven to be unsigned"
mx --dnssec=required plain.test
code_is 76 "which is not enough where validation is required"
one_line "said in one line"

for d in bogus expired; do
  mx $d.test
  code_is 76 "$d.test is bogus"
  one_line "$d: one line"
  is "$out" "" "$d: no servers"
  mx --dnssec=off $d.test
  code_is 75 "$d.test: its resolver refuses it too, where nobody asks for the data as they are"
done

mx nullmx.test
code_is 69 "nullmx.test takes no mail"
like "$err" 'null MX' "and says so"
mx nomx.test
code_is 0 "nomx.test has no MX"
is "$(row 2) $(row 3) $(row 4)" "0 nomx.test $PLAIN4" "and is its own mail server"
mx v6.test
code_is 0 "v6.test"
is "$(row 4)" "2001:db8:25::29" "has an IPv6 address only"
mx -4 v6.test
code_is 68 "which is none with -4"
mx backup.test
is "$(row 2) $(row 3)" "10 20 dead.backup.test mx2.backup.test" "backup.test: the better one first"
is "$(row 8)" "secure secure" "secure"
mx no-such.test
code_is 68 "no-such.test does not exist"
one_line "one line"
mx _25._tcp.mx.dane.test
code_is 68 "a name without addresses"

# sixty MX records do not fit into a UDP packet
mx -s big.dane.test
code_is 0 "big.dane.test, over TCP"
is "$(printf '%s\n' "$out" | wc -l) $(printf '%s\n' "$out" | head -1)" "50 1	mx1.a-name-that-fills-the-packet.dane.test" "the best fifty"
like "$err" '60 mail servers' "and says how many there are"

# MTA-STS: what the policy says of the server, and what follows
ca=$LAB_STATE/pki/ca.pem
sts() { # DOMAIN COLUMNS
  mx --ca-file "$ca" "$1.test"
  is "$(row 6)|$(row 7)" "$2" "$1.test"
}
sts sts "match|sts-enforced"
sts sts-testing "no match|opportunistic"
sts sts-none "-|opportunistic"
sts sts-miss "no match|deferred: the domain's MTA-STS policy does not name this host"
code_is 75 "which is not for ever"
sts sts-dane "no match|dane"
code_is 0 "DANE comes first"
for what in 'redirect:redirect \(301\)' 'big:larger than 65536' 'type:not text/plain but text/html' 'junk:line 1: no' 'gone:answers 404' 'expired:has expired' \
  "cert:no alternative certificate subject name matches"; do
  sts "sts-${what%%:*}" "-|opportunistic"
  like "$err" "${what#*:}" "and why there is no policy"
done
mx --ca-file "$ca" --timeout 3 sts-slow.test
is "$code $(row 7)" "0 opportunistic" "a web server that takes its time"
like "$err" 'timed out' "and why there is no policy"

# what is published: the zone's signatures, the policy against the real servers
mx --policy dane.test
like "$out" 'dane.test	fact	DNSSEC	signed, algorithm 13, for [0-9]{3,} days more' "how long the signatures hold"
mx --policy plain.test
unlike "$out" 'DNSSEC' "an unsigned zone has none"
mx --ca-file "$ca" --lint sts-miss.test
code_is 75 "a policy that does not name the server: mail waits"
like "$out" 'error	MTA-STS	the policy does not name mx.sts.test	.*	mx: mx.sts.test$' "and the line that would help"
mx --ca-file "$ca" --lint sts-testing.test
like "$out" 'warning	MTA-STS	the policy is in testing' "a policy in testing"

# many at once, in their order
printf '%s\n' dane.test plain.test backup.test v6.test dane.test no-such.test >"$T/names"
mx --json - <"$T/names"
code_is 68 "the worst code counts"
fits mail-mx "as the schema says"
is "$(printf '%s\n' "$out" | sed 's/.*"domain":"\([^"]*\)".*/\1/' | tr '\n' ' ')" "dane.test plain.test backup.test v6.test dane.test no-such.test " "in the order of the names"

# many names of one zone: what its keys prove is decided here, everything else by libunbound, and what is forged is found in both
for i in $(seq 60); do echo "h$i.bulk.test"; done >"$T/names"
printf '%s\n' x.wild.bulk.test alias.bulk.test nothing.bulk.test >>"$T/names"
mx - <"$T/names"
code_is 76 "many names of one zone, some of them forged"
is "$(printf '%s\n' "$out" | cut -f7,8 | sort | uniq -c | sed 's/^ *//; s/: .*<mx.h7/: mx.h7/; s/>.*//')" "60 dane	secure
1 deferred: mx.h7.bulk.test. A IN" "the others are all as safe as they should be"
like "$err" 'h9.bulk.test: the MX answer is bogus' "a forged MX is found"
like "$err" 'h7.bulk.test: mx.h7.bulk.test: the A answer is bogus' "and a forged address"
is "$(printf '%s\n' "$out" | grep -c 'alias.bulk.test	10	mx.h1\|x.wild.bulk.test	10	mx.h1')" 2 "an alias and a wildcard"
like "$err" 'nothing.bulk.test: no such domain' "and a name that is none"

# a person waits for round trips, not for questions
rounds_once() {
  rm -f "$T/port" "$T/rounds"
  python3 "$SURAT_SRC/tests/tools/dns_rounds.py" "$RES4" "$T/port" "$T/rounds" &
  local pid=$!
  for _ in $(seq 200); do
    [ ! -s "$T/port" ] || break
    sleep 0.05
  done
  run mail-mx --timeout 30 --resolver "127.0.0.1@$(cat "$T/port")" --trust-anchor "$anchor" "$@"
  kill "$pid"
  wait "$pid" 2>/dev/null
}
rounds() { # WANT ARGUMENTS...: what it can do; a machine that pauses us in the middle of a turn makes two of it
  local want=$1
  shift
  for _ in 1 2 3 4 5; do
    rounds_once "$@"
    [ "$(cat "$T/rounds")" != "$want" ] || break
  done
  code_is 0 "$*"
  is "$(cat "$T/rounds")" "$want" "$*: round trips"
}
rounds 3 dane.test
is "$(row 7)" "dane" "MX, addresses and TLSA records, all validated"
rounds 3 plain.test
rounds 2 --dnssec=off dane.test
rounds 1 -s --dnssec=off dane.test

# the wrong key: nothing fits, and no excuse is made
sed 's/[0-9a-f]\{8\}$/00000000/' "$anchor" >"$T/wrong"
run mail-mx --resolver "$RES4" --trust-anchor "$T/wrong" dane.test
code_is 76 "a wrong trust anchor is not taken for a resolver that strips signatures"
unlike "$err" 'strips' "nor called so"

# delv and unbound-host validate by themselves: what they find is what we found
delv_says() { # NAME: secure, insecure, bogus
  local text
  text=$(delv "@$RES4" -a "$T/anchors.conf" +root=. "$1" MX 2>&1)
  case $text in
  *"; fully validated"*) echo secure ;;
  *"; unsigned answer"*) echo insecure ;;
  *) echo bogus ;;
  esac
}
unbound_says() {
  case $(unbound-host -v -C "$T/unbound.conf" -t MX "$1" 2>&1) in
  *"(secure)"*) echo secure ;;
  *"(insecure)"*) echo insecure ;;
  *) echo bogus ;;
  esac
}
awk '{printf "trust-anchors { \".\" static-ds %s %s %s \"%s\"; };\n", $5, $6, $7, $8}' "$anchor" >"$T/anchors.conf"
printf 'server:\n trust-anchor-file: "%s"\n module-config: "validator iterator"\n local-zone: "test." transparent\nforward-zone:\n name: "."\n forward-addr: %s\n' "$anchor" "$RES4" >"$T/unbound.conf"
names="dane.test danebad.test backup.test nullmx.test nsec.test x.wild.nsec.test rolled.test x.wild.bulk.test h9.bulk.test mx.dane.test
  no-such.dane.test no-such.nsec.test below.nsec.test plain.test nomx.test v6.test grey.test bogus.test expired.test"
for d in $names; do
  mx --json "$d"
  ours=$(printf '%s\n' "$out" | sed -n 's/.*"mx_security":"\([^"]*\)".*/\1/p')
  [ "$code" != 76 ] || ours=bogus
  for peer in delv unbound-host; do
    if ! command -v $peer >/dev/null; then
      skip "$d: as $peer says" "no $peer here"
    elif [ $peer = delv ]; then
      case $d in
        *no-such* | nomx* | mx.* | below*) continue ;; # it says how it is only of records
      esac
      is "$ours" "$(delv_says "$d")" "$d: as delv says"
    else
      is "$ours" "$(unbound_says "$d")" "$d: as unbound-host says"
    fi
  done
done
done_testing
