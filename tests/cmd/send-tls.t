# mail-send within TLS: sign-ins that are bound to the connection, round trips, a terminal's progress line.
. "$SURAT_SRC/tests/lib.sh"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 \
  -keyout "$T/key.pem" -out "$T/cert.pem" 2>/dev/null
printf 'From: ana@here.example\nTo: bob@here.example\nSubject: hi\n\nhello\n' >"$T/letter"
printf 'pen cil\n' >"$T/password"
chmod 600 "$T/password"

# --- SCRAM-SHA-256-PLUS, with both bindings ---
bound() { # tls12|tls13 [other]: one session; the server's words in $T/server
  python3 "$SURAT_SRC/tests/tools/scram_server.py" "$1" "$T/cert.pem" "$T/key.pem" ana 'pen cil' "${@:2}" >"$T/server" 2>"$T/server.err" &
  server=$!
  for _ in $(seq 400); do [ -s "$T/server" ] && break; sleep 0.02; done
  run mail-send --server "smtps://ana@localhost:$(head -1 "$T/server")" --ca-file "$T/cert.pem" --tls=verify --password-file "$T/password" \
    --timeout 20 --trace="$T/trace" -f ana@here.example --stop-after=auth bob@here.example </dev/null
  wait "$server"
}
bound tls12
is "$code$err" 0 "TLS 1.2: signed in"
is "$(sed 1d "$T/server")" "bound by tls-server-end-point" "bound to the certificate (RFC 5929)"
bound tls13
is "$code$err" 0 "TLS 1.3: signed in"
is "$(sed 1d "$T/server")" "bound by tls-exporter" "bound to the connection (RFC 9266)"
unlike "$(cat "$T/trace")" 'pen cil|cGVuIGNpbA' "no secret in the trace"
for kind in tls12 tls13; do
  bound $kind other
  code_is 77 "$kind: a server that is bound to another connection: refused"
  one_line "in one line"
done

# --- more recipients than the server takes at once ---
cat >"$T/limit.py" <<'P'
import socket
listener = socket.create_server(('127.0.0.1', 0))
print(listener.getsockname()[1], flush=True)
listener.settimeout(20)
sock = listener.accept()[0]
sock.settimeout(20)
f = sock.makefile('rwb')
said = here = all_of_them = transactions = 0
f.write(b'220 limit\r\n')
f.flush()
while True:
    verb = f.readline()[:4].upper()
    if verb == b'EHLO':
        f.write(b'250-limit\r\n250 PIPELINING\r\n')
    elif verb == b'RCPT':
        said += 1
        here += here < 100
        f.write(b'250 ok\r\n' if here < 100 else b'452 4.5.3 too many\r\n')
    elif verb == b'DATA':
        f.write(b'354 go\r\n')
        f.flush()
        while f.readline() != b'.\r\n':
            pass
        all_of_them, here, transactions = all_of_them + min(here, 99), 0, transactions + 1
        f.write(b'250 ok\r\n')
    elif verb == b'QUIT' or not verb:
        break
    else:
        f.write(b'250 ok\r\n')
    f.flush()
print(all_of_them, transactions, said, flush=True)
P
python3 "$T/limit.py" >"$T/server" 2>"$T/server.err" &
server=$!
for _ in $(seq 400); do [ -s "$T/server" ] && break; sleep 0.02; done
mail-send --server "smtp://127.0.0.1:$(head -1 "$T/server")" -f ana@here.example --report $(printf 'r%s@here.example ' $(seq 2000)) <"$T/letter" >"$T/report" 2>"$T/err"
is "$? $(cut -f2 "$T/report" | sort | uniq -c | tr -s ' ')" "0  2000 sent" "two thousand recipients, of whom the server takes 99 at once"
wait "$server"
is "$(sed 1d "$T/server" | cut -d' ' -f1,2)" "2000 22" "each once, in few transactions"
[ "$(sed 1d "$T/server" | cut -d' ' -f3)" -lt 4000 ] && pass "which it has to say only once" || fail "which it has to say only once" "$(sed 1d "$T/server")"

# --- round trips: a flight is what is written between two answers ---
if command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null; then
  cat >"$T/sink.py" <<'P'
import re, socket, ssl, sys
listener = socket.create_server(('127.0.0.1', 0))
print(listener.getsockname()[1], flush=True)
listener.settimeout(20)
sock = listener.accept()[0]
sock.settimeout(20)
f = sock.makefile('rwb', 0)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(*sys.argv[2:4])
offers_tls = sys.argv[1] == 'starttls'
f.write(b'220 sink\r\n')
while True:
    line = f.readline()
    verb = line[:4].upper()
    if verb == b'EHLO':
        f.write(b'250-sink\r\n' + (b'250-STARTTLS\r\n' if offers_tls else b'') + b'250-PIPELINING\r\n250 CHUNKING\r\n')
    elif verb == b'STAR':
        f.write(b'220 go\r\n')
        offers_tls = False
        f = context.wrap_socket(sock, server_side=True).makefile('rwb')
        f.flush()
        raw, f = f, f
    elif verb == b'BDAT':
        f.read(int(line.split()[1]))
        f.write(b'250 2.0.0 queued as X\r\n')
    elif verb == b'QUIT' or not line:
        f.write(b'221 bye\r\n')
        f.flush()
        break
    else:
        f.write(b'250 ok\r\n')
    f.flush()
P
  flights() { # plain|starttls [options]: how many, and how many writes came behind the last answer
    python3 "$T/sink.py" "$1" "$T/cert.pem" "$T/key.pem" >"$T/server" 2>"$T/server.err" &
    server=$!
    for _ in $(seq 400); do [ -s "$T/server" ] && break; sleep 0.02; done
    code=0
    env -u HOME XDG_CONFIG_HOME="$T" ASAN_OPTIONS=detect_leaks=0 strace -o "$T/strace" -e trace=socket,read,write,poll,sendto,writev,sendfile \
      mail-send --server "smtp://127.0.0.1:$(head -1 "$T/server")" -f ana@here.example "${@:2}" bob@here.example <"$T/letter" || code=$?
    wait "$server"
    python3 - "$T/strace" <<'P'
import re, sys
fd, count, pending, after = None, 0, False, 0
for line in open(sys.argv[1]):
    m = re.match(r'socket\(.*\) = (\d+)', line)
    if m:
        fd = m[1]
    elif fd and re.match(rf'(write|sendto|writev)\({fd},', line):
        pending, after = True, after + 1
    elif fd and re.match(rf'read\({fd},.* = [1-9]', line):
        count, pending, after = count + pending, False, 0
print(count, after)
P
  }
  is "$(flights plain)" "3 0" "three flights for a message"
  is "$(flights starttls --tls=encrypt)" "6 0" "six with STARTTLS, and not a word behind the last answer"
else
  skip "round trips" "strace cannot trace here"
fi

# --- a large message on a terminal ---
cat >"$T/on_terminal.py" <<'P'
import os, pty, sys
pid, master = pty.fork()
if pid == 0:
    os.dup2(os.open(sys.argv[1], os.O_RDONLY), 0)
    os.execvp(sys.argv[2], sys.argv[2:])
seen = b''
while True:
    try:
        more = os.read(master, 4096)
    except OSError:
        break
    if not more:
        break
    seen += more
sys.stdout.write(repr(seen))
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
P
cat >"$T/slow.py" <<'P'
import socket, time
listener = socket.create_server(('127.0.0.1', 0))
listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
print(listener.getsockname()[1], flush=True)
listener.settimeout(20)
sock = listener.accept()[0]
sock.settimeout(20)
f = sock.makefile('rwb', 0)
f.write(b'220 slow\r\n')
f.readline(); f.write(b'250 slow\r\n')
f.readline(); f.write(b'250 ok\r\n')
f.readline(); f.write(b'250 ok\r\n')
f.readline(); f.write(b'354 go\r\n')
seen = b''
while b'\r\n.\r\n' not in seen:
    time.sleep(0.01)
    seen = seen[-5:] + sock.recv(65536)
f.write(b'250 ok\r\n')
f.readline(); f.write(b'221 bye\r\n')
P
{ cat "$T/letter"; head -c 4000000 /dev/zero | tr '\0' 'x' | fold -w 70; echo; } >"$T/large"
python3 "$T/slow.py" >"$T/server" 2>"$T/server.err" &
server=$!
for _ in $(seq 400); do [ -s "$T/server" ] && break; sleep 0.02; done
run python3 "$T/on_terminal.py" "$T/large" mail-send --server "smtp://127.0.0.1:$(cat "$T/server")" -f ana@here.example bob@here.example
wait "$server"
code_is 0 "a large message on a terminal"
like "$out" 'mail-send: [0-9.]+ of 4\.[0-9] MB sent' "shows how far it is"
like "$out" '\\x1b\[K.$' "and nothing in the end"
done_testing
