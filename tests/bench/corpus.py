#!/usr/bin/env python3
"""Mail for benchmarks and tests, the same bytes for the same arguments (python3 standard library only).

  corpus.py --out FOLDER [--count 20000] [--seed 5322] [--small 5000] [--big] [--big-1g] [--needle WORD]

Makes under FOLDER what is not there yet (a file "made..." says what is):
  Maildir/{cur,new,tmp}   COUNT messages, LF line ends, names <time>.M<us>P1Q<n>.bench,S=<size>:2,<flags>
  mbox                    the same messages as mboxrd
  small/NNNNN             small (about 2-4 KB) well-formed text messages (send, deliver, queue, LMTP)
  big/raw-*.bin           incompressible attachment bodies 1 MB / 100 MB / 1 GB (--big, --big-1g)
  big/msg-100M.eml        a multipart/mixed message with a 100 MB (decoded) base64 attachment
  malformed.txt           the names (without flags) of the malformed ones
  expect.json             the truth: counts for checking a tool's answer (needles, threads, malformed, ...)

Nothing is taken from the machine, the clock or the network.
"""
import argparse
import base64
import binascii
import json
import os
import random
import time
from email.utils import formatdate

EPOCH = 1700000000
LATIN = ("the of and to in a is that for it as was with be by on not he this are or his from at which but have an "
         "had they you were their one all we can her has there been if more when will would who so no kernel patch "
         "review series mailbox queue server message delivery release version driver memory socket thread buffer "
         "commit branch merge regression latency throughput maintainer please thanks regards meeting invoice order "
         "customer project schedule budget report attached document question answer problem solution").split()
DE = "und der die das nicht für über können müßte Grüße schön Straße Änderung größer wäre Übersicht zurück".split()
FR = "été déjà où ça être français élève reçu août naïve cœur voilà très après événement".split()
RU = "привет сообщение почта сервер очередь доставка письмо проект вопрос ответ спасибо версия обновление".split()
JA = "会議 資料 添付 確認 お願い 送信 件名 返信 配送 受信 予定 東京 日本語 メール サーバ".split()
ZH = "会议 附件 确认 邮件 服务器 队列 投递 版本 更新 谢谢 项目 问题 答复".split()
KO = "회의 첨부 확인 메일 서버 대기열 배달 버전 감사합니다 질문 답변".split()
# language -> (words, charsets to be used in headers and bodies)
LANGS = {"en": (LATIN, ["us-ascii", "utf-8"]), "de": (LATIN[:40] + DE * 3, ["iso-8859-1", "utf-8", "windows-1252"]),
         "fr": (LATIN[:40] + FR * 3, ["iso-8859-15", "utf-8"]), "ru": (RU, ["koi8-r", "windows-1251", "utf-8"]),
         "ja": (JA, ["iso-2022-jp", "utf-8", "shift_jis"]), "zh": (ZH, ["gb2312", "utf-8", "gb18030"]),
         "ko": (KO, ["euc-kr", "utf-8"])}
FIRST = "Ada Grace Linus Edsger Donald Barbara Alan Radia Vint Jörg François Søren Łukasz Zoë Иван Ольга 太郎 花子 小明 민수".split()
LAST = "Lovelace Hopper Dijkstra Knuth Liskov Turing Perlman Müller Dupont Østergård Kowalski Петров Сидорова 山田 鈴木 王 김".split()
LISTS = ["linux-kernel.lists.example.org", "mail-dev.lists.example.net", "users.lists.example.com", "announce.example.org"]


class Gen:
    def __init__(self, seed, needle):
        self.r = random.Random(seed)
        self.needle = needle
        self.pool = {k: self._pool(v[0]) for k, v in LANGS.items()}
        self.people = self._people(800)
        self.heads = []            # (message-id, references list, subject plain, language)
        self.n = 0
        self.stat = dict(messages=0, malformed=0, needle_any=0, needle_raw=0, needle_subject=0, replies=0, threads=0,
                         attachments=0, big_attachments=0, nested=0, html=0, multipart=0, bytes=0)

    def _pool(self, words):
        lines = []
        for _ in range(3000):
            line, want = "", self.r.randint(30, 74)
            while len(line) < want:
                line += self.r.choice(words) + " "
            lines.append(line.rstrip())
        return lines

    def _people(self, n):
        out = []
        for i in range(n):
            f, l = self.r.choice(FIRST), self.r.choice(LAST)
            out.append((f + " " + l, "user%d@%s" % (i, self.r.choice(["example.org", "example.com", "mail.example.net"]))))
        return out

    def text(self, lang, size):
        p, out, n = self.pool[lang], [], 0
        while n < size:
            i = self.r.randrange(len(p) - 8)
            para = p[i:i + self.r.randint(2, 8)]
            if self.r.random() < .3:
                para = ["> " + x for x in para]
            blk = "\n".join(para) + "\n\n"
            out.append(blk)
            n += len(blk.encode("utf-8")) if lang not in ("en",) else len(blk)
        return "".join(out)

    # --- encoders -----------------------------------------------------------------------------------------------
    def ew(self, s, cs=None, force=None):
        """RFC 2047 phrase/unstructured, split in words of at most 75 characters."""
        if s.isascii() and not force:
            return s
        cs = cs or "utf-8"
        try:
            s.encode(cs)
        except UnicodeError:
            cs = "utf-8"
        mode = force or ("B" if self.r.random() < .6 else "Q")
        out, cur = [], ""

        def enc(t):
            b = t.encode(cs)
            if mode == "B":
                return "=?%s?B?%s?=" % (cs, base64.b64encode(b).decode())
            q = "".join(chr(c) if 48 <= c <= 57 or 65 <= c <= 90 or 97 <= c <= 122 else "_" if c == 32 else "=%02X" % c for c in b)
            return "=?%s?Q?%s?=" % (cs, q)
        for ch in s:
            if len(enc(cur + ch)) > 74:
                out.append(enc(cur))
                cur = ""
            cur += ch
        out.append(enc(cur))
        return "\n ".join(out)

    def addr(self, p, cs):
        name, a = p
        return "%s <%s>" % (self.ew(name, cs), a)

    def qp(self, b):
        return binascii.b2a_qp(b, istext=True)

    def b64(self, b):
        e = base64.b64encode(b)
        return b"\n".join([e[i:i + 76] for i in range(0, len(e), 76)]) + b"\n"

    def leaf(self, ctype, text, cs):
        """headers + body of a text part"""
        try:
            b = text.encode(cs)
        except UnicodeError:
            cs, b = "utf-8", text.encode("utf-8")
        x = self.r.random()
        if b.isascii() and x < .6:
            cte, body = "7bit", b
        elif x < .45 and b"\0" not in b:
            cte, body = "8bit", b
        elif x < .8:
            cte, body = "quoted-printable", self.qp(b)
        else:
            cte, body = "base64", self.b64(b)
        if not body.endswith(b"\n"):
            body += b"\n"
        return ("Content-Type: %s; charset=%s\nContent-Transfer-Encoding: %s\n" % (ctype, cs, cte)).encode(), body

    def html(self, text):
        rows = "".join("<p style=\"margin:0 0 1em 0;font-family:Helvetica,Arial,sans-serif\">%s</p>\n" % p.replace("\n", "<br>\n")
                       for p in text.split("\n\n") if p)
        return ("<!DOCTYPE html>\n<html><head><meta http-equiv=\"Content-Type\" content=\"text/html\"><style>td{padding:4px}"
                "</style></head>\n<body>\n<table width=\"600\"><tr><td>\n" + rows + "</td></tr></table>\n</body></html>\n")

    def boundary(self):
        return "=_%032x" % self.r.getrandbits(128)

    def multi(self, sub, parts, extra=""):
        b = self.boundary()
        out = [b"This is a multi-part message in MIME format.\n"] if self.r.random() < .3 else []
        for h, body in parts:
            out += [b"--" + b.encode() + b"\n", h, b"\n", body, b"" if body.endswith(b"\n") else b"\n"]
        out.append(b"--" + b.encode() + b"--\n")
        self.stat["multipart"] += 1
        return ("Content-Type: multipart/%s; %sboundary=\"%s\"\n" % (sub, extra, b)).encode(), b"".join(out)

    def attach(self, size, cs="utf-8"):
        name = self.r.choice(["report.pdf", "photo.jpg", "archive.tar.gz", "Übersicht.xlsx", "資料.docx", "patch-v3.diff"])
        self.stat["attachments"] += 1
        if name.isascii():
            disp = "attachment; filename=\"%s\"" % name
        elif self.r.random() < .5:
            disp = "attachment;\n filename*=utf-8''" + "".join("%%%02X" % c if c > 126 else chr(c) for c in name.encode())
        else:
            disp = "attachment;\n filename=\"%s\"" % self.ew(name, "utf-8")
        h = "Content-Type: application/octet-stream\nContent-Disposition: %s\nContent-Transfer-Encoding: base64\n" % disp
        return h.encode(), self.b64(self.r.randbytes(size))

    # --- one message --------------------------------------------------------------------------------------------
    def message(self):
        r, st = self.r, self.stat
        self.n += 1
        n = self.n
        date = EPOCH + n * 137 + r.randrange(120)
        reply = bool(self.heads) and r.random() < .65
        if reply:
            pid, prefs, psubj, lang = self.heads[-1 - min(int(r.expovariate(1 / 40.)), len(self.heads) - 1)]
            subj = psubj if psubj.startswith("Re: ") else "Re: " + psubj
            refs = (prefs + [pid])
            refs = refs[:1] + refs[-19:] if len(refs) > 20 else refs
            st["replies"] += 1
        else:
            lang = r.choices(list(LANGS), [60, 10, 6, 8, 7, 5, 4])[0]
            subj = " ".join(r.choice(LANGS[lang][0]) for _ in range(r.randint(3, 9)))
            if r.random() < .2:
                subj = "[PATCH v%d %d/%d] %s" % (r.randint(1, 5), r.randint(0, 9), 9, subj)
            refs, pid = [], None
            st["threads"] += 1
        cs = r.choice(LANGS[lang][1])
        needle_s = r.random() < .002
        if needle_s and not reply:
            subj += " " + self.needle
        mid = "<%d.%08x@%s>" % (date, r.getrandbits(32), r.choice(["mail.example.org", "mta.example.com", "list.example.net"]))
        self.heads.append((mid, refs, subj, lang))
        if len(self.heads) > 2000:
            del self.heads[:1000]
        frm, to = r.choice(self.people), r.choice(self.people)
        lst = r.choice(LISTS) if r.random() < .6 else None
        H = ["Return-Path: <%s>" % frm[1], "Delivered-To: bench@example.org"]
        for k in range(r.randint(2, 5)):
            H.append("Received: from mx%d.example.net (mx%d.example.net [192.0.2.%d])\n\tby mail%d.example.org (Postfix) with ESMTPS id %012X\n"
                     "\tfor <bench@example.org>; %s" % (k, k, r.randrange(1, 250), k, r.getrandbits(48), formatdate(date - k)))
        if r.random() < .7:
            H.append("DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org;\n\ts=sel%d; t=%d; bh=%s;\n"
                     "\th=From:To:Subject:Date:Message-ID:References:In-Reply-To;\n\tb=%s" % (
                         r.randrange(9), date, base64.b64encode(r.randbytes(32)).decode(),
                         "\n\t ".join(base64.b64encode(r.randbytes(54)).decode() for _ in range(5))))
            H.append("Authentication-Results: mail0.example.org; dkim=pass header.d=example.org;\n\tspf=pass smtp.mailfrom=%s; dmarc=pass" % frm[1])
        H += ["From: " + self.addr(frm, cs), "To: " + (lst.replace(".", "@", 1) if lst else self.addr(to, cs))]
        if r.random() < .3:
            H.append("Cc: " + ",\n\t".join(self.addr(r.choice(self.people), cs) for _ in range(r.randint(1, 6))))
        H += ["Subject: " + (subj if subj.isascii() else self.ew(subj, cs)), "Date: " + formatdate(date, localtime=False),
              "Message-ID: " + mid]
        if reply:
            H += ["In-Reply-To: " + pid, "References: " + "\n\t".join(refs)]
        if lst:
            H += ["List-Id: <%s>" % lst, "List-Unsubscribe: <mailto:leave@%s>,\n\t<https://lists.example.org/%s/leave>" % (lst, lst.split(".")[0]),
                  "Precedence: bulk"]
        if r.random() < .6:
            H.append("User-Agent: " + r.choice(["Mutt/2.2.12", "Mozilla Thunderbird", "mu4e 1.8; emacs 28", "git-send-email 2.39"]))
        H.append("MIME-Version: 1.0")
        size = max(200, min(200000, int(r.lognormvariate(8.0, 0.95)) ))      # body text; headers add about 2.5 KB
        txt = self.text(lang, size)
        needle_b = r.random() < .005
        if needle_b:
            i = txt.find("\n\n") + 2
            txt = txt[:i] + self.needle + "\n" + txt[i:]
        kind = r.random()
        if kind < .46:
            h, b = self.leaf("text/plain", txt, cs)
        elif kind < .76:
            half = txt[:len(txt) // 2]
            if needle_b and self.needle not in half:
                half = self.needle + "\n" + half
            h, b = self.multi("alternative", [self.leaf("text/plain", half, cs), self.leaf("text/html", self.html(half), cs)])
            st["html"] += 1
        elif kind < .84:
            h, b = self.leaf("text/html", self.html(txt), cs)
            st["html"] += 1
        elif kind < .91:
            h, b = self.multi("mixed", [self.leaf("text/plain", txt, cs)] + [self.attach(int(r.lognormvariate(9.2, 1)) % 90000 + 200) for _ in range(r.randint(1, 2))])
        elif kind < .92:
            a = self.attach(int(100000 * (100 ** r.random())))
            st["big_attachments"] += 1
            inner = self.multi("alternative", [self.leaf("text/plain", txt, cs), self.leaf("text/html", self.html(txt), cs)])
            h, b = self.multi("mixed", [inner, a])
        elif kind < .95:
            ih, ib = self.leaf("text/plain", txt, cs)
            inner = ("From: %s\nTo: %s\nSubject: %s\nDate: %s\nMessage-ID: <in.%s\nMIME-Version: 1.0\n" % (
                self.addr(to, cs), self.addr(frm, cs), self.ew("Fwd " + subj, cs) if not subj.isascii() else "Fwd " + subj, formatdate(date - 999), mid[1:])).encode() + ih + b"\n" + ib
            h, b = self.multi("mixed", [self.leaf("text/plain", "see below\n", "us-ascii"), (b"Content-Type: message/rfc822\nContent-Disposition: inline\n", inner)])
            st["nested"] += 1
        elif kind < .98:
            sig = b"-----BEGIN PGP SIGNATURE-----\n\n" + self.b64(r.randbytes(400)) + b"-----END PGP SIGNATURE-----\n"
            h, b = self.multi("signed", [self.leaf("text/plain", txt, cs), (b"Content-Type: application/pgp-signature; name=\"signature.asc\"\n", sig)],
                              "micalg=pgp-sha512; protocol=\"application/pgp-signature\";\n ")
        else:
            img = (b"Content-Type: image/png; name=\"logo.png\"\nContent-ID: <logo@x>\nContent-Disposition: inline\nContent-Transfer-Encoding: base64\n", self.b64(r.randbytes(3000)))
            h, b = self.multi("related", [self.leaf("text/html", self.html(txt), cs), img])
        head = ("\n".join(H) + "\n").encode("utf-8") + h
        msg = head + b"\n" + b
        mal = self.mal = r.random() < .02
        if mal:
            msg = self.malform(head, b)
            st["malformed"] += 1
        st["messages"] += 1
        st["bytes"] += len(msg)
        nd = self.needle.encode()
        if nd in msg:
            st["needle_raw"] += 1
        if (needle_b or self.needle in subj) and not mal:
            st["needle_any"] += 1
        if self.needle in subj and not mal:
            st["needle_subject"] += 1
        return date, msg

    def malform(self, head, body):
        r = self.r
        k = r.randrange(14)
        if k == 0: return head[:len(head) // 2]                                       # cut in the header, no body
        if k == 1: return head + body                                                 # no blank line
        if k == 2: return head + b"\n" + body[:len(body) * 2 // 3]                    # cut in the body, boundary never closed
        if k == 3: return head.replace(b"Date: ", b"Date: 32 Foo 20 25:61 ") + b"\n" + body
        if k == 4: return head.replace(b"From: ", b"From ") + b"\n" + body            # header line without a colon
        if k == 5: return head.replace(b"Subject: ", b"Subject: \xe4\xf6\xfc raw 8bit \x80 ") + b"\n" + body
        if k == 6: return head.replace(b"Subject: ", b"Subject: =?utf-8?B?w6TDtsO8=?= =?x-none?Q?=E4=?= =?utf-8?Q?broken ") + b"\n" + body
        if k == 7: return head.replace(b"\n", b"\r\n") + b"\n" + body                  # mixed line ends
        if k == 8: return head + b"X-Long: " + b"a" * 70000 + b"\n\n" + body
        if k == 9: return head + b"\n" + body[:50] + b"\0\0\0" + body[50:]            # NUL bytes
        if k == 10: return head.replace(b"boundary=", b"boundry=") + b"\n" + body
        if k == 11: return head.replace(b"Message-ID", b"X-No-ID") + b"Content-Type: text/plain\nContent-Type: text/html\n\n" + body
        if k == 12: return head + b"Content-Transfer-Encoding: base64\n\n" + b"!!!" + body + b"===\n"
        d = 60                                                                        # deep nesting
        out = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (i, i) for i in range(d))
        return head + out + b"\n" + body


def small(r, i, pool):
    n = int(r.lognormvariate(7.3, .5))
    t, k = [], 0
    while k < n:
        l = r.choice(pool)
        t.append(l)
        k += len(l)
    return ("From: Bench <bench@example.org>\nTo: sink%d@example.net\nSubject: small message %d\nDate: %s\nMessage-ID: <small.%d.%08x@bench.example.org>\n"
            "MIME-Version: 1.0\nContent-Type: text/plain; charset=us-ascii\nContent-Transfer-Encoding: 7bit\n\n%s\n" % (
                i % 50, i, formatdate(EPOCH + i), i, r.getrandbits(32), "\n".join(t))).encode()


def raw(path, size, seed):
    r = random.Random(seed)
    with open(path, "wb") as f:
        left = size
        while left:
            n = min(left, 1 << 20)
            f.write(r.randbytes(n))
            left -= n


def maildir(out, args):
    """Maildir, mbox, and expect.json"""
    g, flags_of = Gen(args.seed, args.needle), random.Random(args.seed + 1)
    for d in ("cur", "new", "tmp"):
        os.makedirs(os.path.join(out, "Maildir", d), exist_ok=True)
    with open(os.path.join(out, "mbox"), "wb") as mbox, open(os.path.join(out, "malformed.txt"), "w") as malformed:
        for i in range(args.count):
            date, msg = g.message()
            flags = "".join(sorted(f for f, p in (("F", .03), ("R", .2), ("S", .85)) if flags_of.random() < p))
            name = "%d.M%06dP1Q%d.bench,S=%d" % (date, flags_of.randrange(10 ** 6), i, len(msg))
            if g.mal:
                malformed.write(name + "\n")
            new = flags_of.random() < .05
            path = os.path.join(out, "Maildir", "new" if new else "cur", name if new else name + ":2," + flags)
            with open(path, "wb") as f:
                f.write(msg)
            os.utime(path, (date, date))
            mbox.write(b"From bench@example.org " + time.asctime(time.gmtime(date)).encode() + b"\n")
            if b"From " in msg:
                msg = b"\n".join(b">" + l if l.lstrip(b">").startswith(b"From ") else l for l in msg.split(b"\n"))
            mbox.write(msg if msg.endswith(b"\n") else msg + b"\n")
            mbox.write(b"\n")
    g.stat.update(seed=args.seed, needle=args.needle, count=args.count)
    with open(os.path.join(out, "expect.json"), "w") as f:
        json.dump(g.stat, f, indent=1)
    os.makedirs(os.path.join(out, "small"), exist_ok=True)
    r = random.Random(args.seed + 2)
    for i in range(args.small):
        with open(os.path.join(out, "small", "%05d" % i), "wb") as f:
            f.write(small(r, i, g.pool["en"]))


def big(out, args):
    os.makedirs(os.path.join(out, "big"), exist_ok=True)
    path = lambda name: os.path.join(out, "big", name)
    raw(path("raw-1M.bin"), 10 ** 6, args.seed + 3)
    raw(path("raw-100M.bin"), 10 ** 8, args.seed + 4)
    with open(path("text.txt"), "w") as f:
        f.write("Please find the file attached.\n" * 20)
    with open(path("msg-100M.eml"), "wb") as f, open(path("raw-100M.bin"), "rb") as s:
        f.write(b"From: Bench <bench@example.org>\nTo: sink@example.net\nSubject: a large attachment\nDate: " + formatdate(EPOCH).encode() +
                b"\nMessage-ID: <big.100M@bench.example.org>\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"=_big\"\n\n"
                b"--=_big\nContent-Type: text/plain; charset=us-ascii\n\nPlease find the file attached.\n\n--=_big\n"
                b"Content-Type: application/octet-stream; name=\"raw-100M.bin\"\n"
                b"Content-Disposition: attachment; filename=\"raw-100M.bin\"\nContent-Transfer-Encoding: base64\n\n")
        while piece := s.read(57 * 20000):
            e = base64.b64encode(piece)
            f.write(b"\n".join([e[i:i + 76] for i in range(0, len(e), 76)]) + b"\n")
        f.write(b"--=_big--\n")


def big_1g(out, args):
    os.makedirs(os.path.join(out, "big"), exist_ok=True)
    raw(os.path.join(out, "big", "raw-1G.bin"), 10 ** 9, args.seed + 5)


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--out", required=True)
    ap.add_argument("--count", type=int, default=20000)
    ap.add_argument("--seed", type=int, default=5322)
    ap.add_argument("--small", type=int, default=5000)
    ap.add_argument("--needle", default="lighthouse-4711")
    ap.add_argument("--big", action="store_true")
    ap.add_argument("--big-1g", action="store_true")
    args = ap.parse_args()
    os.makedirs(args.out, exist_ok=True)
    for mark, wanted, make in (("made", True, maildir), ("made--big", args.big, big), ("made--big-1g", args.big_1g, big_1g)):
        mark = os.path.join(args.out, mark)
        if wanted and not os.path.exists(mark):
            make(args.out, args)
            open(mark, "w").close()


main()
