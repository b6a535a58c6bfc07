# mail-read: list, search, thread, count, folders
. "${SURAT_SRC:?}/tests/cmd/read-lib.sh"
tab=$(printf '\t')

run mail-read list "$M"
code_is 0 "list"
is "$out" "$ONE${tab}${tab}2026-11-24T09:14:00Z${tab}Alice Wong${tab}400${tab}Invoice March
$TWO${tab}N${tab}2026-11-25T10:00:00Z${tab}Jürgen${tab}$(stat -c %s "$TWO")${tab}Re: Invoice March
$THREE${tab}R${tab}2026-11-23T08:00:00Z${tab}bob@example.net${tab}$(stat -c %s "$THREE")${tab}Agenda" "a line a message, in the order of arrival, TABs between"
run mail-read "$M" "$M"
is "$(printf '%s\n' "$out" | wc -l)" 6 "several mailboxes, one after the other; list is the default"
subjects() { run mail-read list "$M" --format '{subject}' "$@"; printf '%s' "$out" | tr '\n' ','; }
is "$(subjects --sort date)" "Agenda,Invoice March,Re: Invoice March" "--sort date"
is "$(subjects --sort from)" "Invoice March,Agenda,Re: Invoice March" "--sort from"
is "$(subjects --sort subject)" "Agenda,Invoice March,Re: Invoice March" "--sort subject: Re: does not count"
is "$(subjects --sort size -r)" "Invoice March,Re: Invoice March,Agenda" "--sort size -r"
is "$(subjects --limit 2)" "Re: Invoice March,Agenda" "--limit"
is "$(subjects --where is:unread)" "Re: Invoice March" "--where"
run mail-read list "$M" --limit 1 --format '{from:4}|{flags}|{date}|{size}|{id}|{address}\t{{x\n{number}'
is "$out" "bob@|R|2026-11-23T08:00:00Z|$(stat -c %s "$THREE")|three@example.net|bob@example.net${tab}{x
1" "--format"
run mail-read list "$M" --format '{sender}'
code_is 64 "--format: a field that does not exist"
one_line "said in one line"
run mail-read list "$M" --json --sort date
is "$(printf '%s\n' "$out" | python3 -c '
import json, sys
for line in sys.stdin:
    m = json.loads(line)
    print(m["subject"], m["flags"], m["from"], m["date"], m["attachment"], m["message_id"], m["name"].startswith(m["mailbox"]))')" \
"Agenda ['seen', 'replied'] [{'name': '', 'address': 'bob@example.net'}] 2026-11-23T08:00:00Z False three@example.net True
Invoice March ['seen'] [{'name': 'Alice Wong', 'address': 'alice@example.org'}] 2026-11-24T09:14:00Z True one@example.org True
Re: Invoice March ['recent'] [{'name': 'Jürgen', 'address': 'j@example.net'}] 2026-11-25T10:00:00Z False two@example.net True" "--json"
fits mail-read "list --json is as its schema says"
run mail-read list "$T/nowhere/"
code_is 66 "a mailbox that is not there"
one_line "said in one line"
run mail-read list --sort colour "$M"
code_is 64 "an order that does not exist"
run mail-read show --where is:unread "$ONE"
code_is 64 "an option of another command"

run mail-read count "$M"
is "$out" 3 "count"
run mail-read count "$M" "$M"
is "$out" "3${tab}$M
3${tab}$M" "count of several, with their names"
run mail-read count --where subject:invoice "$M"
is "$out" 2 "count --where"

found() { run mail-read search "$@" "$M"; printf '%s\n' "$out" | sed 's/.*170000000\(.\).*/\1/' | tr '\n' ' '; }
is "$(found subject:invoice)" "1 2 " "search"
is "$(found from:jürgen)" "2 " "decoded, without regard to case"
is "$(found body:GRÜSSE)" "2 " "in decoded text, case-folded"
is "$(found lighthouse or agenda)" "2 3 " "or"
is "$(found invoice not is:unread)" "1 " "not"
is "$(found '(from:alice or from:bob)' is:read)" "1 3 " "parentheses"
is "$(found '"the invoice" filename:march')" "1 " "words side by side; a file's name"
is "$(found has:attachment)" "1 " "has:attachment"
is "$(found type:pdf)" "1 " "type:"
is "$(found date:2026-11-23)" "3 " "date:"
is "$(found id:two@example.net)" "2 " "id:"
is "$(found before:2026-11-25 larger:200 --sort date -r)" "1 " "before: and larger:"
run mail-read search nothing-like-this "$M"
code_is 1 "nothing found is 1"
is "$out$err" "" "and nothing is said"
run mail-read search
code_is 64 "no query"
run mail-read search form:alice "$M"
code_is 64 "a key that does not exist"
like "$err" '^mail-read: query: there is no key "form:"$' "is named"
run mail-read search invoice march
code_is 66 "a second word is a mailbox"
like "$err" 'words of a query stand in one argument' "and the message says what to do"
run mail-read search -0 subject:invoice "$M"
is "$(tr '\0' '\n' <"$T/.out" | grep -c '^/')" 2 "-0: NUL between names"
run mail-read search subject:invoice --json --limit 1 "$M"
is "$(printf '%s' "$out" | python3 -c 'import json,sys; m=json.load(sys.stdin); print(m["name"], m["size"], m["flags"])')" "$TWO $(stat -c %s "$TWO") ['recent']" "search --json"
fits mail-read "as its schema says"

run mail-read thread "$M" --json
is "$(printf '%s\n' "$out" | sed 's/.*"subject":"\([^"]*\)".*/\1/' | tr '\n' ',')" "Agenda,Invoice March,Re: Invoice March," "thread"
fits mail-read "thread --json is as its schema says"
run mail-read thread --imap "$M"
is "$out" "(3)(1 2)" "thread --imap"

# a message that cannot be read: said, and listed with what is known
bad=
for k in $(seq 60); do
  SURAT_FAULT=read:$k:EIO run mail-read list "$M"
  if [ "$code" = 74 ] && [ "$(printf '%s\n' "$out" | grep -c /1700)" = 3 ] && [ "$(printf '%s\n' "$err" | grep -c 'cannot read')" = 1 ]; then bad=yes; break; fi
done
if SURAT_FAULT=read:1+:EIO mail-read list "$M" >/dev/null 2>&1; then skip "a message that cannot be read" "built without faults"; else is "$bad" yes "a message that cannot be read"; fi

# a reader that has seen enough
for i in $(seq 400); do printf '%s\n' "$M" "$M" "$M"; done >"$T/often"
code=0
xargs mail-read list <"$T/often" 2>"$T/.err" | head -1 >"$T/.out" || code=$?
is "$(cat "$T/.err")" "" "mail-read list | head says nothing"

# a plain file, an mbox, the store, folders
run mail-read list "$ONE" --format '{name} {size} {subject}'
is "$out" "$ONE $(stat -c %s "$ONE") Invoice March" "a plain file is a mailbox of one message"
printf 'From a@x Mon Nov 23 08:00:00 2026\nSubject: in mbox\n\n>From here\n\nFrom b@x Mon Nov 23 09:00:00 2026\nSubject: second\n\nx\n\n' >"$T/box"
run mail-read list "$T/box" --format '{name} {subject}'
is "$out" "mbox:$T/box#0 in mbox
mbox:$T/box#64 second" "an mbox"
mkdir -p "$M/.Work.2026/cur" "$M/.Work.2026/new" "$M/.Work.2026/tmp" "$M/.Archive/cur" "$M/.Archive/new" "$M/.Archive/tmp" "$HOME/.config/surat"
cp "$ONE" "$M/.Archive/cur/1700000009.M1P1.h:2,S"
echo "mailbox = maildir:$M" >"$HOME/.config/surat/config"
printf '[account a]\nfrom = a@example.org\nmailbox = maildir:%s\n' "$M" >"$HOME/.config/surat/config"
sed -i '1i default-account = a' "$HOME/.config/surat/config"
run mail-read folders
is "$out" "+INBOX${tab}3${tab}1${tab}$((400 + $(stat -c %s "$TWO") + $(stat -c %s "$THREE")))
+Archive${tab}1${tab}0${tab}$(stat -c %s "$ONE")
+Work/2026${tab}0${tab}0${tab}0" "folders"
run mail-read count
is "$out" 3 "the default mailbox"
run mail-read count +Archive
is "$out" 1 "+Archive"
run mail-read search "in:archive invoice"
is "$out" "$M/.Archive/cur/1700000009.M1P1.h:2,S" "in: searches the folders of the store"
run mail-read show id:one@example.org
like "$out" 'Invoice March' "id: finds a message"
run mail-read show id:none@example.org
code_is 66 "or says that there is none"
one_line "in one line"

# numbers are those of a list on this terminal
run mail-read show 1
code_is 64 "a number without a list"
one_line "is said in one line"
cat >"$T/session" <<X
mail-read list "$M" >"$T/table"
mail-read headers -n subject 2 1-1 >"$T/numbered"
mail-read headers -n subject 9 >"$T/nine" 2>&1; echo \$? >>"$T/nine"
mv "$M/cur/1700000003.M1P1.h:2,RS" "$M/cur/1700000003.M1P1.h:2,S"
mail-read headers -n subject 3 >>"$T/numbered"
mail-read list "$M"
mail-read list "$M" >/dev/null
mail-read headers -n subject 3 >>"$T/numbered"
X
NO_COLOR=1 script -qec "bash $T/session" /dev/null >"$T/screen" </dev/null
code=$(tail -1 "$T/nine" 2>/dev/null)
like "$(cat "$T/nine")" 'numbers are those of the last list' "no list was shown on a terminal yet"
is "$(cat "$T/numbered")" "Agenda" "numbers of what was shown on the terminal, not of what went to a file"
like "$(cat "$T/screen")" 'DATE +FROM +SIZE' "a table with a heading on a terminal"
like "$(cat "$T/screen")" '^ *1 .* Alice Wong +400 +@ +Invoice March' "a numbered line"
# --- names and JSON that would do something ---
E=$T/evil
mkdir -p "$E/cur" "$E/new" "$E/tmp"
printf 'Subject: a\302\233m\n\nx\n' >"$E/cur/1700000001.M1.h:2,S"
printf 'Subject: b\n\nx\n' >"$E/cur/$(printf '1700000002.M1.\033]0;x\007h:2,S')"
printf 'Subject: c\n\nx\n' >"$E/cur/$(printf '1700000003.M1.x\nvictim:2,S')"
run mail-read search is:read "$E"
is "$(printf '%s\n' "$out" | wc -l)" 2 "a name with a line end is not given as two names"
code_is 65 "and that is an error"
one_line "said in one line"
like "$err" '\\x0a' "with the line end made visible"
run mail-read search -0 is:read "$E"
code_is 0 "-0: all of them"
is "$(mail-read search -0 is:read "$E" | tr -dc '\0' | wc -c)" 3 "each with its NUL"
for what in "search is:read" "list --json" "parts --json" "headers --json" "show --json"; do
	script -qec "mail-read $what '$E/'" /dev/null </dev/null >"$T/screen" 2>&1
	is "$(LC_ALL=C grep -c "$(printf '\033]\|\302\233')" "$T/screen")" 0 "on a terminal nothing acts: $what"
done
done_testing
