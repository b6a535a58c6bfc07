# read-lib.sh - a Maildir to read from, for tests/cmd/read-*.t
. "${SURAT_SRC:?}/tests/lib.sh"
M=$T/md
mkdir -p "$M/cur" "$M/new" "$M/tmp"
# put NAME < message: into the Maildir
put() { cat >"$M/$1"; }
put 'cur/1700000001.M1P1.h,S=400:2,S' <<'X'
From: Alice Wong <alice@example.org>
To: Bob <bob@example.net>
Subject: Invoice March
Date: Tue, 24 Nov 2026 09:14:00 +0000
Message-ID: <one@example.org>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain

The invoice is attached.
--b
Content-Type: application/pdf
Content-Disposition: attachment; filename="march.pdf"
Content-Transfer-Encoding: base64

JVBERi0xLjQK
--b--
X
put 'new/1700000002.M1P1.h' <<'X'
From: =?utf-8?q?J=C3=BCrgen?= <j@example.net>
To: alice@example.org
Subject: Re: Invoice March
Date: Wed, 25 Nov 2026 10:00:00 +0000
Message-ID: <two@example.net>
In-Reply-To: <one@example.org>
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

Sch=F6ne Gr=FC=DFe, the lighthouse keeper
X
put 'cur/1700000003.M1P1.h:2,RS' <<'X'
From: bob@example.net
Subject: Agenda
Date: Mon, 23 Nov 2026 08:00:00 +0000
Message-ID: <three@example.net>

short
X
ONE=$M/cur/1700000001.M1P1.h,S=400:2,S TWO=$M/new/1700000002.M1P1.h THREE=$M/cur/1700000003.M1P1.h:2,RS
