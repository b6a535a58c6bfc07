# mail-queue with mail-send and real servers: greylisted, down and up again, refused with a report that reaches the sender.
. "${SURAT_SRC:?}/tests/lib.sh" || exit 99
S=$T/spool
mkdir -p "$XDG_CONFIG_HOME/surat"
cat >"$XDG_CONFIG_HOME/surat/config" <<X
[send]
resolver = $RES4
trust-anchor = $LAB_STATE/dns/anchor.ds
[mx]
resolver = $RES4
trust-anchor = $LAB_STATE/dns/anchor.ds
X
letter() { printf 'From: Alice <alice@dane.test>\nTo: %s\nSubject: %s\nMessage-ID: <%s@dane.test>\nDate: Tue, 24 Nov 2026 09:14:00 +0000\n\nHalo.\n' "$1" "$2" "$RANDOM$RANDOM"; }
q() { run mail-queue "$@" --spool "$S"; }
box() { cat "$LAB_STATE/mail/$1/Maildir"/new/* 2>/dev/null; }
arrived() { # MAILBOX PATTERN: within ten seconds
  for _ in $(seq 100); do box "$1" | grep -q -- "$2" && return 0; sleep 0.1; done
  return 1
}
state() { mail-queue list --json --spool "$S" | python3 -c 'import json,sys; print(" ".join(sorted(r["address"] + "=" + r["status"] for l in sys.stdin for r in json.loads(l)["recipients"])))'; }

# --- greylisted: queued by mail-send, delivered on a later run ---
subject=grey-$RANDOM
letter bob@grey.test $subject >"$T/letter"
run mail-send --mx -f alice@dane.test --queue --spool "$S" bob@grey.test <"$T/letter"
code_is 0 "mail-send --queue: greylisted is queued"
q list
like "$out" 'bob@grey.test	mx.grey.test: .*4\.7\.1.*greylisted' "with the answer"
sleep 3.2
q run -v
code_is 0 "a later run"
like "$out" 'bob@grey.test	sent	mx.grey.test: 250 2\.0\.0' "delivers it"
if arrived bob@grey.test "$subject"; then pass "and it is in the mailbox"; else fail "and it is in the mailbox" "$(ls -R "$LAB_STATE/mail" | head -40)"; fi
q list
is "$out" "" "nothing waits"

# --- greylisted by the queue's own first attempt: it comes back soon ---
letter carol@grey.test soon >"$T/letter"
q add --mx -f alice@dane.test carol@grey.test bob@dane.test <"$T/letter"
q run
is "$(state)" "bob@dane.test=sent carol@grey.test=deferred" "one is sent, one waits"
q list --json
is "$(printf '%s\n' "$out" | python3 -c '
import json, sys, datetime
j = json.loads(sys.stdin.read())
t = lambda s: datetime.datetime.fromisoformat(s.replace("Z", "+00:00")).timestamp()
print(100 <= t(j["next"]) - t(j["arrived"]) <= 150)')" True "in about two minutes"
sleep 3.2
q run --force
is "$(state)" "" "then it is sent too"
arrived carol@grey.test soon && pass "and arrives" || fail "and arrives"

# --- down, then up ---
port=$((20000 + RANDOM % 20000))
letter dan@down.test down-up >"$T/letter"
q add --server "smtp://127.0.0.1:$port" -f alice@dane.test dan@down.test <"$T/letter"
q run -v
like "$out" 'dan@down.test	deferred	.*refused' "a server that is down"
mkdir "$T/sink"
chmod 777 "$T/sink"
smtp-sink -u nobody -h down.test -d "$T/sink/m.%M%S." "127.0.0.1:$port" 100 2>"$T/sink.err" &
sink=$!
at_exit 'kill $sink 2>/dev/null; wait $sink 2>/dev/null'
for _ in $(seq 100); do (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break; sleep 0.05; done
q run
is "$(state)" "dan@down.test=deferred" "not tried again at once"
q run --force -v
like "$out" 'dan@down.test	sent	127.0.0.1: 250' "up again"
is "$(cat "$T/sink"/m* | grep -c '^Subject: down-up')" 1 "it has it, once"

# --- a host that swallows packets costs only its own ---
letter eve@hole.test hole >"$T/letter"
q add --mx=hole.hole.test --timeout 2 -f alice@dane.test eve@hole.test <"$T/letter"
letter bob@dane.test beside >"$T/letter"
q add --mx -f alice@dane.test bob@dane.test <"$T/letter"
q run
is "$(state)" "eve@hole.test=deferred" "the other is through"
arrived bob@dane.test beside && pass "and arrived" || fail "and arrived"
q delete --all

# --- refused: the report reaches the sender and can be read ---
letter x@nullmx.test "Naïve façade" >"$T/letter"
q add --mx -f alice@dane.test x@nullmx.test bob@sts.test <"$T/letter"
q run -v
like "$out" 'x@nullmx.test	refused' "null MX"
like "$out" 'bob@sts.test	sent' "who is elsewhere gets it"
like "$out" 'alice@dane.test	sent	mx.dane.test: 250' "the report goes in the same run"
letter y@elsewhere.test relay >"$T/letter"
q add --server "smtp://$PLAIN4:25" --tls none -f alice@dane.test y@elsewhere.test <"$T/letter"
q run -v
like "$out" 'y@elsewhere.test	refused	[^	]*: 554 5\.7\.1 ' "relaying is refused"
q list
is "$out" "" "nothing waits"
arrived alice@dane.test 'y@elsewhere.test' && pass "the reports are in the sender's mailbox" || fail "the reports are in the sender's mailbox"
cat >"$T/reports.py" <<'X'
import email, email.policy, glob, sys
found = {}
for name in glob.glob(sys.argv[1] + "/new/*"):
    m = email.message_from_binary_file(open(name, "rb"), policy=email.policy.default)
    if m.get_content_type() != "multipart/report":
        continue
    assert m["return-path"] == "<>", m.items()
    human, status, original = m.iter_parts()
    blocks = [dict(b.items()) for b in status.get_payload()]
    for b in blocks[1:]:
        assert b["Action"] == "failed" and b["Status"][0] == "5", b
        found[b["Final-Recipient"].split("; ")[1]] = (b["Status"], str(original.get_content()["subject"]))
        assert b["Final-Recipient"].split("; ")[1] in human.get_content(), human.get_content()
for who in sorted(found):
    print(who, *found[who])
X
is "$(python3 "$T/reports.py" "$LAB_STATE/mail/alice@dane.test/Maildir")" "x@nullmx.test 5.1.10 Naïve façade
y@elsewhere.test 5.7.1 relay" "python's email reads them"
done_testing
