# mail-deliver: mailboxes, envelopes, commands, limits, sessions on standard input and on a socket.
. "${SURAT_SRC:?}/tests/lib.sh"
cd "$T" || exit 99
printf 'Subject: hi\n\nFrom a friend\n' >m
count() { find "$1"/new "$1"/cur -type f 2>/dev/null | wc -l; }
only() { find "$1"/new "$1"/cur -type f; }

# --- mailboxes ---
run mail-deliver maildir:md <m
code_is 0 "to a Maildir"
is "$out$err" "" "in silence"
cmp -s m "$(only md)" && pass "byte for byte" || fail "byte for byte"
like "$(only md)" '^md/new/[0-9]+\.M[0-9]+P[0-9]+Q1R[a-z0-9]+\.[^,]+,S=27,W=30$' "its name"
is "$(find md/tmp -type f)" "" "nothing in tmp"
run mail-deliver mbox:box -f ana@example.org --now @1700000000 <m
code_is 0 "to an mbox"
is "$(cat box)" "From ana@example.org Tue Nov 14 22:13:20 2023
Return-Path: <ana@example.org>
Subject: hi

>From a friend" "with its From_ line and quoting"
run mail-deliver new/ <m
is "$code $(count new)" "0 1" "a path with a slash is a Maildir"
run mail-deliver plain <m
is "$code $(head -c 5 plain)" "0 From " "one without is an mbox"
run mail-deliver md <m
is "$code $(count md)" "0 2" "an existing Maildir is known"
printf 'my notes\n' >notes
run mail-deliver notes <m
is "$code $(cat notes)" "75 my notes" "somebody's notes are not touched"
one_line "said in one line"
run mail-deliver <m
is "$code $(count "$HOME/Maildir")" "0 1" "the default is ~/Maildir"
mkdir -p "$XDG_CONFIG_HOME/surat"
printf '[account work]\nfrom = ana@example.org\nmailbox = maildir:%s/configured\n' "$T" >"$XDG_CONFIG_HOME/surat/config"
run mail-deliver -A work <m
is "$code $(count configured)" "0 1" "or the configuration's"
rm "$XDG_CONFIG_HOME/surat/config"
printf 'From eve@x Mon Jan  1 00:00:00 2024\r\nSubject: hi\r\n\r\nx\r\n' | mail-deliver crlf/
is "$(cat "$(only crlf)")" "Subject: hi

x" "CRLF and a leading From_ line go"
run mail-deliver empty/ </dev/null
code_is 65 "nothing at all is no message: what stood in front of us died"
printf 'no header\0at all\377\n' >odd
run mail-deliver odd1/ <odd
cmp -s odd "$(only odd1)" && pass "what it contains does not matter" || fail "what it contains does not matter"
chmod 700 md; chmod 500 md/tmp
if [ "$(id -u)" != 0 ]; then
  run mail-deliver md <m
  code_is 75 "no permission: temporary"
  like "$err" 'tmp.*Permission denied' "and says so"
fi
chmod 700 md/tmp
run mail-deliver /dev/null/x <m
isnt "$code" 0 "a path that cannot be"
run mail-deliver notes/ <m
is "$code $err" "75 mail-deliver: notes/tmp: Not a directory" "a file where a folder should be: temporary"
run mail-deliver mbox:/dev/null <m
isnt "$code" 0 "a device is no mbox"

run mail-deliver mh:mh -f ana@example.org <m
code_is 0 "to an MH folder"
run mail-deliver --receipt mh -f ana@example.org <m
like "$code $out" '^0 mh/2	58	[0-9a-f]{64}	keep$' "which is known by its sequences"
is "$(cat mh/.mh_sequences)" "unseen: 1-2" "both are unseen"
is "$(python3 - <<'E'
import mailbox
m = mailbox.MH("mh")
m.add("Subject: from Python\n\nx\n")
print(sorted(m.keys()), m.get_sequences(), m[1]["Subject"])
E
)" "[1, 2, 3] {'unseen': [1, 2]} hi" "Python reads it, and adds to it"
run mail-deliver mh <m
is "$code $(mail-read count mh) $(mail-read count --where is:unread mh)" "0 4 3" "so do we"

# --- envelope ---
run mail-deliver -f '<>' -a bob+list@example.net env/ <m
is "$(head -2 "$(only env)")" "Return-Path: <>
Delivered-To: bob+list@example.net" "Return-Path and Delivered-To"
mail-deliver -a bob@example.net loop/ <m
cp "$(only loop)" looped
run mail-deliver -a BOB@example.net loop/ <looped
code_is 69 "delivered there before: a loop"
like "$err" 'loop' "and says so"
is "$(count loop)" 1 "nothing is stored"
run mail-deliver -a carol@example.net loop/ <looped
code_is 0 "to somebody else it is none"
{ for i in $(seq 101); do echo 'Received: from a by b; x'; done; echo; } >hops
run mail-deliver hopping/ <hops
code_is 69 "101 hops go round in circles"
for bad in 'a b@example.org' 'a@exa mple.org' $'a@b\r\nX: y' 'a@' '@b'; do
  run mail-deliver -f "$bad" md <m
  code_is 65 "refused as a sender: $(printf '%q' "$bad")"
done
one_line "in one line"

# --- receipts, dry run ---
run mail-deliver --receipt rc/ -f ana@example.org <m
IFS=$'\t' read -r path bytes sum action <<<"$out"
is "$bytes $(sha256sum <"$path") $action" "$(wc -c <"$path") $sum  - keep" "a receipt tells path, bytes, sum, action"
run mail-deliver --json rc.mbox -f ana@example.org <m
like "$out" '^\{"path":"mbox:rc.mbox#0","bytes":58,"sha256":"[0-9a-f]{64}","action":"keep","mailbox":"rc.mbox","rule":"the command line"\}$' "and in JSON"
fits mail-deliver "as its schema says"
like "$out" "$(printf 'Return-Path: <ana@example.org>\n' | cat - m | sha256sum | cut -c1-64)" "of the message as it is read back"
run mail-deliver --json '|cat >/dev/null' <m
like "$out" '"path":"\|cat >/dev/null","bytes":27,.*"action":"pipe"' "of a command"
fits mail-deliver "which fits the schema too"
run mail-deliver --dry-run dry/ <m
is "$code $out" "0 keep	dry/	the command line" "--dry-run says what it would do"
[ ! -e dry ] && pass "and does nothing" || fail "and does nothing"
run mail-deliver --dry-run '|touch ran' <m
is "$code $out" "0 pipe	|touch ran	the command line" "nor runs a command"
[ ! -e ran ] && pass "which did not run" || fail "which did not run"

# --- commands ---
run mail-deliver '|cat >got; echo "$SENDER $RECIPIENT $LOCAL $EXTENSION $DOMAIN $CLIENT_ADDRESS $CLIENT_HELO" >envelope' \
  -f ana@example.org -a bob+x@example.net --client-ip 192.0.2.1 --helo mx.example.org <m
is "$code $(cat envelope)" "0 ana@example.org bob+x@example.net bob+x x example.net 192.0.2.1 mx.example.org" "the envelope in the environment"
is "$(tail -3 got)" "$(cat m)" "the message on its standard input"
for pair in '67 67' '69 69' '65 65' '77 77' '75 75' '64 75' '70 75' '71 75' '78 75' '1 75' '127 75'; do
  run mail-deliver "|cat >/dev/null; exit ${pair% *}" <m
  code_is "${pair#* }" "a command that ends with ${pair% *}"
done
run mail-deliver "|cat >/dev/null; echo 'no such
user'; exit 67" <m
like "$err" 'ended with 67: no such$' "its first line is the reason"
run mail-deliver '|kill -9 $$' <m
code_is 75 "a command that is killed"
for nothing in '|' '| '; do
  run mail-deliver "$nothing" <m
  is "$code $err" '64 mail-deliver: "|" without a command' "no command at all would be a message lost"
done
run mail-deliver '|no-such-program' <m
code_is 75 "a command that is not there"
head -c 3000000 /dev/zero | tr '\0' 'x' | fold -w 70 >big
run mail-deliver '|head -1 >first' <big
is "$code $(wc -c <first)" "0 71" "a command need not read it all"
run mail-deliver '|cat; cat big big' <big
code_is 0 "nor can its output stop it"
run mail-deliver --recipient=-rf@example.org '|touch ran' <m
code_is 69 "an address that begins with - goes to no command"
[ ! -e ran ] && pass "which did not run" || fail "which did not run"
run mail-deliver --recipient=ana+-rf@example.org '|touch ran' <m
code_is 69 "nor one of which the extension does"
[ ! -e ran ] && pass "nor did it run" || fail "nor did it run"
run mail-deliver '|echo "$RECIPIENT" >quoted' -a '"`touch ran`$(touch ran)"@example.org' <m
is "$code $(cat quoted)" '0 "`touch ran`$(touch ran)"@example.org' "an address is data"
[ ! -e ran ] && pass "and never run" || fail "and never run"

# --- limits ---
run mail-deliver --max-size 20 lim/ <m
code_is 69 "--max-size"
is "$(count lim)$(find lim/tmp -type f)" 0 "leaves nothing"
run mail-deliver --max-size 27 lim/ <m
code_is 0 "just so large"
run mail-deliver --quota 40 lim/ <m
code_is 75 "--quota"
is "$(count lim)$(find lim/tmp -type f)" 1 "leaves nothing"
run mail-deliver --quota 54 lim/ <m
is "$code $(count lim)" "0 2" "just full"

# --- many at once ---
for i in 1 2 3; do printf 'From ana@example.org Tue Nov 14 22:13:20 2023\nSubject: %d\n\n>From me\n\n' $i; done >three
run mail-deliver --mbox many/ <three
is "$code $(count many)" "0 3" "--mbox"
is "$(cat many/new/* | grep -c '^From me')" 3 "unquoted"
is "$(stat -c %Y many/new/* | sort -u)" 1700000000 "with the time of their From_ lines"
run mail-deliver --mbox mbox:many.mbox <three
is "$(cat many.mbox)" "$(cat three)" "from mbox to mbox"
head -c -1 three >cut
run mail-deliver --mbox cutting/ <cut
is "$code $(count cutting)" "65 2" "a stream that was cut: the last one is refused"
like "$err" '2 delivered, then: .*cut off' "and says so"
run mail-deliver --mbox --max-size 30 --receipt some/ < <(cat three; printf 'From x\n'; cat big; echo; echo; cat three)
is "$code $(count some) $(printf '%s\n' "$out" | wc -l)" "69 6 6" "one that is too large leaves the others alone"
run mail-deliver --mbox none/ <m
is "$code $(count none)" "65 0" "no mbox"
run mail-deliver --mbox nothing/ </dev/null
code_is 0 "an empty stream is no error"
for i in $(seq 150); do cat three; done >lots
run mail-deliver --mbox lot/ <lots
n=$(grep -c '^From ' lots)
is "$code $(count lot)" "0 $n" "$n messages in groups"

# --- a slow writer keeps no lock ---
mkfifo slow
mail-deliver --mbox --receipt mbox:slow.mbox <slow >slow.out 2>slow.err &
pid=$!
exec 6>slow
cat three >&6
head -10 three >two # where the third ends cannot be known yet
for _ in $(seq 500); do [ "$(wc -l <slow.mbox 2>/dev/null)" = 10 ] && [ ! -e slow.mbox.lock ] && break; sleep 0.02; done
is "$(cat slow.mbox)" "$(cat two)" "what came whole is made safe while the rest is waited for"
run mail-deliver mbox:slow.mbox <m
code_is 0 "and others may deliver meanwhile"
cat three >&6
exec 6>&-
code=0
wait $pid || code=$?
is "$code $(wc -l <slow.out) $(grep -c '^From ' slow.mbox)" "0 6 7" "then the rest follows"

# --- signals ---
heeds() { for _ in $(seq 500); do (( 0x$(sed -n 's/^SigCgt:[^0-9a-f]*//p' "/proc/$1/status") & 0x4000 )) && return; sleep 0.01; done; } # SIGTERM
mkfifo fifo
for box in sig/ mbox:sig.mbox '|cat >sig.got'; do
  mail-deliver "$box" <fifo 2>sig.err &
  pid=$!
  exec 6>fifo
  printf 'Subject: half\n' >&6
  heeds $pid
  kill -TERM $pid
  code=0
  wait $pid || code=$?
  exec 6>&-
  is "$code $(cat sig.err | wc -l)" "75 1" "$box: stopped while it waits for the rest"
done
is "$(find sig sig.mbox sig.got -type f 2>/dev/null | xargs -r cat)" "" "and nothing of it is there"
mail-deliver --lmtp --timeout 1 sig/ <fifo >sig.out 2>sig.err &
exec 6>fifo
code=0
wait $! || code=$?
exec 6>&-
is "$code $(tr -d '\r' <sig.out | tail -1)" "75 421 4.4.2 no answer in time" "a client that says nothing"

run mail-deliver box </
is "$code $err" "74 mail-deliver: standard input: cannot read: Is a directory" "a folder for a message"

# --- usage ---
for args in 'a b' '--lmtp --smtp' '--listen 127.0.0.1:0' '--smtp' '--lmtp --mbox' '--lmtp -f a@b.c' '--lmtp --json' '--lmtp --cert x' '--map x y -a z' \
  '--client-ip x'; do
  run mail-deliver $args </dev/null
  code_is 64 "mail-deliver $args"
done

run timeout 10 mail-deliver --smtp --listen 127.0.0.1:0 --domains a.test --cert nosuch.pem --key nosuch.pem s0/
code_is 78 "a certificate that is not there is told before the first client comes"
like "$err" '^mail-deliver: nosuch.pem: ' "by its name"

# --- who is local ---
cat >map <<E
# people
Ana@Example.org   maildir:$T/ana
@example.net      $T/box with blanks/
bob@example.net   |exit 69
E
run mail-deliver --map map -a ANA+x@EXAMPLE.ORG <m
is "$code $(count ana)" "0 1" "--map: an address, with a tag, in any case"
run mail-deliver --map map -a anybody@example.net <m
is "$code $(count 'box with blanks')" "0 1" "--map: all of a domain"
run mail-deliver --map map -a bob@example.net <m
code_is 69 "--map: an address before its domain"
run mail-deliver --map map -a eve@example.org <m
code_is 67 "--map: no such user"
run mail-deliver --map map -a eve@example.com <m
code_is 77 "--map: not ours"
printf 'a@b.c\n' >badmap
run mail-deliver --map badmap -a a@b.c <m
is "$code $err" "78 mail-deliver: badmap:1: an address without a mailbox" "a broken map"
printf 'a@b.c |\n' >badmap
run mail-deliver --map badmap -a a@b.c <m
is "$code $err" '78 mail-deliver: badmap:1: "|" without a command' "a command that is none"
printf 'a@b.c x/\nA@B.C y/\n' >badmap
run mail-deliver --map badmap -a a@b.c <m
is "$code" 78 "an address twice"

# --- sessions on standard input and output ---
says() { printf '%s\r\n' "$@"; }
run mail-deliver --lmtp s1/ < <(says 'LHLO me.test' 'MAIL FROM:<ana@example.org>' 'RCPT TO:<bob@example.net>' DATA 'Subject: hi' '' '..x' . QUIT)
is "$code $(printf '%s' "$out" | tr -d '\r' | cut -c1-9 | tail -5 | tr '\n' '|')" "0 250 2.1.0|250 2.1.5|354 go on|250 2.0.0|221 2.0.0|" "--lmtp"
is "$(sed -e 's/id [a-z0-9]*$/id X/; s/; .*/; DATE/; s/by [^ ]*/by HERE/' "$(only s1)")" "Return-Path: <ana@example.org>
Delivered-To: bob@example.net
Received: from me.test
	by HERE with LMTP id X
	for <bob@example.net>; DATE
Subject: hi

.x" "the last hop's fields"
run mail-deliver --lmtp --map map < <(says 'LHLO me' 'MAIL FROM:<>' 'RCPT TO:<ana@example.org>' 'RCPT TO:<bob@example.net>' 'RCPT TO:<eve@example.com>' \
  'RCPT TO:<x@example.net>' DATA 'A: b' . QUIT)
is "$(printf '%s' "$out" | grep -oE '^[0-9]{3} ' | tail -9 | tr -d '\n')" "250 250 550 250 354 250 550 250 221 " "--lmtp --map: a reply for each recipient"
like "$out" 'relaying denied' "each recipient by itself: not ours"
is "$(count ana) $(count 'box with blanks')" "2 2" "the others have it"
run mail-deliver --smtp --map map < <(says 'EHLO me' 'MAIL FROM:<>' 'RCPT TO:<ana@example.org>' 'RCPT TO:<bob@example.net>' 'RCPT TO:<x@example.net>' DATA 'A: b' . QUIT)
like "$out" '452 4\.5\.3' "SMTP: a command goes in a transaction of its own"
is "$(count ana) $(count 'box with blanks')" "3 3" "the others have it"
run mail-deliver --smtp --map map < <(says 'EHLO me' 'MAIL FROM:<>' 'RCPT TO:<bob@example.net>' DATA 'A: b' . QUIT)
like "$out" '^550 5\.2\.0 refused by the mailbox' "SMTP: what the command says"
printf 'full@example.org mbox:%s/notes\nana@example.org maildir:%s/ana\n' "$T" "$T" >map2
run mail-deliver --smtp --map map2 < <(says 'EHLO me' 'MAIL FROM:<>' 'RCPT TO:<ana@example.org>' 'RCPT TO:<full@example.org>' DATA 'A: b' . QUIT)
like "$out" '^451 4\.3\.0 not now' "SMTP: one that cannot take it refuses it for all"
is "$(count ana) $(cat notes)" "3 my notes" "and nothing is left"
unlike "$out" "$T" "no path is told to a stranger"
run mail-deliver --smtp --quota 100 --map map4 < <(printf 'a@example.net %s/notes/\n' "$T" >map4; says 'EHLO me' 'MAIL FROM:<>' 'RCPT TO:<a@example.net>' QUIT)
like "$(printf '%s\n' "$out" | tail -2)" '^451 4\.3\.0 not now, try again later' "nor at RCPT"
run mail-deliver --lmtp --quota 100 --domains example.net q/ < <(says 'LHLO me' 'MAIL FROM:<> SIZE=200' 'RCPT TO:<a@example.net>' 'RCPT TO:<a@example.org>' QUIT)
like "$out" '452 4\.2\.2' "a full mailbox at RCPT"
like "$out" '550 5\.7\.1' "another domain"
run mail-deliver --lmtp --max-size 100 q/ < <(says 'LHLO me' 'MAIL FROM:<> SIZE=200' QUIT)
like "$out" '552 5\.3\.4' "too large at MAIL"
cp "$(only s1)" again
run mail-deliver --lmtp s1/ < <(says 'LHLO me' 'MAIL FROM:<>' 'RCPT TO:<bob@example.net>' DATA; sed 's/$/\r/' again; says . QUIT)
is "$(count s1)" 2 "one user's mailbox may have it twice"
run mail-deliver --lmtp --domains example.net s1/ < <(says 'LHLO me' 'MAIL FROM:<>' 'RCPT TO:<bob@example.net>' DATA; sed 's/$/\r/' again; says . QUIT)
like "$out" '554 5\.4\.6' "a mail system sees a loop"
run mail-deliver --lmtp s2/ < <(says 'LHLO me' 'MAIL FROM:<>' 'RCPT TO:<bob@example.net>' DATA 'A: b')
is "$code $(find s2 -type f 2>/dev/null | wc -l)" "75 0" "lost in the middle: nothing"
run mail-deliver --lmtp s2/ < <(says 'LHLO me' 'MAIL FROM:<>' 'RCPT TO:<bob@example.net>' DATA 'A: b'; printf '\n.\nMAIL FROM:<>\r\n')
is "$code $(find s2 -type f 2>/dev/null | wc -l)" "76 0" "smuggling: nothing"
one_line "in one line"

for i in $(seq 101); do echo "u$i@example.org maildir:$T/hundred/$i"; done >map3
run mail-deliver --smtp --map map3 < <(says 'EHLO me' 'MAIL FROM:<>'; for i in $(seq 101); do says "RCPT TO:<u$i@example.org>"; done; says DATA 'A: b' . QUIT)
is "$(grep -c '^250 2\.1\.5' <<<"$out") $(grep -c '^452 4\.5\.3' <<<"$out") $(grep -c '^250 2\.0\.0' <<<"$out") $(find hundred -name '*,S=*' | wc -l)" "100 1 1 100" \
  "a hundred mailboxes for one message, and not one more"

# --- a server ---
listen() { # ARGS...: starts it, sets $port and $server
  mail-deliver -v --listen 127.0.0.1:0 "$@" >"$T/server.out" 2>"$T/server.err" &
  server=$!
  port=
  for _ in $(seq 200); do
    port=$(sed -n 's/.*listening on 127.0.0.1:\([0-9]*\)$/\1/p' "$T/server.err")
    [ -n "$port" ] && return
    sleep 0.02
  done
  fail "the server listens" "$(cat "$T/server.err")"
}
at_exit '[ -z "${server:-}" ] || kill "$server" 2>/dev/null'
talk() { # LINES...: sends them all, prints what comes
  exec 3<>"/dev/tcp/127.0.0.1/$port"
  says "$@" >&3
  timeout 20 cat <&3 | tr -d '\r'
  exec 3>&-
}
listen --smtp --map map --json
out=$(talk 'EHLO me' 'MAIL FROM:<ana@example.org>' 'RCPT TO:<ana+1@example.org>' DATA 'Subject: net' '' x . QUIT)
like "$out" '^250 2\.0\.0 delivered' "--listen"
like "$(grep -l 'Subject: net' ana/new/* | xargs cat)" '^Received: from me \(\[127\.0\.0\.1\]\)' "the client's address is in Received"
like "$(cat server.out)" '^\{"path":"/.*","action":"keep","mailbox":"maildir:.*","recipient":"ana\+1@example.org","rule":"map:2"\}$' "a receipt for each"
talk 'EHLO me' 'MAIL FROM:<eve@example.com>' 'RCPT TO:<x@example.com>' QUIT >/dev/null
for _ in $(seq 100); do grep -q relaying server.err && break; sleep 0.02; done
like "$(grep relaying server.err)" '^mail-deliver: 127\.0\.0\.1: <eve@example.com> to <x@example.com>: <x@example.com>: relaying denied$' "-v tells whom it refused"
before=$(count ana)
for i in $(seq 20); do
  talk 'EHLO me' 'MAIL FROM:<ana@example.org>' 'RCPT TO:<ana@example.org>' DATA "Subject: $i" '' x . QUIT >"t.$i" &
  talks="${talks:-} $!"
done
wait $talks
is "$(count ana)" $((before + 20)) "20 at once"
exec 4<>"/dev/tcp/127.0.0.1/$port" 5<>"/dev/tcp/127.0.0.1/$port"
says 'EHLO me' 'MAIL FROM:<ana@example.org>' 'RCPT TO:<ana@example.org>' DATA 'Subject: half' >&4
head -6 <&5 >/dev/null &
read -r line <&4
printf 'new@example.org maildir:%s/late\n' "$T" >>map
out=$(talk 'EHLO me' 'MAIL FROM:<>' 'RCPT TO:<new@example.org>' DATA x . QUIT)
is "$(count late)" 1 "a change of the map counts from the next session on"
kill -TERM $server
code=0
wait $server || code=$?
server=
code_is 0 "ends on SIGTERM"
like "$(timeout 5 cat <&4 | tr -d '\r' | tail -1)" '^421 4\.4\.2 stopped by a signal' "a client in the middle is told"
is "$(count ana)" $((before + 20)) "and nothing of its message is left"
exec 4>&- 5>&-
unlike "$(cat server.err)" 'ERROR|runtime error' "no finding of the sanitizers"

listen --smtp --map map --connections 1
exec 4<>"/dev/tcp/127.0.0.1/$port" 5<>"/dev/tcp/127.0.0.1/$port"
read -r line <&4
like "$line" '^220 ' "--connections 1: the first is served"
read -r -t 0.3 line <&5 && fail "the second has to wait" || pass "the second has to wait"
exec 4>&-
read -r -t 20 line <&5
like "$line" '^220 ' "until the first is gone"
exec 5>&-
kill -TERM $server
wait $server
server=

# --- STARTTLS ---
openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost 2>/dev/null
listen --smtp --map map --cert cert.pem --key key.pem
out=$( (sleep 0.3; says 'EHLO me' 'MAIL FROM:<ana@example.org>' 'RCPT TO:<ana@example.org>' DATA 'Subject: tls' '' x .; sleep 0.3; says QUIT) |
  timeout 20 openssl s_client -connect "127.0.0.1:$port" -starttls smtp -quiet 2>/dev/null | tr -d '\r')
like "$out" '^250 2\.0\.0 delivered' "STARTTLS"
like "$(grep -l 'Subject: tls' ana/new/* | xargs cat)" 'with ESMTPS id' "and Received says so"
out=$(talk 'EHLO me' STARTTLS 'MAIL FROM:<eve@example.org>')
unlike "$out" '250 2\.1\.0' "what is said behind STARTTLS before the handshake is not heard"
kill -TERM $server
wait $server
server=
# --- who sent it ---
cat >"$T/dns" <<'X'
example.org. TXT "v=spf1 ip4:192.0.2.0/24 -all"
_dmarc.example.org. TXT "v=DMARC1; p=reject"
X
ours="--authserv-id me.example --dns-data $T/dns"
printf 'Authentication-Results: me.example; spf=pass; dmarc=pass\nFrom: ana@example.org\n\nx\n' >"$T/claims"
verified() { run mail-deliver $ours --client-ip "$1" --helo x.example -f "$2" "${@:3}" "mbox:$T/verified" <"$T/claims"; }
verified 192.0.2.1 ana@example.org --verify
code_is 0 "--verify"
like "$(cat "$T/verified")" 'dmarc=pass reason="SPF of example.org is aligned' "the results stand in the message"
is "$(grep -c '^Authentication-Results' "$T/verified")" 1 "in the place of those that were forged"
verified 203.0.113.1 eve@evil.example --verify
code_is 0 "a forged message is delivered"
like "$(cat "$T/verified")" 'dmarc=fail' "and says so"
rm "$T/verified"
verified 203.0.113.1 eve@evil.example --reject-on-dmarc
code_is 69 "--reject-on-dmarc"
one_line "one line says why"
[ ! -e "$T/verified" ] && pass "nothing is delivered" || fail "nothing is delivered"
printf 'From: eve@evil.example\nFrom: ana@example.org\n\nx\n' >"$T/two"
run mail-deliver $ours --reject-on-dmarc --client-ip 203.0.113.1 --helo x.example -f eve@evil.example "mbox:$T/verified" <"$T/two"
code_is 69 "a second author beside the forged one changes nothing"
one_line "one line says why"
{ echo 'From: ana@example.org'; yes 'X: y' | head -10001; echo; } >"$T/fields"
run mail-deliver $ours --verify "mbox:$T/verified" <"$T/fields"
code_is 69 "a header that nobody can verify is refused for good, and not put off for ever"
like "$err" 'mail-deliver: .*cannot be verified' "and said why"
echo rubbish >"$T/rubbish"
run mail-deliver --verify --authserv-id me.example --dns-data "$T/rubbish" "mbox:$T/verified" <"$T/claims"
code_is 75 "a broken file of ours refuses nobody's mail"
{ printf 'From: ana@example.org\nno field\n'; yes 'a body without an empty line' | head -200000; } >"$T/noend"
run mail-deliver $ours --verify "mbox:$T/verified" <"$T/noend"
code_is 0 "a header that ends with a line that is no field is not looked for in the body"
rm "$T/verified"
(echo '; security: fail'; cat "$T/dns") >"$T/failing"
run mail-deliver --reject-on-dmarc --authserv-id me.example --dns-data "$T/failing" -f '' "mbox:$T/verified" <"$T/claims"
code_is 0 "what the DNS does not tell holds nothing up"
like "$(cat "$T/verified")" 'dmarc=temperror' "and is said"
rm "$T/verified"
(grep DMARC1 "$T/dns"; echo '; security: fail'; grep spf1 "$T/dns") >"$T/failing"
deferred() { run mail-deliver --reject-on-dmarc --authserv-id me.example --dns-data "$T/failing" --client-ip 192.0.2.1 --helo x.example "$@" "mbox:$T/verified" <"$T/claims"; }
deferred -f ana@example.org
code_is 75 "but where the policy is known, and what would prove it is not, the message is put off"
one_line "one line says why"
like "$err" 'from example\.org.*cannot be looked up now' "and whose it might be"
[ ! -e "$T/verified" ] && pass "nothing is delivered" || fail "nothing is delivered"
deferred -f eve@evil.example
code_is 69 "where nothing that is asked could prove it, it is refused"
{
  printf 'LHLO x.example\r\nMAIL FROM:<eve@evil.example>\r\nRCPT TO:<bob@me.example>\r\nRCPT TO:<carl@me.example>\r\nDATA\r\n'
  sed 's/$/\r/' "$T/claims"
  printf '.\r\nMAIL FROM:<ana@example.net>\r\nRCPT TO:<bob@me.example>\r\nDATA\r\nFrom: ana@example.net\r\n\r\nother\r\n.\r\nQUIT\r\n'
} | run mail-deliver --lmtp --reject-on-dmarc $ours --client-ip 203.0.113.1 "maildir:$T/lm"
is "$(grep -c '^550 5.7.1.*DMARC' "$T/.out") $(grep -c '^250 2.[0-9.]* .*deliver' "$T/.out")" "2 1" "in a session each recipient is told, and the next message goes through"
like "$(cat "$T/lm"/new/*)" 'Authentication-Results: me\.example' "with its results"
done_testing
