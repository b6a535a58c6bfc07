# lib.sh - for tests/cmd/*.t and tests/live/*.t: TAP from bash.  Source it first:  . "$SURAT_SRC/tests/lib.sh"
#
# $T is a fresh folder, gone at exit; HOME and the XDG folders are inside it, so no test sees a person's configuration.
#
#	run mail-read count "$T/md" <in		# sets $out $err $code
#	code_is 0 "count works"; is "$out" 3 "three messages"; like "$err" 'no such' "says so"
#	done_testing
set -u
: "${SURAT_SRC:?}" "${SURAT_BUILD:?}"
T=$(mktemp -d "${TMPDIR:-/tmp}/surat-t.XXXXXX") || exit 99
chmod 755 "$T"
cleanup_hooks=()
at_exit() { cleanup_hooks+=("$1"); }
cleanup() { local h; for h in ${cleanup_hooks[@]+"${cleanup_hooks[@]}"}; do eval "$h"; done; rm -rf "$T"; }
trap cleanup EXIT
mkdir -p "$T/home"
export HOME=$T/home XDG_CONFIG_HOME=$T/home/.config XDG_STATE_HOME=$T/home/.state XDG_CACHE_HOME=$T/home/.cache
export PATH=$SURAT_BUILD:$PATH LC_ALL=C.UTF-8 TZ=UTC
unset EMAIL MAIL SURAT_SERVER SOURCE_DATE_EPOCH CREDENTIALS_DIRECTORY NO_COLOR SURAT_FAULT
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1:abort_on_error=0:exitcode=99}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1:halt_on_error=1}
tap_n=0 tap_bad=0
pass() { tap_n=$((tap_n + 1)); printf 'ok %d - %s\n' "$tap_n" "$1"; }
fail() { tap_n=$((tap_n + 1)); tap_bad=$((tap_bad + 1)); printf 'not ok %d - %s\n' "$tap_n" "$1"; [ $# -lt 2 ] || printf '%s\n' "$2" | cut -c1-2000 | sed 's/^/#   /'; }
skip() { tap_n=$((tap_n + 1)); printf 'ok %d - %s # SKIP %s\n' "$tap_n" "$1" "$2"; }
run() { code=0; "$@" >"$T/.out" 2>"$T/.err" || code=$?; out=$(tr -d '\0' <"$T/.out"); err=$(tr -d '\0' <"$T/.err"); }
is() { if [ "$1" = "$2" ]; then pass "$3"; else fail "$3" "got:  $1
want: $2"; fi; }
isnt() { if [ "$1" != "$2" ]; then pass "$3"; else fail "$3" "got:  $1"; fi; }
like() { if printf '%s' "$1" | grep -qE -- "$2"; then pass "$3"; else fail "$3" "got:  $1
want: /$2/"; fi; }
unlike() { if printf '%s' "$1" | grep -qE -- "$2"; then fail "$3" "got:  $1
must not match: /$2/"; else pass "$3"; fi; }
code_is() { if [ "$code" = "$1" ]; then pass "$2"; else fail "$2" "exit code $code, want $1; stderr: ${err:-}"; fi; }
one_line() { is "$(printf '%s\n' "$err" | grep -c .)" 1 "$1"; } # exactly one line on stderr
fits() { # PROGRAM WHAT: each line of $out is as its schema says
  local why; why=$(printf '%s\n' "$out" | python3 "$SURAT_SRC/tests/tools/schema.py" "$SURAT_SRC/cmd/$1/$1.json" 2>&1) && pass "$2" || fail "$2" "$why"
}
programs() { cat "$SURAT_SRC"/cmd/*/local.mk | sed -n 's/^bin_PROGRAMS += *//p' | tr ' ' '\n'; } # those people start
done_testing() { printf '1..%d\n' "$tap_n"; exit 0; } # what failed is in the lines; another exit code means the test broke off
