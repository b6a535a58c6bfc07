# mail-send and Exim: CHUNKING and without it, SIZE, DSN, too many recipients, each recipient by itself; and whatever a message has in it, it is one message, at
# Exim and at Postfix.
. "${SURAT_SRC:?}/tests/lib.sh" || exit 99
. "$SURAT_SRC/tests/live/addr.sh"
. "$SURAT_SRC/tests/live/exim.sh"
S=$LAB_STATE
exim=$(exim_find) || { skip "Exim" "it is not here: tests/live/exim.sh download FOLDER"; done_testing; }
exim_start "$exim" || { fail "Exim starts" "$(cat "$S/log/exim.out" "$S/log/exim-panic.log")"; done_testing; }
mkdir -p "$XDG_CONFIG_HOME/surat"
printf 'resolver = %s\ntrust-anchor = %s\n' "$RES4" "$S/dns/anchor.ds" >"$XDG_CONFIG_HOME/surat/config"
export EMAIL=ana@client.test
n=0
letter() { # [SUBJECT]: a new letter in $T/letter, its Message-ID in $id
  n=$((n + 1)) id="$n.$$.$RANDOM@client.test"
  printf 'From: Ana <ana@client.test>\nTo: somebody@exim.test\nSubject: %s\nMessage-ID: <%s>\n\nhello\n.\nbye\n' "${1:-number $n}" "$id" >"$T/letter"
}
send() { run mail-send --helo client.test --timeout 20 --trace="$T/trace" "$@" <"$T/letter"; }
mailbox() { echo "$S/mail/$1/Maildir/new"; }
in_mailbox() { # ADDRESS: how many of this Message-ID arrived, waited for
  for _ in $(seq 200); do grep -qrsF "$id" "$(mailbox "$1")" && break; sleep 0.05; done
  grep -rlsF "$id" "$(mailbox "$1")" | wc -l
}
body() { sed -n '/^\r*$/,$p' "$1" | tr -d '\r'; }
field() { printf '%s\n' "$out" | python3 -c 'import json, sys
for line in sys.stdin:
    print(json.loads(line).get(sys.argv[1], "-") if line.strip() else "")' "$1" | tr '\n' ' ' | sed 's/ $//'; }
without_chunking=(--mx --smtp-port 26)

# --- both ways to hand over a message ---
for way in BDAT DATA; do
  [ $way = BDAT ] && port=(--mx) || port=("${without_chunking[@]}")
  letter
  rm -f "$T/trace"
  send "${port[@]}" --json alice@exim.test
  is "$code $(field status) $(field security)" "0 sent encrypted" "$way: sent, with TLS as it is offered"
  like "$(cat "$T/trace")" "^-> $way" "$way: that way"
  like "$(field queue_id)" '^[0-9A-Za-z-]{16,23}$' "$way: Exim's name for it"
  is "$(in_mailbox alice@exim.test)" 1 "$way: it arrived, once"
  f=$(grep -rlsF "$id" "$(mailbox alice@exim.test)")
  is "$(body "$f")" "$(body "$T/letter")" "$way: the same letter"
done
letter 'grüße'
printf 'süß\n' >>"$T/letter"
send --mx alice@exim.test
is "$code $(in_mailbox alice@exim.test)" "0 1" "UTF-8 in header and text"
like "$(cat "$T/trace")" '^-> MAIL FROM:.* SMTPUTF8' "by SMTPUTF8"

# --- SIZE ---
letter
head -c 400000 /dev/urandom | base64 >>"$T/letter"
rm -f "$T/trace"
send --mx alice@exim.test
code_is 69 "larger than the server takes"
one_line "is said in one line"
like "$err" '5.3.4 the message has [0-9]+ octets, the server takes 307200' "and why"
unlike "$(cat "$T/trace")" '^-> (DATA|BDAT)' "before a byte of it was sent"
letter
head -c 200000 /dev/urandom | base64 -w0 | fold -w 70 | head -c 250000 >>"$T/letter"
send --mx alice@exim.test
like "$(cat "$T/trace")" '^-> MAIL FROM:<ana@client.test>.* SIZE=25[0-9]{4}' "the size of a smaller one is told"
is "$code $(in_mailbox alice@exim.test)" "0 1" "and it arrives"

# --- recipients: each by itself, and more than the server takes at once ---
letter
send --mx --json --no-keep alice@exim.test nobody@exim.test later@exim.test
is "$code $(field status) $(field code)" "75 sent refused deferred 250 550 451" "one is good, one is not known, one must wait"
is "$(in_mailbox alice@exim.test)" 1 "the good one has it"
letter
send --mx --json u{1,2,3,4,5,6,7,8,9,10,11,12}@exim.test
is "$code $(field status | tr ' ' '\n' | sort | uniq -c | tr -s ' ')" "0  12 sent" "twelve recipients where five are taken at once"
for u in 1 5 6 12; do is "$(in_mailbox "u$u@exim.test")" 1 "number $u has it, once"; done

# --- DSN ---
letter
send --mx -f alice@exim.test --dsn-notify success --envid 'it is=me+' --dsn-ret hdrs bob@exim.test
code_is 64 "a name with a blank is no ENVID"
send --mx -f alice@exim.test --dsn-notify success --envid 'it=me+' --dsn-ret hdrs bob@exim.test
code_is 0 "a report of success is asked for"
like "$(cat "$T/trace")" 'RET=HDRS.*ENVID=it\+3Dme\+2B|ENVID=it\+3Dme\+2B.*RET=HDRS' "with what reports repeat"
for _ in $(seq 200); do grep -qrsF 'it+3Dme+2B' "$(mailbox alice@exim.test)" && break; sleep 0.05; done
report=$(grep -rlsF 'it+3Dme+2B' "$(mailbox alice@exim.test)" | head -1)
like "$(cat "${report:-/dev/null}")" '^Original-Envelope-ID: it\+3Dme\+2B' "and comes, by our name (as Exim got it)"
like "$(cat "${report:-/dev/null}")" '^Action: (delivered|relayed)' "with what became of it"

# --- smuggling: one message, whatever is in it, at both servers and both ways ---
smuggled() { # what a second message would look like behind an end that is none
  printf 'MAIL FROM:<evil@client.test>\r\nRCPT TO:<evil@%s>\r\nDATA\r\nSubject: smuggled\r\nMessage-ID: <evil.%s>\r\n\r\n.\r\n' "$1" "$id"
}
smuggle() { # WHERE BYTES: the letter with them and a message behind them
  letter smuggling
  { printf 'one'; printf "$2"; smuggled "$1"; printf 'last line\n'; } >>"$T/letter"
}
for peer in "exim.test --mx" "exim.test ${without_chunking[*]}" "dane.test --mx"; do
  domain=${peer%% *} options=${peer#* }
  for s in 'lf-dot-lf:\n.\n' 'crlf-dot-lf:\r\n.\n' 'lf-dot-crlf:\n.\r\n' 'crlf-dot-crlf:\r\n.\r\n' 'dot-dot:\n..\n' 'two:\n.\n.\n'; do
    smuggle "$domain" "${s#*:}"
    send $options "alice@$domain"
    is "$code $(in_mailbox "alice@$domain")" "0 1" "$domain ${options#--mx}: ${s%%:*} is one message"
    f=$(grep -rlsF "<$id>" "$(mailbox "alice@$domain")")
    is "$(body "$f" | sha256sum)" "$(body "$T/letter" | sha256sum)" "as it was"
  done
  # a dot at the edge of every buffer there may be, and a byte before and behind
  letter edges
  python3 - "$T/letter" >>"$T/letter" <<'P'
import os, sys
at, out = os.path.getsize(sys.argv[1]), ''
while len(out) < 200000:
    # what comes next begins so many bytes before a multiple of 1024
    room = 1024 - (at + len(out) + len(out) // 1024 % 5) % 1024
    while room > 1:
        line = min(room, 90) - 1
        out += 'x' * line + '\n'
        room -= line + 1
    out += '.\nMAIL FROM:<evil@client.test>\n'
sys.stdout.write(out)
P
  send $options "alice@$domain"
  is "$code $(in_mailbox "alice@$domain")" "0 1" "$domain ${options#--mx}: dots at the edges of buffers"
  f=$(grep -rlsF "<$id>" "$(mailbox "alice@$domain")")
  is "$(body "$f" | sha256sum)" "$(body "$T/letter" | sha256sum)" "as it was"
done
for s in 'cr-dot-cr:\r.\r' 'cr-dot-crlf:\r.\r\n' 'lf-dot-cr:\n.\r' 'cr-dot-lf:\r.\n' 'crlf-dot-cr-x:\r\n.\rx' 'lf-cr-dot:\n\r.\r\n' 'nul:\0.\r\n' 'nul-dot:\n\0.\n'; do
  smuggle exim.test "${s#*:}"
  rm -f "$T/trace"
  send --mx alice@exim.test
  code_is 65 "${s%%:*} is refused"
  [ ! -s "$T/trace" ] && pass "before anybody is connected to" || fail "before anybody is connected to"
done
is "$(cat "$S"/log/exim-*.log "$S/log/postfix.log" | grep -c 'evil@')" 0 "neither server heard of anybody smuggled"
is "$(find "$S/mail" -path '*evil@*' | wc -l)" 0 "and nobody has mail"
is "$(cat "$S/log/exim-panic.log")" "" "Exim has no complaints"
done_testing
