# Sourced by every area. One case is a few commands that do the same work, run in turn (A B C A B C ...) after a round that warms the caches:
#
#	. "$(dirname "$0")/lib.sh"
#	bench attach-100M -b 1e8			# -i items or -b bytes: what a rate is counted in; -n runs; -t seconds each may take
#	peer  mmime  'mmime <"$W/mm" >/dev/null'	# left out, and said so, where its first word is not installed
#	floor cat    'cat "$RAW" >/dev/null'		# what a plain tool needs; never the "best peer"
#	ours  'mail-compose -a "$RAW" </dev/null >/dev/null'
#	bar   wall 0.2 mmime				# ours takes at most 0.2 of mmime's time ("best": of the fastest peer's)
#	bar   rss 8192					# at most so many KiB resident; `wall 1.5`: seconds; `rate 20000`: items a second
#	measure
#
# peer, floor and ours take, before the name: -s SETUP (run before each, not timed), -c COMMAND (prints a server's cumulative CPU seconds),
# -a COMMAND (its output is shown as the answer, so that a fast wrong one is seen; else the first line of standard output is).
# Commands are run by `sh -c` and see: $W a scratch folder of the area, $CORPUS (corpus.py's), $EACH (tools/each.c: one process a file), and
# our programs first in PATH.
set -u
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
SURAT_SRC=$(cd "$HERE/../.." && pwd)
SURAT_BUILD=$(cd "${SURAT_BUILD:-$SURAT_SRC/build}" && pwd) || exit 66
BENCH_DATA=${BENCH_DATA:-${TMPDIR:-/tmp}/surat-bench}
BENCH_BARS=${BENCH_BARS:-/dev/null}
RUNS=${RUNS:-5}
ONLY=${ONLY:-*}
AREA=$(basename "$0" .sh)
W=$BENCH_DATA/$AREA
CORPUS=$BENCH_DATA/corpus
HOME=$W/home # no person's configuration
BIN=$BENCH_DATA/bin
EACH=$BIN/each
mkdir -p "$HOME" "$BIN" || exit 73
export HERE SURAT_SRC SURAT_BUILD BENCH_DATA W CORPUS HOME BIN EACH LC_ALL=C.UTF-8
export PATH=$SURAT_BUILD:$BIN:$PATH
unset EMAIL MAIL SURAT_SERVER XDG_CONFIG_HOME XDG_STATE_HOME XDG_CACHE_HOME

# build_tool NAME [FLAGS...]: tools/NAME.c -> $BIN/NAME
build_tool() {
  local name=$1 from=$HERE/tools/$1.c; shift
  [ "$BIN/$name" -nt "$from" ] || ${CC:-cc} -O2 -o "$BIN/$name" "$from" "$@" || { echo "$AREA: cannot build $name" >&2; return 1; }
}
build_tool ru && build_tool each || exit 71

# need_corpus [--big] [--big-1g]: the messages and attachments of corpus.py, made once
need_corpus() {
  local what; what=$(printf '%s' "$*" | tr -d ' ')
  [ -e "$CORPUS/made$what" ] && return
  python3 "$HERE/corpus.py" --out "$CORPUS" "$@" >&2 || exit 71
}

at_exit_hooks=()
at_exit() { at_exit_hooks+=("$1"); }
finish() { local h; for h in ${at_exit_hooks[@]+"${at_exit_hooks[@]}"}; do eval "$h"; done; rm -f "$W/spec"; }
trap finish EXIT
have() { command -v "$1" >/dev/null 2>&1; }

bench() { # NAME [-i ITEMS] [-b BYTES] [-n RUNS] [-t SECONDS]
  CASE=$1; shift
  CASE_OPTIONS=(--case "$CASE" --runs "$RUNS")
  local OPTIND=1 o
  while getopts i:b:n:t: o; do
    case $o in
    i) CASE_OPTIONS+=(--items "$OPTARG") ;;
    b) CASE_OPTIONS+=(--bytes "$OPTARG") ;;
    n) CASE_OPTIONS+=(--runs "$OPTARG") ;;
    t) CASE_OPTIONS+=(--timeout "$OPTARG") ;;
    *) exit 64 ;;
    esac
  done
  : >"$W/spec"
}
row() { # KIND [options] NAME COMMAND
  local kind=$1 OPTIND=1 o setup='' cpu='' answer=''; shift
  while getopts s:c:a: o; do
    case $o in s) setup=$OPTARG ;; c) cpu=$OPTARG ;; a) answer=$OPTARG ;; *) exit 64 ;; esac
  done
  shift $((OPTIND - 1))
  printf '%s\037' "$kind" "$1" "$setup" "$2" "$cpu" "$answer" >>"$W/spec"
  printf '\036' >>"$W/spec"
}
# The command that must be there is the name's first word, or -N COMMAND (first).
row_if_there() {
  local kind=$1 needed=''; shift
  [ "$1" = -N ] && { needed=$2; shift 2; }
  local name=${*: -2:1}
  have "${needed:-${name%% *}}" || { echo "  ($name left out: not installed)"; return 0; }
  row "$kind" "$@"
}
peer() { row_if_there peer "$@"; }
floor() { row_if_there floor "$@"; }
ours() { local n=$(($# - 1)); row ours "${@:1:n}" surat "${@: -1}"; }
bar() { printf '%s\037' bar "$1" "$2" "${3:-}" '' '' >>"$W/spec"; printf '\036' >>"$W/spec"; }
measure() {
  # shellcheck disable=SC2254
  case $CASE in $ONLY) ;; *) return 0 ;; esac
  python3 "$HERE/measure.py" "${CASE_OPTIONS[@]}" --area "$AREA" --ru "$BIN/ru" --bars "$BENCH_BARS" <"$W/spec"
}
