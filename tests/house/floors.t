# An include may name its own room or a room on a lower floor, by its room (no "../", no bare name).
. "${SURAT_SRC:?}/tests/lib.sh"
cd "$SURAT_SRC" || exit 99
floor() {
  case $1 in
  base) echo 0 ;;
  io) echo 1 ;;
  codec | crypto) echo 2 ;;
  mime | dns | net | sasl | cli | report | config | state) echo 3 ;;
  smtp | imap | pop3 | store | dsn | tlsrpt | query | compose | auth | login | secure | inspect | clamd) echo 4 ;;
  account | route | queue | scan) echo 5 ;;
  submit | deliver | fetch | policy) echo 6 ;;
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
picture=$(sed -n '/^Where things are/,/^How to/p' README)
for dir in lib/*/; do
  room=$(basename "$dir") f=$(floor "$room") bad=
  if [ "$f" = none ]; then fail "lib/$room has a floor"; continue; fi
  for file in "$dir"*.[ch]; do [ -e "$file" ] && bad+=$(climbs "$file" "$room" "$f"); done
  is "$bad" "" "lib/$room includes only what is below it"
  like "$picture" "^ +($f )?.*\b$room\b" "and stands in the README's picture"
done
bad=
for file in cmd/*/*.[ch]; do # a header of the program's own folder has no slash in its name
  [ -e "$file" ] || continue
  bad+=$(grep -noE '^ *# *include +"[^"]+"' "$file" | grep -vE '"([a-z0-9]+/)?[a-z0-9_-]+\.h"$' | sed "s|^|$file:|")
done
is "$bad" "" "cmd/ includes rooms of lib/ and its own folder only"
# code only: a comment may name what it likes
calls() { # WHERE... -- NAMES: each call of a function of that name that is not a member's or part of a longer name
  local where=()
  while [ "$1" != -- ]; do where+=("$1"); shift; done
  grep -rnE "(^|[^_a-zA-Z0-9>.\"%])($2) *\(" "${where[@]}" --include='*.c' --include='*.h' | grep -vE '^[^:]*:[0-9]+:\s*(\*|/\*|//)' || true
}
is "$(calls lib -- 'exit|_exit|abort|printf|puts|putchar|perror|fprintf|vfprintf|syslog' | grep -vE '^lib/(base/(alloc|late)|cli/|report/|io/child|io/sys)')" "" \
  "lib/ neither prints nor exits"
is "$(calls lib cmd -- 'system|popen|gets|strcpy|strcat|strncat|stpcpy|sprintf|vsprintf|mktemp|tmpnam|tempnam|strtok|alloca|atoi|atol|rand|random|srand|scanf|sscanf|gmtime|localtime|asctime|ctime|inet_ntoa|gethostbyname|mmap|fork|vfork' | grep -vE '^lib/io/child_fork')" "" \
  "none of the functions that are unsafe, or keep their result in a buffer all share"
is "$(calls lib cmd -- 'open|openat|close|read|pread|write|pwrite|fsync|fdatasync|ftruncate|rename|renameat|renameat2|link|linkat|unlink|unlinkat|mkdir|mkdirat|stat|lstat|fstat|fstatat|poll|select|socket|connect|accept|accept4' | grep -v '^lib/io/')" "" \
  "system calls go through lib/io, where a test can make them fail"
is "$(calls lib cmd -- 'time|clock_gettime|gettimeofday|getrandom|getentropy' | grep -v '^lib/base/')" "" "the clock and chance are asked in lib/base only"
is "$(calls lib cmd -- 'malloc|calloc|realloc|strdup|strndup|asprintf|vasprintf' | grep -v '^lib/base/')" "" "memory comes from lib/base/alloc.h, which never returns NULL"
done_testing
