#!/usr/bin/env python3
"""Runs the examples of manual pages, as a person would type them.

    examples.py PAGE...        TAP; the current folder is the sandbox, with whatever files and servers the examples need;
                               $RESET is a shell command that is run before each page

All of them run in one session with a terminal of its own (so "mail-read list" and then "mail-read show 1" work), one after the other.

An example is a one-line display (.Dl) or a literal block (.Bd -literal ... .Ed) of a section EXAMPLES, or of any section when the
page is of section 7. Each must end with 0, unless the page's source says otherwise in a
comment just before it:

    .\\" example: exit 1             this is what it ends with
    .\\" example: output REGEX       what it prints must match
    .\\" example: configuration      is no command but a configuration: must be a good one
    .\\" example: no command         a table, a format, what a program prints
    .\\" example: not here: REASON   cannot be run in a test

In the README an example is an indented block of the section "Five minutes"; one that begins with a [section] or a key is a configuration, one with
--listen is not run, since it would not end.

The text is what mandoc makes of it, so macros in a display count.
"""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time

PATIENCE = 60
HEAD = '.Dd January 1, 2026\n.Dt X 1\n.Os\n.Sh X\n'


def rendered(lines):
    """The text of a display, without its indent."""
    page = subprocess.run(['mandoc', '-Tutf8', '-Owidth=900'], input=HEAD + '\n'.join(lines) + '\n', capture_output=True, text=True, check=True).stdout
    page = re.sub('.\b', '', page)
    body = page.split('\n')[3:]
    while body and not body[-1].strip():
        body.pop()
    body = body[:-1]
    while body and not body[0].strip():
        body.pop(0)
    while body and not body[-1].strip():
        body.pop()
    indent = min(len(l) - len(l.lstrip(' ')) for l in body if l.strip())
    return '\n'.join(l[indent:] for l in body)


def readme(path):
    """(line, marks, text) of each block of the tour."""
    text = open(path, encoding='utf-8').read()
    start = text.index('\nFive minutes\n')
    tour = text[start:text.index('\nWhere things are\n')]
    for m in re.finditer(r'(?:^    .*\n)+', tour, re.M):
        block = re.sub('^    ', '', m[0], flags=re.M).rstrip()
        marks = ['configuration'] if re.match(r'\[|[a-z-]+ = ', block) else ['not here: it serves until it is stopped'] if '--listen' in block else []
        yield text.count('\n', 0, start + m.start()) + 1, marks, block


def examples(path):
    """(line, marks, text) of each."""
    if path.endswith('README'):
        yield from readme(path)
        return
    every = path.endswith('.7')
    section, marks, lines = '', [], open(path, encoding='utf-8').read().split('\n')
    i = 0
    while i < len(lines):
        line, at = lines[i], i + 1
        i += 1
        if line.startswith('.Sh '):
            section = line[4:].strip()
        m = re.match(r'\.\\" example: (.*)', line)
        if m:
            marks.append(m[1].strip())
            continue
        block = [line]
        if re.match(r'\.Bd .*-(literal|unfilled)', line):
            while not lines[i].startswith('.Ed'):
                block.append(lines[i])
                i += 1
            block.append('.Ed')
            i += 1
        elif not line.startswith('.Dl '):
            continue
        if every or section == 'EXAMPLES':
            yield at, marks, rendered(block)
        marks = []


class Terminal:
    """The controlling terminal of this process and all it starts."""

    def __init__(self):
        if os.getpid() == os.getpgrp() and os.fork():  # a group's leader cannot begin a session
            os._exit(os.waitstatus_to_exitcode(os.wait()[1]))
        os.setsid()
        self.master, self.slave = pty.openpty()
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack('HHHH', 30, 120, 0, 0))
        fcntl.ioctl(self.slave, termios.TIOCSCTTY, 0)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    def read(self, wait):
        if not select.select([self.master], [], [], wait)[0]:
            return b''
        return os.read(self.master, 65536)

    def run(self, command):
        """(exit code, all that was seen)"""
        child = subprocess.Popen(command, stdin=self.slave, stdout=self.slave, stderr=self.slave)
        seen, end = b'', time.monotonic() + PATIENCE
        while child.poll() is None:
            seen += self.read(0.02)
            if time.monotonic() > end:
                child.kill()
                child.wait()
                return -1, f'not done after {PATIENCE} s\n' + seen.decode(errors='replace')
        while more := self.read(0):
            seen += more
        return child.returncode, seen.decode(errors='replace').replace('\r\n', '\n')


def command_of(marks, text):
    if 'configuration' not in marks:
        return ['bash', '-e', '-o', 'pipefail', '-c', text]
    with open('example.config', 'w', encoding='utf-8') as f:
        f.write(text + '\n')
    return ['mail-send', '--config', 'example.config', '--show-config']


def fault(terminal, marks, text):
    """None: it is good; else why not; a REASON for not running it is told apart by its first word."""
    want, pattern = 0, None
    for mark in marks:
        word, _, rest = mark.partition(' ')
        if mark == 'no command' or mark.startswith('not here:'):
            return 'skip', mark
        if word == 'exit':
            want = int(rest)
        elif word == 'output':
            pattern = rest
        elif mark != 'configuration':
            return 'bad', f'an unknown mark: {mark}'
    code, seen = terminal.run(command_of(marks, text))
    if code != want:
        return 'bad', f'exit code {code}, not {want}\n{text}\n{seen[-2000:]}'
    if pattern and not re.search(pattern, seen, re.M):
        return 'bad', f'{text}\nprinted:\n{seen[-2000:]}and not /{pattern}/'
    return None


def main(pages):
    n, terminal = 0, Terminal()
    for path in pages:
        name, found = path.rsplit('/', 1)[-1], 0
        subprocess.run(os.environ.get('RESET', ':'), shell=True, check=True)
        for at, marks, text in examples(path):
            n, found = n + 1, found + 1
            title = f'{name}:{at}: {text.splitlines()[0]}'.replace('#', '').replace('\\', '')
            what = fault(terminal, marks, text)
            if not what:
                print(f'ok {n} - {title}')
            elif what[0] == 'skip':
                print(f'ok {n} - {title} ({what[1]})')
            else:
                print(f'not ok {n} - {title}')
                print(''.join(f'#   {l}\n' for l in what[1].split('\n')), end='')
            sys.stdout.flush()
        if not found and not name.startswith('surat-'):
            n += 1
            print(f'not ok {n} - {name} has examples')
    print(f'1..{n}')


main(sys.argv[1:])
