# clamd as it may be: what it says is data, and nothing but its word that it found nothing counts as that.
. "${SURAT_SRC:?}/tests/lib.sh"
cd "$T" || exit 99
python3 "$SURAT_SRC/tests/tools/malware.py" set || exit 99
daemon=
at_exit '[ -z "$daemon" ] || kill $daemon 2>/dev/null; wait'
start() { # HOW: another one on a socket of its own
  [ -z "$daemon" ] || { kill "$daemon"; wait "$daemon"; }
  : >log
  python3 "$SURAT_SRC/tests/tools/clamd.py" "$T/s.$1" "$1" >>log 2>&1 &
  daemon=$!
  for _ in $(seq 200); do grep -q listening log && return; sleep 0.05; done
  fail "the script listens" "$(cat log)"
}
scan() { run timeout 60 mail-verify --scan "clamd:$T/s.$how" "$@"; }
while read -r how want code_want finding detail; do
  [ -n "$how" ] || continue
  start "$how"
  scan <set/clean
  is "$(head -1 <<<"$out" | cut -f2) $code" "$want $code_want" "$how: $want"
  [ -z "$finding" ] || like "$out" $'\nfinding\t'"$finding"$'\t.*'"$detail" "$how: $finding"
done <<'E2'
ok        clean                0
found     infected             1 signature     Bad.Thing
error     not-fully-inspected  1 scanner-error memory
limit     not-fully-inspected  1 scanner-limit size
early     not-fully-inspected  1 scanner-limit size
close     not-fully-inspected  1 scanner-error closed
hang-up   not-fully-inspected  1 scanner-error .
other     not-fully-inspected  1 scanner-error another
nonsense  not-fully-inspected  1 scanner-error .
long      not-fully-inspected  1 scanner-error .
escape    infected             1 signature     Evil
almost    not-fully-inspected  1 scanner-error NOT
unnamed   not-fully-inspected  1 scanner-error FOUND
cut       not-fully-inspected  1 scanner-error .
twice     clean                0
greeting  not-fully-inspected  1 scanner-error .
E2
unlike "$(cat -v log)" '\^\[' "no control character gets through"
how=ok
start ok
scan <set/clean
for _ in $(seq 100); do grep -q ^end log && break; sleep 0.05; done
is "$(grep -c connection log) $(grep -c ^stream log) $(grep -c ^end log)" "1 7 1" "one connection for the message and its six parts, and a goodbye"
is "$(sed -n 's/^stream //p' log | head -1)" "$(stat -c %s set/clean)" "the message as a whole, to its last byte"
start ok
for m in clean clean clean; do printf 'From x Thu Jan  1 00:00:00 2026\n'; cat set/$m; echo; done >mbox
scan --mbox mbox
is "$(grep -c connection log) $(grep -c ^stream log)" "1 21" "and for many messages"
kill "$daemon"; wait "$daemon"; daemon=
scan <set/clean
is "$(head -1 <<<"$out" | cut -f2) $code" "not-fully-inspected 75" "stopped: another time"
like "$out" $'\nfinding\tscanner-absent\t.*clamd: .*s.ok' "which says where it should be"
run mail-verify --scan archives,clamd:"$T/none" <set/eicar
is "$(head -1 <<<"$out" | cut -f2) $code" "infected 1" "our own checks go on without it"
done_testing
