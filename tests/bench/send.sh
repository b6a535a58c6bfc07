# mail-send: a process a message, plain and within TLS; many over one connection, near and 40 ms away; 100 MB.
. "$(dirname "$0")/lib.sh"
need_corpus --big
build_tool smtpsink -pthread -DTLS -lssl -lcrypto || exit 71
PLAIN=2526 STARTTLS=2587 TLS=2465 FAR=2611
# in a network of its own the ports are free
if [ -z "${IN_NET:-}" ] && unshare -n true 2>/dev/null; then IN_NET=1 exec unshare -n bash "$0"; fi
[ -z "${IN_NET:-}" ] || ip link set lo up
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 \
  -keyout "$W/key.pem" -out "$W/cert.pem" 2>/dev/null && cat "$W/key.pem" "$W/cert.pem" >"$W/both.pem" || exit 71
serve() { "$@" >/dev/null 2>&1 & at_exit "kill $! 2>/dev/null"; }
serve smtpsink -p $PLAIN
serve smtpsink -t "$W/both.pem" -p $STARTTLS
serve smtpsink -T "$W/both.pem" -p $TLS
serve python3 "$HERE/tools/delay.py" $FAR $PLAIN 40
for port in $PLAIN $STARTTLS $TLS $FAR; do
  for _ in $(seq 100); do (exec 3<>/dev/tcp/127.0.0.1/$port) 2>/dev/null && break; sleep 0.05; done
done
BIG=$CORPUS/big/msg-100M.eml
CURL='--mail-from a@example.org --mail-rcpt b@example.net --crlf -sS -k -T -'
export PLAIN STARTTLS TLS FAR BIG CURL
python3 - "$CORPUS/small" "$W" <<'P'
import json, os, sys
folder, w = sys.argv[1:]
names = sorted(os.listdir(folder))[:1000]
with open(w + '/jobs', 'w') as jobs, open(w + '/curl', 'w') as curl:
    for i, name in enumerate(names):
        path = os.path.join(folder, name)
        jobs.write(json.dumps({'v': 1, 'id': name, 'path': path, 'offset': 0, 'size': os.path.getsize(path), 'sender': 'a@example.org',
                               'recipients': [{'address': 'b@example.net'}]}) + '\n')
        curl.write(('next\n' if i else '') + f'silent\ncrlf\nmail-from = "a@example.org"\nmail-rcpt = "b@example.net"\nupload-file = "{path}"\nurl = "smtp://127.0.0.1:PORT/x"\n')
P
sed "s/PORT/$PLAIN/" "$W/curl" >"$W/curl-near"
sed "s/PORT/$FAR/" "$W/curl" | head -n 349 >"$W/curl-far"
head -50 "$W/jobs" >"$W/jobs-50"

bench plain -i 300
ours '"$EACH" -n 300 "$CORPUS/small" mail-send --server smtp://127.0.0.1:$PLAIN --tls=none -f a@example.org b@example.net'
peer 'smtp-source -m 1' '"$EACH" -n 300 "$CORPUS/small" smtp-source -m 1 -l 2000 -f a@example.org -t b@example.net 127.0.0.1:$PLAIN'
peer curl '"$EACH" -n 300 "$CORPUS/small" curl $CURL smtp://127.0.0.1:$PLAIN/x'
peer msmtp '"$EACH" -n 300 "$CORPUS/small" msmtp -C /dev/null --host=127.0.0.1 --port=$PLAIN --domain=x --from=a@example.org -- b@example.net'
floor true '"$EACH" -n 300 "$CORPUS/small" true'
bar wall 1 'smtp-source -m 1'
measure

bench starttls -i 100
ours '"$EACH" -n 100 "$CORPUS/small" mail-send --server smtp://127.0.0.1:$STARTTLS --tls=encrypt -f a@example.org b@example.net'
peer curl '"$EACH" -n 100 "$CORPUS/small" curl --ssl-reqd $CURL smtp://127.0.0.1:$STARTTLS/x'
peer msmtp '"$EACH" -n 100 "$CORPUS/small" msmtp -C /dev/null --host=127.0.0.1 --port=$STARTTLS --domain=x --tls=on --tls-starttls=on --tls-certcheck=off --from=a@example.org -- b@example.net'
bar wall 0.667 curl
measure

bench tls -i 100
ours '"$EACH" -n 100 "$CORPUS/small" mail-send --server smtps://127.0.0.1:$TLS --tls=encrypt -f a@example.org b@example.net'
peer curl '"$EACH" -n 100 "$CORPUS/small" curl $CURL smtps://127.0.0.1:$TLS/x'
peer msmtp '"$EACH" -n 100 "$CORPUS/small" msmtp -C /dev/null --host=127.0.0.1 --port=$TLS --domain=x --tls=on --tls-starttls=off --tls-certcheck=off --from=a@example.org -- b@example.net'
bar wall 0.667 curl
measure

bench batch -i 1000
ours 'mail-send --batch --server smtp://127.0.0.1:$PLAIN --tls=none <"$W/jobs" | grep -c "\"status\":\"sent\""'
peer 'smtp-source -d' 'smtp-source -d -s 1 -m 1000 -l 2200 -f a@example.org -t b@example.net 127.0.0.1:$PLAIN'
peer curl 'curl -K "$W/curl-near"'
bar wall 1.5 'smtp-source -d'
measure

bench batch-40ms -i 50 -n 3
ours 'mail-send --batch --server smtp://127.0.0.1:$FAR --tls=none <"$W/jobs-50" | grep -c "\"status\":\"sent\""'
peer 'smtp-source -d' 'smtp-source -d -s 1 -m 50 -l 2200 -f a@example.org -t b@example.net 127.0.0.1:$FAR'
peer curl 'curl -K "$W/curl-far"'
bar wall 0.333 'smtp-source -d'
measure

bench 100M -b "$(stat -c %s "$BIG")"
ours 'mail-send --server smtp://127.0.0.1:$PLAIN --tls=none -f a@example.org b@example.net <"$BIG"'
peer 'smtp-source -m 1' 'smtp-source -m 1 -l 137000000 -f a@example.org -t b@example.net 127.0.0.1:$PLAIN'
peer curl 'curl $CURL smtp://127.0.0.1:$PLAIN/x <"$BIG"'
bar wall 1 'smtp-source -m 1'
bar rss 12288
measure

[ -s "$W/crlf.eml" ] || sed 's/$/\r/' "$BIG" >"$W/crlf.eml"
bench 100M-as-it-is -b "$(stat -c %s "$W/crlf.eml")"
ours 'mail-send --server smtp://127.0.0.1:$PLAIN --tls=none -f a@example.org b@example.net <"$W/crlf.eml"'
peer 'smtp-source -m 1' 'smtp-source -m 1 -l 137000000 -f a@example.org -t b@example.net 127.0.0.1:$PLAIN'
bar wall 1 'smtp-source -m 1'
measure

bench 100M-tls -b "$(stat -c %s "$BIG")"
ours 'mail-send --server smtps://127.0.0.1:$TLS --tls=encrypt -f a@example.org b@example.net <"$BIG"'
peer curl 'curl $CURL smtps://127.0.0.1:$TLS/x <"$BIG"'
bar wall 0.833 curl
bar rss 12288
measure
