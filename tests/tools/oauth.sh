# oauth.sh - the tests' own OAuth provider (oauth_provider.py), for tests/cmd and tests/live: source it behind lib.sh.
#
#	oauth_start; ... $OAUTH (its folder), $OAUTH_URL, $OAUTH_OPTIONS (as lines of a configuration) ...; oauth_stop
#	asked POST refresh		how many such requests it had
oauth_start() {
  OAUTH=$T/oauth
  mkdir -p "$OAUTH"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=id.test -addext 'subjectAltName=DNS:id.test,DNS:slow.test' \
    -keyout "$OAUTH/key.pem" -out "$OAUTH/ca.pem" 2>/dev/null
  python3 "$SURAT_SRC/tests/tools/oauth_provider.py" "$OAUTH" "$OAUTH/ca.pem" "$OAUTH/key.pem" 2>"$OAUTH/err" &
  oauth_pid=$!
  for _ in $(seq 200); do [ -s "$OAUTH/port" ] && break; sleep 0.05; done
  OAUTH_URL=https://id.test
  OAUTH_OPTIONS="ca-file = $OAUTH/ca.pem
connect = id.test=127.0.0.1:$(cat "$OAUTH/port")"
  # a browser that does what it is told, as a browser would
  cat >"$OAUTH/browser" <<'P'
#!/usr/bin/env python3
import http.client, os, ssl, sys, urllib.parse, urllib.request
folder = os.path.dirname(os.path.abspath(__file__))
with open(folder + '/seen', 'a') as f:
    f.write('\n'.join(sys.argv[1:]) + '\n')
url = urllib.parse.urlsplit(sys.argv[-1])
context = ssl.create_default_context(cafile=folder + '/ca.pem')
port = int(open(folder + '/port').read())
class Connection(http.client.HTTPSConnection):
    def connect(self):
        self.sock = context.wrap_socket(__import__('socket').create_connection(('127.0.0.1', port)), server_hostname=url.hostname)
c = Connection(url.hostname)
c.request('GET', url.path + '?' + url.query)
back = c.getresponse().headers['Location']
me = urllib.parse.urlsplit(back)
# what browsers do besides: a connection that is not used, a picture
unused = __import__('socket').create_connection((me.hostname, me.port))
h = http.client.HTTPConnection(me.hostname, me.port)
h.request('GET', '/favicon.ico')
assert h.getresponse().status == 404
h = http.client.HTTPConnection(me.hostname, me.port)
h.request('GET', me.path + '?' + me.query)
r = h.getresponse()
with open(folder + '/page', 'w') as f:
    f.write(f'{r.status} {r.read().decode()}\n')
P
  chmod 755 "$OAUTH/browser"
  : >"$OAUTH/log"
}
oauth_stop() { kill "$oauth_pid" 2>/dev/null; wait "$oauth_pid" 2>/dev/null; }
asked() { grep -cxF "$*" "$OAUTH/log"; }
