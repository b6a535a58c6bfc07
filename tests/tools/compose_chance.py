#!/usr/bin/env python3
"""compose_chance.py N [SEED]: N messages with subjects, names, texts and files made by chance go through mail-compose and come back from
Python's email as they were, without a defect. Prints what did not."""
import email
import email.policy
import os
import random
import subprocess
import sys
import tempfile

WORDS = ['Hallo', 'Grüße', 'naïve', '日本語', '📬', 'a', 'x' * 90, 'ö' * 50, '=?utf-8?q?x?=', '"quoted"', '(comment)', 'a,b', 'semi;colon', '\\', '<x@y>', 'From', '.', '--',
         '=3D', 'é', 'Ω', 'ﷺ', '@', ':', "'", '[x]', 'end.']


def words(r, n):
    return ' '.join(r.choice(WORDS) for _ in range(r.randint(1, n)))


def text(r):
    lines = [r.choice(['', words(r, 3), words(r, 12), 'From ' + words(r, 2), '-- ', '>' + words(r, 3), '--=_x', '.', ' lead']) for _ in range(r.randint(1, 12))]
    return '\n'.join(lines) + '\n'


def defects(m):
    for p in m.walk():
        yield from p.defects
        for k, v in p.items():
            for d in getattr(v, 'defects', ()):
                yield f'{k}: {d}'


def compare(m, subject, name, body, files, crlf):
    if m['Subject'] != subject:
        return f'subject {m["Subject"]!r}, not {subject!r}'
    to = m['To'].addresses[0]
    # Python leaves blanks between adjacent encoded words of a name, where there are none (RFC 2047 6.2)
    if to.display_name.replace(' ', '') != name.replace(' ', '') or to.addr_spec != 'bob@b.test':
        return f'to {to!r}, not {name!r}'
    got = (m.get_payload(0) if files else m).get_content().replace('\r\n', '\n')
    if got != body:
        return f'text {got!r}, not {body!r}'
    attached = {p.get_filename(): p.get_payload(decode=True) for p in m.walk() if p.get_filename() is not None}
    for file, data in files.items():
        if file not in attached:
            return f'no {file!r} in {list(attached)!r}'
        got = attached[file].replace(b'\r\n', b'\n') if crlf else attached[file]
        if got != (data.replace(b'\r\n', b'\n') if crlf else data):
            return f'{file!r}: {got[:80]!r}, not {data[:80]!r}'
    return None


def one(r, folder):
    subject, name, body, files = words(r, 12), words(r, 3).replace('=?', ''), text(r), {}
    quoted = name.replace('\\', '\\\\').replace('"', '\\"')
    args = ['mail-compose', '-f', 'Ana <ana@a.test>', '-s', subject, '-t', f'"{quoted}" <bob@b.test>']
    for i in range(r.randint(0, 3)):
        file, path = f'{i} ' + words(r, 2).replace('/', '_')[:60], os.path.join(folder, f'f{i}')
        files[file] = r.choice([r.randbytes(r.randint(0, 5000)), text(r).encode(), b'', text(r).replace('\n', '\r\n').encode(), b'no line end'])
        with open(path, 'wb') as f:
            f.write(files[file])
        args += ['-a', f'{path};name={file}']
    options = [o for o in ('--8bit', '--crlf') if r.random() < 0.2]
    done = subprocess.run(args + options, input=body.encode(), capture_output=True)
    if done.returncode:
        return f'exit {done.returncode}: {done.stderr.decode()}'
    m = email.message_from_bytes(done.stdout, policy=email.policy.default)
    found = list(defects(m))
    if found:
        return f'defects: {found}'
    if max(len(line) for line in done.stdout.split(b'\n')) > 998:
        return 'a line over 998'
    return compare(m, subject, name, body, files, '--crlf' in options)


def main(n, seed=1):
    r = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        for i in range(n):
            fault = one(r, folder)
            if fault:
                print(f'{seed}/{i}: {fault}')


main(*map(int, sys.argv[1:]))
