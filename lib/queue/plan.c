/* What is due, by destination. Names are looked at first; only what may be due is opened. */
#include "base/alloc.h"
#include "base/clock.h"
#include "queue/dispatch.h"
#include "queue/memory.h"

#include <stdlib.h>

static struct destination **chain_of(struct plan *p, const char *key)
{
	return &p->table[hash_of(key) % ARRAY_LEN(p->table)];
}

/* NULL: nothing goes there. */
static struct destination *plan_known(struct plan *p, const char *key)
{
	for (struct destination *d = *chain_of(p, key); d; d = d->chain)
		if (strcmp(d->key, key) == 0)
			return d;
	return NULL;
}

struct destination *plan_destination(struct plan *p, const char *key)
{
	struct destination *d = plan_known(p, key), **at = chain_of(p, key);
	if (d)
		return d;
	d = mem_new(1, sizeof(*d));
	d->key = str_dup(key);
	d->window = WINDOW_FIRST;
	d->chain = *at;
	*at = d;
	if (p->destination_count == p->destination_cap) {
		p->destination_cap = p->destination_cap ? p->destination_cap * 2 : 64;
		p->destinations =
		    mem_resize(p->destinations, p->destination_cap, sizeof(struct destination *));
	}
	return p->destinations[p->destination_count++] = d;
}

static void free_answer(struct queue_answer *a)
{
	union {
		const char *in;
		char *out;
	} host = {a->host}, text = {a->text};
	free(host.out);
	free(text.out);
}

void destination_down(struct destination *d, const struct queue_answer *why)
{
	if (d->is_down)
		return;
	d->is_down = true;
	d->down = *why;
	d->down.host = str_dup(why->host);
	d->down.text = str_dup(why->text);
}

static void destination_free(struct destination *d)
{
	free_answer(&d->down);
	free(d->returned);
	free(d->jobs);
	free(d->key);
	free(d);
}

void plan_release(struct plan *p)
{
	for (size_t i = 0; i < p->destination_count; i++) {
		destination_free(p->destinations[i]);
	}
	free(p->destinations);
	free(p->due);
	memset(p, 0, sizeof(*p));
}

bool plan_wants(const struct run *r, const char *address)
{
	if (!r->domain)
		return true;
	char *domain = queue_domain(address);
	bool same = span_eq_nocase(span_of(domain), span_of(r->domain));
	free(domain);
	return same;
}

/* By name alone; a message whose time is far off is opened to see whether that was asked for. */
static bool may_be_due(const struct run *r, const struct queue_name *n, const struct strv *ids)
{
	if (n->claim != QUEUE_FREE)
		return false;
	if (ids)
		return strv_has(ids, n->id);
	if (n->held)
		return false;
	return r->o->force || n->next_s <= r->now_s ||
	       queue_schedule_far(&r->o->schedule, n->next_s, r->now_s);
}

bool plan_takes(const struct run *r, const struct queue_message *m, const struct strv *ids)
{
	return ids || r->o->force ||
	       queue_schedule_due(
		   &r->o->schedule, m->name.next_s, m->envelope.hold_until_s, r->now_s);
}

static void add_job(struct destination *d, uint32_t due)
{
	if (d->job_count == d->job_cap) {
		d->job_cap = d->job_cap ? d->job_cap * 2 : 4;
		d->jobs = mem_resize(d->jobs, d->job_cap, sizeof(*d->jobs));
	}
	d->jobs[d->job_count++] = due;
}

/* What was never tried, and what would expire untried: a destination that was down is probed for it. */
static bool is_probe(const struct run *r, const struct queue_message *m)
{
	int64_t waited = m->journal.waited_s + queue_schedule_waited(m->journal.since_s, r->now_s);
	return r->o->force || r->o->ids || m->journal.attempts == 0 ||
	       waited >= r->o->schedule.expire_s || m->envelope.route.deliver_by;
}

/* One job for each destination with somebody who waits. A message with nobody left (its run died before it was removed) gets a destination of no name. */
static void add_jobs(struct run *r, const struct queue_message *m, uint32_t index, struct due *due)
{
	struct plan *p = &r->plan;
	size_t waiting = 0;
	for (size_t i = 0; i < m->envelope.recipient_count; i++) {
		if (queue_status_is_final(m->progress[i].status))
			continue;
		waiting++;
		if (!plan_wants(r, m->envelope.recipients[i].address))
			continue;
		char *key = queue_destination(&m->envelope, m->envelope.recipients[i].address);
		struct destination *d = plan_destination(p, key);
		free(key);
		if (d->job_count && d->jobs[d->job_count - 1] == index)
			continue;
		add_job(d, index);
		d->probe |= is_probe(r, m);
		due->parts++;
	}
	if (!waiting) {
		add_job(plan_destination(p, "-"), index);
		due->parts++;
	}
}

static void add_due(struct run *r, const struct queue_message *m)
{
	struct plan *p = &r->plan;
	if (p->due_count == p->due_cap) {
		p->due_cap = p->due_cap ? p->due_cap * 2 : 64;
		p->due = mem_resize(p->due, p->due_cap, sizeof(*p->due));
	}
	struct due d = {.name = m->name};
	add_jobs(r, m, (uint32_t)p->due_count, &d);
	if (d.parts)
		p->due[p->due_count++] = d;
}

static int look_at(struct run *r, const struct queue_name *n, const struct strv *ids, struct err *e)
{
	struct queue_message m;
	struct err why = ERR_INIT;
	int got = queue_message_open(r->q, n, &m, &why);
	if (got > 0) {
		if (plan_takes(r, &m, ids))
			add_due(r, &m);
		queue_message_close(&m);
	}
	if (got < 0 && (why.code == EX_DATAERR || why.code == EX_UNAVAILABLE)) {
		run_damaged(r, n, &why);
		return 0;
	}
	return got < 0 ? err_copy(e, &why) : 0;
}

void plan_remember(struct run *r)
{
	struct memory m;
	memory_read(&m, r->q);
	for (size_t i = 0; i < m.n; i++) {
		struct destination *d = plan_known(&r->plan, m.v[i].key);
		if (!d)
			continue;
		/* one who was down needs to be so only once more */
		d->unreachable = UNREACHABLE_MAX - 1;
		d->window = 1;
		if (d->probe || m.v[i].until_s <= r->now_s)
			continue;
		d->remembered = true;
		destination_down(d, &m.v[i].answer);
	}
	memory_release(&m);
}

static bool is_news(const struct destination *d)
{
	return (d->is_down && !d->remembered && d->unreachable >= UNREACHABLE_MAX) || d->reached;
}

void plan_note(struct run *r)
{
	struct plan *p = &r->plan;
	struct memory m;
	bool news = false, down = false;
	for (size_t i = 0; i < p->destination_count; i++) {
		news |= is_news(p->destinations[i]);
		down |= is_news(p->destinations[i]) && p->destinations[i]->is_down;
	}
	/* nearly always nothing was down, and nothing is: no file is made to say so */
	if (!news || (!down && !memory_exists(r->q)) || !memory_open(&m, r->q))
		return;
	for (size_t i = 0; i < p->destination_count; i++) {
		struct destination *d = p->destinations[i];
		if (is_news(d) && d->is_down)
			memory_down(&m, d->key, &d->down, &r->o->schedule, clock_real_s());
		else if (d->reached)
			memory_up(&m, d->key);
	}
	memory_write(&m, r->q, clock_real_s());
	memory_release(&m);
}

int plan_make(struct run *r, const struct strv *ids, struct err *e)
{
	struct queue_scan s;
	struct queue_name n;
	int got, result = 0;
	plan_release(&r->plan);
	r->now_s = clock_real_s();
	if (queue_scan_open(&s, r->q, e) < 0)
		return -1;
	while (result == 0 && (got = queue_scan_next(&s, &n, e)) > 0) {
		r->plan.full = r->plan.due_count == PLAN_MAX;
		if (r->plan.full)
			break;
		if (may_be_due(r, &n, ids))
			result = look_at(r, &n, ids, e);
	}
	queue_scan_close(&s);
	plan_remember(r);
	return result < 0 || got < 0 ? -1 : 0;
}

/* --- only to say what would be done --- */

static enum queue_why why_of(const struct run *r, const struct queue_message *m)
{
	const struct strv *ids = r->o->ids;
	if (m->name.claim != QUEUE_FREE)
		return QUEUE_WHY_BUSY;
	if (queue_schedule_due(
		&r->o->schedule, m->name.next_s, m->envelope.hold_until_s, r->now_s) &&
	    !m->name.held)
		return QUEUE_WHY_DUE;
	if (ids || (r->o->force && !m->name.held))
		return QUEUE_WHY_FORCED;
	return m->name.held ? QUEUE_WHY_HELD : QUEUE_WHY_WAITS;
}

/* The plan's table serves to group the recipients. */
static int plan_message(struct run *r, const struct queue_message *m, const struct memory *known,
    int (*line)(void *ctx, const struct queue_plan_line *l, struct err *e), void *ctx,
    struct err *e)
{
	struct due due = {.name = m->name};
	int result = 0;
	add_jobs(r, m, 0, &due);
	for (size_t i = 0; i < r->plan.destination_count && result == 0; i++) {
		struct destination *d = r->plan.destinations[i];
		struct queue_plan_line l = {.id = m->name.id,
		    .destination = d->key,
		    .next_s = m->name.next_s,
		    .why = why_of(r, m)};
		for (size_t k = 0; k < m->envelope.recipient_count; k++) {
			char *key =
			    queue_destination(&m->envelope, m->envelope.recipients[k].address);
			l.recipients += strcmp(key, d->key) == 0 &&
					plan_wants(r, m->envelope.recipients[k].address) &&
					!queue_status_is_final(m->progress[k].status);
			free(key);
		}
		const struct memory_entry *down = memory_known(known, d->key);
		if (l.why == QUEUE_WHY_DUE && down && down->until_s > r->now_s && !d->probe)
			l.why = QUEUE_WHY_DOWN;
		result = line(ctx, &l, e);
	}
	plan_release(&r->plan);
	return result;
}

int queue_plan(struct queue *q, const struct queue_run_options *o,
    int (*line)(void *ctx, const struct queue_plan_line *l, struct err *e), void *ctx,
    struct err *e)
{
	struct run r = {.q = q, .o = o, .domain = o->domain, .now_s = clock_real_s()};
	struct queue_scan s;
	struct queue_name n;
	struct memory known;
	int got, result = 0;
	if (queue_scan_open(&s, q, e) < 0)
		return -1;
	memory_read(&known, q);
	while (result == 0 && (got = queue_scan_next(&s, &n, e)) > 0) {
		struct queue_message m;
		/* what is damaged is told by run, list and check */
		if ((o->ids && !strv_has(o->ids, n.id)) || queue_message_open(q, &n, &m, NULL) <= 0)
			continue;
		result = plan_message(&r, &m, &known, line, ctx, e);
		queue_message_close(&m);
	}
	memory_release(&known);
	queue_scan_close(&s);
	return result < 0 || got < 0 ? -1 : 0;
}
