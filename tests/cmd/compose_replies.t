# Who gets the answer to messages of mailing lists: tests/tools/replies.py has the rules; REPLIES_PEERS=1 REPLIES_COUNT=200 asks mrep and repl too.
. "${SURAT_SRC:?}/tests/lib.sh"
if out=$(python3 "$SURAT_SRC/tests/tools/replies.py" "$T/replies" "${REPLIES_COUNT:-40}" 2>&1); then pass "answers go where the rules say"; else fail "answers go where the rules say" "$out"; fi
printf '%s\n' "$out" | tail -3 | sed 's/^/# /'
done_testing
