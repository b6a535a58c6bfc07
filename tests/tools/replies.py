#!/usr/bin/env python3
"""replies.py FOLDER COUNT [SEED]: who gets the answer to COUNT messages of mailing lists, generated under FOLDER, by `mail-compose --reply --all`: what the
rules say; with REPLIES_PEERS=1, and where they are installed, also what mblaze's mrep and nmh's `repl -group` make of them.

The rules: Mail-Followup-To alone where it is there; else Mail-Reply-To, Reply-To or From (the first that is), To, Cc, and the list (List-Post). Oneself and
doubles are left out. mrep knows neither Mail-Followup-To nor Mail-Reply-To, neither of the two knows List-Post: these differences are counted as explained.
"""
import email
import email.utils
import os
import random
import shutil
import subprocess
import sys

ME = "me@example.org"
PEOPLE = ["ana@example.org", "bob@example.net", "eve.x@example.com", "o'neil@example.net", "list@lists.example.org", "other@lists.example.com", ME, "Me@Example.ORG"]
NAMES = ["", "Ana", "Bob O'Neil", '"Doe, John"', "=?utf-8?q?J=C3=B6rg?=", '"(odd) name"']


def address(r, who):
    name = r.choice(NAMES)
    return "%s <%s>" % (name, who) if name else who


def some(r, n):
    return ", ".join(address(r, r.choice(PEOPLE)) for _ in range(r.randint(1, n)))


def message(r, i):
    fields = ["From: " + address(r, r.choice(PEOPLE[:4])), "To: " + some(r, 3), "Subject: message %d" % i, "Message-ID: <%d@example.org>" % i,
              "Date: Tue, 14 Nov 2023 22:13:20 +0000"]
    for chance, name, value in ((.5, "Cc", some(r, 4)), (.3, "Reply-To", some(r, 2)), (.2, "Mail-Followup-To", some(r, 3)), (.1, "Mail-Reply-To", some(r, 1)),
                                (.4, "List-Post", "<mailto:list@lists.example.org>"), (.1, "List-Post", "NO")):
        if r.random() < chance and not any(f.startswith(name + ":") for f in fields):
            fields.append("%s: %s" % (name, value))
    r.shuffle(fields)
    return "\n".join(fields) + "\n\nhi\n"


def addresses(m, *names):
    return {a.lower() for _, a in email.utils.getaddresses([v for n in names for v in m.get_all(n, [])]) if a}


def recipients(text):
    return addresses(email.message_from_string(text), "to", "cc", "bcc") - {ME}


def rules(m):
    if addresses(m, "mail-followup-to"):
        return addresses(m, "mail-followup-to") - {ME}
    author = addresses(m, "mail-reply-to") or addresses(m, "reply-to") or addresses(m, "from")
    return (author | addresses(m, "to", "cc") | posts(m)) - {ME}


def posts(m):
    return {"list@lists.example.org"} if "mailto:" in (m["list-post"] or "") else set()


def ours(path):
    done = subprocess.run(["mail-compose", "-f", ME, "--reply", path, "--all", "--body", os.devnull], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return recipients(done.stdout) if done.returncode == 0 else {"exit %d: %s" % (done.returncode, done.stderr.strip())}


class Mrep:
    name = "mrep"

    def __init__(self, folder):
        self.folder = folder
        with open(os.path.join(folder, "profile"), "w") as f:
            f.write("Local-Mailbox: %s\nSendmail: %s/keep\nSendmail-Args: -t\n" % (ME, folder))
        open(os.path.join(folder, "seq"), "w").close()
        with open(os.path.join(folder, "keep"), "w") as f:
            f.write("#!/bin/sh\ncat >%s/sent\n" % folder)
        os.chmod(os.path.join(folder, "keep"), 0o755)

    def answer(self, path):
        sent = os.path.join(self.folder, "sent")
        if os.path.exists(sent):
            os.unlink(sent)
        env = dict(os.environ, MBLAZE=self.folder, HOME=self.folder)
        subprocess.run(["mrep", "-send", "-noquote", "--", path], cwd=self.folder, env=env, capture_output=True, stdin=subprocess.DEVNULL)
        return recipients(open(sent).read()) if os.path.exists(sent) else None

    def explains(self, m):
        return bool(addresses(m, "mail-followup-to", "mail-reply-to"))


class Repl:
    name = "repl"

    def __init__(self, folder):
        self.folder = folder
        os.makedirs(os.path.join(folder, "Mail"), exist_ok=True)
        with open(os.path.join(folder, ".mh_profile"), "w") as f:
            f.write("Path: %s/Mail\nLocal-Mailbox: %s\nAlternate-Mailboxes: %s\n" % (folder, ME, ME))

    def answer(self, path):
        draft = os.path.join(self.folder, "Mail", "reply")
        if os.path.exists(draft):
            os.unlink(draft)
        env = dict(os.environ, HOME=self.folder)
        subprocess.run(["repl", "-group", "-nocc", "me", "-build", "-file", path], env=env, capture_output=True, stdin=subprocess.DEVNULL)
        return recipients(open(draft).read()) if os.path.exists(draft) else None

    def explains(self, m):
        return False


def main():
    folder, count = os.path.abspath(sys.argv[1]), int(sys.argv[2])
    r, bad = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1), 0
    os.makedirs(folder, exist_ok=True)
    peers = [p(folder) for p in (Mrep, Repl) if os.environ.get("REPLIES_PEERS") and shutil.which(p.name)]
    same, explained = dict.fromkeys([p.name for p in peers], 0), dict.fromkeys([p.name for p in peers], 0)
    for i in range(count):
        path = os.path.join(folder, "message%d" % i)
        with open(path, "w") as f:
            f.write(message(r, i))
        m = email.message_from_string(open(path).read())
        mine = ours(path)
        want = rules(m)
        # an answer that nobody else would get goes to whom the message went, or to oneself
        if mine != want and want:
            bad += 1
            print("%s\n  ours  %s\n  rules %s" % (path, sorted(mine), sorted(want)))
        for p in peers:
            got = p.answer(path)
            if got == mine:
                same[p.name] += 1
            elif got is not None and (p.explains(m) or got | posts(m) == mine or not want):
                explained[p.name] += 1
            else:
                bad += 1
                print("%s\n  ours %s\n  %s %s" % (path, sorted(mine), p.name, got if got is None else sorted(got)))
    for p in peers:
        print("%s: %d the same, %d explained" % (p.name, same[p.name], explained[p.name]))
    print("%d messages, %d unexplained" % (count, bad))
    return 1 if bad else 0


sys.exit(main())
