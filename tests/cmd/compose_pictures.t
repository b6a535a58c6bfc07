# mail-compose: pictures that an HTML text names as files go with it, those and no others.
. "${SURAT_SRC:?}/tests/lib.sh"
cd "$T" || exit 99
export EMAIL=ana@a.test
C="mail-compose --now @1700000000 --boundary-seed s"
mkdir -p page/img other
printf '\211PNG\r\n\032\n1' >page/logo.png
printf '\211PNG\r\n\032\n2' >page/img/logo.png
printf '\211PNG\r\n\032\n3' >other/secret.png
cp page/logo.png 'page/a b&c.png'
# what Python makes of it: each part's type, Content-ID, bytes of a picture; and what the HTML refers to
seen() {
  python3 - "$T/.out" <<'PY'
import email, email.policy, re, sys
m = email.message_from_binary_file(open(sys.argv[1], 'rb'), policy=email.policy.default)
for p in m.walk():
    last = p.get_payload(decode=True)[-1:].decode() if p.get_content_maintype() == 'image' else ''
    print(' '.join(x for x in (p.get_content_type(), p['Content-ID'], p.get_content_disposition(), last) if x))
    if p.get_content_type() == 'text/html':
        print(re.findall(r'src\s*=\s*["\']?([^"\'> ]*)', p.get_content(), re.I))
PY
}
html() { printf '%s\n' "$1" >page/letter.html; }
wrong() { # CODE WHAT PATTERN
  run $C -t b@b.test --html page/letter.html </dev/null
  code_is "$1" "$2"
  one_line "$2: one line"
  like "$err" "$3" "$2: which"
  is "$(wc -c <"$T/.out")" 0 "$2: nothing on standard output"
}

html '<p>Hi</p><img src="logo.png"><IMG alt=x SRC = img/logo.png><img src="logo.png">'
run $C -t b@b.test --html page/letter.html </dev/null
code_is 0 "pictures beside the HTML"
is "$(seen)" "multipart/alternative
text/plain
multipart/related
text/html
['cid:logo.png', 'cid:logo.png-2', 'cid:logo.png']
image/png <logo.png> inline 1
image/png <logo.png-2> inline 2" "are in the message, each once"
(cd page && run $C -t b@b.test --html letter.html </dev/null && seen) >"$T/there"
is "$(cat "$T/there")" "$(seen)" "the folder is the HTML's, wherever that is named from"

html '<img src="a%20b&amp;c.png">'
run $C -t b@b.test --html page/letter.html </dev/null
like "$(seen)" 'image/png <a_b_c.png> inline 1' "a name with a blank and an ampersand"
like "$(seen)" "'cid:a_b_c.png'" "and its reference"

html '<img src="https://x.test/a.png"><img src="cid:x"><img src="data:image/png;base64,AA=="><img src="//x.test/b.png"><img><img src=""><p>img src="nothing.png"</p>'
run $C -t b@b.test --html page/letter.html </dev/null
code_is 0 "addresses of the web, cid: and data:"
unlike "$(seen)" 'image/png <|related' "are left alone"
html '<base href="https://x.test/"><img src="logo.png">'
run $C -t b@b.test --html page/letter.html </dev/null
unlike "$(seen)" 'image/png' "so is what is relative to the web"

html '<img src="nothing.png">'
wrong 66 "a picture that is not there" '^mail-compose: page/letter\.html: page/nothing\.png: '
html '<img src="../other/secret.png">'
wrong 65 "a picture outside the folder" 'outside.*--inline \.\./other/secret\.png'
html "<img src=\"$T/other/secret.png\">"
wrong 65 "a picture by its whole path" outside
ln -s ../other/secret.png page/link.png
html '<img src="link.png">'
wrong 65 "a picture a link leads out to" outside
html '<img src="img">'
wrong 66 "a folder as a picture" folder

html '<img src="../other/secret.png"><img src="pic.png">'
run $C -t b@b.test --html page/letter.html --inline ../other/secret.png --inline 'page/logo.png;name=pic.png;cid=abc' </dev/null
code_is 66 "--inline names files as options do"
run $C -t b@b.test --html page/letter.html --inline 'other/secret.png;name=../other/secret.png' --inline 'page/logo.png;name=pic.png;cid=abc' </dev/null
code_is 0 "what --inline has is taken by its name"
like "$(seen)" 'image/png <abc> inline 1' "with the identifier it was given"
run $C -t b@b.test --html - <page/letter.html
code_is 0 "HTML on standard input"
unlike "$(seen)" 'image/png' "asks for no files"
run $C -t b@b.test --html - --inline page/logo.png < <(echo '<img src="logo.png">')
like "$(seen)" "'cid:logo.png'" "but finds what --inline has"

printf 'to,who,pic\na@a.test,A,logo.png\nb@b.test,B,img/logo.png\n' >rows.csv
html '<p>{{who}}</p><img src="{{pic}}">'
run $C --merge rows.csv -s x --html page/letter.html </dev/null
code_is 0 "a picture for each row of a merge"
is "$(grep -c '^Content-ID: <logo.png>' "$T/.out")" 2 "each has its own"
printf 'to,who,pic\na@a.test,A,logo.png\nb@b.test,B,nothing.png\n' >rows.csv
run $C --merge rows.csv -s x --html page/letter.html </dev/null
code_is 66 "one that is not there"
is "$(wc -c <"$T/.out")" 0 "is known before the first message"
done_testing
