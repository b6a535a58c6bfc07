#include "queue/change.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "queue/dispatch.h"

#include <stdlib.h>

static int busy(struct queue *q, const struct queue_name *n, struct err *e)
{
	int lives = queue_run_lives(q, n->run, e);
	if (lives < 0)
		return -1;
	return err_set(e, EX_TEMPFAIL,
	    lives ? _("%s: it is being tried just now")
		  : _("%s: a run that died had it; the next run gives it back"),
	    n->id);
}

int queue_hold(struct queue *q, struct queue_name *n, struct err *e)
{
	struct queue_name to = *n;
	if (n->claim != QUEUE_FREE)
		return busy(q, n, e);
	if (n->held)
		return 0;
	to.held = true;
	return queue_rename(q, n, &to, e);
}

/* The journal says so, before the name does. */
static int note_release(
    struct queue *q, const struct queue_run_lock *l, const struct queue_message *m, struct err *e)
{
	struct journal j;
	bool new_name = false;
	journal_init(&j, m->name.id, l->run, &m->journal, m->has_journal);
	journal_released(&j);
	int r = journal_flush(q, &j, &new_name, e);
	journal_release(&j);
	return r;
}

int queue_release(
    struct queue *q, const struct queue_run_lock *l, struct queue_name *n, struct err *e)
{
	struct queue_message m;
	if (n->claim != QUEUE_FREE)
		return busy(q, n, e);
	if (!n->held)
		return 0;
	struct queue_name was = *n, to = *n;
	int r = queue_claim(q, l, n, e);
	if (r <= 0)
		return r;
	r = queue_message_open(q, n, &m, e);
	if (r > 0) {
		int64_t now = clock_real_s(), until = m.envelope.hold_until_s;
		to.held = false;
		to.next_s = until > now ? until : now;
		r = note_release(q, l, &m, e);
		queue_message_close(&m);
	}
	/* what cannot be read stays held, for check to look at */
	return queue_rename(q, n, r < 0 ? &was : &to, r < 0 ? NULL : e) < 0 || r < 0 ? -1 : 1;
}

/* --- taking out --- */

static size_t mark_returned(struct run *r, struct work *w)
{
	size_t *v = mem_new(w->m.envelope.recipient_count, sizeof(*v)), n = 0;
	for (size_t i = 0; i < w->m.envelope.recipient_count; i++) {
		struct queue_progress *p = &w->m.progress[i];
		if (queue_status_is_final(p->status) ||
		    !plan_wants(r, w->m.envelope.recipients[i].address))
			continue;
		p->status = QUEUE_RETURNED;
		v[n++] = i;
	}
	journal_status(&w->journal, QUEUE_RETURNED, NULL, v, n);
	free(v);
	return n;
}

static void silence(struct work *w)
{
	size_t *v = mem_new(w->m.envelope.recipient_count, sizeof(*v)), n = 0;
	for (size_t i = 0; i < w->m.envelope.recipient_count; i++)
		if (w->m.progress[i].status == QUEUE_RETURNED && !w->m.progress[i].reported) {
			w->m.progress[i].reported = true;
			v[n++] = i;
		}
	journal_reported(&w->journal, v, n);
	free(v);
}

static bool is_over(const struct work *w)
{
	return queue_message_waiting(&w->m) == 0 && work_is_reported(w);
}

static int take_out(struct run *r, struct work *w, bool tell, struct err *e)
{
	if (mark_returned(r, w) == 0)
		return 0;
	if (!tell)
		silence(w);
	if (journal_flush(r->q, &w->journal, &r->names_changed, e) < 0)
		return -1;
	if (tell && work_report(r, w, e) < 0)
		return -1;
	return 1;
}

static int remove_recipients(struct run *r, struct queue_name *n, bool tell, struct err *e)
{
	struct due d = {.name = *n, .parts = 1};
	if (n->claim != QUEUE_FREE)
		return busy(r->q, n, e);
	int got = work_claim(r, &d, e);
	if (got <= 0)
		return got;
	struct work *w = d.work;
	got = take_out(r, w, tell, e);
	int kept = got > 0 && is_over(w)
		       ? queue_remove(r->q, &w->m.name, w->journal.exists, e)
		       : queue_rename(r->q, &w->m.name, &w->was, got < 0 ? NULL : e);
	work_free(w);
	plan_release(&r->plan);
	return kept < 0 ? -1 : got;
}

int queue_delete(struct queue *q, const struct queue_run_options *o, const struct queue_run_lock *l,
    struct queue_name *n, struct err *e)
{
	struct queue_run_result result = {0};
	struct run r = {.q = q, .o = o, .result = &result, .lock = *l, .domain = o->domain};
	/* the usual case, and the one where nothing else is possible: a disk that is full */
	if (n->claim == QUEUE_FREE && !o->domain)
		return queue_remove(q, n, true, e);
	return remove_recipients(&r, n, false, e);
}

int queue_bounce(struct queue *q, const struct queue_run_options *o, const struct queue_run_lock *l,
    struct queue_name *n, struct queue_run_result *result, struct err *e)
{
	struct run r = {.q = q, .o = o, .result = result, .lock = *l, .domain = o->domain};
	int got = remove_recipients(&r, n, true, e);
	strv_release(&r.made);
	return got;
}
