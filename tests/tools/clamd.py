#!/usr/bin/env python3
"""A clamd that says what no clamd says: a Unix socket, a word for how it behaves.

    clamd.py SOCKET HOW        until it is ended; a line on standard output when it listens, one for each connection and each stream
"""
import os
import socket
import struct
import sys

path, how = sys.argv[1], sys.argv[2]


def read_all(f, n):
    data = b""
    while len(data) < n:
        piece = f.read(n - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data


def read_stream(f):
    total = 0
    while True:
        n = struct.unpack(">I", read_all(f, 4))[0]
        if n == 0:
            return total
        total += len(read_all(f, n))
        if how == "early" and total > 100:
            return -1


def answer(c, number, total):
    say = lambda text: c.sendall(text.encode() if isinstance(text, str) else text)
    if how == "ok" or (how == "early" and total >= 0):
        say("%d: stream: OK\n" % number)
    elif how == "found":
        say("%d: stream: Bad.Thing FOUND\n" % number)
    elif how == "error":
        say("%d: stream: Can't allocate memory ERROR\n" % number)
    elif how == "limit" or total < 0:
        say("INSTREAM size limit exceeded. ERROR\n")
        raise EOFError
    elif how == "close":
        raise EOFError
    elif how == "other":
        say("%d: stream: OK\n" % (number + 7))
    elif how == "nonsense":
        say(b"\0\xff\x1b]0;x\7 OK FOUND OK\n")
    elif how == "long":
        say(b"A" * 100000)
        raise EOFError
    elif how == "escape":
        say(b"%d: stream: Evil\x1b[31m\xc3\xa9 FOUND\n" % number)
    elif how == "almost":
        say("%d: stream: NOT OK\n" % number)
    elif how == "unnamed":
        say("%d: stream: FOUND\n" % number)
    elif how == "cut":
        say("%d: stream: O" % number)
        raise EOFError
    elif how == "twice":
        say("%d: stream: OK\n%d: stream: OK\n" % (number, number + 1))


def serve(c):
    f = c.makefile("rb")
    number = 0
    if how == "greeting":
        c.sendall(b"220 hello\n")
    if how == "hang-up":
        raise EOFError
    if f.readline() != b"nIDSESSION\n":
        raise EOFError
    while True:
        command = f.readline()
        if command != b"nINSTREAM\n":
            print("end" if command == b"nEND\n" else "gone", flush=True)
            raise EOFError
        number += 1
        total = read_stream(f)
        print("stream", total, flush=True)
        answer(c, number, total)


if os.path.exists(path):
    os.unlink(path)
s = socket.socket(socket.AF_UNIX)
s.bind(path)
s.listen(5)
print("listening", flush=True)
while True:
    c = s.accept()[0]
    print("connection", flush=True)
    try:
        serve(c)
    except (EOFError, OSError):
        pass
    c.close()
