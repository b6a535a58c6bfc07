/* imap.c - what is new in one IMAP folder. */
#include "base/clock.h"
#include "base/intl.h"
#include "fetch/take.h"

#include <stdio.h>
#include <time.h>

enum { CHUNK = 200 };

struct walk {
	struct fetch_session *session;
	struct take *take;
	struct imap_uids fresh;
	struct imap_uids gone; /* to be deleted on the server */
};

static unsigned store_flags(unsigned imap)
{
	return (imap & IMAP_SEEN ? STORE_SEEN : 0) | (imap & IMAP_ANSWERED ? STORE_REPLIED : 0) |
	       (imap & IMAP_FLAGGED ? STORE_FLAGGED : 0) | (imap & IMAP_DRAFT ? STORE_DRAFT : 0);
}

/* --- which --- */

static int list(struct walk *w, struct imap_uids *all, struct err *e)
{
	char criteria[64] = "ALL";
	time_t since = (time_t)w->take->job->since_s;
	struct tm tm;
	static const char *const months[] = {
	    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	if (since && gmtime_r(&since, &tm))
		snprintf(criteria, sizeof(criteria), "SINCE %d-%s-%d", tm.tm_mday,
		    months[tm.tm_mon], tm.tm_year + 1900);
	return imap_client_search(&w->session->imap, criteria, all, e);
}

static bool is_due(const struct fetch_job *job, int64_t done_s)
{
	return job->delete_after_s >= 0 && !job->out &&
	       done_s <= clock_real_s() - job->delete_after_s;
}

static int sort_out(struct walk *w, const struct imap_uids *all, struct err *e)
{
	const struct fetch_job *job = w->take->job;
	for (size_t i = 0; i < all->n; i++) {
		char uid[16];
		enum record_status status;
		int64_t done_s;
		snprintf(uid, sizeof(uid), "%u", all->v[i]);
		if (records_find(w->take->records, uid, &status, &done_s, NULL, e) < 0)
			return -1;
		if (status != RECORD_DONE)
			imap_uids_add(&w->fresh, all->v[i]);
		else if (is_due(job, done_s))
			imap_uids_add(&w->gone, all->v[i]);
	}
	return 0;
}

/* --- after a new UIDVALIDITY --- */

static int match_one(
    void *ctx, const struct imap_message *m, const struct err *body_error, struct err *e)
{
	struct walk *w = ctx;
	struct record r = {.size = m->size, .date_s = m->internaldate_s};
	(void)body_error;
	if (!m->uid || !m->has_body)
		return 0;
	snprintf(r.uid, sizeof(r.uid), "%u", m->uid);
	take_message_id(buf_span(&m->header), r.msgid, sizeof(r.msgid));
	return records_adopt(w->take->records, &r, false, e) < 0 ? -1 : 0;
}

static int in_sets(struct walk *w, const struct imap_uids *uids, const char *items,
    const struct imap_fetch_handler *h, struct err *e)
{
	struct buf set = BUF_INIT(8 << 10);
	size_t at = 0;
	int r = 0;
	while (r == 0 && imap_uid_set(uids, &at, CHUNK, &set)) {
		r = fetch_may_go_on(w->take->job, e);
		if (r == 0)
			r = imap_client_fetch(&w->session->imap, buf_cstr(&set), items, h, e);
		buf_reset(&set);
	}
	buf_release(&set);
	return r;
}

/* What it matches is done; the rest stays fresh. */
static int rematch(struct walk *w, const struct imap_uids *all, struct err *e)
{
	struct imap_fetch_handler h = {.ctx = w, .message = match_one};
	if (!w->take->records->other_validity || !w->fresh.n || w->take->job->out)
		return 0;
	if (in_sets(w, &w->fresh,
		"UID RFC822.SIZE INTERNALDATE BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]", &h, e) < 0)
		return -1;
	w->fresh.n = w->gone.n = 0;
	return sort_out(w, all, e);
}

/* --- fetching --- */

static struct sink *begin_body(void *ctx, uint64_t size)
{
	struct walk *w = ctx;
	struct err ignored = ERR_INIT;
	(void)size;
	return take_begin(w->take, &ignored);
}

static int end_message(
    void *ctx, const struct imap_message *m, const struct err *body_error, struct err *e)
{
	struct walk *w = ctx;
	char uid[16];
	if (!m->has_body)
		return 0; /* flags that changed meanwhile */
	if (body_error)
		return err_copy(e, body_error);
	if (!m->uid)
		return err_set(e, EX_PROTOCOL, _("a message without its UID"));
	if (!imap_uids_has(&w->fresh, m->uid))
		return err_set(e, EX_PROTOCOL, _("a message that was not asked for"));
	snprintf(uid, sizeof(uid), "%u", m->uid);
	struct take_meta meta = {.uid = uid,
	    .size = m->size,
	    .date_s = m->internaldate_s,
	    .flags = store_flags(m->flags)};
	if (take_message(w->take, &meta, e) < 0)
		return -1;
	if (is_due(w->take->job, clock_real_s()))
		imap_uids_add(&w->gone, m->uid);
	return fetch_may_go_on(w->take->job, e);
}

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
	struct imap_fetch_handler h = {.ctx = w, .body = begin_body, .message = end_message};
	if (list(w, all, e) < 0 || sort_out(w, all, e) < 0 || rematch(w, all, e) < 0)
		return -1;
	bool whole = !job->since_s && !(job->limit && w->fresh.n > (size_t)job->limit);
	if (job->limit && w->fresh.n > (size_t)job->limit)
		w->fresh.n = (size_t)job->limit;
	if (in_sets(w, &w->fresh, "UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[]", &h, e) < 0)
		return -1;
	if (job->out)
		return 0;
	if ((whole ? records_finish : records_flush)(w->take->records, e) < 0)
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
	return r < 0 ? err_prefix(e, "%s: ", folder) : 0;
}
