#!/usr/bin/env python3
"""A web server for tests: https_files.py FOLDER CERT KEY. Its port goes to FOLDER/port, each request's host to FOLDER/log.

What FOLDER/HOST holds is the policy of that host; FOLDER/HOST.raw is sent as it is instead, and then the connection stays open when
FOLDER/HOST.hang is there too. Anything else is 404.
"""
import os
import socket
import ssl
import sys
import threading
import time


def serve(folder, tls):
    with tls:
        head = b""
        while b"\r\n\r\n" not in head and len(head) < 65536:
            more = tls.recv(4096)
            if not more:
                return
            head += more
        host = ""
        for line in head.decode("latin-1").split("\r\n")[1:]:
            if line.lower().startswith("host:"):
                host = line[5:].strip().split(":")[0]
        with open(folder + "/log", "a") as log:
            log.write(host + "\n")
        name = folder + "/" + host.replace("/", "_")
        if os.path.exists(name + ".raw"):
            tls.sendall(open(name + ".raw", "rb").read())
            if os.path.exists(name + ".hang"):
                time.sleep(60)
        elif os.path.exists(name):
            body = open(name, "rb").read()
            tls.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        else:
            tls.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")


def one(folder, context, conn):
    try:
        conn.settimeout(60)
        serve(folder, context.wrap_socket(conn, server_side=True))
    except OSError:
        pass


def main():
    folder, cert, key = sys.argv[1:]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    listener = socket.create_server(("127.0.0.1", 0))
    with open(folder + "/port.new", "w") as f:
        f.write(str(listener.getsockname()[1]))
    os.rename(folder + "/port.new", folder + "/port")
    while True:
        conn, _ = listener.accept()
        threading.Thread(target=one, args=(folder, context, conn), daemon=True).start()


main()
