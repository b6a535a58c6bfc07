# The password that nobody configured is asked for on the terminal: unseen, and the terminal is as it was afterwards, whatever happens.
. "$SURAT_SRC/tests/lib.sh"
. "$SURAT_SRC/tests/tools/dovecot.sh"
if ! command -v dovecot >/dev/null && [ ! -x /usr/sbin/dovecot ]; then
  skip "a password on the terminal" "Dovecot is not installed"
  done_testing
fi
at_exit 'dovecot_stop "$T/dovecot"'
dovecot_start "$T/dovecot" ana 'pass word' "$T/dovecot/mail" || fail "Dovecot starts"
cat >"$T/type.py" <<'P'
"""type.py TEXT COMMAND...: runs it on a terminal, waits for a question, types; prints what was seen, whether it echoed, the exit code."""
import os, pty, select, sys, termios, time

text, command = sys.argv[1].encode().decode('unicode_escape').encode(), sys.argv[2:]
pid, master = pty.fork()
if pid == 0:
    os.execvp(command[0], command)
before = termios.tcgetattr(master)[3] & termios.ECHO
seen, end, typed, during = b'', time.monotonic() + 60, False, before
while time.monotonic() < end:
    if select.select([master], [], [], 0.1)[0]:
        try:
            more = os.read(master, 4096)
        except OSError:
            break
        if not more:
            break
        seen += more
    if not typed and seen.rstrip().endswith(b':'):
        during, typed = termios.tcgetattr(master)[3] & termios.ECHO, True
        os.write(master, text)
after = termios.tcgetattr(master)[3] & termios.ECHO
if time.monotonic() >= end:
    os.kill(pid, 9)
code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
print(f'echo {bool(before)} {bool(during)} {bool(after)}; code {code}; {seen!r}')
P
url=imaps://ana@localhost:$DOVECOT_IMAPS/INBOX
fetch() { run python3 "$T/type.py" "$1" mail-fetch status --ca-file "$DOVECOT_CA" "$url"; }
fetch 'pass word\n'
like "$out" '^echo True False True; code 0; ' "asked, typed unseen, signed in"
like "$out" "Password for ana@localhost: " "the question names who and where"
unlike "$out" "pass word" "what was typed is not on the terminal"
fetch 'wrong\n'
like "$out" '^echo True False True; code 77; ' "a wrong one is refused"
fetch '\n'
like "$out" '^echo True False True; code 77; .*no password was typed' "an empty one is none"
fetch '\x03'
like "$out" '^echo True False True; code (77|75); ' "^C ends it, and the terminal echoes again"
run setsid -w mail-fetch status --ca-file "$DOVECOT_CA" "$url" </dev/null
code_is 77 "without a terminal nobody is asked"
is "$err" "mail-fetch: ana@localhost: no password for ana@localhost: give --password-command, or configure one" "and it says what to do"
done_testing
