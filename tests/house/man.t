# Manual pages: clean, and each program's options are in its page and nowhere else.
. "${SURAT_SRC:?}/tests/lib.sh"
cd "$SURAT_SRC" || exit 99
for page in man/*.[1-8]; do
  is "$(mandoc -Tlint -Wwarning "$page" 2>&1)" "" "$page is clean"
done
for ref in $(sed -nE 's/^\.Xr ((mail-|surat)[a-z-]*) ([1-8]).*/\1.\3/p' man/*.[1-8] | sort -u); do
  [ -e "man/$ref" ] && pass "$ref, which a page refers to, exists" || fail "$ref, which a page refers to, exists" "$(grep -l "Xr ${ref%.*}" man/*.[1-8])"
done
flags() { # PAGE head|any: the long options that head an item of a list, or stand anywhere
  mandoc -Thtml -Ofragment "$1" | python3 -c 'import re, sys
text = sys.stdin.read()
for piece in re.findall(r"<dt.*?</dt>", text, re.S) if sys.argv[1] == "head" else [text]:
    print(*(re.findall(r"<code class=\"Fl\">--([a-z0-9-]+)", piece)), sep="\n")' "$2" | grep . | sort -u
}
flags man/surat.7 head >"$T/shared"
for prog in $(programs); do
  page=man/$prog.1
  [ -x "$SURAT_BUILD/$prog" ] || { fail "$prog is built"; continue; }
  [ -e "$page" ] || { fail "$prog has a manual page"; continue; }
  "$prog" --list-options | sed 's/^-*//' | sort -u >"$T/table"
  flags "$page" head >"$T/items"
  flags "$page" any >"$T/named"
  # what all programs share may be described in surat(7), if the page names it
  is "$(comm -23 "$T/table" <(sort -u "$T/items" <(comm -12 "$T/shared" "$T/named")))" "" "$prog: every option is described"
  is "$(comm -13 "$T/table" "$T/items")" "" "$prog: every option of the page exists"
  run "$prog" --help
  printf '%s\n' "$out" | grep -oE -- '--[a-z0-9][a-z0-9-]+' | sed 's/^--//' | sort -u >"$T/help"
  is "$(comm -23 "$T/help" "$T/table")" "" "$prog: --help shows only what exists"
  is "$(grep -nE '.{101,}' <<<"$out")" "" "$prog: --help fits a terminal"
done
done_testing
