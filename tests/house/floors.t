# An include may name its own room or a room on a lower floor, by its room (no "../", no bare name).
. "$SURAT_SRC/tests/lib.sh"
cd "$SURAT_SRC" || exit 99
floor() {
  case $1 in
  base) echo 0 ;;
  io) echo 1 ;;
  codec | crypto) echo 2 ;;
  mime | dns | net | sasl | cli | report | config | state) echo 3 ;;
  smtp | imap | pop3 | store | dsn | query) echo 4 ;;
  account | route | queue) echo 5 ;;
  submit | deliver | fetch) echo 6 ;;
  *) echo none ;;
  esac
}
climbs() { # FILE ROOM FLOOR: prints each include that is not allowed
  local inc room f
  grep -noE '^ *# *include +"[^"]+"' "$1" | while IFS= read -r inc; do
    room=${inc#*\"} room=${room%\"}
    case $room in */*) room=${room%%/*} ;; *) echo "$1:$inc names no room"; continue ;; esac
    [ "$room" = "$2" ] && continue
    f=$(floor "$room")
    if [ "$f" = none ]; then echo "$1:$inc no such room"; elif [ "$f" -ge "$3" ]; then echo "$1:$inc climbs from floor $3 to floor $f"; fi
  done
}
for dir in lib/*/; do
  room=$(basename "$dir") f=$(floor "$room") bad=
  if [ "$f" = none ]; then fail "lib/$room has a floor"; continue; fi
  for file in "$dir"*.[ch]; do [ -e "$file" ] && bad+=$(climbs "$file" "$room" "$f"); done
  is "$bad" "" "lib/$room includes only what is below it"
done
bad=
for file in cmd/*/*.[ch]; do
  prog=$(basename "$(dirname "$file")")
  bad+=$(grep -noE '^ *# *include +"[^"]+"' "$file" | grep -vE '"[a-z0-9]+/[a-z0-9_]+\.h"$' | grep -vE "\"\\.?/?[a-z0-9_]+\\.h\"$" | sed "s|^|$file:|")
done
is "$bad" "" "cmd/ includes rooms of lib/ and its own folder only"
is "$(grep -rnE '\b(exit|_exit|abort|printf|puts|perror|fprintf) *\(' lib --include='*.c' | grep -vE '^lib/(base/alloc|cli/|report/|io/child|io/sys)' | grep -vE '^[^:]*:[0-9]+:\s*(\*|/\*|//)' || true)" "" "lib/ neither prints nor exits"
is "$(grep -rnE '\b(system|popen|gets|strcpy|strcat|sprintf|mktemp|tmpnam|strtok|alloca) *\(' lib cmd --include='*.c' || true)" "" "none of the unsafe functions"
done_testing
