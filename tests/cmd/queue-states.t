# mail-queue: the table of states in surat-queue(5), each transition walked; damaged files; many runs at once; runs that are stopped and killed.
. "$SURAT_SRC/tests/lib.sh"
. "$SURAT_SRC/tests/cmd/queue.sh"

# state: of $id, told by the files as the manual says
state() {
  local f found=gone
  for f in $(ls -A "$S" "$S/quarantine" 2>/dev/null); do
    case $f in
    "$id".held | "$id".[0-9]* | "$id".held.*) found=$f ;;
    *.tmp) [ "$found" != gone ] || found=new ;;
    esac
  done
  [ ! -e "$S/quarantine/$found" ] || found=quarantine
  ! ls "$S"/moved/exported-*/"$id".* >/dev/null 2>&1 || found=exported
  case $found in
  new | gone | quarantine | exported) echo $found ;;
  *.claimed-*) echo claimed ;;
  *.out-*) echo out ;;
  *.held) echo held ;;
  *) echo waiting ;;
  esac
}
# in_state STATE: within ten seconds
in_state() { for _ in $(seq 100); do [ "$(state)" = "$1" ] && return 0; sleep 0.1; done; return 1; }
background() { mail-queue run --spool "$S" --transport "$transport" "$@" >"$T/run.out" 2>"$T/run.err" & runner=$!; }
stop_it() { kill "$runner"; wait "$runner"; }
become() { # STATE: a message that is in it
  fresh
  case $1 in
  new) id=none ;;
  waiting | any) add bob@budi.test ;;
  held) add bob@budi.test; q hold "$id" ;;
  exported) add bob@budi.test; rm -f "$T/x.zip"; q export "$T/x.zip" ;;
  # two destinations: what is out is in the journal
  claimed) add bob@budi.test dan@dewi.test; rules 'bob hang' 'dan hang'; background ;;
  out) add bob@budi.test; rules 'bob hang'; background ;;
  esac
  [ "$1" = any ] || [ "$1" = new ] || in_state "$1" || fail "a message that is $1" "$(ls -A "$S"); $(cat "$T/run.err")"
}
walk() { # FROM TO: what makes that transition
  case $1-$2 in
  new-waiting)
    mkfifo "$T/fifo"
    mail-queue add --spool "$S" -f ana@ana.test --mx bob@budi.test <"$T/fifo" >"$T/id" &
    local adding=$!
    exec 9>"$T/fifo"
    printf 'Subject: slow\n\n' >&9
    exec 9>&-
    wait $adding
    id=$(cat "$T/id")
    rm "$T/fifo"
    ;;
  new-held)
    # mail-send keeps so what it may not lose
    printf 'Subject: x\n\nx\n' >"$T/kept"
    cat "$T/kept" | mail-send --spool "$S" -f ana@ana.test --server smtp://127.0.0.1:1 bob@budi.test >/dev/null 2>&1
    id=$(ls "$S" | sed 's/\..*//')
    ;;
  waiting-held) q hold "$id" ;;
  held-waiting) q release "$id" ;;
  waiting-claimed) rules 'bob defer' '@dewi hang'; q delete "$id"; add bob@budi.test dan@dewi.test; background; in_state claimed ;;
  claimed-out) rules 'bob hang'; stop_it; q delete --all; add bob@budi.test; background; in_state out ;;
  claimed-waiting | out-waiting) stop_it ;;
  held-claimed) q delete "$id"; add bob@budi.test dan@dewi.test; q hold "$id"; rules 'bob hang' 'dan hang'; background "$id"; in_state claimed ;;
  claimed-held | out-held)
    stop_it
    q hold "$id"
    rules '@ hang'
    background "$id"
    in_state "$1"
    stop_it
    ;;
  claimed-gone | out-gone) stop_it; rules; flush --force ;;
  waiting-gone | held-gone) q delete "$id" ;;
  waiting-exported | held-exported) rm -f "$T/x.zip"; q export "$T/x.zip" ;;
  exported-waiting) q import "$T/x.zip" ;;
  any-quarantine) truncate -s -1 "$S/$id".*; flush ;;
  *) return 1 ;;
  esac
}
rows=0
while read -r from to; do
  rows=$((rows + 1))
  become "$from"
  walk "$from" "$to" || fail "$from -> $to is known to this test"
  is "$(state)" "$to" "$from -> $to"
  legal "$from -> $to: all names are in the manual"
  [ "$to" != claimed ] && [ "$to" != out ] || stop_it
  q check
  case $to in quarantine) ;; *) code_is 0 "$from -> $to: check" ;; esac
done < <(sed -n '/^\.\\" transitions/,/^\.\\" end/p' "$SURAT_SRC/man/surat-queue.5" | sed -n 's/^\.It \([a-z]*\) Ta \([a-z]*\) Ta.*/\1 \2/p')
[ "$rows" -ge 15 ] && pass "$rows transitions" || fail "$rows transitions"

# --- damaged files: into quarantine, told, and the rest goes on ---
damaged() { # WHAT COMMAND...: done to the spool with $bad its file
  local what=$1
  shift
  fresh
  add bob@budi.test
  add dan@dewi.test
  bad=$(ls "$S"/"$id".*)
  "$@"
  q list
  isnt "$code" 0 "$what: list tells"
  add eve@eka.test
  flush
  code_is 65 "$what: the run tells"
  one_line "$what: in one line"
  like "$err" 'quarantine' "$what: that it is in quarantine"
  is "$(sent)" "bob@budi.test eve@eka.test" "$what: the rest goes on"
  [ -n "$(ls -A "$S/quarantine")" ] && pass "$what: it is there" || fail "$what: it is there"
  is "$(ls -A "$S")" quarantine "$what: and only there"
  q check
  code_is 0 "$what: now all is well"
  like "$out" '	quarantine	' "$what: check shows what lies there"
}
make_half() { truncate -s $(($(stat -c %s "$bad") / 2)) "$bad"; }
make_empty() { : >"$bad"; }
make_cut() { truncate -s -1 "$bad"; }
make_longer() { printf x >>"$bad"; }
make_garbage() { head -c 5000 /dev/urandom >"$bad"; }
make_zeros() { head -c 5000 /dev/zero >"$bad"; }
make_symlink() { cp "$bad" "$T/elsewhere"; ln -sf "$T/elsewhere" "$bad"; }
make_hardlink() { ln "$bad" "$T/elsewhere.$RANDOM"; }
make_folder() { rm "$bad"; mkdir "$bad"; }
make_fifo() { rm "$bad"; mkfifo "$bad"; }
make_foreign() { chown 65534 "$bad"; }
make_journal() { printf 'surat-journal 1 %s\nwhatever\n' "$id" >"$S/$id.log"; }
make_journal_link() { : >"$T/target"; ln -s "$T/target" "$S/$id.log"; }
make_other_journal() { printf 'surat-journal 1 ZZZZZZZ\n' >"$S/$id.log"; }
for how in half empty cut longer garbage zeros symlink hardlink fifo foreign journal journal_link other_journal; do
  [ $how != foreign ] || [ "$(id -u)" = 0 ] || { skip "foreign" "needs root"; continue; }
  damaged "$how" make_$how
done
fresh
add dan@dewi.test
q check
code_is 0 "check: a sound spool"
head -c 100 /dev/urandom >"$S/core"
chmod 644 "$S"/"$id".*
q check
code_is 65 "check tells of what does not belong there"
like "$out" "^core	strange	" "a strange file"
q check --json
fits mail-queue "check --json is as its schema says"
q check
like "$out" "^$id\.[0-9]*	mode	" "a file others may read"
q check --repair
code_is 0 "--repair"
like "$out" '	(true|yes)$' "says that it did"
is "$(stat -c %a "$S"/"$id".*)" 600 "mode"
is "$(ls "$S/quarantine")" core "quarantine, not deleted"
sed -i '1s/1/2/' "$S"/"$id".*
flush
like "$err" 'of version 2' "a file of a later version"
is "$(state)" waiting "stays where it is"

# --- stopped by a signal: what is being sent is finished, the rest is as it was ---
# a transport that begins the next one just as it is ended leaves that unknown: then once more
for _ in 1 2 3 4 5; do
  fresh
  rules '* slow 1'
  for i in 1 2 3 4 5; do add s$i@budi.test; done
  before=$(ls "$S")
  background --per-domain 1 -v
  for _ in $(seq 100); do [ -e "$TRANSPORT.sent" ] && break; sleep 0.1; done
  stop_it
  grep -q unknown "$T/run.out" || break
done
n=$(wc -l <"$TRANSPORT.sent")
is "$(wc -l <"$T/run.out")" "$n" "SIGTERM: what was in the middle of it is settled"
is "$(grep -c 'unknown' "$T/run.out")" 0 "nothing is unknown"
is "$(ls "$S" | wc -l)" $((5 - n)) "the rest waits"
is "$(comm -13 <(printf '%s\n' "$before") <(ls "$S"))" "" "under its old names"
rules
flush
is "$(sent)" "s1@budi.test s2@budi.test s3@budi.test s4@budi.test s5@budi.test" "each has it once"

# --- a run that is killed: its transport keeps the lock; then what it had is unknown ---
fresh
rules 'bob hang-sending'
add bob@budi.test
add dan@dewi.test
mail-queue run --spool "$S" --transport "$transport; echo \$\$ >$T/never" >"$T/run.out" 2>&1 &
runner=$!
# dan's letter is sent and settled: what was sent and not yet settled would be unknown too
for _ in $(seq 100); do grep -q bob "$TRANSPORT.sent" 2>/dev/null && ! mail-queue list --spool "$S" | grep -q dan && break; sleep 0.1; done
hanging=$(pgrep -f "$SURAT_SRC/tests/tools/transport.py" -P "$(pgrep -P $runner | paste -sd,)" | paste -sd' ')
{ kill -9 $runner; wait $runner; } 2>/dev/null
rules
flush --force
is "$(sent)" "bob@budi.test dan@dewi.test" "while a transport of a killed run lives, what it was given is given to nobody else"
q list
like "$out" "	sending	ana@ana.test	bob@budi.test	" "and counts as being sent"
id=$(printf '%s\n' "$out" | cut -f1)
q delete "$id"
code_is 75 "nor can it be deleted"
one_line "which is said in one line"
kill -9 $hanging 2>/dev/null
for _ in $(seq 50); do flush --force; [ -z "$(ls "$S")" ] && break; sleep 0.1; done
is "$(sent)" "bob@budi.test bob@budi.test dan@dewi.test" "then it is unknown, and tried once more"

is "$(pgrep -f "^[^ ]*python3 $SURAT_SRC/tests/tools/transport.py" | while read -r p; do tr '\0' '\n' <"/proc/$p/environ" 2>/dev/null | grep -qx "TRANSPORT=$TRANSPORT" && echo $p; done)" "" "no transport is left behind"

# --- bounds: destinations at once, transports for each, messages a minute ---
overlap() { # [DOMAIN]: the most at work at one time
  grep "${1:-.}" "$TRANSPORT.times" | sort -n | awk '{ n += $2; if (n > most) most = n } END { print most }'
}
fresh
rules '* slow 0.5'
for i in $(seq 8); do printf 'From ana\nTo: m@d%d.test\n\nHalo.\n\n' $i; done | mail-queue add --spool "$S" -f ana@ana.test --mx -t --mbox >/dev/null
flush --jobs 3
n=$(overlap)
if [ "$n" -le 3 ] && [ "$n" -ge 2 ]; then pass "--jobs 3: no more than three at once"; else fail "--jobs 3: no more than three at once" "$n"; fi
is "$(wc -l <"$TRANSPORT.sent")" 8 "and all are sent"
fresh
rules '* slow 0.02'
for i in $(seq 150); do printf 'From ana\nTo: m%d@d.test\n\nHalo.\n\n' $i; done | mail-queue add --spool "$S" -f ana@ana.test --mx -t --mbox >/dev/null
flush --per-domain 2
n=$(overlap d.test)
if [ "$n" -le 2 ]; then pass "--per-domain 2: no more than two transports"; else fail "--per-domain 2: no more than two transports" "$n"; fi
is "$(wc -l <"$TRANSPORT.sent")" 150 "and all are sent"
fresh
for i in $(seq 8); do add m$i@d.test; done
began=$(date +%s%N)
flush --rate 10/s
took=$((($(date +%s%N) - began) / 1000000))
is "$(wc -l <"$TRANSPORT.sent")" 8 "--rate: all are sent"
if [ $took -ge 700 ]; then pass "and not faster than that"; else fail "and not faster than that" "$took ms"; fi

# --- watch: what comes is sent, until it is stopped ---
fresh
mail-queue watch --spool "$S" --transport "$transport" -v >"$T/watch.out" 2>"$T/watch.err" &
watcher=$!
for _ in $(seq 50); do [ -d "$S" ] && break; sleep 0.1; done
add bob@budi.test
for _ in $(seq 100); do [ "$(sent)" = bob@budi.test ] && break; sleep 0.1; done
is "$(sent)" "bob@budi.test" "watch: what comes is sent"
kill $watcher
code=0
wait $watcher || code=$?
code_is 0 "and ends when it is told to"
like "$(cat "$T/watch.out")" "^$id	bob@budi.test	sent	" "with -v it tells"
is "$(cat "$T/watch.err")" "" "and else is silent"

# --- many runs at once: each message once ---
export SENT=$T/many.sent
fast="sh $SURAT_SRC/tests/tools/transport.sh"
many() { # HOW-MANY-MESSAGES
  fresh
  rm -f "$SENT"
  for i in $(seq "$1"); do printf 'From ana\nTo: m%d@d%d.test\n\nHalo %d.\n\n' "$i" $((i % 7)) "$i"; done |
    mail-queue add --spool "$S" -f ana@ana.test --mx -t --mbox >"$T/ids"
}
most=${SURAT_MANY:-300} # more by hand
many $most
runs=
for i in $(seq 20); do mail-queue run --spool "$S" --transport "$fast" 2>>"$T/many.err" & runs="$runs $!"; done
wait $runs
is "$(cat "$T/many.err")" "" "20 runs over $most messages: nothing to complain about"
is "$(sort "$SENT" | uniq -d | wc -l)" 0 "none was sent twice"
is "$(wc -l <"$SENT")" "$most" "and each once"
is "$(ls -A "$S")" "" "nothing is left"

# --- and when some of them are killed: twice only what is told to be unknown ---
many $most
: >"$T/many.err"
runs=
for i in $(seq 20); do mail-queue run --spool "$S" --transport "$fast" 2>>"$T/many.err" & runs="$runs $!"; done
{ for p in $(printf '%s\n' $runs | shuf -n 12); do sleep 0.05; kill -9 "$p"; done; wait $runs; } 2>/dev/null
for i in 1 2 3; do mail-queue run --spool "$S" --force --transport "$fast" 2>>"$T/many.err"; done
is "$(cut -d' ' -f2 "$SENT" | sort -u | wc -l)" "$most" "12 of 20 runs killed: nothing is lost"
bad=
for i in $(sort "$SENT" | uniq -d | cut -d' ' -f1); do grep -q "$i: given back.* 1 of its recipients" "$T/many.err" || bad="$bad $i"; done
is "$bad" "" "what was sent twice was told ($(sort "$SENT" | uniq -d | wc -l) of $most)"
is "$(ls -A "$S")" "" "nothing is left"
done_testing
