# Where passwords and tokens come from, and where they are never seen: in no argument list and no environment of any process that is started, no trace, no
# error, no output, not even at -vv; as they are or in base64.
. "${SURAT_SRC:?}/tests/lib.sh"
. "$SURAT_SRC/tests/tools/oauth.sh"
mkdir "$T/server" "$T/bin" "$T/credentials"
python3 "$SURAT_SRC/tests/tools/auth_server.py" "$T/server" 2>"$T/server/err" &
server=$!
at_exit 'kill $server 2>/dev/null; wait $server 2>/dev/null; oauth_stop'
oauth_start
for _ in $(seq 200); do [ -s "$T/server/ports" ] && break; sleep 0.05; done
read -r smtp imap <"$T/server/ports"
secret='tr3asure !SECRET! x'
mkdir -p "$XDG_CONFIG_HOME/surat"
printf 'From: ana@x.test\nTo: bob@y.test\nSubject: hi\n\nhello\n' >"$T/letter"
configure() { # LINE...: of the account
  printf '%s\n' 'default-account = home' "$OAUTH_OPTIONS" '[account home]' 'from = ana@id.test' "server = smtp://ana@127.0.0.1:$smtp" "fetch = imap://ana@127.0.0.1:$imap/" "$@" \
    >"$XDG_CONFIG_HOME/surat/config"
}
# what could show it: as it is, and each way base64 may begin in the middle of it
python3 - "$secret" >"$T/forms" <<'P'
import base64, sys
for s in (sys.argv[1].encode(), b'-SECRET'):
    print(s.decode())
    forms = [base64.b64encode(b'_' * i + s)[4 if i else 0:-4].decode() for i in range(3)]
    print(*(f for f in forms if len(f) >= 8), sep='\n')
P
if strace -qq -e trace=none true 2>/dev/null; then
  # every program that is started, with all it is told
  watched() { ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0 strace -f -qq -v -s 100000 -e trace=execve -o "$T/started" "$@"; }
else
  skip "argument lists and environments" "strace cannot trace here"
  watched() { : >"$T/started"; "$@"; }
fi
watched env X="$secret" true "$(printf 'ana\0%s' "$secret" | base64 -w0)" 2>/dev/null
[ ! -s "$T/started" ] || isnt "$(grep -cFf "$T/forms" "$T/started")" 0 "what is in arguments or environments would be seen"
try() { # WHAT CODE PROGRAM ARGUMENTS...: runs it watched, and looks everywhere
  local what=$1 want=$2
  shift 2
  : >"$T/server/seen"
  rm -f "$T/trace"
  run watched "$@"
  code_is "$want" "$what"
  is "$(grep -cFf "$T/forms" "$T/started")" 0 "$what: no argument, no environment"
  is "$(cat "$T/.out" "$T/.err" "$T/trace" 2>/dev/null | grep -cFf "$T/forms")" 0 "$what: not in what is said"
}
send() { try "mail-send, $1" "${want:-0}" mail-send -vv --json --no-keep --trace="$T/trace" --helo me "${@:2}" bob@y.test <"$T/letter"; }
got() { like "$(cat "$T/server/seen")" "^ ?$1\$" "and it is what the server gets"; }

# --- passwords ---
printf '%s\nmore\n' "$secret" >"$T/secret"
chmod 600 "$T/secret"
passwords="ana $secret"
configure
send "--password-command" -A home --password-command "cat '$T/secret'"
got "$passwords"
send "--password-file" -A home --password-file "$T/secret"
got "$passwords"
configure "password-command = cat '$T/secret'"
send "the configuration's command"
got "$passwords"
try "mail-send --show-config" 0 mail-send -A home --show-config
try "mail-fetch, the configuration's command" 0 mail-fetch folders -v --trace="$T/trace" home
got "$passwords"
configure "password-file = $T/secret"
send "the configuration's file"
got "$passwords"
cat >"$T/bin/secret-tool" <<S
#!/bin/sh
[ "\$*" = "lookup user ana host 127.0.0.1 account home" ] && cat "$T/secret"
S
chmod 755 "$T/bin/secret-tool"
PATH=$T/bin:$PATH
configure 'password-command = secret-tool lookup user "$SURAT_USER" host "$SURAT_HOST" account "$SURAT_ACCOUNT"'
send "the desktop's secret service"
got "$passwords"
configure
cp "$T/secret" "$T/credentials/ana@127.0.0.1"
CREDENTIALS_DIRECTORY=$T/credentials send "the service manager's credentials"
got "$passwords"
printf 'machine other.test login ana password other\nmachine 127.0.0.1 login ana password "%s"\ndefault password no\n' "$secret" >"$HOME/.netrc"
chmod 600 "$HOME/.netrc"
send "netrc"
got "$passwords"
try "mail-fetch, netrc" 0 mail-fetch folders -v --trace="$T/trace" home
got "$passwords"
chmod 640 "$HOME/.netrc"
want=77 send "a netrc that others may read"
like "$err" '\.netrc: others may read it' "says so"
is "$(cat "$T/server/seen")" "" "and is not used"
rm "$HOME/.netrc"

# --- what goes wrong tells nothing either ---
echo "$secret" >"$T/server/refuse"
want=77 send "a password that is refused" -A home --password-command "cat '$T/secret'"
try "mail-fetch, refused" 77 mail-fetch folders -v --password-file "$T/secret" --trace="$T/trace" home
rm "$T/server/refuse"
want=77 send "a command that fails" -A home --password-command "cat '$T/secret'; exit 1"
want=77 send "a command that prints too much" -A home --password-command "cat '$T/secret'; head -c 200000 /dev/zero"
want=64 send "a password in a URL" --server "smtp://ana:x!SECRET!x@127.0.0.1:$smtp"
configure "password-command = cat '$T/secret'"
want=77 send "another host than the account's" --server "smtp://ana@localhost:$smtp"
is "$(cat "$T/server/seen")" "" "which gets nothing"

# --- a message that waits takes no password along ---
configure "password-command = cat '$T/secret'"
try "mail-send --queue=always" 0 mail-send --queue=always -A home bob@y.test <"$T/letter"
is "$(grep -rlFf "$T/forms" "$XDG_STATE_HOME" | wc -l)" 0 "the spool has none"
try "mail-queue run" 0 mail-queue run -v --force
got "$passwords"

# --- tokens ---
export BROWSER=$OAUTH/browser
echo '!SECRET!' >"$OAUTH/secret"
echo '!SECRET!' >"$T/client"
configure "provider = $OAUTH_URL" 'client-id = client' "client-secret-command = cat '$T/client'" 'auth = xoauth2'
try "mail-login" 0 mail-login home
token() { sed 's/.*"access_token":"\([^"]*\)".*/\1/' "$XDG_STATE_HOME/surat/login/home.token"; }
send "a token"
got "user=ana auth=Bearer $(token) *"
try "mail-fetch, a token" 0 mail-fetch folders -v --trace="$T/trace" home
got "user=ana auth=Bearer $(token) *"
token >"$T/server/refuse"
send "a token that is refused, and another one"
got "user=ana auth=Bearer $(token) *"
echo SECRET >"$T/server/refuse"
want=77 send "two tokens that are refused"
rm "$T/server/refuse"
sed -i 's/refresh-[0-9]*-SECRET/refresh-0-SECRET/; s/"expires":[0-9]*/"expires":1/' "$XDG_STATE_HOME/surat/login/home.token"
want=77 send "a sign-in that is over"
like "$out" 'home: sign-in expired: mail-login home' "is told as such"
echo 'otpauth://totp/x?secret=ONSWG4TFOQ' >"$T/uri"
try "mail-login totp --import" 0 mail-login totp --import home <"$T/uri"
is "$(grep -c ONSWG4TFOQ "$T/started")" 0 "no argument, no environment"
try "mail-login forget" 0 mail-login forget home
done_testing
