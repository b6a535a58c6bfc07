#!/usr/bin/env python3
"""agree.py [mshow] [GMIME-PARTS] < JSON lines of `mail-read parts --json`: what others make of the same messages; prints where they disagree.

Compared with Python's email: the types of all parts in order, file names, decoded sizes and texts; with mblaze's mshow -t and with a program that lists
parts with GMime (tests/bench/tools/gmime-parse -l): types in order, and the sizes of leaves. A disagreement that surat-deviations(7) explains is
counted under the name it has there; any other is printed with its file, and the exit code is 1.
"""
import collections
import email
import email.header
import email.policy
import json
import os
import re
import subprocess
import sys

# what the message itself says of why others may see something else
SAID = ("duplicate-type", "duplicate-boundary", "duplicate-encoding", "boundary-text", "boundary-prefix", "data-after-padding", "no-header-end", "bad-field",
        "nul", "missing-boundary", "no-closing-boundary", "base64-junk", "base64-truncated", "qp-escape", "charset-unknown", "charset-bytes", "bad-encoding",
        "bad-type", "encoded-multipart", "bare-cr", "from-line", "html-charset", "blank-before-colon", "long-line")


def ours(part):
    """[(type, file name, size, text)] of all parts; files embedded in leaves are none of MIME's."""
    leaf = "sha256" in part
    out = [(part["type"], part.get("filename"), part.get("size") if leaf else None, part.get("text"))]
    for p in [] if leaf else part.get("parts", []):
        out += ours(p)
    return out


def filename(p):
    name = p.get_filename()
    try:
        return str(email.header.make_header(email.header.decode_header(name))) if name else None
    except (LookupError, UnicodeError):
        return name


def text_of(data, p):
    charset = p.get_content_charset() or ("us-ascii" if data.isascii() else "utf-8")
    try:
        return data.decode(charset).replace("\r\n", "\n")
    except (LookupError, UnicodeError):
        return None


def pythons(m):
    out = []
    for p in m.walk():
        kind = p.get_content_type()
        if p.is_multipart():
            out.append((kind, filename(p), None, None))
            continue
        data = p.get_payload(decode=True) or b""
        out.append((kind, filename(p), len(data), text_of(data, p) if kind.startswith("text/") else None))
    return out


def equal(a, b):
    """Texts that Python cannot decode are not compared."""
    return len(a) == len(b) and all(x[:3] == y[:3] and (y[3] is None or x[3] == y[3]) for x, y in zip(a, b))


def said(part, bits):
    bits.update(part.get("tolerated", []), part.get("ambiguous", []))
    for p in part.get("parts", []):
        said(p, bits)
    return bits


def reason(message, m, raw):
    """The name under which surat-deviations(7) explains it, or None."""
    bits = said(message["parts"], set())
    for name in SAID:
        if name in bits:
            return name
    for p in m.walk():
        cte = str(p.get("content-transfer-encoding", "")).strip().lower()
        if p.get_content_type() in ("message/rfc822", "message/global") and cte in ("base64", "quoted-printable"):
            return "encoded-message"
        if p.get_content_maintype() == "multipart" and not p.is_multipart():
            return "empty-multipart"
        if not str(p.get_filename() or "").isascii():
            return "eight-bit-name"
    if re.search(rb"=[ \t]+\r?\n", raw):
        return "soft-break"
    return "cr-cr-lf" if b"\r\r\n" in raw else None


class Agreement:
    def __init__(self, name):
        self.name, self.same, self.known, self.unknown = name, 0, collections.Counter(), 0

    def take(self, message, why, a, b, same):
        if same:
            self.same += 1
            return
        if why is None:
            self.unknown += 1
        else:
            self.known[why] += 1
        if why is not None and os.environ.get("AGREE_SHOW") != why:
            return
        print(message["name"])
        for x, y in zip(a + [None] * len(b), b + [None] * len(a)):
            if x != y and not (x and y and len(x) > 3 and equal([x], [y])):
                print("  ours  %.300r\n  %s %.300r" % (x, self.name, y))

    def report(self):
        known = ", ".join("%s %d" % i for i in sorted(self.known.items())) or "none"
        print("%s: %d the same; explained: %s; unexplained: %d" % (self.name, self.same, known, self.unknown))


def sizes(parts):
    return [(t, s) for t, _, s, _ in parts]


def mshows(path):
    """mshow counts what is in a multipart too: no size then."""
    text = subprocess.run(["mshow", "-t", path], capture_output=True, text=True, errors="replace").stdout
    found = re.findall(r"^ +\d+: (\S+) size=(\d+)", text, re.M)
    return [(t.lower(), None if t.lower().startswith(("multipart/", "message/rfc822")) else int(s)) for t, s in found]


def gmimes(program, path):
    text = subprocess.run([program, "-l"], input=path + "\n", capture_output=True, text=True, errors="replace").stdout
    return [(t, None if s == "-" else int(s)) for t, s in re.findall(r"^(\S+) (-|\d+)$", text, re.M)]


def main():
    python = Agreement("python")
    others = [(Agreement(os.path.basename(a)), a) for a in sys.argv[1:]]
    for line in sys.stdin:
        message = json.loads(line)
        with open(message["name"], "rb") as f:
            raw = f.read()
        if raw.split(b"\n", 1)[0].endswith(b"\r"):  # such files are read with LF
            raw = raw.replace(b"\r\n", b"\n")
        m = email.message_from_bytes(raw, policy=email.policy.compat32)
        a, b = ours(message["parts"]), pythons(m)
        why = reason(message, m, raw)
        python.take(message, why, a, b, equal(a, b))
        for agreement, program in others:
            b = mshows(message["name"]) if program == "mshow" else gmimes(program, message["name"])
            agreement.take(message, why, sizes(a), b, sizes(a) == b)
    for agreement in [python] + [o[0] for o in others]:
        agreement.report()
    return 1 if any(a.unknown for a in [python] + [o[0] for o in others]) else 0


sys.exit(main())
