#!/usr/bin/env python3
"""An OAuth 2.0 provider for tests: oauth_provider.py FOLDER CERT KEY. Its port goes to FOLDER/port, a line for each request to FOLDER/log.

It is https://id.test (and whatever other host it is called by): metadata in RFC 8414's place, authorization code with PKCE, device code, refresh with
rotation, revocation. Files of FOLDER, read at each request, make it misbehave:

  life           seconds an access token lives (3600)
  jwt            access tokens are signed (HS256 with the key in jwt.key) and name this user, as Dovecot believes them
  jwt.life       what such a token says of its life, if not the truth
  device         what a device's polls are answered, a word a line, the last one for ever: pending, slow_down, denied, expired, busy, yes
  authorize      what the page answers: yes, denied, state (another one), issuer (another one)
  no_refresh     no refresh token is given
  no_rotation    the refresh token stays
  openid         the metadata are in OpenID's place only
  secret         a client must have this secret (in the Authorization header)
  raw.NAME       the answer to NAME (metadata, device, token, refresh, revoke), byte by byte
  hang           a refresh is not answered while this file is there
  dead           every request of the token endpoint is answered 503
  issuer         the issuer of the metadata, if not the one it is called by
"""
import base64
import hashlib
import hmac
import http.server
import json
import os
import ssl
import sys
import threading
import time
import urllib.parse

FOLDER, CERT, KEY = sys.argv[1:]
LOCK = threading.Lock()
CODES, REFRESH, ACCESS, COUNT = {}, {}, set(), {'token': 0}


def setting(name, otherwise=''):
    try:
        with open(os.path.join(FOLDER, name)) as f:
            return f.read().rstrip('\n')
    except FileNotFoundError:
        return otherwise


def is_set(name):
    return os.path.exists(os.path.join(FOLDER, name))


def log(text):
    with open(os.path.join(FOLDER, 'log'), 'a') as f:
        f.write(text + '\n')


def b64(data):
    return base64.urlsafe_b64encode(data).decode().rstrip('=')


def jwt(user):
    now = int(time.time())
    life = int(setting('jwt.life', setting('life', '3600')))
    claims = {'iss': 'https://id.test', 'sub': user, 'iat': now - 1, 'exp': now + life, 'jti': str(COUNT['token'])}
    text = b64(b'{"alg":"HS256","typ":"JWT"}') + '.' + b64(json.dumps(claims).encode())
    return text + '.' + b64(hmac.new(setting('jwt.key').encode(), text.encode(), hashlib.sha256).digest())


def new_tokens(client, old=None):
    COUNT['token'] += 1
    access = jwt(setting('jwt')) if is_set('jwt') else f'access-{COUNT["token"]}-SECRET'
    ACCESS.add(access)
    answer = {'access_token': access, 'token_type': 'Bearer', 'expires_in': int(setting('life', '3600'))}
    if not is_set('no_refresh') and not (old and is_set('no_rotation')):
        refresh = f'refresh-{COUNT["token"]}-SECRET'
        REFRESH[refresh] = client
        answer['refresh_token'] = refresh
        if old:
            del REFRESH[old]
    return answer


class Refused(Exception):
    def __init__(self, error, status=400, description=None):
        super().__init__(error)
        self.status, self.body = status, {'error': error}
        if description:
            self.body['error_description'] = description


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def log_message(self, *args):
        pass

    def send(self, status, body, headers=()):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header('Content-Type', 'application/json')
        self.send_header('Content-Length', str(len(data)))
        self.send_header('Connection', 'close')
        self.end_headers()
        self.wfile.write(data)
        self.close_connection = True

    def raw(self, name):
        if not is_set('raw.' + name):
            return False
        with open(os.path.join(FOLDER, 'raw.' + name), 'rb') as f:
            self.wfile.write(f.read())
        self.close_connection = True
        return True

    def me(self):
        return 'https://' + self.headers.get('Host', 'id.test')

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        log('GET ' + url.path)
        place = 'openid-configuration' if is_set('openid') else 'oauth-authorization-server'
        if url.path == '/.well-known/' + place:
            if not self.raw('metadata'):
                self.send(200, self.metadata())
        elif url.path == '/authorize':
            self.authorize(dict(urllib.parse.parse_qsl(url.query, strict_parsing=True)))
        else:
            self.send(404, {})

    def metadata(self):
        me = self.me()
        return {'issuer': setting('issuer', me), 'authorization_endpoint': me + '/authorize', 'token_endpoint': me + '/token',
                'device_authorization_endpoint': me + '/device', 'revocation_endpoint': me + '/revoke',
                'code_challenge_methods_supported': ['S256'], 'token_endpoint_auth_methods_supported': ['client_secret_basic'],
                'scopes_supported': ['mail', 'offline_access']}

    def authorize(self, q):
        what = setting('authorize', 'yes')
        assert q['response_type'] == 'code' and q['code_challenge_method'] == 'S256' and len(q['state']) >= 22
        assert q['redirect_uri'].startswith('http://127.0.0.1:'), q
        back = {'state': q['state'], 'iss': self.me()}
        if what == 'denied':
            back['error'] = 'access_denied'
        else:
            code = f'code-{len(CODES) + 1}-SECRET'
            CODES[code] = q
            back['code'] = code
        if what == 'state':
            back['state'] = 'x' * 43
        if what == 'issuer':
            back['iss'] = 'https://evil.test'
        log('authorize ' + q.get('login_hint', '-') + ' ' + q.get('scope', '-'))
        self.send(302, b'', [('Location', q['redirect_uri'] + '?' + urllib.parse.urlencode(back))])

    def do_POST(self):
        form = dict(urllib.parse.parse_qsl(self.rfile.read(int(self.headers['Content-Length'])).decode(), strict_parsing=True))
        name = self.path.lstrip('/')
        what = 'refresh' if form.get('grant_type') == 'refresh_token' else name
        log('POST ' + what)
        while what == 'refresh' and is_set('hang'):
            time.sleep(0.02)
        try:
            with LOCK:
                if self.raw(what):
                    return
                self.send(200, self.post(name, form))
        except Refused as e:
            self.send(e.status, e.body)

    def check_client(self, form):
        if form.get('client_id') != 'client':
            raise Refused('invalid_client', 401)
        wanted = setting('secret')
        if wanted:
            given = base64.b64decode(self.headers.get('Authorization', 'Basic ')[6:]).decode()
            if given != 'client:' + urllib.parse.quote(wanted, safe=''):
                raise Refused('invalid_client', 401, 'no secret')

    def post(self, name, form):
        self.check_client(form)
        if name == 'device':
            code = 'device-SECRET' + form.get('scope', '')
            COUNT[code] = 0
            return {'device_code': code, 'user_code': 'WDJB-MJHT', 'verification_uri': self.me() + '/go', 'expires_in': 600,
                    'interval': 1}
        if name == 'revoke':
            REFRESH.pop(form['token'], None)
            log('revoked ' + form['token'])
            return {}
        if name != 'token':
            raise Refused('not_found', 404)
        if is_set('dead'):
            raise Refused('temporarily_unavailable', 503)
        return getattr(self, 'grant_' + form['grant_type'].split(':')[-1])(form)

    def grant_authorization_code(self, form):
        q = CODES.pop(form['code'], None)
        proof = base64.urlsafe_b64encode(hashlib.sha256(form['code_verifier'].encode()).digest()).decode().rstrip('=')
        if not q or proof != q['code_challenge'] or form['redirect_uri'] != q['redirect_uri']:
            raise Refused('invalid_grant')
        return new_tokens(form['client_id'])

    def grant_device_code(self, form):
        code = form['device_code']
        if code not in COUNT:
            raise Refused('invalid_grant')
        words = setting('device', 'yes').split('\n')
        word = words[min(COUNT[code], len(words) - 1)]
        COUNT[code] += 1
        log('poll ' + code.replace('device-SECRET', ''))
        if word == 'busy':
            raise Refused('temporarily_unavailable', 503)
        errors = {'pending': 'authorization_pending', 'slow_down': 'slow_down', 'denied': 'access_denied', 'expired': 'expired_token'}
        if word in errors:
            raise Refused(errors[word])
        return new_tokens(form['client_id'])

    def grant_refresh_token(self, form):
        if REFRESH.get(form['refresh_token']) != form['client_id']:
            raise Refused('invalid_grant', 400, 'Token has been expired or revoked.')
        return new_tokens(form['client_id'], form['refresh_token'])


def main():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERT, KEY)
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
    server.daemon_threads = True
    server.request_queue_size = 64
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    with open(os.path.join(FOLDER, 'port.new'), 'w') as f:
        f.write(str(server.server_address[1]))
    os.rename(os.path.join(FOLDER, 'port.new'), os.path.join(FOLDER, 'port'))
    server.handle_error = lambda *a: None
    server.serve_forever()


main()
