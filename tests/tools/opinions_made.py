"""Messages made by chance, signed by several programs, half of them changed on their way; and the records they are judged by."""
import base64
import re
import subprocess

import dkim

DOMAINS = ['one.example', 'two.example', 'sub.one.example', 'three.example', 'four.example', 'five.example']
DMARC = {'one.example': 'v=DMARC1; p=reject', 'two.example': 'v=DMARC1; p=quarantine; adkim=s; aspf=s', 'three.example': 'v=DMARC1;p=none;sp=reject',
         'four.example': 'v=DMARC1; p=bogus', 'sub.three.example': 'v=DMARC1 ; p = reject ; adkim = r'}
SPF = {'one.example': 'v=spf1 ip4:192.0.2.0/25 ~all', 'two.example': 'v=spf1 include:one.example -all', 'sub.one.example': 'v=spf1 redirect=two.example',
       'three.example': 'v=spf1 a mx:mx.example ?all', 'four.example': 'v=spf1 ip4:192.0.2.1 moo', 'exists.example': 'v=spf1 exists:%{ir}.%{l}.list.example -all',
       'long.example': 'v=spf1 ' + ' '.join(f'include:l{i}.example' for i in range(11)) + ' -all', 'net.example': 'v=spf1 a/24 -all',
       **{f'l{i}.example': 'v=spf1 ip4:203.0.113.200' for i in range(11)}}
SENDERS = [d for d in SPF if not re.match('l[0-9]', d)] + ['five.example', 'nowhere.example']
# selector: key, and its record around p=
KEYS = {'r2': ('rsa2048', 'v=DKIM1; k=rsa; p=%s'), 'bare': ('rsa2048', 'p=%s'), 'blank': ('rsa2048', ' v=DKIM1 ; k = rsa ;p = %s ;n=a note; x=y ; '),
        'r1': ('rsa1024', 'v=DKIM1; p=%s'), 'r5': ('rsa512', 'v=DKIM1; p=%s'), 'test': ('rsa2048', 'v=DKIM1; t=y; p=%s'), 'strict': ('rsa2048', 'v=DKIM1; t=s; p=%s'),
        'sha1': ('rsa2048', 'v=DKIM1; h=sha1; p=%s'), 'sha256': ('rsa2048', 'v=DKIM1; h=sha1:sha256; p=%s'), 'mail': ('rsa2048', 'v=DKIM1; s=email; p=%s'),
        'other': ('rsa2048', 'v=DKIM1; s=other; p=%s'), 'gone': ('rsa2048', 'v=DKIM1; p='), 'late': ('rsa2048', 'k=rsa; v=DKIM1; p=%s'),
        'two': ('rsa2048', 'v=DKIM2; p=%s'), 'kind': ('rsa2048', 'v=DKIM1; k=unknown; p=%s'), 'junk': ('rsa2048', 'hello %s'), 'none': ('rsa2048', None),
        'ed': ('ed25519', 'v=DKIM1; k=ed25519; p=%s'), 'liar': ('ed25519', 'v=DKIM1; k=rsa; p=%s')}
WORDS = 'dinner lunch ready hungry game lost report figures Käse 中文 from of the and if'.split()


def run(*words, **more):
    return subprocess.run(words, capture_output=True, check=True, **more).stdout


def keys(folder):
    """PEM files rsa2048, rsa1024, rsa512 and ed25519; returns what stands after p= for each, and the zone as unbound's local-data"""
    public = {}
    for kind in ('rsa2048', 'rsa1024', 'rsa512', 'ed25519'):
        how = ['-algorithm', 'ed25519'] if kind == 'ed25519' else ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:' + kind[3:]]
        run('openssl', 'genpkey', *how, '-out', f'{folder}/{kind}')
        der = run('openssl', 'pkey', '-in', f'{folder}/{kind}', '-pubout', '-outform', 'DER')
        public[kind] = base64.b64encode(der[-32:] if kind == 'ed25519' else der).decode()
    records = [(n, 'TXT', t) for n, t in SPF.items()] + [('_dmarc.' + n, 'TXT', t) for n, t in DMARC.items()]
    for d in DOMAINS:
        records += [(f'{s}._domainkey.{d}', 'TXT', text % public[kind] if '%s' in text else text) for s, (kind, text) in KEYS.items() if text]
        records.append((d, 'A', '192.0.2.20'))
    records += [('mx.example', 'MX', '10 a.mx.example'), ('a.mx.example', 'A', '198.51.100.7'), ('net.example', 'A', '198.51.100.77'),
                ('1.2.0.192.ana.list.example', 'A', '127.0.0.2')]
    return records


def message(r):
    subject = ' '.join(r.choices(WORDS, k=r.randint(1, 9)))
    name = r.choice(['Ana ', '', 'the  one\n  who wrote '])
    fields = [f'From: {name}<ana@{r.choice(DOMAINS)}>', 'To: joe@here.example', 'Date: Fri, 11 Jul 2025 21:00:37 -0700',
              f'Message-ID: <{r.getrandbits(40):x}@one.example>', 'Subject:' + r.choice([' ', '', '\t', '   ']) + subject, 'MIME-Version: 1.0',
              'Content-Type: text/plain; charset=utf-8', 'Content-Transfer-Encoding: 8bit']
    if r.random() < 0.3:
        fields.insert(r.randint(1, 4), 'X-Long: ' + '\n '.join(r.choices(WORDS, k=12)) + r.choice(['', ' ', '\t']))
    if r.random() < 0.2:
        fields.append('Received: by a.example; Fri, 11 Jul 2025 21:00:37 -0700')
    lines = [r.choice(['', ' ', '\t', 'a  b\t c ', 'and  so on', '.', '--', r.choice([' ', '  ', '\t', '']) + r.choice([' ', '  ', ' \t']).join(r.choices(WORDS, k=6))]) for _ in range(r.randint(0, 12))]
    if r.random() < 0.3:
        lines += [''] * r.randint(1, 4)
    return ('\n'.join(fields) + '\n\n' + ''.join(x + '\n' for x in lines)).encode()


def head(raw):
    """the fields, (name, value) with LF between lines, and the body"""
    h, _, body = raw.partition(b'\n\n')
    return [tuple(f.split(b':', 1)) for f in re.split(rb'\n(?![ \t])', h)], body


def joined(fields, body):
    return b''.join(n + b':' + v + b'\n' for n, v in fields) + b'\n' + body


def by_mail_sign(r, raw, domain, selector, folder):
    kind = KEYS[selector][0]
    more = ['--canon', r.choice(['simple/simple', 'simple/relaxed', 'relaxed/simple', 'relaxed/relaxed'])]
    if r.random() < 0.2:
        more += ['--expire-after', r.choice(['1d', '30d'])]
    words = ['mail-sign', '--dkim', domain, '--selector', selector, '--dkim-key', f'{folder}/{kind}'] + more
    if selector != 'ed' and r.random() < 0.2: # two keys at once
        words += ['--selector', 'ed', '--dkim-key', f'{folder}/ed25519']
    return run(*words, input=raw)


def by_dkimpy(r, raw, domain, selector, folder):
    kind = KEYS[selector][0]
    ed = kind == 'ed25519'
    key = open(f'{folder}/{kind}', 'rb').read()
    if ed: # dkimpy wants the 32 octets alone
        key = base64.b64encode(run('openssl', 'pkey', '-in', f'{folder}/{kind}', '-outform', 'DER')[-32:])
    c = (r.choice([b'simple', b'relaxed']), r.choice([b'simple', b'relaxed']))
    crlf = raw.replace(b'\n', b'\r\n')
    mark = dkim.sign(crlf, selector.encode(), domain.encode(), key, canonicalize=c, signature_algorithm=b'ed25519-sha256' if ed else b'rsa-sha256',
                     length=r.random() < 0.2, identity=r.choice([None, None, b'ana@sub.' + domain.encode()]))
    return (mark + crlf).replace(b'\r\n', b'\n')


def tag(field, name, value):
    """the DKIM-Signature with one tag set (or taken out: None)"""
    new = b'' if value is None else b' %s=%s;' % (name, value)
    found = re.search(rb'(?:^|;)\s*%s\s*=[^;]*;?' % name, field)
    if not found:
        return field.rstrip().rstrip(b';') + b';' + new
    return field[:found.start()] + (b';' if found.group().startswith(b';') else b'') + new + field[found.end():]


def sealed(r, raw, folder):
    """judged by somebody on its way, who adds a set to the ARC chain"""
    name, domain = r.choice(['list.example', 'forward.example']), r.choice(DOMAINS)
    raw = subprocess.run(['mail-verify', '--dkim', '--spf', '--arc', '--client-ip', '192.0.2.1', '-f', 'ana@one.example', '--add-header', '--authserv-id', name,
                          '--resolver', '127.0.0.1', '--dnssec=off'], input=raw, capture_output=True, check=False).stdout
    if r.random() < 0.5:
        return run('mail-sign', '--arc', domain, '--authserv-id', name, '--selector', 'r2', '--dkim-key', f'{folder}/rsa2048', input=raw)
    crlf = raw.replace(b'\n', b'\r\n')
    try:
        added = dkim.arc_sign(crlf, b'r2', domain.encode(), open(f'{folder}/rsa2048', 'rb').read(), name.encode())
    except dkim.DKIMException: # a message that it cannot read
        return raw
    return (b''.join(added) + crlf).replace(b'\r\n', b'\n')


ARC_TAGS = [(b'i', b'1'), (b'i', b'2'), (b'i', b'0'), (b'i', None), (b'cv', b'pass'), (b'cv', b'none'), (b'cv', b'fail'), (b'cv', None), (b'a', b'rsa-sha1'), (b'b', b'AAAA'),
            (b'd', b'two.example'), (b's', b'nothere'), (b'bh', b'AAAA'), (b'h', b'from'), (b't', b'1'), (b'zz', b'unknown')]
TAGS = [(b'v', None), (b'v', b'2'), (b'a', b'rsa-sha1'), (b'a', b'rsa-md5'), (b'a', None), (b'c', b'simple'), (b'c', b'odd'), (b'c', None), (b'd', b'two.example'), (b'd', None),
        (b'h', b'To:Subject'), (b'h', None), (b'i', b'@two.example'), (b'i', b'x@y'), (b'l', b'0'), (b'l', b'3'), (b'l', b'99999'), (b'l', b'x'), (b'q', b'dns/txt'),
        (b'q', b'dns/other'), (b's', None), (b's', b'nothere'), (b't', b'1'), (b't', b'4102444800'), (b'x', b'2'), (b'x', b'4102444800'), (b'b', b''), (b'b', b'AAAA'),
        (b'bh', b'AAAA'), (b'bh', None), (b'z', b'From:x'), (b'zz', b'unknown')]


def changed(r, raw):
    """what happens to messages on their way, and what forgers do; says what it was"""
    fields, body = head(raw)
    at = next(i for i, f in enumerate(fields) if f[0].lower() == b'dkim-signature')
    what = r.choice(['tag', 'tag', 'tag', 'body', 'end', 'blanks', 'case', 'fold', 'again', 'gone', 'order', 'value', 'list', 'sender', 'name'])
    chain = [i for i, f in enumerate(fields) if f[0].lower().startswith(b'arc-')]
    if chain and r.random() < 0.5:
        i, (name, value) = r.choice(chain), r.choice(ARC_TAGS)
        what = f'{fields[i][0].decode()} {name.decode()}={value and value.decode()}'
        if r.random() < 0.3: # the field is lost, or there twice
            what = r.choice(['less', 'twice']) + ' ' + fields[i][0].decode()
            fields[i:i + 1] = [fields[i]] * 2 if what.startswith('twice') else []
        else:
            fields[i] = fields[i][0], tag(fields[i][1], name, value)
    elif what == 'tag':
        name, value = r.choice(TAGS)
        fields[at] = fields[at][0], tag(fields[at][1], name, value)
        what = f'{name.decode()}={value and value.decode()}'
    elif what == 'body':
        body = body.replace(b'o', b'0', 1) or b'x\n'
    elif what == 'end':
        body += r.choice([b'\n', b'\n\n\n', b' \n', b'-- \nlist\n'])
    elif what == 'blanks':
        body = body.replace(b'  ', b' ').replace(b'\t', b' ')
    elif what == 'list':
        body += b'_____\nlist mailing list\n'
        fields = [(n, b' [list]' + v if n == b'Subject' else v) for n, v in fields]
    elif what == 'order':
        fields = fields[:at + 1] + fields[at + 1:][::-1]
    else:
        i = r.choice([i for i in range(len(fields)) if fields[i][0].lower() != b'dkim-signature'])
        n, v = fields[i]
        if what == 'case':
            fields[i] = n.upper(), v
        elif what == 'fold':
            fields[i] = n, v.replace(b' ', b'\n  ', 1) if v.count(b' ') > 1 else b'  ' + v.strip()
        elif what == 'again':
            fields.insert(r.choice([0, i, i + 1]), (n, v))
        elif what == 'gone':
            del fields[i]
        elif what == 'value':
            fields[i] = n, v.rstrip() + b'x'
        elif what == 'name':
            fields[i] = n + b' ', v
        elif what == 'sender':
            fields = [(n, b' <joe@three.example>' if n == b'From' else v) for n, v in fields]
    return joined(fields, body), what
