# mail-compose --merge, --spec, --edit, --lint.
. "$SURAT_SRC/tests/lib.sh"
cd "$T" || exit 99
export EMAIL=ana@a.test
C="mail-compose --now @1700000000 --boundary-seed s"
refused() { # CODE WHAT PATTERN: of the run before
  code_is "$1" "$2"
  one_line "$2: one line"
  like "$err" "$3" "$2: what and where"
  is "$(wc -c <"$T/.out")" 0 "$2: nothing on standard output"
}

# --- merge ---
printf 'email,name,language,file,note\r\nbob@b.test,"Bob, ""B""",en,,"two\nlines"\r\n"Carl <carl@c.test>",,de,x.pdf,From here\r\n' >rows.csv
printf 'Subject: Hi {{name|friend}}\nCc:\n copy+{{language}}@a.test\n\nDear {{ name | friend }},\n{{note}}\nyour {{{{.\n' >template
printf '%%PDF\n' >x.pdf
run $C --merge rows.csv -t '{{email}}' -a '{{file}}' --unsubscribe 'https://x.test/?u={{language}}' <template
code_is 0 "a merge"
is "$(sed -e 's/^Message-ID: .*/Message-ID: ID/' -e '/^Content/d;/^--/d;/^$/d;/^JVB/d' "$T/.out")" 'From ana@a.test Tue Nov 14 22:13:20 2023
Date: Tue, 14 Nov 2023 22:13:20 +0000
From: ana@a.test
To: bob@b.test
Cc: copy+en@a.test
Subject: Hi Bob, "B"
Message-ID: ID
List-Unsubscribe: <https://x.test/?u=en>
List-Unsubscribe-Post: List-Unsubscribe=One-Click
MIME-Version: 1.0
Dear Bob, "B",
two
lines
your {{.
From ana@a.test Tue Nov 14 22:13:20 2023
Date: Tue, 14 Nov 2023 22:13:20 +0000
From: ana@a.test
To: Carl <carl@c.test>
Cc: copy+de@a.test
Subject: Hi friend
Message-ID: ID
List-Unsubscribe: <https://x.test/?u=de>
List-Unsubscribe-Post: List-Unsubscribe=One-Click
MIME-Version: 1.0
Dear friend,
=46rom here
your {{.' "a message a row"
is "$(grep -ac 'filename=x.pdf' "$T/.out")" 1 "an attachment where the row has one"
is "$(grep -a '^Message-ID' "$T/.out" | sort -u | wc -l)" 2 "each has an identifier of its own"
cp "$T/.out" box
is "$(mail-read count box)" 2 "mail-read finds both"
echo 'Hello {{name}}' >letter.en
echo 'Hallo {{name}}' >letter.de
echo '<p>{{name}}' >h.html
run $C --merge rows.csv --body 'letter.{{language}}' --html h.html
like "$out" '^Hallo $' "a text for each language"
like "$out" '^<p>Bob, &quot;B&quot;$' "values in HTML are escaped"
like "$out" '^To: bob@b.test$' "to whom: a column of that name"
printf '[{"email":["a@b.test","c@d.test"],"n":3,"ok":true,"none":null}]' >rows.json
run $C --merge rows.json <<<'{{n}} {{ok}} [{{none}}]'
like "$out" '^To: a@b.test, c@d.test$' "JSON: a list is recipients"
like "$out" '^3 true \[\]$' "JSON: numbers, truth, nothing"
printf '{"to":"a@b.test"}\n{"to":"c@d.test"}\n' | { run $C --merge - --body letter.x 2>/dev/null; }
printf '{"to":"a@b.test"}\n{"to":"c@d.test"}\n' >lines
run bash -c "$C --merge - --html-text x <lines"
run bash -c "cp letter.en fixed; sed -i 's/{{name}}/you/' fixed; $C --merge - --body fixed <lines"
is "$(grep -ac '^From ' "$T/.out")" 2 "JSON: an object a line, from standard input"
printf 'email;name\na@b.test;A\n' >semi.csv
run $C --merge semi.csv <<<'{{name}}'
like "$out" '^A$' "semicolons"
printf '\xef\xbb\xbfemail\tname\na@b.test\tA\n\n' >tab.csv
run $C --merge tab.csv <<<'{{name}}'
like "$out" '^A$' "tabs, a byte order mark, an empty line"
printf 'email,name\na@b.test,"X\nBcc: evil@x.test"\n' >inject.csv
run $C --merge inject.csv -s '{{name}}' -H 'X-Y: {{name}}' <<<x
unlike "$out" '^Bcc' "a value begins no field"
printf 'email\n' >none.csv
run $C --merge none.csv <<<x
code_is 0 "no rows, no messages"
is "$out" "" "and no output"

printf 'email,name\na@b.test,A\nb@b.test\n' >short.csv
run $C --merge short.csv <<<x
refused 65 "a short row" 'short.csv:3: 1 fields, not 2'
printf 'email,name\na@b.test,A,x\n' >long.csv
run $C --merge long.csv <<<x
refused 65 "a long row" 'long.csv:2: more than 2 fields'
run $C --merge rows.csv <<<'{{nmae}}'
refused 65 "a field that does not exist" 'row 1: \{\{nmae\}\}: there is no such field'
run $C --merge rows.csv <<<'{{name'
refused 65 "braces that do not close" 'does not close'
printf 'email\na@b.test\nnobody\n' >bad.csv
run $C --merge bad.csv <<<x
refused 65 "a bad address in the second row" 'bad.csv: row 2: .*nobody'
printf 'name\nA\n' >nowhere.csv
run $C --merge nowhere.csv <<<x
refused 65 "to nobody" 'to whom'
printf 'a,a\n1,2\n' >twice.csv
run $C --merge twice.csv <<<x
refused 65 "two fields of one name" 'two fields are called "a"'
printf 'a\n"1\n' >open.csv
run $C --merge open.csv <<<x
refused 65 "a quote that does not close" 'open.csv:3: the quote of line 2'
printf 'a\n"1"x\n' >behind.csv
run $C --merge behind.csv <<<x
refused 65 "text behind a quote" 'behind'
printf 'email,n\na@b.test,\xff\n' >latin.csv
run $C --merge latin.csv <<<x
refused 65 "not UTF-8" 'n: not UTF-8'
run $C --merge nothing.csv <<<x
refused 66 "a table that is not there" 'nothing.csv'
printf 'email,f\na@b.test,x.pdf\nb@b.test,gone.pdf\n' >files.csv
run $C --merge files.csv -a '{{f}}' <<<x
refused 66 "a file of the second row" 'row 2: gone.pdf'
for bad in '[{"a":1}' '[{"a":{}}]' '{"a":1,"a":2}' '[1]' '{"a":'; do
  printf '%s' "$bad" >bad.json
  run $C --merge bad.json -t a@b.test <<<x
  [ "$bad" = '[{"a":1}' ] && code_is 0 "an array that is cut behind an object is read" || refused 65 "JSON $bad" 'bad.json:1: '
done
run $C --merge rows.csv --reply m <<<x
refused 64 "a merge of answers" 'goes with none'

# --- spec ---
cat >spec.json <<'X'
{"to": ["Bob <bob@b.test>", "c@c.test"], "subject": "Grüße", "text": "Hi\n", "html_text": "<p>Hi", "attach": ["x.pdf", {"file": "x.pdf", "name": "y;type=z.pdf", "type": "application/x-y"}],
 "header": {"X-One": "1", "X-Two": 2}, "reply_to": "r@a.test", "boundary_seed": "s", "8bit": true, "date": "2026-11-24T09:14:00+01:00"}
X
run mail-compose --spec spec.json
code_is 0 "a message declared in JSON"
for want in '^To: Bob <bob@b.test>, c@c.test$' '^Subject: =\?utf-8\?q\?Gr=C3=BC=C3=9Fe\?=$' '^Hi$' 'filename="y;type=z.pdf"' '^Content-Type: application/x-y$' '^X-Two: 2$' '^Reply-To: r@a.test$'; do
  like "$out" "$want" "has $want"
done
run mail-compose --spec spec.json -s Other -t d@d.test
like "$out" '^Subject: Other$' "the command line wins"
like "$out" 'd@d.test' "and adds to lists"
spec() { # CODE PATTERN JSON
  printf '%s' "$3" >bad.json
  run mail-compose --spec bad.json </dev/null
  refused "$1" "$3" "$2"
}
spec 65 'bad.json: subjekt: no such key' '{"subjekt":"x"}'
spec 65 'bad.json: to\[1\]: text is wanted' '{"to":["a@b.test",{}]}'
spec 65 'bad.json: attach\[0\].typ: no such key' '{"attach":[{"file":"x.pdf","typ":"y"}]}'
spec 65 'bad.json: attach: no file is named' '{"attach":{"name":"y"}}'
spec 65 'bad.json: crlf: true or false' '{"crlf":"yes"}'
spec 65 'bad.json: subject: text is wanted' '{"subject":["a"]}'
spec 65 'bad.json: header.X: text is wanted' '{"header":{"X":[]}}'
spec 65 'bad.json: config: no such key' '{"config":"x"}'
spec 65 'bad.json: date: ' '{"date":"never"}'
spec 65 'bad.json:1: ' '{"to":'
spec 65 'an object' '[]'
spec 65 'not an address' '{"to":"nobody","text":"x"}'

# --- edit ---
editor() { printf '#!/bin/sh\n%s\n' "$1" >ed && chmod 755 ed; export EDITOR=$PWD/ed; unset VISUAL; }
drafts() { find "$XDG_STATE_HOME/surat/drafts" -name '*.eml' 2>/dev/null | wc -l; }
editor 'sed -i -e "s/^To:.*/To: Dan <dan@d.test>/" -e "s/^Subject:.*/Subject: Grüße\nX-More: yes/" -e "s/Hi/Hello/" "$1"'
run $C -e -t bob@b.test -s Hi <<<'Hi Bob'
code_is 0 "an edited draft"
for want in '^To: Dan <dan@d.test>$' '^Subject: =\?utf-8\?q\?Gr=C3=BC=C3=9Fe\?=$' '^X-More: yes$' '^Hello Bob$'; do like "$out" "$want" "has $want"; done
is "$(drafts)" 0 "the draft is gone"
editor 'grep -q "^Cc:" "$1" && echo more >>"$1"'
run $C --edit -t bob@b.test </dev/null
like "$out" '^more$' "a draft that was empty"
for what in 'echo x >>"$1"; exit 3:69' 'true:65' 'kill -9 $$:69' 'sed -i "s/^To:.*/To: nobody/" "$1":65'; do
  rm -rf "$XDG_STATE_HOME/surat/drafts"
  editor "${what%:*}"
  run $C -e -t bob@b.test <<<'Hi'
  code_is "${what##*:}" "the editor does: ${what%:*}"
  is "$(drafts)" 1 "and the draft is kept"
  like "$err" 'the draft is /' "and named"
done
editor 'sed -i "s/^From:.*/From: /" "$1"'
run $C -e -t bob@b.test <<<'Hi'
like "$out" '^From: ana@a.test$' "an author who was taken out comes back"
rm -rf "$XDG_STATE_HOME/surat/drafts"
editor 'echo x >>"$1"'
run bash -c "$C -e -t bob@b.test <<<Hi >/dev/full"
code_is 74 "no room for the message"
is "$(drafts)" 1 "the draft is kept then, too"
is "$(stat -c %a "$XDG_STATE_HOME"/surat/drafts/*.eml)" 600 "for its owner only"

# --- lint ---
finds() { # LEVEL CODE WHAT
  like "$err" "^mail-compose: $1: $2: " "$3"
}
run $C --lint -t bob@b.test -s 'x' <<<'All is well.'
code_is 0 "a good message"
is "$err" "" "of which there is nothing to say"
like "$out" '^All is well' "is written"
printf '<p>see <a href="http://evil.test/x">www.bank.test</a> <a href="https://ok.test/">sub.ok.test</a> <a href="">x</a> <img src="cid:logo"> <a href="http://192.0.2.1/">n</a>' >h
run $C --lint -t bob@b.test -s '' --html h <<<'the file is attached'
code_is 65 "a message with faults"
is "$(wc -c <"$T/.out")" 0 "is not written"
finds error false-link "a link that looks like another"
finds error no-picture "a picture that is missing"
finds warning broken-link "a link to nothing"
finds warning number-link "a link to a number"
finds warning no-attachment "a promise"
finds warning empty-subject "no subject"
is "$(printf '%s\n' "$err" | grep -c false-link)" 1 "and only the one link"
printf 'From: a@b.test\nFrom: c@d.test\nTo: nobody\nDate: Tue, 24 Nov 2099 09:14:00 +0100\nMessage-ID: x\nContent-Type: text/html\n\n<p>\303\266\n' >m
run mail-compose --lint=m
code_is 65 "a message that is there"
finds error double-field "twice From"
finds error bad-address "a bad address"
finds warning future-date "a date in the future"
finds warning bad-message-id "a bad identifier"
finds warning no-mime-version "no MIME-Version"
finds warning no-charset "no charset"
finds warning no-text "no text beside the HTML"
run mail-compose --lint=m --json
like "$out" '^\{"level":"error","code":"double-field","text":"From is there twice"\}$' "as JSON"
printf 'Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\n\n!\n' | { run mail-compose --lint=-; printf '%s\n' "$code" >c; cp "$T/.err" e; }
err=$(cat e)
is "$(cat c)" 65 "a broken message"
finds error no-from "no author"
finds error no-date "no date"
finds error no-closing-boundary "what the parser forgave"
finds error base64-junk "in each part"
done_testing
