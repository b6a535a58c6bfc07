# Bad input, program by program: one clear line on standard error, the right exit code, and nothing lost.
. "${SURAT_SRC:?}/tests/lib.sh"
. "${SURAT_SRC:?}/tests/tools/dovecot.sh"
free_port() { dovecot_free_ports 1; }
listening() { for _ in $(seq 200); do (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null && return 0; sleep 0.05; done; return 1; }
how_many() { find "$1" -type f 2>/dev/null | wc -l; }
stored() { # FOLDER FILE: some file of the folder ends with these bytes (fields may stand in front, lines end in LF)
  python3 -c 'import os, sys
want = open(sys.argv[2], "rb").read().replace(b"\r\n", b"\n")
sys.exit(not any(open(e.path, "rb").read().endswith(want) for e in os.scandir(sys.argv[1])))' "$1" "$2"
}
refused() { # CODE WHAT: after run
  code_is "$1" "$2"
  one_line "$2: in one line"
}

# --- the messages ---
head='From: ana@example.org\nTo: bob@example.net\nDate: Tue, 24 Nov 2026 12:00:00 +0000\nMessage-ID: <1@example.org>\n'
mkdir "$T/m"
printf "$head"'Subject: cut' >"$T/m/cut"                          # no end of the header
printf "$head"'Subject: nul\n\nbefore\0after\n' >"$T/m/nul"
printf "$head"'Subject: 8-bit caf\xe9 \xe2\x98\x95\n\nx\n' >"$T/m/8bit"
printf "$head"'Subject: bare\n\none\rtwo\n.\r\nMAIL FROM:<x@y>\n' >"$T/m/cr"
{ printf "$head"'Subject: long\nX-Long: '; head -c 50000000 /dev/zero | tr '\0' 'x'; printf '\n\nx\n'; } >"$T/m/long"

# --- sending: what cannot be sent as it is, is refused before a server has seen anything of it ---
port=$(free_port)
mail-deliver --smtp --listen "127.0.0.1:$port" --domains example.net "maildir:$T/server" 2>"$T/server.err" &
server=$!
at_exit 'kill $server 2>/dev/null; wait $server'
listening "$port" && pass "a server" || fail "a server" "$(cat "$T/server.err")"
send() { run mail-send --server "smtp://127.0.0.1:$port" -f ana@example.org "$@"; }
for m in cut nul cr long; do
  send bob@example.net <"$T/m/$m"
  refused 65 "mail-send: $m"
  like "$err" "^mail-send: " "says who"
done
is "$(how_many "$T/server")" 0 "nothing of them arrived"
send bob@example.net <"$T/m/8bit"
code_is 0 "mail-send: 8-bit subject"
is "$(how_many "$T/server/new")" 1 "is sent"
for m in cut nul cr long; do
  run mail-queue add --spool "$T/spool" --server "smtp://127.0.0.1:$port" -f ana@example.org bob@example.net <"$T/m/$m"
  refused 65 "mail-queue add: $m"
  is "$out" "" "gets no id"
done
is "$(mail-queue list --spool "$T/spool")" "" "nothing of them is in the spool"

# --- storing: content never decides whether a message can be delivered ---
for m in cut nul cr long 8bit; do
  run mail-deliver -f ana@example.org "maildir:$T/box" <"$T/m/$m"
  code_is 0 "mail-deliver: $m"
done
is "$(how_many "$T/box/new")" 5 "all are stored"
for m in nul cr long 8bit; do stored "$T/box/new" "$T/m/$m" && pass "$m is stored to the byte" || fail "$m is stored to the byte"; done

# --- nothing at all: what a program that died in front of us leaves ---
run mail-deliver -f ana@example.org "maildir:$T/box" </dev/null
refused 65 "mail-deliver: nothing"
is "$(how_many "$T/box/new")" 5 "and stores nothing"
send bob@example.net </dev/null
refused 65 "mail-send: nothing"
run mail-queue add --spool "$T/spool" --server "smtp://127.0.0.1:$port" -f ana@example.org bob@example.net </dev/null
refused 65 "mail-queue add: nothing"

# --- reading: everything can be listed, shown and taken apart ---
run mail-read list "$T/box"
code_is 0 "mail-read list"
is "$(printf '%s\n' "$out" | wc -l)" 5 "shows all five"
for m in cut nul cr long 8bit; do
  want=0
  [ $m = long ] && want=65 # more than any header may have
  run mail-read parts --json - <"$T/m/$m"
  code_is $want "mail-read parts --json: $m"
  python3 -c 'import json, sys; json.load(sys.stdin)' <"$T/.out" && pass "is JSON" || fail "is JSON"
  [ $want = 0 ] || one_line "and one line says what was wrong"
  run mail-read show - <"$T/m/$m"
  code_is $want "mail-read show: $m"
  [ $want = 0 ] || one_line "likewise"
done

# --- an address with a newline in it ---
bad=$'bob@example.net\nRCPT TO:<eve@example.net>'
before=$(how_many "$T/server/new")
send "$bad" <"$T/m/8bit"
refused 65 "mail-send to an address with a newline"
run mail-send --server "smtp://127.0.0.1:$port" -f "$bad" bob@example.net <"$T/m/8bit"
refused 65 "mail-send from one"
is "$(how_many "$T/server/new")" "$before" "nothing was sent"
for option in -t -c -b -f --reply-to; do
  run mail-compose -f ana@example.org -t bob@example.net "$option" "$bad" </dev/null
  refused 65 "mail-compose $option"
  is "$out" "" "no half message"
done
run mail-queue add --spool "$T/spool" --server "smtp://127.0.0.1:$port" -f ana@example.org "$bad" <"$T/m/8bit"
refused 65 "mail-queue add"
run mail-deliver -f "$bad" "maildir:$T/box" <"$T/m/8bit"
refused 65 "mail-deliver -f"
run mail-deliver -a "$bad" "maildir:$T/box" <"$T/m/8bit"
refused 65 "mail-deliver -a"
is "$(how_many "$T/box/new")" 5 "nothing was stored"
run mail-mx $'example.net\nexample.org'
refused 65 "mail-mx"

# --- a spool file cut in half: set aside, said, and the rest goes on ---
closed=$(free_port)
for to in dora carl; do
  run mail-queue add --spool "$T/spool" --server "smtp://127.0.0.1:$closed" -f ana@example.org "$to@example.net" <"$T/m/8bit"
  code_is 0 "queued for $to"
done
file=$(grep -rlF "dora@example.net" "$T/spool" | head -1)
size=$(wc -c <"$file")
truncate -s $((size / 4)) "$file"
run mail-queue list --spool "$T/spool"
like "$out" "carl@example.net" "mail-queue list shows the other one"
one_line "and one line about the broken one"
run mail-queue check --spool "$T/spool"
code_is 65 "mail-queue check finds it"
like "$out" "damaged" "and calls it damaged"
run mail-queue run --spool "$T/spool" --force
refused 65 "mail-queue run"
isnt "$(find "$T/spool/quarantine" -type f -size "$((size / 4))c" | wc -l)" 0 "what is left of the broken one is kept in quarantine"
run mail-queue list --spool "$T/spool" --json
like "$out" "carl@example.net.*onnection refused" "the other one was tried, and still waits"
run mail-queue check --spool "$T/spool"
code_is 0 "the spool is in order again"
like "$out" "quarantine" "with one file set aside"

# --- a full disk (needs root for a small file system of its own) ---
full() { # SCRIPT: run where $D is a file system with 256 KiB, nearly full
  D=$T/disk run unshare -m bash -c 'mount -t tmpfs -o size=256k none "$D" && cd "$D" && mkdir spool box && chmod 700 spool && head -c 230000 /dev/zero >fill && '"$1"
}
mkdir "$T/disk"
head -c 100000 /dev/urandom | base64 >"$T/big.txt"
printf "$head"'Subject: big\n\n' | cat - "$T/big.txt" >"$T/m/big"
if unshare -m true 2>/dev/null; then
  full "mail-deliver -f ana@example.org maildir:box <$T/m/big; c=\$?; find box -type f >&1; exit \$c"
  refused 75 "mail-deliver to a full disk"
  is "$out" "" "leaves nothing half"
  full "mail-deliver -f ana@example.org mbox:box/inbox <$T/m/big; c=\$?; find box -type f -size +0; exit \$c"
  refused 75 "mail-deliver to an mbox on a full disk"
  is "$out" "" "leaves nothing half"
  full "mail-queue add --spool spool --server smtp://127.0.0.1:$closed -f ana@example.org bob@example.net <$T/m/big; c=\$?; find spool -type f -size +0; exit \$c"
  refused 74 "mail-queue add to a full disk"
  is "$out" "" "leaves nothing half"
  full "mail-send --queue --spool spool --server smtp://127.0.0.1:$closed -f ana@example.org bob@example.net <$T/m/big; c=\$?; exit \$c"
  code_is 75 "mail-send --queue when the spool's disk is full: the caller still has it"
  full "mail-compose -f ana@example.org -t bob@example.net -a $T/big.txt </dev/null >letter; c=\$?; exit \$c"
  refused 74 "mail-compose to a full disk"
  full "mail-read extract --all --dir box - <$T/m/big; c=\$?; find box -type f -size +0; exit \$c"
  refused 74 "mail-read extract to a full disk"
  is "$out" "" "leaves nothing half"
else
  skip "a full disk" "needs root"
fi

# --- no network ---
echo wrong >"$T/password"
chmod 600 "$T/password"
if unshare -n true 2>/dev/null; then
  run unshare -n mail-send --server smtp://192.0.2.1 --tls=none -f ana@example.org bob@example.net --no-keep <"$T/m/8bit"
  refused 75 "mail-send without a network"
  run unshare -n mail-send --queue --spool "$T/spool2" --server smtp://192.0.2.1 --tls=none -f ana@example.org bob@example.net <"$T/m/8bit"
  code_is 0 "mail-send --queue without a network"
  like "$(mail-queue list --spool "$T/spool2")" "bob@example.net" "is in the spool"
  run unshare -n mail-mx --timeout 2 --resolver 192.0.2.1 example.net
  refused 75 "mail-mx without a network"
  run unshare -n mail-fetch --to "maildir:$T/fetched" --password-file "$T/password" --tls=none imap://ana@192.0.2.1/INBOX
  refused 75 "mail-fetch without a network"
else
  skip "no network" "needs root"
fi

# --- a wrong password ---
export DOVECOT_AS=nobody
if command -v dovecot >/dev/null || [ -x /usr/sbin/dovecot ]; then
  at_exit 'dovecot_stop "$T/dovecot"'
  dovecot_start "$T/dovecot" ana right "$T/dovecot/mail" || fail "Dovecot starts"
  for url in "imaps://ana@localhost:$DOVECOT_IMAPS/INBOX" "pop3s://ana@localhost:$DOVECOT_POP3S/"; do
    run mail-fetch --ca-file "$DOVECOT_CA" --password-file "$T/password" --to "maildir:$T/fetched" "$url"
    refused 77 "mail-fetch ${url%%:*} with a wrong password"
    unlike "$err" "wrong" "does not tell it"
  done
else
  skip "a wrong password" "Dovecot is not installed"
fi
done_testing
