# mail-compose: structure, fields, files, encodings, what goes wrong.
. "${SURAT_SRC:?}/tests/lib.sh"
cd "$T" || exit 99
export EMAIL='Ana Wijaya <ana@a.test>'
C="mail-compose --now @1700000000 --boundary-seed s"
# the structure as Python's email sees it, one line a part, and its defects
shape() { python3 - "$1" <<'PY'
import email, email.policy, sys
def walk(p, depth=0):
    print('  ' * depth + ' '.join(x for x in (p.get_content_type(), p.get_filename(), p.get_content_disposition()) if x))
    for d in p.defects: print('DEFECT', type(d).__name__)
    for k, v in p.items():
        for d in getattr(v, 'defects', ()): print('DEFECT', k, d)
    if p.is_multipart():
        for c in p.get_payload(): walk(c, depth + 1)
walk(email.message_from_binary_file(open(sys.argv[1], 'rb'), policy=email.policy.default))
PY
}
printf 'Hi Bob\n' >text
printf '<p>Hi <b>Bob</b></p><img src="cid:logo.png">\n' >html
printf '\211PNG\r\n\032\n123' >logo.png
mkdir -p photos/sub && echo 1 >photos/a && echo 2 >photos/sub/b

run $C -t bob@b.test -s Hi <text
code_is 0 "a text"
id=$(sed -n 's/^Message-ID: <20231114221320\.\([a-z0-9]*\)@a.test>$/\1/p' "$T/.out")
is "$out" "Date: Tue, 14 Nov 2023 22:13:20 +0000
From: Ana Wijaya <ana@a.test>
To: bob@b.test
Subject: Hi
Message-ID: <20231114221320.$id@a.test>
MIME-Version: 1.0
Content-Type: text/plain; charset=us-ascii

Hi Bob" "is what it should be"
is "$err" "" "silently"

# --- structure ---
structure() { # WANT WHAT OPTIONS... <text
  local want=$1 what=$2
  shift 2
  run $C -t bob@b.test "$@"
  code_is 0 "$what"
  cp "$T/.out" m
  is "$(shape m)" "$want" "$what: its structure"
}
structure 'text/plain' "text alone" <text
structure 'text/plain' "no text at all" </dev/null
structure 'multipart/alternative
  text/plain
  text/html' "HTML alone" --html html </dev/null
like "$(cat m)" '^Hi Bob$' "its text is made of it"
structure 'multipart/alternative
  text/plain
  text/html' "text and HTML" --html html --body text
structure 'multipart/alternative
  text/plain
  multipart/related
    text/html
    image/png logo.png inline' "a picture" --html html --inline logo.png --body text
like "$(cat m)" '^Content-ID: <logo.png>$' "is called by its name"
structure 'multipart/mixed
  multipart/alternative
    text/plain
    multipart/related
      text/html
      image/png logo.png inline
  text/plain text attachment
  application/zip photos.zip attachment' "everything" --html html --inline 'logo.png;cid=x@y' -z photos -a 'text;type=text/plain' --body text
like "$(cat m)" '^Content-ID: <x@y>$' "with a name for the picture"
structure 'multipart/mixed
  text/plain
  image/png logo.png inline' "a picture beside a text" --inline logo.png <text
structure 'multipart/mixed
  text/plain
  image/png logo.png attachment' "a file and an empty text" -a logo.png --body /dev/null
structure 'image/png stdin attachment' "a file alone" -a - <logo.png
run $C --reply-to r@a.test -t b@b.test -c c@b.test <text
like "$out" '^Reply-To: r@a.test$' "--reply-to"
like "$out" '^Cc: c@b.test$' "--cc"

# --- files ---
decoded() { python3 -c 'import email, email.policy, sys
m = email.message_from_binary_file(open(sys.argv[1], "rb"), policy=email.policy.default)
sys.stdout.buffer.write([p for p in m.walk() if p.get_filename() == sys.argv[2]][0].get_payload(decode=True))' "$1" "$2"; }
comes_back() { decoded m "$2" | cmp -s - "$1" && pass "$3" || fail "$3"; }
head -c 300000 /dev/urandom >big.bin
printf 'no line end' >odd.txt
printf 'crlf\r\nlines\r\n' >crlf.txt
printf 'From me\nto you, \303\266\n' >from.txt
: >empty
cp text 'a;name=b.txt'
run $C -t b@b.test -a big.bin -a odd.txt -a crlf.txt -a from.txt -a empty -a 'a;name=b.txt' -a 'text;name=Ünïcode ☃;.txt' <text
code_is 0 "files"
cp "$T/.out" m
for f in big.bin odd.txt crlf.txt from.txt empty 'a;name=b.txt'; do comes_back "$f" "$f" "$f comes back"; done
comes_back text 'Ünïcode ☃;.txt' "a name in Unicode comes back"
is "$(awk 'length > 78' m)" "" "no line is longer than 78"
run $C -t b@b.test -a '-;name=x' --body text <big.bin
cp "$T/.out" m
comes_back big.bin x "standard input attached"
run $C -t b@b.test -a <(cat big.bin) <text
code_is 0 "a pipe attached"
for f in zip tar.gz tar.xz tar.zst 7z; do
  $C -t b@b.test -z "photos;format=$f" <text >m 2>err || fail "archive $f" "$(cat err)"
  decoded m "photos.$f" >x
  is "$(bsdtar tf x | grep -v '/$' | tr '\n' ' ')" "photos/a photos/sub/b " "an archive as $f"
  touch photos/a
  TZ=Asia/Jakarta LC_ALL=C $C -t b@b.test -z "photos;format=$f" <text | cmp -s - m && pass "the same bytes again: $f" || fail "the same bytes again: $f"
done
run $C -t b@b.test -z 'photos;name=p.tar.xz' <text
like "$out" 'filename=p.tar.xz$' "the format by the name"

# --- encodings ---
printf 'Grüße 日本語\nFrom here\n' >u
run $C -t b@b.test <u
like "$out" '^Content-Type: text/plain; charset=utf-8$' "UTF-8"
unlike "$(sed '1,/^$/d' "$T/.out")" '^From ' "no line begins with From"
run $C -t b@b.test --8bit <<<'Grüße'
like "$out" '^Content-Transfer-Encoding: 8bit$' "--8bit"
run $C -t b@b.test --charset iso-8859-1 <<<'Grüße'
like "$out" 'charset=iso-8859-1$' "--charset"
like "$out" '^Gr=FC=DFe$' "the text is in it"
run $C -t b@b.test --charset iso-8859-1 <u
code_is 65 "a character that is not in it"
is "$(wc -c <"$T/.out")" 0 "and nothing is written"
one_line "in one line"
run $C -t b@b.test --charset nonsense <u
code_is 64 "a charset that does not exist"
run $C -t b@b.test < <(printf 'Gr\374\337e\n')
code_is 0 "not UTF-8"
like "$err" 'not UTF-8, taken as windows-1252' "is said"
like "$out" '^Gr=C3=BC=C3=9Fe$' "and read as windows-1252"
run $C -t b@b.test --format-flowed <<<'This is a paragraph that is so long that it has to be broken somewhere, softly, so that it flows.'
like "$out" 'format=flowed' "--format-flowed"
like "$out" ' $' "ends a line softly"
$C -t b@b.test --crlf <text >m
is "$(tr -cd '\r' <m | wc -c)" "$(wc -l <m)" "--crlf"

# --- fields ---
run $C -t b@b.test -s $'Hi\r\nBcc: evil@x.test\n\nbody' -H $'X-Y: a\nBcc: evil@x.test' <text
code_is 0 "newlines in fields"
unlike "$out" '^Bcc' "begin no new field"
run $C -t $'b@b.test\nBcc: evil@x.test' <text
code_is 65 "newlines in addresses are refused"
one_line "in one line"
run $C -t b@b.test -H 'List-Unsubscribe: <https://x.test/0123456789012345678901234567890123456789012345678901234567890123456789012345678901>' <text
like "$out" '^ ?(List-Unsubscribe: )?<https://x.test/[0-9]*>$' "a long word of a structured field stays whole"
run $C -t b@b.test -H 'To: c@c.test' -H 'Subject: other' <text
like "$out" '^To: b@b.test, c@c.test$' "-H To adds"
like "$out" '^Subject: other$' "-H Subject sets"
for h in 'Content-Type: text/html' 'MIME-Version: 2' 'Date: today' 'No colon' 'Bad name: x' ': x'; do
  run $C -t b@b.test -H "$h" <text
  code_is 64 "-H '$h' is refused"
done
run $C -t 'Bob Ölsen <bob@bücher.example>, Friends: x@y.test, z@y.test;' <text
like "$out" '^To: =\?utf-8\?q\?Bob_=C3=96lsen\?= <bob@xn--bcher-kva.example>, Friends:' "names and domains in other scripts"
like "$(printf '%s' "$out" | tr '\n' ' ')" ' Friends: x@y.test,  z@y.test;' "groups"
run $C -t 'ö@x.test' <text
code_is 65 "a local part that is not ASCII"
run $C --utf8-headers -t 'ö@bücher.example' -s 'Grüße' <text
like "$out" '^To: ö@bücher.example$' "--utf8-headers: addresses"
like "$out" '^Subject: Grüße$' "and text stay"
run $C -b b@b.test <text
like "$out" '^Bcc: b@b.test$' "Bcc is there for mail-send"
like "$out" '^To: undisclosed-recipients:;$' "and the rest of the world sees that"
run $C -f a@a.test -f c@c.test -t b@b.test <text
like "$out" '^Sender: a@a.test$' "two authors have a sender"
run $C -t b@b.test --message-id '<x@y>' --date 'Tue, 24 Nov 2026 09:14:00 +0100' <text
like "$out" '^Message-ID: <x@y>$' "--message-id"
like "$out" '^Date: Tue, 24 Nov 2026 08:14:00 \+0000$' "--date with a fixed clock is in +0000"
run mail-compose -t b@b.test --date 'Tue, 24 Nov 2026 09:14:00 +0100' <text
like "$out" '^Date: Tue, 24 Nov 2026 09:14:00 \+0100$' "--date"
is "$(TZ=Asia/Tokyo SOURCE_DATE_EPOCH=5 mail-compose --boundary-seed 1 -t b@b.test -z photos <text | sha256sum)" \
  "$(TZ=America/Lima SOURCE_DATE_EPOCH=5 mail-compose --boundary-seed 1 -t b@b.test -z photos <text | sha256sum)" "the same bytes again"
isnt "$(mail-compose -t b@b.test <text | grep Message-ID)" "$(mail-compose -t b@b.test <text | grep Message-ID)" "else not"

# --- what goes wrong: one line, the right code, nothing on standard output ---
wrong() { # CODE WHAT OPTIONS...
  local want=$1 what=$2
  shift 2
  run mail-compose "$@" <text
  code_is "$want" "$what"
  one_line "$what: one line"
  is "$(wc -c <"$T/.out")" 0 "$what: nothing on standard output"
}
wrong 66 "a file that is not there" -t b@b.test -a nothing.pdf
wrong 66 "a folder as a file" -t b@b.test -a photos
wrong 66 "a folder that is not there" -t b@b.test -z nothing
wrong 66 "a body that is not there" -t b@b.test --body nothing
wrong 66 "HTML that is not there" -t b@b.test --html nothing
wrong 66 "a message that is not there" --reply nothing
wrong 65 "an address that is none" -t nobody
wrong 65 "an address with a bad domain" -t b@-x-.test
wrong 65 "an empty address" -t ''
wrong 65 "a bad one behind a good one" -t 'b@b.test, @'
wrong 64 "an operand" -t b@b.test bob
wrong 64 "two ways to use a message" --reply m --forward m
wrong 64 "--all alone" -t b@b.test --all
wrong 64 "--mbox alone" -t b@b.test --mbox
wrong 64 "standard input twice" -t b@b.test --body - -a -
wrong 64 "a bad type" -t b@b.test -a 'text;type=multipart/mixed'
wrong 64 "a bad format" -t b@b.test -z 'photos;format=rar'
wrong 64 "an option of another kind" -t b@b.test -a 'text;cid=x'
wrong 64 "a bad identifier" -t b@b.test --message-id 'no at'
wrong 64 "a bad date" -t b@b.test --date never
wrong 64 "--resend to nobody" --resend m
wrong 64 "--resend with a subject" --resend m -t b@b.test -s x
unset EMAIL
wrong 78 "nobody writes" -t b@b.test
export EMAIL=ana@a.test
if [ "$(id -u)" != 0 ]; then
  mkdir -p locked && echo x >locked/x && chmod 0 locked/x
  wrong 66 "a file in a folder that cannot be read" -t b@b.test -z locked
fi
# a file that shrinks while it is read: 74, and no closing boundary
truncate -s 200M large
{ mail-compose --boundary-seed s -t b@b.test -a large <text 2>err; echo $? >code; } | { head -c 1000000 >cut; truncate -s 1M large; cat >>cut; }
is "$(cat code)" 74 "a file that becomes shorter"
like "$(cat err)" 'large: became shorter' "is named"
unlike "$(tail -c 100 cut)" '^--=_.*--$' "the message has no closing boundary"
{ mail-compose -t b@b.test -a big.bin <text 2>err; echo $? >code; } | head -c 10 >/dev/null
is "$(cat code)" 74 "nobody reads"
run bash -c 'mail-compose -t b@b.test <text >/dev/full'
code_is 74 "no room"
one_line "no room: one line"

# signals: nothing was begun, nothing is written; what was begun has no closing boundary
mkfifo fifo
(sleep 5 >fifo & echo $! >writer)
mail-compose -t b@b.test <fifo >cut 2>err &
pid=$!
for _ in $(seq 100); do [ "$(readlink /proc/$pid/fd/0)" = "$PWD/fifo" ] && grep -q '^State:.*S' /proc/$pid/status && break; sleep 0.02; done
kill -TERM $pid
wait $pid
is "$?" 143 "a signal while it waits for the text"
is "$(wc -c <cut)" 0 "and nothing is written"
kill "$(cat writer)" 2>/dev/null
exec 9<>fifo
mail-compose -t b@b.test -a fifo <text >cut 2>err &
pid=$!
for _ in $(seq 100); do ls -l /proc/$pid/fd 2>/dev/null | grep -q "$PWD/fifo" && grep -q '^State:.*S' /proc/$pid/status && break; sleep 0.02; done
kill -TERM $pid
for _ in $(seq 250); do kill -0 $pid 2>/dev/null || break; sleep 0.02; done
kill -KILL $pid 2>/dev/null
wait $pid
is "$?" 143 "a signal while it waits for what is attached"
exec 9>&-
truncate -s 300M large
{ mail-compose --boundary-seed s -t b@b.test -a large <text 2>err & echo $! >pid; wait $!; echo $? >code; } | { head -c 1000000 >cut; kill -TERM "$(cat pid)"; cat >>cut; }
is "$(cat code)" 75 "a signal while a large file is written"
like "$(cat err)" 'stopped by a signal' "is said"
unlike "$(tail -c 100 cut)" '^--=_.*--$' "and there is no closing boundary"
rm -f large cut

many=()
for i in $(seq 1500); do many+=(-a text); done
run $C -t b@b.test "${many[@]}" <text
code_is 0 "1500 files"
is "$(grep -c 'filename=text' "$T/.out")" 1500 "are all there"

# --- addresses ---
run mail-compose --check-address bob@example.org 'Bob <bob@example.org>' 'bücher@bücher.example'
code_is 0 "addresses that are some"
is "$(printf '%s\n' "$out" | head -1)" '{"input":"bob@example.org","valid":true,"level":"smtp","local":"bob","domain":"example.org"}' "as JSON"
fits mail-compose "as its schema says"
run mail-compose --check-address bob@example.org nobody 'a@b@c' ' '
code_is 65 "one that is none"
is "$(printf '%s\n' "$out" | grep -c '"valid":false')" 3 "each has its line"
fits mail-compose "and fits the schema"
run mail-compose --check-address - < <(printf 'a@b.test\nnot\n')
is "$(printf '%s\n' "$out" | wc -l)" 2 "from standard input"

# --- many messages, made by chance, read by Python's email ---
out=$(python3 "$SURAT_SRC/tests/tools/compose_chance.py" 40)
is "$out" "" "messages made by chance come back"
done_testing
