#include "smtp/reply.h"

#include "../script.h"
#include "../tap.h"

/* want: "code|enhanced|words", or NULL when it must be refused with EX_PROTOCOL; at every way to cut it */
static void reply(const char *says, const char *want)
{
	static const size_t chunks[] = {0, 1, 3};
	for (size_t i = 0; i < 3; i++) {
		struct script sc = {.says = says, .chunk = chunks[i]};
		struct stream s;
		struct smtp_reply r = SMTP_REPLY_INIT;
		struct err e = ERR_INIT;
		struct buf got = BUF_INIT(4096);
		char name[64];
		script_open(&sc, &s);
		int result = smtp_reply_read(&r, &s, &e);
		if (result == 0) {
			buf_addf(&got, "%d|%s|", r.code, r.enhanced);
			smtp_reply_words(&r, &got);
		}
		if (want)
			is_str(result < 0 ? e.text : buf_cstr(&got), want, script_name(says, name));
		else
			ok(result < 0 && e.code == EX_PROTOCOL, "refused (%s): %s", e.text,
			    script_name(says, name));
		buf_release(&got);
		buf_release(&sc.heard);
		smtp_reply_release(&r);
		stream_release(&s);
	}
}

static void test_good(void)
{
	reply("250 2.1.0 Ok\r\n", "250|2.1.0|Ok");
	reply("250\r\n", "250||");
	reply("250 \r\n", "250||");
	reply("220 mx.example.org ESMTP\r\nmore", "220||mx.example.org ESMTP");
	reply("250-first\r\n250-\r\n250 last\r\n", "250||first last");
	reply("550-5.1.1 no such\r\n550 5.1.1 user\r\n", "550|5.1.1|no such user");
	reply("550 5.1.1\r\n", "550|5.1.1|");
	reply("550 no\n", "550||no");
	reply("550 5.1.1000 x\r\n", "550||5.1.1000 x");
	reply("550 5.1234.1 x\r\n", "550||5.1234.1 x");
	reply("550 4.1.1 x\r\n", "550||4.1.1 x");
	reply("250 2.1\r\n", "250||2.1");
	reply("250 2.1.0x\r\n", "250||2.1.0x");
	reply("354 3.0.0 go on\r\n", "354||3.0.0 go on");
	reply("451 4.7.650 \033[31mred\007\r\n", "451|4.7.650|\\x1b[31mred\\x07");
	reply("250 gr\303\274\303\237e\r\n", "250||gr\303\274\303\237e");
	reply("250 bad \377\r\n", "250||bad \\xff");
}

static void test_nonsense(void)
{
	reply("SSH-2.0-OpenSSH_9.2\r\n", NULL);
	reply("\r\n", NULL);
	reply("25\r\n", NULL);
	reply("2500 x\r\n", NULL);
	reply("250x\r\n", NULL);
	reply("150 x\r\n", NULL);
	reply("650 x\r\n", NULL);
	reply("2x0 x\r\n", NULL);
	reply(" 250 x\r\n", NULL);
	reply("250-a\r\n251 b\r\n", NULL);
	reply("250-a\r\nb\r\n", NULL);
	reply("", "connection closed by the server");
	reply("250-more follows\r\n", "connection closed by the server");
}

static void test_nul(void)
{
	struct script sc = {.says = "250 a\0b\r\n", .len = 9};
	struct stream s;
	struct smtp_reply r = SMTP_REPLY_INIT;
	struct err e = ERR_INIT;
	script_open(&sc, &s);
	is_int(smtp_reply_read(&r, &s, &e), -1, "a NUL is refused");
	is_int(e.code, EX_PROTOCOL, "as a broken protocol");
	smtp_reply_release(&r);
	stream_release(&s);
}

/* A server that talks for ever, and one that never ends its line: both end soon and small. */
static void test_endless(void)
{
	struct buf b = BUF_INIT(4 << 20);
	for (int i = 0; i < 100000; i++)
		buf_adds(&b, "250-x\r\n");
	reply(buf_cstr(&b), NULL);
	buf_reset(&b);
	for (int i = 0; i < 400; i++)
		buf_addf(&b, "250-%0500d\r\n", 0);
	reply(buf_cstr(&b), NULL);
	buf_reset(&b);
	buf_adds(&b, "250 ");
	for (int i = 0; i < 1 << 20; i++)
		buf_addc(&b, 'x');
	buf_adds(&b, "\r\n");
	reply(buf_cstr(&b), NULL);
	buf_release(&b);
}

static void meaning(int code, const char *enhanced, int want)
{
	ok(smtp_reply_exit(code, enhanced) == want, "%d %s is %d", code, enhanced, want);
}

static void test_meaning(void)
{
	meaning(250, "", 0);
	meaning(354, "", 0);
	meaning(421, "", EX_TEMPFAIL);
	meaning(451, "4.7.1", EX_TEMPFAIL);
	meaning(550, "", EX_UNAVAILABLE);
	meaning(550, "5.1.1", EX_NOUSER);
	meaning(550, "5.1.10", EX_UNAVAILABLE);
	meaning(550, "5.1.2", EX_NOHOST);
	struct smtp_reply r = SMTP_REPLY_INIT;
	struct err e = ERR_INIT;
	smtp_reply_line(&r, SPAN("550-5.1.1 no"), &e);
	smtp_reply_line(&r, SPAN("550 5.1.1 such user"), &e);
	smtp_reply_err(&r, &e);
	is_str(e.text, "550 5.1.1 no such user", "as an error");
	is_int(e.code, EX_NOUSER, "with its exit code");
	is_int(e.smtp, 550, "the reply's code");
	is_str(e.enhanced, "5.1.1", "and its status");
	smtp_reply_reset(&r);
	smtp_reply_line(&r, SPAN("250 fine"), &e);
	smtp_reply_err(&r, &e);
	is_int(e.code, EX_PROTOCOL, "success where none was expected");
	smtp_reply_release(&r);
}

static void writes(int code, const char *enhanced, const char *text, const char *want)
{
	struct buf b = BUF_INIT(65536);
	smtp_reply_write(&b, code, enhanced, span_of(text));
	is_mem(b.ptr, b.len, want, strlen(want), want);
	buf_release(&b);
}

static void test_write(void)
{
	writes(250, "2.1.0", "Ok", "250 2.1.0 Ok\r\n");
	writes(250, NULL, "", "250 \r\n");
	writes(250, "", "mx\nSIZE 1\nDSN", "250-mx\r\n250-SIZE 1\r\n250 DSN\r\n");
	writes(550, "5.1.1", "no\nway", "550-5.1.1 no\r\n550 5.1.1 way\r\n");
	writes(550, "5.1.1", "a\rb\033c\001", "550 5.1.1 a?b?c?\r\n");
	writes(550, NULL, "\303\274 \377", "550 ?? ?\r\n");
	writes(550, NULL, "\303\274", "550 \303\274\r\n");
}

/* However long the text: no line over 512 octets, no character cut, and our own reader takes it back. */
static void test_write_long(void)
{
	struct buf text = BUF_INIT(1 << 20), b = BUF_INIT(1 << 20);
	for (int i = 0; i < 3000; i++)
		buf_adds(&text, i % 100 == 99 ? " " : "\303\274");
	smtp_reply_write(&b, 250, "2.0.0", buf_span(&text));
	struct span rest = buf_span(&b), line;
	struct smtp_reply r = SMTP_REPLY_INIT;
	struct err e = ERR_INIT;
	size_t longest = 0;
	int last = 0;
	while (last == 0 && span_line(&rest, &line)) {
		longest = line.len > longest ? line.len : longest;
		last = smtp_reply_line(&r, line, &e);
	}
	ok(longest <= 510, "no line is longer than 512 octets (%zu)", longest + 2);
	ok(last == 1 && !rest.len, "and it is one reply");
	ok(memchr(b.ptr, '?', b.len) == NULL, "no character was cut");
	smtp_reply_release(&r);
	buf_release(&text);
	buf_release(&b);
}

int main(void)
{
	test_good();
	test_nonsense();
	test_nul();
	test_endless();
	test_meaning();
	test_write();
	test_write_long();
	return tap_done();
}
