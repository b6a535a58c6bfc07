# export and import, when a system call fails and when the process is killed instead of it: each message is in one place, and sent once.
. "$SURAT_SRC/tests/lib.sh"
. "$SURAT_SRC/tests/fault/queue.sh"

there=$T/there
fresh
for to in b1@budi.test b2@dewi.test; do mail-queue add -f ana@ana.test --mx $to --spool "$S" <"$T/letter" >/dev/null; done
half=$(mail-queue add -f ana@ana.test --mx b3.defer@budi.test b4@budi.test --spool "$S" <"$T/letter")
mail-queue run "$half" --spool "$S" --transport "$transport" >/dev/null 2>&1 # b4 has it, b3 waits
rm -rf "$T/prepared"
mv "$S" "$T/prepared"
all=$(ls "$T/prepared" | grep -v '\.log$' | cut -d. -f1 | sort)
messages() { ls "$@" 2>/dev/null | grep -E '^[0-9A-Z]{6,15}\.([0-9]+|held)$' | cut -d. -f1 | sort; }
send_all() { mail-queue run --force --transport "$transport" --spool "$1" >/dev/null 2>>"$T/.runs"; }

one_export() {
  rm -rf "$S" "$T/a.zip"
  cp -a "$T/prepared" "$S"
  faulty "$1" export "$T/a.zip"
  sane_exit "$1"
  local was=$code
  # what was left is brought to its end by the next run, which here sends nothing
  mail-queue run --domain nowhere.test --transport "$transport" --spool "$S" 2>>"$T/.runs" || wrong "$1: the next run ends with $?"
  legal_now "$1"
  local here=$(messages "$S") out=$(messages "$S"/moved/exported-*)
  [ "$(printf '%s\n' $here $out | sort)" = "$all" ] || wrong "$1: here $here, exported $out"
  for id in $here; do [ ! -e "$T/a.zip" ] || ! bsdtar tf "$T/a.zip" | grep -q "$id" || wrong "$1: $id is in the archive, and here"; done
  [ "$was" != 0 ] || [ -e "$T/a.zip" ] || wrong "$1: done, and no archive"
  for id in $here; do [ ! -e "$T/prepared/$id.log" ] || [ -e "$S/$id.log" ] || wrong "$1: $id has lost its journal"; done
  code=$was
}
for ((k = 1; k < 400; k++)); do
  one_export "any:$k:KILL"
  [ "$code" = 137 ] || break
done
verdict "export, killed at each of $((k - 1)) calls"
last=$k step=${SURAT_FAULT_STEP:-3} # all of them by hand
for ((k = 1 + RANDOM % step; k < last; k += step)); do one_export "any:$k:EIO"; done
verdict "export, each third of $((last - 1)) calls fails"

rm -rf "$S" "$T/a.zip"
cp -a "$T/prepared" "$S"
mail-queue export --spool "$S" "$T/a.zip"
one_import() {
  rm -rf "$there" "$SENT"
  { SURAT_FAULT=$1 mail-queue import "$T/a.zip" --spool "$there" >"$T/.out" 2>"$T/.err" && code=0 || code=$?; } 2>/dev/null
  [ "$code" = 65 ] || sane_exit "$1"
  local was=$code
  [ ! -d "$there" ] || S=$there legal_now "$1"
  # whoever was told nothing, or that it failed, does it again, and runs may come in between
  [ ! -d "$there" ] || send_all "$there"
  mail-queue import "$T/a.zip" --spool "$there" >/dev/null 2>&1 || wrong "$1: again: $?"
  send_all "$there"
  send_all "$there"
  local n
  for to in b1@budi.test b2@dewi.test b3.defer@budi.test; do
    n=$(times $to)
    [ "$n" = 1 ] || wrong "$1: $to got it $n times"
  done
  [ "$(times b4@budi.test)" = 0 ] || wrong "$1: what was settled before is sent again"
  [ -z "$(messages "$there")" ] || wrong "$1: left: $(messages "$there")"
  code=$was
}
for ((k = 1; k < 400; k += 1 + RANDOM % 2)); do
  one_import "any:$k:KILL"
  [ "$code" = 137 ] || break
done
verdict "import, killed at most of $((k - 1)) calls"
last=$k
for ((k = 1 + RANDOM % step; k < last; k += step)); do one_import "any:$k:EIO"; done
verdict "import, each third of $((last - 1)) calls fails"
done_testing
