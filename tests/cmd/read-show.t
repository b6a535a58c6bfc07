# mail-read: show, headers, parts, extract, raw; and messages that are hostile or broken
. "${SURAT_SRC:?}/tests/cmd/read-lib.sh"

run mail-read show "$ONE"
code_is 0 "show"
is "$out" "From: Alice Wong <alice@example.org>
To: Bob <bob@example.net>
Date: Tue, 24 Nov 2026 09:14:00 +0000
Subject: Invoice March

The invoice is attached.

[2: application/pdf, march.pdf, 9]" "header, text, what is attached"
run mail-read show "$TWO"
like "$out" '^Schöne Grüße, the lighthouse' "decoded text"
run mail-read <"$TWO"
like "$out" '^Schöne Grüße' "without a command a message on standard input is shown"
run mail-read show - <"$TWO"
like "$out" '^Schöne Grüße' "and with -"
run mail-read show "$ONE" "$TWO"
is "$(printf '%s\n' "$out" | grep -c '^From: ')" 2 "several"
run mail-read show "$ONE" "$T/none" "$TWO"
code_is 66 "one of several is missing"
is "$(printf '%s\n' "$out" | grep -c '^From: ')" 2 "the others are shown"
one_line "and one line says so"
run mail-read show --json "$ONE"
is "$(printf '%s' "$out" | python3 -c 'import json,sys; m=json.load(sys.stdin); print(m["subject"], repr(m["text"]), m["attachments"])')" \
  "Invoice March 'The invoice is attached.' [{'number': '2', 'type': 'application/pdf', 'filename': 'march.pdf'}]" "show --json"
fits mail-read "as its schema says"
run mail-read show </dev/null
code_is 64 "no message at all"

printf 'Subject: a\nContent-Type: text/plain; hp=cipher; hp-legacy-display=1\n\nSubject: hidden\n\nThe text.\n' >"$T/legacy"
run mail-read show "$T/legacy"
like "$out" '^The text' "what repeats the header of an encrypted message"
unlike "$out" 'hidden' "is left out"

html='<div class="header-protection-legacy-display"><pre>Subject: hidden</pre></div><p>The text.'
printf 'Subject: a\nContent-Type: text/html; hp=cipher; hp-legacy-display=1\n\n%s\n' "$html" >"$T/legacy"
run mail-read show "$T/legacy"
is "$(sed '1,/^$/d' <<<"$out")" "The text." "in HTML too"
printf 'Subject: a\nContent-Type: text/html\n\n%s\n' "$html" >"$T/legacy"
run mail-read show "$T/legacy"
like "$out" 'hidden' "but not where the message was not encrypted"

alternative=$T/alternative
printf 'Subject: a\nContent-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\nplain text\n--b\nContent-Type: text/html\n\n<p>rich <b>text</b>\n--b--\n' >"$alternative"
run mail-read show "$alternative"
like "$out" '^plain text' "of alternatives the plain one"
unlike "$out" 'rich' "and not both"
sed 's/^plain text//' "$alternative" >"$T/blank"
if [ -x "$SURAT_BUILD/surat-html" ]; then
  run mail-read show --html "$alternative"
  like "$out" 'rich text' "--html: the other one, as text"
  run mail-read show "$T/blank"
  like "$out" 'rich text' "a blank plain text is none"
fi
# the helper is missing: said in its place and by the exit code
mkdir "$T/bin"
cp "$SURAT_BUILD/mail-read" "$T/bin/"
if [ ! -x /usr/local/libexec/surat/surat-html ]; then
  PATH=/usr/bin:/bin run "$T/bin/mail-read" show --html "$alternative"
  code_is 69 "without the helper for HTML"
  like "$out" '\[HTML that could not be made text; mail-read extract has it as part 2\]' "its place is marked"
fi

# a message within the message
printf 'Subject: outer\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nsee below\n--b\nContent-Type: message/rfc822\n\nSubject: inner\nFrom: x@y\n\ninner text\n--b--\n' >"$T/nested"
run mail-read show "$T/nested"
is "$out" "Subject: outer

see below

--- message 2 ---
From: x@y
Subject: inner

inner text" "a message within is shown behind it"
run mail-read extract --dir "$T/inner" "$T/nested" 2
is "$(cat "$T/inner/part-2.eml" 2>/dev/null)" "Subject: inner
From: x@y

inner text" "and extracted whole"

# nothing reaches a terminal raw
printf 'From: "\033]52;c;ZXZpbA==\007" <x@y>\nSubject: =?utf-8?q?=1B[31mred=E2=80=AE?=\nX-Odd\033[2J: \302\233\n\n\033[2J\302\233 evil \342\200\256 cba\r\n' >"$T/escapes"
for command in "show $T/escapes" "headers $T/escapes" "list $T/escapes" "list --format {from}{subject} $T/escapes"; do
  run mail-read $command
  is "$(tr -d '\n\t -~' <"$T/.out" | grep -acP '[\x00-\x1f\x7f\x80-\xff]')" 0 "inert: $command"
done

run mail-read headers "$TWO"
is "$(printf '%s\n' "$out" | sed -n 1p)" "From: Jürgen <j@example.net>" "headers, decoded"
run mail-read headers -n message-id -n SUBJECT "$TWO"
is "$out" "Re: Invoice March
<two@example.net>" "headers -n: values in the order of the message"
run mail-read headers -n X-None "$TWO"
code_is 1 "no such field"
printf 'Subject: caf\351\nX: 1\n\n' | { run mail-read headers --json -n subject -; printf '%s' "$out" >"$T/json"; }
run mail-read headers --json -n subject <<<"Subject: $(printf 'caf\351')"
is "$(printf '%s' "$out" | python3 -c 'import json,sys,base64; m=json.load(sys.stdin); print(m["value"], base64.b64decode(m["raw"]["value"]))')" "café b'caf\\xe9'" "headers --json: raw bytes beside the text"
fits mail-read "as its schema says"

run mail-read raw "$TWO"
is "$out" "$(cat "$TWO")" "raw: one message is its bytes"
run mail-read raw "$ONE" "$TWO"
is "$(printf '%s\n' "$out" | grep -c '^From ')" 2 "raw: several are a stream"
mail-read raw "$ONE" "$TWO" >"$T/stream"
run mail-read headers --mbox -n subject - <"$T/stream"
is "$out" "Invoice March
Re: Invoice March" "--mbox reads such a stream"
head -c -1 "$T/stream" >"$T/cut"
run mail-read headers --mbox -n subject - <"$T/cut"
mail-read search subject:invoice "$M" >"$T/names"
run mail-read raw --names "$T/names"
is "$(printf '%s\n' "$out" | grep -c '^From ')" 2 "raw --names"

# --- parts ---
run mail-read parts "$ONE"
is "$out" "$(printf '\tmultipart/mixed\t\t\t\t\n1\ttext/plain\t\t24\t\t\n2\tapplication/pdf\t\t9\tattachment\tmarch.pdf')" "parts"
run mail-read parts --json "$ONE"
printf '%s' "$out" | python3 -c '
import json, sys
m = json.load(sys.stdin)
p = m["parts"]
print(m["subject"], m["from"], m["to"], m["cc"], m["date"], m["message_id"])
print(p["number"], p["type"], [(c["number"], c["type"], c.get("disposition"), c.get("filename"), c["size"], c["sha256"][:8], c.get("text")) for c in p["parts"]])
print(p["tolerated"], p["ambiguous"])' >"$T/py" 2>&1
sum=$(printf '%%PDF-1.4\n' | sha256sum | cut -c1-8) text=$(printf 'The invoice is attached.' | sha256sum | cut -c1-8)
is "$(cat "$T/py")" "Invoice March [{'name': 'Alice Wong', 'address': 'alice@example.org'}] [{'name': 'Bob', 'address': 'bob@example.net'}] [] 2026-11-24T09:14:00Z one@example.org
 multipart/mixed [('1', 'text/plain', None, None, 24, '$text', 'The invoice is attached.'), ('2', 'application/pdf', 'attachment', 'march.pdf', 9, '$sum', None)]
[] []" "parts --json"
fits mail-read "as its schema says"
run mail-read parts --quiet "$M" maildir:"$M" "$ONE"
code_is 0 "parts --quiet of whole mailboxes"
is "$out$err" "" "prints nothing"
mkdir -p "$T/many/cur" "$T/many/new" "$T/many/tmp"
for i in $(seq 100); do printf 'Subject: %d\nContent-Type: text/plain; charset=koi8-r\n\n\315 %d\n' "$i" "$i" >"$T/many/cur/$((1000 + i)).a.b:2,"; done
python3 -c 'print("A:b\n" * 10001)' >"$T/many/cur/1050.bad.b:2,"
for what in '' --json --quiet; do
  # shellcheck disable=SC2086
  run mail-read parts $what "$T/many"
  one=$code/$out/$err
  # shellcheck disable=SC2086
  run mail-read parts $what -j 3 "$T/many"
  is "$code/$out/$err" "$one" "parts $what: three threads say the same in the same order"
done
code_is 65 "a message over a limit is told among others"
is "$(printf '%s\n' "$err" | grep -c 'fields')" 1 "once"
ls "$T/many/cur/"* | mail-read parts --names - -j 2 >"$T/named"
is "$(wc -l <"$T/named")" 100 "names too"
run mail-read parts -j 2 "$ONE" -
code_is 64 "standard input is not for several threads"
run mail-read parts -j 2 "$T/nothing"
code_is 66 "a message that is not there"
broken() { # NAME: its bytes on stdin; what python says of its JSON
  run mail-read parts --json -
  printf '%s' "$out" | python3 -c 'import json,sys
m = json.load(sys.stdin)
def all(p): return [p] + [x for c in p.get("parts", []) for x in all(c)]
v = all(m["parts"]) if "type" in m["parts"] else []
print([p["type"] for p in v][:4], sorted(set(t for p in v for t in p["tolerated"])), sorted(set(t for p in v for t in p["ambiguous"])))' 2>&1
}
like "$(printf 'no header at all' | broken)" "^\['text/plain'\]" "JSON of no header"
like "$(printf '' | broken)" "^\['text/plain'\]" "JSON of nothing"
like "$(printf 'Subject: x\0y\n\na\0b\n' | broken)" "'nul'" "JSON of a NUL"
like "$(printf 'Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx' | broken)" "no-closing-boundary" "JSON of a multipart without an end"
like "$(printf 'Content-Type: text/plain\nContent-Type: text/html\n\nx' | broken)" "duplicate-type" "JSON of two types"
like "$(printf 'Content-Transfer-Encoding: base64\n\nQUJD=\nREVG\n' | broken)" "data-after-padding" "JSON of base64 that goes on"
like "$(printf 'Content-Type: text/html\n\n<meta charset=koi8-r>\315\311\322\n' | broken)" "html-charset" "JSON of HTML that names its charset itself"
run mail-read parts --json "$SURAT_SRC/tests/data/mime/winmail.eml"
is "$(printf '%s' "$out" | python3 -c 'import json, sys
m = json.load(sys.stdin)["parts"]
print(m["tolerated"], [(p["number"], p["type"], p["filename"], p["size"], p["sha256"][:4]) for p in m["parts"]])')" \
  "['tnef'] [('1:1', 'application/octet-stream', 'привет.txt', 18, 'fcf3'), ('1:2', 'image/png', 'a long näme.png', 9, 'a14d'), ('1:3', 'application/octet-stream', 'inner', 9, '3ac3')]" "the files in a winmail.dat"
fits mail-read "as the schema says"
run mail-read parts "$SURAT_SRC/tests/data/mime/uuencoded-in-text.eml"
is "$out" "$(printf '1\ttext/plain\t\t45\t\t\n1:1\tapplication/octet-stream\t\t3\tattachment\ta.txt')" "a uuencoded block in a text"
run mail-read extract "$SURAT_SRC/tests/data/mime/uuencoded-in-text.eml" 1:1 --dir -
is "$out" abc "and its bytes"
run mail-read extract "$SURAT_SRC/tests/data/mime/uuencoded-in-text.eml" 1:2 --dir -
code_is 66 "there is no second one"
run mail-read extract --dir "$T/winmail" "$SURAT_SRC/tests/data/mime/winmail.eml"
is "$(ls "$T/winmail")" "a long näme.png
inner
winmail.dat
привет.txt" "extract has the files in a winmail.dat, and itself"
python3 - "$T" <<'PY'
import binascii, sys
line = binascii.b2a_uu(b"x" * 45).decode()
for name, n in (("evil", 1), ("long", 1)):
    file = "../../" + "e" * (400 if name == "long" else 1) + "\x1b[31m.txt"
    open(sys.argv[1] + "/" + name, "w").write("\nbegin 644 %s\n%s`\nend\n" % (file, line * n))
PY
run mail-read extract --dir "$T/evil.d" "$T/evil" 1:1
is "$(ls "$T/evil.d")" "e_[31m.txt" "a name of such a file is made harmless"
run mail-read extract --dir "$T/evil.d" "$T/long"
code_is 0 "and a long one is cut"
printf '\xd0\xd2\xc9\xd7\xc5\xd4' >"$T/koi"
printf 'From: %s <a@b.example>\nSubject: %s\nContent-Type: text/plain; charset=koi8-r\n\nx\n' "$(cat "$T/koi")" "$(cat "$T/koi")" >"$T/koi.eml"
run mail-read headers -n subject "$T/koi.eml"
is "$out" "привет" "8-bit bytes in a header are of the charset the message declares"
run mail-read list --format '{from}:{subject}' "$T/koi.eml"
is "$out" "привет:привет" "in a list too"
run mail-read parts --json "$T/koi.eml"
like "$out" '"subject":"привет".*"name":"привет"' "and in JSON"
run mail-read search subject:ПРИВЕТ "$T/koi.eml"
is "$out" "$T/koi.eml" "and they are found"
python3 -c 'print("".join("Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (i, i) for i in range(10000)))' >"$T/deep"
run mail-read parts --json "$T/deep"
code_is 65 "10,000 levels: beyond a limit"
one_line "said in one line"
is "$(printf '%s' "$out" | python3 -c 'import json,sys; m=json.load(sys.stdin); print("error" in m, m["parts"]["type"])')" "True multipart/mixed" "and JSON all the same"
fits mail-read "as the schema says"
run mail-read show "$T/deep"
isnt "$code" 99 "show of it ends"
(printf 'Subject: '; head -c 50000000 /dev/zero | tr '\0' 'x'; printf '\n\nbody\n') >"$T/long"
run mail-read list "$T/long"
code_is 0 "a header of 50 MB is listed"
run mail-read parts --json "$T/long"
code_is 65 "and beyond a limit when it is read"

# --- extract ---
printf 'Subject: evil\nContent-Type: multipart/mixed; boundary=b\n\n' >"$T/evil"
for name in march.pdf march.pdf ../../up /etc/passwd .bashrc -rf 'C:\\x\\y.txt' '=?utf-8?q?a=E2=80=AEb=1B.exe?=' ' ' .. "$(head -c 300 /dev/zero | tr '\0' n).txt"; do
  printf -- '--b\nContent-Type: application/octet-stream\nContent-Disposition: attachment; filename="%s"\n\n%s\n' "$name" "$name" >>"$T/evil"
done
printf -- '--b--\n' >>"$T/evil"
mkdir "$T/outside" "$T/into"
ln -s "$T/outside/planted" "$T/into/up"
echo mine >"$T/into/passwd"
run mail-read extract --dir "$T/into" "$T/evil"
code_is 0 "extract"
is "$(ls -A "$T/outside")" "" "nothing is written through a planted link"
is "$(cat "$T/into/passwd")" mine "nor over a file"
is "$(ls -A "$T/into" | LC_ALL=C sort | cut -c1-20)" "_bashrc
_rf
a_b_.exe
march-2.pdf
march.pdf
nnnnnnnnnnnnnnnnnnnn
part-10.bin
part-9.bin
passwd
passwd-2
up
up-2
y.txt" "each part has a name of its own, and none that does harm"
is "$(printf '%s\n' "$out" | wc -l)" 11 "the paths are printed"
is "$(ls "$T/into" | awk 'length > 200')" "" "no name is too long"
run mail-read extract --dir "$T/pdf" "$ONE" 2
is "$out" "$T/pdf/march.pdf" "extract a part"
is "$(cat "$T/pdf/march.pdf")" "%PDF-1.4" "decoded"
run mail-read extract "$ONE" 2 --dir -
is "$out" "%PDF-1.4" "to standard output"
run mail-read extract "$ONE" 7 --dir "$T/pdf"
code_is 66 "no such part"
one_line "said in one line"
run mail-read extract "$THREE" --dir "$T/pdf"
code_is 1 "nothing is attached"
run mail-read extract --all "$ONE" --dir "$T/all" --json
is "$(printf '%s\n' "$out" | python3 -c 'import json,sys
for l in sys.stdin: m=json.loads(l); print(m["part"], m["type"], m["bytes"], m["path"].split("/")[-1])')" "1 text/plain 24 part-1.txt
2 application/pdf 9 march.pdf" "extract --all --json"
fits mail-read "as its schema says"
run mail-read extract "$ONE" --dir "$T/box/x/y"
is "$(ls "$T/box/x/y" 2>/dev/null)" march.pdf "the folder is made"
if [ -w /dev/full ]; then
  code=0
  mail-read raw "$ONE" >/dev/full 2>"$T/.err" || code=$?
  err=$(cat "$T/.err")
  code_is 74 "a full disk"
  one_line "said in one line"
fi
SURAT_FAULT=write:1:ENOSPC run mail-read extract "$ONE" --dir "$T/full"
if [ "$code" != 0 ]; then
  code_is 74 "extract: the disk is full"
  is "$(ls "$T/full")" "" "and no half file stays"
fi
done_testing
