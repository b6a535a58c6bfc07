/* change.c - UID STORE, EXPUNGE, COPY, MOVE, and APPEND. */
#include "base/intl.h"
#include "codec/time.h"
#include "imap/untagged.h"

#include <stdio.h>
#include <time.h>

/* COPYUID names every message of a set and must fit in a line. */
enum { SET_UIDS = 1000, COPY_UIDS = 300 };

/* --- one command for as many as fit, then the next --- */

static int for_each_set(struct imap_client *c, const struct imap_uids *uids, const char *before,
    const char *after, struct err *e)
{
	size_t at = 0;
	int r = 0;
	struct buf set = BUF_INIT(8 << 10);
	while (r == 0 && imap_uid_set(uids, &at, SET_UIDS, &set)) {
		r = imap_client_command(c, e, "%s %s%s", before, buf_cstr(&set), after);
		if (r == 0)
			r = imap_client_finish(c, e);
		if (r < 0)
			err_prefix(e, "%s: ", before);
		buf_reset(&set);
	}
	buf_release(&set);
	return r;
}

int imap_flag_by_name(struct buf *out, struct span word, struct err *e)
{
	static const char *const names[][2] = {{"seen", "\\Seen"}, {"flagged", "\\Flagged"},
	    {"replied", "\\Answered"}, {"answered", "\\Answered"}, {"draft", "\\Draft"},
	    {"deleted", "\\Deleted"}, {"trashed", "\\Deleted"}, {"passed", "$Forwarded"}};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (span_is_nocase(word, names[i][0])) {
			buf_adds(out, names[i][1]);
			return 0;
		}
	bool good = word.len > 0 && word.len < 200;
	for (size_t i = 0; i < word.len; i++)
		good = good && word.ptr[i] > ' ' && word.ptr[i] < 127 &&
		       !strchr("(){%*\"\\]", word.ptr[i]);
	if (!good)
		return err_set(e, EX_USAGE, _("\"%.*s\" cannot be a flag"), SPAN_ARG(word));
	buf_add(out, word);
	return 0;
}

int imap_client_store(struct imap_client *c, const struct imap_uids *uids, const char *operation,
    const char *flags, struct err *e)
{
	struct buf after = BUF_INIT(4096);
	buf_addf(&after, " %s (%s)", operation, flags);
	int r = after.over ? err_set(e, EX_USAGE, _("too many flags"))
			   : for_each_set(c, uids, "UID STORE", buf_cstr(&after), e);
	buf_release(&after);
	return r;
}

/* --- deleting --- */

/* EXPUNGE takes every marked message: only when all marks are ours. */
static int expunge_all(
    struct imap_client *c, const struct imap_uids *ours, bool *left_marked, struct err *e)
{
	struct imap_uids marked = {0};
	int r = imap_client_search(c, "DELETED", &marked, e);
	for (size_t i = 0; r == 0 && i < marked.n; i++)
		*left_marked |= !imap_uids_has(ours, marked.v[i]);
	imap_uids_release(&marked);
	if (r < 0 || *left_marked)
		return r;
	if (imap_client_command(c, e, "EXPUNGE") < 0 || imap_client_finish(c, e) < 0)
		return err_prefix(e, "EXPUNGE: ");
	return 0;
}

int imap_client_delete(
    struct imap_client *c, const struct imap_uids *uids, bool *left_marked, struct err *e)
{
	*left_marked = false;
	if (!uids->n)
		return 0;
	if (imap_client_store(c, uids, "+FLAGS.SILENT", "\\Deleted", e) < 0)
		return -1;
	if (imap_client_can(c, "UIDPLUS") || imap_client_can(c, "IMAP4rev2"))
		return for_each_set(c, uids, "UID EXPUNGE", "", e);
	return expunge_all(c, uids, left_marked, e);
}

/* --- copying and moving --- */

void imap_moved_release(struct imap_moved *m)
{
	imap_uids_release(&m->from);
	imap_uids_release(&m->to);
}

/* "38505 304,319:320 3956:3958"; what makes no sense is not told. */
static void learn_moved(struct imap_client *c, struct imap_moved *m)
{
	struct span args = buf_span(&c->code_args), validity, from, to;
	struct imap_uids a = {0}, b = {0};
	uint64_t n;
	if (span_word(&args, &validity) && span_word(&args, &from) && span_word(&args, &to) &&
	    span_to_u64(validity, UINT32_MAX, &n) && imap_uid_set_parse(from, COPY_UIDS, &a) &&
	    imap_uid_set_parse(to, COPY_UIDS, &b) && a.n == b.n) {
		m->uidvalidity = (uint32_t)n;
		for (size_t i = 0; i < a.n; i++) {
			imap_uids_add(&m->from, a.v[i]);
			imap_uids_add(&m->to, b.v[i]);
		}
	}
	imap_uids_release(&a);
	imap_uids_release(&b);
}

static int transfer(struct imap_client *c, const char *verb, const struct imap_uids *uids,
    const char *to, struct imap_moved *moved, struct err *e)
{
	struct buf name = BUF_INIT(8 << 10), set = BUF_INIT(8 << 10);
	size_t at = 0;
	int r = imap_client_quote_name(c, &name, to, e);
	while (r == 0 && imap_uid_set(uids, &at, COPY_UIDS, &set)) {
		r = imap_client_command(
		    c, e, "UID %s %s %s", verb, buf_cstr(&set), buf_cstr(&name));
		if (r == 0)
			r = imap_client_finish(c, e);
		learn_moved(c, moved);
		buf_reset(&set);
	}
	buf_release(&name);
	buf_release(&set);
	return r < 0 ? err_prefix(e, "UID %s %s: ", verb, to) : 0;
}

int imap_client_copy(struct imap_client *c, const struct imap_uids *uids, const char *to,
    struct imap_moved *moved, struct err *e)
{
	return transfer(c, "COPY", uids, to, moved, e);
}

int imap_client_move(struct imap_client *c, const struct imap_uids *uids, const char *to,
    struct imap_moved *moved, bool *left_marked, struct err *e)
{
	*left_marked = false;
	if (imap_client_can(c, "MOVE") || imap_client_can(c, "IMAP4rev2"))
		return transfer(c, "MOVE", uids, to, moved, e);
	if (transfer(c, "COPY", uids, to, moved, e) < 0)
		return -1;
	return imap_client_delete(c, uids, left_marked, e);
}

/* --- appending --- */

/* " "17-Jul-1996 02:44:25 +0000"" */
static void add_date(struct buf *out, int64_t s)
{
	static const char *const months[] = {
	    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	time_t when = (time_t)s;
	struct tm tm;
	if (s && gmtime_r(&when, &tm) && tm.tm_year < 8100)
		buf_addf(out, " \"%02d-%s-%04d %02d:%02d:%02d +0000\"", tm.tm_mday,
		    months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static int send_literal(struct imap_client *c, const struct imap_append *a, struct err *e)
{
	char piece[16 << 10];
	uint64_t left = a->size;
	while (left) {
		size_t want = left < sizeof(piece) ? (size_t)left : sizeof(piece);
		ssize_t n = a->message->read(a->message, piece, want, e);
		if (n <= 0)
			return n < 0
				   ? -1
				   : err_set(e, EX_IOERR, _("the message is shorter than it was"));
		stream_writen(c->stream, piece, (size_t)n);
		left -= (uint64_t)n;
		imap_client_progress(c);
	}
	stream_puts(c->stream, "\r\n");
	return 0;
}

static void learn_appended(struct imap_client *c, uint32_t *uidvalidity, uint32_t *uid)
{
	struct span args = buf_span(&c->code_args), a, b;
	uint64_t v, u;
	*uidvalidity = *uid = 0;
	if (span_word(&args, &a) && span_word(&args, &b) && span_to_u64(a, UINT32_MAX, &v) &&
	    span_to_u64(b, UINT32_MAX, &u)) {
		*uidvalidity = (uint32_t)v;
		*uid = (uint32_t)u;
	}
}

int imap_client_append(struct imap_client *c, const char *mailbox, const struct imap_append *a,
    uint32_t *uidvalidity, uint32_t *uid, struct err *e)
{
	struct buf line = BUF_INIT(16 << 10);
	int r = imap_client_quote_name(c, &line, mailbox, e);
	if (*a->flags)
		buf_addf(&line, " (%s)", a->flags);
	add_date(&line, a->date_s);
	if (r == 0)
		r = imap_client_command(
		    c, e, "APPEND %s {%llu}", buf_cstr(&line), (unsigned long long)a->size);
	buf_release(&line);
	if (r == 0)
		r = imap_client_finish_or_more(c, e);
	if (r == 0)
		r = err_set(e, EX_PROTOCOL, _("the server is done before it has the message"));
	else if (r > 0)
		r = send_literal(c, a, e);
	if (r == 0)
		r = imap_client_finish(c, e);
	if (r == 0)
		learn_appended(c, uidvalidity, uid);
	return r < 0 ? err_prefix(e, "APPEND %s: ", mailbox) : 0;
}
