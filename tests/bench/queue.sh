# mail-queue: accepting a process each and from a stream, flushing to a sink, looks into a spool of 100,000. Peers: nullmailer and dma (unpacked, never
# installed: they exclude each other and Postfix as packages), an instance of Postfix of its own. As root, on a disk: fsync is what is measured.
. "$(dirname "$0")/lib.sh"
COUNT=${COUNT:-1000} PORT=${PORT:-20525}
S=$W/spool PKG=$BENCH_DATA/pkgs
build_tool smtpsink -pthread && build_tool durable || exit 71
mkdir -p "$PKG" "$W/small"
for p in nullmailer dma; do
  [ -d "$PKG/$p" ] || (cd "$PKG" && apt-get -qq download $p 2>/dev/null && dpkg -x ${p}_*.deb $p) || echo "  ($p left out: no such package)"
done
body=$(printf '%070d\n' $(seq 28))
[ -e "$W/small/$COUNT" ] || for i in $(seq "$COUNT"); do
  printf 'From: a@example.org\nTo: b@example.net\nSubject: letter %d\nMessage-ID: <%d@example.org>\nDate: Tue, 24 Nov 2026 09:14:00 +0000\n\n%s\n' "$i" "$i" "$body" >"$W/small/$i"
done
[ -s "$W/mbox" ] || for f in "$W"/small/*; do printf 'From a\n'; cat "$f"; echo; done >"$W/mbox"
SIZE=$(stat -c %s "$W/small/1")
if [ ! -d "$W/nullmailer-in" ]; then
  mkdir "$W/nullmailer-in"
  for f in "$W"/small/*; do { printf 'a@example.org\nb@example.net\n\n'; cat "$f"; } >"$W/nullmailer-in/${f##*/}"; done
fi
smtpsink -p "$PORT" -s "$W/sink.out" & SINK=$!
at_exit 'kill $SINK; wait $SINK; echo "  the sink took $(cut -d" " -f2 "$W/sink.out") messages"'

# --- nullmailer: relocated by the prefix its own tests use ---
NM=$W/nm
if [ -d "$PKG/nullmailer" ]; then
  rm -rf "$NM"
  mkdir -p "$NM/conf" "$NM/queue/queue" "$NM/queue/tmp" "$NM/queue/failed"
  cp -r "$PKG/nullmailer/usr" "$NM/usr" && chmod -R u-s "$NM/usr"
  ln -s usr/sbin "$NM/sbin"; ln -s usr/bin "$NM/bin"; ln -s usr/lib/nullmailer "$NM/protocols"
  mkfifo "$NM/queue/trigger"
  echo bench.example.org >"$NM/conf/me"; echo "127.0.0.1 smtp --port=$PORT" >"$NM/conf/remotes"
  PATH=$PATH:$NM/usr/sbin
fi
export NULLMAILER_TEST_PREFIX=$NM HELOHOST=bench.example.org
# --- dma: its paths are compiled in; they are made for the run, where they are not there ---
if [ -x "$PKG/dma/usr/sbin/dma" ] && [ ! -e /etc/dma ] && [ ! -e /var/spool/dma ]; then
  at_exit 'rm -rf /etc/dma /var/spool/dma'
  mkdir -p /etc/dma /var/spool/dma
  chown root:mail /var/spool/dma; chmod 2775 /var/spool/dma
  printf 'SMARTHOST 127.0.0.1\nPORT %s\nDEFER\nMAILNAME bench.example.org\n' "$PORT" >/etc/dma/dma.conf
  : >/etc/dma/auth.conf
  PATH=$PATH:$PKG/dma/usr/sbin
fi
# --- Postfix: an instance of its own; what is queued waits until it is told to flush ---
PF=$W/postfix
postfix_set() { postconf -c "$PF/etc" -e "$1"; }
if have postfix; then
  rm -rf "$PF"
  mkdir -p "$PF/etc" "$PF/queue" "$PF/data"
  chown postfix "$PF/data"; chmod 755 "$BENCH_DATA" "$W" "$PF"
  # the services of the package's file, none of them in a chroot, the server on a port of ours
  awk -v port=$((PORT + 1)) '/^[a-z]/ && NF >= 8 { $5 = "n"; if ($1 == "smtp" && $2 == "inet") $1 = "127.0.0.1:" port; print }' \
    "$(ls /usr/share/postfix/master.cf.dist /etc/postfix/master.cf 2>/dev/null | head -1)" >"$PF/etc/master.cf"
  grep -q '^postlog' "$PF/etc/master.cf" || echo 'postlog unix-dgram n - n - 1 postlogd' >>"$PF/etc/master.cf"
  cat >"$PF/etc/main.cf" <<X
compatibility_level = 3.6
queue_directory = $PF/queue
data_directory = $PF/data
maillog_file = $PF/log
maillog_file_prefixes = $PF
myhostname = bench.example.org
mydestination =
local_transport = error:no
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
relayhost = [127.0.0.1]:$PORT
smtp_dns_support_level = disabled
alias_maps =
defer_transports = smtp
X
  postfix -c "$PF/etc" start >"$W/postfix.start" 2>&1 || cat "$W/postfix.start"
  at_exit 'postfix -c "$PF/etc" stop >/dev/null 2>&1'
fi
export S SIZE COUNT PORT NM PF

empty() { # FOLDER...: a command that waits until no file is left there
  echo "i=0; while [ \$i -lt 6000 ] && [ -n \"\$(find $* -type f -print -quit)\" ]; do sleep 0.01; i=\$((i+1)); done"
}
ADD='mail-queue add -f a@example.org --server smtp://127.0.0.1:$PORT --tls none --spool "$S"'
bench accept -i "$COUNT"
ours -s 'rm -rf "$S"' -a 'ls "$S" | wc -l' '"$EACH" -n $COUNT "$W/small" '"$ADD"' b@example.net'
peer -N nullmailer-queue -s 'find "$NM/queue/queue" -type f -delete' -a 'ls "$NM/queue/queue" | wc -l' nullmailer-queue '"$EACH" -n $COUNT "$W/nullmailer-in" nullmailer-queue'
peer -N dma -s 'find /var/spool/dma -type f -delete' -a 'ls /var/spool/dma | grep -c ^M' dma '"$EACH" -n $COUNT "$W/small" dma -i -f a@example.org b@example.net'
peer -N postfix -s 'postsuper -c "$PF/etc" -d ALL 2>/dev/null; true' postfix-sendmail '"$EACH" -n $COUNT "$W/small" sendmail -C "$PF/etc" -i -f a@example.org b@example.net'
floor -N true 'spawn of true' '"$EACH" -n $COUNT "$W/small" /bin/true'
floor -N durable -s 'rm -rf "$W/d"; mkdir "$W/d"' 'durable, one process' 'durable "$W/d" $COUNT $SIZE'
bar wall 0.909 nullmailer-queue
measure

bench accept-stream -i "$COUNT"
ours -s 'rm -rf "$S"' -a 'ls "$S" | wc -l' "$ADD"' --mbox b@example.net <"$W/mbox"'
floor -N durable -s 'rm -rf "$W/d"; mkdir "$W/d"' durable 'durable "$W/d" $COUNT $SIZE'
bar wall 0.74 durable
measure

bench flush -i "$COUNT" -t 120
ours -s 'rm -rf "$S"; '"$ADD"' --mbox b@example.net <"$W/mbox" >/dev/null' -a 'ls "$S" | wc -l' 'mail-queue run --spool "$S"'
peer -N dma -s 'find /var/spool/dma -type f -delete; "$EACH" -j 8 -n $COUNT "$W/small" dma -i -f a@example.org b@example.net' -a 'ls /var/spool/dma | grep -c ^M' 'dma -q' \
  "dma -q; i=0; while [ \$i -lt 6000 ] && ls /var/spool/dma | grep -q ^M; do sleep 0.01; i=\$((i+1)); done"
fill='postfix -c "$PF/etc" stop >/dev/null 2>&1; sleep 1; postsuper -c "$PF/etc" -d ALL >/dev/null 2>&1; postconf -c "$PF/etc" -e defer_transports=smtp; postfix -c "$PF/etc" start >/dev/null 2>&1
"$EACH" -j 8 -n $COUNT "$W/small" sendmail -C "$PF/etc" -i -f a@example.org b@example.net; i=0; while [ $i -lt 600 ] && [ $(find "$PF/queue/deferred" -type f | wc -l) -lt $COUNT ]; do sleep 0.1; i=$((i+1)); done
postfix -c "$PF/etc" stop >/dev/null 2>&1; sleep 1; postconf -c "$PF/etc" -e defer_transports=; postfix -c "$PF/etc" start >/dev/null 2>&1; sleep 3'
peer -N postfix -s "$fill" postqueue-f 'postqueue -c "$PF/etc" -f; '"$(empty '"$PF/queue/deferred" "$PF/queue/active" "$PF/queue/incoming"')"
peer -N nullmailer-send -s 'find "$NM/queue/queue" -type f -delete; "$EACH" -j 8 -n $COUNT "$W/nullmailer-in" nullmailer-queue' nullmailer-send \
  'nullmailer-send >/dev/null 2>&1 & p=$!; '"$(empty '"$NM/queue/queue"')"'; kill $p'
bar wall 0.4 best
measure

LARGE=$W/large
export LARGE
if [ "$(ls "$LARGE" 2>/dev/null | wc -l)" != 100000 ]; then
  rm -rf "$LARGE"
  for i in $(seq 100000); do printf 'From a\nFrom: a@example.org\nTo: b@d%d.example.net\nSubject: %d\n\nHalo.\n\n' $((i % 500)) "$i"; done |
    mail-queue add -f a@example.org --mx -t --mbox --spool "$LARGE" >/dev/null
fi
bench list-100k -i 100000
ours 'mail-queue list --json --spool "$LARGE" | wc -l'
bar wall 1.0
bar rss 32768
measure
bench scan-100k -i 100000
ours 'mail-queue run --plan --spool "$LARGE" | wc -l'
bar wall 1.0
bar rss 32768
measure
