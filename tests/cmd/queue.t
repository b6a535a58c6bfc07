# mail-queue: accepting, trying, settling, telling.
. "$SURAT_SRC/tests/lib.sh"
. "$SURAT_SRC/tests/cmd/queue.sh"

# --- no folder at all ---
for c in list stats check run 'hold --all'; do
  run mail-queue $c --spool "$T/letter"
  is "$code $err" "66 mail-queue: $T/letter: Not a directory" "$c: a file is no spool"
done

# --- nothing there yet ---
for c in list stats check run; do
  q $c
  code_is 0 "$c: no spool is an empty one"
  is "$out$err" "" "and says nothing"
done
[ ! -e "$S" ] && pass "and none was made" || fail "and none was made"

# --- add ---
add bob@budi.test carol@budi.test
code_is 0 "add"
like "$out" '^[0-9A-HJKMNP-TV-Z]{6,15}$' "prints the ID"
is "$(files)" "ID.NEXT" "one file"
is "$(stat -c %a "$S")" 700 "the folder is ours alone"
is "$(stat -c %a "$S"/*)" 600 "and so is the file"
is "$(sed '1,/^$/d' "$S"/*)" "$(cat "$T/letter")" "the message is behind the envelope"
q add -f ana@ana.test --mx <"$T/letter"
code_is 64 "no recipient"
one_line "in one line"
q add -f ana@ana.test --mx -t bob@budi.test <"$T/letter"
code_is 64 "recipients and -t"
q add -f ana@ana.test --mx $'bob@budi.test\nrecipient eve@x.test' <"$T/letter"
code_is 65 "a newline in an address"
one_line "in one line"
q add -f ana@ana.test --mx bob@budi.test </dev/null
code_is 65 "no message"
q add -f ana@ana.test bob@budi.test --server ftp://x.test <"$T/letter"
isnt "$code" 0 "a server that is none"
printf 'From: ana@ana.test\r\nTo: bob@budi.test\r\nBcc: eve@budi.test\r\nSubject: x\r\n\r\nHalo.\r\n' >"$T/crlf"
q add -f ana@ana.test --mx -t <"$T/crlf"
code_is 0 "-t, CRLF"
q show --raw "$out"
is "$out" $'From: ana@ana.test\nTo: bob@budi.test\nSubject: x\n\nHalo.' "LF in the spool, no Bcc"
is "$(grep -lr eve@budi.test "$S" | wc -l)" 1 "but it is a recipient"
printf 'From a\nTo: bob@budi.test\nSubject: one\n\n>From x\n\nFrom b\nTo: carol@budi.test\nSubject: two\n\n2\n\nFrom c\nSubject: nobody\n\n3\n\nFrom d\nTo: dan@budi.test\nSubject: four\n\n4\n\n' >"$T/mbox"
fresh
q add -f ana@ana.test --mx -t --mbox <"$T/mbox"
code_is 65 "--mbox: one of them has no recipient"
is "$(printf '%s\n' "$out" | wc -l)" 3 "the others are accepted"
like "$err" 'message 3: ' "said which"
one_line "in one line"
q show --raw "$(printf '%s\n' "$out" | head -1)"
like "$out" '^From x$' "quoting undone"

fresh
for i in $(seq 60); do printf 'From a\nTo: b%d@budi.test\n\nx\n\n' $i; done >"$T/sixty"
is "$(ulimit -n 40; mail-queue add --spool "$S" -f ana@ana.test --mx -t --mbox <"$T/sixty" 2>&1 | wc -l) $(ls "$S" | wc -l)" "60 60" "--mbox with few descriptors"

# --- a spool that cannot be used ---
fresh
mkdir -m 755 "$S"
q list
code_is 78 "others may enter"
one_line "said in one line"
rmdir "$S"
touch "$S"
q add -f ana@ana.test --mx bob@budi.test <"$T/letter"
isnt "$code" 0 "not a folder"
one_line "said in one line"
rm "$S"

# --- accepted is what was told ---
fresh
if [ -w /dev/full ]; then
  code=0
  mail-queue add --spool "$S" -f ana@ana.test --mx bob@budi.test <"$T/letter" >/dev/full 2>"$T/.err" || code=$?
  err=$(cat "$T/.err")
  code_is 74 "an ID that cannot be printed"
  one_line "is said once"
  is "$(ls -A "$S")" "" "and the message is not kept: its owner still has it"
fi
q add -f ana@ana.test --server smtp://127.0.0.1:2525 bob@budi.test <"$T/letter"
q run --plan
like "$out" '	server smtp://127.0.0.1:2525	' "a destination has no blank at its end"

# --- sent ---
fresh
add bob@budi.test carol@budi.test dan@dewi.test
flush -v
code_is 0 "run"
is "$(sent)" "bob@budi.test carol@budi.test dan@dewi.test" "each has it once"
is "$(printf '%s\n' "$out" | sort)" "$(printf '%s\tbob@budi.test\tsent\tmx.test: 250 2.0.0 queued as \\x1b[31m4Q\n%s\tcarol@budi.test\tsent\tmx.test: 250 2.0.0 queued as \\x1b[31m4Q\n%s\tdan@dewi.test\tsent\tmx.test: 250 2.0.0 queued as \\x1b[31m4Q' "$id" "$id" "$id")" "-v: a line for each, inert"
is "$err" "" "nothing else"
is "$(ls -A "$S")" "" "nothing is left"
is "$(cut -d' ' -f3 "$TRANSPORT.sent" | sort -u)" "$(sha256sum <"$T/letter" | cut -d' ' -f1)" "and it is what was accepted"
is "$(wc -l <"$TRANSPORT.log")" 2 "a job for each domain"
fresh
add bob@budi.test dan@dewi.test
q run --transport "$transport"
is "$out$err" "" "silent without -v"
fresh
q add -f ana@ana.test --server smtp://127.0.0.1:2525 --tls none --helo me.test --envid E1 --dsn-ret hdrs --dsn-notify failure bob@budi.test dan@dewi.test <"$T/letter"
id=$out
flush --json
fits mail-queue "run --json is as its schema says"
is "$(wc -l <"$TRANSPORT.log")" 1 "a named server is one destination"
cat >"$T/job.py" <<'X'
import json, sys
j = json.loads(open(sys.argv[1]).readline())
assert j["v"] == 1 and j["id"] == sys.argv[2] and j["sender"] == "ana@ana.test" and j["envid"] == "E1" and j["ret"].lower() == "hdrs", j
assert j["path"].startswith(sys.argv[3] + "/" + sys.argv[2]) and j["server"] == "smtp://127.0.0.1:2525" and j["tls"] == "none" and j["helo"] == "me.test", j
assert [r["address"] for r in j["recipients"]] == ["bob@budi.test", "dan@dewi.test"] and j["recipients"][0]["notify"].lower() == "failure", j
print("good")
X
is "$(python3 "$T/job.py" "$TRANSPORT.log" "$id" "$S")" good "the job is as the contract says"
is "$(printf '%s\n' "$out" | python3 -c '
import json, sys
r = [json.loads(l) for l in sys.stdin]
print([(x["address"], x["status"], x["code"], x["enhanced"], x["host"]) for x in r if x["address"].startswith("bob")])')" \
  "[('bob@budi.test', 'sent', 250, '2.0.0', 'mx.test')]" "--json: an object for each recipient"

# --- deferred ---
fresh
rules 'carol defer 451 4.7.1 greylisted for 300 s'
q add --now 2026-11-24T08:13:00Z -f ana@ana.test --mx bob@budi.test carol@budi.test <"$T/letter"
id=$out
flush --now 2026-11-24T08:14:00Z
code_is 0 "a run that could not deliver all is a good run"
is "$(files)" "ID.NEXT ID.log" "it waits"
flush --now 2026-11-24T08:14:30Z
is "$(wc -l <"$TRANSPORT.log")" 1 "not tried before it is due"
q list --now 2026-11-24T08:15:00Z
like "$out" "^$id	2026-11-24T08:13:00Z	[0-9]+	2026-11-24T08:1[56]:..Z	ana@ana.test	carol@budi.test	mx.test: 451 4.7.1 greylisted for 300 s$" "list: only who waits, with the answer"
flush --now 2026-11-24T08:20:00Z
is "$(sent)" "bob@budi.test" "who has it does not get it again"
rules
flush --force --now 2026-11-24T08:20:01Z
is "$(sent)" "bob@budi.test carol@budi.test" "then she has it too"
is "$(ls -A "$S")" "" "nothing is left"

# --- by ID, by domain ---
fresh
rules 'bob defer'
add bob@budi.test dan@dewi.test
flush --domain dewi.test
is "$(sent)" "dan@dewi.test" "--domain: only its recipients"
flush "$(printf '%s' "$id" | cut -c1-7 | tr '[:upper:]' '[:lower:]')"
code_is 75 "by ID: the exit code tells what became of it"
is "$(wc -l <"$TRANSPORT.log")" 2 "tried though it is not due"
flush XYZXYZXYZ
code_is 66 "an ID that is none"
one_line "said in one line"
rules 'bob refuse'
flush "$id"
code_is 69 "refused"

# --- refused: the sender is told ---
fresh
rules 'bob refuse' 'dan refuse'
add bob@budi.test carol@budi.test dan@dewi.test
flush --domain budi.test
flush --domain dewi.test
is "$(sent)" "ana@ana.test ana@ana.test carol@budi.test" "a report for each attempt that ended somebody"
fresh
rules 'bob refuse' 'dan refuse' 'ana defer'
add bob@budi.test carol@budi.test dan@dewi.test
flush
q list --json
is "$(printf '%s\n' "$out" | wc -l)" 1 "one report for both"
bounce=$(printf '%s\n' "$out" | python3 -c 'import json,sys; j=json.loads(sys.stdin.read()); print(j["id"], j["sender"] == "", j["recipients"][0]["address"], j["route"]["mx"] == "")')
like "$bounce" "True ana@ana.test True$" "from <> to the sender, the way it came"
q show --raw "${bounce%% *}"
printf '%s\n' "$out" >"$T/report"
cat >"$T/report.py" <<'X'
import email, email.policy, sys
m = email.message_from_binary_file(open(sys.argv[1], "rb"), policy=email.policy.default)
assert m.get_content_type() == "multipart/report" and m.get_param("report-type") == "delivery-status", m["content-type"]
assert m["auto-submitted"] == "auto-replied" and m["in-reply-to"] == "<1@ana.test>" and m["to"] == "ana@ana.test", m.items()
human, status, original = m.iter_parts()
assert "bob@budi.test" in human.get_content() and "550 5.1.1 no such user" in human.get_content(), human
blocks = [dict(b.items()) for b in status.get_payload()]
assert blocks[0]["Reporting-MTA"].startswith("dns; ") and blocks[0]["X-Surat-Queue-Id"] == sys.argv[2], blocks
assert [b["Final-Recipient"] for b in blocks[1:]] == ["rfc822; bob@budi.test", "rfc822; dan@dewi.test"], blocks
assert {(b["Action"], b["Status"], b["Remote-MTA"], b["Diagnostic-Code"]) for b in blocks[1:]} == {("failed", "5.1.1", "dns; mx.test", "smtp; 550 5.1.1 no such user")}, blocks
assert original.get_content_type() == "message/rfc822" and original.get_content()["subject"] == "Salam", original
print("good")
X
is "$(python3 "$T/report.py" "$T/report" "$id")" good "the report is as RFC 3464 wants it"
fresh
rules 'bob refuse' 'ana defer'
add --require-tls --dsn-ret=full bob@budi.test
flush
q list --json
like "$out" '"require_tls": ?true' "of a letter with REQUIRETLS the report has it too (RFC 8689 5)"
q show --raw "$(printf '%s\n' "$out" | python3 -c 'import json,sys; print(json.loads(sys.stdin.read())["id"])')"
like "$out" '^Content-Type: text/rfc822-headers' "and returns the header alone, --dsn-ret=full or not"
rules 'ana refuse'
flush --force
code_is 0 "a report that is refused"
like "$err" 'nobody can be told' "is said"
one_line "in one line"
is "$(ls -A "$S")" "" "makes no other"
fresh
rules 'bob refuse'
q add -f ana@ana.test --mx --dsn-notify never bob@budi.test <"$T/letter"
flush
is "$(sent)" "" "NOTIFY=NEVER: no report"
is "$(ls -A "$S")" "" "and nothing is left"
fresh
q add -f ana@ana.test --mx --dsn-notify success bob@budi.test <"$T/letter"
flush
is "$(sent)" "ana@ana.test bob@budi.test" "NOTIFY=SUCCESS: the sender hears that it was sent on"
fresh
rules 'bob relayed'
q add -f ana@ana.test --mx --dsn-notify success bob@budi.test <"$T/letter"
flush
is "$(sent)" "" "unless the next server tells it"
fresh
rules 'bob refuse'
for i in 1 2 3; do add bob@budi.test; done
flush --max-reports 2
is "$(sent)" "ana@ana.test ana@ana.test" "--max-reports"
flush --force
is "$(sent)" "ana@ana.test ana@ana.test ana@ana.test" "the next run goes on with them"
is "$(ls -A "$S")" "" "nothing is left"

# --- time passes ---
fresh
rules 'bob defer' 'ana ok'
q add --now 2026-11-24T08:00:00Z -f ana@ana.test --mx bob@budi.test <"$T/letter"
id=$out
flush --now 2026-11-24T08:00:01Z
flush --now 2026-11-24T12:30:00Z
is "$(sent)" "ana@ana.test" "after four hours the sender hears of the delay"
flush --now 2026-11-24T18:00:00Z
is "$(sent)" "ana@ana.test" "once"
flush --now 2026-11-29T07:59:00Z
is "$(sent)" "ana@ana.test" "not yet five days"
flush --now 2026-11-29T08:00:00Z
is "$(sent)" "ana@ana.test ana@ana.test" "after five days it is given up"
is "$(ls -A "$S")" "" "nothing is left"
fresh
rules 'bob defer'
q add --now 2026-11-24T08:00:00Z -f ana@ana.test --mx bob@budi.test <"$T/letter"
flush --now 2036-11-24T08:00:00Z
is "$(sent)" "" "a clock that jumped ten years ahead: not given up"
flush --now 2026-11-24T08:10:00Z
is "$(wc -l <"$TRANSPORT.log")" 2 "and back: tried, though its time is ten years off"
fresh
q add --now 2026-11-24T08:00:00Z -f ana@ana.test --mx --hold-until 2026-12-24T08:00:00Z bob@budi.test <"$T/letter"
flush --now 2026-12-24T07:59:59Z
is "$(sent)" "" "not before its time"
flush --now 2026-12-24T08:00:00Z
is "$(sent)" "bob@budi.test" "but then"
fresh
rules 'bob defer' 'ana ok'
q add --now 2026-11-24T08:00:00Z -f ana@ana.test --mx --deliver-by '600;R' bob@budi.test <"$T/letter"
flush --now 2026-11-24T08:05:00Z
like "$(tail -1 "$TRANSPORT.log")" '"deliver_by":"300;R"' "what is left of DELIVERBY"
flush --force --now 2026-11-24T08:10:00Z
is "$(sent)" "ana@ana.test" "DELIVERBY: given up when it is worthless"

# --- transports that misbehave ---
fresh
rules 'bob die'
add bob@budi.test
flush
code_is 0 "a transport that dies before sending"
like "$err" 'budi.test: the transport ended with exit code 3' "is told"
q list
like "$out" 'ended with exit code 3' "deferred"
rules 'bob die-sending'
flush --force
q show "$id"
like "$out" 'bob@budi.test: unknown, .*signal 9' "one that dies while sending: unknown"
rules
flush --force
is "$(sent)" "bob@budi.test bob@budi.test" "tried once more"
fresh
rules 'bob die-sending' 'ana defer'
add bob@budi.test
flush
flush --force
is "$(sent)" "bob@budi.test bob@budi.test" "unknown twice"
q list
like "$out" "	<>	ana@ana.test	" "given up, and told"
fresh
rules 'b3@ die'
for i in 1 2 3 4 5; do add b$i@budi.test; done
flush --per-domain 1
is "$(sent)" "b1@budi.test b2@budi.test b4@budi.test b5@budi.test" "a message that kills its transport does not stop those behind it"
fresh
rules 'bob garbage'
add bob@budi.test
flush
is "$(sent)" "bob@budi.test" "a transport that talks nonsense in between"
fresh
rules 'bob silent'
add bob@budi.test
flush
q show "$id"
like "$out" 'bob@budi.test: unknown, the transport did not say what became of it' "one that says nothing of a recipient"
fresh
rules 'bob hang' 'eve hang-sending' 'flo flood' 'lea long' 'sam slow 0.5'
add bob@budi.test dan@dewi.test eve@eka.test flo@fajar.test lea@lestari.test sam@sari.test
flush --transport-timeout 6 --jobs 10
code_is 0 "transports that hang, flood and never end a line"
is "$(sent)" "dan@dewi.test eve@eka.test sam@sari.test" "cost only their own"
q show "$id"
like "$out" 'bob@budi.test: deferred, the transport said nothing new for too long' "hanging before it sends: deferred"
like "$out" 'eve@eka.test: unknown, the transport said nothing new for too long' "while it sends: unknown"
like "$out" 'flo@fajar.test: deferred' "flooding: deferred"
fresh
add bob@budi.test
for command in /no/such/transport no-such-transport; do
  q run --transport "$command"
  code_is 78 "$command"
  is "$(files)" "ID.NEXT" "nothing changed"
done
q run --transport /no/such/transport
one_line "said in one line"
q run --transport true
q list
like "$out" 'ended with exit code 0 before it was done' "a transport that does nothing"
fresh
rules '@dewi down'
for i in $(seq 40); do add e$i@dewi.test; done
flush --per-domain 1
n=$(wc -l <"$TRANSPORT.log")
if [ "$n" -le 36 ]; then pass "a host that is down is not tried for every message"; else fail "a host that is down is not tried for every message" "$n"; fi
q list
is "$(printf '%s\n' "$out" | grep -c 'connection refused')" 40 "but all know why"

fresh
order=
for hold in 5h 3h 9h 1h 7h; do
  add --hold-until $hold $hold@dewi.test
  order="$order$hold $id
"
done
add held@dewi.test
q hold "$id"
q list
is "$(printf '%s\n' "$out" | cut -f1 | tr '\n' ' ')" "$(for hold in 1h 3h 5h 7h 9h; do printf '%s' "$order" | sed -n "s/^$hold //p"; done | tr '\n' ' ')$id " "list: the next first, what is held last"

# --- by hand ---
fresh
add bob@budi.test
first=$id
add dan@dewi.test
q hold "$first"
code_is 0 "hold"
q list --held
like "$out" "^$first	" "list --held"
is "$(printf '%s\n' "$out" | wc -l)" 1 "only that"
flush
is "$(sent)" "dan@dewi.test" "it is not tried"
rules 'bob defer'
flush "$first"
q list --held
like "$out" "^$first	" "tried by hand it stays held"
q release "$first"
code_is 0 "release"
rules
flush
is "$(sent)" "bob@budi.test dan@dewi.test" "then it goes"
fresh
add bob@budi.test
add dan@dewi.test carol@budi.test
q hold
code_is 64 "which messages?"
q hold --all "$id"
code_is 64 "all or these"
q hold --domain budi.test
q list --held
is "$(printf '%s\n' "$out" | wc -l)" 2 "by domain"
q release --sender ana@ana.test
q list --held
is "$out" "" "by sender"
q delete --domain budi.test
code_is 0 "delete by domain"
q list
like "$out" "	dan@dewi.test	" "others of the message keep their place"
is "$(printf '%s\n' "$out" | wc -l)" 1 "and the rest is gone"
q bounce --all
code_is 0 "bounce"
q list
like "$out" "	<>	ana@ana.test	" "the sender gets it back"
q delete --all
is "$(ls -A "$S")" "" "delete --all"
q delete "$id"
code_is 66 "what is not there"
one_line "said in one line"
for c in hold release show delete bounce; do
  q $c QQQQQQQ
  code_is 66 "$c: no such ID"
done

# --- plan, stats ---
fresh
rules 'bob defer'
add bob@budi.test dan@dewi.test
q hold "$id"
add bob@budi.test carol@budi.test
flush
q list --json
fits mail-queue "list --json is as its schema says"
q show "$id" --json
fits mail-queue "show --json too"
q run --plan --json
fits mail-queue "run --plan --json too"
is "$(printf '%s\n' "$out" | python3 -c '
import json, sys
print(sorted((j["destination"], j["recipients"], j["why"]) for j in map(json.loads, sys.stdin)))')" "[('budi.test', 1, 'held'), ('budi.test', 1, 'waits'), ('dewi.test', 1, 'held')]" "--plan"
q run --plan --force
like "$out" 'budi.test	1	[^	]*	forced' "--plan --force"
q stats --json
fits mail-queue "stats --json too"
is "$(printf '%s\n' "$out" | head -1)" '{"domain":"budi.test","recipients":2,"under_10m":2,"under_1h":0,"under_4h":0,"under_1d":0,"under_3d":0,"under_5d":0,"over_5d":0,"held":1}' "stats"

# --- many recipients ---
fresh
rules 'r2@ refuse'
{ printf 'From: ana@ana.test\nTo:\n'; seq 1 49999 | sed 's/.*/ r&@budi.test,/'; printf ' r0@budi.test\nSubject: many\n\nHalo.\n'; } >"$T/many"
q add -f ana@ana.test --mx -t <"$T/many"
code_is 0 "50,000 recipients"
flush
is "$(cut -d' ' -f2 "$TRANSPORT.sent" | sort -u | wc -l)" 50000 "each gets it, but for one, and one report is sent"
is "$(ls -A "$S")" "" "nothing is left"
done_testing
