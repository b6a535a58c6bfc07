# mail-deliver when each of its system calls fails, when it is killed at each of them, when the disk is full: a message is whole and told to be there, or
# absent; what was there stays.
. "$SURAT_SRC/tests/lib.sh"
cd "$T" || exit 99
export TMPDIR=$T
if [ -w /dev/shm ]; then # hundreds of fsyncs say nothing more on a disk
  work=$(mktemp -d /dev/shm/surat-t.XXXXXX)
  at_exit 'rm -rf "$work"'
  cd "$work" || exit 99
fi
printf 'Subject: new\n\nFrom a friend\nwith two lines\n' >new
printf 'Subject: old\n\nwas here before\n' >old
printf 'LHLO me\r\nMAIL FROM:<ana@example.org>\r\nRCPT TO:<bob@example.net>\r\nRCPT TO:<carl@example.net>\r\nDATA\r\nSubject: new\r\n\r\nFrom a friend\r\nwith two lines\r\n.\r\nQUIT\r\n' >lmtp
sed 's/LHLO/EHLO/' lmtp >smtp
{ printf 'From ana@x Tue Nov 14 22:13:20 2023\n'; cat old; echo; } >oldbox
printf 'bob@example.net maildir:md\ncarl@example.net mbox:box\n' >map

# --- what is there: OLD and NEW messages, and how many are not whole ---
whole() { # FILE: o, n or ?, whatever the last hop put in front of the message
  local text
  text=$(<"$1")
  case "Subject:${text#*Subject:}" in
  "$(<old)") printf o ;;
  "$(<new)") printf n ;;
  *) printf '?' ;;
  esac
}
in_maildir() { local f; for f in md/new/* md/cur/*; do [ ! -e "$f" ] || whole "$f"; done; }
in_mbox() { # as few forms as there may be: no part of a message, nothing unquoted
  local all new_one="*
Subject: new

>From a friend
with two lines" old_one
  all=$(<box)
  old_one=$(<oldbox)
  case ${all#"$old_one"} in
  '') printf o ;;
  "

From "$new_one) [ "$all" != "${all#"$old_one"}" ] && printf on || printf '?' ;;
  *) printf '?' ;;
  esac
}
fixture() {
  rm -rf md box box.lock
  mkdir -p md/cur md/new md/tmp
  cp old md/cur/1000.old:2,S
  cp oldbox box
}
deliver() { # KIND
  case $1 in
  Maildir) mail-deliver maildir:md <new ;;
  mbox) mail-deliver mbox:box <new ;;
  command) mail-deliver '|cat >/dev/null' <new ;;
  *) mail-deliver "--$1" --map map <"$1" ;;
  esac
}
# what each answer promises: "Maildir mbox", + must be there, - must not, . may be
promised() { # KIND CODE
  case $1 in
  Maildir) [ "$2" = 0 ] && echo '+-' || echo '--' ;;
  mbox) [ "$2" = 0 ] && echo '-+' || echo '--' ;;
  command) echo '--' ;;
  lmtp) tr -d '\r' <said | sed -n '/^354/,$p' | awk '/^250/ {printf "+"; n++} /^[45]/ {printf n < 2 ? "-" : ""; n++} END {while (n++ < 2) printf "."}' ;;
  smtp) tr -d '\r' <said | sed -n '/^354/,$p' | awk '/^250/ {print "++"; n++} /^[45]/ && !n {print "--"; n++} END {if (!n) print ".."}' ;;
  esac
}
kept() { # PROMISE: is it?
  local m b
  m=$(in_maildir) b=$(in_mbox)
  [ "${m//n/}" = o ] && [ "${b//n/}" = o ] || { echo "Maildir $m, mbox $b"; return; }
  case ${1:0:1}$m in +on | +no | -o | .o | .on | .no) ;; *) echo "promised $1: Maildir $m" ;; esac
  case ${1:1:1}$b in +on | -o | .o | .on) ;; *) echo "promised $1: mbox $b" ;; esac
}

for kind in Maildir mbox command lmtp smtp; do
  bad= n=0
  for k in $(seq 300); do
    fixture
    code=0
    SURAT_FAULT=any:$k:KILL deliver $kind >said 2>err || code=$?
    [ "$code" = 137 ] || break
    n=$k
    case $kind in Maildir | mbox | command) promise=.. ;; *) promise=$(promised $kind $code) ;; esac
    bad+=$(kept "$promise" | sed "s/^/killed at $k: /")
  done
  is "$bad" "" "$kind: killed at each of $n calls"
  [ "$n" -gt 5 ] && [ "$n" -lt 300 ] || fail "$kind: there are calls to fail" "$n"
  bad=
  for k in $(seq $n); do
    fixture
    code=0
    SURAT_FAULT=any:$k:EIO deliver $kind >said 2>err || code=$?
    promise=$(promised $kind $code)
    # that a result could not be printed does not undo it
    ! grep -q 'standard output' err || promise=..
    bad+=$(kept "$promise" | sed "s/^/call $k: /")
    [ "$code" = 0 ] || [ "$kind" = lmtp ] || [ "$kind" = smtp ] || [ "$(grep -c . err)" = 1 ] || bad+="call $k: $code and $(cat err)"
    case $code in 0 | 66 | 71 | 74 | 75 | 78) ;; *) bad+="call $k: exit code $code" ;; esac
  done
  is "$bad" "" "$kind: each of $n calls fails"
done

# --- a full disk ---
cat >full.sh <<'E'
mkdir full && mount -t tmpfs -o size=300k tmpfs full || exit 77
head -c 400000 /dev/zero | tr '\0' 'x' | fold -w 70 >big
for box in maildir:full/md mbox:full/box; do
  mail-deliver $box <new
  echo "small $?"
  mail-deliver $box <big 2>err
  echo "large $? $(grep -c 'No space left' err) $(grep -c . err)"
  printf 'LHLO me\r\nMAIL FROM:<>\r\nRCPT TO:<a@b.c>\r\nDATA\r\n%s\r\n.\r\nQUIT\r\n' "$(sed 's/$/\r/' big)" | mail-deliver --lmtp $box 2>err | grep -o '^45[0-9]'
  mail-deliver $box <new
  echo "small $?"
done
find full/md -type f -printf '%s\n'
wc -c <full/box
E
unshare=$([ "$(id -u)" = 0 ] && echo 'unshare -m' || echo 'unshare -rm')
if $unshare true 2>/dev/null; then
  run $unshare bash full.sh
  is "$out" "small 0
large 75 1 1
451
small 0
small 0
large 75 1 1
451
small 0
$(wc -c <new)
$(wc -c <new)
$((2 * ($(wc -c <new) + $(printf 'From MAILER-DAEMON Tue Nov 14 22:13:20 2023\n>\n' | wc -c))))" "a full disk: 75, nothing is left of the large one, the small ones are there"
else
  skip "a full disk" "no mount namespace"
fi
done_testing
