"""verify_corpus.py FOLDER DOMAINS MESSAGES: letters, plain and signed (with an RSA key, as nearly all mail is), and the records of their domains as unbound takes them."""
import json
import random
import subprocess
import sys

folder, domains, messages = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
records = {k: json.load(open(f'{folder}/{k}.json'))['record'] for k in 're'}
words = 'a letter of some length about nothing at all that has blanks and words as letters have them'.split()
r = random.Random(1)
zone = ['local-zone: "." static']


def txt(name, text):
    parts = ' '.join('"' + text[i:i + 250] + '"' for i in range(0, len(text), 250))
    zone.append(f"local-data: '{name}. 3600 IN TXT {parts}'")


for d in range(domains):
    name = f'd{d}.example'
    txt(name, f'v=spf1 a:out.{name} include:_spf.{name} -all')
    txt(f'_spf.{name}', 'v=spf1 ip4:198.51.100.0/24 ip4:192.0.2.0/24 ?all')
    zone.append(f"local-data: 'out.{name}. 3600 IN A 203.0.113.1'")
    txt(f'_dmarc.{name}', 'v=DMARC1; p=reject')
    for k in 're':
        txt(f'{k}._domainkey.{name}', records[k])
open(f'{folder}/zone', 'w').write('\n'.join(zone) + '\n')

signed, plain = open(f'{folder}/signed', 'wb'), open(f'{folder}/box', 'wb')
for i in range(messages):
    d = f'd{i % domains}.example'
    body = '\n'.join(' '.join(r.choice(words) for _ in range(11)) for _ in range(80))
    text = (f'Received: from out.{d} by mx.example.net; Thu, 26 Nov 2026 01:00:00 +0000\nFrom: Joe <joe@{d}>\nTo: bob@example.net\nSubject: message {i}\n'
            f'Date: Thu, 26 Nov 2026 01:00:00 +0000\nMessage-ID: <{i}@{d}>\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n{body}\n').encode()
    whole = subprocess.run(['mail-sign', '--dkim', d, '--selector', 'r', '--dkim-key', f'{folder}/r.pem'],
                           input=text, capture_output=True, check=True).stdout
    open(f'{folder}/each/{i}.eml', 'wb').write(whole)
    line = f'From joe@{d} Thu Nov 26 01:00:00 2026\n'.encode()
    signed.write(line + whole + b'\n')
    plain.write(line + text + b'\n')
