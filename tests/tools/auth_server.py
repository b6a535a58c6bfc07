#!/usr/bin/env python3
"""SMTP and IMAP for tests of signing in: auth_server.py FOLDER. Two ports go to FOLDER/ports (SMTP, IMAP), what each client signed in with to FOLDER/seen, decoded.

Everybody is let in by AUTH PLAIN and XOAUTH2, but who says what is in FOLDER/refuse is not; nothing is kept.
"""
import base64
import os
import socketserver
import sys
import threading

FOLDER = sys.argv[1]


def judge(text):
    seen = base64.b64decode(text)
    with open(FOLDER + '/seen', 'ab') as f:
        f.write(seen.replace(b'\0', b' ').replace(b'\1', b' ') + b'\n')
    try:
        with open(FOLDER + '/refuse', 'rb') as f:
            return f.read().strip() not in seen
    except FileNotFoundError:
        return True


class Smtp(socketserver.StreamRequestHandler):
    def say(self, *lines):
        for line in lines:
            self.wfile.write(line.encode() + b'\r\n')

    def handle(self):
        self.say('220 mx')
        data = False
        for line in self.rfile:
            verb = line.split()[0].upper() if line.split() else b''
            if data:
                data = line != b'.\r\n'
                if not data:
                    self.say('250 ok')
            elif verb == b'EHLO':
                self.say('250-mx', '250 AUTH PLAIN XOAUTH2')
            elif verb == b'AUTH':
                self.say('235 ok' if judge(line.split()[2]) else '535 5.7.8 no')
            elif verb == b'DATA':
                data = True
                self.say('354 go')
            else:
                self.say('221 bye' if verb == b'QUIT' else '250 ok')


class Imap(Smtp):
    def handle(self):
        self.say('* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN AUTH=XOAUTH2] hi')
        for line in self.rfile:
            words = line.decode().split()
            if words[1] == 'AUTHENTICATE':
                self.say(words[0] + (' OK [CAPABILITY IMAP4rev1] in' if judge(words[3]) else ' NO [AUTHENTICATIONFAILED] no'))
            else:
                if words[1] == 'LIST':
                    self.say('* LIST () "/" INBOX')
                self.say(words[0] + ' OK done')


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = allow_reuse_address = True


servers = [Server(('127.0.0.1', 0), handler) for handler in (Smtp, Imap)]
with open(FOLDER + '/ports.new', 'w') as f:
    f.write(' '.join(str(s.server_address[1]) for s in servers) + '\n')
os.rename(FOLDER + '/ports.new', FOLDER + '/ports')
threading.Thread(target=servers[0].serve_forever, daemon=True).start()
servers[1].serve_forever()
