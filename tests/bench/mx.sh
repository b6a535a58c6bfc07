# mail-mx beside dig, drill, kdig and adnshost: many domains with their exchanges' addresses and TLSA records, with validation and without, and one domain.
# In a network namespace of its own (as root), with one nsd on its loopback. COUNT domains (1000), and LARGE more for the long run (20000).
[ -n "${MX_NAMESPACE:-}" ] || exec unshare -n env MX_NAMESPACE=1 bash "$0" "$@"
. "$(dirname "$0")/lib.sh"
for needed in nsd ldns-signzone dig ip; do
  have "$needed" || { echo "  (mx left out: no $needed)"; exit 0; }
done
ip link set lo up
Z=$W/zones COUNT=${COUNT:-1000} LARGE=${LARGE:-20000}
export Z D='@127.0.0.1 +short' MX='mail-mx --resolver 127.0.0.1'
serve() { # COUNT: new zones, and nsd anew
  rm -rf "$Z"; mkdir -p "$Z"
  python3 "$HERE/tools/mx_zones.py" "$Z" "$1"
  (cd "$Z" && key=$(ldns-keygen -a ECDSAP256SHA256 -k -r /dev/urandom signed.test) &&
    ldns-signzone -n -t 0 -i 20240101 -e 20371231 -o signed.test. -f signed.test.zone signed.test.zone "$key" && ldns-key2ds -n -2 "$key.key" >anchor) >/dev/null || exit 71
  # a limit on rates is for servers that anybody asks
  cat >"$Z/nsd.conf" <<X
server:
  ip-address: 127.0.0.1
  username: ""
  chroot: ""
  zonesdir: "$Z"
  database: ""
  logfile: "$Z/log"
  pidfile: "$Z/pid"
  xfrdfile: "$Z/xfrd"
  xfrdir: "$Z"
  zonelistfile: "$Z/zonelist"
  cookie-secret-file: ""
  server-count: 1
  rrl-ratelimit: 0
remote-control:
  control-enable: no
zone:
  name: bench.test
  zonefile: bench.test.zone
zone:
  name: signed.test
  zonefile: signed.test.zone
X
  [ -z "${NSD:-}" ] || { kill "$NSD"; wait "$NSD" 2>/dev/null; }
  nsd -d -c "$Z/nsd.conf" >"$Z/out" 2>&1 & NSD=$!
  for _ in $(seq 100); do
    [ -z "$(dig @127.0.0.1 +time=1 +tries=1 +short signed.test SOA 2>/dev/null | grep '^ns')" ] || return 0
    sleep 0.1
  done
  echo "mx: nsd does not answer" >&2; exit 71
}
at_exit '[ -z "${NSD:-}" ] || kill "$NSD"'

serve "$COUNT"
bench full -i "$COUNT" -t 120
ours '$MX --dnssec=off --tls=dane - <"$Z/bench.test.domains" | wc -l'
peer 'dig -f' 'dig $D -f "$Z/bench.test.full" | wc -l'
peer 'kdig' 'kdig $D $(cat "$Z/bench.test.full") | wc -l'
peer 'adnshost -a -f' "adnshost --config 'nameserver 127.0.0.1' -a -t mx -f <\"\$Z/bench.test.domains\" 2>/dev/null | grep -c INET"
bar wall 0.588 'dig -f'
bar rss 65536
measure

bench full-sts -i "$COUNT" -t 120 # with the question for MTA-STS, which nobody else asks
ours '$MX --dnssec=off - <"$Z/bench.test.domains" | wc -l'
peer 'dig -f' 'dig $D -f "$Z/bench.test.full" | wc -l'
bar wall 0.588 'dig -f'
measure

bench validated -i "$COUNT" -t 120
ours '$MX --trust-anchor "$Z/anchor" --tls=dane - <"$Z/signed.test.domains" | wc -l'
peer 'dig -f' 'dig $D -f "$Z/signed.test.full" | wc -l'
bar wall 2 'dig -f'
bar rss 65536
measure

bench one -i 100 -t 120
ours 'head -100 "$Z/bench.test.domains" | xargs -n 1 $MX -s --dnssec=off | wc -l'
peer 'drill' 'head -100 "$Z/bench.test.domains" | xargs -I{} drill @127.0.0.1 {} MX | grep -c IN.MX'
peer 'dig' 'head -100 "$Z/bench.test.domains" | xargs -I{} dig $D {} MX | wc -l'
bar wall 1 drill
measure

serve "$LARGE"
bench large -i "$LARGE" -n 1 -t 300
ours '$MX --dnssec=off - <"$Z/bench.test.domains" | wc -l'
peer 'dig -f' 'dig $D -f "$Z/bench.test.full" | wc -l'
bar rss 65536
measure

bench large-validated -i "$LARGE" -n 1 -t 300
ours '$MX --trust-anchor "$Z/anchor" --tls=dane - <"$Z/signed.test.domains" | wc -l'
bar rss 65536
measure
