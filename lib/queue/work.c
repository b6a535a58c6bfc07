/* A claimed message, from the moment it is ours until it is given back or removed. */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "queue/dispatch.h"

#include <stdio.h>
#include <stdlib.h>

/* --- claiming --- */

void work_free(struct work *w)
{
	if (w->due)
		w->due->work = NULL;
	journal_release(&w->journal);
	queue_message_close(&w->m);
	free(w->dest_of);
	free(w->changed);
	free(w->settled);
	free(w);
}

static void find_destinations(struct run *r, struct work *w)
{
	const struct queue_envelope *env = &w->m.envelope;
	for (size_t i = 0; i < env->recipient_count; i++) {
		if (queue_status_is_final(w->m.progress[i].status) ||
		    !plan_wants(r, env->recipients[i].address))
			continue;
		char *key = queue_destination(env, env->recipients[i].address);
		w->dest_of[i] = plan_destination(&r->plan, key);
		free(key);
	}
}

static struct work *work_new(struct run *r, struct due *d, struct queue_message *m)
{
	struct work *w = mem_new(1, sizeof(*w));
	size_t n = m->envelope.recipient_count;
	w->due = d;
	w->m = *m;
	w->was = d->name;
	w->several = d->parts > 1;
	w->only_deferred = true;
	w->dest_of = mem_new(n, sizeof(struct destination *));
	w->changed = mem_new(n, sizeof(*w->changed));
	w->settled = mem_new(n, sizeof(*w->settled));
	journal_init(&w->journal, m->name.id, r->lock.run, &m->journal, m->has_journal);
	find_destinations(r, w);
	d->work = w;
	return w;
}

/* What a run that died had left unknown is not tried once more where that is not wanted. */
static void give_up_unknown(struct run *r, struct work *w)
{
	if (r->o->unknown != QUEUE_UNKNOWN_GIVE_UP)
		return;
	for (size_t i = 0; i < w->m.envelope.recipient_count; i++) {
		struct queue_progress *p = &w->m.progress[i];
		if (p->status == QUEUE_UNKNOWN && p->answer)
			work_settle(r, w, i, QUEUE_UNKNOWN, p->answer, false);
	}
}

int work_claim(struct run *r, struct due *d, struct err *e)
{
	struct queue_message m;
	struct queue_name name = d->name;
	struct err why = ERR_INIT;
	if (d->work || d->gone)
		return d->work != NULL;
	int got = queue_claim(r->q, &r->lock, &name, e);
	d->gone = got <= 0;
	if (got <= 0)
		return got;
	r->names_changed = true;
	got = queue_message_open(r->q, &name, &m, &why);
	d->gone = got <= 0;
	if (got > 0)
		give_up_unknown(r, work_new(r, d, &m));
	if (got < 0 && why.code == EX_DATAERR)
		run_damaged(r, &name, &why);
	else if (got < 0)
		r->kept = true;
	return got < 0 && why.code != EX_DATAERR ? err_copy(e, &why) : got > 0;
}

struct part *work_part(struct work *w, struct destination *dest)
{
	size_t n = 0;
	for (size_t i = 0; i < w->m.envelope.recipient_count; i++)
		n += w->dest_of[i] == dest && !w->settled[i];
	if (n == 0)
		return NULL;
	struct part *p = mem_new(1, sizeof(*p));
	*p = (struct part){.work = w, .dest = dest, .v = mem_new(n, sizeof(*p->v)), .left = n};
	for (size_t i = 0; i < w->m.envelope.recipient_count; i++)
		if (w->dest_of[i] == dest && !w->settled[i])
			p->v[p->n++] = i;
	return p;
}

/* All that wait go out together: the name says it. Else the journal does. */
int work_hand(struct run *r, struct part *p, struct err *e)
{
	struct work *w = p->work;
	if (p->handed)
		return 0;
	p->handed = true;
	if (!w->several && p->n == queue_message_waiting(&w->m)) {
		struct queue_name to = w->m.name;
		to.claim = QUEUE_OUT;
		r->names_changed = true;
		int got = queue_rename(r->q, &w->m.name, &to, e);
		return got > 0 ? 0 : got < 0 ? -1 : err_set(e, EX_IOERR, _("%s: vanished"), to.id);
	}
	for (size_t i = 0; i < p->n; i++)
		w->m.progress[p->v[i]].status = QUEUE_HANDED;
	journal_status(&w->journal, QUEUE_HANDED, NULL, p->v, p->n);
	return journal_flush(r->q, &w->journal, &r->names_changed, e);
}

/* --- settling --- */

int64_t work_waited_s(const struct work *w)
{
	return w->m.journal.waited_s + queue_schedule_waited(w->m.journal.since_s, clock_real_s());
}

static void mark_dirty(struct run *r, struct work *w)
{
	if (w->dirty)
		return;
	w->dirty = true;
	if (r->dirty_count == 0)
		r->dirty_ms = clock_mono_ms();
	if (r->dirty_count == r->dirty_cap) {
		r->dirty_cap = r->dirty_cap ? r->dirty_cap * 2 : 64;
		r->dirty = mem_resize(r->dirty, r->dirty_cap, sizeof(struct work *));
	}
	r->dirty[r->dirty_count++] = w;
}

static bool same_answer(const struct queue_answer *a, const struct queue_answer *b)
{
	return a && a->code == b->code && strcmp(a->enhanced, b->enhanced) == 0 &&
	       strcmp(a->host, b->host) == 0 && strcmp(a->text, b->text) == 0;
}

/* A copy that lives as long as the message is open; equal ones after each other are one. */
static struct queue_answer *keep_answer(struct work *w, const struct queue_answer *a)
{
	if (same_answer(w->last, a))
		return w->last;
	struct queue_answer *copy = arena_new(&w->m.answers, 1, sizeof(*copy));
	if (!copy)
		return NULL;
	*copy = *a;
	copy->at_s = clock_real_s();
	copy->host = arena_str(&w->m.answers, span_trim(span_of(a->host)));
	copy->text = arena_str(&w->m.answers, span_trim(span_of(a->text)));
	return w->last = copy->host && copy->text ? copy : NULL;
}

/* RFC 2852: "120;R" means it is worthless after that. */
static int64_t expire_s(const struct run *r, const struct work *w)
{
	const char *by = w->m.envelope.route.deliver_by;
	int64_t expire = r->o->schedule.expire_s;
	if (!by)
		return expire;
	char *mode;
	long long seconds = strtoll(by, &mode, 10);
	bool returned = !*mode || to_upper(mode[1]) == 'R';
	return returned && seconds >= 0 && seconds < expire ? seconds : expire;
}

/* Only what was tried just now can end: after a clock that jumped, or a month without a run, everything has its chance first. What is held by
 * hand does not expire. */
static enum queue_status final_status(
    const struct run *r, const struct work *w, const struct queue_progress *p, enum queue_status s)
{
	bool over = !w->was.held && work_waited_s(w) >= expire_s(r, w);
	if (s == QUEUE_UNKNOWN &&
	    (p->unknowns > 1 || over || r->o->unknown == QUEUE_UNKNOWN_GIVE_UP))
		return QUEUE_GIVEN_UP;
	return s == QUEUE_DEFERRED && over ? QUEUE_EXPIRED : s;
}

void work_settle(struct run *r, struct work *w, size_t i, enum queue_status s,
    const struct queue_answer *a, bool relayed)
{
	struct queue_progress *p = &w->m.progress[i];
	if (w->settled[i])
		return;
	w->settled[i] = w->tried = true;
	p->unknowns += s == QUEUE_UNKNOWN;
	p->status = final_status(r, w, p, s);
	w->only_deferred &= p->status == QUEUE_DEFERRED;
	p->relayed |= relayed;
	p->answer = keep_answer(w, a);
	w->changed[w->changed_count++] = i;
	mark_dirty(r, w);
}

void work_part_ended(struct run *r, struct work *w, bool untried)
{
	ENSURE(w->due->parts > 0);
	w->due->parts--;
	w->untried |= untried;
	mark_dirty(r, w);
}

void part_settle_rest(
    struct run *r, struct part *p, enum queue_status s, const struct queue_answer *a)
{
	for (size_t i = 0; i < p->n && p->left; i++)
		if (!p->work->settled[p->v[i]]) {
			work_settle(r, p->work, p->v[i], s, a, false);
			p->left--;
		}
}

void part_end(struct run *r, struct part *p, bool untried)
{
	work_part_ended(r, p->work, untried && p->left > 0);
	free(p->v);
	free(p);
}

/* --- to the disk --- */

static int ascending(const void *a, const void *b)
{
	size_t x = *(const size_t *)a, y = *(const size_t *)b;
	return x < y ? -1 : x > y;
}

static void note_group(struct work *w, const size_t *v, size_t n)
{
	size_t *sorted = mem_new(n, sizeof(*sorted)), relayed = 0;
	memcpy(sorted, v, n * sizeof(*v));
	qsort(sorted, n, sizeof(*sorted), ascending);
	const struct queue_progress *p = &w->m.progress[sorted[0]];
	journal_status(&w->journal, p->status, p->answer, sorted, n);
	for (size_t i = 0; i < n; i++)
		if (w->m.progress[sorted[i]].relayed)
			sorted[relayed++] = sorted[i];
	journal_relayed(&w->journal, sorted, relayed);
	free(sorted);
}

/* A line for each stretch of recipients with the same outcome. */
static void note_changes(struct work *w)
{
	const struct queue_progress *p = w->m.progress;
	while (w->noted < w->changed_count) {
		const size_t *v = w->changed + w->noted;
		size_t n = 1, most = w->changed_count - w->noted;
		while (n < most && p[v[n]].status == p[v[0]].status &&
		       p[v[n]].answer == p[v[0]].answer)
			n++;
		note_group(w, v, n);
		w->noted += n;
	}
}

/* --- the end of an attempt --- */

/* The most hopeful of those that wait decides for the message. */
static enum queue_class class_of(const struct work *w)
{
	enum queue_class best = QUEUE_CLASS_UNREACHABLE;
	for (size_t i = 0; i < w->m.envelope.recipient_count; i++) {
		const struct queue_progress *p = &w->m.progress[i];
		if (queue_status_is_final(p->status) || !w->settled[i])
			continue;
		enum queue_class c = queue_schedule_class(p->answer);
		if (c == QUEUE_CLASS_GREYLISTED)
			return c;
		best = c == QUEUE_CLASS_BUSY ? c : best;
	}
	return best;
}

static int64_t next_s(struct run *r, const struct work *w)
{
	int64_t now = clock_real_s();
	int64_t next =
	    queue_schedule_next(&r->o->schedule, class_of(w), w->m.journal.attempts + 1, now);
	int64_t end = now + expire_s(r, w) - work_waited_s(w);
	if (end > now && next > end)
		next = end; /* the last attempt when the time is up, not hours later */
	if (!work_is_reported(w) && next > now + r->o->schedule.retry_s)
		next = now + r->o->schedule.retry_s;
	return next;
}

static bool all_are(const struct work *w, bool (*is)(enum queue_status s))
{
	for (size_t i = 0; i < w->m.envelope.recipient_count; i++)
		if (!is(w->m.progress[i].status))
			return false;
	return true;
}

static bool is_sent(enum queue_status s)
{
	return s == QUEUE_SENT;
}

/* Somebody may have got it, and a person shall decide. */
static bool is_for_a_person(const struct run *r, const struct work *w)
{
	if (r->o->unknown != QUEUE_UNKNOWN_HOLD)
		return false;
	for (size_t i = 0; i < w->m.envelope.recipient_count; i++)
		if (w->settled[i] && w->m.progress[i].status == QUEUE_UNKNOWN)
			return true;
	return false;
}

/* Its name when it waits again. */
static int give_back(struct run *r, struct work *w, int64_t at_s, struct err *e)
{
	struct queue_name to = w->was;
	to.held |= is_for_a_person(r, w);
	if (!to.held)
		to.next_s = at_s;
	r->names_changed = true;
	return queue_rename(r->q, &w->m.name, &to, e) < 0 ? -1 : 0;
}

/* False after a run for one domain only: the others are due as they were. */
static bool all_tried(const struct work *w)
{
	for (size_t i = 0; i < w->m.envelope.recipient_count; i++)
		if (!w->settled[i] && !queue_status_is_final(w->m.progress[i].status))
			return false;
	return true;
}

static int note_attempt(struct run *r, struct work *w, int64_t *next, struct err *e)
{
	note_changes(w);
	bool whole = !w->untried && all_tried(w);
	*next = whole ? next_s(r, w) : w->was.next_s;
	if (whole)
		journal_tried(&w->journal, w->m.journal.attempts + 1, *next);
	return journal_flush(r->q, &w->journal, &r->names_changed, e);
}

static int finish(struct run *r, struct work *w, struct err *e)
{
	int64_t next;
	if (all_are(w, is_sent) && !work_wants_success(w)) {
		r->names_changed = true;
		return queue_remove(r->q, &w->m.name, w->journal.exists, e) < 0 ? -1 : 0;
	}
	if (!w->tried && work_is_reported(w) && !all_are(w, queue_status_is_final))
		return give_back(r, w, w->was.next_s, e);
	if (note_attempt(r, w, &next, e) < 0) {
		/* a full disk: what was merely deferred may be tried again without a note of it */
		if (w->only_deferred)
			give_back(r, w, next, NULL);
		return -1;
	}
	if (work_report(r, w, e) < 0)
		return -1;
	if (!all_are(w, queue_status_is_final) || !work_is_reported(w))
		return give_back(r, w, next, e);
	r->names_changed = true;
	return queue_remove(r->q, &w->m.name, w->journal.exists, e) < 0 ? -1 : 0;
}

static void commit_work(struct run *r, struct work *w)
{
	struct err why = ERR_INIT;
	int got;
	w->finished = w->due->parts == 0;
	if (w->finished) {
		got = finish(r, w, &why);
	} else {
		note_changes(w);
		got = journal_flush(r->q, &w->journal, &r->names_changed, &why);
	}
	if (got < 0) {
		w->lost = true;
		r->kept = true;
		run_fatal(r, &why);
	}
}

static void count(struct queue_run_result *c, enum queue_status s)
{
	c->tried++;
	c->sent += s == QUEUE_SENT;
	c->deferred += s == QUEUE_DEFERRED;
	c->refused += s == QUEUE_REFUSED;
	c->unknown += s == QUEUE_UNKNOWN;
	c->failed += s >= QUEUE_GIVEN_UP;
}

static void tell(struct run *r, const struct work *w, size_t i)
{
	const struct queue_progress *p = &w->m.progress[i];
	count(r->result, p->status);
	run_event(r, &(struct queue_event){.kind = QUEUE_EVENT_SETTLED,
			 .id = w->m.name.id,
			 .address = w->m.envelope.recipients[i].address,
			 .status = p->status,
			 .answer = p->answer});
}

static void tell_all(struct run *r, struct work *w)
{
	for (size_t i = 0; i < w->changed_count && !w->lost; i++)
		tell(r, w, w->changed[i]);
	w->changed_count = w->noted = 0;
	w->dirty = false;
	if (w->finished)
		work_free(w);
}

void run_commit(struct run *r)
{
	struct err why = ERR_INIT;
	for (size_t i = 0; i < r->dirty_count; i++)
		commit_work(r, r->dirty[i]);
	if (r->names_changed && queue_sync(r->q, &why) < 0) {
		r->kept = true;
		run_fatal(r, &why);
	}
	r->names_changed = false;
	for (size_t i = 0; i < r->dirty_count; i++)
		tell_all(r, r->dirty[i]);
	r->dirty_count = 0;
}
