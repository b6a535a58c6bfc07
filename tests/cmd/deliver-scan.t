# mail-deliver --scan: marked, put into quarantine, refused, put off; no letter is lost, and none goes to two places.
. "${SURAT_SRC:?}/tests/lib.sh"
cd "$T" || exit 99
python3 "$SURAT_SRC/tests/tools/malware.py" set || exit 99
count() { ls "$1/new" 2>/dev/null | wc -l; }
deliver() { rm -rf box jail; run mail-deliver --scan archives --receipt "$@" maildir:box; }

deliver <set/clean
code_is 0 "a clean message"
is "$(count box) $(count jail)" "1 0" "is delivered"
like "$(cat box/new/*)" $'X-Virus-Scanned: surat \\(archives\\)' "and says that it was looked at"
like "$(cat box/new/*)" 'X-Virus-Status: Clean' "and how"
is "$(sed '/^X-Virus/d' box/new/*)" "$(cat set/clean)" "nothing else of it has changed"
deliver <set/eicar-zip
code_is 69 "an infected one is refused"
like "$err" '^mail-deliver: the message is not taken: EICAR test file: part 2 a.zip > eicar.com$' "with what was found"
is "$(count box)" 0 "and is nowhere"
deliver --quarantine maildir:jail <set/eicar-zip
code_is 0 "with a quarantine it is taken"
is "$(count box) $(count jail)" "0 1" "and lies there only"
like "$out" $'\tquarantine$|^jail/new.*\tquarantine' "the receipt says so"
like "$(cat jail/new/*)" 'X-Virus-Status: Infected' "marked"
deliver <set/macro
code_is 0 "what the policy does not want is marked"
like "$(cat box/new/*)" 'X-Virus-Status: Policy \(macro; part 2' "with its rule"
deliver --scan-policy macro=reject <set/macro
code_is 69 "or refused"
deliver <set/eicar-encrypted
like "$(cat box/new/*)" 'X-Virus-Status: Not fully inspected \(encrypted; part 2' "what was not looked at says so"
deliver --scan-policy incomplete=defer <set/eicar-encrypted
code_is 75 "or waits"
{ printf 'X-Virus-Status: Clean\nX-Virus-Scanned: by nobody,\n at all\n'; cat set/macro; } >forged
deliver <forged
is "$(grep -ci '^x-virus' box/new/*)" 2 "fields that came with it are gone"
unlike "$(cat box/new/*)" 'nobody|at all' "with all their lines"
deliver --scan clamd:"$T/none.sock" <set/clean
code_is 75 "a scanner that is not there: later"
like "$err" 'the scanner cannot be reached' "which is said"
deliver --scan clamd:"$T/none.sock" --scan-policy scanner-absent=tag <set/clean
code_is 0 "or at once, by policy"
like "$(cat box/new/*)" 'X-Virus-Status: Not fully inspected \(scanner-absent' "but not as clean"
deliver --dry-run --json --quarantine maildir:jail <set/eicar-zip
like "$out" '"action":"quarantine","mailbox":"[^"]*jail".*"rule":"EICAR' "--dry-run tells"
fits mail-deliver "as its schema says"
is "$(count box) $(count jail)" "0 0" "and does nothing"
rm -rf box jail
for m in clean eicar-zip macro eicar clean; do printf 'From x Thu Jan  1 00:00:00 2026\n'; cat "set/$m"; echo; done >mbox
run mail-deliver --mbox --receipt --scan archives --quarantine maildir:jail --scan-policy policy=tag maildir:box <mbox
code_is 0 "many"
is "$(count box) $(count jail)" "3 2" "each where it belongs"
is "$(cut -f4 <<<"$out" | tr '\n' ' ')" "keep quarantine keep quarantine keep " "each receipt says where"
deliver --quarantine maildir:jail --scan off <set/eicar
is "$code $(count box)" "64 0" "a quarantine without a scan is a mistake"
deliver --scan-policy macro=quarantine <set/clean
code_is 64 "and so is the word without one"

# sessions
session() { { printf 'LHLO x.test\r\nMAIL FROM:<eve@example.org>\r\nRCPT TO:<bob@example.net>\r\nRCPT TO:<ann@example.net>\r\nDATA\r\n'; sed 's/^\./../; s/$/\r/' "$1"; printf '.\r\nQUIT\r\n'; } |
  mail-deliver --lmtp --domains example.net --scan archives "${@:2}" maildir:box >"$T/.out" 2>"$T/.err"; out=$(tr -d '\r' <"$T/.out"); }
rm -rf box jail
session set/eicar
is "$(grep -c '^550 5.7.1 ' <<<"$out")" 2 "LMTP: 550 5.7.1 for each recipient"
is "$(count box)" 0 "none has it"
session set/clean
is "$(count box)" 2 "a clean one for both"
rm -rf box
session set/eicar --quarantine maildir:jail
is "$(grep -c '^250 2' <<<"$out") $(count box) $(count jail)" "5 0 2" "with a quarantine: taken"
session set/clean --scan clamd:"$T/none.sock"
is "$(grep -c '^451 4.7.1 ' <<<"$out") $(count box)" "2 0" "451 4.7.1 where the scanner is not there"
done_testing
