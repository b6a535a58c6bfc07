#!/usr/bin/python3
"""What dkimpy, pyspf, OpenDKIM and rspamd say of messages made by chance, beside mail-verify.

    opinions.py SEED N [FOLDER]    TAP; in a network namespace of its own, since the resolver is 127.0.0.1, port 53

Where somebody is known to judge otherwise (KNOWN, surat-deviations(7)) it is counted; anything else is a failure.
"""
import collections
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
import urllib.request

import dkim
import spf

import opinions_made as made
from milter import Milter

RSPAMD_PORT = 11333
HERE = 'here.example'
ended = []


def start(log, *words, **more):
    with open(log, 'wb') as f:
        p = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=f, stderr=f, **more)
    ended.append(p)
    return p


def wait_for(what, ready):
    for _ in range(600):
        if ready():
            return
        time.sleep(0.1)
    raise SystemExit(f'Bail out! {what} did not start')


def write(path, text):
    with open(path, 'w', encoding='utf-8') as f:
        f.write(text)
    return path


def resolver(folder, records):
    def data(name, kind, text):
        parts = ' '.join(f'"{text[i:i + 250]}"' for i in range(0, len(text), 250)) if kind == 'TXT' else text
        return f" local-data: '{name}. {kind} {parts}'\n"
    conf = write(folder + '/unbound.conf', f'server:\n username: ""\n chroot: ""\n directory: "{folder}"\n pidfile: ""\n use-syslog: no\n interface: 127.0.0.1\n do-ip6: no\n'
                 ' module-config: "iterator"\n local-zone: "." static\n' + ''.join(data(*x) for x in records) + 'remote-control:\n control-enable: no\n')
    start(folder + '/unbound.log', 'unbound', '-d', '-c', conf)
    wait_for('unbound', lambda: subprocess.run(['unbound-host', '-C', '/dev/null', '-r', '-t', 'TXT', 'one.example'], capture_output=True, check=False).returncode == 0)


class Opendkim:
    def __init__(self, folder):
        self.socket = folder + '/opendkim.sock'
        conf = write(folder + '/opendkim.conf', f'Mode v\nSocket local:{self.socket}\nAuthservID {HERE}\nAlwaysAddARHeader yes\nSyslog no\nMinimumKeyBits 1024\nDNSTimeout 5\n'
                     'InternalHosts /dev/null\nRequireSafeKeys no\nNameservers 127.0.0.1\n')
        start(folder + '/opendkim.log', 'opendkim', '-f', '-x', conf, '-u', 'root')
        wait_for('OpenDKIM', lambda: os.path.exists(self.socket))

    def judge(self, m):
        c = Milter(self.socket, 'client.example', m.ip, 'client.example')
        _, added = c.message(m.sender, *made.head(m.raw))
        c.s.close()
        text = b' '.join(v for n, v in added if n.lower() == b'authentication-results').decode()
        m.words['opendkim'] = text
        m.passed['OpenDKIM'] = sorted(d for r, d in re.findall(r'dkim=(\w+)(?: reason=\"[^\"]*\")?(?: \([^)]*\))? header\.d=([^\s;]+)', text) if r == 'pass')

    def sign(self, folder, raw, domain, selector):
        """signed by an OpenDKIM that is started for it: keys and domains are in its configuration"""
        path = f'{folder}/sign-{domain}-{selector}'
        if not os.path.exists(path + '.sock'):
            conf = write(path + '.conf', f'Mode s\nSocket local:{path}.sock\nSyslog no\nInternalHosts 127.0.0.1\nDomain {domain}\nSelector {selector}\nKeyFile {folder}/{made.KEYS[selector][0]}\n'
                         f'Canonicalization {"relaxed/simple" if len(selector) % 2 else "simple/relaxed"}\nRequireSafeKeys no\nSubDomains yes\nSenderHeaders From\n')
            start(path + '.log', 'opendkim', '-f', '-x', conf, '-u', 'root')
            wait_for('OpenDKIM', lambda: os.path.exists(path + '.sock'))
        fields, body = made.head(raw)
        fields = [(n, re.sub(rb'<ana@[^>]*>', b'<ana@' + domain.encode() + b'>', v) if n == b'From' else v) for n, v in fields]
        c = Milter(path + '.sock', 'localhost', '127.0.0.1', 'localhost')
        _, added = c.message('ana@' + domain, fields, body)
        c.s.close()
        assert added, f'OpenDKIM does not sign for {domain} with {selector}: {raw}'
        return made.joined(added + fields, body)


class Rspamd:
    def __init__(self, folder):
        # no more of it than what is asked: its rules and list of top-level domains take twenty seconds to start
        write(folder + '/tld', 'example\n')
        conf = write(folder + '/rspamd.conf', 'options { filters = "dkim"; dns { nameserver = ["127.0.0.1:53:1"]; timeout = 5s; } task_timeout = 30s; local_addrs = [];\n'
                     f'  pidfile = "{folder}/rspamd.pid"; url_tld = "{folder}/tld"; control_socket = "{folder}/rspamd.sock mode=0600"; }}\n'
                     f'logging {{ type = "console"; level = "warning"; }}\nworker "normal" {{ bind_socket = "127.0.0.1:{RSPAMD_PORT}"; count = 1; }}\n'
                     'modules { path = "/usr/share/rspamd/plugins/spf.lua"; path = "/usr/share/rspamd/plugins/dmarc.lua"; path = "/usr/share/rspamd/plugins/arc.lua"; }\n' +
                     ''.join(f'{m} {{ check_local = true; check_authed = true; }}\n' for m in ('spf', 'dkim', 'dmarc', 'arc')))
        self.log = folder + '/rspamd.log'
        start(self.log, 'rspamd', '-i', '-f', '-c', conf, f'--var=DBDIR={folder}', f'--var=RUNDIR={folder}')
        wait_for('rspamd', lambda: subprocess.run(['bash', '-c', f'exec 3<>/dev/tcp/127.0.0.1/{RSPAMD_PORT}'], capture_output=True, check=False).returncode == 0)

    def judge(self, m):
        q = urllib.request.Request(f'http://127.0.0.1:{RSPAMD_PORT}/checkv2', m.raw.replace(b'\n', b'\r\n'),
                                   {'IP': m.ip, 'From': m.sender, 'Helo': 'client.example', 'Rcpt': 'joe@here.example'})
        with urllib.request.urlopen(q, timeout=60) as answer:
            s = json.load(answer)['symbols']
        m.words['rspamd'] = {k: v.get('options') for k, v in s.items() if re.match('R_(SPF|DKIM)|DMARC|DKIM_TRACE|ARC', k)}
        m.passed['rspamd'] = sorted(o.split(':')[0] for o in s.get('R_DKIM_ALLOW', {}).get('options') or [])
        for symbol, result in (('ALLOW', 'pass'), ('FAIL', 'fail'), ('SOFTFAIL', 'softfail'), ('NEUTRAL', 'neutral'), ('DNSFAIL', 'temperror'), ('NA', 'none'),
                               ('PERMFAIL', 'permerror')):
            if 'R_SPF_' + symbol in s:
                m.spf['rspamd'] = result
        for symbol, result in (('DMARC_POLICY_ALLOW', 'pass'), ('DMARC_POLICY_ALLOW_WITH_FAILURES', 'pass'), ('DMARC_POLICY_REJECT', 'fail'),
                               ('DMARC_POLICY_QUARANTINE', 'fail'), ('DMARC_POLICY_SOFTFAIL', 'fail'), ('DMARC_NA', 'none'), ('DMARC_BAD_POLICY', 'permerror'),
                               ('DMARC_DNSFAIL', 'temperror')):
            if symbol in s:
                m.dmarc['rspamd'] = result
        for symbol, result in (('ALLOW', 'pass'), ('REJECT', 'fail'), ('INVALID', 'fail'), ('NA', 'none'), ('DNSFAIL', 'temperror')):
            if 'ARC_' + symbol in s:
                m.arc['rspamd'] = result


class Python:
    def __init__(self, records):
        self.zone = collections.defaultdict(list)
        for name, kind, text in records:
            self.zone[name, kind].append(text)
        spf.DNSLookup = self.lookup

    def lookup(self, name, kind, tcpfallback=True, timeout=30):
        found = self.zone.get((name.lower().rstrip('.'), kind), [])
        return [((name, kind), (v.encode(),) if kind == 'TXT' else (int(v.split()[0]), v.split()[1].rstrip('.')) if kind == 'MX' else v) for v in found]

    def txt(self, name, timeout=5):
        found = self.zone.get((name.decode().rstrip('.').lower(), 'TXT'))
        return found[0].encode() if found else None

    def judge(self, m):
        passed, said = [], []
        try:
            d = dkim.DKIM(m.raw.replace(b'\n', b'\r\n'))
            for i in range(sum(n.lower() == b'dkim-signature' for n, _ in d.headers)):
                try:
                    good = d.verify(i, dnsfunc=self.txt)
                    said.append(good)
                    if good:
                        passed.append(d.domain.decode())
                except Exception as e: # what it raises is its way to say no
                    said.append(repr(e))
        except Exception as e:
            said.append(repr(e))
        m.words['dkimpy'] = said
        m.passed['dkimpy'] = sorted(passed)
        try:
            m.arc['dkimpy'] = dkim.arc_verify(m.raw.replace(b'\n', b'\r\n'), dnsfunc=self.txt)[0].decode()
        except Exception as e:
            m.arc['dkimpy'] = 'fail'
            said.append(repr(e))
        m.spf['pyspf'] = spf.query(m.ip, m.sender, 'client.example', strict=False).check()[0]


class Message:
    def __init__(self, raw, ip, sender, how):
        self.raw, self.ip, self.sender, self.how = raw, ip, sender, how
        self.passed, self.spf, self.dmarc, self.arc, self.words = {}, {}, {}, {}, {}
        self.own = []


def ours(folder, messages):
    """one process for those who came from the same client with the same sender"""
    groups = collections.defaultdict(list)
    for i, m in enumerate(messages):
        path = f'{folder}/m{i}'
        with open(path, 'wb') as f:
            f.write(m.raw)
        groups[m.ip, m.sender].append((path, m))
    for (ip, sender), some in groups.items():
        p = subprocess.run(['mail-verify', '--spf', '--dkim', '--dmarc', '--arc', '--json', '--dnssec=off', '--resolver', '127.0.0.1', '--helo', 'client.example', '--client-ip', ip, '-f', sender] +
                           [path for path, _ in some], capture_output=True, text=True, check=False)
        by = {path: m for path, m in some}
        for line in p.stdout.splitlines():
            o = json.loads(line)
            by[o['name']].own.append(o)
    for m in messages:
        m.passed['mail-verify'] = sorted(o['domain'] for o in m.own if o['method'] == 'dkim' and o['result'] == 'pass')
        m.spf['mail-verify'] = next((o['result'] for o in m.own if o['method'] == 'spf'), None)
        m.arc['mail-verify'] = next((o['result'] for o in m.own if o['method'] == 'arc'), None)
        m.dmarc['mail-verify'] = next((o['result'] for o in m.own if o['method'] == 'dmarc'), None)


# who, of what, in which case: what surat-deviations(7) says of it
def says(text, method='dkim'):
    return lambda m, own, theirs: any(text in o.get('reason', '') for o in m.own if o['method'] == method)


KNOWN = [
    ('OpenDKIM', 'passed', 'OpenDKIM looks at no signature where one cannot be read', lambda m, own, theirs: not m.words['opendkim']),
    ('rspamd', 'passed arc', 'rspamd and bodies of nothing but blank lines', lambda m, own, theirs: not made.head(m.raw)[1].strip()),
    ('rspamd', 'passed', 'rspamd takes RSA keys of 512 bits', says('an RSA key of 512 bits')),
    ('rspamd', 'passed', 'rspamd judges l= otherwise', says('l=: more may be added')),
    ('rspamd', 'passed', 's= of a key is honoured', says('the key is not for mail')),
    ('rspamd', 'passed', 'v= of a key is honoured', says('v=: not DKIM1')),
    ('rspamd', 'passed', 'k= of a key is honoured: of another kind', says('the key is of another kind')),
    ('OpenDKIM', 'passed', 'k= of a key is honoured: not what it says', says('not an RSA key in DER')),
    ('rspamd dkimpy', 'passed', 'h= of a key is honoured', says('the key does not allow this hash')),
    ('rspamd dkimpy', 'passed', 't=s is honoured', says('for the domain itself only (t=s)')),
    ('rspamd dkimpy OpenDKIM', 'passed', 'v= behind other tags of a key', says('v= must be the first tag')),
    ('rspamd', 'passed arc', 'rspamd and a field that is there twice', lambda m, own, theirs: m.how.endswith('again')),
    ('rspamd dkimpy', 'passed arc', 'a blank before the colon of a field', lambda m, own, theirs: m.how.endswith('name')),
    ('rspamd', 'arc', 'rspamd says nothing of a chain that it cannot read', lambda m, own, theirs: theirs is None and own == 'fail'),
    ('rspamd', 'arc', 'a set that is not whole breaks a chain', says('is not whole', 'arc')),
    ('rspamd', 'arc', 'one of each kind for each instance', says('two of a kind', 'arc')),
    ('rspamd', 'spf', 'rspamd passes over SPF terms that it does not know', says('no mechanism of SPF', 'spf')),
    ('rspamd', 'spf', 'rspamd goes on after the tenth look-up', says('more than ten terms', 'spf')),
    ('rspamd', 'dmarc', 'a p= that is no policy, and nobody to report to: no record for RFC 9989, a bad one for rspamd',
     lambda m, own, theirs: own == 'none' and theirs == 'permerror' and says('has no policy', 'dmarc')(m, own, theirs)),
    ('rspamd', 'dmarc', 'a blank before the colon of a field', lambda m, own, theirs: m.how.endswith('name') and theirs == 'none'),
    ('rspamd', 'dmarc', 'no From or more than one: permerror here, none for rspamd',
     lambda m, own, theirs: own == 'permerror' and theirs == 'none' and says('From', 'dmarc')(m, own, theirs)),
    ('rspamd', 'dmarc', 'SPF or DKIM are judged otherwise', lambda m, own, theirs: {own, theirs} == {'pass', 'fail'} and
     (m.passed['mail-verify'] != m.passed['rspamd'] or m.spf['mail-verify'] != m.spf['rspamd'])),
]


def main():
    r = random.Random(int(sys.argv[1]))
    n = int(sys.argv[2])
    folder = sys.argv[3] if len(sys.argv) > 3 else tempfile.mkdtemp()
    records = made.keys(folder)
    resolver(folder, records)
    opendkim, rspamd, python = Opendkim(folder), Rspamd(folder), Python(records)
    messages = []
    for i in range(n):
        raw, domain, selector = made.message(r), r.choice(made.DOMAINS), r.choice(list(made.KEYS))
        signer = r.choice(['mail-sign', 'dkimpy', 'OpenDKIM'])
        if made.KEYS[selector][0] == 'rsa512':
            signer = 'dkimpy' # the others refuse
        elif selector in ('ed', 'liar') and signer == 'OpenDKIM':
            signer = 'mail-sign'
        if r.random() < 0.5: # aligned
            raw = re.sub(rb'<ana@[^>]*>', b'<ana@' + domain.encode() + b'>', raw, count=1)
        if signer == 'mail-sign':
            raw = made.by_mail_sign(r, raw, domain, selector, folder)
        elif signer == 'dkimpy':
            raw = made.by_dkimpy(r, raw, domain, selector, folder)
        else:
            raw = opendkim.sign(folder, raw, domain, selector)
        how = f'{signer}, {selector}'
        for _ in range(r.choice([0, 0, 0, 1, 2, 3])):
            raw = made.sealed(r, raw, folder)
            how += ', sealed'
        if r.random() < 0.5:
            raw, what = made.changed(r, raw)
            how += ', ' + what
        messages.append(Message(raw, r.choice(['192.0.2.1', '192.0.2.77', '198.51.100.7', '203.0.113.9']), 'ana@' + r.choice(made.SENDERS), how))
    ours(folder, messages)
    for m in messages:
        for peer in (opendkim, rspamd, python):
            for _ in range(3): # a busy machine: nothing in the zone fails for now
                peer.judge(m)
                if not re.search('DNSFAIL|TEMPFAIL|temperror', str(m.words)):
                    break
    tell(messages)


def tell(messages):
    known, test = collections.Counter(), 0
    for what in ('passed', 'spf', 'dmarc', 'arc'):
        for peer in sorted({p for m in messages for p in getattr(m, what)} - {'mail-verify'}):
            same = collections.Counter()
            differ = []
            for m in messages:
                own, theirs = getattr(m, what)['mail-verify'], getattr(m, what).get(peer)
                if own == theirs:
                    same[bool(own) if what == 'passed' else own] += 1
                    continue
                why = next((k for p, w, k, f in KNOWN if peer in p.split() and what in w.split() and f(m, own, theirs)), None)
                if why:
                    known[why] += 1
                else:
                    differ.append(m)
            test += 1
            name = f'{peer} agrees on {dict(passed="DKIM", spf="SPF", dmarc="DMARC", arc="ARC")[what]}: ' + ', '.join(f'{v} {k}' for k, v in sorted(same.items(), key=str))
            # that all say no to everything would be no agreement
            good = not differ and len(same) > 1 and min(same.values()) and sum(same.values()) > len(messages) / 2
            print(f'{"ok" if good else "not ok"} {test} - {name}')
            for m in differ[:12]:
                print(f'# message {messages.index(m)} ({m.how}; {m.ip}, {m.sender}): mail-verify {getattr(m, what)["mail-verify"]}, {peer} {getattr(m, what).get(peer)}')
                print(f'#   {json.dumps([(o["method"], o["result"], o.get("reason")) for o in m.own])}')
                print(f'#   {m.words}')
            if len(differ) > 12:
                print(f'# and {len(differ) - 12} more')
    for why, count in sorted(known.items()):
        print(f'# {count}: {why}')
    print(f'1..{test}')


try:
    main()
finally:
    for p in ended:
        p.terminate()
    for p in ended:
        p.wait()
