# mail-verify and mail-sign: 1,000 messages of 100 domains, signed with RSA, judged against a resolver on this machine; one process a message; signing.
. "$(dirname "$0")/lib.sh"
have unbound || { echo "verify: no unbound" >&2; exit 69; }
N=1000 PORT=5399 RPORT=5398 PY=/usr/bin/python3 # where Debian's modules are
export N PORT RPORT PY
if [ ! -e "$W/made" ]; then
  rm -rf "$W/each" && mkdir -p "$W/each" "$W/plain"
  for k in r:rsa2048 e:ed25519; do
    rm -f "$W/${k%:*}.pem"
    mail-sign --dkim-keygen "${k#*:}" --selector "${k%:*}" --dkim-key "$W/${k%:*}.pem" --json >"$W/${k%:*}.json" || exit 71
  done
  $PY "$HERE/verify_corpus.py" "$W" 100 $N || exit 71
  touch "$W/made"
fi

# --- the resolver: what it does not have does not exist, and it asks nobody ---
cat >"$W/unbound.conf" <<X
server:
 username: ""
 chroot: ""
 directory: "$W"
 pidfile: ""
 use-syslog: no
 interface: 127.0.0.1
 port: $PORT
 do-ip6: no
 module-config: "iterator"
 include: "$W/zone"
remote-control:
 control-enable: no
X
unbound -d -c "$W/unbound.conf" >"$W/unbound.log" 2>&1 &
unbound=$!
at_exit 'kill $unbound 2>/dev/null; wait $unbound 2>/dev/null'
sleep 0.5

# --- peers ---
cat >"$W/peer.py" <<'P'
import mailbox, sys
import DNS, dkim, dns.resolver, spf
own = dns.resolver.default_resolver = dns.resolver.Resolver(configure=False) # pyspf's
own.nameservers, own.port = ['127.0.0.1'], int(sys.argv[2])
DNS.defaults['server'], DNS.defaults['port'] = ['127.0.0.1'], int(sys.argv[2])
def txt(name, timeout=5):
    r = DNS.DnsRequest(name.decode() if isinstance(name, bytes) else name, qtype='txt', timeout=timeout).req()
    return b''.join(r.answers[0]['data']) if r.answers else None
good = 0
for raw in open(sys.argv[1], 'rb').read().split(b'\nFrom ')[0:]:
    m = raw.split(b'\n', 1)[1].replace(b'\n', b'\r\n')
    d = dkim.DKIM(m)
    good += d.verify(0, dnsfunc=txt)
    sender = m.split(b'\r\nFrom: Joe <', 1)[1].split(b'>', 1)[0].decode()
    good += spf.check2('192.0.2.1', sender, 'mx.example.net')[0] == 'pass'
    txt('_dmarc.' + sender.split('@')[1])
print(good)
P
mkdir -p "$W/rspamd/local.d" "$W/rspamd/run"
echo "dns { nameserver = [\"127.0.0.1:$PORT:1\"]; timeout = 5s; } task_timeout = 30s; neighbours {}" >"$W/rspamd/local.d/options.inc"
echo "type = \"file\"; filename = \"$W/rspamd/log\"; level = \"error\";" >"$W/rspamd/local.d/logging.inc"
echo "bind_socket = \"127.0.0.1:$RPORT\"; count = 1; enabled = true;" >"$W/rspamd/local.d/worker-normal.inc"
for w in controller proxy fuzzy; do echo 'enabled = false;' >"$W/rspamd/local.d/worker-$w.inc"; done
for m in rbl fuzzy_check phishing asn neural greylist ratelimit history_redis; do echo 'enabled = false;' >"$W/rspamd/local.d/$m.conf"; done
if have rspamd; then
  rspamd -i -f -c /etc/rspamd/rspamd.conf --var="LOCAL_CONFDIR=$W/rspamd" --var="DBDIR=$W/rspamd/run" --var="RUNDIR=$W/rspamd/run" --var="LOGDIR=$W/rspamd" \
    >"$W/rspamd.log" 2>&1 &
  rspamd=$!
  at_exit 'kill $rspamd 2>/dev/null; wait $rspamd 2>/dev/null'
  for _ in $(seq 100); do (exec 3<>"/dev/tcp/127.0.0.1/$RPORT") 2>/dev/null && break; sleep 0.1; done
  export RSPAMD=$rspamd
fi
# the server's seconds, its children's with them
ticks='cat /proc/$RSPAMD/stat /proc/$(pgrep -P $RSPAMD | head -1)/stat 2>/dev/null | awk "{ t += \$14 + \$15 } END { print t / 100 }"'

bench verify-1000 -i $N
ours -a 'echo "$(mail-verify --mbox --spf --dkim --dmarc --client-ip 192.0.2.1 -f joe@d1.example --resolver 127.0.0.1@$PORT --dnssec=off "$W/signed" | grep -c pass) pass"' \
  'mail-verify --mbox --spf --dkim --dmarc --client-ip 192.0.2.1 -f joe@d1.example --resolver 127.0.0.1@$PORT --dnssec=off "$W/signed" >"$W/out"'
$PY -c 'import dkim, spf' 2>/dev/null && peer -N env 'dkimpy, pyspf' '$PY "$W/peer.py" "$W/signed" $PORT'
have rspamd && peer -N rspamc -c "$ticks" rspamd 'rspamc -h 127.0.0.1:$RPORT -n 4 -i 192.0.2.1 symbols "$W/each" >"$W/rspamc.out"'
bar wall 0.05 'dkimpy, pyspf'
bar wall 1 rspamd
measure
[ -z "${RSPAMD:-}" ] || awk '/VmHWM/ { print "  rspamd: " $2 " KiB resident at most in its worker" }' "/proc/$(pgrep -P "$RSPAMD" | head -1)/status"

bench verify-each -i $N -n 3
ours '"$EACH" "$W/each" mail-verify --spf --dkim --dmarc --client-ip 192.0.2.1 -f joe@d1.example --resolver 127.0.0.1@$PORT --dnssec=off'
floor -N mail-read 'mail-read show' '"$EACH" "$W/each" mail-read show -'
bar wall 3 'mail-read show'
measure

speed=$(openssl speed -seconds 1 rsa2048 ed25519 2>/dev/null | awk '/^rsa/ { t += 1 / $6 } /EdDSA/ { t += 1 / $7 } END { print t * '$N' }')
bench sign-1000 -i $N
ours 'mail-sign --mbox --dkim d0.example --selector r --dkim-key "$W/r.pem" --selector e --dkim-key "$W/e.pem" <"$W/box" >"$W/out"'
bar wall "$(awk "BEGIN { print $speed * 1.5 }")"
measure
