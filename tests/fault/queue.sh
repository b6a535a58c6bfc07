# queue.sh - what the tests of failing calls share. Source it behind lib.sh. What they hold: nothing is lost, every state is a legal one, the next run completes;
# sent twice is only what was handed over and not settled, and then it is said.
. "$SURAT_SRC/tests/cmd/queue.sh"
export SENT=$T/sent
transport="sh $SURAT_SRC/tests/tools/transport.sh"
export ASAN_OPTIONS=detect_leaks=0
if [ "${kill_by:-fault}" = fault ] && SURAT_FAULT=any:1:EIO mail-queue list --spool "$T" >/dev/null 2>&1; then
  skip "faults" "built without --enable-faults"
  done_testing
fi
# in memory where there is such a folder: what fails here is told to, and the disk's own time is most of the test's
if memory=$(mktemp -d /dev/shm/surat-t.XXXXXX 2>/dev/null); then
  S=$memory/spool
  at_exit 'rm -rf "$memory"'
fi
fresh() { rm -rf "$S" "$SENT"*; }
faulty() { # FAULT COMMAND...: $code; the shell's own word of a killed process goes nowhere
  { SURAT_FAULT=$1 mail-queue "${@:2}" --spool "$S" >"$T/.out" 2>"$T/.err" && code=0 || code=$?; } 2>/dev/null
}
# what is wrong, one line each; nothing at all when nothing is
wrong() { printf '%s\n' "$1" >>"$T/wrong"; }
verdict() { is "$(cat "$T/wrong" 2>/dev/null)" "" "$1"; rm -f "$T/wrong"; }
legal_now() {
  local odd
  odd=$(ls -A "$S" 2>/dev/null | grep -vE "$legal_names" | tr '\n' ' ')
  [ -z "$odd" ] || wrong "$1: no legal name: $odd"
  mail-queue check --spool "$S" >"$T/.check" 2>&1 || wrong "$1: check says $(cat "$T/.check")"
}
waiting() { ls -A "$S" | grep -vE '\.(tmp|log)$'; } # a journal alone is of a message that is through
complete() { # runs until nothing waits
  local i
  for i in 1 2 3 4; do
    [ -n "$(waiting)" ] || return 0
    mail-queue run --force --transport "$transport" --spool "$S" 2>>"$T/.runs" || wrong "$1: the next run ends with $?: $(tail -1 "$T/.runs")"
  done
  [ -z "$(waiting)" ] || wrong "$1: left: $(waiting | tr '\n' ' ')"
}
times() { local n; n=$(grep -cs " $1\$" "$SENT"); echo "${n:-0}"; }
sane_exit() { # FAULT
  case $code in 0 | 137) return ;; 66 | 71 | 73 | 74 | 75 | 77 | 78) ;; *) wrong "$1: exit code $code: $(cat "$T/.err")" ;; esac
  grep -q . "$T/.err" || wrong "$1: failed without a word"
}

# --- a run over a spool with something of everything ---
prepare() {
  fresh
  local to
  for to in 'b1@budi.test' 'b2@budi.test b3.defer@dewi.test' 'b4.refuse@budi.test b5@eka.test'; do
    mail-queue add -f ana@ana.test --mx $to --spool "$S" <"$T/letter" >/dev/null
  done
  mv "$S" "$T/prepared"
}
after() {
  local to n id
  legal_now "$1"
  complete "$1"
  for to in b1@budi.test b2@budi.test b3.defer@dewi.test b5@eka.test; do
    n=$(times $to)
    [ "$n" -ge 1 ] || wrong "$1: $to never got it"
    [ "$n" -gt 1 ] || continue
    twice=$((twice + 1))
    id=$(grep " $to\$" "$SENT" | cut -d' ' -f1 | sort -u)
    grep -qE "$id: (given back.* [1-9][0-9]* of its recipients|<$to>: unknown)" "$T/.runs" || wrong "$1: $to got it twice and nobody said so"
    [ "$n" = 2 ] || wrong "$1: $to got it $n times"
  done
  [ "$(times ana@ana.test)" -ge 1 ] || wrong "$1: the sender was not told"
}
one_run() {
  fresh
  cp -a "$T/prepared" "$S"
  faulty "$1" run --transport "$transport"
  cp "$T/.err" "$T/.runs"
  sane_exit "$1"
  local was=$code
  after "$1"
  code=$was
}
