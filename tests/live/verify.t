# mail-verify against real name servers: keys over TCP and behind aliases, what does not exist, what fails, what never answers.
. "${SURAT_SRC:?}/tests/lib.sh" || exit 99
cd "$T" || exit 99
keys=$LAB_STATE/dns
verify() { run mail-verify --resolver "$RES4" --trust-anchor "$keys/anchor.ds" "$@"; }
printf 'From: ana@auth.test\nSubject: hi\n\nhello\n' >message
sign() { mail-sign --dkim auth.test --selector "$1" --dkim-key "$keys/dkim-$2.pem" <message; }

mail-sign --dkim auth.test --selector rsa --dkim-key "$keys/dkim-rsa.pem" --selector ed --dkim-key "$keys/dkim-ed.pem" <message >signed
verify --client-ip 192.0.2.9 -f ana@auth.test signed
code_is 0 "all is good"
is "$(printf '%s\n' "$out" | head -5 | cut -f1-4)" "spf	pass	auth.test	
dkim	pass	auth.test	rsa
dkim	pass	auth.test	ed
dmarc	pass	auth.test	
arc	none		" "SPF by an include, two signatures, DMARC"
run mail-sign --check-dns --resolver "$RES4" --trust-anchor "$keys/anchor.ds" --dkim auth.test --selector ed --dkim-key "$keys/dkim-ed.pem" <message
code_is 0 "mail-sign --check-dns finds the key"
for selector in large alias; do
  sign $selector ed >s
  verify --dkim s
  code_is 0 "a key over TCP, and behind aliases: $selector"
done
sign nodata ed >s
verify --dkim s
like "$out" 'permerror.*no TXT record' "a name without such a record"
sign none ed >s
verify --dkim s
like "$out" 'permerror.*no such name' "a name that does not exist"

spf() { verify --spf-only --client-ip "$1" --helo x.test -f "$2" "${@:3}"; }
spf "$PLAIN4" ana@auth.test
like "$out" 'pass.*"a" of' "SPF: a"
spf "2001:db8:25::26" ana@auth.test
like "$out" 'pass.*"a" of' "SPF: a, IPv6"
spf 203.0.113.250 ana@auth.test
code_is 1 "SPF: another client"
spf 192.0.2.9 ana@nothing.test
like "$out" 'none.*there is no domain' "SPF: no such domain"
spf 192.0.2.9 ana@lame.auth.test
code_is 75 "SPF: a server that refuses is a failure for now"
like "$out" 'temperror' "and so it is called"
before=$(date +%s)
spf 192.0.2.9 ana@silent.auth.test --timeout 3
code_is 75 "SPF: a server that never answers too"
[ $(($(date +%s) - before)) -le 20 ] && pass "and nobody waits for it for long" || fail "and nobody waits for it for long"
spf 192.0.2.9 ana@forged.auth.test
like "$out" 'temperror.*bogus' "SPF: what DNSSEC finds forged is not believed"
printf 'From: ana@silent.test\n\nx\n' >silent
verify --dmarc --timeout 3 silent
code_is 75 "DMARC without an answer"
for i in $(seq 40); do printf 'From x@y Thu Jan  1 00:00:00 1970\n'; cat signed; printf '\n'; done >box
verify --mbox --dkim box
is "$(grep -c pass "$T/.out")" 80 "a stream of messages"
verify --dkim --dnssec=off --timeout 1 < <(sed '/^$/q' signed; sleep 2; sed '1,/^$/d' signed)
code_is 0 "an answer that waited for the body came in time"

# --- an mbox: questions of many messages at once, and of no more than may be kept ---
# answers when so many names were asked for, or none came for a second; says how many the first time
cat >hold.py <<'X'
import socket, sys
port, enough = int(sys.argv[1]), int(sys.argv[2])
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(('127.0.0.1', port))
print('up', flush=True)
held, first = {}, True
while True:
    s.settimeout(1 if held else None)
    try:
        packet, who = s.recvfrom(4096)
        held[packet[12:packet.index(b'\0', 12)]] = packet, who
    except TimeoutError:
        enough = 1 if not held else len(held)
    if len(held) >= enough:
        if first:
            print(len(held), flush=True)
        first, enough = False, 1
        for packet, who in held.values(): # no such name
            end = packet.index(b'\0', 12) + 5
            s.sendto(packet[:2] + b'\x81\x83\0\1\0\0\0\0\0\0' + packet[12:end], who)
        held = {}
X
ahead() { # PORT ENOUGH BYTES MESSAGES OPTIONS...: how many messages had asked before the first was judged
  local port=$1 enough=$2 bytes=$3 messages=$4 i
  shift 4
  for i in $(seq "$messages"); do
    printf 'From x@y Thu Jan  1 00:00:00 1970\n'
    sed "s/ s=[a-z]*;/ s=s$i;/; /DKIM-Signature/,\$!d" one
    head -c "$bytes" /dev/zero | tr '\0' x | fold -w 70
    printf '\n\n'
  done >box
  mkfifo said
  python3 hold.py "$port" "$enough" >said &
  local holder=$!
  exec 7<said
  read -r _ <&7
  run mail-verify --mbox --dnssec=off --resolver "127.0.0.1@$port" "$@" box
  read -r -t 20 asked <&7
  kill $holder
  wait $holder 2>/dev/null
  exec 7<&-
  rm said
}
sign rsa rsa >one
ahead 5301 12 100 40 --dkim
is "$asked" 12 "twelve messages ask before the first is judged"
is "$(cut -f2-4 "$T/.out")" "$(seq -f "fail	auth.test	s%g" 40)" "and are judged in their order"
ahead 5302 3 700000 3 --dkim --add-header
is "$asked" 2 "two, where each is large and is kept"
ahead 5303 3 700000 3 --dkim
is "$asked" 3 "of what is not kept the body has any size"
done_testing
