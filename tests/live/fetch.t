# mail-fetch in the laboratory: names from its DNS, certificates of its CA, Dovecot with stored SCRAM keys, letters that Dovecot itself delivered.
. "${SURAT_SRC:?}/tests/lib.sh" || exit 99
S=$LAB_STATE
HOST=imap.dane.test
CA=$S/pki/ca.pem
umask 077
for u in alice bob scram; do echo "secret-$u" >"$T/$u"; done
echo wrong >"$T/wrong"
number=0
deliver() { # USER [SUBJECT]: by Dovecot's LMTP
  number=$((number + 1))
  printf 'From: Ana <ana@client.test>\nTo: %s@dane.test\nSubject: %s\nMessage-ID: <%s.%s@client.test>\n\nletter %s\n.\n..\nFrom here\n' \
    "$1" "${2:-number $number}" "$number" "$$" "$number" | mail-send -f ana@client.test --server "lmtp:$S/run/dovecot/lmtp" "$1@dane.test" ||
    fail "a letter is delivered"
}
as() { # USER ARGUMENTS...
  local u=$1
  shift
  run mail-fetch --ca-file "$CA" --password-file "$T/$u" --timeout 20 "$@"
}
count() { find "$1"/cur "$1"/new -type f 2>/dev/null | wc -l; }

for _ in 1 2 3; do deliver scram; done
deliver scram 'naïve façade 日本語'
i=0
for scheme in imaps imap pop3s pop3; do
  for mech in scram-sha-256 plain auto; do
    i=$((i + 1))
    as scram --auth "$mech" --state "$T/$i.db" --to "maildir:$T/$i" --trace="$T/$i.trace" "$scheme://scram@dane.test@$HOST/"
    code_is 0 "$scheme with $mech"
    is "$(count "$T/$i")" 4 "all four letters"
    [ "$mech" != auto ] || like "$(cat "$T/$i.trace")" 'AUTH[A-Z]* SCRAM-SHA-256' "SCRAM is chosen"
    unlike "$(cat "$T/$i.trace")" 'secret-scram|c2VjcmV0LXNjcmFt' "no password in the trace"
    as scram --auth "$mech" --state "$T/$i.db" --to "maildir:$T/$i" "$scheme://scram@dane.test@$HOST/"
    is "$code$(count "$T/$i")" 04 "once"
  done
done
as scram --auth scram-sha-1 "imaps://scram@dane.test@$HOST/"
code_is 77 "a mechanism for which the server has no key"
one_line "in one line"
as wrong "imaps://scram@dane.test@$HOST/"
code_is 77 "a wrong password"
one_line "in one line"
run mail-fetch --password-file "$T/scram" "imaps://scram@dane.test@$HOST/"
code_is 76 "the laboratory's CA is no CA of the system's"
run mail-fetch --password-file "$T/scram" "imap://scram@dane.test@$HOST/"
code_is 76 "STARTTLS is verified without being asked"
as scram --connect "mx.dane.test=$IMAP4:993" "imaps://scram@dane.test@mx.dane.test/"
code_is 76 "another name than the certificate's"
as scram --tls=none --auth plain "imap://scram@dane.test@$HOST/"
code_is 77 "no password without TLS"
as scram --tls=none status "imap://scram@dane.test@$HOST/"
code_is 0 "but SCRAM, which shows none"
as scram -4 status "imaps://scram@dane.test@$HOST/"
code_is 0 "IPv4"
as scram -6 status "imaps://scram@dane.test@$HOST/"
code_is 0 "IPv6"
as scram --timeout 2 "imaps://scram@dane.test@$DEAD4/"
code_is 75 "nobody there"
one_line "in one line"

# --- what Dovecot wrote, read by us ---
M=$S/mail/scram@dane.test/Maildir
run mail-read count "$M"
is "$out" 4 "mail-read counts what Dovecot delivered"
as scram search subject:façade "imaps://scram@dane.test@$HOST/"
as scram flag --add flagged --add replied "$out"
code_is 0 "flags set on the server"
run mail-read search is:flagged is:replied "$M"
is "$(printf '%s\n' "$out" | grep -c .)" 1 "are seen in its Maildir"
run mail-read show "$out"
like "$out" 'naïve façade 日本語' "and the letter can be read"
run mail-read raw "$(mail-read search subject:'"number 1"' "$M")"
like "$out" '^From here$' "a line that begins with From"

# --- and what we wrote, read by Dovecot ---
mkdir -p "$S/mail/bob@dane.test"
mail-fetch --ca-file "$CA" --password-file "$T/scram" --state "$T/to-bob.db" --to "maildir:$S/mail/bob@dane.test/Maildir" "imaps://scram@dane.test@$HOST/" ||
  fail "into bob's Maildir"
chown -R dovecot:dovecot "$S/mail/bob@dane.test"
as bob --state "$T/bob.db" --to "maildir:$T/bob-box" "imaps://bob@dane.test@$HOST/"
code_is 0 "bob fetches it"
digests() { find "$1"/cur "$1"/new -type f -exec sha256sum {} + | cut -c1-64 | sort; }
is "$(digests "$T/bob-box")" "$(digests "$T/1")" "the same bytes after the way through both"
like "$(ls "$T/bob-box/cur")" ':2,FR' "and the flags"

# --- a folder that is moved, and one that is new ---
as scram append "imaps://scram@dane.test@$HOST/" Trash </dev/null
code_is 65 "nothing to append"
as scram search subject:number "imaps://scram@dane.test@$HOST/"
printf '%s\n' "$out" >"$T/names"
as scram move --to Trash --names "$T/names"
is "$(printf '%s\n' "$out" | grep -c '/Trash#')" 3 "MOVE, and where they went"
as scram -v --state "$T/1.db" --to "maildir:$T/1" "imaps://scram@dane.test@$HOST/" INBOX Trash
like "$err" 'Trash: 3 new' "in another folder they are new"
as scram folders "imaps://scram@dane.test@$HOST/"
like "$out" '^Trash	Trash$' "a folder for a purpose"
done_testing
