# mail-read: flag, move, copy, delete, expunge; sets of names
. "${SURAT_SRC:?}/tests/cmd/read-lib.sh"
names() { (cd "$M" && ls cur new | grep -v '^$'); }

run mail-read flag --add seen,flagged "$TWO"
code_is 0 "flag --add"
is "$out$err" "" "is silent"
is "$(names | grep 1700000002)" "1700000002.M1P1.h:2,FS" "the flags are in the name"
run mail-read flag "$TWO" +replied
is "$(names | grep 1700000002)" "1700000002.M1P1.h:2,FRS" "an old name finds it; +replied"
run mail-read flag -- -flagged -seen "$TWO"
is "$(names | grep 1700000002)" "1700000002.M1P1.h:2,R" "-flagged -seen"
run mail-read flag --add purple "$TWO"
code_is 64 "a flag that does not exist"
one_line "said in one line"
run mail-read flag "$TWO"
code_is 64 "no flag at all"
run mail-read flag "$TWO" +purple
is "$code $err" "64 mail-read: \"purple\" is no flag; there are seen, replied, flagged, trashed, draft, passed" "+ and a word that is no flag"
run mail-read flag --add seen nosuch
is "$code $err" "66 mail-read: nosuch: No such file or directory" "a file that is not there"
run mail-read flag --add seen
code_is 64 "no message" </dev/null
run mail-read flag --add seen --remove seen "$TWO"
code_is 64 "both at once"
run mail-read flag --add seen "$M"
code_is 64 "a whole mailbox is not flagged by accident"
run mail-read delete "$M"
code_is 64 "nor deleted"
is "$(mail-read count "$M")" 3 "nothing is gone"
run mail-read flag --add flagged "$ONE" "$M/cur/1600000000.none" "$THREE"
code_is 66 "one of several is missing"
one_line "said in one line"
is "$(names | grep -c ':2,.*F')" 2 "the others are flagged"

# a pipe of sets
run bash -c "mail-read search subject:invoice '$M' | mail-read move --to '$T/archive/' --names - | mail-read flag --add seen --names -"
code_is 0 "search | move | flag"
is "$(mail-read count "$M") $(mail-read count "$T/archive")" "1 2" "moved"
is "$(mail-read count "$T/archive" --where is:unread)" 0 "and flagged by their new names"
run bash -c "mail-read search -0 is:seen '$T/archive' | mail-read copy -0 --to mbox:'$T/box' --names -"
is "$(tr '\0' '\n' <"$T/.out" | sed "s|#.*||")" "mbox:$T/box
mbox:$T/box" "copied into an mbox"
is "$(mail-read list "$T/box" --format '{subject}')" "Invoice March
Re: Invoice March" "whole"
run mail-read move --to "$M" --json "$(mail-read search from:alice "$T/archive")"
is "$(printf '%s' "$out" | python3 -c 'import json,sys; m=json.load(sys.stdin); print("/archive/" in m["from"], "/md/" in m["name"])')" "True True" "move --json"
fits mail-read "as its schema says"
run mail-read move --to "$T/archive" "$T/none"
code_is 66 "move: not there"
run mail-read move "$ONE"
code_is 64 "move: where to?"
run mail-read copy --to "$T/whole/" "$M"
is "$(mail-read count "$T/whole")" "$(mail-read count "$M")" "copy takes a whole mailbox"
run mail-read move --to "$T/x/" "$M"
code_is 64 "move does not"

# an mbox
run mail-read flag --add seen "$(mail-read search subject:re: "$T/box")"
code_is 0 "flag in an mbox"
run mail-read delete "$(mail-read search from:alice "$T/box")"
code_is 0 "delete in an mbox"
is "$(mail-read list "$T/box" --format '{subject}')" "Re: Invoice March" "the other stays"

run mail-read delete "$THREE"
code_is 0 "delete"
is "$(mail-read count --where subject:agenda "$M")" 0 "gone"
run mail-read delete "$THREE"
code_is 66 "deleting twice"
run mail-read flag --add trashed "$(mail-read search from:alice "$M")"
run mail-read expunge "$M"
code_is 0 "expunge"
is "$(mail-read count "$M")" 0 "removes what is trashed, and nothing else"
is "$(mail-read count "$T/archive")" 1 "elsewhere"

printf '\n%s\n\n' "$(mail-read search invoice "$T/archive")" >"$T/names"
run mail-read headers -n subject --names "$T/names"
is "$out" "Re: Invoice March" "--names FILE, empty lines passed over"
head -c 100000 /dev/zero | tr '\0' x >"$T/names"
run mail-read headers --names "$T/names"
code_is 65 "a name that does not end"
one_line "said in one line"
run mail-read headers --names "$T/nowhere"
code_is 66 "a file of names that is not there"

# a rename that fails leaves all as it was
if SURAT_FAULT=rename:1:EIO mail-read flag --add passed "$(mail-read search invoice "$T/archive")" 2>/dev/null; then
  skip "a rename that fails" "built without faults"
else
  is "$(mail-read count "$T/archive" --where flag:passed)" 0 "a rename that fails: nothing changed"
fi
# messages of one length in an mbox: each change moves the others to where another one was
for i in $(seq 1000 3499); do printf 'From a@x Tue Nov 14 22:13:20 2023\nSubject: %d\n\nx\n\n' "$i"; done >"$T/same"
subjects() { cat "$@" | sed -n 's/^Subject: //p' | sort -n | awk 'NR == 1 {first = $1} {last = $1} END {print first, last, NR}'; }
run mail-read search is:unread "$T/same"
printf '%s\n' "$out" | sed -n '1,2200p' >"$T/most"
run mail-read delete --names "$T/most"
code_is 0 "2200 messages of an mbox deleted"
is "$(subjects "$T/same")" "3200 3499 300" "those and no others"
run mail-read search is:unread "$T/same"
printf '%s\n' "$out" | sed -n '1~2p' >"$T/odd"
run mail-read move --to "maildir:$T/odd-ones" --names "$T/odd"
code_is 0 "every second one moved"
is "$(printf '%s\n' "$out" | grep -c '/odd-ones/new/')" 150 "their names"
is "$(subjects "$T/same")" "3201 3499 150" "the others stayed"
is "$(subjects "$T/odd-ones"/new/*)" "3200 3498 150" "and these went"
done_testing
