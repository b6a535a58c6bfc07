#!/usr/bin/env python3
"""bombs.py FOLDER: messages that cost other parsers minutes or gigabytes, one a file; each 1 to 50 MB."""
import os
import sys

HEAD = b"From: a@example.org\nSubject: x\nMIME-Version: 1.0\n"


def nested_multiparts():
    for i in range(10000):
        yield b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (i, i)
    yield b"\nend\n"


def nested_messages():
    for _ in range(10000):
        yield b"Content-Type: message/rfc822\n\nSubject: x\n"


def huge_header():
    yield HEAD + b"X-Long: "
    for _ in range(50):
        yield b"a" * 1000000 + b"\n "
    yield b"\n\nbody\n"


def many_fields():
    yield HEAD
    for i in range(1000000):
        yield b"X-%d: a\n" % i
    yield b"\nbody\n"


def encoded_words():
    yield HEAD + b"Subject: "
    for _ in range(300000):
        yield b"=?utf-8?q?=C3=A4?=\n "
    yield b"\n\nbody\n"


def rfc2231_segments():
    yield HEAD + b"Content-Type: application/octet-stream"
    for i in range(300000):
        yield b";\n name*%d*=%%41" % (299999 - i)
    yield b"\n\nbody\n"


def many_parts():
    yield HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n"
    for _ in range(300000):
        yield b"--b\n\nx\n"
    yield b"--b--\n"


def near_boundaries():
    """Each line begins as all of 99 open boundaries do, and ends as none."""
    for i in range(99):
        yield b"Content-Type: multipart/mixed; boundary=a%02d\n\n--a%02d\n" % (i, i)
    yield b"\n"
    for _ in range(40):
        yield b"--abc\n" * 100000


def long_line():
    yield HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\n"
    for _ in range(50):
        yield b"-" * 1000000
    yield b"\n--b--\n"


def nested_comments():
    yield b"From: " + b"(" * 500000 + b"\n\nbody\n"


def address_list():
    yield b"From: a@example.org\nTo: "
    for i in range(50000):
        yield b"p%d <p%d@example.org>,\n " % (i, i)
    yield b"z@example.org\n\nbody\n"


def base64_junk():
    yield HEAD + b"Content-Transfer-Encoding: base64\n\n"
    for _ in range(500000):
        yield b"=A=-!YQ==\x00\n"


def soft_breaks():
    yield HEAD + b"Content-Transfer-Encoding: quoted-printable\n\n"
    for _ in range(5000000):
        yield b"=\n"


def blanks_before_line_end():
    yield HEAD + b"Content-Transfer-Encoding: quoted-printable\n\n"
    yield b" " * 20000000 + b"x\n"


def uuencode_beginnings():
    yield HEAD + b"\n"
    for _ in range(1000000):
        yield b"begin 644 a\n"


def dash_lines():
    yield HEAD + b"Content-Type: multipart/mixed; boundary=" + b"-" * 60 + b"\n\n"
    for _ in range(200000):
        yield b"-" * 62 + b" x\n"


def main():
    folder = sys.argv[1]
    os.makedirs(folder, exist_ok=True)
    for make in (nested_multiparts, nested_messages, huge_header, many_fields, encoded_words, rfc2231_segments, many_parts, near_boundaries, long_line,
                 nested_comments, address_list, base64_junk, soft_breaks, blanks_before_line_end, uuencode_beginnings, dash_lines):
        with open(os.path.join(folder, make.__name__.replace("_", "-")), "wb") as f:
            for piece in make():
                f.write(piece)


main()
