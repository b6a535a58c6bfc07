# Manual pages: clean, and each program's options are in its page and nowhere else.
. "$SURAT_SRC/tests/lib.sh"
cd "$SURAT_SRC" || exit 99
for page in man/*.[1-8]; do
  is "$(mandoc -Tlint -Wwarning "$page" 2>&1)" "" "$page is clean"
done
for page in man/mail-*.1; do
  prog=$(basename "$page" .1)
  [ -x "$SURAT_BUILD/$prog" ] || { fail "$prog is built"; continue; }
  "$prog" --list-options | sed 's/^-*//' | sort -u >"$T/table"
  mandoc -Tman "$page" >/dev/null 2>&1
  grep -oE '(^\.(It|Op|Oo|Ar|Sm)? ?.*)?Fl -[a-z0-9-]+' "$page" | grep -oE 'Fl -[a-z0-9-]+' | sed 's/^Fl -//' | sort -u >"$T/page"
  grep -E '^\.It Fl|^\.It .* Fl' "$page" | grep -oE 'Fl -[a-z0-9-]+' | sed 's/^Fl -//' | sort -u >"$T/items"
  is "$(comm -23 "$T/table" "$T/page")" "" "$prog: every option is in the page"
  is "$(comm -13 "$T/table" "$T/items")" "" "$prog: every option of the page exists"
  run "$prog" --help
  code_is 0 "$prog --help"
  "$prog" --help | grep -oE -- '--[a-z0-9][a-z0-9-]+' | sed 's/^--//' | sort -u >"$T/help"
  is "$(comm -23 "$T/help" "$T/table")" "" "$prog: --help shows only what exists"
  is "$(grep -nE '.{101,}' <("$prog" --help))" "" "$prog: --help fits a terminal"
  run "$prog" --version
  like "$out" "^$prog \(surat\) [0-9]" "$prog --version"
  run "$prog" --no-such-option
  code_is 64 "$prog: an unknown option is a usage error"
  one_line "$prog: said in one line"
done
done_testing
