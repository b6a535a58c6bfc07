#include "../tap.h"
#include "base/alloc.h"
#include "talk.h"

static struct imap_uids uids_of(const char *set)
{
	struct imap_uids l = {0};
	ok(imap_uid_set_parse(span_of(set), 1000, &l), "a set: %s", set);
	return l;
}

/* What we said, tags taken out. */
static bool said(struct talk *t, const char *want)
{
	struct buf b = BUF_INIT(1 << 16);
	struct span all = buf_span(&t->sc.heard), line, word;
	while (span_line(&all, &line)) {
		if (span_starts(line, t->c.prefix))
			span_word(&line, &word);
		buf_add(&b, span_trim(line));
		buf_addc(&b, '|');
	}
	bool same = is_str(buf_cstr(&b), want, "what we said");
	buf_release(&b);
	return same;
}

static void test_sets(void)
{
	struct imap_uids l = {0};
	ok(imap_uid_set_parse(SPAN("4:6,2,9:9"), 5, &l) && l.n == 5 && l.v[0] == 4 && l.v[3] == 2,
	    "in the order it says");
	l.n = 0;
	ok(!imap_uid_set_parse(SPAN("4:6,2,9"), 4, &l), "more than allowed");
	l.n = 0;
	ok(!imap_uid_set_parse(SPAN("1:4294967295"), 1000, &l), "far more");
	l.n = 0;
	ok(!imap_uid_set_parse(SPAN("0"), 4, &l) && !imap_uid_set_parse(SPAN("4:*"), 4, &l) &&
		!imap_uid_set_parse(SPAN("6:4"), 4, &l) && !imap_uid_set_parse(SPAN("a"), 4, &l),
	    "none");
	imap_uids_release(&l);
}

static void test_delete(const char *says, const char *want, bool want_left, const char *what)
{
	struct talk t;
	struct imap_uids l = uids_of("4,5,6,9");
	bool left = false;
	talk_open(&t, says, 0);
	imap_client_greeting(&t.c, false, &t.e);
	is_int(imap_client_delete(&t.c, &l, &left, &t.e), 0, what);
	ok(left == want_left, "left marked");
	said(&t, want);
	imap_uids_release(&l);
	talk_close(&t);
}

static void test_move(const char *says, const char *want, const char *what)
{
	struct talk t;
	struct imap_uids l = uids_of("4:6");
	struct imap_moved m = {0};
	bool left;
	talk_open(&t, says, 1);
	imap_client_greeting(&t.c, false, &t.e);
	is_int(imap_client_move(&t.c, &l, "a \"b\"", &m, &left, &t.e), 0, what);
	said(&t, want);
	ok(m.uidvalidity == 7 && m.from.n == 3 && m.to.n == 3 && m.to.v[0] == 30 && m.to.v[2] == 41,
	    "and where they are now");
	imap_moved_release(&m);
	imap_uids_release(&l);
	talk_close(&t);
}

static void test_append(
    const char *says, int code, uint32_t want_uid, const char *want, const char *what)
{
	struct talk t;
	struct source_mem src;
	uint32_t validity = 0, uid = 0;
	talk_open(&t, says, 1);
	source_mem_init(&src, SPAN("A: b\r\n\r\nc\r\n"));
	src.chunk = 3;
	struct imap_append a = {
	    .flags = "\\Seen", .date_s = 837596665, .size = 11, .message = &src.source};
	imap_client_greeting(&t.c, false, &t.e);
	imap_client_append(&t.c, "Drafts", &a, &validity, &uid, &t.e);
	is_int(t.e.code, code, what);
	is_int(uid, want_uid, "its uid");
	said(&t, want);
	talk_close(&t);
}

static void test_wait(const char *says, int want, const char *heard, const char *what)
{
	struct talk t;
	talk_open(&t, says, 1);
	imap_client_greeting(&t.c, false, &t.e);
	is_int(imap_client_wait(&t.c, 3, 10000, &t.e), want, what);
	said(&t, heard);
	talk_close(&t);
}

static int count_message(
    void *ctx, const struct imap_message *m, const struct err *bad, struct err *e)
{
	(void)m, (void)bad, (void)e;
	++*(int *)ctx;
	return 0;
}

/* A server that never ends. */
static void test_endless(void)
{
	struct talk t;
	struct buf b = BUF_INIT(1 << 20);
	int count = 0;
	struct imap_fetch_handler h = {.ctx = &count, .expected = 1, .message = count_message};
	buf_adds(&b, "* OK hi\r\n");
	for (int i = 0; i < 12000; i++)
		buf_adds(&b, "* 1 FETCH (FLAGS ())\r\n");
	talk_open(&t, "", 0);
	t.sc.says = buf_cstr(&b);
	t.sc.len = b.len;
	imap_client_greeting(&t.c, false, &t.e);
	imap_client_fetch(&t.c, "1", "FLAGS", &h, &t.e);
	is_int(t.e.code, EX_PROTOCOL, "endless FETCH");
	ok(count < 11000, "is not listened to for ever");
	talk_close(&t);
	buf_release(&b);
}

/* A header of 200 KiB: its beginning is kept and the conversation goes on. */
static int keep_length(
    void *ctx, const struct imap_message *m, const struct err *bad, struct err *e)
{
	(void)e;
	*(size_t *)ctx = bad ? 0 : m->header.len;
	return 0;
}

static void test_long_header(void)
{
	struct talk t;
	struct buf b = BUF_INIT(1 << 20);
	size_t length = 0;
	struct imap_fetch_handler h = {.ctx = &length, .expected = 1, .message = keep_length};
	talk_open(&t, "$", 0);
	buf_addf(&b, "* OK hi\r\n* 1 FETCH (UID 1 BODY[HEADER] {200000}\r\n%0200000d)\r\n%s OK\r\n",
	    7, t.said);
	t.sc.says = buf_cstr(&b);
	t.sc.len = b.len;
	imap_client_greeting(&t.c, false, &t.e);
	is_int(imap_client_fetch(&t.c, "1", "BODY.PEEK[HEADER]", &h, &t.e), 0, "a long header");
	is_int((long long)length, 64 << 10, "its beginning");
	talk_close(&t);
	buf_release(&b);
}

int main(void)
{
	test_sets();
	test_delete("* OK [CAPABILITY IMAP4rev1 UIDPLUS] hi\r\n$ OK\r\n$ OK\r\n",
	    "UID STORE 4:6,9 +FLAGS.SILENT (\\Deleted)|UID EXPUNGE 4:6,9|", false, "with UIDPLUS");
	test_delete(
	    "* OK [CAPABILITY IMAP4rev1] hi\r\n$ OK\r\n* SEARCH 4 5 6 9\r\n$ OK\r\n$ OK\r\n",
	    "UID STORE 4:6,9 +FLAGS.SILENT (\\Deleted)|UID SEARCH DELETED|EXPUNGE|", false,
	    "without");
	test_delete("* OK [CAPABILITY IMAP4rev1] hi\r\n$ OK\r\n* SEARCH 4 5 6 9 11\r\n$ OK\r\n",
	    "UID STORE 4:6,9 +FLAGS.SILENT (\\Deleted)|UID SEARCH DELETED|", true,
	    "somebody else's mark is not ours to expunge");
	test_move("* OK [CAPABILITY IMAP4rev1 MOVE] hi\r\n* OK [COPYUID 7 4:6 30,40:41] moved\r\n"
		  "* 4 EXPUNGE\r\n$ OK done\r\n",
	    "UID MOVE 4:6 \"a \\\"b\\\"\"|", "MOVE");
	test_move(
	    "* OK [CAPABILITY IMAP4rev1 UIDPLUS] hi\r\n$ OK [COPYUID 7 4:6 30,40:41] copied\r\n"
	    "$ OK\r\n$ OK\r\n",
	    "UID COPY 4:6 \"a \\\"b\\\"\"|UID STORE 4:6 +FLAGS.SILENT (\\Deleted)|UID EXPUNGE 4:6|",
	    "COPY and delete");
	test_append("* OK [CAPABILITY IMAP4rev1] hi\r\n+ go\r\n$ OK [APPENDUID 7 12] done\r\n", 0,
	    12, "APPEND \"Drafts\" (\\Seen) \"17-Jul-1996 09:44:25 +0000\" {11}|A: b||c||",
	    "APPEND");
	test_append("* OK [CAPABILITY IMAP4rev1] hi\r\n$ NO [TRYCREATE] no such folder\r\n",
	    EX_UNAVAILABLE, 0, "APPEND \"Drafts\" (\\Seen) \"17-Jul-1996 09:44:25 +0000\" {11}|",
	    "refused at once");
	test_append("* OK [CAPABILITY IMAP4rev1] hi\r\n$ OK what\r\n", EX_PROTOCOL, 0,
	    "APPEND \"Drafts\" (\\Seen) \"17-Jul-1996 09:44:25 +0000\" {11}|", "done too early");
	test_wait("* OK [CAPABILITY IMAP4rev1 IDLE] hi\r\n+ idling\r\n* 1 FETCH (FLAGS ())\r\n* 4 "
		  "EXISTS\r\n"
		  "$ OK done\r\n",
	    1, "IDLE|DONE|", "IDLE until there is more");
	test_wait("* OK [CAPABILITY IMAP4rev1 IDLE] hi\r\n+ idling\r\n* BYE gone\r\n", -1, "IDLE|",
	    "the server leaves");
	test_wait("* OK [CAPABILITY IMAP4rev1 IDLE] hi\r\n$ NO not now\r\n", -1, "IDLE|",
	    "it does not want to");
	test_endless();
	test_long_header();
	return tap_done();
}
