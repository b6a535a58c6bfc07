#include "../tap.h"
#include "talk.h"

/* --- tokens: the same at every chunking --- */

static void tokens(const char *text, size_t chunk, struct buf *out)
{
	struct script sc = {.says = text, .chunk = chunk};
	struct stream s;
	struct imap_lex l;
	struct imap_token t;
	struct err e = ERR_INIT;
	script_open(&sc, &s);
	imap_lex_init(&l, &s);
	do {
		if (imap_lex_next(&l, &t, &e) < 0) {
			buf_addf(out, "!%d", e.code);
			break;
		}
		buf_addc(out, "aqL()E"[t.kind]);
		if (t.kind == IMAP_LITERAL)
			imap_lex_string(&l, &t, out, 1000, &e);
		buf_add(out, t.text);
		buf_addc(out, '|');
	} while (t.kind != IMAP_END);
	imap_lex_release(&l);
	stream_release(&s);
	buf_release(&sc.heard);
}

static void check(const char *text, const char *want)
{
	static const size_t chunks[] = {1, 3, 7, 0};
	char name[64];
	for (size_t i = 0; i < 4; i++) {
		struct buf got = BUF_INIT(1 << 16);
		tokens(text, chunks[i], &got);
		is_str(buf_cstr(&got), want, script_name(text, name));
		buf_release(&got);
	}
}

static void test_tokens(void)
{
	check("* 12 EXISTS\r\n", "a*|a12|aEXISTS|E|");
	check("(\\Seen \"a\\\"b\\\\\") NIL\r\n", "(|a\\Seen|qa\"b\\|)|aNIL|E|");
	check("BODY[HEADER.FIELDS (MESSAGE-ID)]<0> {5}\r\na\r\nb) x\n",
	    "aBODY[HEADER.FIELDS (MESSAGE-ID)]<0>|La\r\nb)|ax|E|");
	check("{0}\r\n ~{3}\r\n\"()(", "L|L\"()|(|!75");
	check("  \"\"   x\r\n", "q|ax|E|");
	check("{4294967296}\r\n", "!76");
	check("{99999999999999999999999}\r\n", "!76");
	check("{x}\r\n", "!76");
	check("{3\r\n", "!76");
	check("\"abc\r\n", "!76");
	check("(a\r\n", "(|aa|!76");
	check(")\r\n", "!76");
	check("a\rb\r\n", "aa|!76");
	check("x[ab\r\n", "!76");
	check("abc", "!75");
	check("((((((((((((((((((((((((((((((((((\r\n",
	    "(|(|(|(|(|(|(|(|(|(|(|(|(|(|(|(|(|(|(|(|(|(|(|(|(|(|(|(|(|(|(|(|!76");
}

/* --- conversations --- */

static void test_greeting(void)
{
	static const struct {
		const char *says;
		bool tls;
		int code;
	} cases[] = {
	    {"* OK ready\r\n", true, 0},
	    {"* PREAUTH hello\r\n", true, EX_PROTOCOL},
	    {"* PREAUTH hello\r\n", false, 0},
	    {"* BYE busy\r\n", true, EX_TEMPFAIL},
	    {"+OK POP3\r\n", true, EX_PROTOCOL},
	    {"* 3 EXISTS\r\n", true, EX_PROTOCOL},
	    {"", true, EX_TEMPFAIL},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct talk t;
		char name[64];
		talk_open(&t, cases[i].says, 1);
		imap_client_greeting(&t.c, cases[i].tls, &t.e);
		is_int(t.e.code, cases[i].code, script_name(cases[i].says, name));
		talk_close(&t);
	}
}

static void starttls_case(const char *says, size_t chunk, int code, const char *what)
{
	struct talk t;
	talk_open(&t, says, chunk);
	if (imap_client_greeting(&t.c, true, &t.e) == 0)
		imap_client_starttls(&t.c, &t.e);
	is_int(t.e.code, code, what);
	talk_close(&t);
}

static void test_starttls(void)
{
	starttls_case("* OK [CAPABILITY IMAP4rev1 STARTTLS] hi\r\n$ OK go\r\n", 1, 0, "STARTTLS");
	starttls_case("* OK [CAPABILITY IMAP4rev1 STARTTLS] hi\r\n$ OK go\r\n* OK injected\r\n", 0,
	    EX_PROTOCOL, "bytes behind its OK");
	starttls_case("* OK [CAPABILITY IMAP4rev1] hi\r\n", 0, EX_PROTOCOL, "not offered");
	starttls_case("* OK [CAPABILITY STARTTLS] hi\r\nzz9 OK go\r\n", 0, EX_PROTOCOL,
	    "OK for a command that was not sent");
}

struct seen {
	struct buf log, body;
	struct sink_buf sink;
};

static struct sink *on_body(void *ctx, uint64_t size)
{
	struct seen *s = ctx;
	buf_addf(&s->log, "[%llu]", (unsigned long long)size);
	sink_buf_init(&s->sink, &s->body);
	return &s->sink.sink;
}

static int on_message(void *ctx, const struct imap_message *m, const struct err *bad, struct err *e)
{
	struct seen *s = ctx;
	(void)bad, (void)e;
	buf_addf(&s->log, "uid %u flags %u size %llu date %lld body %d;", m->uid, m->flags,
	    (unsigned long long)m->size, (long long)m->internaldate_s, m->has_body);
	return 0;
}

static void test_fetch(size_t chunk)
{
	struct talk t;
	struct seen s = {.log = BUF_INIT(4096), .body = BUF_INIT(4096)};
	struct imap_fetch_handler h = {&s, 2, on_body, on_message};
	struct imap_uids found = {0};
	talk_open(&t,
	    "* OK hi\r\n"
	    "* OK [UIDVALIDITY 17] ok\r\n* 2 EXISTS\r\n* FLAGS (\\Seen)\r\n* XYZZY {3}\r\na\r\n "
	    "(b)\r\n$ OK [READ-ONLY] done\r\n"
	    "* SEARCH 9 4 5 4\r\n* SEARCH (MODSEQ 3)\r\n$ OK done\r\n"
	    "* 1 FETCH (UID 4 FLAGS (\\Seen Junk) INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" "
	    "RFC822.SIZE 7 BODY[] {7}\r\nA: b\r\n) ENVELOPE (NIL (\"x\")))\r\n"
	    "* 2 FETCH (FLAGS ())\r\n$ OK done\r\n",
	    chunk);
	is_int(imap_client_greeting(&t.c, false, &t.e), 0, "greeting");
	is_int(imap_client_select(&t.c, "Entw\xc3\xbcrfe & so", true, &t.e), 0, "EXAMINE");
	ok(strstr(buf_cstr(&t.sc.heard), "EXAMINE \"Entw&APw-rfe &- so\"\r\n") != NULL,
	    "the name in modified UTF-7");
	is_int(t.c.mailbox.uidvalidity, 17, "UIDVALIDITY");
	is_int(imap_client_search(&t.c, "ALL", &found, &t.e), 0, "SEARCH");
	ok(found.n == 3 && found.v[0] == 4 && found.v[2] == 9, "sorted, each once");
	is_int(imap_client_fetch(&t.c, "4", "UID", &h, &t.e), 0, "FETCH");
	ok(strstr(buf_cstr(&s.log),
	       "[7]uid 4 flags 1 size 7 date 837596665 body 1;uid 0 flags 0") != NULL,
	    "%s", buf_cstr(&s.log));
	is_str(buf_cstr(&s.body), "A: b\r\n)", "the literal, byte for byte");
	imap_uids_release(&found);
	buf_release(&s.log);
	buf_release(&s.body);
	talk_close(&t);
}

static void test_refusal(void)
{
	struct talk t;
	talk_open(&t, "* OK [CAPABILITY X] hi\r\n$ NO [UNAVAILABLE] later\r\n", 0);
	imap_client_greeting(&t.c, false, &t.e);
	is_int(imap_client_noop(&t.c, &t.e), -1, "NO is a failure");
	is_int(t.e.code, EX_TEMPFAIL, "a temporary one");
	is_str(t.e.text, "NOOP: [UNAVAILABLE] later", "with its text");
	talk_close(&t);
	talk_open(&t, "* OK [CAPABILITY X] hi\r\n* BYE too long\r\n", 0);
	imap_client_greeting(&t.c, false, &t.e);
	imap_client_noop(&t.c, &t.e);
	is_str(t.e.text, "NOOP: the server said goodbye: too long", "BYE is told");
	talk_close(&t);
	talk_open(&t, "* OK hi\r\n+ more\r\n", 0);
	imap_client_greeting(&t.c, false, &t.e);
	is_int(imap_client_noop(&t.c, &t.e) < 0 ? t.e.code : 0, EX_PROTOCOL,
	    "+ where nothing is missing");
	talk_close(&t);
}

static void test_sets(void)
{
	struct imap_uids l = {0};
	struct buf b = BUF_INIT(9000);
	size_t at = 0;
	for (uint32_t i = 0; i < 6; i++)
		imap_uids_add(&l, (uint32_t[]){9, 4, 6, 5, 12, 11}[i]);
	imap_uids_sort(&l);
	ok(imap_uid_set(&l, &at, 100, &b), "a set");
	is_str(buf_cstr(&b), "4:6,9,11:12", "ranges");
	ok(!imap_uid_set(&l, &at, 100, &b), "once");
	buf_release(&b);
	imap_uids_release(&l);
}

static void test_utf7(void)
{
	static const char *const pairs[][2] = {{"INBOX", "INBOX"}, {"a&b", "a&-b"},
	    {"~peter/mail/\xe5\x8f\xb0\xe5\x8c\x97/\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e",
		"~peter/mail/&U,BTFw-/&ZeVnLIqe-"},
	    {"\xf0\x9f\x93\xab", "&2D3c6w-"}};
	for (size_t i = 0; i < 4; i++) {
		struct buf b = BUF_INIT(1000);
		imap_utf7_encode(&b, span_of(pairs[i][0]));
		is_str(buf_cstr(&b), pairs[i][1], "encoded");
		buf_reset(&b);
		imap_utf7_decode(&b, span_of(pairs[i][1]));
		is_str(buf_cstr(&b), pairs[i][0], "decoded");
		buf_release(&b);
	}
	struct buf b = BUF_INIT(1000);
	imap_utf7_decode(&b, span_of("x&!!-&AAo-"));
	is_str(buf_cstr(&b), "x&!!-&AAo-", "what is malformed stays");
	buf_release(&b);
}

int main(void)
{
	test_tokens();
	test_greeting();
	test_starttls();
	test_fetch(1);
	test_fetch(5);
	test_fetch(0);
	test_refusal();
	test_sets();
	test_utf7();
	return tap_done();
}
