# Each header compiles by itself and can be included twice.
. "${SURAT_SRC:?}/tests/lib.sh"
cd "$SURAT_SRC/lib" || exit 99
flags=$(pkg-config --cflags jansson libssl ldns sqlite3 libarchive libxml-2.0 2>/dev/null)
for h in */*.h; do
  out=$(printf '#include "%s"\n#include "%s"\n' "$h" "$h" | ${CC:-cc} -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror -I. $flags -fsyntax-only -xc - 2>&1)
  is "$out" "" "$h stands alone"
done
done_testing
