#include "submit/message.h"

#include "../tap.h"
#include "submit/downgrade.h"
#include "submit/recipients.h"

#include <stdlib.h>

/* --- recipients --- */

/* want: addresses with blanks between, NULL when it must be refused */
static void recipients(const char *header, const char *want)
{
	struct source_mem in;
	struct header h = HEADER_INIT;
	struct submit_recipients to = {0};
	struct err e = ERR_INIT;
	struct buf got = BUF_INIT(4096);
	source_mem_init(&in, span_of(header));
	int r = header_read(&h, &in.source, NULL, &e);
	if (r == 0)
		r = submit_recipients_header(&to, &h, &e);
	for (size_t i = 0; i < to.list.n; i++)
		buf_addf(&got, "%s%s", i ? " " : "", to.list.v[i]);
	if (want)
		is_str(r < 0 ? e.text : buf_cstr(&got), want, "recipients");
	else
		ok(r < 0 && e.code == EX_DATAERR, "refused: %s", e.text);
	buf_release(&got);
	submit_recipients_release(&to);
	header_release(&h);
}

static void test_recipients(void)
{
	recipients("To: a@x\nCc: b@x, c@x\nBcc: d@x\n\n", "a@x b@x c@x d@x");
	recipients("To: A <a@x>, a@X (again)\nCc: a@x\n\n", "a@x");
	recipients("To: A@x, a@x\n\n", "A@x a@x");
	recipients("To: list: a@x, b@x;, undisclosed-recipients:;\n\n", "a@x b@x");
	recipients("To: a@x\nTo: b@x\n\n", "a@x b@x");
	recipients("To: \"a b\"@x, (c) <d@x>\n\n", "\"a b\"@x d@x");
	recipients("To: <@relay.example:a@x>\n\n", "a@x");
	recipients("To: nobody\n\n", NULL);
	recipients("To: a@x, , b@x,\n\n", "a@x b@x");
	recipients("Subject: x\n\n", "");
	/* sent again twice: the newest block is on top */
	recipients("Resent-From: m@x\nResent-To: new@x\nResent-Bcc: newer@x\nReceived: by "
		   "y\nResent-From: n@x\n"
		   "Resent-To: old@x\nTo: oldest@x\n\n",
	    "new@x newer@x");
	recipients("Resent-To: new@x\nResent-Date: x\nResent-To: old@x\nTo: oldest@x\n\n", "new@x");
	recipients("To: oldest@x\nResent-To: new@x\nReceived: by y\n\n", "new@x");
}

static void test_many_recipients(void)
{
	struct submit_recipients to = {0};
	struct err e = ERR_INIT;
	char address[40];
	for (int pass = 0; pass < 2; pass++)
		for (int i = 0; i < 20000; i++) {
			snprintf(address, sizeof(address), "u%d@%s.example", i, pass ? "X" : "x");
			submit_recipients_add(&to, span_of(address), &e);
		}
	is_int((long long)to.list.n, 20000, "twenty thousand, each once");
	is_str(to.list.v[19999], "u19999@x.example", "in their order");
	submit_recipients_release(&to);
}

/* "": NULL is refused */
static void bare(const char *text, bool empty, const char *want)
{
	char *out = NULL;
	struct err e = ERR_INIT;
	int r = submit_bare_address(span_of(text), empty, &out, &e);
	if (want)
		is_str(r < 0 ? e.text : out, want, text);
	else
		ok(r < 0 && e.code == EX_DATAERR, "refused: %s", e.text);
	free(out);
}

static void test_bare(void)
{
	bare("bob@example.org", false, "bob@example.org");
	bare("Bob <bob@example.org>", false, "bob@example.org");
	bare("<bob@example.org>", false, "bob@example.org");
	bare("bob@example.org (Bob)", false, "bob@example.org");
	bare("<>", true, "");
	bare("", true, "");
	bare("<>", false, NULL);
	bare("", false, NULL);
	bare("bob", false, NULL);
	bare("bob@", false, NULL);
	bare("bob@x>\r\nNOOP <x", false, NULL);
	bare("bob\n@example.org", false, NULL);
	bare("bob@example.org, eve@example.org", false, NULL);
	bare("postmaster", false, "postmaster");
}

/* --- the message --- */

static void gather(const struct submit_message *m, struct buf *out)
{
	struct submit_source in;
	struct err e = ERR_INIT;
	char block[7];
	ssize_t n;
	submit_source_init(&in, m);
	while ((n = in.source.read(&in.source, block, sizeof(block), &e)) > 0)
		buf_addn(out, block, (size_t)n);
}

static int make(struct submit_message *m, struct span text, size_t chunk, struct err *e)
{
	struct source_mem in;
	source_mem_init(&in, text);
	in.chunk = chunk;
	if (submit_message_source(m, &in.source, e) < 0)
		return -1;
	if (submit_message_ready(m, e) == 0)
		return 0;
	submit_message_release(m);
	return -1;
}

/* want NULL: refused with that in the error */
static void message(const char *text, const char *want, const char *why)
{
	struct submit_message m;
	struct err e = ERR_INIT;
	struct buf got = BUF_INIT(65536);
	char name[60];
	size_t n = 0;
	for (const char *p = text; *p && n < sizeof(name) - 1; p++)
		name[n++] = *p < ' ' || *p == '#' ? '.' : *p;
	name[n] = '\0';
	int r = make(&m, span_of(text), 3, &e);
	if (!want) {
		ok(r < 0 && e.code == EX_DATAERR && strstr(e.text, why), "%s: %s", name, e.text);
	} else if (r < 0) {
		ok(false, "%s: %s", name, e.text);
	} else {
		gather(&m, &got);
		is_mem(got.ptr, got.len, want, strlen(want), name);
		is_int((long long)submit_message_octets(&m), (long long)got.len, "its size");
	}
	if (r == 0)
		submit_message_release(&m);
	buf_release(&got);
}

static void test_message(void)
{
	message("A: b\n\nc\n", "A: b\n\nc\n", NULL);
	message("A: b\r\n\r\nc\r\n", "A: b\r\n\r\nc\r\n", NULL);
	message("From x Thu\nA: b\n\nc\n", "A: b\n\nc\n", NULL);
	message("A: b\nBcc: x@y,\n z@y\nC: d\nresent-bcc: q@y\n\nc\n", "A: b\nC: d\n\nc\n", NULL);
	message("Bcc: x@y\n\nc\n", "\nc\n", NULL);
	message("A: b\n\n", "A: b\n\n", NULL);
	message("A: b\n\nc", "A: b\n\nc", NULL);
	message("Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b--\n",
	    "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b--\n", NULL);
	message("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n",
	    "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n", NULL);
	message("", NULL, "no message");
	message("A: b\n", NULL, "no empty line");
	message("A: b", NULL, "no empty line");
	message("hello\n\nworld\n", NULL, "no field");
	message("Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b\n", NULL, "was cut");
	message("Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n --b--\n", NULL, "was cut");
	message("Content-Type: multipart/mixed; boundary=b\n\nx--b--\n", NULL, "was cut");
	message("A: b\n\nc\rd\n", NULL, "line 3 of the message has a CR");
	message("A: b\n\nc\r", NULL, "has a CR");
	message("A: b\n\nc\r\r\n", NULL, "has a CR");
	message("A: b\rc\n\nd\n", NULL, "line 1 of the message has a CR");
}

static void facts(const char *text, size_t chunk, const char *want)
{
	struct submit_message m;
	struct err e = ERR_INIT;
	char got[200] = "";
	if (make(&m, span_of(text), chunk, &e) < 0) {
		ok(false, "%s", e.text);
		return;
	}
	snprintf(got, sizeof(got), "%llu %llu%s%s%s%s", (unsigned long long)m.wire_size,
	    (unsigned long long)m.longest_line, m.eight_bit ? " 8bit" : "",
	    m.eight_bit_header ? " header" : "", m.utf8_header ? " utf8" : "",
	    m.is_signed ? " signed" : "");
	is_str(got, want, "facts");
	submit_message_release(&m);
}

static void test_facts(void)
{
	for (size_t chunk = 0; chunk < 3; chunk++) {
		facts("A: b\n\nc\n", chunk, "11 4");
		facts("A: b\r\n\r\nc\r\n", chunk, "11 4");
		facts("A: b\n\nc", chunk, "11 4");
		facts("A: b\n\nc\r\nd", chunk, "14 4");
		facts("A: b\n\n\303\251\n", chunk, "12 4 8bit");
		facts("A: \303\251\n\nc\n", chunk, "12 5 8bit header utf8");
		facts("A: \351\n\nc\n", chunk, "11 4 8bit header");
		facts("DKIM-Signature: x\n\nc\n", chunk, "24 17 signed");
		facts("Content-Type: multipart/signed; boundary=b\n\n--b\n\n--b--\n", chunk,
		    "60 42 signed");
		facts("Bcc: aaaaaaaaaaaaaaaaaaaaaaaa\nA: b\n\nc\n", chunk, "11 4");
	}
}

/* A NUL cannot be in a C string. */
static void test_nul(void)
{
	struct submit_message m;
	struct err e = ERR_INIT;
	static const char text[] = "A: b\n\nc\0d\n";
	ok(make(&m, span_make(text, sizeof(text) - 1), 0, &e) < 0 && e.code == EX_DATAERR,
	    "a NUL is refused: %s", e.text);
}

/* What crosses the edge of a block is found all the same. */
static void test_edges(void)
{
	struct buf b = BUF_INIT(1 << 20);
	for (size_t pad = 65400; pad < 65560; pad++) {
		struct submit_message m;
		struct err e = ERR_INIT;
		buf_reset(&b);
		buf_adds(&b, "Content-Type: multipart/mixed; boundary=bbbb\n\n--bbbb\n\n");
		while (b.len < pad)
			buf_adds(&b, b.len % 64 == 63 ? "\n" : "x");
		buf_adds(&b, "\n--bbbb--\r\n");
		if (make(&m, buf_span(&b), 0, &e) < 0) {
			ok(false, "at %zu: %s", pad, e.text);
			continue;
		}
		submit_message_release(&m);
	}
	ok(true, "a boundary at every edge of a block");
	buf_release(&b);
}

/* --- 7 bits --- */

static void seven(const char *text, const char *want, const char *status)
{
	struct submit_message m, out;
	struct err e = ERR_INIT;
	struct buf got = BUF_INIT(65536);
	if (make(&m, span_of(text), 0, &e) < 0) {
		ok(false, "%s", e.text);
		return;
	}
	int r = submit_downgrade(&m, &out, &e);
	if (r == 0) {
		gather(&out, &got);
		if (want)
			is_mem(got.ptr, got.len, want, strlen(want), "in 7 bits");
		else
			ok(false, "should be refused");
		ok(!out.eight_bit, "really");
		submit_message_release(&out);
	} else if (want) {
		ok(false, "%s", e.text);
	} else {
		is_str(e.enhanced, status, e.text);
	}
	submit_message_release(&m);
	buf_release(&got);
}

static void test_seven(void)
{
	seven("A: b\n\nna\303\257ve\n",
	    "A: b\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
	    "Content-Transfer-Encoding: quoted-printable\n\nna=C3=AFve\n",
	    NULL);
	seven("MIME-Version: 1.0\nContent-Type: text/plain; "
	      "charset=iso-8859-1\nContent-Transfer-Encoding: 8bit\n\n\351\n",
	    "MIME-Version: 1.0\nContent-Type: text/plain; "
	    "charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\n=E9\n",
	    NULL);
	/* only what must change does: preamble, epilogue, the plain part, odd spacing */
	seven("MIME-Version: 1.0\nContent-Type:  "
	      "multipart/mixed;\n\tboundary=\"b\"\nContent-Transfer-Encoding: 8bit\n\npreamble\n"
	      "--b\nContent-type: text/plain\n\nplain  \n--b "
	      "\nContent-Transfer-Encoding:8BIT\n\n\303\251\n--b--\nepilogue\n",
	    "MIME-Version: 1.0\nContent-Type:  "
	    "multipart/mixed;\n\tboundary=\"b\"\nContent-Transfer-Encoding: 7bit\n\npreamble\n"
	    "--b\nContent-type: text/plain\n\nplain  \n--b \nContent-Transfer-Encoding: "
	    "quoted-printable\n\n=C3=A9\n--b--\nepilogue\n",
	    NULL);
	/* a message in a message */
	seven("Content-Type: message/rfc822\nContent-Transfer-Encoding: 8bit\n\nSubject: "
	      "in\nContent-Transfer-Encoding: 8bit\n\n\303\251\n",
	    "Content-Type: message/rfc822\nContent-Transfer-Encoding: 7bit\n\nSubject: "
	    "in\nContent-Transfer-Encoding: quoted-printable\n\n=C3=A9\n",
	    NULL);
	/* base64 stays */
	seven("Subject: \303\251\nContent-Transfer-Encoding: base64\n\nw6k=\n",
	    "Subject: =?utf-8?q?=C3=A9?=\nContent-Transfer-Encoding: base64\n\nw6k=\n", NULL);
	seven("From: \303\200 <a@x>\nTo: b@x, \303\251 <c@x>\n\nx\n",
	    "From: =?utf-8?q?=C3=80?= <a@x>\nTo: b@x, =?utf-8?q?=C3=A9?= <c@x>\n\nx\n", NULL);
	/* a line too long for SMTP, in text and in a part that is base64 already */
	char text[4000], want[6000];
	int n = snprintf(text, sizeof(text),
	    "Content-Type: multipart/mixed; "
	    "boundary=b\n\n--b\n\n%01000d\n--b\nContent-Transfer-Encoding: "
	    "base64\n\n%01200d\n--b--\n",
	    0, 0);
	int k = snprintf(want, sizeof(want),
	    "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Transfer-Encoding: "
	    "quoted-printable\n\n");
	for (int i = 0; i < 1000; i += 75)
		k += snprintf(want + k, sizeof(want) - (size_t)k, "%0*d%s\n",
		    i + 75 > 1000 ? 1000 - i : 75, 0, i + 75 >= 1000 ? "" : "=");
	snprintf(want + k, sizeof(want) - (size_t)k,
	    "--b\nContent-Transfer-Encoding: base64\n\n%01200d\n--b--\n", 0);
	ok(n > 2000, "a long line");
	seven(text, want, NULL);
	seven("Content-Transfer-Encoding: base64\n\n\303\251\n", NULL, "5.6.3");
	seven("From: \303\200@x\n\nx\n", NULL, "5.6.7");
	seven("DKIM-Signature: x\n\n\303\251\n", NULL, "5.6.3");
	seven("Content-Type: multipart/mixed; boundary=o\n\n--o\nContent-Type: multipart/signed; "
	      "boundary=i\n\n--i\n\n\303\251\n--i\n\nsig\n--i--\n--o--\n",
	    NULL, "5.6.3");
}

int main(void)
{
	test_recipients();
	test_many_recipients();
	test_bare();
	test_message();
	test_facts();
	test_nul();
	test_edges();
	test_seven();
	return tap_done();
}
