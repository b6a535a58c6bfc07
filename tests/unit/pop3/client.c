#include "pop3/client.h"
#include "../script.h"
#include "../tap.h"

struct talk {
	struct script sc;
	struct stream s;
	struct pop3_client c;
	struct err e;
};

static void talk_open(struct talk *t, const char *says, size_t chunk)
{
	*t = (struct talk){.sc = {.says = says, .chunk = chunk}};
	script_open(&t->sc, &t->s);
	pop3_client_init(&t->c, &t->s, 0);
}

static void talk_close(struct talk *t)
{
	stream_release(&t->s);
	buf_release(&t->sc.heard);
}

static void test_session(size_t chunk)
{
	struct talk t;
	struct pop3_listing l = {0};
	struct buf b = BUF_INIT(4096);
	struct sink_buf to;
	uint64_t n, bytes;
	talk_open(&t,
	    "+OK hi\r\n+OK\r\nSTLS\r\nPIPELINING\r\nSASL PLAIN LOGIN\r\nTOP\r\n.\r\n+OK 2 "
	    "320\r\n+OK\r\n1 120\r\n2 200\r\n.\r\n"
	    "+OK\r\n1 abc\r\n2 d e\r\n.\r\n+OK\r\nA: b\r\n\r\n..dot\r\n.\r\n-ERR no "
	    "such\r\n+OK\r\n+OK bye\r\n",
	    chunk);
	is_int(pop3_client_greeting(&t.c, &t.e), 0, "greeting");
	is_int(pop3_client_capa(&t.c, &t.e), 0, "CAPA");
	ok(t.c.stls && t.c.pipelining && t.c.top && !t.c.user, "what it can");
	is_str(t.c.mechanisms, "PLAIN LOGIN", "SASL");
	ok(pop3_client_stat(&t.c, &n, &bytes, &t.e) == 0 && n == 2 && bytes == 320, "STAT");
	is_int(pop3_client_listing(&t.c, &l, &t.e), 0, "LIST and UIDL");
	ok(l.n == 2 && l.has_uidl && l.v[1].size == 200, "two");
	is_str(l.n == 2 ? l.v[1].uidl : NULL, "d e", "a strange unique id");
	pop3_client_retr_send(&t.c, 1);
	pop3_client_retr_send(&t.c, 2);
	sink_buf_init(&to, &b);
	is_int(pop3_client_retr(&t.c, &to.sink, &t.e), 0, "RETR");
	is_str(buf_cstr(&b), "A: b\r\n\r\n.dot\r\n", "dots undone");
	is_int(pop3_client_retr(&t.c, &to.sink, &t.e), 2, "this one is refused");
	is_int(pop3_client_dele(&t.c, 1, &t.e), 0, "the next goes on");
	is_int(pop3_client_quit(&t.c, &t.e), 0, "QUIT");
	is_str(buf_cstr(&t.sc.heard),
	    "CAPA\r\nSTAT\r\nLIST\r\nUIDL\r\nRETR 1\r\nRETR 2\r\nDELE 1\r\nQUIT\r\n",
	    "what we said");
	pop3_listing_release(&l);
	buf_release(&b);
	talk_close(&t);
}

static void stls_case(const char *says, int code, const char *what)
{
	struct talk t;
	talk_open(&t, says, 0);
	if (pop3_client_greeting(&t.c, &t.e) == 0)
		pop3_client_stls(&t.c, &t.e);
	is_int(t.e.code, code, what);
	talk_close(&t);
}

static void listing_case(const char *says, int code, const char *what)
{
	struct talk t;
	struct pop3_listing l = {0};
	talk_open(&t, says, 3);
	pop3_client_listing(&t.c, &l, &t.e);
	is_int(t.e.code, code, what);
	pop3_listing_release(&l);
	talk_close(&t);
}

/* A message as it comes, and what is made of it. */
static void body_case(
    const char *wire, size_t len, const char *want, size_t want_len, const char *what)
{
	static const size_t chunks[] = {1, 2, 3, 0};
	for (size_t i = 0; i < 4; i++) {
		struct talk t;
		struct buf b = BUF_INIT(4096), all = BUF_INIT(4096);
		struct sink_buf to;
		buf_adds(&all, "+OK\r\n");
		buf_addn(&all, wire, len);
		buf_adds(&all, "+OK behind it\r\n");
		talk_open(&t, "", chunks[i]);
		t.sc.says = all.ptr;
		t.sc.len = all.len;
		sink_buf_init(&to, &b);
		pop3_client_retr_send(&t.c, 1);
		is_int(pop3_client_retr(&t.c, &to.sink, &t.e), 0, what);
		is_mem(b.ptr, b.len, want, want_len, "dots undone");
		is_int(pop3_client_quit(&t.c, &t.e), 0, "in step");
		buf_release(&b);
		buf_release(&all);
		talk_close(&t);
	}
}
#define BODY(wire, want, what) body_case(wire, sizeof(wire) - 1, want, sizeof(want) - 1, what)

static void test_bodies(void)
{
	BODY(".\r\n", "", "nothing at all");
	BODY("\r\n.\r\n", "\r\n", "an empty line");
	BODY("..\r\n...\r\n.\r\n", ".\r\n..\r\n", "dots");
	BODY("a\n.\nb\r\n.\r\n", "a\n.\nb\r\n", "LF around a dot is content");
	BODY("a\r.\r\nb\r\n.\r\n", "a\r.\r\nb\r\n", "CR before a dot is content");
	BODY("a\n..\r\n.\r\n", "a\n..\r\n", "dots behind a bare LF were not doubled");
	BODY("..\r\rb\r\n.\r\n", ".\r\rb\r\n", "CRs");
	BODY(".\r.\r\n.\r\n", "\r.\r\n", "a dot and a CR that end nothing");
	BODY("a\0b\xff\r\n.\r\n", "a\0b\xff\r\n", "NUL and 8-bit");
	BODY("a\r\r\n.\r\n", "a\r\r\n", "CR CR LF ends a line");
}

int main(void)
{
	test_bodies();
	test_session(1);
	test_session(7);
	test_session(0);
	stls_case("+OK\r\n+OK\r\nSTLS\r\n.\r\n+OK go\r\n", 0, "STLS");
	stls_case("+OK\r\n+OK\r\nSTLS\r\n.\r\n+OK go\r\n+OK injected\r\n", EX_PROTOCOL,
	    "bytes behind its +OK");
	stls_case("+OK\r\n-ERR what\r\n", EX_PROTOCOL, "not offered");
	stls_case("-ERR [SYS/TEMP] later\r\n", EX_TEMPFAIL, "busy");
	stls_case("* OK imap\r\n", EX_PROTOCOL, "another protocol");
	listing_case("+OK\r\n1 10\r\n.\r\n-ERR no UIDL\r\n", 0, "without UIDL");
	listing_case("+OK\r\n0 10\r\n.\r\n", EX_PROTOCOL, "number 0");
	listing_case("+OK\r\n2 10\r\n1 10\r\n.\r\n", EX_PROTOCOL, "not ascending");
	listing_case("+OK\r\n1 10\r\n.\r\n+OK\r\n7 x\r\n.\r\n", EX_PROTOCOL, "an id for nothing");
	listing_case("+OK\r\n1 10\r\n", EX_TEMPFAIL, "cut");
	listing_case("+OK\r\n1 10\r\n.\r\n+OK\r\n1 \r\n.\r\n", 0, "an empty id");
	listing_case("+OK\r\n1 10\r\n.\r\n+OK\r\n1 a\r\n1 b\r\n.\r\n", EX_PROTOCOL, "two ids");
	return tap_done();
}
