# mail-login with real servers: tokens of the tests' own provider, which Dovecot believes by their signature, for IMAP, POP3 and (through Postfix) SMTP.
. "${SURAT_SRC:?}/tests/lib.sh" || exit 99
. "$SURAT_SRC/tests/live/addr.sh"
. "$SURAT_SRC/tests/tools/oauth.sh"
S=$LAB_STATE
at_exit oauth_stop
oauth_start
cat "$S/pki/ca.pem" >>"$OAUTH/ca.pem"
printf %s "$LAB_JWT_KEY" >"$OAUTH/jwt.key"
echo alice@dane.test >"$OAUTH/jwt"
export BROWSER=$OAUTH/browser
mkdir -p "$XDG_CONFIG_HOME/surat"
cat >"$XDG_CONFIG_HOME/surat/config" <<X2
$OAUTH_OPTIONS
connect = mx.dane.test=$DANE4:587
[account home]
from = Alice <alice@dane.test>
server = smtp://alice@dane.test@mx.dane.test
fetch = imaps://alice@dane.test@imap.dane.test/INBOX
auth = oauthbearer
provider = $OAUTH_URL
client-id = client
[account home-pop]
from = alice@dane.test
fetch = pop3s://alice@dane.test@imap.dane.test/
auth = xoauth2
password-command = mail-login token home
X2
letter() { printf 'From: alice@dane.test\nTo: alice@dane.test\nSubject: hi\nMessage-ID: <%s@client.test>\n\n%s\n' "$1" "$1"; }
send() { letter "$1" >"$T/letter"; run mail-send --helo client.test --timeout 20 -A home "${@:2}" alice@dane.test <"$T/letter"; }
stale() { # signed in anew, with a token that is dead already and says the contrary
  mail-login -q home 2>/dev/null
}

run mail-fetch status home
code_is 77 "nobody has signed in: mail-fetch"
is "$err" "mail-fetch: home: not signed in: mail-login home" "says what to do"
send one --no-keep
code_is 77 "nor does mail-send go on"
is "$err" "mail-send: <alice@dane.test>: home: not signed in: mail-login home" "which says it too"

run mail-login home
code_is 0 "signed in"
send two --trace="$T/trace"
is "$code$err" 0 "mail-send sends"
like "$(cat "$T/trace")" '^-> AUTH OAUTHBEARER' "with OAUTHBEARER"
for _ in $(seq 100); do grep -qrsF two@client.test "$S/mail/alice@dane.test/Maildir" && break; sleep 0.05; done
run mail-fetch get home --to "maildir:$T/box" --state "$T/db" --trace="$T/trace"
is "$code$err" 0 "mail-fetch fetches"
is "$(find "$T/box" -type f | wc -l)" 1 "what was sent"
run mail-fetch get home-pop --to "maildir:$T/pop" --state "$T/db" --trace="$T/trace"
is "$code$err" 0 "by POP3, with XOAUTH2 and a command"
is "$(find "$T/pop" -type f | wc -l)" 1 "the same"
token=$(mail-login token home)
[ ${#token} -gt 100 ] && pass "a token is long" || fail "a token is long" "$token"
is "$(asked POST refresh)" 0 "one token did all that"
for part in "$token" "$(base64 -w0 <<<"$token" | cut -c1-60)" "${token#*.*.}"; do
  is "$(grep -cF -e "$part" "$T/trace")" 0 "and is in no trace"
done

# a token that the servers do not take, though its time is not over: one more, once, and on with the work
for what in send get pop; do
  echo -30 >"$OAUTH/jwt.life"
  stale
  rm "$OAUTH/jwt.life"
  : >"$OAUTH/log"
  case $what in
  send) send three ;;
  get) run mail-fetch status home ;;
  pop) run mail-fetch status -A home "pop3s://alice@dane.test@imap.dane.test/" ;;
  esac
  is "$code$err" 0 "$what: goes on with another token"
  is "$(asked POST refresh)" 1 "$what: which was asked for once"
done
echo -30 >"$OAUTH/jwt.life"
stale
: >"$OAUTH/log"
run mail-fetch status home
code_is 77 "one that is no better is the end"
one_line "in one line"
is "$(asked POST refresh)" 1 "and is not asked for again"
send four --no-keep
code_is 77 "for mail-send, too"
one_line "in one line"
rm "$OAUTH/jwt.life"
sed -i 's/"refresh_token":"[^"]*"/"refresh_token":"gone"/' "$XDG_STATE_HOME/surat/login/home.token"
run mail-fetch status home
code_is 77 "a sign-in that is over"
like "$err" 'home: sign-in expired: mail-login home$' "is told as such"

# somebody else's server is not told
run mail-fetch status --auth oauthbearer imaps://alice@dane.test@mx.dane.test/
code_is 77 "another server"
like "$err" 'not signed in|is no server of' "is not given the account's token"
done_testing
