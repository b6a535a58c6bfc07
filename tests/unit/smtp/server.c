#include "smtp/server.h"

#include "../script.h"
#include "../tap.h"
#include "base/alloc.h"

#include <stdlib.h>

/* What the server's caller saw, as a text: "F<ana@x> R<bob@x> B[...] E R" */
struct seen {
	struct buf log;
	struct sink_buf to;
	struct buf message;
	bool refuse_begin;
};

static int on_sender(void *ctx, const struct smtp_server *s, const char *sender, struct err *e)
{
	struct seen *seen = ctx;
	buf_addf(&seen->log, "F<%s>%s%s ", sender, s->envelope.utf8 ? "u" : "",
	    s->envelope.eight_bit ? "8" : "");
	return strcmp(sender, "bad@x.org") == 0 ? err_set(e, EX_NOPERM, "not you") : 0;
}

static int on_recipient(
    void *ctx, const struct smtp_server *s, const char *recipient, struct err *e)
{
	struct seen *seen = ctx;
	(void)s;
	if (strncmp(recipient, "none", 4) == 0)
		return err_set(e, EX_NOUSER, "no such user\nreally");
	if (strncmp(recipient, "later", 5) == 0)
		return err_set(e, EX_IOERR, "come again");
	buf_addf(&seen->log, "R<%s> ", recipient);
	return 0;
}

static struct sink *on_begin(void *ctx, const struct smtp_server *s, struct err *e)
{
	struct seen *seen = ctx;
	(void)s;
	if (seen->refuse_begin) {
		err_set(e, EX_TEMPFAIL, "disk full");
		return NULL;
	}
	buf_reset(&seen->message);
	sink_buf_init(&seen->to, &seen->message);
	return &seen->to.sink;
}

static void on_end(void *ctx, const struct smtp_server *s, struct err *results, size_t n)
{
	struct seen *seen = ctx;
	buf_addf(&seen->log, "E[%s]%zu ", buf_cstr(&seen->message), n);
	for (size_t i = 0; i < n; i++)
		if (i < s->envelope.recipients.n &&
		    strncmp(s->envelope.recipients.v[i], "full", 4) == 0) {
			err_set(&results[i], EX_TEMPFAIL, "mailbox full");
			err_reply(&results[i], 452, "4.2.2");
		}
}

static void on_reset(void *ctx)
{
	buf_adds(&((struct seen *)ctx)->log, "X ");
}

static const struct smtp_server_hooks hooks = {on_sender, on_recipient, on_begin, on_end, on_reset};

struct talk {
	struct buf heard, seen;
	int result;
	struct err e;
};

static void talk(struct talk *t, struct span says, size_t chunk,
    const struct smtp_server_options *o, bool refuse_begin)
{
	struct seen seen = {
	    .log = BUF_INIT(1 << 20), .message = BUF_INIT(1 << 20), .refuse_begin = refuse_begin};
	struct script sc = {.says = says.ptr, .len = says.len, .chunk = chunk};
	struct stream stream;
	struct smtp_server s;
	*t = (struct talk){.seen = BUF_INIT(1 << 20)};
	script_open(&sc, &stream);
	smtp_server_init(&s, &stream, o, &hooks, &seen);
	t->result = smtp_server_run(&s, &t->e);
	smtp_server_release(&s);
	stream_release(&stream);
	t->heard = sc.heard;
	t->seen = seen.log;
	buf_release(&seen.message);
}

static void talk_release(struct talk *t)
{
	buf_release(&t->heard);
	buf_release(&t->seen);
}

/* The codes of all replies: "220 250 250", a "-" behind those of lines that others follow. */
static void codes(const struct buf *heard, struct buf *out)
{
	struct span rest = buf_span(heard), line;
	buf_reset(out);
	while (span_line(&rest, &line))
		if (line.len > 3 && line.ptr[3] != '-')
			buf_addf(out, "%s%.3s", out->len ? " " : "", line.ptr);
}

static const struct smtp_server_options plain = {.name = "mx.test", .size_max = 200};
static const struct smtp_server_options lmtp = {.lmtp = true, .name = "mx.test", .size_max = 200};

struct expect {
	const char *says, *codes, *seen, *what;
	const struct smtp_server_options *o;
	int result;
};
#define MAIL "EHLO me\r\nMAIL FROM:<ana@x.org>\r\nRCPT TO:<bob@x.org>\r\n"

static const struct expect cases[] = {
    {MAIL "DATA\r\nA: b\r\n\r\n..hi\r\n.\r\nQUIT\r\n", "220 250 250 250 354 250 221",
	"F<ana@x.org> R<bob@x.org> E[A: b\r\n\r\n.hi\r\n]1 X ", "a message", &plain, 0},
    {"HELO me\r\nMAIL FROM:<>\r\nRCPT TO:<Postmaster>\r\nDATA\r\n.\r\nQUIT\r\n",
	"220 250 250 250 354 250 221", "F<> R<Postmaster> E[]1 X ",
	"the null sender, postmaster, nothing", &plain, 0},
    {"LHLO me\r\nMAIL FROM:<ana@x.org>\r\nRCPT TO:<bob@x.org>\r\nRCPT TO:<none@x.org>\r\nRCPT "
     "TO:<full@x.org>\r\n"
     "DATA\r\nhi\r\n.\r\nQUIT\r\n",
	"220 250 250 250 550 250 354 250 452 221",
	"F<ana@x.org> R<bob@x.org> R<full@x.org> E[hi\r\n]2 X ",
	"LMTP: a reply for each accepted recipient", &lmtp, 0},
    {"EHLO me\r\nHELO me\r\nQUIT\r\n", "220 500 500 221", "", "LMTP has no EHLO", &lmtp, 0},
    {"LHLO me\r\nQUIT\r\n", "220 500 221", "", "SMTP has no LHLO", &plain, 0},
    {"MAIL FROM:<a@x.org>\r\nEHLO\r\nEHLO me\r\nRCPT TO:<b@x.org>\r\nDATA\r\nMAIL "
     "FROM:<a@x.org>\r\nDATA\r\nMAIL "
     "FROM:<b@x.org>\r\nQUIT\r\n",
	"220 503 501 250 503 503 250 554 503 221", "F<a@x.org> X ", "out of order", &plain, 0},
    {MAIL "RSET\r\nDATA\r\nEHLO me\r\nNOOP\r\nVRFY bob\r\nHELP\r\nEXPN x\r\nFOO\r\nQUIT\r\n",
	"220 250 250 250 250 503 250 250 252 214 500 500 221", "F<ana@x.org> R<bob@x.org> X ",
	"the other verbs", &plain, 0},
    {"ehlo me\r\nmail from: <@relay,@other:ana@x.org> BODY=8BITMIME size=100 SMTPUTF8\r\nrcpt "
     "to:<\"a>b\"@x.org>\r\n"
     "quit\r\n",
	"220 250 250 250 221", "F<ana@x.org>u8 R<\"a>b\"@x.org> X ",
	"lower case, a route, parameters, a quoted >", &plain, 0},
    {"EHLO me\r\nMAIL FROM:<ana@x.org> SIZE=201\r\nMAIL FROM:<ana@x.org> SIZE=x\r\nMAIL "
     "FROM:<ana@x.org> RET=FULL\r\n"
     "MAIL FROM:<ana@x.org> BODY=BINARYMIME\r\nMAIL FROM:<bad@x.org>\r\nMAIL "
     "FROM:ana@x.org\r\nMAIL "
     "FROM:<ana@x.org\r\nMAIL FROM:<ana>x\r\nMAIL\r\nQUIT\r\n",
	"220 250 552 501 555 501 550 501 501 501 501 221", "F<bad@x.org> X ", "MAIL refused",
	&plain, 0},
    {"EHLO me\r\nMAIL FROM:<ana@x.org>\r\nRCPT TO:<none@x.org>\r\nRCPT TO:<later@x.org>\r\nRCPT "
     "TO:<>\r\nRCPT "
     "TO:<b@x.org> NOTIFY=NEVER\r\nRCPT TO:<b\tc@x.org>\r\nRCPT TO:<b\x01@x.org>\r\nRCPT "
     "TO:<b\xc3\xa9@x.org>\r\nDATA\r\nQUIT\r\n",
	"220 250 250 550 451 501 555 501 501 553 554 221", "F<ana@x.org> X ", "RCPT refused",
	&plain, 0},
    {MAIL "BDAT 6\r\nA: b\r\nBDAT 4\r\n\r\n.\nBDAT 0 LAST\r\nQUIT\r\n",
	"220 250 250 250 250 250 250 221", "F<ana@x.org> R<bob@x.org> E[A: b\r\n\r\n.\n]1 X ",
	"BDAT", &plain, 0},
    {MAIL "BDAT 3 last\r\nA\r\nQUIT\r\n", "220 250 250 250 250 221",
	"F<ana@x.org> R<bob@x.org> E[A\r\n]1 X ", "BDAT in one", &plain, 0},
    {MAIL "BDAT 3\r\nA\r\nDATA\r\nRCPT TO:<c@x.org>\r\nRSET\r\nBDAT 2 LAST\r\nxyQUIT\r\n",
	"220 250 250 250 250 503 503 250 503 221", "F<ana@x.org> R<bob@x.org> X ", "BDAT given up",
	&plain, 0},
    {MAIL "BDAT x\r\nQUIT\r\n", "220 250 250 250 501", "F<ana@x.org> R<bob@x.org> X ",
	"BDAT without a size ends it", &plain, 0},
    {MAIL "BDAT 200\r\n", "220 250 250 250", "F<ana@x.org> R<bob@x.org> X ", "lost in a chunk",
	&plain, -1},
    {MAIL "DATA\r\nA: b\r\n\r\nhi\r\n", "220 250 250 250 354", "F<ana@x.org> R<bob@x.org> X ",
	"lost in the message", &plain, -1},
    {MAIL "DATA\r\nA: b\r\n\r\nhi\r\n.", "220 250 250 250 354", "F<ana@x.org> R<bob@x.org> X ",
	"lost in the dot", &plain, -1},
    {MAIL, "220 250 250 250", "F<ana@x.org> R<bob@x.org> X ", "gone without QUIT", &plain, 0},
    {"", "220", "", "gone at once", &plain, 0},
    {"GET / HTTP/1.1\r\nHost: x\r\nMAIL FROM:<a@x.org>\r\n", "220 421", "", "a browser", &plain, 0},
    {"EHLO me\r\nSTARTTLS\r\nQUIT\r\n", "220 250 502 221", "", "no TLS without a certificate",
	&plain, 0},
    {"EHLO me\nMAIL FROM:<ana@x.org>\nQUIT\n", "220 250 250 221", "F<ana@x.org> X ",
	"typed by hand", &plain, 0},
    {"EHLO a\rb\r\nQUIT\r\n", "220 501 221", "", "a CR inside a command", &plain, 0},
};

static void test_sessions(size_t chunk)
{
	struct buf got = BUF_INIT(4096);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct talk t;
		const struct expect *x = &cases[i];
		talk(&t, span_of(x->says), chunk, x->o, false);
		codes(&t.heard, &got);
		is_str(buf_cstr(&got), x->codes, x->what);
		is_str(buf_cstr(&t.seen), x->seen, "and what came of it");
		ok(t.result == x->result && (x->result == 0 || t.e.code == EX_TEMPFAIL),
		    "how it ended: %d %s", t.result, t.e.text);
		talk_release(&t);
	}
	buf_release(&got);
}

/* CVE-2023-51764: what some servers take for the end of data, and others pass on. */
static void test_smuggling(size_t chunk)
{
	static const char *const ends[] = {"\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r", "\r.\r\n",
	    "\r\n.\r", "\r\n.\rx", "\n.\r", "\r.\n"};
	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		struct talk t;
		char name[64];
		char *says =
		    str_printf(MAIL "DATA\r\nA: b\r\n\r\nhi%sMAIL FROM:<eve@x.org>\r\nRCPT "
				    "TO:<bob@x.org>\r\nDATA\r\nevil\r\n.\r\nQUIT\r\n",
			ends[i]);
		struct buf got = BUF_INIT(4096);
		talk(&t, span_of(says), chunk, &plain, false);
		codes(&t.heard, &got);
		is_str(buf_cstr(&got), "220 250 250 250 354 521", script_name(ends[i], name));
		ok(t.result < 0 && t.e.code == EX_PROTOCOL, "ends the session: %s", t.e.text);
		is_str(buf_cstr(&t.seen), "F<ana@x.org> R<bob@x.org> X ", "and nothing was taken");
		talk_release(&t);
		buf_release(&got);
		free(says);
	}
	/* bytes that only look like it */
	struct talk t;
	talk(&t, SPAN(MAIL "DATA\r\nx\n..\n.y\r\n\r\r\n.\r\nQUIT\r\n"), chunk, &plain, false);
	is_str(buf_cstr(&t.seen), "F<ana@x.org> R<bob@x.org> E[x\n..\n.y\r\n\r\r\n]1 X ",
	    "elsewhere bare line ends pass");
	talk_release(&t);
}

static void repeat(struct buf *b, const char *text, int n)
{
	for (int i = 0; i < n; i++)
		buf_adds(b, text);
}

static void limit(
    const struct buf *says, const struct smtp_server_options *o, const char *want, const char *what)
{
	struct talk t;
	struct buf got = BUF_INIT(65536);
	talk(&t, buf_span(says), 0, o, false);
	codes(&t.heard, &got);
	size_t len = strlen(want);
	ok(got.len >= len && strcmp(got.ptr + got.len - len, want) == 0, "%s", what);
	talk_release(&t);
	buf_release(&got);
}

static void test_limits(void)
{
	struct smtp_server_options three = plain;
	three.recipients_max = 3;
	struct buf b = BUF_INIT(1 << 20);
	buf_adds(&b, MAIL "DATA\r\n");
	repeat(&b, "0123456789\r\n", 17);
	buf_adds(&b, ".\r\nQUIT\r\n");
	limit(&b, &plain, "354 552 221", "a message that is too large is read, then refused");
	buf_reset(&b);
	buf_adds(&b, MAIL "BDAT 500\r\n");
	repeat(&b, "0123456789", 50);
	buf_adds(&b, "BDAT 0 LAST\r\nQUIT\r\n");
	limit(&b, &plain, "250 552 552 221", "in chunks too");
	buf_reset(&b);
	buf_adds(&b, "EHLO me\r\nNOOP ");
	repeat(&b, "0123456789", 1000);
	buf_adds(&b, "\r\nNOOP\r\nQUIT\r\n");
	limit(&b, &plain, "220 250 500 250 221", "a line that is too long");
	buf_reset(&b);
	buf_adds(&b, MAIL);
	repeat(&b, "RCPT TO:<bob@x.org>\r\n", 3);
	buf_adds(&b, "QUIT\r\n");
	limit(&b, &three, "250 250 250 452 221", "too many recipients");
	buf_reset(&b);
	repeat(&b, "FOO\r\n", 30);
	limit(&b, &plain, "500 500 421", "too many errors");
	buf_reset(&b);
	buf_adds(&b, "EHLO me\r\n");
	repeat(&b, "NOOP\r\n", 2000);
	limit(&b, &plain, "250 250 421", "too many commands for nothing");
	buf_release(&b);
}

static void test_texts(void)
{
	struct talk t;
	talk(&t, SPAN(MAIL "RCPT TO:<none@x.org>\r\nRCPT TO:<later@x.org>\r\nDATA\r\nQUIT\r\n"), 0,
	    &plain, true);
	is_str(buf_cstr(&t.heard),
	    "220 mx.test ESMTP Surat\r\n"
	    "250-mx.test\r\n250-PIPELINING\r\n250-SIZE 200\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n"
	    "250-ENHANCEDSTATUSCODES\r\n250-CHUNKING\r\n250 LIMITS RCPTMAX=1000\r\n"
	    "250 2.1.0 sender accepted\r\n250 2.1.5 recipient accepted\r\n550 5.1.1 no such "
	    "user\r\n"
	    "451 4.3.0 come again\r\n451 4.3.0 disk full\r\n221 2.0.0 goodbye\r\n",
	    "every word of a session");
	talk_release(&t);
}

static void test_starttls_injection(void)
{
	struct smtp_server_options o = plain;
	struct talk t;
	o.cert_file = o.key_file = "none.pem";
	talk(&t, SPAN("EHLO me\r\nSTARTTLS\r\nMAIL FROM:<eve@x.org>\r\n"), 0, &o, false);
	ok(t.result < 0 && t.e.code == EX_PROTOCOL, "bytes behind STARTTLS end the session: %s",
	    t.e.text);
	is_str(buf_cstr(&t.seen), "", "and are not heard");
	ok(strstr(buf_cstr(&t.heard), "250 STARTTLS\r\n") &&
		!strstr(buf_cstr(&t.heard), "220 2.0.0"),
	    "it was offered, not begun");
	talk_release(&t);
}

int main(void)
{
	static const size_t chunks[] = {1, 7, 0};
	for (size_t i = 0; i < ARRAY_LEN(chunks); i++) {
		test_sessions(chunks[i]);
		test_smuggling(chunks[i]);
	}
	test_limits();
	test_texts();
	test_starttls_injection();
	return tap_done();
}
