# Manual pages: clean, and each program's options are in its page and nowhere else.
. "$SURAT_SRC/tests/lib.sh"
cd "$SURAT_SRC" || exit 99
for page in man/*.[1-8]; do
  is "$(mandoc -Tlint -Wwarning "$page" 2>&1)" "" "$page is clean"
done
items() { # PAGE: the long options that head an item of a list
  mandoc -Thtml -Ofragment "$1" | python3 -c 'import re, sys
for head in re.findall(r"<dt.*?</dt>", sys.stdin.read(), re.S):
    print(*(re.findall(r"<code class=\"Fl\">--([a-z0-9-]+)", head)), sep="\n")' | grep .
}
for prog in $(programs); do
  page=man/$prog.1
  [ -x "$SURAT_BUILD/$prog" ] || { fail "$prog is built"; continue; }
  [ -e "$page" ] || { fail "$prog has a manual page"; continue; }
  "$prog" --list-options | sed 's/^-*//' | sort -u >"$T/table"
  items "$page" | sort -u >"$T/items"
  is "$(comm -23 "$T/table" "$T/items")" "" "$prog: every option is an item of the page"
  is "$(comm -13 "$T/table" "$T/items")" "" "$prog: every option of the page exists"
  run "$prog" --help
  printf '%s\n' "$out" | grep -oE -- '--[a-z0-9][a-z0-9-]+' | sed 's/^--//' | sort -u >"$T/help"
  is "$(comm -23 "$T/help" "$T/table")" "" "$prog: --help shows only what exists"
  is "$(grep -nE '.{101,}' <<<"$out")" "" "$prog: --help fits a terminal"
done
done_testing
