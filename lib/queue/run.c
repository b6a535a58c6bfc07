#include "queue/run.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "io/sys.h"
#include "queue/dispatch.h"
#include "queue/memory.h"

#include <errno.h>
#include <stdlib.h>

enum { STOP_MS = 10000, BACKLOG = 64, IN_FLIGHT = 20000, GATHER_MS = 20 };

void queue_run_options_init(struct queue_run_options *o)
{
	*o = (struct queue_run_options){.jobs = 8,
	    .per_domain = 2,
	    .silence_s = 20 * 60,
	    .reports_max = 100,
	    .host = "localhost"};
	queue_schedule_init(&o->schedule);
}

/* --- what the others call --- */

void run_event(struct run *r, const struct queue_event *ev)
{
	if (r->o->event)
		r->o->event(r->o->ctx, ev);
}

void run_fatal(struct run *r, const struct err *e)
{
	if (!r->fatal.code)
		r->fatal = *e;
}

bool run_is_stopping(const struct run *r)
{
	return r->fatal.code || signals_stop();
}

/* Of a later version is not damaged: it stays where it is. */
void run_damaged(struct run *r, const struct queue_name *n, const struct err *why)
{
	struct err e = ERR_INIT;
	if (why->code == EX_DATAERR && queue_quarantine(r->q, n, &e) < 0)
		run_fatal(r, &e);
	r->result->damaged++;
	run_event(
	    r, &(struct queue_event){.kind = QUEUE_EVENT_DAMAGED, .id = n->id, .text = why->text});
}

/* --- giving out --- */

static bool is_through(const struct destination *d)
{
	return d->next_job == d->job_count && !d->returned_count && !d->workers;
}

static bool has_jobs(const struct destination *d)
{
	return d->next_job < d->job_count || d->returned_count;
}

/* The next part of d, claimed; NULL: none now. */
static struct part *next_part(struct run *r, struct destination *d, struct err *e)
{
	if (d->returned_count) {
		struct part *p = d->returned[0];
		memmove(d->returned, d->returned + 1, --d->returned_count * sizeof(struct part *));
		return p;
	}
	for (int tries = 0; tries < WINDOW && d->next_job < d->job_count; tries++) {
		struct due *due = &r->plan.due[d->jobs[d->next_job++]];
		int got = work_claim(r, due, e);
		struct part *p = got > 0 ? work_part(due->work, d) : NULL;
		if (p || got < 0)
			return p;
		if (got)
			work_part_ended(r, due->work, false);
	}
	return NULL;
}

/* Whether it may be handed over now; if not, when to come back is noted. */
static bool rate_allows(struct run *r, const struct destination *d, struct err *e)
{
	int64_t left = rate_take(r->q, d->key, r->o->pause_us, r->o->own_pause_us, e);
	int64_t at = clock_mono_ms() * 1000 + left;
	if (left > 0 && (!r->next_us || at < r->next_us))
		r->next_us = at;
	return left == 0;
}

static int stage(struct run *r, struct worker *w, struct err *e)
{
	struct part *p = next_part(r, w->dest, e);
	if (!p)
		return e->code ? -1 : 0;
	w->parts[w->part_count++] = p;
	return work_hand(r, p, e) < 0 ? -1 : 1;
}

static size_t recipients_in_flight(const struct worker *w)
{
	size_t n = 0;
	for (size_t i = 0; i < w->part_count; i++)
		n += w->parts[i]->left;
	return n;
}

/* One at a time where the last one found nobody. */
static size_t window_of(const struct destination *d)
{
	return d->unreachable ? 1 : d->window;
}

/* Who does half of what it has within a second is faster than the disk: the more it gets at once, the fewer syncs. A slow one keeps few, so that few are unknown
 * when we die. */
static void widen(const struct worker *w)
{
	enum { FAST_MS = 1000 };
	struct destination *d = w->dest;
	if (!d->reached)
		return;
	if (d->window < WINDOW_SECOND)
		d->window = WINDOW_SECOND;
	else if (clock_mono_ms() - w->gave_ms < FAST_MS)
		d->window = d->window * 4 < WINDOW ? d->window * 4 : WINDOW;
}

/* In groups, so that one sync serves many. Nothing is given before run_commit. */
static void fill(struct run *r, struct worker *w)
{
	struct err e = ERR_INIT;
	int got = 1;
	if (!w->part_count && (!has_jobs(w->dest) || w->dest->is_down))
		worker_close_input(w);
	if (w->closing || w->dest->is_down || w->part_count > window_of(w->dest) / 2 || w->out.len)
		return;
	widen(w);
	while (got > 0 && w->part_count < window_of(w->dest) &&
	       recipients_in_flight(w) < IN_FLIGHT && has_jobs(w->dest) &&
	       rate_allows(r, w->dest, &e))
		got = stage(r, w, &e);
	if (e.code)
		run_fatal(r, &e);
}

static unsigned workers_wanted(const struct run *r, const struct destination *d)
{
	size_t backlog = d->job_count - d->next_job + d->returned_count;
	size_t wanted = 1 + backlog / BACKLOG;
	return wanted < (size_t)r->o->per_domain ? (unsigned)wanted : (unsigned)r->o->per_domain;
}

static void start_workers(struct run *r)
{
	struct plan *p = &r->plan;
	int active = 0;
	while (r->first < p->destination_count && is_through(p->destinations[r->first]))
		r->first++;
	for (size_t i = r->first; i < p->destination_count && active < r->o->jobs; i++) {
		struct destination *d = p->destinations[i];
		struct err e = ERR_INIT;
		bool wanted = has_jobs(d) && !d->is_down && strcmp(d->key, "-") != 0;
		while (wanted && d->workers < workers_wanted(r, d) && !run_is_stopping(r))
			if (worker_start(r, d, &e) < 0)
				run_fatal(r, &e);
		active += d->workers > 0;
	}
}

/* A destination that is down: the rest is deferred with its answer, some at a time. What has nobody left is only finished. */
static void defer_rest(struct run *r, struct destination *d)
{
	struct err e = ERR_INIT;
	for (int i = 0; i < WINDOW && has_jobs(d); i++) {
		struct part *p = next_part(r, d, &e);
		if (!p)
			break;
		part_settle_rest(r, p, QUEUE_DEFERRED, &d->down);
		part_end(r, p, false);
	}
	if (e.code)
		run_fatal(r, &e);
}

static void give_out(struct run *r)
{
	struct plan *p = &r->plan;
	r->next_us = 0;
	start_workers(r);
	for (size_t i = 0; i < r->worker_count && !run_is_stopping(r); i++)
		fill(r, r->workers[i]);
	for (size_t i = r->first; i < p->destination_count && !run_is_stopping(r); i++)
		if (p->destinations[i]->is_down || strcmp(p->destinations[i]->key, "-") == 0)
			defer_rest(r, p->destinations[i]);
}

/* --- stopping --- */

/* What was claimed and not given, and what is left of messages of which something was given. */
static void undo_staged(struct run *r)
{
	for (size_t i = 0; i < r->worker_count; i++) {
		struct worker *w = r->workers[i];
		while (w->part_count > w->given)
			part_end(r, w->parts[--w->part_count], true);
	}
}

static void undo_rest(struct run *r)
{
	for (size_t i = 0; i < r->plan.destination_count; i++) {
		struct destination *d = r->plan.destinations[i];
		while (d->returned_count)
			part_end(r, d->returned[--d->returned_count], true);
		for (; d->next_job < d->job_count; d->next_job++) {
			struct due *due = &r->plan.due[d->jobs[d->next_job]];
			if (due->work)
				work_part_ended(r, due->work, true);
		}
	}
}

/* What a transport is sending just now it may finish, for a while; what it has not begun is given back. */
static void stop(struct run *r)
{
	if (!r->stop_ms)
		r->stop_ms = clock_mono_ms();
	r->result->stopped |= signals_stop() != 0;
	undo_staged(r);
	undo_rest(r);
	for (size_t i = 0; i < r->worker_count; i++) {
		struct worker *w = r->workers[i];
		bool sending = false;
		for (size_t k = 0; k < w->part_count; k++)
			sending |= w->parts[k]->sending;
		if (!sending || clock_mono_ms() - r->stop_ms > STOP_MS)
			worker_terminate(w);
		else
			worker_close_input(w);
	}
}

/* --- settling in groups --- */

static bool has_staged(const struct run *r)
{
	for (size_t i = 0; i < r->worker_count; i++)
		if (r->workers[i]->given < r->workers[i]->part_count)
			return true;
	return false;
}

/* How long what was settled may still wait for more, so that one sync serves all of it. */
static int64_t gathering_ms(const struct run *r)
{
	if (!r->dirty_count || r->dirty_count >= WINDOW || !r->worker_count || run_is_stopping(r) ||
	    has_staged(r))
		return 0;
	int64_t left = r->dirty_ms + GATHER_MS - clock_mono_ms();
	return left > 0 ? left : 0;
}

/* --- waiting --- */

static void wait_for_some(struct run *r)
{
	struct pollfd *p = mem_new(2 * r->worker_count + 1, sizeof(*p));
	for (size_t i = 0; i < r->worker_count; i++) {
		struct worker *w = r->workers[i];
		p[2 * i] = (struct pollfd){.fd = w->child.out, .events = POLLIN};
		p[2 * i + 1] =
		    (struct pollfd){.fd = w->out.len ? w->child.in : -1, .events = POLLOUT};
	}
	/* a second: signals and silence are looked at in between */
	int64_t timeout = 1000, pause = r->next_us / 1000 - clock_mono_ms() + 1;
	if (pause > 0 && pause < timeout)
		timeout = pause;
	if (r->dirty_count && timeout > GATHER_MS)
		timeout = GATHER_MS;
	if (run_is_stopping(r) && !r->stop_ms)
		timeout = 0; /* the transports have not yet been told */
	if (sys_poll(p, 2 * r->worker_count, (int)timeout) > 0)
		for (size_t i = 0; i < r->worker_count; i++) {
			if (p[2 * i + 1].revents)
				worker_write(r->workers[i]);
			if (p[2 * i].revents)
				worker_read(r, r->workers[i]);
		}
	free(p);
}

static void reap(struct run *r)
{
	size_t kept = 0;
	for (size_t i = 0; i < r->worker_count; i++) {
		struct worker *w = r->workers[i];
		worker_tick(r, w);
		if (w->ended)
			worker_end(r, w);
		else
			r->workers[kept++] = w;
	}
	r->worker_count = kept;
}

static bool is_done(const struct run *r)
{
	if (r->worker_count || r->dirty_count)
		return false;
	for (size_t i = r->first; i < r->plan.destination_count; i++)
		if (has_jobs(r->plan.destinations[i]))
			return false;
	return true;
}

static void work_plan(struct run *r)
{
	r->first = 0;
	while (!is_done(r)) {
		if (run_is_stopping(r))
			stop(r);
		else
			give_out(r);
		if (!gathering_ms(r))
			run_commit(r);
		for (size_t i = 0; i < r->worker_count && !run_is_stopping(r); i++)
			worker_give(r, r->workers[i]);
		if (r->worker_count)
			wait_for_some(r);
		reap(r);
	}
}

/* --- all of it --- */

static void recovered(void *ctx, const char *id, size_t unknowns)
{
	run_event(ctx,
	    &(struct queue_event){.kind = QUEUE_EVENT_RECOVERED, .id = id, .number = unknowns});
}

static void found_damaged(void *ctx, const struct queue_name *n, const struct err *why)
{
	run_damaged(ctx, n, why);
}

static void found_trouble(void *ctx, const struct err *why)
{
	struct run *r = ctx;
	run_event(
	    r, &(struct queue_event){
		   .kind = QUEUE_EVENT_TROUBLE, .destination = r->q->path, .text = why->text});
}

/* The reports to senders that this run made are tried in it too: who waits for one should not wait for the next run. */
static int run_passes(struct run *r, struct err *e)
{
	do {
		if (plan_make(r, r->o->ids, e) < 0)
			return -1;
		work_plan(r);
		plan_note(r);
	} while (r->plan.full && !r->o->force && !r->o->ids && !run_is_stopping(r));
	if (!r->made.n || run_is_stopping(r))
		return 0;
	r->domain = NULL;
	if (plan_make(r, &r->made, e) < 0)
		return -1;
	work_plan(r);
	return 0;
}

static int run_all(struct run *r, struct err *e)
{
	const struct queue_recovery recovery = {.found = recovered,
	    .damaged = found_damaged,
	    .trouble = found_trouble,
	    .ctx = r,
	    .hold = r->o->unknown == QUEUE_UNKNOWN_HOLD};
	if (queue_recover(r->q, &recovery, e) < 0 || queue_clean(r, e) < 0)
		return -1;
	int got = run_passes(r, e);
	return got < 0 ? -1 : r->fatal.code ? err_copy(e, &r->fatal) : 0;
}

int queue_run(struct queue *q, const struct queue_run_options *o, struct queue_run_result *result,
    struct err *e)
{
	struct run r = {.q = q, .o = o, .result = result, .domain = o->domain};
	*result = (struct queue_run_result){0};
	r.folder = realpath(q->path, NULL);
	if (!r.folder)
		return err_sys(e, EX_IOERR, "%s", q->path);
	int got = queue_run_begin(q, &r.lock, e);
	if (got == 0) {
		got = run_all(&r, e);
		queue_run_end(q, &r.lock, r.kept && queue_run_has_claims(q, &r.lock));
	}
	plan_release(&r.plan);
	free(r.workers);
	free(r.dirty);
	free(r.folder);
	strv_release(&r.made);
	return got;
}
