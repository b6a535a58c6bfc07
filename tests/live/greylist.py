"""A greylisting policy for Postfix (SMTPD_POLICY_README): who comes back after SECONDS is let in.  greylist.py ADDRESS PORT SECONDS"""
import socketserver
import sys
import time

seen = {}
wait = float(sys.argv[3])


class Policy(socketserver.StreamRequestHandler):
    def handle(self):
        request = {}
        for line in self.rfile:
            line = line.decode("utf-8", "replace").rstrip("\n")
            if line:
                name, _, value = line.partition("=")
                request[name] = value
                continue
            key = (request.get("client_address"), request.get("sender"), request.get("recipient"))
            known = time.time() - seen.setdefault(key, time.time()) >= wait
            answer = "DUNNO" if known else "450 4.7.1 greylisted, come back later"
            self.wfile.write(f"action={answer}\n\n".encode())
            request = {}


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


Server((sys.argv[1], int(sys.argv[2])), Policy).serve_forever()
