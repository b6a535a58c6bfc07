# Accepting, when a system call fails, and when the process is killed instead of it: at every call in turn.
. "$SURAT_SRC/tests/lib.sh"
. "$SURAT_SRC/tests/fault/queue.sh"

one_add() {
  fresh
  faulty "$1" add -f ana@ana.test --mx b1@budi.test b2@dewi.test <"$T/letter"
  local out inside
  out=$(cat "$T/.out")
  sane_exit "$1"
  if [ "$code" != 0 ] && [ "$code" != 137 ]; then
    [ "$(grep -c . "$T/.err")" = 1 ] || wrong "$1: not one line: $(cat "$T/.err")"
    [ -z "$out" ] || grep -q 'standard output' "$T/.err" || wrong "$1: failed and yet printed $out"
  fi
  [ -d "$S" ] || { [ -z "$out" ] || wrong "$1: printed $out and has no spool"; return; }
  legal_now "$1"
  inside=$(waiting | wc -l)
  [ -z "$out" ] || [ "$inside" = 1 ] || wrong "$1: accepted and lost"
  [ -n "$out" ] || [ "$code" = 137 ] || [ "$inside" = 0 ] || wrong "$1: refused and yet there"
  complete "$1"
  [ "$(times b1@budi.test)" = "$inside" ] || wrong "$1: sent $(times b1@budi.test) times"
}
for ((k = 1; k < 500; k++)); do
  one_add "any:$k:KILL"
  [ "$code" = 137 ] || break
done
verdict "add, killed at each of $((k - 1)) calls"
last=$k
for ((k = 1; k < last; k++)); do one_add "any:$k:EIO"; done
verdict "add, each of $((last - 1)) calls fails"
for error in ENOSPC EDQUOT EROFS; do for call in open write pwrite fsync rename mkdir; do for n in 1 2 $([ $call = write ] || echo 2+); do one_add "$call:$n:$error"; done; done; done
verdict "add, a disk that is full, over quota, read-only"

# --- a stream of them, accepted together: what was told is there, and nothing else ---
for i in 1 2 3 4; do printf 'From ana\nTo: b%d@budi.test\nSubject: %d\n\nHalo.\n\n' $i $i; done >"$T/mbox"
one_stream() {
  fresh
  faulty "$1" add -f ana@ana.test --mx -t --mbox <"$T/mbox"
  sane_exit "$1"
  [ -d "$S" ] || { [ ! -s "$T/.out" ] || wrong "$1: printed IDs and has no spool"; return; }
  legal_now "$1"
  local told there
  told=$(sort "$T/.out")
  there=$(waiting | sed 's/\..*//' | sort)
  [ -z "$(comm -23 <(printf '%s\n' "$told") <(printf '%s\n' "$there") | grep .)" ] || wrong "$1: accepted and lost"
  [ "$code" = 137 ] || [ "$told" = "$there" ] || wrong "$1: there and not told: $there, told $told"
}
for ((k = 1; k < 500; k++)); do
  one_stream "any:$k:KILL"
  [ "$code" = 137 ] || break
done
verdict "add --mbox, killed at each of $((k - 1)) calls"
last=$k
for ((k = 1; k < last; k++)); do one_stream "any:$k:EIO"; done
verdict "add --mbox, each of $((last - 1)) calls fails"
for error in ENOSPC EDQUOT EROFS; do for call in open write pwrite fsync rename; do for n in 1 2 3 $([ $call = write ] || echo 4+); do one_stream "$call:$n:$error"; done; done; done
verdict "add --mbox: a disk that is full, over quota, read-only"
done_testing
