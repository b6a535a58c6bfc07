#!/usr/bin/python3
"""Mutt at a terminal of its own, since it signs and encrypts nothing without one.

    mutt.py MUTTRC BODY SUBJECT RECIPIENT     what it wants to send goes where $sendmail of MUTTRC says; 1 after 60 seconds
"""
import os
import pty
import select
import sys
import time

rc, body, subject, recipient = sys.argv[1:]
pid, fd = pty.fork()
if pid == 0:
    os.environ['TERM'] = 'xterm'
    os.execvp('mutt', ['mutt', '-F', rc, '-i', body, '-s', subject, '--', recipient])
asked = [(b'To: ', b'\r'), (b'Subject: ', b'\r'), (b'y:Send', b'y')]
screen, end = b'', time.monotonic() + 60
while time.monotonic() < end:
    if select.select([fd], [], [], 0.2)[0]:
        try:
            got = os.read(fd, 65536)
        except OSError: # it has ended
            got = b''
        if not got:
            break
        screen += got
    if asked and asked[0][0] in screen:
        os.write(fd, asked.pop(0)[1])
        screen = b''
done, status = os.waitpid(pid, os.WNOHANG)
for _ in range(50):
    if done:
        break
    time.sleep(0.1)
    done, status = os.waitpid(pid, os.WNOHANG)
if not done:
    os.kill(pid, 15)
    os.waitpid(pid, 0)
    sys.exit(screen[-500:].decode(errors='replace'))
sys.exit(os.waitstatus_to_exitcode(status))
