# mail-fetch against a real Dovecot on loopback: what is fetched, how often, and what remains when things go wrong.
. "${SURAT_SRC:?}/tests/lib.sh"
command -v dovecot >/dev/null || PATH=$PATH:/usr/sbin:/sbin
command -v dovecot >/dev/null || { skip "mail-fetch with Dovecot" "dovecot is not installed"; done_testing; }
. "${SURAT_SRC:?}/tests/tools/dovecot.sh"
at_exit 'dovecot_stop "$T/d"'
dovecot_start "$T/d" budi rahasia || { fail "Dovecot starts"; done_testing; }
umask 077
echo rahasia >"$T/pw"
echo falsch >"$T/wrong"
IMAPS=imaps://budi@localhost:$DOVECOT_IMAPS POP3S=pop3s://budi@localhost:$DOVECOT_POP3S
IMAP=imap://budi@localhost:$DOVECOT_IMAP POP3=pop3://budi@localhost:$DOVECOT_POP3
fetch() { run mail-fetch --ca-file "$DOVECOT_CA" --password-file "$T/pw" "$@"; }
give() { # NAME < MESSAGE: into the server's Maildir
  cat >"$T/d/Maildir/tmp/$1"
  chmod 644 "$T/d/Maildir/tmp/$1"
  [ "$(id -u)" != 0 ] || chown "$DOVECOT_AS" "$T/d/Maildir/tmp/$1"
  mv "$T/d/Maildir/tmp/$1" "$T/d/Maildir/new/$1"
}
# its next UIDVALIDITY may be the last one, within a second: what we remember goes too
empty_server() { rm -rf "$T"/d/Maildir/{cur,new}/* "$T"/d/Maildir/dovecot* "$XDG_STATE_HOME"; }
number=1700000000
letter() { # [SUBJECT]: one more letter
  number=$((number + 1))
  printf 'From: ana@example.org\nSubject: %s\nMessage-ID: <%s@example.org>\nDate: Tue, 24 Nov 2026 09:14:00 +0100\n\nHalo %s\n' "${1:-letter $number}" "$number" "$number" |
    give "$number.M1P1.test"
}
count() { find "$1"/cur "$1"/new -type f 2>/dev/null | wc -l; }
stored() { # MAILDIR: the digests of its messages, sorted
  find "$1"/cur "$1"/new -type f -exec sha256sum {} + 2>/dev/null | cut -c1-64 | sort
}

# --- the first time, the second time ---
letter one; letter two
printf 'From: a@example.org\nSubject: no id\n\nwithout a Message-ID, without a line end' | give 1700000100.M1P1.test
printf 'no header at all\n.\n..\nFrom here\n>From there\n' | give 1700000101.M1P1.test
printf 'From: x\r\nSubject: odd\r\n\r\nbare \r CR, 8-bit \xff, dots\r\n.\r\n' | give 1700000102.M1P1.test
fetch --to "maildir:$T/i" "$IMAPS/INBOX"
code_is 0 "IMAP over TLS"
is "$out$err" "" "silent when nobody watches"
is "$(count "$T/i")" 5 "all five are there"
fetch -v --to "maildir:$T/i" "$IMAPS"
code_is 0 "nothing new is no failure"
is "$err" "budi@localhost INBOX: nothing new" "and said with -v"
is "$(count "$T/i")" 5 "none came twice"
letter three
fetch -v --to "maildir:$T/i" "$IMAPS/INBOX"
like "$err" '^budi@localhost INBOX: 1 new, [0-9]+ -> ' "the new one"
fetch -v --to "maildir:$T/i2" "$IMAP/INBOX"
like "$err" '^budi@localhost INBOX: 6 new, [0-9]+ -> ' "all of them by STARTTLS"
fetch -v --to "maildir:$T/p" "$POP3S/"
code_is 0 "POP3 over TLS"
like "$err" '^budi@localhost INBOX: 6 new, [0-9]+ -> ' "six"
fetch -v --to "maildir:$T/p" "$POP3S/"
is "$err" "budi@localhost INBOX: nothing new" "nothing new"
fetch -v --to "maildir:$T/p2" "$POP3/"
like "$err" '^budi@localhost INBOX: 6 new, [0-9]+ -> ' "with STLS too"
is "$(count "$T/p")" 6 "six by POP3"
tail_bytes() { grep -l "$1" -r "$2" | head -1 | xargs tail -c "$3" | od -An -tx1 | tr -d ' \n'; }
is "$(tail_bytes 'bare' "$T/i" 27)" "$(printf 'bare \r CR, 8-bit \xff, dots\n.\n' | tail -c 27 | od -An -tx1 | tr -d ' \n')" "odd bytes come through IMAP as they are"
is "$(tail_bytes 'bare' "$T/p" 27)" "$(printf 'bare \r CR, 8-bit \xff, dots\n.\n' | tail -c 27 | od -An -tx1 | tr -d ' \n')" "and through POP3"

# --- whatever is in them ---
empty_server
printf '\n' | give 1700000110.M1P1.test
printf 'x' | give 1700000111.M1P1.test
head -c 300000 /dev/urandom | give 1700000112.M1P1.test
{ for i in $(seq 3000); do printf 'X-%s: %0900d\n' "$i" 0; done; printf 'Subject: a large header\n\nx\n'; } | give 1700000113.M1P1.test
{ printf 'Subject: one line\n\n'; head -c 2000000 /dev/zero | tr '\0' x; } | give 1700000114.M1P1.test
printf 'Message-ID: %05000d\nMessage-ID:\n <a\n b\n\n' 0 | give 1700000115.M1P1.test
printf 'From somebody\nSubject: an mbox line in front\n\nx\n' | give 1700000116.M1P1.test
printf 'Content-Type: multipart/mixed; boundary="x\n\n--x\n\n--x--\n' | give 1700000117.M1P1.test
letter "behind all of them"
fetch --to "maildir:$T/odd" "$IMAPS"
code_is 0 "what is in a message does not decide: IMAP"
is "$(count "$T/odd")" 9 "all are there"
fetch --to "maildir:$T/odd-p" "$POP3S"
code_is 0 "POP3"
is "$(count "$T/odd-p")" 9 "all are there"
fetch list "$IMAPS"
code_is 0 "they can be listed"
is "$(printf '%s\n' "$out" | wc -l)" 9 "a line for each"
like "$out" 'a large header' "with a subject behind 3 megabytes of fields"

# --- flags and dates ---
touch -d '2020-02-03 04:05:06 UTC' "$T"/d/Maildir/*/1700000001.*
empty_server
letter flagged
mv "$T"/d/Maildir/new/17000000*.M1P1.test "$T/d/Maildir/cur/$number.M1P1.test:2,FRS"
touch -d '2020-02-03 04:05:06 UTC' "$T"/d/Maildir/cur/*
fetch --to "maildir:$T/flags" --state "$T/flags.db" "$IMAPS"
like "$(ls "$T/flags/cur")" ':2,FRS$' "flags come along"
is "$(stat -c %Y "$T"/flags/cur/*)" 1580702706 "and the time it arrived"

# --- sign-in ---
run mail-fetch --ca-file "$DOVECOT_CA" --password-file "$T/wrong" "$IMAPS"
code_is 77 "a wrong password, IMAP"
one_line "in one line"
like "$err" "^mail-fetch: localhost:$DOVECOT_IMAPS: signing in as budi: .*Authentication failed" "with the server's words"
run mail-fetch --ca-file "$DOVECOT_CA" --password-file "$T/wrong" "$POP3S"
code_is 77 "a wrong password, POP3"
one_line "in one line"
run mail-fetch --ca-file "$DOVECOT_CA" --password-file "$T/nowhere" "$POP3S"
code_is 77 "a password file that is not there"
for mech in SCRAM-SHA-256 SCRAM-SHA-1 CRAM-MD5 PLAIN LOGIN; do
  fetch --auth "$mech" status "$IMAPS"
  code_is 0 "IMAP with $mech"
  fetch --auth "$mech" status "$POP3"
  code_is 0 "POP3 with $mech"
done
fetch --auth OAUTHBEARER "$IMAPS"
code_is 77 "a mechanism that is not offered"
like "$err" 'does not offer OAUTHBEARER' "said so"
fetch --auth ROT13 "$IMAPS"
code_is 64 "a mechanism that there is not"
fetch --trace="$T/trace" status "$IMAPS"
unlike "$(cat "$T/trace")" "rahasia|cmFoYXNpYQ" "a trace has no password"
fetch --auth plain --trace="$T/trace2" status "$POP3S"
unlike "$(cat "$T/trace2")" "rahasia|cmFoYXNpYQ|AGJ1ZGk" "nor with PLAIN"
like "$(cat "$T/trace2")" '^-> AUTH PLAIN \(secret\)' "but the command"
is "$(stat -c %a "$T/trace2")" 600 "it is private"

# --- TLS ---
run mail-fetch --password-file "$T/pw" "$IMAPS"
code_is 76 "a certificate of a stranger"
one_line "in one line"
fetch "imaps://budi@127.0.0.2:$DOVECOT_IMAPS/"
isnt "$code" 0 "another name than the certificate's"
fp=$(openssl x509 -in "$T/d/cert.pem" -outform DER | sha256sum | cut -c1-64)
run mail-fetch --password-file "$T/pw" --fingerprint "sha256:$fp" status "$IMAPS"
code_is 0 "a fingerprint"
run mail-fetch --password-file "$T/pw" --fingerprint "sha256:${fp//[0-7]/8}" status "$IMAPS"
code_is 76 "another fingerprint"
run mail-fetch --password-file "$T/pw" --tls=verify status "$IMAP"
code_is 76 "STARTTLS that must be verified and cannot"
run mail-fetch --password-file "$T/pw" status "$IMAP"
code_is 0 "on loopback any certificate will do"
fetch --tls=none --trace="$T/none" status "$IMAP"
code_is 0 "on loopback even none"
unlike "$(cat "$T/none")" '^-> .*STARTTLS' "is none"
run mail-fetch --tls=none "$IMAPS"
code_is 64 "none and imaps"

# --- DNS and DANE, by mail-mx ---
if [ -x "$SURAT_BUILD/mail-mx" ]; then
  key=$(openssl x509 -in "$T/d/cert.pem" -noout -pubkey | openssl pkey -pubin -outform DER | sha256sum | cut -d' ' -f1)
  printf '; security: secure\nmail.budi.test. IN A 127.0.0.1\n_%s._tcp.mail.budi.test. IN TLSA 3 1 1 %s\n' "$DOVECOT_IMAPS" "$key" >"$T/secure"
  sed 's/security: secure/security: insecure/' "$T/secure" >"$T/insecure"
  sed 's/^_/; security: bogus\n_/' "$T/secure" >"$T/bogus"
  sed "s/$key/${key//[0-7]/8}/" "$T/secure" >"$T/another"
  dane() { run mail-fetch --password-file "$T/pw" --dns-data "$T/$1" --tls="$2" status "imaps://budi@mail.budi.test:$DOVECOT_IMAPS/"; one_line_or_none; }
  one_line_or_none() { [ "$code" = 0 ] || one_line "in one line"; }
  dane secure dane
  code_is 0 "a secure TLSA record decides"
  dane secure dane-only
  code_is 0 "with dane-only too"
  dane another dane
  code_is 76 "another one does not match"
  dane insecure dane
  code_is 76 "an insecure one does not count: the certificate must be valid"
  dane insecure dane-only
  isnt "$code" 0 "or nothing will do"
  dane bogus dane
  code_is 76 "a bogus one is no reason to do without"
  run mail-fetch --password-file "$T/pw" --dns-data "$T/secure" status "imaps://budi@other.test:$DOVECOT_IMAPS/"
  code_is 68 "no such host in these records"
else
  skip "DANE" "mail-mx is not built"
fi

# --- what stays, what goes ---
empty_server
letter a; letter b; letter c
fetch --to "maildir:$T/k" --limit 2 "$IMAPS"
is "$(count "$T/k")" 2 "--limit"
is "$(count "$T/d/Maildir")" 3 "they stay on the server"
fetch -v --to "maildir:$T/k" --delete "$IMAPS"
like "$err" '1 new, .*, 3 deleted there' "--delete takes what is safe, also from before"
is "$(count "$T/k")/$(count "$T/d/Maildir")" 3/0 "all here, none there"
letter d; letter e
fetch --to "maildir:$T/k" --delete "$POP3S"
is "$(count "$T/k")/$(count "$T/d/Maildir")" 5/0 "and with POP3"
letter f
fetch --to "maildir:$T/k" --delete-after 3 "$IMAPS"
is "$(count "$T/d/Maildir")" 1 "--delete-after keeps it"
run mail-fetch --now "@$(($(date +%s) + 4 * 86400))" --ca-file "$DOVECOT_CA" --password-file "$T/pw" --to "maildir:$T/k" --delete-after 3 "$IMAPS"
is "$(count "$T/d/Maildir")" 0 "until then"
fetch --keep --delete "$IMAPS"
code_is 64 "both"

# --- --to - ---
letter g; letter h
printf 'From: x\n\nFrom the start\n>From behind\nno end' | give 1700000200.M1P1.test
fetch --to - "$IMAPS"
code_is 0 "mboxrd on standard output"
is "$(grep -c '^From ' "$T/.out")" 3 "three messages"
is "$(grep -c '^>From the start' "$T/.out")$(grep -c '^>>From behind' "$T/.out")" 11 "quoted as mboxrd is"
cp "$T/.out" "$T/box"
fetch --to - "$IMAPS"
is "$(grep -c '^From ' "$T/.out")" 3 "nothing was recorded"
is "$(count "$T/d/Maildir")" 3 "nor deleted"
fetch --to - --delete "$IMAPS"
code_is 64 "nor may it be"
run bash -c 'mail-fetch --ca-file "$1" --password-file "$2" --to - "$3" >/dev/full' - "$DOVECOT_CA" "$T/pw" "$IMAPS"
code_is 74 "a full disk behind standard output"
one_line "in one line"

# --- an mbox ---
fetch --to "mbox:$T/box.new" "$POP3S"
is "$(grep -c '^From ' "$T/box.new")" 3 "into an mbox"
fetch --to "mbox:$T/box.new" "$POP3S"
is "$(grep -c '^From ' "$T/box.new")" 3 "once"

# --- --since ---
empty_server
letter old; touch -d '2020-01-01' "$T"/d/Maildir/new/*
letter new
fetch --to "maildir:$T/since" --since 2d "$IMAPS"
is "$(count "$T/since")" 1 "--since, IMAP"
empty_server
printf 'Received: from a by b; Wed, 1 Jan 2020 10:00:00 +0000\nSubject: old\n\nx\n' | give 1700000300.M1P1.test
printf 'Received: from a by b;\n %s\nDate: Wed, 1 Jan 2020 10:00:00 +0000\nSubject: new\n\nx\n' "$(date -R)" | give 1700000301.M1P1.test
printf 'Subject: says nothing\n\nx\n' | give 1700000302.M1P1.test
fetch --to "maildir:$T/since-pop" --since 2d "$POP3S"
is "$(grep -rhs '^Subject: ' "$T/since-pop" | sort | tr '\n' ' ')" "Subject: new Subject: says nothing " "--since, POP3"

# --- a new UIDVALIDITY ---
empty_server
letter one; letter two
printf 'Subject: bare\n\nno id\n' | give 1700000400.M1P1.test
touch -d '2026-11-24 08:00 UTC' "$T"/d/Maildir/new/*
fetch --to "maildir:$T/v" "$IMAPS"
rm -f "$T"/d/Maildir/dovecot*
sleep 1 # a UIDVALIDITY is the time
letter three
fetch -v --to "maildir:$T/v" "$IMAPS"
is "$(count "$T/v")" 4 "only what is new after a new UIDVALIDITY"
like "$err" '1 new, ' "said so"

# --- a lost database ---
rm -rf "$XDG_STATE_HOME"/surat/*
mkdir -p "$XDG_STATE_HOME/surat"
echo "this is no database, and it is long enough to be looked at" >"$XDG_STATE_HOME/surat/state.db"
fetch -v --to "maildir:$T/v" "$IMAPS"
code_is 0 "a damaged database"
like "$err" 'was damaged' "is told"
is "$(count "$T/v")" 4 "and none comes twice: the mailbox itself knows"

# --- identical letters, unique ids that are not ---
empty_server
printf 'Subject: same\n\nsame\n' | give 1700000500.M1P1.test
printf 'Subject: same\n\nsame\n' | give 1700000501.M1P1.test
fetch --to "maildir:$T/same" "$POP3S"
fetch --to "maildir:$T/same-i" "$IMAPS"
is "$(count "$T/same")$(count "$T/same-i")" 22 "two letters of the same bytes are two letters"

# --- killed anywhere ---
walk() { # URL MAILBOX LABEL STEP [EIO]: it kills itself at, or fails at, each STEPth call; the next run must make it good
  local k n=0 bad=0 what=${5:-KILL} box=$2
  for k in $(seq 1 "$4" 400) fsync1 fsync2 fsync3 fsync4 linkat1 linkat2 linkat3 write9 write13; do
    local spec=any:$k:$what
    case $k in [a-z]*) spec=${k%%[0-9]*}:${k##*[a-z]}:$what ;; esac
    rm -rf "$T/w" "$T/w.db"*
    code=0
    { SURAT_FAULT=$spec mail-fetch --ca-file "$DOVECOT_CA" --password-file "$T/pw" --state "$T/w.db" --to "$box" "$1" || code=$?; } >/dev/null 2>"$T/.err"
    [ "$what" = KILL ] || [ "$code" = 0 ] || [ "$(grep -c . "$T/.err")" = 1 ] || { bad=$((bad + 1)); echo "# $spec: $(cat "$T/.err")"; }
    [ "$code" -lt 79 ] || [ "$code" = 137 ] || { bad=$((bad + 1)); echo "# $spec: exit code $code"; }
    rm -f "$T/w.lock" # who waits five minutes may take it
    case $k$what in [a-z]*) ;; *KILL) [ "$code" != 0 ] || { n=$k; break; } ;; *) n=$k; [ "$k" -lt 150 ] || break ;; esac
    mail-fetch --ca-file "$DOVECOT_CA" --password-file "$T/pw" --state "$T/w.db" --to "$box" "$1" 2>"$T/.err" || { bad=$((bad + 1)); echo "# after $spec: $(cat "$T/.err")"; continue; }
    got=$(case $box in mbox:*) grep -c '^From ' "$T/w" ;; *) count "$T/w" ;; esac)
    [ "$got" = 3 ] || { bad=$((bad + 1)); echo "# after $spec: $got messages"; }
  done
  is "$bad" 0 "$3: $what at any call, each message is there once"
  isnt "$n" 0 "$3: the walk came to its end"
}
if { SURAT_FAULT=any:1:KILL mail-fetch --ca-file "$DOVECOT_CA" --password-file "$T/pw" --to "maildir:$T/none" "$IMAPS"; } 2>/dev/null; then
  skip "killed at any call" "built without --enable-faults"
else
  empty_server
  letter one
  printf 'Subject: bare\n\nno id, no line end' | give 1700000600.M1P1.test
  printf 'Subject: From\n\nFrom\nFrom x\n' | give 1700000601.M1P1.test
  walk "$IMAPS" "maildir:$T/w" "IMAP to Maildir" 9
  walk "$POP3S" "mbox:$T/w" "POP3 to mbox" 7
  walk "$IMAPS" "mbox:$T/w" "IMAP to mbox" 31
  walk "$IMAPS" "maildir:$T/w" "IMAP to Maildir" 11 EIO
  walk "$POP3S" "mbox:$T/w" "POP3 to mbox" 23 EIO
fi

# --- folders, and mail that stays ---
empty_server
mkdir -p "$T"/d/Maildir/.Lists.surat/{cur,new,tmp} "$T"/d/Maildir/.Arsip/{cur,new,tmp}
[ "$(id -u)" != 0 ] || chown -R "$DOVECOT_AS" "$T/d/Maildir"
letter "naïve façade"; letter invoice; letter other
fetch folders "$IMAPS"
is "$(printf '%s\n' "$out" | cut -f1 | sort | tr '\n' ' ')" "Arsip INBOX Lists Lists/surat " "folders"
fetch status "$IMAPS"
is "$out" "INBOX	3	3	3" "status: messages, unread, new"
fetch --json status "$POP3S"
like "$out" '^\{"folder": ?"INBOX", ?"messages": ?3, ?"new": ?3\}$' "by POP3 too, as JSON"
fits mail-fetch "as its schema says"
fetch list "$IMAPS"
is "$(printf '%s\n' "$out" | cut -f6 | tr '\n' ' ')" "naïve façade invoice other " "list"
fetch search subject:invoice "$IMAPS"
code_is 0 "search"
name=$out
like "$name" "^imaps://budi@localhost:$DOVECOT_IMAPS/INBOX#[0-9]+\.2$" "a name"
fetch search "subject:façade or subject:other" "$IMAPS"
is "$(printf '%s\n' "$out" | wc -l)" 2 "text that is not ASCII"
fetch search subject:nothing "$IMAPS"
code_is 1 "nothing found"
fetch search has:attachment "$IMAPS"
code_is 64 "what a server cannot be asked"
fetch raw "$name"
like "$out" '^Subject: invoice' "raw"
fetch flag --add seen --add flagged --add '$Label1' "$name"
code_is 0 "flag"
fetch search is:flagged "$IMAPS"
is "$out" "$name" "it has it"
fetch flag --remove flagged "$name"
fetch search is:flagged "$IMAPS"
code_is 1 "and has not"
fetch flag "$name"
code_is 64 "no flags"
fetch flag --add 'a b' "$name"
code_is 64 "no flag at all"
fetch copy --to Arsip "$name"
like "$out" "/Arsip#[0-9]+\.1$" "copy prints the new name"
fetch move --to Lists/surat "$name"
moved=$out
like "$moved" "/Lists/surat#[0-9]+\.1$" "so does move"
fetch --json copy --to Arsip "$moved"
like "$out" '^\{"name": ?"imaps://.*/Arsip#[0-9]+\.2"\}$' "as JSON"
fits mail-fetch "and as its schema says"
fetch delete "$(printf '%s\n' "$out" | sed 's/.*"\(imaps:.*\)".*/\1/')"
code_is 0 "and that one is deleted"
fetch raw "$name"
code_is 66 "it is not there any more"
printf '%s\n' "$moved" >"$T/names"
run bash -c 'mail-fetch --ca-file "$1" --password-file "$2" delete --names - <"$3"' - "$DOVECOT_CA" "$T/pw" "$T/names"
code_is 0 "delete, names from standard input"
fetch status "$IMAPS" Lists/surat INBOX Arsip
is "$(printf '%s\n' "$out" | cut -f1,2 | tr '\t\n' '= ')" "Lists/surat=0 INBOX=2 Arsip=1 " "as it should be"
printf 'Subject: appended\n\nx\n' >"$T/m"
run bash -c 'mail-fetch --ca-file "$1" --password-file "$2" append --add seen "$3" Arsip <"$4"' - "$DOVECOT_CA" "$T/pw" "$IMAPS" "$T/m"
code_is 0 "append"
fetch raw "$out"
is "$out" "$(cat "$T/m")" "is what was put there"
fetch raw "imaps://budi@localhost:$DOVECOT_IMAPS/INBOX#1.1"
code_is 66 "names of an older numbering"
fetch raw nonsense
code_is 65 "no name"
fetch status "$IMAPS" NoSuch
code_is 69 "no such folder"
one_line "in one line"
fetch --to "maildir:$T/several" --jobs 2 "$IMAPS" INBOX NoSuch Arsip
code_is 69 "several folders, one of which is not there"
is "$(count "$T/several")" 4 "the others were fetched"
for c in folders list watch; do
  fetch $c "$POP3S"
  code_is 64 "$c needs IMAP"
done

# --- handed to another program ---
if [ -x "$SURAT_BUILD/mail-deliver" ]; then
  empty_server
  letter one
  printf 'Return-Path: <eve@example.org>\nSubject: odd\n\nNUL \0 and \r CR, 8-bit \xff\n.\n..\nno end' | give 1700000650.M1P1.test
  head -c 60000 /dev/zero | base64 | { printf 'Subject: large\n\n'; cat; } | give 1700000651.M1P1.test
  letter last
  fetch -v --state "$T/l.db" --lmtp "mail-deliver --lmtp --max-size 50000 maildir:$T/l" "$IMAPS"
  code_is 69 "--lmtp: a message that is too large for it"
  like "$err" 'message [0-9]: mail-deliver.*: 552 ' "is told"
  like "$err" 'INBOX: 3 new, .*, 1 failed' "the others went through"
  is "$(count "$T/l")" 3 "and are there"
  like "$(grep -rh Return-Path "$T/l" | tr '\n' ' ')" '<eve@example.org>' "the sender is the one of the Return-Path"
  is "$(grep -arhA1 'NUL' "$T/l" | tr -d '\0\200\r\377' | tr '\n' '|')" "NUL  and | CR, 8-bit |" "a stray CR, which SMTP cannot carry, ends its line"
  fetch -v --state "$T/l.db" --lmtp "mail-deliver --lmtp maildir:$T/l" "$IMAPS"
  code_is 0 "the next run tries it again"
  like "$err" 'INBOX: 1 new' "and only that one"
  is "$(count "$T/l")" 4 "four"
  fetch --state "$T/l2.db" --lmtp "exit 3" "$IMAPS"
  code_is 75 "a command that dies"
  one_line "in one line"
  fetch --state "$T/l2.db" --delete --lmtp "mail-deliver --lmtp --max-size 50000 maildir:$T/l2" "$POP3S"
  code_is 69 "POP3, with one refused"
  is "$(count "$T/l2")/$(count "$T/d/Maildir")" 3/1 "only what was accepted is deleted"
  fetch --lmtp x --to y "$IMAPS"
  code_is 64 "--lmtp and --to"
  cat >"$T/lmtp" <<'S'
printf '220 x\r\n'
while IFS= read -r line; do
  case $line in
  LHLO*) printf '250 x\r\n' ;;
  DATA*) printf '354 go\r\n'; while IFS= read -r line && [ "$line" != $'.\r' ]; do :; done; printf '250 mine\r\n'; exit ;;
  *) printf '250 ok\r\n' ;;
  esac
done
S
  empty_server
  letter one; letter two; letter three
  n=0
  for _ in 1 2 3 4; do
    fetch --state "$T/l3.db" --lmtp "echo x >>'$T/ran'; bash '$T/lmtp'" "$IMAPS"
    [ "$code" = 0 ] || n=$((n + 1))
  done
  is "$n" 2 "a command that dies after each message: one a run is acknowledged, and none twice"
else
  skip "--lmtp" "mail-deliver is not built"
fi

# --- watching ---
empty_server
letter one; letter other
rm -rf "$T/watched"
mail-fetch --ca-file "$DOVECOT_CA" --password-file "$T/pw" watch --state "$T/watched.db" --to "maildir:$T/watched" "$IMAPS" 2>"$T/watch.err" &
watcher=$!
for _ in $(seq 100); do [ "$(count "$T/watched")" = 2 ] && break; sleep 0.05; done
letter "while it watches"
for _ in $(seq 200); do [ "$(count "$T/watched")" = 3 ] && break; sleep 0.05; done
is "$(count "$T/watched")" 3 "watch fetches what arrives"
fetch --state "$T/watched.db" --to "maildir:$T/watched" "$IMAPS"
code_is 75 "another run at the same folder waits for its turn"
like "$err" 'INBOX: another run is at it' "said so"
kill -TERM $watcher
code=0; wait $watcher || code=$?
code_is 0 "and ends when it is told to"
is "$(cat "$T/watch.err")" "" "silently"

# --- the account ---
mkdir -p "$XDG_CONFIG_HOME/surat"
cat >"$XDG_CONFIG_HOME/surat/config" <<C
default-account = work
[account work]
from = Budi <budi@example.org>
fetch = $IMAPS/INBOX
password-file = $T/pw
fingerprint = sha256:$fp
mailbox = maildir:$T/home/Mail
[account empty]
from = nobody@example.org
C
rm -rf "$XDG_STATE_HOME"
run mail-fetch -v
code_is 0 "the default account"
is "$(count "$T/home/Mail")" 3 "into its mailbox"
like "$err" '^work INBOX: 3 new, .* -> ~/Mail$' "and says so"
run mail-fetch search subject:other work
like "$out" '^work:INBOX#[0-9]+\.[0-9]+$' "names by the account"
run mail-fetch raw "$out"
like "$out" 'Subject: other' "and found by them"
run mail-fetch -v get work Arsip
like "$err" '^work Arsip: 2 new' "another folder"
run mail-fetch -v -A work Arsip
like "$err" '^work Arsip: nothing new' "with -A the operands are folders"
run mail-fetch empty
code_is 78 "an account without fetch"
run mail-fetch nosuch
code_is 78 "no such account"
run mail-fetch --json --to "maildir:$T/json" --state "$T/json.db"
is "$(printf '%s\n' "$out" | python3 -c 'import json,sys; print(sorted({(o["account"],o["folder"],o["status"]) for o in map(json.loads, sys.stdin)}))')" "[('work', 'INBOX', 'new')]" "--json"
fits mail-fetch "as its schema says"
run mail-fetch --to "maildir:$T/x" "imaps://budi@localhost:$DOVECOT_IMAPS/" --tls=verify </dev/null
code_is 76 "a URL does not inherit the account's trust"

# --- who cannot be reached ---
run mail-fetch --password-file "$T/pw" imaps://budi@127.0.0.1:1/
code_is 75 "nobody listens"
one_line "in one line"
run mail-fetch --password-file "$T/pw" imaps://budi@no-such-host.invalid/
isnt "$code" 0 "no such host"
one_line "in one line"
run mail-fetch --password-file "$T/pw" http://localhost/
code_is 64 "another scheme"
run mail-fetch --password-file "$T/pw" imaps://budi:rahasia@localhost/
code_is 64 "a password in the URL"
unlike "$err" rahasia "is not repeated"

# --- a full disk ---
if [ "$(id -u)" = 0 ] && mkdir "$T/small" && mount -t tmpfs -o size=64k none "$T/small" 2>/dev/null; then
  at_exit 'umount "$T/small" 2>/dev/null'
  head -c 100000 /dev/zero | base64 | { printf 'Subject: large\n\n'; cat; } | give 1700000700.M1P1.test
  fetch --to "maildir:$T/small/md" --state "$T/small.db" "$IMAPS"
  code_is 75 "a full disk"
  one_line "in one line"
  is "$(find "$T/small/md/tmp" -type f | wc -l)" 0 "leaves nothing half"
  n=$(count "$T/small/md")
  fetch --to "maildir:$T/roomy" --state "$T/small.db" "$IMAPS"
  is $((n + $(count "$T/roomy"))) "$(count "$T/d/Maildir")" "and what it had is had once"
else
  skip "a full disk" "needs root and a mount"
fi
done_testing
