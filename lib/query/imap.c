#include "query/imap.h"

#include "base/intl.h"
#include "codec/utf8.h"
#include "query/room.h"

#include <time.h>

/* --- terms --- */

static void add_string(struct buf *out, struct span text)
{
	if (!is_ascii(text)) {
		buf_addf(out, "{%zu+}\r\n", text.len);
		buf_add(out, text);
		return;
	}
	buf_addc(out, '"');
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] == '"' || text.ptr[i] == '\\')
			buf_addc(out, '\\');
		buf_addc(out, (unsigned char)text.ptr[i] < ' ' ? ' ' : text.ptr[i]);
	}
	buf_addc(out, '"');
}

static void add_day(struct buf *out, const char *key, int64_t s)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	time_t when = (time_t)s;
	struct tm tm = {0};
	localtime_r(&when, &tm);
	buf_addf(
	    out, "%s %d-%.3s-%04d", key, tm.tm_mday, months + 3 * tm.tm_mon, tm.tm_year + 1900);
}

/* The bound is the first second that is too late: its whole day is, only when it is midnight. */
static void add_before(struct buf *out, int64_t s)
{
	time_t when = (time_t)s;
	struct tm tm = {0};
	localtime_r(&when, &tm);
	if (tm.tm_hour || tm.tm_min || tm.tm_sec) {
		tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
		tm.tm_mday++;
		tm.tm_isdst = -1;
		s = mktime(&tm);
	}
	add_day(out, "SENTBEFORE", s);
}

static bool is_bound(int64_t n)
{
	return n != INT64_MIN && n != INT64_MAX;
}

static void add_date(struct buf *out, const struct query_node *n)
{
	if (is_bound(n->from_n))
		add_day(out, "SENTSINCE", n->from_n);
	if (is_bound(n->from_n) && is_bound(n->to_n))
		buf_addc(out, ' ');
	if (is_bound(n->to_n))
		add_before(out, n->to_n);
}

static void add_size(struct buf *out, const struct query_node *n)
{
	if (is_bound(n->from_n))
		buf_addf(out, "LARGER %lld", (long long)(n->from_n > 0 ? n->from_n - 1 : 0));
	if (is_bound(n->from_n) && is_bound(n->to_n))
		buf_addc(out, ' ');
	if (is_bound(n->to_n))
		buf_addf(out, "SMALLER %lld", (long long)n->to_n);
}

static int add_flag(
    struct buf *out, const struct query_node *n, const struct query_imap_flag *flags, struct err *e)
{
	for (; flags->flag; flags++)
		if (flags->flag == n->flag) {
			buf_adds(out, n->flag_wanted ? flags->set : flags->unset);
			return 0;
		}
	return err_set(e, EX_USAGE, _("query: a server cannot be asked for this flag"));
}

static int add_term(
    struct buf *out, const struct query_node *n, const struct query_imap_flag *flags, struct err *e)
{
	static const char *const keys[] = {[QUERY_ANY] = "TEXT ",
	    [QUERY_FROM] = "FROM ",
	    [QUERY_TO] = "TO ",
	    [QUERY_CC] = "CC ",
	    [QUERY_BCC] = "BCC ",
	    [QUERY_SUBJECT] = "SUBJECT ",
	    [QUERY_LIST] = "HEADER List-Id ",
	    [QUERY_ID] = "HEADER Message-ID ",
	    [QUERY_BODY] = "BODY "};
	switch (n->field) {
	case QUERY_DATE: add_date(out, n); return 0;
	case QUERY_SIZE: add_size(out, n); return 0;
	case QUERY_FLAG: return add_flag(out, n, flags, e);
	case QUERY_ATTACHMENT:
	case QUERY_FILENAME:
	case QUERY_TYPE:
		return err_set(e, EX_USAGE,
		    _("query: a server cannot search for attachments, their names or types"));
	case QUERY_IN:
		return err_set(e, EX_USAGE, _("query: in: is for mailboxes here; name a folder"));
	default: break;
	}
	buf_adds(out, keys[n->field]);
	add_string(out, n->text);
	return 0;
}

/* --- the tree; its depth is bounded by the parser --- */

static int add_node(struct buf *out, const struct query_node *n,
    const struct query_imap_flag *flags, struct err *e);

/* OR takes two: a OR (b OR c). */
static int add_or(
    struct buf *out, const struct query_node *n, const struct query_imap_flag *flags, struct err *e)
{
	for (const struct query_node *c = n->first; c; c = c->next) {
		if (c->next)
			buf_adds(out, "OR ");
		if (add_node(out, c, flags, e) < 0)
			return -1;
		if (c->next)
			buf_addc(out, ' ');
	}
	return 0;
}

static int add_and(
    struct buf *out, const struct query_node *n, const struct query_imap_flag *flags, struct err *e)
{
	if (!n->first)
		buf_adds(out, "ALL");
	for (const struct query_node *c = n->first; c; c = c->next) {
		if (c != n->first)
			buf_addc(out, ' ');
		if (add_node(out, c, flags, e) < 0)
			return -1;
	}
	return 0;
}

static int add_node(
    struct buf *out, const struct query_node *n, const struct query_imap_flag *flags, struct err *e)
{
	int r = 0;
	switch (n->kind) {
	case QUERY_NOT: buf_adds(out, "NOT "); return add_node(out, n->first, flags, e);
	case QUERY_OR: return add_or(out, n, flags, e);
	default: break;
	}
	if (n->kind == QUERY_AND && n->first && !n->first->next)
		return add_node(out, n->first, flags, e);
	/* what may be more than one key stands in parentheses, so that NOT and OR take all of it */
	buf_addc(out, '(');
	r = n->kind == QUERY_AND ? add_and(out, n, flags, e) : add_term(out, n, flags, e);
	buf_addc(out, ')');
	return r;
}

int query_imap(
    const struct query *q, const struct query_imap_flag *flags, struct buf *out, struct err *e)
{
	struct buf keys = BUF_INIT(out->max);
	int r = add_node(&keys, q->top, flags, e);
	if (r == 0) {
		if (!is_ascii(buf_span(&keys)))
			buf_adds(out, "CHARSET UTF-8 ");
		buf_add(out, buf_span(&keys));
		if (keys.over || out->over)
			r = err_set(e, EX_USAGE, _("query: too long"));
	}
	buf_release(&keys);
	return r;
}
