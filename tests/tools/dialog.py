#!/usr/bin/env python3
"""dialog.py - one scripted server, one command: what it says, the exact bytes the program must send, its exit code.

    dialog.py FILE.dlg...        TAP on stdout, one test a file

A .dlg file is read line by line:

    # text          nothing
    $ COMMAND       run by bash in a new folder, with HOME in it and PORT (or SOCK), CA, FINGERPRINT and HOST set
    <<              the lines up to ">>" are the command's standard input; without it the input is empty
    <<~             the same, with escapes (\\r \\n \\t \\\\ \\xHH) done and no line end added
    unix            the server listens on the Unix socket $SOCK
    S: text         the server sends text and CRLF; \\1 is the first group of the last C/
    S~ text         the same without CRLF, with escapes done (and \\1)
    S*N text        S: N times; S~N text likewise
    C: text         this line and CRLF must come
    C/ regex        a line that matches as a whole
    C*              lines up to and with a lone dot, none with a stray CR, LF or NUL
    C= N            exactly N octets
    tls             handshake, as the server, with a certificate for localhost
    resumed, fresh  the session of that TLS was taken up again; was not
    wait            no answer any more, until the client goes
    close, reset    the connection ends; politely, or not
    accept          the script of the next connection begins
    exit: N         the exit code; 0 unless said
    err/ regex      standard error is one line with this in it; without it standard error must be empty
    err* regex      standard error has this somewhere
    out/ regex      standard output has this somewhere
    out! regex      and this nowhere

A connection or a line that the script does not expect is a failure, and so is a script that was not played to its end.
"""
import concurrent.futures
import os
import re
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading

PATIENCE = 20  # seconds for a whole dialog
SHARED = {}


class Wrong(Exception):
    pass


def unescape(text):
    return re.sub(rb'\\(x[0-9a-fA-F]{2}|[^1-9])', lambda m: bytes([int(m[1][1:], 16)]) if m[1][:1] == b'x' and len(m[1]) == 3
                  else {b'r': b'\r', b'n': b'\n', b't': b'\t'}.get(m[1], m[1]), text)


class Script:
    def __init__(self, path):
        self.path, self.command, self.stdin, self.unix = path, None, b'', False
        self.exit, self.err, self.err_any, self.out, self.out_not = 0, [], [], [], []
        self.connections = []
        with open(path, 'rb') as f:
            lines = f.read().split(b'\n')
        while lines:
            line = lines.pop(0)
            if line in (b'<<', b'<<~'):
                end = lines.index(b'>>')
                self.stdin = (b''.join(map(unescape, lines[:end])) if line == b'<<~' else
                              b''.join(x + b'\n' for x in lines[:end]))
                del lines[:end + 1]
            elif line and not line.startswith(b'#'):
                self.line(line)
        if self.command is None:
            raise Wrong(f'{path}: no command')

    def line(self, line):
        text = line.decode()
        if text.startswith('$ '):
            self.command = text[2:]
        elif text == 'unix':
            self.unix = True
        elif text.startswith('exit: '):
            self.exit = int(text[6:])
        elif text[:5] in ('err/ ', 'err* ', 'out/ ', 'out! '):
            {'err/': self.err, 'err*': self.err_any, 'out/': self.out, 'out!': self.out_not}[text[:4]].append(text[5:])
        elif text == 'accept':
            self.connections.append([])
        elif re.match(r'S: |S[~*]\d* |C[:/=] |C\*$|(tls|resumed|fresh|wait|close|reset)$', text):
            if not self.connections:
                self.connections.append([])
            self.connections[-1].append(line)
        else:
            raise Wrong(f'{self.path}: what is "{text}"?')


class Peer:
    """One connection, played by its script."""

    def __init__(self, sock):
        self.sock, self.pending, self.groups = sock, b'', ()
        sock.settimeout(PATIENCE / 2)

    def read_line(self, what):
        while b'\n' not in self.pending:
            try:
                got = self.sock.recv(65536)
            except (ConnectionError, TimeoutError) as e:
                raise Wrong(f'{what}: nothing came ({e})') from e
            if not got:
                raise Wrong(f'{what}: the client closed; unread: {self.pending!r}')
            self.pending += got
        line, self.pending = self.pending.split(b'\n', 1)
        if not line.endswith(b'\r'):
            raise Wrong(f'a line that does not end in CRLF: {line!r}')
        line = line[:-1]
        if b'\r' in line or b'\0' in line:
            raise Wrong(f'a stray CR or NUL: {line!r}')
        return line

    def read_exactly(self, n):
        while len(self.pending) < n:
            got = self.sock.recv(65536)
            if not got:
                raise Wrong(f'{n} octets: the client closed after {len(self.pending)}')
            self.pending += got
        self.pending = self.pending[n:]

    def tls(self):
        self.sock = SHARED['context'].wrap_socket(self.sock, server_side=True)

    def say(self, text):
        text = re.sub(rb'\\([1-9])', lambda m: self.groups[int(m[1]) - 1], text)
        try:
            self.sock.sendall(text)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def until_gone(self, silent):
        """To the client's end; what it still says is wrong, unless it is only waiting."""
        try:
            got = self.pending or self.sock.recv(65536)
            while got and silent:
                got = self.sock.recv(65536)
        except TimeoutError as e:
            raise Wrong('the client does not hang up') from e
        except (OSError, ssl.SSLError):
            return
        if got:
            raise Wrong(f'unexpected: {got!r}')

    def play(self, lines):
        for line in lines:
            kind, text = line[:2], line[3:]
            if kind == b'S:':
                self.say(text + b'\r\n')
            elif kind in (b'S~', b'S*'):
                times, text = line[2:].split(b' ', 1)
                self.say((unescape(text) if kind == b'S~' else text + b'\r\n') * int(times or 1))
            elif kind == b'C:':
                got = self.read_line(line)
                if got != text:
                    raise Wrong(f'want: {text!r}\n got: {got!r}')
            elif kind == b'C/':
                got = self.read_line(line)
                m = re.fullmatch(text, got)
                if not m:
                    raise Wrong(f'want: /{text.decode()}/\n got: {got!r}')
                self.groups = m.groups()
            elif kind == b'C*':
                while self.read_line(line) != b'.':
                    pass
            elif kind == b'C=':
                self.read_exactly(int(text))
            elif line == b'tls':
                try:
                    self.tls()
                except (ssl.SSLError, OSError):  # the client did not like us: its exit code says so
                    return
            elif line in (b'resumed', b'fresh'):
                if self.sock.session_reused != (line == b'resumed'):
                    raise Wrong(f'the session is not {line.decode()}')
            elif line == b'wait':
                self.until_gone(True)
                return
            elif line in (b'close', b'reset'):
                if line == b'reset':
                    self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
                return
        self.until_gone(False)


class Server(threading.Thread):
    def __init__(self, script, folder):
        super().__init__(daemon=True)
        self.script, self.problem, self.played, self.ending = script, None, 0, False
        if script.unix:
            self.listener = socket.socket(socket.AF_UNIX)
            self.address = os.path.join(folder, 'socket')
            self.listener.bind(self.address)
        else:
            self.listener = socket.socket()
            self.listener.bind(('127.0.0.1', 0))
            self.address = self.listener.getsockname()[1]
        self.listener.listen(16)

    def run(self):
        try:
            for lines in self.script.connections:
                sock, _ = self.listener.accept()
                peer = Peer(sock)
                try:
                    peer.play(lines)
                finally:
                    peer.sock.close()
                self.played += 1
            self.listener.accept()
            self.problem = 'one connection too many'
        except Wrong as e:
            self.problem = str(e)
        except OSError as e:
            if not self.ending:
                self.problem = f'{type(e).__name__}: {e}'

    def finish(self):
        self.ending = True
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.join(PATIENCE)
        if not self.problem and self.played < len(self.script.connections):
            self.problem = f'{self.played} of {len(self.script.connections)} connections were played'


def environment(folder):
    env = {k: v for k, v in os.environ.items() if k not in
           ('EMAIL', 'MAIL', 'SURAT_SERVER', 'SOURCE_DATE_EPOCH', 'CREDENTIALS_DIRECTORY', 'NO_COLOR', 'SURAT_FAULT')}
    home = os.path.join(folder, 'home')
    os.makedirs(home)
    env.update(HOME=home, XDG_CONFIG_HOME=home + '/.config', XDG_STATE_HOME=home + '/.state', XDG_CACHE_HOME=home + '/.cache',
               LC_ALL='C.UTF-8', TZ='UTC', PATH=os.environ['SURAT_BUILD'] + ':' + os.environ['PATH'], HOST='localhost', **SHARED['env'])
    env.setdefault('ASAN_OPTIONS', 'detect_leaks=1:abort_on_error=0:exitcode=99')
    env.setdefault('UBSAN_OPTIONS', 'print_stacktrace=1:halt_on_error=1')
    return env


def run(script, folder):
    """What went wrong, as a list of texts."""
    server = Server(script, folder)
    env = environment(folder)
    env['SOCK' if script.unix else 'PORT'] = str(server.address)
    work = os.path.join(folder, 'work')
    os.mkdir(work)
    server.start()
    child = subprocess.Popen(['bash', '-c', script.command], cwd=work, env=env, start_new_session=True, stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        out, err = child.communicate(script.stdin, PATIENCE)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        out, err = child.communicate()
        return [f'not done after {PATIENCE} s', err.decode(errors='replace')]
    server.finish()
    return judge(script, server, child.returncode, out.decode(errors='replace'), err.decode(errors='replace'))


def judge(script, server, code, out, err):
    wrong = []
    if server.problem:
        wrong.append(server.problem)
    if code != script.exit:
        wrong.append(f'exit code {code}, want {script.exit}')
    lines = err.splitlines()
    if script.err and len(lines) != 1:
        wrong.append('standard error is not one line')
    if not script.err and not script.err_any and lines:
        wrong.append('standard error is not empty')
    wrong += [f'standard error has not /{x}/' for x in script.err + script.err_any if not re.search(x, err)]
    wrong += [f'standard output has not /{x}/' for x in script.out if not re.search(x, out, re.M)]
    wrong += [f'standard output has /{x}/' for x in script.out_not if re.search(x, out, re.M)]
    if wrong:
        wrong += ['stderr: ' + x for x in lines[:20]] + ['stdout: ' + x for x in out.splitlines()[:20]]
    return wrong


def one(path):
    folder = tempfile.mkdtemp(prefix='dialog.', dir=os.environ.get('TMPDIR', '/tmp'))
    try:
        return run(Script(path), folder)
    except (Wrong, ValueError) as e:
        return [str(e)]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def certificates(folder):
    """A certificate for localhost, 127.0.0.1 and mx.example.org that is its own authority."""
    pem, key = os.path.join(folder, 'ca.pem'), os.path.join(folder, 'key.pem')
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
                    '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,DNS:mx.example.org,IP:127.0.0.1',
                    '-keyout', key, '-out', pem], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, key)
    out = subprocess.run(['openssl', 'x509', '-in', pem, '-noout', '-fingerprint', '-sha256'], check=True, capture_output=True, text=True)
    SHARED['context'] = context
    SHARED['env'] = {'CA': pem, 'FINGERPRINT': 'sha256:' + out.stdout.strip().split('=')[1]}


def main(paths):
    bad = 0
    with tempfile.TemporaryDirectory(prefix='dialog.') as folder:
        certificates(folder)
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            for n, (path, wrong) in enumerate(zip(paths, pool.map(one, paths)), 1):
                print(f'{"not " if wrong else ""}ok {n} - {os.path.basename(path)}')
                for text in wrong:
                    print('\n'.join('#   ' + x[:400] for x in text.splitlines()))
                sys.stdout.flush()
                bad += bool(wrong)
    print(f'1..{len(paths)}')


if __name__ == '__main__':
    main(sys.argv[1:])
