/* pop3.c - what is new in a POP3 maildrop. */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "fetch/take.h"

#include <stdio.h>
#include <stdlib.h>

enum { AHEAD = 8 }; /* RETRs on their way when the server can pipeline */

struct walk {
	struct fetch_session *session;
	struct take *take;
	struct pop3_listing list;
	size_t *fresh, fresh_n; /* indexes into list */
	uint32_t *gone;         /* numbers */
	size_t gone_n;
};

static bool is_due(const struct fetch_job *job, int64_t done_s)
{
	return job->delete_after_s >= 0 && !job->out &&
	       done_s <= clock_real_s() - job->delete_after_s;
}

/* Without UIDL a message is known by the digest of its header; where there is no TOP either, uidl stays NULL. */
static int name_by_header(struct walk *w, struct pop3_entry *entry, struct err *e)
{
	struct digest d;
	unsigned char sum[DIGEST_MAX];
	digest_init(&d, DIGEST_SHA256);
	int r = pop3_client_top(&w->session->pop3, entry->number, &d.sink, e);
	size_t n = digest_final(&d, sum);
	if (r < 0)
		return -1;
	if (r > 0) {
		err_clear(e);
		return 0;
	}
	struct buf b = BUF_INIT(200);
	buf_adds(&b, "top:");
	digest_hex(&b, sum, n);
	entry->uidl = buf_detach(&b);
	return 0;
}

static int sort_out(struct walk *w, struct err *e)
{
	for (size_t i = 0; i < w->list.n; i++) {
		struct pop3_entry *entry = &w->list.v[i];
		enum record_status status = RECORD_NONE;
		int64_t done_s = 0;
		if (!entry->uidl && w->session->pop3.top && name_by_header(w, entry, e) < 0)
			return -1;
		if (entry->uidl &&
		    records_find(w->take->records, entry->uidl, &status, &done_s, NULL, e) < 0)
			return -1;
		if (status != RECORD_DONE)
			w->fresh[w->fresh_n++] = i;
		else if (is_due(w->take->job, done_s))
			w->gone[w->gone_n++] = entry->number;
	}
	return 0;
}

static int take_one(struct walk *w, const struct pop3_entry *entry, struct err *e)
{
	struct sink *to = take_begin(w->take, e);
	if (!to)
		return -1;
	int r = pop3_client_retr(&w->session->pop3, to, e);
	if (r == 2) { /* this one only: the others must not wait for it */
		char text[700];
		snprintf(text, sizeof(text), _("message %u: %s"), entry->number, e->text);
		if (w->take->job->warn)
			w->take->job->warn(w->take->job->ctx, text);
		err_clear(e);
		w->take->result->failed++;
		return 0;
	}
	if (r != 0)
		return -1;
	struct take_meta meta = {.uid = entry->uidl, .size = entry->size};
	if (take_message(w->take, &meta, e) < 0)
		return -1;
	if (is_due(w->take->job, clock_real_s()))
		w->gone[w->gone_n++] = entry->number;
	return fetch_may_go_on(w->take->job, e);
}

static int take_all(struct walk *w, struct err *e)
{
	size_t ahead = w->session->pop3.pipelining ? AHEAD : 1, sent = 0;
	for (size_t i = 0; i < w->fresh_n; i++) {
		for (; sent < w->fresh_n && sent < i + ahead; sent++)
			pop3_client_retr_send(&w->session->pop3, w->list.v[w->fresh[sent]].number);
		if (take_one(w, &w->list.v[w->fresh[i]], e) < 0)
			return -1;
	}
	return 0;
}

static int delete_fetched(struct walk *w, struct err *e)
{
	for (size_t i = 0; i < w->gone_n; i++)
		if (pop3_client_dele(&w->session->pop3, w->gone[i], e) < 0)
			return -1;
	w->take->result->deleted += w->gone_n;
	return 0;
}

static int run(struct walk *w, struct err *e)
{
	const struct fetch_job *job = w->take->job;
	if (pop3_client_listing(&w->session->pop3, &w->list, e) < 0)
		return -1;
	w->fresh = mem_new(w->list.n + 1, sizeof(*w->fresh));
	w->gone = mem_new(w->list.n + 1, sizeof(*w->gone));
	if (sort_out(w, e) < 0)
		return -1;
	bool whole = !(job->limit && w->fresh_n > (size_t)job->limit);
	if (!whole)
		w->fresh_n = (size_t)job->limit;
	if (take_all(w, e) < 0)
		return -1;
	if (job->out)
		return 0;
	if ((whole ? records_finish : records_flush)(w->take->records, e) < 0)
		return -1;
	return delete_fetched(w, e);
}

int fetch_get_pop3(struct fetch_session *s, struct take *t, struct err *e)
{
	struct walk w = {.session = s, .take = t};
	int r = run(&w, e);
	free(w.fresh);
	free(w.gone);
	pop3_listing_release(&w.list);
	return r;
}
