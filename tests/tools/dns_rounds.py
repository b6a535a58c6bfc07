#!/usr/bin/env python3
"""dns_rounds.py - stands between a program and its resolver, and counts round trips.

	python3 dns_rounds.py RESOLVER PORTFILE ROUNDSFILE

Questions wait until no other has come for a while and the resolver has answered them all; then all answers go out at once.  So each turn
is what the program could ask without knowing more, however slow the machine or the resolver is.  A question asked again is the asker's
own retry (it gives up waiting after 0.4 s): it gets its answer, and is no turn.  Writes the number of turns to ROUNDSFILE after each.
"""
import os, select, socket, sys, time

QUIET = 0.3
upstream = (sys.argv[1], 53)
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 0))
resolver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
resolver.connect(upstream)


def write(path, text):
    with open(path + ".new", "w") as f:
        f.write(text)
    os.rename(path + ".new", path)


class Question:
    """One name and type: who asks it now, and the answer once it has come."""

    def __init__(self, packet, number):
        self.packet, self.number, self.askers, self.answer, self.turn = packet, number, [], None, 0
        self.ask()

    def ask(self):
        self.sent = time.monotonic()
        try:
            resolver.send(self.number + self.packet[2:])
        except OSError:
            pass


write(sys.argv[2], str(server.getsockname()[1]))
questions, by_number, rounds, last_new = {}, {}, 0, 0.0

while True:
    ready = select.select([server, resolver], [], [], 0.05)[0]
    now = time.monotonic()
    if resolver in ready:
        try:
            packet = resolver.recv(65535)
            q = by_number.get(packet[:2])
            if q and not q.answer:
                q.answer = packet
        except OSError:
            pass
    if server in ready:
        packet, peer = server.recvfrom(65535)
        end = packet.index(b"\0", 12) + 5
        key = (packet[12:end].lower(), packet[3] & 0x10)
        q = questions.get(key)
        if not q:
            number = len(by_number).to_bytes(2, "big")
            q = questions[key] = by_number[number] = Question(packet, number)
            last_new = now
        q.askers.append((packet[:2], peer))
    for q in questions.values():
        if not q.answer and now - q.sent > 1:
            q.ask()
    waiting = [q for q in questions.values() if q.askers]
    if waiting and now - last_new >= QUIET and all(q.answer for q in waiting):
        if any(not q.turn for q in waiting):
            rounds += 1
            write(sys.argv[3], str(rounds))
            for q in waiting:
                q.turn = rounds
        for q in waiting:
            for number, peer in q.askers:
                server.sendto(number + q.answer[2:], peer)
            q.askers = []
