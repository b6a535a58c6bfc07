# make install puts everything where it is found again: programs, helpers, manual pages; and make uninstall leaves nothing.
. "${SURAT_SRC:?}/tests/lib.sh"
cd "$SURAT_BUILD" || exit 99
unset MAKEFLAGS MFLAGS MAKELEVEL
run make -s install DESTDIR="$T/root"
code_is 0 "make install"
prefix=$(sed -n 's/^prefix = //p' Makefile)
root=$T/root$prefix
for prog in $(programs); do
  [ -x "$root/bin/$prog" ] && pass "$prog is installed" || fail "$prog is installed"
done
for page in "$SURAT_SRC"/man/*.[1-8]; do
  name=$(basename "$page") section=${page##*.}
  cmp -s "$page" "$root/share/man/man$section/$name" && pass "$name is installed" || fail "$name is installed"
done
for helper in surat-*; do
  [ -f "$helper" ] && [ -x "$helper" ] || continue
  [ -x "$root/libexec/surat/$helper" ] && pass "$helper is in libexec" || fail "$helper is in libexec"
done
for schema in "$SURAT_SRC"/cmd/*/*.json; do
  name=$(basename "$schema")
  cmp -s "$schema" "$root/share/surat/schema/$name" && pass "the schema $name is installed" || fail "the schema $name is installed"
done
is "$(find "$T/root" -type f -perm /7022)" "" "nothing is set-uid or writable by others"
is "$(cd "$root" && find . -type f | grep -vE '^\./(bin/mail-[a-z]+|libexec/surat/surat-[a-z]+|share/man/man[1-8]/[a-z-]+\.[1-8]|share/surat/schema/[a-z-]+\.json)$')" "" "and nothing else is installed"
run "$root/bin/mail-read" --version
code_is 0 "what was installed runs"
run make -s uninstall DESTDIR="$T/root"
is "$(find "$T/root" -type f -o -type l)" "" "make uninstall leaves nothing"
done_testing
