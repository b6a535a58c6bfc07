#!/usr/bin/env python3
"""hostile_dns.py - a name server on a free loopback port that behaves as badly as its first argument says.

	python3 hostile_dns.py MODE [PORTFILE]		prints its port (or writes it to PORTFILE), answers until it is ended

What it knows without signatures: good.test MX 10 mx.good.test, mx.good.test A 127.0.0.9, big.test MX with 40 hosts.
MODE: good      answers as it should
      silent    takes questions and says nothing
      garbage   random octets
      wrongid   the right answer under another id
      wrongname the right answer to another question
      lying     an answer section whose records are for another name
      tcp       truncated over UDP, whole over TCP
      tcpsilent truncated over UDP, silent over TCP
      servfail  refused formerr: that return code
      loop      every name is a CNAME for another one
      hostile   MX hosts with control characters, spaces, and 255 octets of label soup
      short     a header, and then the end
      empty     no error, no records, no SOA
      pointers  a compression pointer to itself
      many      250 MX records (over TCP)
      noedns    FORMERR to whoever sends EDNS
      drops     never answers what it sees for the first time
      deaf      never answers over UDP, but for mx.good.test, and as it should over TCP
      lame      sends everybody to other servers
      piecemeal an alias, and what it leads to only when asked for that
      tctwice   truncated over UDP and over TCP
"""
import os, socket, struct, sys, threading

MODE = sys.argv[1]
A, CNAME, SOA, MX, TXT, AAAA = 1, 5, 6, 15, 16, 28
NOERROR, FORMERR, SERVFAIL, NXDOMAIN, REFUSED = 0, 1, 2, 3, 5


def wire(name):
    if isinstance(name, bytes):
        return name
    return b"".join(bytes([len(l)]) + l.encode() for l in name.split(".") if l) + b"\0"


def rr(name, rtype, data, ttl=60):
    return wire(name) + struct.pack(">HHIH", rtype, 1, ttl, len(data)) + data


def mx(host, preference=10):
    return struct.pack(">H", preference) + wire(host)


SEEN = set()
ODD = b"\x05a\nb\x1b[\x07x y;rm*\0"
ZONE = {
    ("good.test", MX): [mx("mx.good.test")],
    ("mx.good.test", A): [socket.inet_aton("127.0.0.9")],
    ("big.test", MX): [mx("mx%02d.with-a-name-that-fills-the-packet.big.test" % i, i) for i in range(40)],
    ("hostile.test", MX): [mx(ODD, 5), mx(b"\x3f" + b"\xff" * 63 + b"\0", 6), mx("mx.good.test", 20)],
    ("many.test", MX): [mx("mx%03d.many.test" % i, i) for i in range(250)],
}
SOA_RR = rr("test", SOA, wire("ns.test") + wire("h.test") + struct.pack(">5I", 1, 2, 3, 4, 5))


def question(packet):
    at, labels = 12, []
    while packet[at]:
        labels.append(packet[at + 1:at + 1 + packet[at]].decode("latin-1"))
        at += 1 + packet[at]
    rtype = struct.unpack(">H", packet[at + 1:at + 3])[0]
    return ".".join(labels).lower(), rtype, packet[12:at + 5]


def reply(ident, quest, answers=(), rcode=NOERROR, authority=(), tc=False):
    flags = 0x8180 | rcode | (0x200 if tc else 0)
    return struct.pack(">6H", ident, flags, 1, len(answers), len(authority), 0) + quest + b"".join(answers) + b"".join(authority)


def answer(packet, tcp):
    ident = struct.unpack(">H", packet[:2])[0]
    name, rtype, quest = question(packet)
    if MODE in ("silent",) or (MODE == "tcpsilent" and tcp):
        return None
    if MODE == "drops" and not tcp and quest not in SEEN:
        SEEN.add(quest)
        return None
    if MODE == "deaf" and not tcp and name != "mx.good.test":
        return None
    if MODE == "noedns" and packet[10:12] != b"\0\0":
        return reply(ident, quest, rcode=FORMERR)
    if MODE == "lame":
        return reply(ident, quest, authority=[rr("test", 2, wire("ns.test"))])
    if MODE == "piecemeal" and name in ("alias.test", "alias2.test"):
        return reply(ident, quest, [rr(name, CNAME, wire("alias2.test" if name == "alias.test" else "good.test"))])
    if MODE == "tctwice":
        return reply(ident, quest, tc=True)
    if MODE == "garbage":
        return os.urandom(200)
    if MODE in ("servfail", "refused", "formerr"):
        return reply(ident, quest, rcode={"servfail": SERVFAIL, "refused": REFUSED, "formerr": FORMERR}[MODE])
    if MODE == "short":
        return struct.pack(">6H", ident, 0x8180, 1, 5, 0, 0)
    if MODE == "empty":
        return reply(ident, quest)
    if MODE == "loop":
        other = "a.test" if name == "b.test" else "b.test"
        return reply(ident, quest, [rr(name, CNAME, wire(other))])
    if MODE == "pointers":
        return reply(ident, quest, [b"\xc0" + bytes([12 + len(quest)]) + struct.pack(">HHIH", rtype, 1, 60, 4) + b"\xc0\x0c\xc0\x0c"])
    records = ZONE.get((name, rtype))
    if MODE == "wrongid":
        ident = (ident + 1) & 0xffff
    if MODE == "wrongname":
        quest = wire("other.test") + quest[-4:]
    owner = "other.test" if MODE == "lying" else name
    if records is None:
        exists = any(n == name for n, _ in ZONE)
        return reply(ident, quest, rcode=NOERROR if exists else NXDOMAIN, authority=[SOA_RR])
    out = reply(ident, quest, [rr(owner, rtype, r) for r in records])
    if not tcp and (MODE in ("tcp", "tcpsilent") or len(out) > 1232):
        return reply(ident, quest, tc=True)
    return out


def serve_udp(s):
    while True:
        packet, peer = s.recvfrom(65535)
        try:
            out = answer(packet, False)
        except Exception:
            continue
        if out is not None:
            s.sendto(out, peer)


def serve_tcp_one(c):
    with c:
        try:
            while True:
                head = c.recv(2, socket.MSG_WAITALL)
                if len(head) < 2:
                    return
                out = answer(c.recv(struct.unpack(">H", head)[0], socket.MSG_WAITALL), True)
                if out is not None:
                    c.sendall(struct.pack(">H", len(out)) + out)
        except Exception:
            return


def main():
    for _ in range(50):
        tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        tcp.bind(("127.0.0.1", 0))
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            udp.bind(tcp.getsockname())
            break
        except OSError:
            tcp.close()
    tcp.listen(16)
    threading.Thread(target=serve_udp, args=(udp,), daemon=True).start()
    port = tcp.getsockname()[1]
    if len(sys.argv) > 2:
        with open(sys.argv[2] + ".new", "w") as f:
            f.write(str(port))
        os.rename(sys.argv[2] + ".new", sys.argv[2])
    else:
        print(port, flush=True)
    while True:
        c, _ = tcp.accept()
        threading.Thread(target=serve_tcp_one, args=(c,), daemon=True).start()


main()
