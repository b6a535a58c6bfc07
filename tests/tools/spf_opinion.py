#!/usr/bin/python3
"""What pyspf says of records made by chance, beside mail-verify.

    spf_opinion.py SEED N        TAP: one line for each question they disagree about, or one for all

Each question is a small zone, a client and a sender. pyspf gets the zone as its DNS, mail-verify as --dns-data. Where the two are known to differ
(surat-deviations(7)) no question goes.
"""
import json
import os
import random
import subprocess
import sys
import tempfile

import spf

NAMES = ['a.example.org', 'b.example.org', 'c.example.net', 'mx.example.net', 'none.example.com']
IPS = ['192.0.2.1', '192.0.2.77', '198.51.100.3', '203.0.113.9', '2001:db8::1', '2001:db8:1::2']


def term(r):
    q = r.choice(['', '', '', '-', '~', '?', '+'])
    name = r.choice(NAMES)
    net = r.choice(['', '', '/24', '/25', '/0', '/32'])
    six = r.choice(['', '', '//64', '//128'])
    return q + r.choice([
        'all', 'a', 'mx', f'a:{name}{net}', f'mx:{name}{six}', f'a{net}{six}', f'include:{name}', f'include:{name}', f'exists:%{{i}}.{name}',
        f'exists:%{{l}}.%{{d{r.randint(1, 3)}{r.choice(["", "r"])}}}', 'ip4:192.0.2.0/24', f'ip4:192.0.2.{r.randint(0, 255)}/{r.randint(24, 32)}',
        'ip6:2001:db8::/32', f'ip6:2001:db8:{r.randint(0, 2)}::/48', f'a:%{{h}}'])


def record(r, own):
    # an include of the domain itself is a permanent error for pyspf before anything is looked at
    terms = [t for t in (term(r) for _ in range(r.randint(0, 5))) if not t.endswith('include:' + own)]
    if r.random() < 0.2:
        terms.append('redirect=' + r.choice(NAMES))
    if r.random() < 0.1:
        terms.append(r.choice(['moo', 'ip4:1.2.3', 'a:', 'unknown=x', 'all:x', 'exp=none.example.com', 'ip6:xyz', 'include', 'a/33']))
    return ' '.join(['v=spf1'] + terms)


def zone(r):
    z = {}
    for n in NAMES[:4]:
        if r.random() < 0.8:
            z.setdefault((n, 'TXT'), []).append(record(r, n))
        if r.random() < 0.05:
            z.setdefault((n, 'TXT'), []).append(r.choice(['v=spf1 -all', 'something else', 'v=spf10 +all']))
        # servers have addresses: pyspf counts each that has none as an empty answer, RFC 7208 4.6.4 counts terms
        z[(n, 'A')] = r.sample(IPS[:4], r.randint(1, 2))
        z[(n, 'AAAA')] = r.sample(IPS[4:], 1)
        if r.random() < 0.5:
            z[(n, 'MX')] = [(10, m) for m in r.sample(NAMES[:4], r.randint(1, 3))]
    z[('192.0.2.1.a.example.org', 'A')] = ['127.0.0.2']
    z[('ana.example.org', 'A')] = ['127.0.0.2']
    return z


def zone_text(z):
    lines = []
    for (name, kind), values in z.items():
        for v in values:
            if kind == 'TXT':
                v = '"%s"' % v
            elif kind == 'MX':
                v = '%d %s.' % v
            lines.append(f'{name}. {kind} {v}')
    # every name is there, so that an empty answer is no missing domain for either of them
    return '\n'.join(lines + [f'{n}. TYPE65280 \\# 0' for n in NAMES if not any(k[0] == n for k in z)]) + '\n'


def opinion(z, ip, sender, helo):
    def lookup(name, kind, tcpfallback=True, timeout=30):
        found = z.get((name.lower().rstrip('.'), kind), [])
        return [((name, kind), (v.encode(),) if kind == 'TXT' else v) for v in found]

    spf.DNSLookup = lookup
    q = spf.query(ip, sender, helo, strict=False)
    return q.check()[0]


def ours(path, ip, sender, helo):
    p = subprocess.run(['mail-verify', '--spf-only', '--json', '--dns-data', path, '--client-ip', ip, '-f', sender, '--helo', helo], capture_output=True,
                       text=True, check=False)
    return json.loads(p.stdout)


def main():
    r = random.Random(int(sys.argv[1]))
    differ = 0
    for i in range(int(sys.argv[2])):
        z = zone(r)
        ip, sender, helo = r.choice(IPS), 'ana@' + r.choice(NAMES[:3]), r.choice(NAMES)
        with tempfile.NamedTemporaryFile('w', suffix='.zone', delete=False) as f:
            f.write(zone_text(z))
        theirs, own = opinion(z, ip, sender, helo), ours(f.name, ip, sender, helo)
        if theirs != own['result']:
            differ += 1
            print(f'not ok {differ} - {i}: {ip} for {sender}: pyspf {theirs}, mail-verify {own["result"]} ({own.get("reason")})')
            print('# ' + zone_text(z).replace('\n', '\n# '))
        os.unlink(f.name)
    if not differ:
        print(f'ok 1 - pyspf says the same of {sys.argv[2]} questions')
    print(f'1..{max(differ, 1)}')


main()
