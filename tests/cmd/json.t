# --json of every program: an object a line, UTF-8, snake_case keys, times as RFC 3339 writes them in UTC, sizes as numbers; and the bytes of a text
# that is not UTF-8 beside it.
. "$SURAT_SRC/tests/lib.sh"
. "$SURAT_SRC/tests/tools/dovecot.sh"
read -r port closed _ <<<"$(dovecot_free_ports)"
cat >"$T/schema.py" <<'P'
import base64, json, re, sys

TIMES = {'date', 'time', 'arrived', 'next', 'until', 'received', 'expires', 'hold_until', 'last_try'}
SIZES = {'size', 'bytes', 'offset', 'length', 'messages', 'attempts', 'waiting', 'count', 'ms'}
wrong = []

def look(value, where):
    if isinstance(value, list):
        for v in value:
            look(v, where)
    if not isinstance(value, dict):
        return
    for key, v in value.items():
        at = f'{where}.{key}'
        if where.endswith('.raw'):
            base64.b64decode(v, validate=True)
            continue
        if not re.fullmatch('[a-z][a-z0-9_]*', key):
            wrong.append(f'{at}: no snake_case')
        if key in TIMES and isinstance(v, str) and not re.fullmatch(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ', v):
            wrong.append(f'{at}: {v} is no time')
        if key in TIMES and isinstance(v, (int, float)):
            wrong.append(f'{at}: {v} is a number')
        if key in SIZES and not isinstance(v, int):
            wrong.append(f'{at}: {v!r} is no number')
        look(v, at)

data = sys.stdin.buffer.read().decode('utf-8')
lines = data.splitlines()
if not lines or not data.endswith('\n'):
    wrong.append('nothing, or no line')
for line in lines:
    object_ = json.loads(line)
    if not isinstance(object_, dict):
        wrong.append('no object: ' + line)
    look(object_, '')
print('; '.join(wrong))
P
good() { # COMMAND...: its output is as it must be
  run "$@"
  is "$(python3 "$T/schema.py" <"$T/.out" 2>&1 | tail -n 1)" "" "$1 $2"
  if [ "$1 $2" != "mail-send --plan" ]; then fits "$1" "$1 $2 is as its schema says"; fi # that one is of mail-mx
}

printf 'From: Ana\xe9 <ana@example.org>\nTo: bob@example.net\nSubject: caf\xe9 \xe2\x98\x95\nDate: Tue, 24 Nov 2026 12:00:00 +0100\nMessage-ID: <1@example.org>\nContent-Type: text/plain; name="\xff.txt"\n\nx\n' >"$T/message"
mail-deliver --smtp --listen "127.0.0.1:$port" --domains example.net "maildir:$T/server" 2>"$T/server.err" &
server=$!
at_exit 'kill $server 2>/dev/null; wait $server'
for _ in $(seq 200); do (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break; sleep 0.05; done
printf 'example.net. MX 10 mx.example.net.\nmx.example.net. A 127.0.0.1\nnull.example. MX 0 .\n' >"$T/zone"
printf '[send]\nserver = smtp://127.0.0.1:%s\n[mx]\ndns-data = %s\n' "$port" "$T/zone" >"$T/config"

good mail-deliver --json -f ana@example.org "maildir:$T/box" <"$T/message"
good mail-deliver --json --dry-run "maildir:$T/box" <"$T/message"
raw='"raw":\{([^}]*,)?"subject":"IGNhZukg4piV"' # the bytes of the field, as they came
for command in list thread parts headers; do
  good mail-read $command --json "$T/box"
  [ $command = headers ] || like "$out" "$raw" "with the bytes of the subject"
done
good mail-read count --json "$T/box"
good mail-send --json --config "$T/config" -f ana@example.org bob@example.net eve@elsewhere.example <"$T/message"
good mail-send --plan --json --config "$T/config" bob@example.net
good mail-mx --json --config "$T/config" example.net null.example nowhere.example
good mail-mx --plan --config "$T/config" <<<$'example.net\nnull.example\nno name\n'
for n in 1 2; do good mail-queue add --json --spool "$T/spool" --server "smtp://127.0.0.1:$closed" -f ana@example.org bob@example.net <"$T/message"; done
good mail-queue run --json --force --spool "$T/spool"
good mail-queue list --json --spool "$T/spool"
id=$(mail-queue list --spool "$T/spool" | head -n 1 | cut -f1)
good mail-queue show --json --spool "$T/spool" "$id"
good mail-queue stats --json --spool "$T/spool"
good mail-compose --check-address bob@example.net 'no address' 'Bob <bob@example.net>'
. "$SURAT_SRC/tests/tools/oauth.sh"
at_exit oauth_stop
oauth_start
printf '%s\n[account home]\nfrom = ana@id.test\nprovider = %s\nclient-id = client\ntotp-command = echo GEZDGNBVGY3TQOJQ\n' "$OAUTH_OPTIONS" "$OAUTH_URL" >"$T/login"
for command in --device token totp list; do good mail-login $command --json --config "$T/login" $([ $command = list ] || echo home); done
if command -v dovecot >/dev/null || [ -x /usr/sbin/dovecot ]; then
  at_exit 'dovecot_stop "$T/dovecot"'
  dovecot_start "$T/dovecot" ana secret "$T/dovecot/mail" || fail "Dovecot starts"
  dovecot_as cp "$T/message" "$T/dovecot/mail/new/1.x"
  echo secret >"$T/password"
  chmod 600 "$T/password"
  for command in list status folders get; do
    good mail-fetch $command --json --ca-file "$DOVECOT_CA" --password-file "$T/password" $([ $command = get ] && echo "--to maildir:$T/fetched") "imaps://ana@localhost:$DOVECOT_IMAPS/INBOX"
    [ $command != list ] || like "$out" "$raw" "with the bytes of the subject"
  done
else
  skip "mail-fetch" "Dovecot is not installed"
fi
done_testing
