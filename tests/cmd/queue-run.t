# mail-queue run: what it remembers of hosts that were down, rates that overlapping runs keep together, what becomes of who may have got it, everybody's spools.
. "$SURAT_SRC/tests/lib.sh"
. "$SURAT_SRC/tests/cmd/queue.sh"
jobs() { cat "$TRANSPORT.log" 2>/dev/null | wc -l; }
at() { printf '2026-11-24T08:%02d:00Z' "$1"; }
add_at() { q add --now "$(at "$1")" -f ana@ana.test --mx "$2" <"$T/letter"; id=$out; }

# --- a dead host is not tried for every message, a fresh one probes at once ---
rules '@dewi defer 451 4.7.1 greylisted'
add_at 0 m1@dewi.test
first=$id
flush --now "$(at 0)"
rules '@dewi down'
for i in 2 3 4 5; do add_at 1 m$i@dewi.test; done
flush --now "$(at 1)"
is "$(jobs)" 3 "down: two tries, though four wait"
legal "all names are in the manual"
q check
code_is 0 "and all is well"
like "$(cat "$S/destinations")" '^[0-9]+ 1 0 -	dewi.test	' "it is remembered"
q run --plan --now "$(at 3)"
like "$out" "^$first	dewi.test	1	.*	down$" "--plan: what is due there is not tried"
flush --now "$(at 3)"
is "$(jobs)" 3 "nor is it"
q list --now "$(at 3)"
like "$out" "^$first	.*connection refused" "it has the answer"
add_at 4 m6@dewi.test
q run --plan --now "$(at 4)"
like "$out" "^$id	dewi.test	1	.*	due$" "--plan: a fresh one is due"
flush --now "$(at 4)"
is "$(jobs)" 4 "it probes, once"
like "$(cat "$S/destinations")" '^[0-9]+ 2 0 -	dewi.test	' "down for the second time"
flush --now "$(at 4)" "$first"
is "$(jobs)" 5 "what a person asks for is tried"
add_at 5 m7@eka.test
flush --now "$(at 5)"
is "$(sent)" "m7@eka.test" "others do not care"
rules
flush --now "$(at 6)" --force
is "$(sent)" "m1@dewi.test m2@dewi.test m3@dewi.test m4@dewi.test m5@dewi.test m6@dewi.test m7@eka.test" "it is back: all of it goes"
is "$(ls -A "$S")" "" "and nothing is remembered"
fresh
rules '@dewi down'
for i in 1 2 3; do add_at 0 m$i@dewi.test; done
flush --now "$(at 0)"
head -c 3000 /dev/urandom >"$S/destinations"
rules
flush --now "$(at 30)"
code_is 0 "a memory that is garbage is none"
is "$(sent)" "m1@dewi.test m2@dewi.test m3@dewi.test" "and stops nothing"
rm -f "$S/destinations"

# --- rates: what overlapping runs hand over together ---
fresh
for i in 1 2 3 4 5 6; do add m$i@budi.test; done
began=$(date +%s%N)
mail-queue run --spool "$S" --transport "$transport" --rate 5/s & one=$!
mail-queue run --spool "$S" --transport "$transport" --rate 5/s & two=$!
wait $one $two
took=$((($(date +%s%N) - began) / 1000000))
is "$(wc -l <"$TRANSPORT.sent")" 6 "--rate, two runs at once: all are sent"
[ $took -ge 1000 ] && pass "and not faster than one" || fail "and not faster than one" "$took ms"
legal "all names are in the manual"
fresh
for i in 1 2 3 4 5; do add m$i@budi.test; add m$i@dewi.test; done
began=$(date +%s%N)
flush --domain-rate 5/s
took=$((($(date +%s%N) - began) / 1000000))
is "$(wc -l <"$TRANSPORT.sent")" 10 "--domain-rate: all are sent"
[ $took -ge 800 ] && pass "not faster than each may" || fail "not faster than each may" "$took ms"
q run --domain-rate often
code_is 64 "a rate that is none"

# --- who may have got it already ---
fresh
rules 'bob die-sending'
add bob@budi.test
flush --unknown hold
q list --held
like "$out" "^$id	" "--unknown=hold: a person decides"
rules
flush --force
is "$(sent)" "bob@budi.test" "it is not tried again"
q release "$id"
flush
is "$(sent)" "bob@budi.test bob@budi.test" "until it is released"
fresh
rules 'bob die-sending' 'ana defer'
add bob@budi.test
flush --unknown give-up
q list
like "$out" "	<>	ana@ana.test	" "--unknown=give-up: the sender is told at once"
q show --raw "$(printf '%s\n' "$out" | cut -f1)"
like "$out" '^Subject: Perhaps not delivered' "that it may have got there"
is "$(sent)" "bob@budi.test" "and it is not tried again"
fresh
rules 'bob hang-sending' 'ana defer'
add bob@budi.test
{ mail-queue run --spool "$S" --transport "exec $transport" >/dev/null 2>&1 & runner=$!; } 2>/dev/null
for _ in $(seq 100); do grep -qs bob "$TRANSPORT.sent" && break; sleep 0.1; done
child=$(cat /proc/$runner/task/$runner/children)
{ kill -9 $runner $child; wait $runner; } 2>/dev/null
for _ in $(seq 50); do flush --unknown give-up; ls "$S" | grep -q "^$id" || break; sleep 0.1; done
is "$(sent)" "bob@budi.test" "so with what a killed run left"
q list
like "$out" "	<>	ana@ana.test	" "and the sender is told"

# --- one destination hangs, one drips, one repeats itself, one floods, one never ends its line: the others are through before these are given up ---
fresh
rules 'bob hang' 'dia drip' 'rio repeat' 'flo flood' 'lea long' 'sam silent'
add dan@dewi.test bob@budi.test dia@danau.test rio@rawa.test flo@fajar.test lea@lestari.test sam@sari.test
stuck=$id
for i in $(seq 20); do add e$i@eka.test; done
flush --transport-timeout 8 --jobs 10 -v
is "$(printf '%s\n' "$out" | grep -c '	sent	')" 21 "all others are sent"
is "$(printf '%s\n' "$out" | sed -E '/(bob@budi|dia@danau|rio@rawa)/,$d' | grep -c '	sent	')" 21 "before any that hangs, drips or repeats itself is given up"
q show "$stuck"
like "$out" 'dia@danau.test: deferred, the transport said nothing new for too long' "who drips is given up, as who hangs"
like "$out" 'rio@rawa.test: unknown, the transport said nothing new for too long' "and who repeats itself"

# --- bounds as a server counts them ---
cat >"$T/server.py" <<'X'
import socketserver, sys, threading, time
lock, now, most, times = threading.Lock(), 0, 0, []
class One(socketserver.StreamRequestHandler):
    def handle(self):
        global now, most
        with lock:
            now += 1
            most = max(most, now)
        say = lambda s: (self.wfile.write(s.encode() + b"\r\n"), self.wfile.flush())
        while len(sys.argv) > 2:
            self.wfile.write(b"2")
            self.wfile.flush()
            open(sys.argv[1] + ".drips", "a").write("2")
            time.sleep(0.2)
        say("220 counting ESMTP")
        for line in self.rfile:
            word = line[:4].upper()
            if word == b"DATA":
                say("354 go on")
                while self.rfile.readline() not in (b".\r\n", b""):
                    pass
                time.sleep(0.02)
                with lock:
                    times.append(time.monotonic())
            say("221 bye" if word == b"QUIT" else "250 ok")
            if word == b"QUIT":
                break
        with lock:
            now -= 1
        with open(sys.argv[1] + ".new", "w") as f:
            f.write("%d %d\n" % (most, len(times)))
        import os
        with lock:
            os.replace(sys.argv[1] + ".new", sys.argv[1])
class Server(socketserver.ThreadingTCPServer):
    daemon_threads, allow_reuse_address, request_queue_size = True, True, 100
s = Server(("127.0.0.1", 0), One)
print(s.server_address[1], flush=True)
s.serve_forever()
X
serve() { # [drip]: $port: of a new server, whose counts go to $T/counts: MOST-CONNECTIONS MESSAGES; or one whose greeting never ends
  rm -f "$T/port" "$T/counts"
  python3 "$T/server.py" "$T/counts" "$@" >"$T/port" & server=$!
  for _ in $(seq 100); do [ -s "$T/port" ] && break; sleep 0.1; done
  port=$(cat "$T/port")
}
at_exit 'kill ${server:-} ${dripping:-} 2>/dev/null'
letters() { for i in $(seq "$1"); do printf 'From ana\nFrom: ana@ana.test\nTo: m%d@budi.test\n\nHalo.\n\n' $i; done | mail-queue add --spool "$S" -f ana@ana.test --server smtp://127.0.0.1:$port --tls none -t --mbox >/dev/null; }
fresh
serve
letters 200
q run --per-domain 3
read -r most messages <"$T/counts"
is "$messages" 200 "a server that counts: all came"
[ "$most" -le 3 ] && [ "$most" -ge 1 ] && pass "--per-domain 3: not over more connections at once" || fail "--per-domain 3: not over more connections at once" "$most"
kill $server; wait $server 2>/dev/null
serve
letters 12
began=$(date +%s%N)
q run --rate 8/s
took=$((($(date +%s%N) - began) / 1000000))
read -r most messages <"$T/counts"
is "$messages" 12 "--rate 8/s: all came"
[ "$took" -ge 1370 ] && pass "and not before their time" || fail "and not before their time" "$took ms"
kill $server; wait $server 2>/dev/null
server=

# --- a server that drips, of the ones mail-send talks to ---
fresh
serve drip
letters 1
stuck=$port dripping=$server
serve
letters 20
mail-queue run --spool "$S" --per-domain 1 -v >"$T/out" 2>&1 & runner=$!
for _ in $(seq 300); do [ "$(grep -c '	sent	' "$T/out")" = 20 ] && [ -s "$T/counts.drips" ] && break; sleep 0.1; done
is "$(grep -c '	sent	' "$T/out")" 20 "a server that drips: all others are sent"
is "$(grep -vc '	sent	' "$T/out")" 0 "while it goes on"
[ -s "$T/counts.drips" ] && pass "somebody listens to it" || fail "somebody listens to it"
kill $runner
wait $runner
q list
like "$out" '	m1@budi.test	' "what was for it waits"
kill $server $dripping; wait $server $dripping 2>/dev/null
server= dripping=

# --- everybody's, by root ---
cat >"$T/everybody.sh" <<'X'
set -u
# they must reach our programs, though the sources lie in a folder of root's alone
closed=
for ((dir = 0; ; dir++)); do
  up=$(cut -d/ -f1-$((dir + 2)) <<<"$SURAT_SRC")
  case $(stat -c %A "$up") in *x | *t) ;; *) closed=$up; break ;; esac
  [ "$up" != "$SURAT_SRC" ] || break
done
if [ -n "$closed" ]; then
  mkdir "$T/sources"
  mount --bind "$SURAT_SRC" "$T/sources" && mount -t tmpfs -o mode=755 none "$closed" && mkdir -p "$SURAT_SRC" && mount --bind "$T/sources" "$SURAT_SRC" || exit 77
fi
homes=$T/homes
mkdir -m 755 "$homes"
{ cat /etc/passwd; n=20000; for u in ana budi citra dewi eka gone; do n=$((n + 1)); echo "$u:x:$n:$n:,,,:$homes/$u:/bin/sh"; done; } >"$T/passwd"
{ cat /etc/group; n=20000; for u in ana budi citra dewi eka gone; do n=$((n + 1)); echo "$u:x:$n:"; done; echo "friends:x:20100:ana"; } >"$T/group"
mount --bind "$T/passwd" /etc/passwd && mount --bind "$T/group" /etc/group || exit 77
for u in ana budi citra dewi eka; do
  mkdir -p "$homes/$u/.config/surat"
  printf '[queue]\ntransport = id -u >%s; id -G >>%s; env >>%s; tty >>%s; ls /proc/self/fd | wc -l >>%s; printf "\\033]0;evil\\007\\n" >&2; sleep 0.1; TRANSPORT=%s %s\n' $(for i in 1 2 3 4 5; do echo "$homes/$u/who"; done) "$homes/$u/rules" "$transport" >"$homes/$u/.config/surat/config"
  : >"$homes/$u/rules"
  HOME=$homes/$u XDG_STATE_HOME= mail-queue add -f $u@ana.test --mx bob@budi.test --spool "$homes/$u/.local/state/surat/queue" <"$T/letter" >/dev/null
  chown -R $u:$u "$homes/$u"
done
chmod 755 "$homes/budi/.local/state/surat/queue" # others may enter
printf '[queue]\nnonsense = 1\n' >"$homes/dewi/.config/surat/config"
printf '[queue]\ntransport = yes xyzzy >&2 & sleep 1; exit 1\n' >"$homes/eka/.config/surat/config"
SECRET=of-root mail-queue run --all-users --transport-timeout 2
echo "code $?"
X
if [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null; then
  export T S transport
  run unshare -m bash "$T/everybody.sh"
  if [ "$code" = 77 ]; then
    skip "--all-users" "no mount"
  else
    H=$T/homes
    for u in ana citra; do
      is "$(cut -d' ' -f2 "$H/$u/rules.sent" 2>&1)" bob@budi.test "--all-users: $u's letter is sent"
      is "$(find "$H/$u" ! -user "$(stat -c %u "$H/$u")" | head -3)" "" "$u: all files are that user's own"
      is "$(grep -cE 'SECRET|XDG|SURAT' "$H/$u/who")" 0 "$u: nothing of root's environment"
      like "$(cat "$H/$u/who")" "^HOME=$H/$u\$" "$u: a HOME of their own"
      like "$(cat "$H/$u/who")" '^not a tty$' "$u: no terminal"
      is "$(tail -1 "$H/$u/who")" 5 "$u: no descriptor of ours (0-2, the lock of its run, the folder)"
    done
    is "$(head -2 "$H/ana/who" | tr '\n' ' ')" "20001 20001 20100 " "the user, with all groups"
    like "$out" '^code (78|75|77)$' "the exit code tells that somebody failed"
    like "$err" '^mail-queue: budi: .*others may enter' "budi's trouble is told, with the name"
    like "$err" '^mail-queue: dewi: .*nonsense' "and dewi's"
    like "$err" '^mail-queue: ana: .x1b.0;evil' "what they write is inert"
    n=$(printf '%s\n' "$err" | grep -c '^mail-queue: eka: ')
    if [ "$n" -ge 2 ] && [ "$n" -le 201 ]; then pass "one who talks without end is cut short"; else fail "one who talks without end is cut short" "$n lines"; fi
    is "$(ls "$H/gone" 2>&1 | grep -c 'No such')" 1 "nothing is made for who has no spool"
  fi
  q run --all-users
  code_is 64 "--all-users and --spool"
else
  skip "--all-users" "not root, or no mount namespace"
fi
done_testing
