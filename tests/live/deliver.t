# mail-deliver between real servers: Postfix hands over by LMTP, Dovecot reads what we wrote and we read what Dovecot wrote, swaks and smtp-source as clients; no
# message that was acknowledged is lost when the server is stopped or killed.
. "${SURAT_SRC:?}/tests/lib.sh" || exit 99
cd "$T" || exit 99
# Dovecot's user owns the mail, and the server runs as that user
mkdir -m 755 "$LAB_STATE/bin" && cp "$SURAT_BUILD/mail-deliver" "$LAB_STATE/bin/" || exit 99
as_dovecot() { exec setpriv --reuid=dovecot --regid="$(id -g dovecot)" --clear-groups env HOME="$LAB_STATE" TMPDIR=/tmp "$@"; }
mail=$LAB_STATE/mail
cat >map <<E
alice@lmtp.test maildir:$mail/alice@dane.test/Maildir
bob@lmtp.test   mbox:$mail/bob.mbox
later@lmtp.test |exit 75
E
chmod 755 "$T" && chmod 644 map
serve() { # ARGS...: a server of ours; $! is its process, as all before it execs
  as_dovecot "$LAB_STATE/bin/mail-deliver" -v --map "$T/map" "$@" >>"$T/server.out" 2>>"$T/server.err" &
}
open_at() { for _ in $(seq 200); do (exec 3<>"/dev/tcp/$1/$2") 2>/dev/null && return 0; sleep 0.05; done; return 1; }
files() { find "$1"/new "$1"/cur -type f 2>/dev/null; }
wait_for() { for _ in $(seq 400); do "$@" && return 0; sleep 0.05; done; return 1; }
has() { [ "$(files "$1" | wc -l)" -ge "$2" ]; }
logged() { grep -qE "$1" "$LAB_STATE/log/postfix.log"; }

# --- Postfix hands over by LMTP ---
serve --lmtp --listen "$CLIENT4:2424" --domains lmtp.test
lmtp=$!
at_exit 'kill $lmtp $smtp 2>/dev/null; wait'
open_at "$CLIENT4" 2424 && pass "a server for Postfix" || fail "a server for Postfix" "$(cat server.err)"
python3 - <<'E'
text = {
    "plain": "one line\n",
    "dots": ".\n..\n.x\n\nFrom me\n>From me\n",
    "eight-bit": "naïve façade, 日本語\n",
    "empty": "",
    "no-last-line-end": "the end",
    "long": "x" * 900 + "\n" + "y" * 76 + "\n",
    "large": "".join("line %d of a large message\n" % i for i in range(40000)),
}
for name, body in text.items():
    open("m." + name, "w").write("From: ana@plain.test\nTo: alice@lmtp.test\nSubject: %s\nMessage-ID: <%s@plain.test>\nMIME-Version: 1.0\n"
                                 "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n%s" % (name, name, body))
E
send() { run swaks --server "$DANE4" --from ana@plain.test --silent 3 "$@"; }
n=0
for m in m.*; do
  send --to alice@lmtp.test,bob@lmtp.test --data "@$m"
  code_is 0 "Postfix takes $m"
  n=$((n + 1))
done
md=$mail/alice@dane.test/Maildir
wait_for has "$md" $n && pass "all $n arrive" || fail "all $n arrive" "$(tail -5 "$LAB_STATE/log/postfix.log" server.err)"
in_mbox() { [ "$(grep -c '^From ' "$mail/bob.mbox")" -ge "$1" ]; }
wait_for in_mbox $n && pass "in the mbox too" || fail "in the mbox too" "$(tail -5 server.err)"
like "$(cat "$(grep -l 'Subject: plain' -r "$md/new" | head -1)" | tr '\n' ' ' | tr '\t' ' ')" \
  "^Return-Path: <ana@plain.test> Delivered-To: alice@lmtp.test Received: from mx.dane.test \(\[$DANE4\]\)  by [^ ]+ with LMTP id [a-z0-9]+  for <alice@lmtp.test>; .* Received: from .* by mx.dane.test \(Postfix\)" \
  "the last hop's fields stand above Postfix's"
send --to nobody@lmtp.test --data @m.plain
wait_for logged 'to=<nobody@lmtp.test>.*dsn=5.1.1.*status=bounced' && pass "an unknown user bounces" || fail "an unknown user bounces" "$(grep nobody "$LAB_STATE/log/postfix.log")"
send --to later@lmtp.test --data @m.plain
wait_for logged 'to=<later@lmtp.test>.*dsn=4.3.0.*status=deferred' && pass "a command that fails for now: deferred" || fail "a command that fails for now: deferred" "$(grep later "$LAB_STATE/log/postfix.log")"

# --- Dovecot reads it ---
cat >imap.py <<'E'
import imaplib, os, ssl, sys
context = ssl.create_default_context()
context.check_hostname = False
context.verify_mode = ssl.CERT_NONE
c = imaplib.IMAP4_SSL(os.environ["IMAP4"], 993, ssl_context=context)
c.login("alice@dane.test", "secret-alice")
c.select("INBOX")
# the sizes come from the names, before any file is opened
sizes = {}
for line in c.fetch("1:*", "(UID RFC822.SIZE)")[1]:
    words = line.decode().replace("(", " ").replace(")", " ").split()
    sizes[words[words.index("UID") + 1]] = int(words[words.index("RFC822.SIZE") + 1])
wrong = 0
for uid, size in sizes.items():
    body = c.uid("fetch", uid, "(BODY.PEEK[])")[1][0][1]
    wrong += len(body) != size
print(len(sizes), "messages,", wrong, "with another size than their name says")
for uid in c.uid("search", "SUBJECT", "dots")[1][0].split():
    c.uid("store", uid, "+FLAGS", r"(\Seen \Flagged $Later)")
c.append("INBOX", r"(\Seen \Draft)", None, b"From: ana@plain.test\r\nSubject: appended by Dovecot\r\n\r\nan appended text\r\n")
c.logout()
E
run python3 imap.py
is "$out" "$n messages, 0 with another size than their name says" "Dovecot trusts our sizes, and is right to"
unlike "$(cat "$LAB_STATE/log/dovecot.log")" '[Ww]rong (S|W)|size (smaller|larger)|[Cc]orrupted|[Bb]roken|[Pp]anic' "and finds nothing to mend"

# --- we read what Dovecot wrote ---
cp -r "$md" here && chown -R "$(id -u)" here
run mail-read count here
is "$out" $((n + 1)) "we see all of its Maildir"
run mail-read list --json here
like "$out" '"subject": ?"appended by Dovecot"' "what it appended"
like "$(printf '%s\n' "$out" | grep 'dots')" '"seen".*|"flags".*seen' "the flags it set"
run mail-read raw "$(mail-read search subject:appended here)"
like "$out" '^an appended text$' "and read it"
dots=$(grep -l '^Subject: dots' -r here/cur)
run mail-read flag --add replied "$dots"
like "$(basename here/cur/*"$(basename "${dots%%,*}")"*)" ':2,FRS[a-z]$' "its keywords survive our flags"
for user in bob; do
  run swaks --server "$DANE4" --from ana@plain.test --to bob@dane.test --silent 3 --data @m.eight-bit
  wait_for has "$mail/bob@dane.test/Maildir" 1
  cp -r "$mail/bob@dane.test/Maildir" dovecot && chown -R "$(id -u)" dovecot
  run mail-read list --json dovecot
  like "$out" '"subject": ?"eight-bit"' "a Maildir that Dovecot's LMTP wrote"
done

# --- swaks, smtp-source ---
printf 'u@smtp.test maildir:%s/smtp\n' "$mail" >map
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$LAB_STATE/key.pem" -out "$LAB_STATE/cert.pem" -days 2 -subj /CN=mx.smtp.test \
  -addext subjectAltName=DNS:mx.smtp.test 2>/dev/null
chown dovecot "$LAB_STATE/key.pem"
serve --smtp --listen "$CLIENT4:2525" --cert "$LAB_STATE/cert.pem" --key "$LAB_STATE/key.pem"
smtp=$!
open_at "$CLIENT4" 2525 || fail "a server for swaks"
run python3 - <<'E'
import os, smtplib, ssl
c = smtplib.SMTP(os.environ["CLIENT4"], 2525)
context = ssl.create_default_context(cafile=os.environ["LAB_STATE"] + "/cert.pem")
c._host = "mx.smtp.test"
c.starttls(context=context)
c.sendmail("ana@plain.test", "u@smtp.test", open("m.eight-bit", "rb").read())
c.quit()
E
code_is 0 "a client with TLS, which checks our certificate"
like "$(cat "$mail"/smtp/new/*)" 'with ESMTPS id' "stored as such"
run swaks --server "$CLIENT4:2525" --from ana@plain.test --to u@other.test --silent 2
code_is 24 "swaks: no relay"
run smtp-source -c -s 10 -m 200 -l 5000 -f ana@plain.test -t u@smtp.test "$CLIENT4:2525"
code_is 0 "200 messages from smtp-source, ten at once"
is "$(files "$mail/smtp" | wc -l)" 201 "all are there"
is "$(find "$mail/smtp/tmp" -type f | wc -l)" 0 "nothing in tmp"

# --- stopped and killed: what was acknowledged is there, each once ---
cat >hammer.py <<'E'
import os, re, signal, smtplib, subprocess, sys, threading, time
server, host, port, folder = sys.argv[1:5]
acked, tried, lock = set(), [0], threading.Lock()
stop = time.time() + 8
def client(k):
    n = 0
    while time.time() < stop:
        try:
            c = smtplib.SMTP(host, int(port), timeout=20)
            while time.time() < stop:
                n += 1
                name = "%d-%d" % (k, n)
                c.sendmail("ana@plain.test", ["u@smtp.test"], "Subject: hammer %s\r\n\r\n%s\r\nend %s\r\n" % (name, "x" * 70 + "\r\n" * (n % 500), name))
                with lock:
                    acked.add(name)
        except (smtplib.SMTPException, OSError):
            time.sleep(0.02)
threads = [threading.Thread(target=client, args=(k,)) for k in range(6)]
for t in threads:
    t.start()
def children(pid):
    return [int(x) for x in subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True).stdout.split()]
turn = 0
while time.time() < stop:
    time.sleep(0.4)
    turn += 1
    for child in children(int(server))[:3]:
        try:
            os.kill(child, signal.SIGKILL if turn % 2 else signal.SIGTERM)
        except ProcessLookupError:
            pass
for t in threads:
    t.join()
stored = {}
for sub in "new", "cur":
    for f in os.scandir(os.path.join(folder, sub)):
        text = open(f.path, "rb").read().decode()
        m = re.search(r"^Subject: hammer (\S+)$", text, re.M)
        if m:
            stored.setdefault(m.group(1), []).append(text.endswith("end %s\n" % m.group(1)))
print("acknowledged and not there:", len([x for x in acked if x not in stored]))
print("not whole:", len([x for x, w in stored.items() if not all(w)]))
print("twice:", len([x for x, w in stored.items() if len(w) > 1]))
print("acknowledged: many" if len(acked) > 50 else "acknowledged: %d" % len(acked))
E
run python3 hammer.py "$smtp" "$CLIENT4" 2525 "$mail/smtp"
is "$out" "acknowledged and not there: 0
not whole: 0
twice: 0
acknowledged: many" "sessions stopped and killed all the time"
kill -TERM $smtp
code=0
wait $smtp || code=$?
is "$code" 0 "the server ends in order"
is "$(pgrep -u dovecot -f bin/mail-deliver.*2525 | wc -l)" 0 "and so have all its sessions"
unlike "$(cat server.err)" 'ERROR: |runtime error' "no finding of the sanitizers"
done_testing
