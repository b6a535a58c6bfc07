# queue.sh - what the tests of mail-queue share. Source it behind lib.sh.
S=$T/spool
export TRANSPORT=$T/rules
export PYTHONDONTWRITEBYTECODE=1
transport="python3 $SURAT_SRC/tests/tools/transport.py"
: >"$TRANSPORT"
printf 'From: ana@ana.test\nTo: bob@budi.test\nSubject: Salam\nMessage-ID: <1@ana.test>\n\nHalo.\n' >"$T/letter"
rules() { printf '%s\n' "$@" >"$TRANSPORT"; }
q() { run mail-queue "$@" --spool "$S"; }
# add RECIPIENT... : $id
add() { q add -f ana@ana.test --mx "$@" <"$T/letter"; id=$out; }
flush() { q run --transport "$transport" "$@"; }
sent() { [ -e "$TRANSPORT.sent" ] && cut -d' ' -f2 "$TRANSPORT.sent" | sort | tr '\n' ' ' | sed 's/ $//'; }
fresh() { rm -rf "$S" "$TRANSPORT".*; : >"$TRANSPORT"; }
files() { ls -A "$S" 2>/dev/null | sed -E "s/$id/ID/; s/\.[0-9]+/.NEXT/; s/-[a-z0-9]{8}/-RUN/" | LC_ALL=C sort | tr '\n' ' ' | sed 's/ $//'; }
# every file is one of those the manual page tells
legal() {
  local f bad=
  for f in $(ls -A "$S" 2>/dev/null); do
    printf '%s\n' "$f" | grep -qE "$legal_names" || bad+="$f "
  done
  is "$bad" "" "$1"
}
legal_names=$(sed -n '/^\.\\" states/,/^\.\\" end/p' "$SURAT_SRC/man/surat-queue.5" | sed -n 's/^\.It Pa \([^ ]*\).*/\1/p' |
  sed -E 's/\./\\./g; s/NEXT/[0-9]+/; s/RUN/[a-z0-9]{8}/; s/ID/[0-9A-HJKMNP-TV-Z]{6,15}/; s/XXXX/[a-z0-9]+/; s/^/^/; s/$/$/' | paste -sd'|')
