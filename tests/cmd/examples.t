# The examples of the README and the manual pages, run as they stand (tests/tools/examples.py says how they are found and marked). Here is the sandbox: the
# files, servers, names and accounts that the pages speak of.
. "${SURAT_SRC:?}/tests/lib.sh"
. "${SURAT_SRC:?}/tests/tools/dovecot.sh"
. "$SURAT_SRC/tests/tools/oauth.sh"
read -r port _ <<<"$(dovecot_free_ports)"
mkdir -p "$XDG_CONFIG_HOME/surat" "$T/box" "$HOME/Maildir"/{cur,new,tmp} "$T/served"
cd "$T/box" || exit 99

# every name mail could go to in an example leads to this machine
for domain in example.org example.net example.com; do
  printf '%s. MX 10 mx1.%s.\nmx1.%s. A 127.0.0.1\n' $domain $domain $domain
done >"$HOME/zone"

# --- messages and files that examples name ---
message() { # FROM SUBJECT TEXT
  printf 'From: %s\nTo: Ana <ana@example.org>\nSubject: %s\nDate: Tue, 24 Nov 2026 12:00:00 +0000\nMessage-ID: <%s@example.net>\n\n%s\n' "$1" "$2" "$RANDOM$RANDOM" "$3"
}
for m in 'Alice <alice@example.net>|Invoice March' 'Bob <bob@example.net>|Re: agenda' 'Budi <budi@example.net>|Salam'; do
  message "${m%|*}" "${m#*|}" "Text of ${m#*|}" | mail-deliver -f "$(sed 's/.*<\(.*\)>.*/\1/' <<<"$m")" "maildir:$HOME/Maildir" || fail "a message to read"
done
# one that is old, one with an attachment, one that is known by its id
message 'Old <old@example.net>' 'Long ago' 'x' | sed 's/^Date:.*/Date: Tue, 24 Feb 2026 12:00:00 +0000/' >"$HOME/Maildir/cur/1.old:2,S"
touch -d '2026-02-24 12:00' "$HOME/Maildir/cur/1.old:2,S"
printf '%%PDF-1.4\n%%%%EOF\n' | tee report.pdf >invoice.pdf
echo 'The invoice.' | mail-compose -f carl@example.net -t ana@example.org -s Invoice -a invoice.pdf --message-id '<20261124@example.org>' |
  mail-deliver -f carl@example.net "maildir:$HOME/Maildir"
base64 -d >picture.png <<'X'
iVBORw0KGgoAAAANSUhEUgAAADAAAAAgCAMAAABjCgsuAAAACVBMVEX69ORgSCi+Hh7oCnLVAAAAiklEQVR42u2UURLAEAxEN7n/
oau0BKuiU3/Nhxl2nw1jQBYLrwA4qyT4/SfgDCnuNHH445iAacitZ2ASIsWVgYcQo1hgGCKVxQI0pF5rABIird4A3YadjK4J4xEi
YtC1qvITgd1McEY/UyhwvXl1A7GfMOgCkGobgJH/OyAi/CHC/wX8wBKw+fc+AEfDAfdy/kDbAAAAAElFTkSuQmCC
X
cp picture.png photo.png
cp picture.png logo.png
echo 'Halo, this is the text.' | tee body.txt text note answer answer.txt >text.txt
echo '<p>Halo, this is the <b>text</b>.</p>' | tee body.html letter.html >page.html
cp page.html news.html
mkdir -p folder photos && cp photo.png photos && echo x >folder/file
printf 'email,name\nbob@example.net,Bob\ncarl@example.net,Carl\n' >rows.csv
printf 'example.org\nexample.net\n' | tee domains >names
mail-compose -f ana@example.org -t budi@example.net -s Salam -a picture.png <text >letter || fail "a letter"
ls "$PWD"/letter >drafts
cp letter message
cp letter message.eml

# --- the servers: one that takes mail, one that keeps it ---
mail-deliver --smtp --listen "127.0.0.1:$port" --domains example.org,example.net,example.com "maildir:$T/server" 2>"$T/server.err" &
server=$!
at_exit 'kill $server 2>/dev/null; wait $server; dovecot_stop "$T/dovecot"; oauth_stop'
oauth_start
export BROWSER=$OAUTH/browser
echo 'otpauth://totp/Uni:ana?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ' >uri.txt
for _ in $(seq 200); do (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break; sleep 0.05; done
dovecot_start "$T/dovecot" ana secret "$T/served" || fail "Dovecot starts"
message 'Dian <dian@example.com>' 'On the server' 'x' >"$T/served/new/1.eml"
sed 's/^Subject:.*/Subject: News\nList-Id: <news.example.com>/; s/24 Nov/24 Feb/' "$T/served/new/1.eml" >"$T/served/cur/2.eml:2,S"
touch -d '2026-02-24 12:00' "$T/served/cur/2.eml:2,S"
mkdir -p "$T/served/.Archive"/{cur,new,tmp}
chmod -R a+rX "$T/served"
[ "$(id -u)" != 0 ] || chown -R "$DOVECOT_AS" "$T/served"

printf '#!/bin/sh\necho secret\n' >"$T/bin-pass"
mkdir "$T/bin" && mv "$T/bin-pass" "$T/bin/pass" && chmod 755 "$T/bin/pass"
export PATH=$T/bin:$PATH
cat >"$XDG_CONFIG_HOME/surat/config" <<X
default-account = work
dns-data = ~/zone
smtp-port = $port
$(printf '%s\n' "$OAUTH_OPTIONS")
[account uni]
from = ana@uni.example
provider = $OAUTH_URL
client-id = client
[account work]
from = Ana <ana@example.org>
server = smtp://127.0.0.1:$port
fetch = imaps://ana@localhost:$DOVECOT_IMAPS/INBOX
ca-file = $DOVECOT_CA
password-command = pass show mail/work
mailbox = maildir:~/Maildir
[account home]
from = ana@example.com
server = smtp://127.0.0.1:$port
fetch = pop3s://ana@localhost:$DOVECOT_POP3S/
ca-file = $DOVECOT_CA
password-command = pass show mail/home
X
[ "$tap_bad" = 0 ] || done_testing
cp -a "$HOME/Maildir" "$T/pristine"
export RESET="rm -rf '$HOME/Maildir'; cp -a '$T/pristine' '$HOME/Maildir'"
python3 "$SURAT_SRC/tests/tools/examples.py" "$SURAT_SRC/README" "$SURAT_SRC"/man/*.[1-8] # its plan is ours
