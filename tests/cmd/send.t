# mail-send as a program: what is refused before anybody is connected to, which way is taken, what is kept, streams, batches, sendmail's names.
. "$SURAT_SRC/tests/lib.sh"
. "$SURAT_SRC/tests/tools/dovecot.sh" # free ports
free_port() { dovecot_free_ports 1; }
port=$(free_port) closed=$(free_port)
mail-deliver --smtp --listen "127.0.0.1:$port" --domains here.example "maildir:$T/md" 2>"$T/server.err" &
server=$!
at_exit 'kill $server 2>/dev/null; wait $server'
for _ in $(seq 200); do (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break; sleep 0.02; done
arrived() { find "$T/md/new" -type f 2>/dev/null | wc -l; }
newest() { find "$T/md/new" -type f -printf '%T@ %p\n' | sort -n | tail -1 | cut -d' ' -f2-; }
printf 'From: ana@here.example\nTo: bob@here.example\nBcc: secret@here.example\nSubject: hi\n\nhello\n' >"$T/letter"
up=smtp://127.0.0.1:$port down=smtp://127.0.0.1:$closed
send() { run mail-send -f ana@here.example "$@" <"$T/letter"; }
piped() { code=0; cat "$T/letter" | mail-send -f ana@here.example "$@" >"$T/.out" 2>"$T/.err" || code=$?; out=$(cat "$T/.out") err=$(cat "$T/.err"); }
config() { mkdir -p "$XDG_CONFIG_HOME/surat"; cat >"$XDG_CONFIG_HOME/surat/config"; }

# --- usage ---
send
code_is 64 "no recipients"
one_line "one line"
send -t bob@here.example
code_is 64 "recipients and -t"
send --server "$up" --mx bob@here.example
code_is 64 "a server and --mx"
send --server "ftp://x" bob@here.example
code_is 64 "no mail server's address"
send --server "smtp://ana:password@x" bob@here.example
code_is 64 "a password in it"
unlike "$err" 'password@' "which is not repeated"
send --server "$up" --tls=fingerprint bob@here.example
code_is 64 "tls=fingerprint without one"
send --server "$up" --dsn-notify=never,delay bob@here.example
code_is 64 "never with something else"
send --server "$up" --hold-until=yesterday bob@here.example
code_is 64 "a time that is over"
send --server "$up" --deliver-by=soon bob@here.example
code_is 64 "no number of seconds"
send --server "$up" --priority=10 bob@here.example
code_is 64 "priority 10"
send -bs --server "$up" bob@here.example
code_is 64 "-bs under its own name"
send --server "$up" bob
code_is 65 "a recipient without a domain"
run mail-send --server "$up" bob@here.example <"$T/letter"
code_is 78 "no sender"
send bob@here.example
code_is 78 "no way"
one_line "one line"
is "$(arrived)" 0 "nothing was sent by any of these"

# --- sending ---
send --server "$up" bob@here.example
code_is 0 "one recipient"
is "$out$err" "" "silently"
is "$(arrived)" 1 "it is there"
unlike "$(cat "$(newest)")" 'secret@' "without its Bcc"
send --server "$up" -t
code_is 0 "-t"
is "$(arrived)" 3 "bob and the Bcc"
like "$(cat "$(newest)")" '^To: bob@here.example' "with its To"
send --server "$up" -i -oi -oem -bm -F 'Ana A' bob@here.example
code_is 0 "sendmail's harmless letters"
send --server "$up" -v bob@here.example
like "$err" "^mail-send: 127.0.0.1:$port: <bob@here.example>: end of message: 250 " "-v says who took it"
send --server "$up" --report bob@here.example eve@elsewhere.example
code_is 69 "one of two is refused"
is "$(cut -f1-3 <<<"$out")" "bob@here.example	sent	250
eve@elsewhere.example	refused	550" "a line each"
like "$err" 'RCPT TO <eve@elsewhere.example>: 550 5' "and why"
run mail-send --server "$up" -f '<>' bob@here.example <"$T/letter"
code_is 0 "the null sender"
like "$(cat "$(newest)")" '^Return-Path: <>' "is none"
run mail-send --server "$up" -f 'Ana <ana@here.example>' 'Bob <bob@here.example>' <"$T/letter"
code_is 0 "names are fine"

# --- a large file that needs no change goes out as it lies ---
{ printf 'Subject: large\r\nBcc: secret@here.example\r\nTo: bob@here.example\r\n\r\n'; for _ in $(seq 40000); do printf 'a line of a large message that ends in CRLF\r\n'; done; } >"$T/large"
run mail-send -f ana@here.example --server "$up" bob@here.example <"$T/large"
code_is 0 "a large file with CRLF"
is "$(tr -d '\r' <"$(newest)" | sed '1,/^$/d' | sha256sum)" "$(tr -d '\r' <"$T/large" | sed '1,/^$/d' | sha256sum)" "is there to the octet"
unlike "$(head -20 "$(newest)")" 'secret@' "without its Bcc"

mail-send -f ana@here.example --server "$up" --json bob@here.example eve@elsewhere.example <"$T/letter" >"$T/json" 2>/dev/null
run python3 "$SURAT_SRC/tests/tools/schema.py" "$SURAT_SRC/cmd/mail-send/mail-send.json" <"$T/json"
code_is 0 "the report fits its schema"
like "$(head -1 "$T/json")" '"times":\{"connect":[0-9]+,"greeting":[0-9]+,"ehlo":[0-9]+,"transaction":[0-9]+\}' "with what each stage took"

# --- which way ---
SURAT_SERVER=$up send bob@here.example
code_is 0 "\$SURAT_SERVER"
config <<X
default-account = work
[account work]
from = Ana <ana@here.example>
server = $up
[account down]
from = down@here.example
server = $down
[account mx]
from = mx@here.example
mx =
X
run mail-send bob@here.example <"$T/letter"
code_is 0 "the default account"
like "$(cat "$(newest)")" '^Return-Path: <ana@here.example>' "and its sender"
SURAT_SERVER=$down run mail-send bob@here.example <"$T/letter"
code_is 0 "the account comes before \$SURAT_SERVER"
run mail-send -A down --no-keep bob@here.example <"$T/letter"
code_is 75 "-A"
run mail-send -f down@here.example --no-keep bob@here.example <"$T/letter"
code_is 75 "the account of the sender"
run mail-send -f down@here.example --server "$up" bob@here.example <"$T/letter"
code_is 0 "the command line comes first"
run mail-send -A work --plan --json bob@here.example </dev/null
is "$out" "{\"host\":\"127.0.0.1\",\"port\":$port,\"tls\":\"may\"}" "--plan: a server"
printf 'here.example. MX 10 mx.here.example.\nmx.here.example. A 127.0.0.1\nnull.example. MX 0 .\n' >"$T/zone"
run mail-send -A mx --dns-data "$T/zone" --smtp-port "$port" --plan bob@here.example x@null.example x@none.example </dev/null
code_is 69 "--plan: by MX"
is "$(cut -f1-5 <<<"$out" | head -1)" "here.example	10	mx.here.example	$port	127.0.0.1" "a host"
like "$out" '^null.example	.*null MX' "a null MX"
run mail-send -A mx --dns-data "$T/zone" --smtp-port "$port" bob@here.example <"$T/letter"
code_is 0 "mx = in the configuration"
run mail-send -A mx --dns-data "$T/zone" --smtp-port "$port" --json x@null.example <"$T/letter"
code_is 69 "a null MX"
like "$out" '"status":"refused","enhanced":"5.1.10"' "5.1.10"
run mail-send -A mx --dns-data "$T/zone" x@none.example <"$T/letter"
code_is 68 "no such domain"
run mail-send -f ana@here.example --mx --require-tls --dns-data "$T/zone" --smtp-port "$port" --json bob@here.example <"$T/letter"
code_is 69 "REQUIRETLS by MX where nothing says whose server it is"
like "$out" '"status":"refused","enhanced":"5.7.10","text":".*REQUIRETLS' "is refused, and nobody is connected to"
unlike "$out" '"ip"' "at all"
run mail-send --mx=mx.here.example --dns-data "$T/zone" --smtp-port "$port" bob@here.example <"$T/letter"
code_is 0 "--mx=HOST"
run mail-send --mx --dns-data "$T/zone" --smtp-port "$port" 'bob@[127.0.0.1]' --report <"$T/letter"
like "$out" 'bob@\[127.0.0.1\]	refused	550.*	\[?127.0.0.1' "an address literal is connected to"
run mail-send -A nobody bob@here.example <"$T/letter"
code_is 78 "an account that is not there"
rm "$XDG_CONFIG_HOME/surat/config"

# --- reports about TLS (RFC 8460) ---
printf 'here.example. MX 10 mx.here.example.\nmx.here.example. A 127.0.0.1\n_smtp._tls.here.example. TXT "v=TLSRPTv1; rua=mailto:tls@here.example,https://here.example/r"\nquiet.example. MX 10 mx.here.example.\n' >"$T/zone"
for _ in 1 2; do mail-send -f ana@here.example --now 2026-11-25T12:00:00Z --mx --dns-data "$T/zone" --smtp-port "$port" bob@here.example <"$T/letter" || fail "by MX" "$?"; done
run mail-send --now 2026-11-26T03:00:00Z --dns-data "$T/zone" -f tls@z.example --tlsrpt here.example
is "$code$err" 0 "--tlsrpt: yesterday's report"
printf '%s\n' "$out" >"$T/report"
like "$(python3 - "$T/report" <<'X'
import email, email.policy, gzip, json, sys
m = email.message_from_binary_file(open(sys.argv[1], 'rb'), policy=email.policy.default)
part = list(m.iter_parts())[1]
o = json.loads(gzip.decompress(part.get_content()))
p = o['policies'][0]
print(m['to'], m['tls-report-domain'], m['tls-report-submitter'], m.get_content_type(), m.get_param('report-type'), part.get_content_type(),
      part.get_filename(), o['date-range']['start-datetime'], p['policy']['policy-type'], p['summary']['total-failure-session-count'],
      p['failure-details'][0]['result-type'], p['failure-details'][0]['receiving-ip'])
X
)" '^tls@here.example here.example z.example multipart/report tlsrpt application/tlsrpt\+gzip z.example!here.example!1795564800!1795651199.json.gz 2026-11-25T00:00:00Z no-policy-found 2 starttls-not-supported 127.0.0.1$' "as RFC 8460 wants it"
run mail-send -f ana@here.example --server "$up" -t <"$T/report"
code_is 0 "and it can be sent"
run mail-send --now 2026-11-25T23:00:00Z --dns-data "$T/zone" -f tls@z.example --tlsrpt here.example
is "$code$out" 1 "no report of a day without mail"
run mail-send --now 2026-11-26T03:00:00Z --dns-data "$T/zone" -f tls@z.example --tlsrpt quiet.example
is "$code$out" 1 "nor where nobody wants one"
one_line "which is said"
run mail-send --tlsrpt here.example bob@here.example
code_is 64 "--tlsrpt takes no recipients"

# --- what is kept ---
spool=$XDG_STATE_HOME/surat/queue
send --server "$down" bob@here.example
code_is 75 "a server that is down"
one_line "one line"
[ -e "$spool" ] && fail "a file is still with its owner" || pass "a file is still with its owner"
piped --server "$down" --no-keep bob@here.example
code_is 75 "--no-keep"
[ -e "$spool" ] && fail "keeps nothing" || pass "keeps nothing"
piped --server "$down" bob@here.example
code_is 75 "from a pipe"
like "$err" 'is kept in the spool, held' "it is kept, and said"
like "$(mail-queue list --held --json)" '"bob@here.example"' "and held"
piped --server "$down" --queue bob@here.example carl@here.example
code_is 0 "--queue"
like "$err" 'Connection refused \(2 recipients\) \(queued as [A-Z0-9]+\)' "what waits is said"
run mail-queue list --json
is "$(grep -c '"carl@here.example"' <<<"$out")" 1 "both are in the spool"
like "$(mail-queue list --json | grep carl)" 'Connection refused' "with the answer"
send --server "$up" --queue=always --spool "$T/spool" bob@here.example
code_is 0 "--queue=always"
before=$(arrived)
is "$(mail-queue list --spool "$T/spool" | wc -l)" 1 "is in the spool, without a try"
run mail-queue run --spool "$T/spool" --force
is "$code $(($(arrived) - before))" "0 1" "mail-queue run sends it"
send --server "$up" --queue --hold-until=1h --spool "$T/spool" bob@here.example
is "$code $(mail-queue list --spool "$T/spool" | wc -l)" "0 1" "--hold-until waits in the spool"
mkdir "$T/bad"; chmod 755 "$T/bad"
send --server "$down" --queue --spool "$T/bad" bob@here.example
isnt "$code" 0 "a spool others may enter: not queued"
like "$err" 'spool' "and said"
run mail-send -f ana@here.example --server "$down" --queue --json bob@here.example <"$T/letter"
like "$out" '"status":"queued".*"queue_id":"[A-Z0-9]+"' "the report says under which name"

# --- streams ---
before=$(arrived)
printf 'From x Thu Jan  1 00:00:00 1970\nSubject: one\n\n>From here\n\nFrom x Thu Jan  1 00:00:00 1970\nSubject: two\n\ntwo\n\n' >"$T/mbox"
run mail-send -f ana@here.example --server "$up" --mbox --json bob@here.example <"$T/mbox"
is "$code $(($(arrived) - before))" "0 2" "--mbox: two messages"
like "$out" '"index":1' "numbered"
like "$out" '"index":2' "both"
printf 'From x Thu Jan  1 00:00:00 1970\nSubject: one\n\none\n\nFrom x Thu Jan  1 00:00:00 1970\nno header\n\nFrom x Thu Jan  1 00:00:00 1970\nSubject: three\n\nthree\n\n' >"$T/mbox"
before=$(arrived)
run mail-send -f ana@here.example --server "$up" --mbox bob@here.example <"$T/mbox"
is "$code $(($(arrived) - before))" "65 2" "a bad one is passed over"
like "$err" 'message 2: ' "and named"
printf 'From x Thu Jan  1 00:00:00 1970\nSubject: one\n\none\n\nFrom x Thu Jan  1 00:00:00 1970\nSubject: two\n\ncut' >"$T/mbox"
before=$(arrived)
run mail-send -f ana@here.example --server "$up" --mbox bob@here.example <"$T/mbox"
is "$code $(($(arrived) - before))" "65 1" "a stream that was cut: its last message is refused"

# --- batches ---
job() { # ID RECIPIENT [MORE]
  printf '{"v":1,"id":"%s","path":"%s","offset":0,"size":%s,"sender":"ana@here.example","recipients":[{"address":"%s"}]%s}\n' "$1" "$T/plain" "$(wc -c <"$T/plain")" "$2" "${3:-}"
}
printf 'Subject: batch\n\nbatch\n' >"$T/plain"
before=$(arrived)
{ job A bob@here.example ",\"server\":\"$up\""; job B eve@elsewhere.example ",\"server\":\"$up\""; echo nonsense; job C bob@here.example ",\"server\":\"$down\""; job D bob@here.example ",\"server\":\"$up\""; } |
  mail-send --batch >"$T/out" 2>"$T/err"
is "$?" 65 "a batch with a line that is no job"
is "$(($(arrived) - before))" 2 "two are there"
is "$(python3 -c 'import json, sys
for line in open(sys.argv[1]):
    o = json.loads(line)
    print(o["id"], o["status"], o.get("code", ""))' "$T/out" | sed 's/ $//')" "A sending
A sent 250
A done
B sending
B refused 550
B done
C deferred
C done
D sending
D sent 250
D done" "each said in its order"
is "$(grep -c . "$T/err")" 1 "what is no job is said"
run python3 "$SURAT_SRC/tests/tools/schema.py" "$SURAT_SRC/cmd/mail-send/mail-send.json" <"$T/out"
code_is 0 "its answers fit their schema"
job E bob@here.example ",\"server\":\"$up\",\"options\":{\"helo\":\"options.example\"}" | mail-send --batch --trace="$T/trace" >/dev/null
like "$(cat "$T/trace")" '^-> EHLO options.example' "a job's further options"
job F bob@here.example ",\"server\":\"nonsense://\"" | mail-send --batch >"$T/out"
like "$(cat "$T/out")" '"id":"F","address":"bob@here.example","status":"deferred"' "a way that cannot be taken: deferred"
printf '{"v":1,"id":"G","path":"%s","offset":0,"size":5,"sender":"","recipients":[{"address":"bob@here.example"}],"server":"%s"}\n' "$T/none" "$up" | mail-send --batch >"$T/out"
like "$(cat "$T/out")" '"id":"G",.*"status":"deferred"' "a file that is not there: deferred"

# --- secrets ---
cat >"$T/login.py" <<'P'
import socket, sys
s = socket.socket()
s.bind(('127.0.0.1', 0))
s.listen()
print(s.getsockname()[1], flush=True)
c, _ = s.accept()
f = c.makefile('rwb')
def say(t): f.write(t + b'\r\n'); f.flush()
say(b'220 x')
for line in f:
    w = line.split()[0].upper()
    if w == b'EHLO': say(b'250-x\r\n250 AUTH PLAIN')
    elif w == b'AUTH': say(b'535 5.7.8 no'); print(line.decode().strip(), flush=True)
    elif w == b'QUIT': say(b'221 bye'); break
    else: say(b'250 ok')
P
mkfifo "$T/fifo"
python3 "$T/login.py" >"$T/fifo" &
{ read -r login; run mail-send -f ana@here.example --server "smtp://ana@127.0.0.1:$login" --password-command 'echo hush; env >env' --trace="$T/secret" bob@here.example <"$T/letter"; read -r said; } <"$T/fifo"
wait $!
code_is 77 "a wrong password"
one_line "in one line"
is "$said" "AUTH PLAIN $(printf '\0ana\0hush' | base64)" "the command's first line is the password"
unlike "$err$(cat "$T/secret")" 'hush|aHVza|AGFuYQ' "no secret is shown"
rm -f env

send --server "smtp://ana@127.0.0.1:$port" --password-command false --queue --spool "$T/later" bob@here.example
code_is 0 "no password to be had: queued"
like "$err" 'password-command.*queued as' "and said"
is "$(mail-queue list --spool "$T/later" | wc -l)" 1 "it waits"
send --server "smtp://ana@127.0.0.1:$port" --password-command false bob@here.example
code_is 77 "without --queue: 77"
one_line "in one line"

# --- sendmail ---
mkdir "$T/bin"
for name in sendmail mailq newaliases; do ln -s "$SURAT_BUILD/mail-send" "$T/bin/$name"; done
for p in mail-queue mail-mx; do ln -s "$SURAT_BUILD/$p" "$T/bin/$p"; done
export SURAT_SERVER=$up
printf 'To: bob@here.example\nSubject: cron\n\nout\n.\nmore\n' >"$T/cron"
before=$(arrived)
run "$T/bin/sendmail" -t -i -f ana@here.example <"$T/cron"
code_is 0 "sendmail -t -i -f"
is "$(($(arrived) - before))" 1 "it is there"
m=$(cat "$(newest)")
like "$m" '^From: .*<ana@here.example>' "with a From"
like "$m" '^Date: ' "a Date"
like "$m" '^Message-ID: <.*@.*>' "and a Message-ID"
like "$m" '^more$' "a dot does not end it"
run "$T/bin/sendmail" -FCronDaemon -odi -oem -oi -fana@here.example -t <"$T/cron"
like "$(cat "$(newest)")" '^From: CronDaemon <ana@here.example>' "cron's way"
run "$T/bin/sendmail" -oi -f ana@here.example -- bob@here.example <"$T/cron"
code_is 0 "mailx's way"
printf '%s\n' 'default-account = evil' '[account evil]' 'from = ana@here.example' "server = smtp://ana@127.0.0.1:9" "password-command = touch $T/ran" >"$T/evil"
for way in "-- bob@here.example --config=$T/evil" "bob@here.example --config=$T/evil" "-- --config=$T/evil"; do
	# shellcheck disable=SC2086
	run "$T/bin/sendmail" -oi -f ana@here.example $way <"$T/cron"
	like "$err" 'RCPT TO <--config=' "a recipient that looks like one of our options is a recipient: $way"
done
is "$(ls "$T/ran" 2>&1 | grep -c cannot)" 1 "and no command was run by it"
before=$(arrived)
run "$T/bin/sendmail" -t -f ana@here.example carl@here.example <"$T/cron"
is "$(($(arrived) - before))" 2 "-t adds to the recipients given"
EMAIL=ana@here.example run "$T/bin/sendmail" bob@here.example <"$T/cron"
code_is 0 "without -f"
run "$T/bin/sendmail" bob@here.example <"$T/cron"
code_is 0 "without anything: the user at this machine"
printf '# who is who\nroot: ana,\n\tbob\nana: ana@here.example, |/bin/false, /var/mail/x\nloop: LOOP2\nloop2: loop\nbob: bob@here.example, root2\nself: self\n' >"$T/aliases"
before=$(arrived)
run "$T/bin/sendmail" --aliases="$T/aliases" -f ana@here.example root <"$T/cron"
is "$code $(($(arrived) - before))" "69 2" "root's mail goes where the aliases say"
like "$err" 'RCPT TO <root2@' "a name that is not there is a user of this machine"
printf 'To: Ana\nSubject: x\n\nx\n' >"$T/to-local"
run "$T/bin/sendmail" --aliases="$T/aliases" -f ana@here.example -t <"$T/to-local"
is "$code $(($(arrived) - before))" "0 3" "in a header too"
run "$T/bin/sendmail" --aliases="$T/aliases" -f ana@here.example loop <"$T/cron"
code_is 78 "an alias of itself"
one_line "is said"
run mail-send --aliases="$T/aliases" -f ana@here.example ana <"$T/cron"
code_is 0 "mail-send --aliases"
run mail-send --aliases="$T/none" -f ana@here.example ana <"$T/cron"
code_is 66 "a file that is not there"
SURAT_SERVER=$down run "$T/bin/sendmail" -f ana@here.example dora@here.example <"$T/cron"
code_is 0 "a server that is down: queued"
run "$T/bin/mailq"
like "$out" 'dora@here.example' "mailq shows it"
run "$T/bin/sendmail" -bp
like "$out" 'dora@here.example' "so does sendmail -bp"
run "$T/bin/newaliases"
is "$code$out$err" 0 "newaliases has nothing to do"
before=$(arrived)
printf 'EHLO me\r\nMAIL FROM:<ana@here.example>\r\nRCPT TO:<bob@here.example>\r\nDATA\r\nSubject: spoken\r\n\r\n..\r\nx\r\n.\r\nMAIL FROM:<ana@here.example>\r\nRCPT TO:<bob@here.example>\r\nDATA\r\nno header\r\n.\r\nQUIT\r\n' >"$T/spoken"
run "$T/bin/sendmail" -bs <"$T/spoken"
is "$code $(($(arrived) - before))" "0 1" "sendmail -bs: one is sent"
like "$out" '^250 2.0.0 queued as [A-Z0-9]+' "after it was queued"
like "$out" '^5[0-9]* 5.6.0 ' "what is no message is refused"
like "$(cat "$(newest)")" '^Message-ID: ' "a Message-ID is added"
like "$(cat "$(newest)")" '^\.$' "a dot is a dot"
run "$T/bin/sendmail" -bz
code_is 64 "an unknown mode"
unset SURAT_SERVER
# --- signed by configuration ---
mail-sign --dkim-keygen ed25519 --dkim here.example --selector s1 --dkim-key "$T/dkim.pem" >"$T/zone"
printf '[account signs]\nfrom = ana@here.example\ndkim = here.example\nselector = s1\ndkim-key = %s\n' "$T/dkim.pem" | config
send -A signs --server "$up" bob@here.example
code_is 0 "an account that signs"
run mail-verify --dkim --dns-data "$T/zone" "$(newest)"
is "$out" "dkim	pass	here.example	s1	" "what arrives is signed"
unlike "$(cat "$(newest)")" 'secret@' "and Bcc is gone"
mail-sign --dkim here.example --selector s1 --dkim-key "$T/dkim.pem" <"$T/letter" >"$T/signed"
run mail-send -A signs -f ana@here.example --server "$up" bob@here.example <"$T/signed"
is "$(grep -c '^DKIM-Signature' "$(newest)")" 1 "what is signed already is left alone"
send -A signs --server "$down" --queue --spool "$T/signed-spool" bob@here.example
code_is 0 "what goes to the spool"
mail-queue show --raw --spool "$T/signed-spool" "$(mail-queue list --json --spool "$T/signed-spool" | sed 's/.*"id":"\([^"]*\).*/\1/')" >"$T/spooled"
is "$(mail-verify --dkim --dns-data "$T/zone" "$T/spooled")" "dkim	pass	here.example	s1	" "is signed too"
printf '[account signs]\nfrom = ana@here.example\ndkim = here.example\n' | config
send -A signs --server "$up" bob@here.example
code_is 78 "half of what is needed"
printf '[account signs]\nfrom = ana@here.example\ndkim = here.example\nselector = s1\ndkim-key = %s\n' "$T/not-there.pem" | config
send -A signs --server "$up" bob@here.example
code_is 78 "a key that is not there is a fault of the configuration"
is "$err" "mail-send: --dkim-key: $T/not-there.pem: No such file or directory" "which is named"
rm "$XDG_CONFIG_HOME/surat/config"

done_testing
