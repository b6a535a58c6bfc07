# mail-queue export and import: the queue goes to another host whole, and no letter is sent by both.
. "$SURAT_SRC/tests/lib.sh"
. "$SURAT_SRC/tests/cmd/queue.sh"
there=$T/there
at() { run mail-queue "$@" --spool "$there"; }
names() { ls -A "$1" | grep -v '^moved$' | LC_ALL=C sort; }

q export "$T/none.tar.gz"
code_is 66 "no spool: nothing to export"
one_line "said in one line"
rules 'bob defer'
add bob@budi.test carol@budi.test
first=$id
flush
add dan@dewi.test
q hold "$id"
add eve@eka.test
before=$(names "$S")
text=$(cat "$S"/*)
for format in tar.zst tar.gz tar.xz zip 7z; do
  rm -rf "$there"
  q export "$T/q.$format"
  code_is 0 "export: $format"
  is "$out$err" "" "$format: silent"
  is "$(names "$S")" "" "$format: the spool is empty"
  flush --force
  is "$(sent)" "carol@budi.test" "$format: nothing is sent any more here"
  q check
  code_is 0 "$format: check"
  like "$out" "^moved/exported-[a-z0-9]{8}	exported	3 messages" "$format: check tells what was exported"
  at import "$T/q.$format"
  code_is 0 "import: $format"
  is "$out$err" "" "$format: silent"
  is "$(names "$there")" "$before" "$format: the same names"
  is "$(cat $(ls -d "$there"/* | grep -v moved))" "$text" "$format: the same octets"
  at import "$T/q.$format"
  code_is 0 "$format: a second time"
  is "$err" "mail-queue: this archive was imported here before; nothing is done" "$format: nothing happens, and that is said in one line"
  # back home
  q import "$T/q.$format"
  code_is 0 "$format: back where it was made"
  is "$(names "$S")" "$before" "$format: as it was"
  is "$(ls "$S/moved" | sed 's/-.*//' | sort | uniq | tr '\n' ' ')" "imported lock " "$format: what was kept here is gone"
done
at list
like "$out" "^$first	.*	bob@budi.test	mx.test: 45" "journals came too: only who waits"
at list --held
is "$(printf '%s\n' "$out" | wc -l)" 1 "what was held is held"
rules
run mail-queue run --force --transport "$transport" --spool "$there"
at release --all
run mail-queue run --force --transport "$transport" --spool "$there"
is "$(sent)" "bob@budi.test carol@budi.test dan@dewi.test eve@eka.test" "each is sent once, there"
at import "$T/q.7z"
like "$err" 'imported here before' "an archive whose letters are sent is not imported again"

# --- through a pipe ---
fresh
q add --json -f ana@ana.test --mx bob@budi.test <"$T/letter"
fits mail-queue "add --json is as its schema says"
q export --json "$T/json.zip"
fits mail-queue "export --json too"
q import --json "$T/json.zip"
fits mail-queue "import --json too"
fresh
rm -rf "$there"
add bob@budi.test
mail-queue export --spool "$S" - 2>"$T/e1" | mail-queue import --spool "$there" - 2>"$T/e2" && pass "export - | import -" || fail "export - | import -"
is "$(cat "$T/e1" "$T/e2")" "" "silent"
is "$(names "$there" | cut -d. -f1)" "$id" "it came"
fresh
add bob@budi.test
{ mail-queue export --spool "$S" - 2>"$T/.err"; echo $? >"$T/.code"; } | true
like "$(cat "$T/.code")" '^(74|141)$' "nobody reads: it fails"
is "$(names "$S" | cut -d. -f1)" "$id" "and the message is still here"
for i in $(seq 300); do printf 'From ana\nTo: m%d@d.test\n\nHalo %d.\n\n' $i $i; done | mail-queue add --spool "$S" -f ana@ana.test --mx -t --mbox >"$T/ids"
rm -rf "$there"
mail-queue export --spool "$S" - | mail-queue import --spool "$there" - -v 2>"$T/.err"
like "$(cat "$T/.err")" '301 messages' "many, with -v how many"

# --- what does not move ---
fresh
rm -rf "$there"
rules 'bob hang'
add bob@budi.test
busy=$id
add dan@dewi.test
mail-queue run "$busy" --spool "$S" --transport "$transport" >/dev/null 2>&1 & runner=$!
for _ in $(seq 100); do ls "$S" | grep -q "^$busy.*\.out-" && break; sleep 0.1; done
q export "$T/busy.zip"
code_is 75 "what is being tried just now does not move"
like "$err" "$busy: it is being tried just now" "said which"
one_line "in one line"
is "$(names "$S" | grep -v lock | cut -d. -f1)" "$busy" "the other has"
kill $runner; wait $runner
q export "$T/busy.zip"
code_is 73 "an archive that is there is not written over"
is "$(names "$S" | cut -d. -f1)" "$busy" "and the message is still here"
q export "$T/nowhere/x.zip"
code_is 73 "no such folder"
is "$(names "$S" | cut -d. -f1)" "$busy" "still here"
q export "$T/x.rar"
code_is 64 "a kind of archive we do not make"
q export
code_is 64 "no archive named"
truncate -s -1 "$S/$busy".*
q export "$T/damaged.zip"
code_is 66 "a damaged message alone: nothing to export"
like "$err" 'should have' "said why"
flush
q check
like "$out" 'quarantine' "a run puts it into quarantine"

# --- there already ---
fresh
rm -rf "$there"
add bob@budi.test
q export "$T/a.tar.gz"
at import "$T/a.tar.gz"
rm -rf "$there/moved"
at import "$T/a.tar.gz"
code_is 0 "the same message is there"
like "$err" "^mail-queue: $id: is in the spool already" "said and skipped"
one_line "in one line"
is "$(names "$there" | wc -l)" 1 "it is there once"

# --- hostile archives: nothing of them arrives ---
cat >"$T/make.py" <<'X'
import io, sys, tarfile
kind, path = sys.argv[1:]
top = "surat-queue-abcd2345"
good = b"surat-queue 1\nsize 0000000000000011\narrived 2026-11-24T08:14:00Z\nsender a@b.test\nrecipient c@d.test\n\nSubject: x\n"
t = tarfile.open(path, "w:gz")
def put(name, data=good, type=tarfile.REGTYPE, link=""):
    i = tarfile.TarInfo(name); i.type = type; i.linkname = link
    i.size = len(data) if type == tarfile.REGTYPE else 0
    t.addfile(i, io.BytesIO(data) if type == tarfile.REGTYPE else None)
if kind != "nofolder": put(top, type=tarfile.DIRTYPE)
put(top + "/ABCDE1.1700000000")
names = {"dotdot": top + "/../../evil", "absolute": "/tmp/evil", "inner": top + "/a/b", "dot": top + "/./ABCDE2.1700000000", "claimed": top + "/ABCDE2.1700000000.out-abcd2345",
    "lock": top + "/run-abcd2345.lock", "strange": top + "/core", "other": "surat-queue-zzzz2345/ABCDE2.1700000000", "backslash": top + "\\..\\evil", "long": top + "/" + "A" * 5000,
    "newline": top + "/ABCDE2.1700000000\n/x", "temporary": top + "/.surat-x.tmp", "lower": top + "/abcde2.1700000000", "zero": top + "/ABCDE2.01700000000", "huge": top + "/ABCDE2.99999999999999999999",
    "twice": top + "/ABCDE1.1700000000", "quarantine": top + "/quarantine", "runname": "surat-queue-../../xx/ABCDE2.1700000000"}
if kind in names: put(names[kind])
if kind == "symlink": put(top + "/ABCDE2.1700000000", type=tarfile.SYMTYPE, link="/etc/passwd")
if kind == "hardlink": put(top + "/ABCDE2.1700000000", type=tarfile.LNKTYPE, link=top + "/ABCDE1.1700000000")
if kind == "topsymlink": put(top, type=tarfile.SYMTYPE, link="/tmp")
if kind == "fifo": put(top + "/ABCDE2.1700000000", type=tarfile.FIFOTYPE)
if kind == "device": put(top + "/ABCDE2.1700000000", type=tarfile.CHRTYPE)
if kind == "damaged": put(top + "/ABCDE2.1700000000", good[:-1])
if kind == "badjournal": put(top + "/ABCDE1.log", b"surat-journal 1 ABCDE1\nnonsense\n")
options = {"command": b'options {"password-command":"touch %s"}' % (path + ".ran").encode(), "trace": b'options {"timeout":"9","trace":"/tmp/x"}', "password": b"account work\nserver evil.test",
    "harmless": b'options {"dnssec":"off","timeout":"9"}'}
if kind in options: put(top + "/ABCDE2.1700000000", good.replace(b"\n\n", b"\n" + options[kind] + b"\n\n", 1).replace(b"mx\n", b""))
if kind == "later": put(top + "/ABCDE2.1700000000", good.replace(b"queue 1", b"queue 2"))
if kind == "orphan": put(top + "/ABCDE7.log", b"surat-journal 1 ABCDE7\n")
t.close()
X
for kind in dotdot absolute inner claimed lock strange other backslash long newline temporary lower zero huge twice quarantine runname symlink hardlink topsymlink fifo device; do
  rm -rf "$there"
  python3 "$T/make.py" $kind "$T/h.tar.gz"
  at import "$T/h.tar.gz"
  code_is 65 "$kind"
  is "$(names "$there")$(ls "$there/moved" | grep -v lock)" "" "$kind: nothing has arrived"
done
[ ! -e "$T/evil" ] && [ ! -e /tmp/evil ] && pass "nor outside" || fail "nor outside"
for kind in nofolder orphan; do
  rm -rf "$there"
  python3 "$T/make.py" $kind "$T/h.tar.gz"
  at import "$T/h.tar.gz"
  is "$code $(names "$there")" "0 ABCDE1.1700000000" "$kind: what is sound arrives"
done
# a message that would run a command here, write a file, or get a password, waits for a person
for kind in command trace password; do
  rm -rf "$there"
  python3 "$T/make.py" $kind "$T/h.tar.gz"
  at import "$T/h.tar.gz"
  code_is 0 "$kind: comes"
  is "$err" "mail-queue: ABCDE2: held: it brings options of its own; look before you release it" "$kind: is told"
  is "$(names "$there" | tr '\n' ' ')" "ABCDE1.1700000000 ABCDE2.held " "$kind: and held"
done
rm -rf "$there"
python3 "$T/make.py" harmless "$T/h.tar.gz"
at import "$T/h.tar.gz"
is "$code$err $(names "$there" | tr '\n' ' ')" "0 ABCDE1.1700000000 ABCDE2.1700000000 " "what only says how is not"
rm -rf "$there"
python3 "$T/make.py" damaged "$T/h.tar.gz"
at import "$T/h.tar.gz"
code_is 65 "a damaged message in it"
one_line "is told"
is "$(names "$there" | tr '\n' ' ')$(ls "$there/quarantine")" "ABCDE1.1700000000 quarantine ABCDE2.1700000000" "and in quarantine; the other arrives"
rm -rf "$there"
python3 "$T/make.py" badjournal "$T/h.tar.gz"
at import "$T/h.tar.gz"
is "$code $(ls "$there/quarantine" | tr '\n' ' ')" "65 ABCDE1.1700000000 ABCDE1.log " "a message whose journal is damaged, too"
for n in 10 200 ; do
  rm -rf "$there"
  run mail-queue import --spool "$there" "$T/h.tar.gz" --max-archive $n
  code_is 65 "larger than allowed ($n)"
  is "$(names "$there")" "" "nothing arrives"
done
python3 - "$T/bomb.zip" <<'X'
import sys, zipfile
z = zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED)
z.writestr("surat-queue-abcd2345/ABCDE1.1700000000", b"x" * 30000000)
X
rm -rf "$there"
at import "$T/bomb.zip" --max-archive 1000000
code_is 65 "a small archive that unpacks to much"
is "$(names "$there")$(ls "$there/moved" | grep -v lock)" "" "nothing of it stays"
rm -rf "$there"
python3 "$T/make.py" sound "$T/h.tar.gz"
at import "$T/h.tar.gz"
mkdir -p "$there/moved/arriving-zzzz2345/folder"
run mail-queue run --force --transport "$transport" --spool "$there"
is "$(sent | grep -c c@d.test)" 1 "what is stuck in moved/ does not stop a run"
like "$err" 'arriving-zzzz2345' "but is told"
python3 "$T/make.py" sound "$T/h.tar.gz"
size=$(stat -c %s "$T/h.tar.gz")
for cut in 0 1 20 $((size / 2)) $((size - 12)); do
  rm -rf "$there"
  head -c $cut "$T/h.tar.gz" >"$T/cut.tar.gz"
  at import "$T/cut.tar.gz"
  code_is 65 "cut at $cut"
  is "$(names "$there")" "" "cut at $cut: nothing arrives"
done
rm -rf "$there"
at import "$T/letter"
code_is 65 "not an archive"
is "$err" "mail-queue: $T/letter: not an archive that is known here" "in one line"
at import "$T/not-there.zip"
code_is 66 "no such file"
one_line "in one line"
done_testing
