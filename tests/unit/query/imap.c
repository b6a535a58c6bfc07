#include "query/imap.h"
#include "../tap.h"

#include <stdlib.h>

static int flag_by_name(struct span name, unsigned *flag, struct err *e)
{
	*flag = span_is(name, "seen") ? 1 : span_is(name, "flagged") ? 2 : 4;
	(void)e;
	return 0;
}
static const struct query_imap_flag flags[] = {
    {1, "SEEN", "UNSEEN"}, {2, "FLAGGED", "UNFLAGGED"}, {0, NULL, NULL}};

static void is_search(const char *text, const char *want)
{
	struct query *q;
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT(4096);
	if (!ok(query_parse(&q, span_of(text), flag_by_name, &e) == 0, "%s", text))
		return;
	int r = query_imap(q, flags, &b, &e);
	is_str(r < 0 ? (e.code == EX_USAGE ? "usage" : "?") : buf_cstr(&b), want, text);
	buf_release(&b);
	query_free(q);
}

int main(void)
{
	setenv("TZ", "UTC", 1);
	is_search("", "(ALL)");
	is_search("hello", "(TEXT \"hello\")");
	is_search("from:alice is:unread", "((FROM \"alice\") (UNSEEN))");
	is_search(
	    "from:a or subject:b or is:flagged", "OR (FROM \"a\") OR (SUBJECT \"b\") (FLAGGED)");
	is_search("not (a b)", "NOT ((TEXT \"a\") (TEXT \"b\"))");
	is_search("larger:1k", "(LARGER 1024)");
	is_search("smaller:10", "(SMALLER 10)");
	is_search("before:2026-03-01", "(SENTBEFORE 1-Mar-2026)");
	is_search("before:2026-03-01T10:00:00Z", "(SENTBEFORE 2-Mar-2026)");
	is_search("after:2026-03-01", "(SENTSINCE 1-Mar-2026)");
	is_search("date:2026-02", "(SENTSINCE 1-Feb-2026 SENTBEFORE 1-Mar-2026)");
	is_search("not date:2026-02", "NOT (SENTSINCE 1-Feb-2026 SENTBEFORE 1-Mar-2026)");
	is_search("id:a\\b@c", "(HEADER Message-ID \"a\\\\b@c\")");
	is_search("list:x", "(HEADER List-Id \"x\")");
	is_search("na\xc3\xafve", "CHARSET UTF-8 (TEXT {6+}\r\nna\xc3\xafve)");
	is_search("has:attachment", "usage");
	is_search("in:Work", "usage");
	is_search("is:draft", "usage");
	return tap_done();
}
