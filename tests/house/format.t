# The code is as clang-format (version 14, Debian 12's) writes it.
. "${SURAT_SRC:?}/tests/lib.sh"
cd "$SURAT_SRC" || exit 99
if ! clang-format --version 2>/dev/null | grep -q 'version 14'; then
  [ -z "${CI:-}" ] && { skip "formatting" "clang-format 14 is not installed"; done_testing; }
  fail "clang-format 14 is installed"
  done_testing
fi
bad=$(find lib cmd tests -name '*.[ch]' -print0 | xargs -0 clang-format --dry-run 2>&1 | grep -oE '^[^:]+\.[ch]' | sort -u)
is "$bad" "" "all files are formatted"
done_testing
