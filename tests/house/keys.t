# The keys the configuration may have (lib/account/keys.c) are the options the programs have, and a few words more.
. "${SURAT_SRC:?}/tests/lib.sh"
cd "$SURAT_SRC" || exit 99
sed -n 's/^ *{"\([a-z0-9-]*\)", \(.*\)},$/\1 \2/p' lib/account/keys.c >"$T/table"
cut -d' ' -f1 "$T/table" >"$T/known"
is "$(LC_ALL=C sort -c "$T/known" 2>&1)" "" "the table is sorted, as its search wants it"
is "$(sort "$T/known" | uniq -d)" "" "no key stands in it twice"
: >"$T/options"
for prog in $(programs); do
  [ -x "$SURAT_BUILD/$prog" ] || { fail "$prog is built"; continue; }
  "$prog" --list-keys | sort -u >"$T/own"
  isnt "$(wc -l <"$T/own")" 0 "$prog has keys"
  is "$(comm -23 "$T/own" <(sort "$T/known"))" "" "each option of $prog that may be configured is a known key"
  cat "$T/own" >>"$T/options"
done
is "$(comm -13 <(sort -u "$T/options") <(grep -v KEY_ACCOUNT "$T/table" | cut -d' ' -f1 | sort))" "" "each known key is an option of some program"
# every program has a section
for prog in $(programs); do
  printf '[%s]\ncolor = never\n' "${prog#mail-}" >"$T/config"
  run "$prog" --config "$T/config" --show-config
  code_is 0 "[${prog#mail-}] is a section"
  like "$out" "^color	$T/config:2	never$" "and its keys count"
done
done_testing
