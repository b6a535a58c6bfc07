# mail-read as a parser: a corpus decoded whole in one thread and in two, a large attachment extracted, what breaks parsers.
. "$(dirname "$0")/lib.sh"
need_corpus --big
build_tool gmime-parse $(pkg-config --cflags --libs gmime-3.0 2>/dev/null) 2>/dev/null
MD=$CORPUS/Maildir BIG=$CORPUS/big
PARSE_PY='import email, sys
n = 0
for line in sys.stdin:
    with open(line.rstrip("\n"), "rb") as f:
        for part in email.message_from_binary_file(f).walk():
            n += len(part.get_payload(decode=True) or b"")
print(n)'
export MD BIG PARSE_PY
messages=$(find "$MD/cur" "$MD/new" -type f | wc -l) bytes=$(du -sb "$MD" | cut -f1)

bench parse-all -i "$messages" -b "$bytes"
ours 'mail-read parts --quiet "$MD"'
peer -N gmime-parse 'GMime, 1 thread' 'find "$MD/cur" "$MD/new" -type f | gmime-parse'
floor -N cat 'read all' 'find "$MD/cur" "$MD/new" -type f -exec cat {} + >/dev/null'
bar wall 0.25 'GMime, 1 thread'
measure

[ -n "$(mail-read parts --help | grep -e --jobs)" ] && {
bench parse-jobs -i "$messages" -b "$bytes"
ours 'mail-read parts --quiet --jobs 2 "$MD"'
floor -N mail-read '1 thread' 'mail-read parts --quiet --jobs 1 "$MD"'
bar wall 0.556 '1 thread'
measure
}

fresh='rm -rf "$W/x"; mkdir "$W/x"'
same='cmp -s "$(find "$W/x" -size +90M | head -1)" "$BIG/raw-100M.bin" && echo same || echo differs'
bench extract-100M -b 1e8
ours -s "$fresh" -a "$same" 'mail-read extract --all --dir "$W/x" "$BIG/msg-100M.eml"'
peer -N mshow -s "$fresh" -a "$same" 'mshow -x' 'cd "$W/x" && mshow -x "$BIG/msg-100M.eml"'
peer -N mu -s "$fresh" -a "$same" 'mu extract' 'mu extract -a --target-dir="$W/x" "$BIG/msg-100M.eml"'
peer -N munpack -s "$fresh" -a "$same" munpack 'munpack -q -C "$W/x" "$BIG/msg-100M.eml"'
floor -N base64 -s "$fresh" 'base64 -d' 'sed -e 1,18d -e /^--/d "$BIG/msg-100M.eml" | base64 -di >"$W/x/o"'
floor -N cp -s "$fresh" 'cp of the decoded file' 'cp "$BIG/raw-100M.bin" "$W/x/o"'
bar wall 0.4 best
bar rss 8192
measure

python3 "$HERE/bombs.py" "$W/bombs"
for bomb in "$W"/bombs/*; do
  export BOMB=$bomb
  bench "bomb-$(basename "$bomb")" -b "$(stat -c %s "$bomb")" -n 3 -t 20
  # what passes a limit is refused with 65, and that is an answer
  ours 'mail-read parts --quiet "$BOMB"; [ $? -le 65 ]'
  bar wall 1
  bar rss $((4 * $(stat -c %s "$bomb") / 1024 + 16384))
  measure
done
