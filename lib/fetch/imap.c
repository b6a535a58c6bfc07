/* imap.c - what is new in one IMAP folder. */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "fetch/take.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { CHUNK = 200, DAY_S = 24 * 3600 };

struct walk {
	struct fetch_session *session;
	struct take *take;
	struct imap_uids fresh; /* sorted */
	bool *came;             /* for each of fresh: its body came */
	struct imap_uids gone;  /* to be deleted on the server */
	struct record *matched; /* after a new UIDVALIDITY: at most CHUNK */
	size_t matched_n;
	struct imap_uids late; /* younger than --since */
	struct err begin_err;  /* why the last message could not be begun */
};

static unsigned store_flags(unsigned imap)
{
	return (imap & IMAP_SEEN ? STORE_SEEN : 0) | (imap & IMAP_ANSWERED ? STORE_REPLIED : 0) |
	       (imap & IMAP_FLAGGED ? STORE_FLAGGED : 0) | (imap & IMAP_DRAFT ? STORE_DRAFT : 0);
}

/* A set of messages at a time. */
static int in_sets(struct walk *w, const struct imap_uids *uids, const char *items,
    struct imap_fetch_handler *h, int (*after)(struct walk *, struct err *), struct err *e)
{
	struct buf set = BUF_INIT(8 << 10);
	size_t at = 0;
	int r = 0;
	h->expected = CHUNK;
	while (r == 0 && imap_uid_set(uids, &at, CHUNK, &set)) {
		r = fetch_may_go_on(w->take->job, e);
		if (r == 0)
			r = imap_client_fetch(&w->session->imap, buf_cstr(&set), items, h, e);
		if (r == 0)
			r = after(w, e);
		buf_reset(&set);
	}
	buf_release(&set);
	return r;
}

/* --- which --- */

/* The server's days begin at its own midnight: a day more is asked for, and looked at more closely in only_since. */
static int list(struct walk *w, struct imap_uids *all, struct err *e)
{
	static const char *const months[] = {
	    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	char criteria[64] = "ALL";
	time_t since = (time_t)(w->take->job->since_s - DAY_S);
	struct tm tm;
	if (w->take->job->since_s && gmtime_r(&since, &tm) && tm.tm_year >= 70)
		snprintf(criteria, sizeof(criteria), "SINCE %d-%s-%d", tm.tm_mday,
		    months[tm.tm_mon], tm.tm_year + 1900);
	w->take->result->seen = w->session->imap.mailbox.exists;
	return imap_client_search(&w->session->imap, criteria, all, e);
}

static int sort_out(struct walk *w, const struct imap_uids *all, struct err *e)
{
	w->fresh.n = w->gone.n = 0;
	for (size_t i = 0; i < all->n; i++) {
		char uid[16];
		enum record_status status;
		int64_t done_s;
		snprintf(uid, sizeof(uid), "%u", all->v[i]);
		if (records_find(w->take->records, uid, &status, &done_s, NULL, e) < 0)
			return -1;
		if (status != RECORD_DONE)
			imap_uids_add(&w->fresh, all->v[i]);
		else if (take_is_due(w->take, done_s))
			imap_uids_add(&w->gone, all->v[i]);
	}
	return 0;
}

/* --- only what came since then --- */

static int look_at_date(
    void *ctx, const struct imap_message *m, const struct err *body_error, struct err *e)
{
	struct walk *w = ctx;
	(void)body_error, (void)e;
	if (m->uid && m->internaldate_s >= w->take->job->since_s &&
	    imap_uids_has(&w->fresh, m->uid))
		imap_uids_add(&w->late, m->uid);
	return 0;
}

static int nothing_after(struct walk *w, struct err *e)
{
	(void)w, (void)e;
	return 0;
}

static int only_since(struct walk *w, struct err *e)
{
	struct imap_fetch_handler h = {.ctx = w, .message = look_at_date};
	if (!w->take->job->since_s)
		return 0;
	if (in_sets(w, &w->fresh, "UID INTERNALDATE", &h, nothing_after, e) < 0)
		return -1;
	imap_uids_sort(&w->late);
	imap_uids_release(&w->fresh);
	w->fresh = w->late;
	w->late = (struct imap_uids){0};
	return 0;
}

/* --- after a new UIDVALIDITY --- */

static int note_likeness(
    void *ctx, const struct imap_message *m, const struct err *body_error, struct err *e)
{
	struct walk *w = ctx;
	(void)body_error, (void)e;
	if (!m->uid || !m->has_body || w->matched_n == CHUNK)
		return 0;
	struct record *r = &w->matched[w->matched_n++];
	*r = (struct record){.size = m->size, .date_s = m->internaldate_s};
	snprintf(r->uid, sizeof(r->uid), "%u", m->uid);
	take_message_id(buf_span(&m->header), r->msgid, sizeof(r->msgid));
	return 0;
}

static int adopt_likes(struct walk *w, struct err *e)
{
	struct state *st = w->take->records->state;
	if (state_begin(st, e) < 0)
		return -1;
	for (size_t i = 0; i < w->matched_n; i++)
		if (records_adopt(w->take->records, &w->matched[i], false, e) < 0) {
			state_rollback(st);
			return -1;
		}
	w->matched_n = 0;
	return state_commit(st, e);
}

/* What it matches is done; the rest stays fresh. */
static int rematch(struct walk *w, const struct imap_uids *all, struct err *e)
{
	struct imap_fetch_handler h = {.ctx = w, .message = note_likeness};
	if (!w->take->records->other_validity || !w->fresh.n || w->take->job->out)
		return 0;
	w->matched = mem_new(CHUNK, sizeof(*w->matched));
	if (in_sets(w, &w->fresh,
		"UID RFC822.SIZE INTERNALDATE BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]", &h,
		adopt_likes, e) < 0)
		return -1;
	return sort_out(w, all, e);
}

/* --- fetching --- */

/* The place of a uid in fresh, or -1. */
static ptrdiff_t place_of(const struct walk *w, uint32_t uid)
{
	size_t low = 0, high = w->fresh.n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (w->fresh.v[middle] < uid)
			low = middle + 1;
		else
			high = middle;
	}
	return low < w->fresh.n && w->fresh.v[low] == uid ? (ptrdiff_t)low : -1;
}

static struct sink *begin_body(void *ctx, uint64_t size)
{
	struct walk *w = ctx;
	(void)size;
	err_clear(&w->begin_err);
	return take_begin(w->take, &w->begin_err);
}

static void failed(struct walk *w, uint32_t uid, struct err *e)
{
	char which[40];
	snprintf(which, sizeof(which), _("message %u"), uid);
	take_failed(w->take, which, e);
}

static int take_one(struct walk *w, const struct imap_message *m, struct err *e)
{
	char uid[16];
	snprintf(uid, sizeof(uid), "%u", m->uid);
	struct take_meta meta = {.uid = uid,
	    .size = m->size,
	    .date_s = m->internaldate_s,
	    .flags = store_flags(m->flags)};
	int r = take_message(w->take, &meta, e);
	if (r > 0)
		failed(w, m->uid, e);
	else if (r == 0 && take_is_due(w->take, clock_real_s()))
		imap_uids_add(&w->gone, m->uid);
	return r < 0 ? -1 : fetch_may_go_on(w->take->job, e);
}

static int end_message(
    void *ctx, const struct imap_message *m, const struct err *body_error, struct err *e)
{
	struct walk *w = ctx;
	if (!m->has_body)
		return 0; /* flags that changed meanwhile */
	if (w->begin_err.code)
		return err_copy(e, &w->begin_err);
	if (body_error)
		return err_copy(e, body_error);
	if (!m->uid)
		return err_set(e, EX_PROTOCOL, _("a message without its UID"));
	ptrdiff_t place = place_of(w, m->uid);
	if (place < 0)
		return err_set(e, EX_PROTOCOL, _("a message that was not asked for"));
	if (w->came[place])
		return err_set(e, EX_PROTOCOL, _("a message twice"));
	w->came[place] = true;
	return take_one(w, m, e);
}

static const char items[] = "UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[]";

/* Was it a NO, and is the conversation still in step? */
static bool only_refused(const struct walk *w)
{
	return !w->session->imap.pending && !w->session->imap.bye;
}

/* One message that the server cannot read fails the whole set: the others are asked for one by one. */
static int one_by_one(
    struct walk *w, size_t from, size_t to, const struct imap_fetch_handler *h, struct err *e)
{
	for (size_t i = from; i < to; i++) {
		char uid[16];
		if (w->came[i])
			continue;
		snprintf(uid, sizeof(uid), "%u", w->fresh.v[i]);
		if (imap_client_fetch(&w->session->imap, uid, items, h, e) == 0)
			continue;
		if (!only_refused(w))
			return -1;
		failed(w, w->fresh.v[i], e);
	}
	return 0;
}

static int fetch_all(struct walk *w, struct err *e)
{
	struct imap_fetch_handler h = {
	    .ctx = w, .expected = CHUNK, .body = begin_body, .message = end_message};
	struct buf set = BUF_INIT(8 << 10);
	size_t at = 0;
	int r = 0;
	w->came = mem_new(w->fresh.n + 1, sizeof(*w->came));
	while (r == 0) {
		size_t from = at;
		buf_reset(&set);
		if (!imap_uid_set(&w->fresh, &at, CHUNK, &set))
			break;
		r = imap_client_fetch(&w->session->imap, buf_cstr(&set), items, &h, e);
		if (r < 0 && only_refused(w)) {
			err_clear(e);
			r = one_by_one(w, from, at, &h, e);
		}
		if (r == 0)
			r = fetch_may_go_on(w->take->job, e);
	}
	buf_release(&set);
	return r;
}

/* --- and the rest --- */

static int delete_fetched(struct walk *w, struct err *e)
{
	bool left = false;
	imap_uids_sort(&w->gone);
	if (imap_client_delete(&w->session->imap, &w->gone, &left, e) < 0)
		return -1;
	if (left && w->take->job->warn)
		w->take->job->warn(
		    w->take->job->ctx, _("others marked messages for deletion and the server has "
					 "no UIDPLUS: ours stay marked, not expunged"));
	w->take->result->deleted += left ? 0 : w->gone.n;
	return 0;
}

static int run(struct walk *w, struct imap_uids *all, struct err *e)
{
	const struct fetch_job *job = w->take->job;
	if (list(w, all, e) < 0 || sort_out(w, all, e) < 0 || rematch(w, all, e) < 0 ||
	    only_since(w, e) < 0)
		return -1;
	w->take->result->there = all->n;
	w->take->result->fresh = w->fresh.n;
	if (job->look_only)
		return 0;
	bool whole = !job->since_s && !(job->limit && w->fresh.n > (size_t)job->limit);
	if (job->limit && w->fresh.n > (size_t)job->limit)
		w->fresh.n = (size_t)job->limit;
	if (fetch_all(w, e) < 0)
		return -1;
	if (job->out)
		return 0;
	if (take_settle(w->take, e) < 0 ||
	    (whole ? records_finish : records_flush)(w->take->records, e) < 0)
		return -1;
	return delete_fetched(w, e);
}

int fetch_get_imap(struct fetch_session *s, const char *folder, struct take *t, struct err *e)
{
	struct walk w = {.session = s, .take = t};
	struct imap_uids all = {0};
	int r = run(&w, &all, e);
	imap_uids_release(&all);
	imap_uids_release(&w.fresh);
	imap_uids_release(&w.gone);
	imap_uids_release(&w.late);
	free(w.came);
	free(w.matched);
	return r < 0 ? err_prefix(e, "%s: ", folder) : 0;
}
