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
# what is loaded when it is first needed (base/late.h), and then only
late() { env LD_DEBUG=files LD_DEBUG_OUTPUT="$T/loaded" "$@" >/dev/null 2>&1; cat "$T"/loaded.* | sed -n 's/.*file=lib\(unbound\|idn2\|psl\|unistring\)\.so.*dynamically loaded by.*/\1/p' | sort -u | tr '\n' ' '; rm -f "$T"/loaded.*; }
printf 'From: a@example.org\nSubject: x\n\nx\n' >"$T/m"
printf '%s\n' 'example.org. TXT "v=spf1 -all"' '_dmarc.example.org. TXT "v=DMARC1; p=none"' >"$T/zone"
is "$(late mail-verify --spf --dkim --dmarc --client-ip 192.0.2.1 -f a@example.org --dns-data "$T/zone" "$T/m")" "" "mail-verify of what every message has loads no table and no resolver"
is "$(late mail-compose -f a@example.org -t b@example.org -s hello <"$T/m")" "" "nor does mail-compose in ASCII"
is "$(late mail-verify --dmarc --dns-data /dev/null "$T/m")" "psl " "where there is no DMARC record the suffix list is asked"
is "$(late mail-mx --dnssec=off --dns-data "$T/zone" example.org)" "" "mail-mx without validation"
is "$(late mail-mx --resolver 127.0.0.1@1 --timeout 1 example.org)" "unbound " "and with it"
is "$(late mail-compose --check-address $'a@b\303\274cher.example')" "idn2 " "a domain beyond ASCII"

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
