/* work.c - many domains at once, each from its name to its lines: the plan first, then what is asked beside it. */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "input.h"
#include "io/sys.h"
#include "mx.h"

#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

enum { WINDOW = 4096 };

/* Results wait here until all before them are shown. */
struct window {
	struct mx_item *v[WINDOW];
	size_t shown, added; /* numbers of names, the first is 0 */
	size_t active;       /* of these are under way */
	struct mx_item *all; /* under way, or waiting to be shown */
};

static struct mx_item *item_new(struct window *w)
{
	struct mx_item *item = mem_new(1, sizeof(*item));
	item->number = w->added++;
	item->owner.item = item;
	item->next = w->all;
	item->link = &w->all;
	if (item->next)
		item->next->link = &item->next;
	w->all = item;
	return item;
}

static void item_free(struct mx_item *item)
{
	*item->link = item->next;
	if (item->next)
		item->next->link = item->link;
	policy_check_free(item->check);
	mx_probe_release(item);
	json_decref(item->probes);
	route_plan_free(item->plan);
	free(item);
}

static bool has_room(const struct mx *m, const struct window *w)
{
	return w->active < (size_t)m->o->jobs && w->added - w->shown < WINDOW;
}

static int64_t time_left(const struct mx *m)
{
	int64_t allowed = m->o->network.timeout_s * 1000, left = m->deadline_ms - clock_mono_ms();
	return !m->deadline_ms || allowed < left ? allowed : left > 0 ? left : 0;
}

/* Names into the batch, as many as there is room for. */
static void admit(struct mx *m, struct names *n, struct window *w)
{
	struct span name;
	while (has_room(m, w) && names_next(n, m->o->plan, &name)) {
		m->route.timeout_ms = time_left(m);
		w->active++;
		route_batch_add(m->batch, name, item_new(w));
	}
}

static void say_notice(struct mx *m)
{
	/* where validation is required, each domain's error says so */
	if (m->notice_said || !dns_notice(m->dns) || m->route.require_dnssec)
		return;
	m->notice_said = true;
	mx_progress_end(m);
	cli_warn(m->o->program, &m->o->common, "%s", dns_notice(m->dns));
}

static int show(struct mx *m, struct mx_item *item, struct err *e)
{
	int r = mx_show(m, item, e);
	item_free(item);
	return r;
}

static int deliver(struct mx *m, struct window *w, struct mx_item *item, struct err *e)
{
	say_notice(m);
	w->active--;
	if (m->o->unordered) {
		w->shown++;
		return show(m, item, e);
	}
	w->v[item->number % WINDOW] = item;
	for (struct mx_item **at; *(at = &w->v[w->shown % WINDOW]); w->shown++) {
		item = *at;
		*at = NULL;
		if (show(m, item, e) < 0)
			return -1;
	}
	return 0;
}

/* --- beside the plan --- */

/* One round of questions of the check: true, where it has any. */
static bool ask_more(struct mx *m, struct mx_item *item)
{
	const char *name;
	unsigned type;
	item->checking = policy_check_run(item->check);
	while (item->checking && policy_check_next(item->check, &name, &type))
		route_batch_ask(m->batch, name, type, item->deadline_ms, &item->owner);
	return item->checking;
}

/* The plan is there. */
static void begin_more(struct mx *m, struct mx_item *item)
{
	const struct route_plan *p = item->plan;
	item->deadline_ms = clock_mono_ms() + time_left(m);
	if (m->o->probe && !p->error.code)
		mx_probe_begin(m, item);
	/* a domain that takes no mail may still send some, or be forged */
	if ((m->o->policy || m->o->lint) && p->domain &&
	    (!p->error.code || p->error.code == EX_UNAVAILABLE || p->host_count > 0)) {
		item->check = policy_check_new(p, &m->policy);
		ask_more(m, item);
	}
}

static bool is_done(const struct mx_item *item)
{
	return !item->checking && !item->waiting;
}

static int end_if_done(struct mx *m, struct window *w, struct mx_item *item, struct err *e)
{
	if (!is_done(item))
		return 0;
	if (item->probe)
		mx_probe_end(item);
	return deliver(m, w, item, e);
}

static int take_plan(struct mx *m, struct window *w, struct route_plan *p, struct err *e)
{
	struct mx_item *item = p->owner;
	item->plan = p;
	begin_more(m, item);
	return end_if_done(m, w, item, e);
}

static int take_answer(struct mx *m, struct window *w, struct dns_question *q, struct err *e)
{
	const struct mx_owner *owner = q->owner;
	struct mx_item *item = owner->item;
	if (owner->work) {
		mx_probe_answered(m, owner->work, q);
		return 0;
	}
	bool last = policy_check_take(item->check, q);
	dns_question_free(q);
	return last && !ask_more(m, item) ? end_if_done(m, w, item, e) : 0;
}

/* --- from beginning to end --- */

static bool is_readable(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	return sys_poll(&p, 1, 0) > 0;
}

static int take_probes(struct mx *m, struct window *w, struct err *e)
{
	struct mx_item *item;
	if (m->pool && mx_pool_work(m, e) < 0)
		return -1;
	while ((item = m->pool ? mx_pool_done(m->pool) : NULL))
		if (end_if_done(m, w, item, e) < 0)
			return -1;
	return 0;
}

/* One thing that happened. 0: nothing more will. */
static int step(struct mx *m, struct names *n, struct window *w, struct err *e)
{
	bool reading = has_room(m, w) && names_want_input(n);
	struct dns_watch watch = {.n = 0};
	struct route_plan *p = NULL;
	struct dns_question *q = NULL;
	if (reading)
		watch.fds[watch.n++] = STDIN_FILENO;
	if (m->pool)
		mx_pool_watch(m->pool, &watch);
	switch (route_batch_wait(m->batch, &watch, &p, &q, e)) {
	case DNS_ANSWERED:
		return (p ? take_plan(m, w, p, e) : take_answer(m, w, q, e)) < 0 ? -1 : 1;
	case DNS_WATCHED:
		return reading && is_readable(STDIN_FILENO) && names_fill(n, e) < 0 ? -1 : 1;
	case DNS_IDLE: return 0;
	default: return -1;
	}
}

static int loop(struct mx *m, struct names *n, struct window *w, struct err *e)
{
	int r;
	do {
		admit(m, n, w);
		if (take_probes(m, w, e) < 0)
			return -1;
		admit(m, n, w);
		mx_progress(m, w->shown, w->active);
		r = step(m, n, w, e);
	} while (r > 0);
	return r;
}

int mx_work(struct mx *m, const struct strv *given, struct err *e)
{
	struct names n;
	struct window *w = mem_new(1, sizeof(*w));
	int r = names_init(&n, given, m->o->plan, e);
	m->started_ms = clock_mono_ms();
	m->pool = m->o->probe ? mx_pool_new() : NULL;
	if (r == 0)
		r = loop(m, &n, w, e);
	mx_progress_end(m);
	if (r == 0 || m->report)
		r = mx_show_end(m, r == 0 ? e : NULL) < 0 ? -1 : r;
	mx_pool_free(m->pool);
	while (w->all)
		item_free(w->all);
	free(w);
	names_release(&n);
	return r < 0 ? -1 : m->worst;
}
