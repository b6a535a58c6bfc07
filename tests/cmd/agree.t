# What we make of messages is what others make of them, or surat-deviations(7) says why: Python's email here, mshow and GMime where they are installed.
# AGREE_COUNT=20000 makes it a long run.
. "${SURAT_SRC:?}/tests/lib.sh"
cd "$T" || exit 99
python3 "$SURAT_SRC/tests/bench/corpus.py" --out "$T/corpus" --count "${AGREE_COUNT:-300}" --small 0 --seed "${AGREE_SEED:-7}" || exit 99
others=()
if [ -n "${AGREE_COUNT:-}" ]; then
  command -v mshow >/dev/null && others+=(mshow)
  # shellcheck disable=SC2046
  cc -O2 -o "$T/gmime-parse" "$SURAT_SRC/tests/bench/tools/gmime-parse.c" $(pkg-config --cflags --libs gmime-3.0 2>/dev/null) 2>/dev/null && others+=("$T/gmime-parse")
fi
agrees() { # WHAT MESSAGE|FOLDER...
  local what=$1 found
  shift
  mail-read parts --json "$@" >"$T/json" 2>"$T/err"
  if found=$(python3 "$SURAT_SRC/tests/tools/agree.py" ${others[@]+"${others[@]}"} <"$T/json" 2>&1); then pass "$what"; else fail "$what" "$found"; fi
  printf '%s\n' "$found" | sed 's/^/# /' | tail -3
}
agrees "generated messages" "$T/corpus/Maildir"
agrees "one oddity each" "$SURAT_SRC"/tests/data/mime/*.eml
# what explains a disagreement has a section there
for name in $(sed -n '/^SAID/,/)$/p' "$SURAT_SRC/tests/tools/agree.py" | grep -oE '"[a-z-]+"' | tr -d '"') \
  $(sed -n '/^def reason/,/^class/p' "$SURAT_SRC/tests/tools/agree.py" | sed -nE 's/.*return "([a-z-]+)".*/\1/p; s/.*"(cr-cr-lf)".*/\1/p'); do
  grep -qw -- "$name" "$SURAT_SRC/man/surat-deviations.7" && pass "$name is explained" || fail "$name is explained"
done
names=$(sed -n '/^const char \*mime_tolerance_name/,/^}/p; /^const char \*mime_ambiguity_name/,/^}/p' "$SURAT_SRC/lib/mime/parse.c" | grep -oE '"[a-z-]+"' | tr -d '"')
[ "$(wc -w <<<"$names")" -ge 20 ] && pass "tolerances and ambiguities have names" || fail "tolerances and ambiguities have names" "$names"
missing=
for name in $names; do grep -qw -- "$name" "$SURAT_SRC/man/surat-deviations.7" || missing+="$name "; done
is "$missing" "" "each tolerance and ambiguity has a section in surat-deviations(7)"
done_testing
