#include "smtp/client.h"

#include "../script.h"
#include "../tap.h"

struct talk {
	struct script script;
	struct stream stream;
	struct smtp_client c;
	struct source_mem message;
	struct err e;
};

static void begin(struct talk *t, const char *says, enum smtp_protocol protocol)
{
	*t = (struct talk){.script = {.says = says}};
	script_open(&t->script, &t->stream);
	smtp_client_init(&t->c, &t->stream, protocol, 5000);
}

static void heard(struct talk *t, const char *want, const char *what)
{
	is_mem(t->script.heard.ptr, t->script.heard.len, want, strlen(want), what);
	buf_reset(&t->script.heard);
}

static void done(struct talk *t)
{
	smtp_client_release(&t->c);
	stream_release(&t->stream);
	buf_release(&t->script.heard);
}

static struct smtp_mail mail(struct talk *t, struct smtp_rcpt *to, size_t n, const char *text)
{
	source_mem_init(&t->message, span_of(text));
	return (struct smtp_mail){.sender = "ana@example.org",
	    .rcpts = to,
	    .rcpt_count = n,
	    .message = &t->message.source};
}

static void answer(const struct smtp_rcpt *r, enum smtp_status status, int code, const char *text)
{
	ok(r->answer.status == status, "%s is %s", r->address,
	    status ? smtp_status_name(status) : "unsettled");
	is_int(r->answer.code, code, "with its code");
	is_str(r->answer.text, text, "and its words");
}

#define TEXT "Subject: x\n\nhi\n.\nbye\n"
#define TEXT_DOT "Subject: x\r\n\r\nhi\r\n..\r\nbye\r\n.\r\n"
#define TEXT_WIRE "Subject: x\r\n\r\nhi\r\n.\r\nbye\r\n"

static void test_hello(void)
{
	struct talk t;
	begin(&t,
	    "220 mx ESMTP\r\n"
	    "250-mx.example.org hi\r\n250-PIPELINING\r\n250-size 1000\r\n250-8bitmime\r\n"
	    "250-AUTH PLAIN LOGIN\r\n250-AUTH=CRAM-MD5\r\n250-LIMITS RCPTMAX=50 MAILMAX=20 X=y\r\n"
	    "250-DELIVERBY 240\r\n250-FUTURERELEASE 86400 2030-01-01T00:00:00Z\r\n"
	    "250-X-UNKNOWN\r\n250 SMTPUTF8\r\n",
	    SMTP);
	is_int(smtp_client_greeting(&t.c, &t.e), 0, "greeting");
	is_int(smtp_client_hello(&t.c, "me.example.org", &t.e), 0, "hello");
	heard(&t, "EHLO me.example.org\r\n", "EHLO");
	is_int(t.c.extensions,
	    SMTP_PIPELINING | SMTP_SIZE | SMTP_8BITMIME | SMTP_AUTH_OFFERED | SMTP_LIMITS |
		SMTP_DELIVERBY | SMTP_FUTURERELEASE | SMTP_SMTPUTF8,
	    "what it can");
	is_int((long long)t.c.size_max, 1000, "SIZE");
	is_int((long long)t.c.rcpt_max, 50, "RCPTMAX");
	is_int((long long)t.c.mail_max, 20, "MAILMAX");
	is_int(t.c.deliver_by_min, 240, "DELIVERBY");
	is_int((long long)t.c.hold_max_s, 86400, "FUTURERELEASE");
	is_str(t.c.mechanisms, "PLAIN LOGIN CRAM-MD5", "mechanisms, the old spelling too");
	is_str(t.c.name, "mx.example.org", "its name");
	smtp_client_secured(&t.c);
	ok(t.c.extensions == 0 && !t.c.mechanisms[0] && t.c.size_max == 0 && !t.c.esmtp,
	    "TLS forgets all of it");
	done(&t);
}

static void test_hello_old(void)
{
	struct talk t;
	begin(&t, "220 x\r\n502 what\r\n250 old.example.org\r\n", SMTP);
	smtp_client_greeting(&t.c, &t.e);
	is_int(smtp_client_hello(&t.c, "me", &t.e), 0, "HELO where EHLO is not known");
	heard(&t, "EHLO me\r\nHELO me\r\n", "both were said");
	ok(!t.c.esmtp && t.c.extensions == 0, "and nothing is known");
	done(&t);
	begin(&t, "220 x\r\n421 4.3.2 full\r\n", SMTP);
	smtp_client_greeting(&t.c, &t.e);
	is_int(smtp_client_hello(&t.c, "me", &t.e), -1, "421 is no reason for HELO");
	is_str(t.e.text, "EHLO: 421 4.3.2 full", "said so");
	is_int(t.e.code, EX_TEMPFAIL, "temporary");
	done(&t);
	begin(&t, "220 x\r\n", SMTP);
	is_int(smtp_client_hello(&t.c, "me\r\nMAIL FROM:<x>", &t.e), -1, "a name with a newline");
	is_int(t.e.code, EX_USAGE, "is refused");
	heard(&t, "", "unsaid");
	done(&t);
}

static void test_greeting(void)
{
	struct talk t;
	begin(&t, "554 5.7.1 go away\r\n", SMTP);
	is_int(smtp_client_greeting(&t.c, &t.e), -1, "554 for a greeting");
	is_int(t.e.code, EX_UNAVAILABLE, "is a refusal");
	done(&t);
	begin(&t, "250 hello?\r\n", SMTP);
	is_int(smtp_client_greeting(&t.c, &t.e), -1, "250 for a greeting");
	is_int(t.e.code, EX_PROTOCOL, "is nonsense");
	done(&t);
}

static void test_starttls(void)
{
	struct talk t;
	begin(&t, "220 go\r\n250 injected\r\n", SMTP);
	t.c.extensions = SMTP_STARTTLS_OFFERED;
	is_int(smtp_client_starttls(&t.c, &t.e), -1, "a reply behind the OK to STARTTLS");
	is_int(t.e.code, EX_PROTOCOL, "breaks it off");
	done(&t);
	begin(&t, "220 go\r\n", SMTP);
	t.c.extensions = SMTP_STARTTLS_OFFERED;
	is_int(smtp_client_starttls(&t.c, &t.e), 0, "a clean one");
	done(&t);
	begin(&t, "220 go\r\n", SMTP);
	is_int(smtp_client_starttls(&t.c, &t.e), -1, "not offered: not tried");
	heard(&t, "", "nothing was said");
	done(&t);
}

/* One good, one 550, one 451; in one flight and one by one. */
static void test_three(bool pipelining)
{
	struct talk t;
	struct smtp_rcpt to[] = {{.address = "bob@example.net"}, {.address = "no@example.net"},
	    {.address = "later@example.net"}};
	begin(&t,
	    "250 2.1.0 ok\r\n250 2.1.5 ok\r\n550 5.1.1 nobody\r\n451 4.7.1 greylisted\r\n"
	    "354 go\r\n250 2.0.0 queued as 77\r\n221 bye\r\n",
	    SMTP);
	t.c.extensions = pipelining ? SMTP_PIPELINING : 0;
	struct smtp_mail m = mail(&t, to, 3, TEXT);
	is_int(smtp_client_send(&t.c, &m, &t.e), 0,
	    pipelining ? "three recipients, one flight" : "three recipients, one by one");
	answer(&to[0], SMTP_SENT, 250, "queued as 77");
	answer(&to[1], SMTP_REFUSED, 550, "nobody");
	is_int(to[1].answer.exit, EX_NOUSER, "nobody is 67");
	answer(&to[2], SMTP_DEFERRED, 451, "greylisted");
	heard(&t,
	    "MAIL FROM:<ana@example.org>\r\nRCPT TO:<bob@example.net>\r\nRCPT "
	    "TO:<no@example.net>\r\n"
	    "RCPT TO:<later@example.net>\r\nDATA\r\n" TEXT_DOT,
	    "on the wire");
	smtp_client_quit(&t.c);
	heard(&t, "QUIT\r\n", "and QUIT");
	done(&t);
}

static void test_none_left(void)
{
	struct talk t;
	struct smtp_rcpt to[] = {{.address = "no@example.net"}};
	begin(&t, "250 ok\r\n550 5.1.1 nobody\r\n354 go\r\n554 no recipients\r\n", SMTP);
	t.c.extensions = SMTP_PIPELINING;
	struct smtp_mail m = mail(&t, to, 1, TEXT);
	is_int(smtp_client_send(&t.c, &m, &t.e), 0, "354 although nobody was accepted");
	heard(&t, "MAIL FROM:<ana@example.org>\r\nRCPT TO:<no@example.net>\r\nDATA\r\n.\r\n",
	    "a lone dot");
	answer(&to[0], SMTP_REFUSED, 550, "nobody");
	ok(t.c.dirty, "the next transaction begins with RSET");
	done(&t);
	begin(&t,
	    "250 ok\r\n550 5.1.1 nobody\r\n503 no recipients\r\n250 reset\r\n250 ok\r\n250 "
	    "ok\r\n354 go\r\n250 done\r\n",
	    SMTP);
	t.c.extensions = SMTP_PIPELINING;
	m = mail(&t, to, 1, TEXT);
	is_int(smtp_client_send(&t.c, &m, &t.e), 0, "503 to the DATA that rode along");
	answer(&to[0], SMTP_REFUSED, 550, "nobody");
	buf_reset(&t.script.heard);
	to[0].address = "bob@example.net";
	m = mail(&t, to, 1, TEXT);
	is_int(smtp_client_send(&t.c, &m, &t.e), 0, "the next one");
	answer(&to[0], SMTP_SENT, 250, "done");
	heard(&t,
	    "RSET\r\nMAIL FROM:<ana@example.org>\r\nRCPT TO:<bob@example.net>\r\nDATA\r\n" TEXT_DOT,
	    "begins with RSET");
	done(&t);
	begin(&t, "250 ok\r\n550 5.1.1 nobody\r\n", SMTP);
	m = mail(&t, to, 1, TEXT);
	is_int(smtp_client_send(&t.c, &m, &t.e), 0, "without PIPELINING");
	heard(&t, "MAIL FROM:<ana@example.org>\r\nRCPT TO:<bob@example.net>\r\n",
	    "DATA is not even said");
	done(&t);
}

static void test_mail_refused(void)
{
	struct talk t;
	struct smtp_rcpt to[] = {{.address = "bob@example.net"}, {.address = "eve@example.net"}};
	begin(&t, "550 5.7.1 not you\r\n503 bad\r\n503 bad\r\n503 bad\r\n", SMTP);
	t.c.extensions = SMTP_PIPELINING;
	struct smtp_mail m = mail(&t, to, 2, TEXT);
	is_int(smtp_client_send(&t.c, &m, &t.e), 0, "MAIL is refused");
	answer(&to[0], SMTP_REFUSED, 550, "not you");
	answer(&to[1], SMTP_REFUSED, 550, "not you");
	is_int(to[1].answer.phase, SMTP_MAIL, "it was about the sender");
	done(&t);
}

static void test_bdat(void)
{
	struct talk t;
	struct smtp_rcpt to[] = {{.address = "bob@example.net"}};
	begin(&t, "250 ok\r\n250 ok\r\n250 2.0.0 done\r\n", SMTP);
	t.c.extensions = SMTP_PIPELINING | SMTP_CHUNKING | SMTP_SIZE;
	struct smtp_mail m = mail(&t, to, 1, TEXT);
	m.wire_size = strlen(TEXT_WIRE);
	is_int(smtp_client_send(&t.c, &m, &t.e), 0, "BDAT");
	heard(&t,
	    "MAIL FROM:<ana@example.org> SIZE=26\r\nRCPT TO:<bob@example.net>\r\nBDAT 26 "
	    "LAST\r\n" TEXT_WIRE,
	    "no dot doubled");
	is_int(t.script.writes, 1, "all in one flight");
	answer(&to[0], SMTP_SENT, 250, "done");
	done(&t);
	begin(&t, "250 ok\r\n550 no\r\n503 no recipients\r\n", SMTP);
	t.c.extensions = SMTP_PIPELINING | SMTP_CHUNKING;
	m = mail(&t, to, 1, TEXT);
	m.wire_size = strlen(TEXT_WIRE);
	is_int(smtp_client_send(&t.c, &m, &t.e), 0, "BDAT for nobody");
	answer(&to[0], SMTP_REFUSED, 550, "no");
	ok(t.c.dirty, "and RSET next");
	done(&t);
	begin(&t, "250 ok\r\n250 ok\r\n", SMTP);
	t.c.extensions = SMTP_PIPELINING | SMTP_CHUNKING;
	m = mail(&t, to, 1, TEXT);
	m.wire_size = strlen(TEXT_WIRE) + 5;
	is_int(smtp_client_send(&t.c, &m, &t.e), -1, "a message that shrank meanwhile");
	answer(&to[0], SMTP_DEFERRED, 0, "message: the message changed while it was being sent");
	done(&t);
}

static void test_lmtp(void)
{
	struct talk t;
	struct smtp_rcpt to[] = {{.address = "a@example.net"}, {.address = "b@example.net"},
	    {.address = "c@example.net"}, {.address = "d@example.net"}};
	begin(&t,
	    "250 ok\r\n250 ok\r\n550 5.1.1 no\r\n250 ok\r\n250 ok\r\n354 go\r\n250 2.0.0 a\r\n452 "
	    "4.2.2 full\r\n"
	    "552 5.2.2 over\r\n",
	    LMTP);
	t.c.extensions = SMTP_PIPELINING | SMTP_CHUNKING;
	struct smtp_mail m = mail(&t, to, 4, TEXT);
	m.wire_size = strlen(TEXT_WIRE);
	is_int(smtp_client_send(&t.c, &m, &t.e), 0, "LMTP");
	answer(&to[0], SMTP_SENT, 250, "a");
	answer(&to[1], SMTP_REFUSED, 550, "no");
	answer(&to[2], SMTP_DEFERRED, 452, "full");
	answer(&to[3], SMTP_REFUSED, 552, "over");
	done(&t);
	begin(&t, "250 ok\r\n250 ok\r\n250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n250 a\r\n550 b\r\n",
	    LMTP);
	m = mail(&t, to, 4, TEXT);
	is_int(smtp_client_send(&t.c, &m, &t.e), -1, "lost between two answers");
	answer(&to[0], SMTP_SENT, 250, "a");
	answer(&to[1], SMTP_REFUSED, 550, "b");
	answer(&to[2], SMTP_UNKNOWN, 0, "end of message: connection closed by the server");
	answer(&to[3], SMTP_UNKNOWN, 0, "end of message: connection closed by the server");
	done(&t);
}

/* The connection ends after so many of the server's replies. */
static void test_lost(void)
{
	static const char *const replies[] = {"", "250 ok\r\n", "250 ok\r\n250 ok\r\n",
	    "250 ok\r\n250 ok\r\n354 go\r\n", "250 ok\r\n250 ok\r\n354 go\r\nrubbish\r\n"};
	static const enum smtp_status want[] = {
	    SMTP_DEFERRED, SMTP_DEFERRED, SMTP_DEFERRED, SMTP_UNKNOWN, SMTP_UNKNOWN};
	for (size_t i = 0; i < 5; i++) {
		struct talk t;
		struct smtp_rcpt to[] = {{.address = "bob@example.net"}};
		begin(&t, replies[i], SMTP);
		t.c.extensions = i % 2 ? SMTP_PIPELINING : 0;
		struct smtp_mail m = mail(&t, to, 1, TEXT);
		is_int(smtp_client_send(&t.c, &m, &t.e), -1, "lost");
		ok(to[0].answer.status == want[i], "after reply %zu: %s (%s)", i,
		    smtp_status_name(want[i]), to[0].answer.text);
		is_int(to[0].answer.exit, EX_TEMPFAIL, "75");
		done(&t);
	}
}

static void test_421(void)
{
	struct talk t;
	struct smtp_rcpt to[] = {{.address = "a@example.net"}, {.address = "b@example.net"},
	    {.address = "c@example.net"}};
	begin(&t, "250 ok\r\n550 no\r\n421 4.3.2 closing\r\n", SMTP);
	t.c.extensions = SMTP_PIPELINING;
	struct smtp_mail m = mail(&t, to, 3, TEXT);
	is_int(smtp_client_send(&t.c, &m, &t.e), -1, "421 ends the connection");
	answer(&to[0], SMTP_REFUSED, 550, "no");
	answer(&to[1], SMTP_DEFERRED, 421, "closing");
	answer(&to[2], SMTP_DEFERRED, 421, "closing");
	done(&t);
}

static void test_parameters(void)
{
	struct talk t;
	struct smtp_rcpt to[] = {{.address = "bob@example.net",
	    .notify = "SUCCESS,FAILURE",
	    .orcpt = "rfc822;bob+2Btag@example.net"}};
	begin(&t, "250 ok\r\n250 ok\r\n354 go\r\n250 done\r\n", SMTP);
	t.c.extensions = SMTP_PIPELINING | SMTP_DSN | SMTP_8BITMIME | SMTP_SMTPUTF8 |
			 SMTP_REQUIRETLS | SMTP_FUTURERELEASE | SMTP_DELIVERBY | SMTP_MT_PRIORITY;
	t.c.tls = true;
	struct smtp_mail m = mail(&t, to, 1, TEXT);
	m.eight_bit = m.utf8 = m.require_tls = true;
	m.envid = "a b+c";
	m.ret = "HDRS";
	m.hold_until_s = 4102444800;
	m.deliver_by = "120;R";
	m.priority = "-3";
	is_int(smtp_client_send(&t.c, &m, &t.e), 0, "all parameters");
	heard(&t,
	    "MAIL FROM:<ana@example.org> BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=a+20b+2Bc "
	    "REQUIRETLS "
	    "HOLDUNTIL=2100-01-01T00:00:00Z BY=120;R MT-PRIORITY=-3\r\n"
	    "RCPT TO:<bob@example.net> NOTIFY=SUCCESS,FAILURE "
	    "ORCPT=rfc822;bob+2Btag@example.net\r\n"
	    "DATA\r\n" TEXT_DOT,
	    "on the wire");
	done(&t);
}

/* What the server cannot do is refused before a word is said. */
static void test_cannot(void)
{
	static const char *const status[] = {"5.6.7", "5.6.3", "5.7.30", "5.3.4", "5.3.3", "5.3.3"};
	for (size_t i = 0; i < 6; i++) {
		struct talk t;
		struct smtp_rcpt to[] = {{.address = "bob@example.net"}};
		begin(&t, "", SMTP);
		t.c.extensions = SMTP_PIPELINING;
		struct smtp_mail m = mail(&t, to, 1, TEXT);
		m.utf8 = i == 0;
		m.eight_bit = i == 1;
		m.require_tls = i == 2;
		t.c.size_max = i == 3 ? 10 : 0;
		m.wire_size = strlen(TEXT_WIRE);
		m.hold_until_s = i == 4 ? 4102444800 : 0;
		m.deliver_by = i == 5 ? "100;R" : NULL;
		is_int(smtp_client_send(&t.c, &m, &t.e), 0, "cannot");
		ok(to[0].answer.status == SMTP_REFUSED, "refused: %s", to[0].answer.text);
		is_str(to[0].answer.enhanced, status[i], "with its status");
		heard(&t, "", "nothing was said");
		done(&t);
	}
}

static void test_injection(void)
{
	struct talk t;
	struct smtp_rcpt to[] = {{.address = "ok@x>\r\nNOOP <x"}, {.address = "bob@example.net"}};
	begin(&t, "250 ok\r\n250 ok\r\n354 go\r\n250 done\r\n", SMTP);
	t.c.extensions = SMTP_PIPELINING;
	struct smtp_mail m = mail(&t, to, 2, TEXT);
	is_int(smtp_client_send(&t.c, &m, &t.e), 0, "an address with a newline");
	answer(&to[0], SMTP_REFUSED, 0, "this is no address to send to");
	is_int(to[0].answer.exit, EX_DATAERR, "is bad data");
	answer(&to[1], SMTP_SENT, 250, "done");
	ok(strstr(buf_cstr(&t.script.heard), "NOOP") == NULL, "it never got out");
	done(&t);
}

/* Whatever tries to end the message early: one message, or none. */
static void test_smuggling(void)
{
	static const char *const bad[] = {
	    "a: b\n\nx\r.\r\nMAIL FROM:<x>\n", "a: b\n\nx\r.\rMAIL\n", "a: b\n\nx\n.\rMAIL\n"};
	for (size_t i = 0; i < 3; i++) {
		struct talk t;
		struct smtp_rcpt to[] = {{.address = "bob@example.net"}};
		begin(&t, "250 ok\r\n250 ok\r\n354 go\r\n250 done\r\n", SMTP);
		struct smtp_mail m = mail(&t, to, 1, bad[i]);
		is_int(smtp_client_send(&t.c, &m, &t.e), -1, "a stray CR");
		is_int(to[0].answer.exit, EX_DATAERR, "is bad data");
		ok(to[0].answer.status == SMTP_REFUSED, "%s", to[0].answer.text);
		ok(strstr(buf_cstr(&t.script.heard), "\r\n.\r\n") == NULL, "no end was sent");
		done(&t);
	}
	struct talk t;
	struct smtp_rcpt to[] = {{.address = "bob@example.net"}};
	begin(&t, "250 ok\r\n250 ok\r\n354 go\r\n250 done\r\n", SMTP);
	struct smtp_mail m = mail(&t, to, 1, "a: b\n\nx\n.\nMAIL FROM:<x>\n.\r\nRCPT\r\n.\n");
	is_int(smtp_client_send(&t.c, &m, &t.e), 0, "bare LF around a dot");
	heard(&t,
	    "MAIL FROM:<ana@example.org>\r\nRCPT TO:<bob@example.net>\r\nDATA\r\n"
	    "a: b\r\n\r\nx\r\n..\r\nMAIL FROM:<x>\r\n..\r\nRCPT\r\n..\r\n.\r\n",
	    "becomes doubled dots");
	done(&t);
}

static int told;
static int sending(void *ctx, struct err *e)
{
	struct talk *t = ctx;
	told++;
	ok(strstr(buf_cstr(&t->script.heard), "bye\r\n.\r\n") == NULL,
	    "the end is not out when it is announced");
	return told > 1 ? err_set(e, EX_IOERR, "nobody listens") : 0;
}

static void test_sending(void)
{
	struct talk t;
	struct smtp_rcpt to[] = {{.address = "bob@example.net"}};
	begin(&t, "250 ok\r\n250 ok\r\n354 go\r\n250 done\r\n250 ok\r\n250 ok\r\n354 go\r\n", SMTP);
	struct smtp_mail m = mail(&t, to, 1, TEXT);
	m.sending = sending;
	m.ctx = &t;
	is_int(smtp_client_send(&t.c, &m, &t.e), 0, "announced");
	is_int(told, 1, "once");
	buf_reset(&t.script.heard);
	source_mem_init(&t.message, span_of(TEXT));
	is_int(smtp_client_send(&t.c, &m, &t.e), -1, "the announcement fails");
	answer(&to[0], SMTP_DEFERRED, 0, "message: nobody listens");
	done(&t);
}

static void test_ask(void)
{
	struct talk t;
	struct smtp_rcpt to[] = {{.address = "bob@example.net"}, {.address = "no@example.net"}};
	begin(&t, "250 ok\r\n250 2.1.5 known\r\n550 5.1.1 no\r\n250 reset\r\n", SMTP);
	t.c.extensions = SMTP_PIPELINING;
	struct smtp_mail m = mail(&t, to, 2, "");
	m.message = NULL;
	m.ask = true;
	is_int(smtp_client_send(&t.c, &m, &t.e), 0, "only asked");
	answer(&to[0], SMTP_SENT, 250, "known");
	answer(&to[1], SMTP_REFUSED, 550, "no");
	heard(&t,
	    "MAIL FROM:<ana@example.org>\r\nRCPT TO:<bob@example.net>\r\nRCPT "
	    "TO:<no@example.net>\r\nRSET\r\n",
	    "no DATA");
	done(&t);
}

static void auth(const char *says, const char *offered, const char *wanted, bool safe, int want,
    const char *on_the_wire)
{
	struct talk t;
	struct sasl_credentials cred = {.user = "ana", .password = "secret"};
	begin(&t, says, SMTP);
	t.c.extensions = SMTP_AUTH_OFFERED;
	snprintf(t.c.mechanisms, sizeof(t.c.mechanisms), "%s", offered);
	int r = smtp_client_auth(&t.c, &cred, wanted, safe, &t.e);
	ok((r < 0 ? t.e.code : 0) == want, "%s of %s: %s", wanted, offered,
	    r < 0 ? t.e.text : "ok");
	heard(&t, on_the_wire, "on the wire");
	ok(!t.c.secret, "and the trace may speak again");
	done(&t);
}

static void test_auth(void)
{
	auth("235 ok\r\n", "PLAIN LOGIN", "auto", true, 0, "AUTH PLAIN AGFuYQBzZWNyZXQ=\r\n");
	auth("", "PLAIN LOGIN", "auto", false, EX_NOPERM, "");
	auth("535 5.7.8 wrong\r\n", "PLAIN", "auto", true, EX_NOPERM,
	    "AUTH PLAIN AGFuYQBzZWNyZXQ=\r\n");
	auth("454 4.7.0 later\r\n", "PLAIN", "auto", true, EX_TEMPFAIL,
	    "AUTH PLAIN AGFuYQBzZWNyZXQ=\r\n");
	auth("334 VXNlcm5hbWU6\r\n334 UGFzc3dvcmQ6\r\n235 ok\r\n", "LOGIN", "LOGIN", true, 0,
	    "AUTH LOGIN\r\nYW5h\r\nc2VjcmV0\r\n");
	auth("334 not base64!\r\n501 cancelled\r\n", "CRAM-MD5", "auto", true, EX_PROTOCOL,
	    "AUTH CRAM-MD5\r\n*\r\n");
}

/* --- several under way --- */

#define CAN_RIDE "220 x\r\n250-x\r\n250-PIPELINING\r\n250 CHUNKING\r\n"
#define SMALL "A: b\n\nhi\n"
#define SMALL_WIRE "A: b\r\n\r\nhi\r\n"

struct ride {
	struct smtp_rcpt to;
	struct source_mem message;
	struct smtp_mail mail;
};

static void ride_init(struct ride *r, const char *address)
{
	*r = (struct ride){.to = {.address = address}};
	source_mem_init(&r->message, SPAN(SMALL));
	r->mail = (struct smtp_mail){.sender = "a@x",
	    .rcpts = &r->to,
	    .rcpt_count = 1,
	    .message = &r->message.source,
	    .wire_size = strlen(SMALL_WIRE)};
}

static void three_rides(struct talk *t, struct ride r[3], const char *says)
{
	static const char *const names[] = {"one@x", "two@x", "three@x"};
	begin(t, says, SMTP);
	smtp_client_greeting(&t->c, &t->e);
	smtp_client_hello(&t->c, "me", &t->e);
	buf_reset(&t->script.heard);
	t->script.writes = 0;
	for (size_t i = 0; i < 3; i++) {
		ride_init(&r[i], names[i]);
		is_int(smtp_client_start(&t->c, &r[i].mail, &t->e), 1, "under way");
	}
	is_int((long long)t->c.in_flight, 3, "three are");
	stream_flush(&t->stream, NULL);
}

static void test_rides(void)
{
	struct talk t;
	struct ride r[3];
	three_rides(&t, r,
	    CAN_RIDE "250 ok\r\n250 ok\r\n250 ok 1\r\n"
		     "250 ok\r\n250 ok\r\n550 no\r\n503 none\r\n"
		     "250 ok\r\n250 ok\r\n250 ok\r\n452 full\r\n");
	for (int i = 0; i < 3; i++)
		is_int(smtp_client_settle(&t.c, &t.e), 0, "settled");
	is_int((int)t.script.writes, 1, "in one flight");
	heard(&t,
	    "MAIL FROM:<a@x>\r\nRCPT TO:<one@x>\r\nBDAT 12 LAST\r\n" SMALL_WIRE
	    "RSET\r\nMAIL FROM:<a@x>\r\nRCPT TO:<two@x>\r\nBDAT 12 LAST\r\n" SMALL_WIRE
	    "RSET\r\nMAIL FROM:<a@x>\r\nRCPT TO:<three@x>\r\nBDAT 12 LAST\r\n" SMALL_WIRE,
	    "RSET before every MAIL but the first");
	answer(&r[0].to, SMTP_SENT, 250, "ok 1");
	answer(&r[1].to, SMTP_REFUSED, 550, "no");
	answer(&r[2].to, SMTP_DEFERRED, 452, "full");
	ok(t.c.dirty, "RSET is owed now");
	done(&t);
}

static void test_rides_lost(void)
{
	struct talk t;
	struct ride r[3];
	three_rides(&t, r, CAN_RIDE "250 ok\r\n250 ok\r\n250 ok 1\r\n250 ok\r\n");
	is_int(smtp_client_settle(&t.c, &t.e), 0, "the first is settled");
	is_int(smtp_client_settle(&t.c, &t.e), -1, "the connection is lost");
	is_int((long long)t.c.in_flight, 0, "none is under way");
	answer(&r[0].to, SMTP_SENT, 250, "ok 1");
	ok(r[1].to.answer.status == SMTP_UNKNOWN && r[2].to.answer.status == SMTP_UNKNOWN,
	    "what was out is unknown");
	done(&t);
	three_rides(&t, r, CAN_RIDE "250 ok\r\n250 ok\r\n250 ok 1\r\n250 ok\r\n421 bye\r\n");
	smtp_client_settle(&t.c, &t.e);
	is_int(smtp_client_settle(&t.c, &t.e), -1, "the server closes");
	ok(r[1].to.answer.status == SMTP_DEFERRED && r[2].to.answer.status == SMTP_DEFERRED,
	    "what it did not answer it did not take");
	is_int(r[2].to.answer.code, 421, "because of that");
	done(&t);
	three_rides(&t, r,
	    CAN_RIDE "250 ok\r\n250 ok\r\n421 bye\r\n"
		     "250 ok\r\n250 ok\r\n250 ok\r\n250 ok 2\r\n250 ok\r\n");
	is_int(smtp_client_settle(&t.c, &t.e), -1, "the server closes");
	answer(&r[0].to, SMTP_DEFERRED, 421, "bye");
	answer(&r[1].to, SMTP_SENT, 250, "ok 2");
	ok(r[2].to.answer.status == SMTP_UNKNOWN,
	    "and goes on all the same: what was begun is unknown");
	done(&t);
	three_rides(&t, r,
	    CAN_RIDE "250 ok\r\n250 ok\r\n250 ok 1\r\n"
		     "250 ok\r\n421 bye\r\n503 what\r\n503 what\r\n"
		     "250 ok\r\n250 ok\r\n250 ok\r\n550 no\r\n");
	smtp_client_settle(&t.c, &t.e);
	is_int(smtp_client_settle(&t.c, &t.e), -1, "the server closes in the middle of one");
	answer(&r[1].to, SMTP_DEFERRED, 421, "bye");
	answer(&r[2].to, SMTP_REFUSED, 550, "no");
	done(&t);
	three_rides(&t, r, CAN_RIDE "250 ok\r\n250 ok\r\n250 ok 1\r\n421 bye\r\n");
	smtp_client_settle(&t.c, &t.e);
	is_int(smtp_client_settle(&t.c, &t.e), -1, "the server closes at RSET");
	answer(&r[1].to, SMTP_DEFERRED, 421, "bye");
	answer(&r[2].to, SMTP_DEFERRED, 421, "bye");
	done(&t);
	three_rides(&t, r, CAN_RIDE "250 ok\r\nwhat?\r\n250 ok\r\n250 ok\r\n");
	is_int(smtp_client_settle(&t.c, &t.e), -1, "nonsense");
	for (int i = 0; i < 3; i++)
		ok(r[i].to.answer.status == SMTP_UNKNOWN, "nothing behind it is believed");
	done(&t);
}

/* A wire that breaks after so many octets. */
struct breaking {
	struct script script;
	size_t left;
};

static ssize_t breaking_write(void *ctx, const char *p, size_t n, struct err *e)
{
	struct breaking *b = ctx;
	if (!b->left)
		return err_set(e, EX_TEMPFAIL, "broken");
	n = n < b->left ? n : b->left;
	b->left -= n;
	return script_write(&b->script, p, n, e);
}

static void test_rides_half_out(void)
{
	static const struct stream_ops ops = {script_read, breaking_write, script_close};
	struct breaking b = {.script = {.says = "250 ok\r\n250 ok\r\n250 ok 1\r\n"}, .left = 0};
	struct ride r[3];
	struct stream s;
	struct smtp_client c;
	struct err e = ERR_INIT;
	size_t first = strlen("MAIL FROM:<a@x>\r\nRCPT TO:<one@x>\r\nBDAT 12 LAST\r\n") + 12;
	b.script.len = strlen(b.script.says);
	b.script.heard.max = 1 << 20;
	b.left = 2 * first + strlen("RSET\r\n"); /* all of the second, nothing of the third */
	stream_init_ops(&s, &ops, &b, -1, -1);
	smtp_client_init(&c, &s, SMTP, 5000);
	c.extensions = SMTP_PIPELINING | SMTP_CHUNKING;
	static const char *const names[] = {"one@x", "two@x", "three@x"};
	for (size_t i = 0; i < 3; i++) {
		ride_init(&r[i], names[i]);
		is_int(smtp_client_start(&c, &r[i].mail, &e), 1, "under way");
	}
	stream_ready(&s, NULL);
	stream_flush(&s, NULL);
	is_int(smtp_client_settle(&c, &e), 0, "its answer is there");
	is_int(smtp_client_settle(&c, &e), -1, "the wire broke");
	answer(&r[0].to, SMTP_SENT, 250, "ok 1");
	ok(r[1].to.answer.status == SMTP_UNKNOWN, "out to its last octet: unknown");
	ok(r[2].to.answer.status == SMTP_DEFERRED, "not out: deferred");
	smtp_client_release(&c);
	stream_release(&s);
	buf_release(&b.script.heard);
}

static void test_cannot_ride(void)
{
	struct talk t;
	struct ride r;
	begin(&t, "220 x\r\n250-x\r\n250 PIPELINING\r\n", SMTP);
	smtp_client_greeting(&t.c, &t.e);
	smtp_client_hello(&t.c, "me", &t.e);
	ride_init(&r, "one@x");
	is_int(smtp_client_start(&t.c, &r.mail, &t.e), 0, "without CHUNKING it cannot ride");
	t.c.extensions |= SMTP_CHUNKING;
	r.mail.wire_size = 0;
	is_int(smtp_client_start(&t.c, &r.mail, &t.e), 0, "nor where its size is not known");
	r.mail.wire_size = 12;
	r.to.address = "one@x\r\nDATA";
	is_int(smtp_client_start(&t.c, &r.mail, &t.e), 0, "nor with a strange address");
	r.to.address = "one@x";
	r.mail.wire_size = 13;
	is_int(smtp_client_start(&t.c, &r.mail, &t.e), -1, "a message that became shorter");
	ok(r.to.answer.status == SMTP_DEFERRED, "waits");
	done(&t);
}

int main(void)
{
	test_rides();
	test_rides_lost();
	test_rides_half_out();
	test_cannot_ride();
	test_hello();
	test_hello_old();
	test_greeting();
	test_starttls();
	test_three(true);
	test_three(false);
	test_none_left();
	test_mail_refused();
	test_bdat();
	test_lmtp();
	test_lost();
	test_421();
	test_parameters();
	test_cannot();
	test_injection();
	test_smuggling();
	test_sending();
	test_ask();
	test_auth();
	return tap_done();
}
