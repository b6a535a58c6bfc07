# surat-html and surat-archive: what the helpers answer, and what hostile input does to them.
. "$SURAT_SRC/tests/lib.sh"
cd "$T" || exit 99

# --- HTML to text ---
text() { # HTML WANT WHAT
  run surat-html <<<"$1"
  code_is 0 "$3"
  is "$out" "$2" "$3: its text"
}
text '<p>One<p>Two' 'One

Two' "paragraphs"
text '<div>One<div>Two</div></div>Three' 'One
Two
Three' "blocks"
run surat-html --legacy-display <<<'<div class="x header-protection-legacy-display"><pre>Subject: x</pre></div><p>Text'
is "$out" 'Text' "a header that is repeated for others (RFC 9788)"
text '<div class="x header-protection-legacy-display"><pre>Subject: x</pre></div><p>Text' 'Subject: x

Text' "who only says that it is one hides nothing"
text 'a<br>b<br><br>c' 'a
b

c' "line ends"
text '<ul><li>one<li>two<ol><li>a<li>b</ol></ul>x' '* one
* two
   1. a
   2. b

x' "lists"
text '<p>Hi</p><blockquote>he said<blockquote>she said</blockquote></blockquote><p>me' 'Hi

> he said
>
>> she said

me' "quotes"
text 'see <a href="https://x.test/a?b=1&amp;c=2">this</a>, <a href="http://x.test/">x.test</a>, <a href="mailto:a@x.test">a@x.test</a>, <a href="#top">top</a>' 'see this <https://x.test/a?b=1&c=2>, x.test, a@x.test, top' "links"
text '<table><tr><th>A<th>B<tr><td>1<td>2</table>' 'A | B
1 | 2' "tables"
text '<pre>
a  b
	c</pre>' 'a  b
        c' "text as it stands"
text '<h1>Title</h1>text<hr>more' 'Title

text

----------------------------------------

more' "headings and rules"
text '<style>p{}</style><script>x()</script><title>t</title>seen<div style="display:none">preheader</div><p hidden>h</p><img src="x" alt="Logo"><img src="y">' 'seen

[Logo]' "what is not shown"
text 'a&nbsp;b&amp;&lt;c&gt; &eacute;&#8364;&#x1f4ec; soft&shy;hyphen zero&#8203;width' 'a b&<c> é€📬 softhyphen zerowidth' "entities"
text 'mal<b>formed<i>tags</b></i> & <unknown>x</unknown> <' 'malformedtags & x <' "what is broken"
text '' '' "nothing"
run surat-html --width 30 <<<'<blockquote>one two three four five six seven eight nine ten</blockquote>'
is "$out" '> one two three four five six
> seven eight nine ten' "--width"
run surat-html --width 20 <<<'日本語日本語日本語 日本語日本語'
is "$out" '日本語日本語日本語
日本語日本語' "wide characters count twice"
run surat-html < <(printf '<p>a\0b \377 \033]0;x\007')
is "$out" 'a b � ]0;x' "NUL, bytes that are not UTF-8, controls"
bomb() { # WHAT PYTHON-EXPRESSION
  python3 -c "import sys; sys.stdout.buffer.write($2)" >bomb
  run timeout 60 surat-html <bomb
  case $code in 0 | 65) pass "$1" ;; *) fail "$1" "exit code $code: $err" ;; esac
}
bomb "200,000 open blocks" "b'<div>' * 200000"
bomb "50,000 quotes in quotes" "b'<blockquote>' * 50000 + b'x y ' * 100"
bomb "50,000 lists in lists" "b'<ul><li>' * 50000 + b'x'"
bomb "300,000 attributes" "b'<p ' + b' a=b' * 300000 + b'>'"
bomb "a word of a megabyte" "b'x' * 1000000"
bomb "entities that do not end" "b'&' * 300000"
bomb "comments that do not end" "b'<!--' * 300000"
bomb "all bytes" "bytes(range(256)) * 4000"
run surat-html < <(head -c 40000000 /dev/zero)
code_is 65 "more than it takes"
one_line "in one line"

# --- archives ---
mkdir -p d/sub 'd/ü x' && echo 1 >d/b && echo 2 >d/a && echo 3 >d/sub/c && echo 4 >'d/ü x/é' && ln -s a d/l && mkfifo d/pipe && chmod 755 d/b
entries() { surat-archive list <x | sed 's/"encrypted":false//'; }
for f in zip tar.gz tar.xz tar.zst 7z; do
  run surat-archive create --format $f --time 1000000000 d
  code_is 0 "$f is made"
  cp "$T/.out" x
  names=$(bsdtar tf x | sort | tr '\n' ' ')
  like "$names" 'd/a d/b d/l d/sub/c d/ü x/é ?$|d/ d/a d/b d/l d/sub/ d/sub/c d/ü x/ d/ü x/é ?$' "$f: all is in it, but the pipe"
  is "$(bsdtar xOf x d/b d/sub/c)" "1
3" "$f: with its content"
  touch d/a d/sub
  chmod 600 d/a
  (umask 077; cp -r d e; rm -r d; mv e d; rm d/pipe; mkfifo d/pipe)
  chmod 755 d/b
  TZ=Asia/Tokyo LC_ALL=C surat-archive create --format $f --time 1000000000 ./d/ | cmp -s - x && pass "$f: the same bytes again" || fail "$f: the same bytes again"
done
surat-archive create --format tar.gz --time 0 d >x
is "$(surat-archive list <x | grep -c '"type":"file"')" 4 "list: a line for each"
like "$(surat-archive list <x)" '^\{"name":"d/b","size":2,"type":"file","time":"1970-01-01T00:00:00Z","encrypted":false\}$' "list: name, size, type, time"
run surat-archive check d
code_is 0 "check"
is "$out" "" "says nothing when all can be read"
run surat-archive check d/none
code_is 66 "check: what is not there"
like "$out" '^d/none: No such file' "is named"
run surat-archive create --format zip none
code_is 66 "create: what is not there"
run surat-archive list </dev/null
code_is 65 "an empty archive"
one_line "in one line"
run surat-archive list < <(head -c 100000 /dev/urandom)
code_is 65 "no archive"
for f in zip tar.gz tar.xz 7z; do
  surat-archive create --format $f d >x
  size=$(stat -c %s x)
  for cut in 1 $((size / 3)) $((size / 2)) $((size - 1)); do
    run timeout 100 surat-archive list < <(head -c $cut x)
    case $code in 0 | 65) pass "$f cut at $cut" ;; *) fail "$f cut at $cut" "exit code $code: $err" ;; esac
  done
done
run surat-archive list --max-entries 3 <x
code_is 65 "more entries than allowed"
is "$(printf '%s\n' "$out" | grep -c name)" 3 "those before are listed"
run surat-archive list --max-bytes 100 <x
code_is 65 "more bytes than allowed"
python3 - <<'PY'
import gzip, tarfile, io
b = io.BytesIO()
t = tarfile.open(fileobj=b, mode='w')
i = tarfile.TarInfo('zeros'); i.size = 200 << 20
class Z:
    def read(self, n): return bytes(n)
t.addfile(i, Z()); i = tarfile.TarInfo('behind'); t.addfile(i); t.close()
open('bomb.tgz', 'wb').write(gzip.compress(b.getvalue(), 9))
PY
run surat-archive list --max-bytes 50M <bomb.tgz
code_is 65 "what unpacks to more than allowed"
printf 'x' >one
(i=0; while [ $i -lt 210 ]; do mkdir -p deep && mv deep deep2 && mkdir deep && mv deep2 deep/d; i=$((i + 1)); done) 2>/dev/null
run surat-archive create --format zip deep
code_is 65 "folders in folders without end"
done_testing
