#!/usr/bin/env python3
"""transport.py - a transport as mail-queue(1) describes it, that does as it is told.

$TRANSPORT names a file of rules, one a line: ADDRESS-PART WORD [ARGUMENT]. The first rule whose part is in a recipient's address counts:
  ok | defer [CODE TEXT] | down | refuse | unknown | silent (says done, and nothing of it) | die (before "sending") | die-sending | hang | hang-sending |
  slow SECONDS (between "sending" and "sent") | garbage (lines that are none, then ok) | flood (lines without end) | long (a line without end) |
  drip (a line that comes an octet at a time and has no end) | repeat (says "sending" again and again): 40 seconds long, then they die
What it was given goes to $TRANSPORT.log, a line of JSON for each job, when it was at work to $TRANSPORT.times ("SECONDS 1 DOMAIN", "SECONDS -1 DOMAIN"), what it sent to $TRANSPORT.sent, a line "ID ADDRESS SHA256" for each recipient,
written before it is reported, as a server would have it.
"""
import fcntl
import hashlib
import json
import os
import sys
import time

rules_file = os.environ["TRANSPORT"]


def rules():
    with open(rules_file) as f:
        return [line.strip().split(maxsplit=2) for line in f if line.strip()]


def append(name, text):
    fd = os.open(name, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(fd, text.encode())
    os.close(fd)


def say(**report):
    sys.stdout.write(json.dumps(report) + "\n")
    sys.stdout.flush()


def rule_for(address):
    for part, word, *argument in rules():
        if part in address or part == "*":
            return word, argument[0] if argument else ""
    return "ok", ""


def body_of(job):
    with open(job["path"], "rb") as f:
        f.seek(job["offset"])
        body = f.read(job["size"])
    assert len(body) == job["size"], job
    return body


def before_sending(word):
    if word == "die":
        sys.exit(3)
    if word == "hang":
        time.sleep(3600)
    if word == "garbage":
        sys.stdout.write("\x00\xff\n{\n[]\n{\"id\":7}\n{\"id\":\"ZZZZZZ\",\"status\":\"sending\"}\n{\"status\":\"sent\"}\n\n")
    if word == "flood":
        while True:
            sys.stdout.write("what?\n" * 1000)
    if word == "long":
        while True:
            sys.stdout.write("x" * 65536)
    if word == "drip":
        for _ in range(200):
            sys.stdout.write("{")
            sys.stdout.flush()
            time.sleep(0.2)
        sys.exit(3)


def settle(job, to, word, argument, digest):
    address = to["address"]
    answer = dict(id=job["id"], address=address, host="mx.test")
    if word in ("ok", "slow", "garbage", "die-sending", "hang-sending"):
        append(rules_file + ".sent", "%s %s %s\n" % (job["id"], address, digest))
    if word == "die-sending":
        os.kill(os.getpid(), 9)
    if word == "hang-sending":
        time.sleep(3600)
    if word == "repeat":
        for _ in range(200):
            time.sleep(0.2)
            say(id=job["id"], status="sending")
        sys.exit(3)
    if word == "slow":
        time.sleep(float(argument or 1))
    if word == "defer":
        code, _, text = (argument or "451 4.3.0 try again").partition(" ")
        enhanced, _, text = text.partition(" ")
        say(**answer, status="deferred", code=int(code), enhanced=enhanced, text=text)
    elif word == "down":
        say(id=job["id"], address=address, status="deferred", text="connection refused", host="mx.test")
    elif word == "refuse":
        say(**answer, status="refused", code=550, enhanced="5.1.1", text="no such user")
    elif word == "unknown":
        say(**answer, status="unknown", text="the connection was lost")
    elif word == "relayed":
        say(**answer, status="sent", code=250, enhanced="2.0.0", text="queued", dsn=True)
    elif word != "silent":
        say(**answer, status="sent", code=250, enhanced="2.0.0", text="queued as \x1b[31m4Q")


def main():
    for line in sys.stdin:
        job = json.loads(line)
        append(rules_file + ".log", line)
        words = [rule_for(to["address"]) for to in job["recipients"]]
        for word, _ in words:
            before_sending(word)
        digest = hashlib.sha256(body_of(job)).hexdigest()
        domain = job["recipients"][0]["address"].rpartition("@")[2]
        append(rules_file + ".times", "%.6f 1 %s\n" % (time.time(), domain))
        say(id=job["id"], status="sending")
        for to, (word, argument) in zip(job["recipients"], words):
            settle(job, to, word, argument, digest)
        append(rules_file + ".times", "%.6f -1 %s\n" % (time.time(), domain))
        say(id=job["id"], status="done")


main()
