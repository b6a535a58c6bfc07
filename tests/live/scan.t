# clamd from Debian, with a signature of our own: started, stopped, slow, with small limits. Nothing it did not look at is clean.
. "${SURAT_SRC:?}/tests/lib.sh" || exit 99
cd "$T" || exit 99
command -v clamd >/dev/null || { skip "clamd" "not installed"; done_testing; }
python3 "$SURAT_SRC/tests/tools/malware.py" set || exit 99
chmod 755 "$T"
mkdir db tmp && chmod 777 tmp
# the EICAR file's MD5 and length, and its bytes anywhere (a .ndb line: name, any type, any offset, hexadecimal)
python3 - >db/test.ndb <<'E2'
import sys
sys.path.insert(0, __import__("os").environ["SURAT_SRC"] + "/tests/tools")
import malware
print("Eicar-Test-Signature:0:*:" + malware.EICAR.hex())
E2
daemon=
at_exit 'stop'
stop() { [ -z "$daemon" ] || { kill "$daemon" 2>/dev/null; wait "$daemon" 2>/dev/null; }; daemon=; rm -f clamd.sock; }
start() { # MORE LINES of its configuration
  stop
  { printf 'DatabaseDirectory %s\nLocalSocket %s\nLocalSocketMode 666\nTCPSocket 3310\nTCPAddr 127.0.0.1\nForeground yes\nUser root\nSelfCheck 0\nMaxThreads 2\nTemporaryDirectory %s\nLogFile %s\n' \
    "$T/db" "$T/clamd.sock" "$T/tmp" "$T/clamd.log"; printf '%s\n' "$@"; } >clamd.conf
  clamd --config-file="$T/clamd.conf" >clamd.out 2>&1 &
  daemon=$!
  for _ in $(seq 400); do [ -S clamd.sock ] && return; sleep 0.05; done
  fail "clamd starts" "$(tail -5 clamd.log clamd.out)"
}
scan() { run timeout 100 mail-verify --scan "$@"; got=$(head -1 <<<"$out" | cut -f2); }
S=clamd:$T/clamd.sock
start
for m in eicar eicar-body eicar-zip eicar-nested-10 eicar-split eicar-padding eicar-duplicate-boundary eicar-duplicate-type eicar-blank-colon eicar-colon-hides eicar-in-message eicar-uuencode; do
  scan "$S" <"set/$m"
  is "$got" infected "$m: found"
  like "$out" 'signature	.*Eicar-Test-Signature' "by its name"
done
scan "$S" <set/clean
is "$got $code" "clean 0" "clean"
for m in eicar-nested-25 eicar-among-12000 eicar-padded eicar-encrypted; do
  scan "archives,$S" <"set/$m"
  isnt "$got" clean "$m: whatever clamd says, not clean"
done
scan "archives,$S" <set/eicar-encrypted
is "$got" not-fully-inspected "encrypted: not fully inspected"
scan "archives,clamd:127.0.0.1:3310" <set/eicar-zip
is "$got" infected "over TCP"
like "$out" 'finding	eicar' "both say so"
like "$out" 'finding	signature' "both say so"
for _ in $(seq 20); do printf 'From x Thu Jan  1 00:00:00 2026\n'; cat set/clean; echo; done >mbox
scan "$S" --mbox mbox
is "$(grep -c '^scan	clean' <<<"$out")" 20 "twenty messages over one connection"
start 'StreamMaxLength 4K' 'MaxScanSize 2K'
scan "$S" <set/eicar-among-12000
is "$got" not-fully-inspected "over its StreamMaxLength"
like "$out" 'finding	scanner-limit' "and the limit is named"
scan "$S" <set/eicar-body
is "$got" infected "what is below it is looked at"
start 'CommandReadTimeout 1' 'ReadTimeout 1' 'IdleTimeout 1'
{ cat mbox | head -c 15100; sleep 3; tail -c +15101 mbox; } | mail-verify --scan "$S" --mbox >slow.out 2>slow.err
is "$(grep -c '^scan	clean' slow.out)" 20 "a connection that was idle too long is made again"
kill -STOP "$daemon"
rm -rf box
run timeout 30 mail-deliver --scan "$S" --scan-limits time=1 maildir:box <set/clean &
slow=$!
sleep 1
kill -CONT "$daemon"
wait $slow
is "$(ls box/new | wc -l)" 1 "a slow one is waited for"
stop
scan "$S" <set/clean
is "$got $code" "not-fully-inspected 75" "stopped: not inspected, later"
rm -rf box
run mail-deliver --scan "archives,$S" maildir:box <set/clean
is "$code $(ls box/new 2>/dev/null | wc -l)" "75 0" "and the letter waits where it is"
done_testing
