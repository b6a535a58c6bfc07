# What git has, a tarball has: a file that no local.mk names would be missing there.
. "${SURAT_SRC:?}/tests/lib.sh"
cd "$SURAT_SRC" || exit 99
# without git (an unpacked tarball, a copy) what lies in the folders that nothing is built in
git -c safe.directory='*' ls-files >"$T/ours" 2>/dev/null ||
  find README LICENSE check demo configure.ac Makefile.am cmd lib man tests -type f ! -path '*/__pycache__/*' ! -name '*.log' >"$T/ours"
unset MAKEFLAGS MFLAGS MAKELEVEL
(cd "$SURAT_BUILD" && make -s distdir distdir="$T/dist") >"$T/log" 2>&1 || fail "make distdir" "$(tail -5 "$T/log")"
(cd "$T/dist" && find . -type f | sed 's|^\./||') | sort >"$T/theirs"
# what serves the checkout only
grep -vE '^(\.gitignore|\.ci/)' "$T/ours" | sort >"$T/wanted"
is "$(comm -23 "$T/wanted" "$T/theirs")" "" "everything is in the tarball"
done_testing
