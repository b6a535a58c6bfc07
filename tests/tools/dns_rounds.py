#!/usr/bin/env python3
"""dns_rounds.py - stands between a program and its resolver, and counts round trips.

	python3 dns_rounds.py RESOLVER PORTFILE ROUNDSFILE

Questions wait until no other has come for a while; then all are answered at once. So each turn is what the program could ask without
knowing more, however slow the machine is. Writes the number of turns to ROUNDSFILE after each.
"""
import os, select, socket, sys

QUIET = 0.3
upstream = (sys.argv[1], 53)
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 0))


def write(path, text):
    with open(path + ".new", "w") as f:
        f.write(text)
    os.rename(path + ".new", path)


def ask(packet):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(5)
        s.sendto(packet, upstream)
        return s.recv(65535)


write(sys.argv[2], str(server.getsockname()[1]))
waiting, rounds = [], 0
while True:
    if select.select([server], [], [], QUIET if waiting else None)[0]:
        waiting.append(server.recvfrom(65535))
        continue
    rounds += 1
    write(sys.argv[3], str(rounds))
    for packet, peer in waiting:
        try:
            server.sendto(ask(packet), peer)
        except OSError:
            pass
    waiting = []
