# What each program loads: start-up is paid in every pipeline, and linked means loaded.  The sanitizers' own libraries do not count.
. "${SURAT_SRC:?}/tests/lib.sh"
cd "$SURAT_BUILD" || exit 99
needed() { readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\.so.*\]/\1/p' | grep -vE '^(libc|ld-linux.*|libm|libgcc_s|lib[abltu]*san|libpthread|libdl|librt|libresolv)$' | sort | tr '\n' ' ' | sed 's/ $//'; }
while read -r prog allowed; do
  [ -x "$prog" ] || { if [ "$prog" = surat-pgp ]; then skip "$prog" "built without gpgme"; else fail "$prog is built"; fi; continue; }
  extra=$(comm -23 <(needed "$prog" | tr ' ' '\n') <(printf '%s\n' $allowed | sort))
  is "$extra" "" "$prog loads nothing but what it needs"
done <"$SURAT_SRC/tests/house/ldd.list"
for prog in mail-* surat-*; do
  [ -f "$prog" ] && [ -x "$prog" ] && { grep -q "^$prog " "$SURAT_SRC/tests/house/ldd.list" && pass "$prog is in ldd.list" || fail "$prog is in ldd.list" "$(needed "$prog")"; }
done
# and how it is linked: position independent, relocations read-only and resolved at start, no executable stack
for prog in mail-* surat-*; do
  [ -f "$prog" ] && [ -x "$prog" ] || continue
  headers=$(readelf -Wlhd "$prog")
  like "$headers" 'Type: +DYN' "$prog is position independent"
  like "$headers" 'GNU_RELRO' "$prog: relocations are read-only"
  like "$headers" 'BIND_NOW|Flags:.* NOW' "$prog: and resolved at start"
  like "$headers" 'GNU_STACK +0x0+ 0x0+ 0x0+ 0x0+ 0x0+ RW ' "$prog: no executable stack"
done
done_testing
