# mail-login: signing in by browser and by device, tokens kept and renewed, one-time passwords; against a provider of our own, good and bad.
. "${SURAT_SRC:?}/tests/lib.sh"
. "$SURAT_SRC/tests/tools/oauth.sh"
at_exit oauth_stop
oauth_start
mkdir -p "$XDG_CONFIG_HOME/surat"
config() { # LINES OF THE ACCOUNT: the configuration
  printf '%s\n[account home]\nfrom = Ana <ana@id.test>\nprovider = %s\nclient-id = client\n%s\n' "$OAUTH_OPTIONS" "$OAUTH_URL" "${1:-}" \
    >"$XDG_CONFIG_HOME/surat/config"
}
config
export BROWSER="$OAUTH/browser"
unset DISPLAY WAYLAND_DISPLAY
kept=$XDG_STATE_HOME/surat/login/home.token
age() { # SECONDS: the token that is kept ends then
  python3 - "$kept" "$1" <<'P'
import json, sys, time
o = json.load(open(sys.argv[1]))
o['expires'] = int(time.time()) + int(sys.argv[2])
o['obtained'] = o['expires'] - 3600
json.dump(o, open(sys.argv[1], 'w'))
P
}
reset() { rm -f "$OAUTH"/{life,device,authorize,no_refresh,no_rotation,openid,secret,dead,issuer} "$OAUTH"/raw.*; : >"$OAUTH/log"; }

# one that waits, while the others go on: at a provider of its own, so that neither counts the other's tokens
(
  mkdir "$T/slow-provider"
  printf 'slow_down\nyes\n' >"$T/slow-provider/device"
  python3 "$SURAT_SRC/tests/tools/oauth_provider.py" "$T/slow-provider" "$OAUTH/ca.pem" "$OAUTH/key.pem" &
  for _ in $(seq 200); do [ -s "$T/slow-provider/port" ] && break; sleep 0.05; done
  began=$(date +%s)
  mail-login --device slow --provider https://slow.test --connect "slow.test=127.0.0.1:$(cat "$T/slow-provider/port")" --client-id client 2>"$T/slow.err"
  printf '%d %d\n' $? $(($(date +%s) - began > 6 ? 7 : 0)) >"$T/slow"
  kill $!
) &
slow=$!

# --- with the browser ---
run mail-login token home
code_is 77 "nobody has signed in"
is "$err" "mail-login: home: not signed in: mail-login home" "and what to do about it"
run mail-login home
code_is 0 "signed in with the browser"
like "$err" "sign in at $OAUTH_URL/authorize\?response_type=code&client_id=client&redirect_uri=http%3A%2F%2F127.0.0.1%3A[0-9]+%2F&scope=offline_access&state=.{43}&code_challenge=.{43}&code_challenge_method=S256&login_hint=ana%40id.test" "the page is named for who has no browser here"
like "$err" 'home: signed in$' "and the end is said"
like "$(cat "$OAUTH/page")" '^200 Thank you' "the browser hears of it"
is "$(stat -c '%a %F' "$kept") $(stat -c %a "$(dirname "$kept")")" "600 regular file 700" "what is kept is for us alone"
run mail-login token home
is "$code $out" "0 access-1-SECRET" "the token"
is "$err" "" "and not a word more"
run mail-login --token home
is "$out" "access-1-SECRET" "--token is the same"
run mail-login -A home token
is "$out" "access-1-SECRET" "-A too"
is "$(asked POST refresh)" 0 "a fresh token is not renewed"

# --- renewed, once, by whoever comes first ---
age 30
run mail-login token home
is "$code $out" "0 access-2-SECRET" "an old one is renewed"
is "$(asked POST refresh)" 1 "with one request"
like "$(cat "$kept")" 'refresh-2-SECRET' "the new refresh token is kept"
unlike "$(cat "$kept")" 'refresh-1-SECRET' "the old one is gone"
age -100
for i in $(seq 20); do mail-login token home >"$T/token.$i" 2>"$T/token.$i.err" & done
wait $(jobs -p | grep -vxe "$oauth_pid" -e "$slow")
is "$(cat "$T"/token.*[0-9] | sort | uniq -c | tr -s ' ')" " 20 access-3-SECRET" "twenty at once get the same new token"
is "$(asked POST refresh)" 2 "for which the provider was asked once"
is "$(cat "$T"/token.*.err)" "" "without a word"
touch "$OAUTH/no_rotation"
age -100
run mail-login token home
is "$code $out" "0 access-4-SECRET" "a provider that gives no new refresh token"
like "$(cat "$kept")" 'refresh-3-SECRET' "leaves the old one"
run mail-login token --refused home <<<access-4-SECRET
is "$code $out" "0 access-5-SECRET" "a token that a server did not take is renewed, however new it is"
run mail-login token --refused home <<<access-4-SECRET
is "$code $out" "0 access-5-SECRET" "unless somebody has already"
reset

# --- the provider does not answer ---
touch "$OAUTH/dead"
age -100
for i in 1 2; do mail-login token home >"$T/dead.$i" 2>&1; echo $? >"$T/dead.$i.code"; done
is "$(cat "$T"/dead.*.code | sort -u)" 75 "a provider that is not there now: later"
like "$(cat "$T/dead.1")" '^mail-login: home: https://id.test: not available now \(temporarily_unavailable\)$' "who and why"
n=$(asked POST refresh)
for i in $(seq 20); do mail-login token home >"$T/dead.$i" 2>&1 & done
wait $(jobs -p | grep -vxe "$oauth_pid" -e "$slow")
is "$(cat "$T"/dead.*[0-9] | sort | uniq -c | tr -s ' ' | grep -c ' 20 mail-login: home:')" 1 "twenty at once fail alike"
[ $(($(asked POST refresh) - n)) -lt 20 ] && pass "and do not all try" || fail "and do not all try" "$(($(asked POST refresh) - n))"
reset
run mail-login token home
is "$code $out" "0 access-6-SECRET" "it comes back, and all is well"

# --- the provider hangs, and who waits for it is killed ---
age -100
touch "$OAUTH/hang"
run mail-login token --timeout 1 home
code_is 75 "a provider that does not answer"
like "$err" 'https://id.test/token: .*timed out' "is waited for no longer than told"
: >"$OAUTH/log"
mail-login token home >/dev/null 2>&1 &
victim=$!
for _ in $(seq 200); do [ "$(asked POST refresh)" -gt 0 ] && break; sleep 0.05; done
kill -9 $victim
wait $victim 2>/dev/null
rm "$OAUTH/hang"
before=$(cat "$kept")
run mail-login token home
case $code in 0 | 77) pass "its lock goes with it (exit $code)" ;; *) fail "its lock goes with it" "exit code $code: $err" ;; esac
mail-login -q home 2>/dev/null
SURAT_FAULT=fsync:1:ENOSPC run mail-login token --refused home <<<"$(mail-login token home)"
if grep -q -e '-DSURAT_FAULTS=1' "$SURAT_BUILD/Makefile"; then
  isnt "$code" 0 "a full disk is told"
  : >"$OAUTH/log"
  run mail-login token --refused home <<<"$(mail-login token home)"
  is "$code" 0 "and the refresh token is not lost by it"
fi
run mail-login token --json home
is "$(printf '%s\n' "$out" | python3 -c 'import json, sys; o = json.load(sys.stdin); print(sorted(o), o["token_type"])')" "['access_token', 'account', 'expires', 'token_type'] Bearer" "--json"
fits mail-login "as its schema says"
reset

# --- the sign-in is over ---
age -100
sed -i 's/refresh-[0-9]*-SECRET/refresh-0-SECRET/' "$kept"
run mail-login token home
code_is 77 "a refresh token that is not known any more"
is "$err" "mail-login: home: sign-in expired: mail-login home" "in one line, with what to do"
n=$(asked POST refresh)
run mail-login token home
is "$code $(asked POST refresh)" "77 $n" "and the provider is not asked again"
like "$(mail-login list)" "home	$OAUTH_URL	expired" "list shows it"
mail-login -q home 2>/dev/null
like "$(mail-login list | grep -v ^slow)" "^home	$OAUTH_URL	valid	20..-..-..T..:..:..Z$" "signed in again"
is "$(mail-login list --json | python3 -c 'import json, sys
for l in sys.stdin:
    o = json.loads(l)
    if o["account"] == "home": print(o["account"], o["state"], o["renewable"], o["client_id"])')" "home valid True client" "list --json"
run mail-login list --json
fits mail-login "list --json is as its schema says"

# --- forget ---
touch "$OAUTH/raw.revoke"
run mail-login forget home
code_is 75 "the provider cannot be told"
like "$err" 'home: forgotten here, but not at the provider: https://id.test/revoke: ' "which is said"
is "$(mail-login list | grep -v '^slow')" "" "it is forgotten here"
reset
mail-login -q home 2>/dev/null
run mail-login forget home
code_is 0 "forgotten"
like "$(cat "$OAUTH/log")" '^revoked refresh-[0-9]+-SECRET$' "there too"
run mail-login forget home
code_is 66 "nothing to forget"
[ -e "$kept" ] && fail "no token is left" || pass "no token is left"

# --- what can go wrong in the browser ---
bad_browser() { # ANSWER CODE PATTERN WHAT
  echo "$1" >"$OAUTH/authorize"
  run mail-login home
  code_is "$2" "$4"
  like "$err" "$3" "$4: why"
  like "$(cat "$OAUTH/page")" '^400 This was not' "$4: the browser hears of it"
  reset
}
bad_browser denied 77 'home: the sign-in was refused \(access_denied\)' "the person says no"
bad_browser state 76 "another state than ours" "somebody else's sign-in"
bad_browser issuer 76 "another issuer: https://evil.test" "somebody else's provider"
BROWSER=/nonexistent:"/bin/false %s":/also/not run mail-login --deadline 1 home
code_is 75 "no browser that comes back"
like "$err" 'nobody came back from the browser in time' "is waited for no longer than told"
BROWSER="/nonexistent %s:$OAUTH/browser --new %s" run mail-login home
code_is 0 "the second of two browsers, with words of its own"
is "$(tail -n 2 "$OAUTH/seen" | head -n 1)" "--new" "given as they stand"

# --- what can go wrong at the provider ---
bad_answer() { # NAME CODE PATTERN WHAT, the answer on standard input
  cat >"$OAUTH/raw.$1"
  age -100
  run mail-login token home
  code_is "$2" "$4"
  one_line "$4: one line"
  like "$err" "$3" "$4: why"
  reset
}
head='HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n'
bad_answer refresh 76 'no JSON object' "no JSON" < <(printf "$head"'<html>')
bad_answer refresh 76 'no JSON object' "no object" < <(printf "$head"'[]')
bad_answer refresh 76 'no access token, or one that is none' "a token with a blank" < <(printf "$head"'{"access_token":"a b","token_type":"Bearer"}')
bad_answer refresh 76 'no bearer token' "a token of another kind" < <(printf "$head"'{"access_token":"a","token_type":"mac"}')
bad_answer refresh 76 'no UTF-8' "no UTF-8" < <(printf "$head"'{"a":"\377"}')
bad_answer refresh 76 'larger than 65536 bytes' "three megabytes" < <({ printf "$head"'{"a":"'; head -c 3000000 /dev/zero | tr '\0' x; })
bad_answer refresh 76 'larger than 65536' "a length without end" < <(printf 'HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n{')
bad_answer refresh 76 'a redirect \(307\), which is not followed' "a redirect" < <(printf 'HTTP/1.1 307 No\r\nLocation: https://evil.test/\r\nContent-Length: 0\r\n\r\n')
bad_answer refresh 75 'https://id.test/token: ' "no HTTP" < <(printf 'garbage')
bad_answer refresh 76 'https://id.test: ' "control characters" < <(printf 'HTTP/1.1 400 No\r\nConnection: close\r\n\r\n{"error":"\033]0;x\007","error_description":"a\\nb\\u001b[31m"}')
unlike "$err" "$(printf '[\033\007]')" "are inert"
bad_answer refresh 76 'no JSON object' "depth without end" < <(python3 -c 'print("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + "[" * 60000)')
echo 2>/dev/null >"$OAUTH/issuer" https://evil.test
run mail-login home
code_is 76 "metadata of another issuer"
like "$err" "the metadata of $OAUTH_URL: they are https://evil.test's" "are not believed"
reset
touch "$OAUTH/openid"
run mail-login home
code_is 0 "metadata in OpenID's place"
is "$(asked GET /.well-known/oauth-authorization-server) $(asked GET /.well-known/openid-configuration)" "1 1" "after RFC 8414's"
reset
run mail-login --provider "$OAUTH_URL/other" home
code_is 76 "a provider that tells nothing"
run mail-login --provider http://id.test home
code_is 78 "a provider without TLS"
run mail-login --provider nobody home
code_is 78 "one that nobody knows"
like "$err" 'none of fastmail, google, microsoft, yahoo' "says who is known"
run env BROWSER= mail-login --ca-file /dev/null home
code_is 75 "certificates that cannot be read"
sed -i '/^ca-file/d' "$XDG_CONFIG_HOME/surat/config"
run mail-login token home
age -100
run mail-login token home
code_is 76 "a provider with a certificate of nobody we know"
like "$err" 'certificate' "is not spoken to"
config

# --- a client with a secret ---
echo 'top & secret' >"$OAUTH/secret"
run mail-login home
code_is 78 "a provider that wants the client's secret"
like "$err" "the client id or its secret is not known there \(invalid_client: no secret\)" "says so"
config 'client-secret-command = echo "top & secret"'
run mail-login home
code_is 0 "gets it from a command"
age -100
run mail-login token home
code_is 0 "when it is renewed, too"
config 'client-secret-command = exit 3'
age -100
run mail-login token home
code_is 77 "a command that fails"
like "$err" 'client-secret-command: ended with exit code 3' "is named"
unlike "$(cat "$kept")" '"over"' "and the sign-in is not lost by it"
config
reset

# --- with a code on another device ---
printf 'pending\nbusy\nyes\n' >"$OAUTH/device"
run mail-login --device home
code_is 0 "signed in on another device"
like "$err" "go to $OAUTH_URL/go and type the code WDJB-MJHT" "where, and with what"
is "$(asked "poll offline_access")" 3 "asked until there was an answer"
run mail-login token home
like "$out" '^access-[0-9]+-SECRET$' "the token is kept"
reset
for word in denied expired; do
  echo $word >"$OAUTH/device"
  run mail-login --device --json home
  code_is 77 "$word"
  is "$(printf '%s\n' "$out" | python3 -c 'import json, sys; print(json.loads(sys.stdin.readline())["user_code"])')" "WDJB-MJHT" "$word: --json says the code"
  fits mail-login "$word: as its schema says"
  reset
done
echo pending >"$OAUTH/device"
run mail-login --device --deadline 1 home
code_is 75 "nobody types the code"
wait "$slow"
is "$(cat "$T/slow")" "0 7" "who asks too often waits five seconds more"
run mail-login --device --provider google --client-id x other
code_is 69 "a provider without that way"
like "$err" 'google lets nobody sign in to mail with a code' "says so"
reset

# --- no refresh token ---
touch "$OAUTH/no_refresh"
run mail-login home
code_is 0 "a provider that gives no refresh token"
like "$err" "gave nothing to renew the sign-in with" "is told"
age -100
run mail-login token home
is "$code $err" "77 mail-login: home: sign-in expired: mail-login home" "and the sign-in ends with the token"
reset

# --- without a configuration, and again ---
run env XDG_CONFIG_HOME=/nonexistent mail-login --ca-file "$OAUTH/ca.pem" --connect "id.test=127.0.0.1:$(cat "$OAUTH/port")" --provider "$OAUTH_URL" --client-id client 'a/b c'
code_is 0 "a name of one's own"
run env XDG_CONFIG_HOME=/nonexistent mail-login token 'a/b c'
like "$out" '^access-[0-9]+-SECRET$' "has its token"
run env XDG_CONFIG_HOME=/nonexistent mail-login --ca-file "$OAUTH/ca.pem" --connect "id.test=127.0.0.1:$(cat "$OAUTH/port")" 'a/b c'
code_is 0 "who signs in again need not say everything again"
is "$(mail-login list | cut -f1 | tr '\n' ' ')" "a/b c home slow " "list has both"
run mail-login nobody
code_is 78 "an account without a provider"
run mail-login --provider "$OAUTH_URL" nobody
code_is 78 "and one without a client id"
like "$err" 'wants the id of a program that was registered there: --client-id' "says what is missing"
for bad in "token home work" "-A home token work" "totp --refused home" "token --import home" "list home" "home --totp" "--token forget home" ""; do
  run mail-login $bad
  code_is 64 "usage: mail-login $bad"
done

# --- a store that is a command ---
cat >"$T/store" <<S
#!/bin/sh
case \$SURAT_ACTION in
get) cat "$T/vault.\$SURAT_ACCOUNT.\$SURAT_KIND" 2>/dev/null || true ;;
put) cat >"$T/vault.\$SURAT_ACCOUNT.\$SURAT_KIND" ;;
erase) rm -f "$T/vault.\$SURAT_ACCOUNT.\$SURAT_KIND" ;;
esac
S
chmod 755 "$T/store"
mail-login -q forget home
config "token-store = $T/store"
run mail-login home
code_is 0 "kept by a command"
[ -s "$T/vault.home.token" ] && [ ! -e "$kept" ] && pass "and nowhere else" || fail "and nowhere else"
run mail-login token home
like "$out" '^access-[0-9]+-SECRET$' "and had again"
is "$(mail-login list | grep -c '^home	.*valid')" 1 "list asks it, too"
run mail-login forget home
[ ! -e "$T/vault.home.token" ] && pass "and forgotten" || fail "and forgotten"
config "token-store = exit 7"
run mail-login token home
code_is 77 "a store that fails"
like "$err" 'token-store: get: ended with exit code 7' "is named"
config

# --- one-time passwords ---
uri='otpauth://totp/Example:ana@id.test?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&digits=8'
config "totp-command = echo '$uri'"
run mail-login totp --now @59 home
is "$code $out" "0 94287082" "a one-time password (RFC 6238)"
run mail-login totp --json --now @59 home
is "$out" '{"account":"home","code":"94287082","expires":"1970-01-01T00:01:00Z"}' "as JSON"
fits mail-login "as its schema says"
echo GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ >"$T/secret"
run mail-login totp --totp-file "$T/secret" --now @30 other
is "$code $out" "0 287082" "of a bare secret in a file"
config
run mail-login totp home
code_is 77 "no secret"
run mail-login totp --import home <<<"$uri"
is "$code$out$err" 0 "imported"
is "$(stat -c %a "$XDG_STATE_HOME/surat/login/home.totp")" 600 "for us alone"
run mail-login totp --now @1111111109 home
is "$out" "07081804" "and used"
run mail-login totp --import home <<<'otpauth://hotp/x?secret=GEZDGNBV&counter=1'
code_is 65 "a counter is none"
unlike "$err" 'GEZDGNBV' "and no secret is told"
run mail-login totp --now @1111111109 home
is "$out" "07081804" "and changes nothing"
run mail-login forget --totp home
run mail-login totp home
code_is 77 "forgotten"

# --- the helper by itself ---
for bad in nonsense '{}' '{"v":1,"url":"http://id.test/"}' '{"v":1,"url":"https://id.test/\u001b"}' '{"v":2,"url":"https://id.test/"}'; do
  run surat-https request <<<"$bad"
  code_is 65 "surat-https request: $bad"
done
done_testing
