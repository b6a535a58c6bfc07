#!/usr/bin/env python3
"""scram_server.py - one SMTP session within TLS whose server knows SCRAM-SHA-256-PLUS, for clients that bind their sign-in to the connection.

    scram_server.py tls12|tls13 CERT KEY USER PASSWORD [other] >PORT

TLS 1.2 is Python's own (tls-server-end-point, RFC 5929); TLS 1.3 is `openssl s_server`, which tells its exported keying material (tls-exporter,
RFC 9266). With "other" the server binds to another connection than the client's, as one in the middle would. Prints the port, then what was bound.
"""
import base64, hashlib, hmac, os, re, socket, ssl, subprocess, sys

kind, cert, key, user, password = sys.argv[1:6]
other = sys.argv[6:] == ['other']
b64, unb64 = (lambda b: base64.b64encode(b).decode()), base64.b64decode


def mac(k, m):
    return hmac.new(k, m, 'sha256').digest()


class Tls12:
    def __init__(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(cert, key)
        listener = socket.create_server(('127.0.0.1', 0))
        print(listener.getsockname()[1], flush=True)
        listener.settimeout(20)
        sock = listener.accept()[0]
        sock.settimeout(20)
        self.file = context.wrap_socket(sock, server_side=True).makefile('rwb', 0)

    def binding(self):
        with open(cert) as f:
            return 'tls-server-end-point', hashlib.sha256(ssl.PEM_cert_to_DER_cert(f.read())).digest()

    def say(self, text):
        self.file.write(text.encode() + b'\r\n')

    def hear(self, empty=False):
        return self.file.readline().decode().rstrip('\r\n')

    def close(self):
        pass


class Tls13:
    """Lines of the client come on s_server's standard output, between its own; ours must not begin with one of its command letters."""

    def __init__(self):
        with socket.create_server(('127.0.0.1', 0)) as s:
            port = s.getsockname()[1]
        self.p = subprocess.Popen(['openssl', 's_server', '-accept', f'127.0.0.1:{port}', '-naccept', '1', '-cert', cert, '-key', key, '-tls1_3', '-crlf',
                                   '-keymatexport', 'EXPORTER-Channel-Binding', '-keymatexportlen', '32'],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        while b'ACCEPT' not in self.p.stdout.readline():
            pass
        print(port, flush=True)
        self.material = None
        while not self.material:
            line = self.p.stdout.readline()
            if not line:
                sys.exit('s_server ended')
            m = re.match(rb'\s*Keying material: ([0-9A-F]+)', line)
            self.material = m and bytes.fromhex(m[1].decode())

    def binding(self):
        return 'tls-exporter', self.material

    def say(self, text):
        self.p.stdin.write(text.encode() + b'\n')
        self.p.stdin.flush()

    def hear(self, empty=False):
        while True:
            line = self.p.stdout.readline().decode()
            if not line:
                return ''
            line = line.rstrip('\r\n')
            if empty and not line:
                return line
            if re.match(r'(EHLO|AUTH|MAIL|RCPT|DATA|QUIT|[A-Za-z0-9+/]+=*$)', line) and not line.startswith('---'):
                return line

    def close(self):
        self.p.terminate()
        self.p.wait()


def sign_in(s, line):
    name, data = s.binding()
    if other:
        data = bytes(len(data))
    m = re.fullmatch(r'AUTH SCRAM-SHA-256-PLUS (.*)', line)
    if not m:
        return f'535 5.7.8 not {line[:30]}'
    first = unb64(m[1]).decode()
    header, bare = re.fullmatch(r'(p=[^,]*,,)(.*)', first).groups()
    if header != f'p={name},,':
        return f'535 5.7.8 bound by {header}'
    nonce = bare.split('r=')[1] + 'server'
    salt, count = b'saltsalt', 4096
    reply = f'r={nonce},s={b64(salt)},i={count}'
    s.say('334 ' + b64(reply.encode()))
    final = unb64(s.hear()).decode()
    without, proof = final.rsplit(',p=', 1)
    salted = hashlib.pbkdf2_hmac('sha256', password.encode(), salt, count)
    client_key, message = mac(salted, b'Client Key'), f'{bare},{reply},{without}'.encode()
    signature = mac(hashlib.sha256(client_key).digest(), message)
    good = bytes(a ^ b for a, b in zip(unb64(proof), signature)) == client_key
    if not good or without != f'c={b64(header.encode() + data)},r={nonce}':
        return '535 5.7.8 wrong password, or another connection'
    s.say('334 ' + b64(b'v=' + b64(mac(mac(salted, b'Server Key'), message)).encode()))
    s.hear(empty=True)
    print('bound by', name, flush=True)
    return '235 2.7.0 welcome'


s = Tls12() if kind == 'tls12' else Tls13()
s.say('220 scram')
while True:
    line = s.hear()
    verb = line[:4].upper()
    if not line or verb == 'QUIT':
        break
    if verb == 'EHLO':
        s.say('250-scram')
        s.say('250 AUTH PLAIN SCRAM-SHA-256 SCRAM-SHA-256-PLUS')
    elif verb == 'AUTH':
        s.say(sign_in(s, line))
    else:
        s.say('250 2.1.0 ok')
s.say('221 bye')
s.close()
