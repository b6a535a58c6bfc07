#include "route/route.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/intl.h"
#include "io/sys.h"
#include "route/job.h"

#include <stdarg.h>
#include <stdlib.h>

struct route_batch *route_batch_new(struct dns *d, const struct route_options *o)
{
	struct route_batch *b = mem_new(1, sizeof(*b));
	b->dns = d;
	b->o = o;
	b->helper = o->web ? helper_new(o->web) : NULL;
	return b;
}

/* Frees all but the plan. */
static void job_free(struct job *j)
{
	struct ask *next;
	*j->link = j->next;
	if (j->next)
		j->next->link = j->link;
	j->batch->count--;
	for (struct ask *a = j->asks; a; a = next) {
		next = a->next;
		free(a);
	}
	for (size_t i = 0; i < j->plan->host_count; i++) {
		struct job_host *w = &j->hosts[i];
		dns_answer_release(&w->a);
		dns_answer_release(&w->aaaa);
		for (size_t k = 0; k < w->base_count; k++)
			free(w->bases[k]);
	}
	sts_job_release(j);
	free(j->hosts);
	free(j);
}

void route_batch_free(struct route_batch *b)
{
	if (!b)
		return;
	for (struct job *j; (j = b->jobs ? b->jobs : b->ready);) {
		struct route_plan *p = j->plan;
		job_free(j);
		route_plan_free(p);
	}
	for (struct ask *a = b->asks, *next; a; a = next) {
		next = a->next;
		free(a);
	}
	helper_free(b->helper);
	free(b);
}

size_t route_batch_count(const struct route_batch *b)
{
	return b->count;
}

/* --- what the other files of the room use --- */

void job_ask(struct job *j, enum ask_kind kind, size_t host, const char *name, unsigned type)
{
	struct ask *a = mem_new(1, sizeof(*a));
	*a = (struct ask){.job = j, .kind = kind, .host = host, .next = j->asks};
	j->asks = a;
	j->waiting++;
	dns_batch_add(j->dns, name, type, j->deadline_ms, a);
}

void job_step(
    const struct job *j, struct route_steps *steps, const char *clause, const char *fmt, ...)
{
	struct buf text = BUF_INIT(1024);
	va_list ap;
	if (!j->o->explain)
		return;
	va_start(ap, fmt);
	buf_vaddf(&text, fmt, ap);
	va_end(ap);
	steps->v = mem_resize(steps->v, steps->n + 1, sizeof(*steps->v));
	steps->v[steps->n++] = (struct route_step){
	    .text = str_dup(buf_cstr(&text)), .clause = clause ? str_dup(clause) : NULL};
	buf_release(&text);
}

void job_answer_error(struct err *e, const struct dns_answer *a, const char *what)
{
	if (a->status == DNS_BOGUS) {
		err_set(e, EX_PROTOCOL, _("the %s answer is bogus (DNSSEC): %s"), what, a->why);
		err_reply(e, 0, "4.7.5");
	} else {
		err_set(e, EX_TEMPFAIL, _("the %s question failed: %s"), what, a->why);
		err_reply(e, 0, "4.4.3");
	}
}

struct route_host *job_add_host(struct job *j, const char *name, unsigned preference)
{
	struct route_plan *p = j->plan;
	p->hosts = mem_resize(p->hosts, p->host_count + 1, sizeof(*p->hosts));
	j->hosts = mem_resize(j->hosts, p->host_count + 1, sizeof(*j->hosts));
	j->hosts[p->host_count] = (struct job_host){0};
	struct route_host *h = &p->hosts[p->host_count++];
	*h = (struct route_host){.preference = preference, .name = str_dup(name)};
	return h;
}

enum route_security job_security(const struct dns_answer *a)
{
	switch (a->security) {
	case DNS_SECURE: return ROUTE_SECURE;
	case DNS_INSECURE: return ROUTE_INSECURE;
	case DNS_UNCHECKED: break;
	}
	return ROUTE_UNCHECKED;
}

/* --- from beginning to end --- */

static void job_link(struct job **list, struct job *j)
{
	j->next = *list;
	j->link = list;
	if (j->next)
		j->next->link = &j->next;
	*list = j;
}

static void ask_hosts(struct job *j)
{
	if (j->plan->error.code || (j->o->mx_only && j->plan->kind != ROUTE_IMPLICIT))
		return;
	host_ask_all(j);
}

void route_batch_add(struct route_batch *b, struct span what, void *owner)
{
	struct job *j = mem_new(1, sizeof(*j));
	j->batch = b;
	j->dns = b->dns;
	j->o = b->o;
	j->plan = mem_new(1, sizeof(*j->plan));
	j->plan->owner = owner;
	j->plan->require_tls = b->o->require_tls;
	j->deadline_ms = clock_mono_ms() + b->o->timeout_ms;
	b->count++;
	if (operand_parse(j, what) == 0) {
		if (j->plan->kind == ROUTE_MX) {
			job_ask(j, ASK_MX, 0, j->plan->domain, DNS_MX);
			sts_job_start(j);
		} else {
			ask_hosts(j);
		}
	}
	job_link(j->waiting ? &b->jobs : &b->ready, j);
}

/* Where nobody can be tried, the plan says so: a reason that may pass first, since the mail has to wait then. */
static void judge(struct route_plan *p)
{
	const struct route_host *worst = NULL;
	for (size_t i = 0; i < p->host_count; i++) {
		if (!p->hosts[i].error.code)
			return;
		if (!worst || p->hosts[i].error.code > worst->error.code)
			worst = &p->hosts[i];
	}
	if (p->error.code || !worst)
		return;
	p->error = worst->error;
	if (p->host_count > 1)
		err_prefix(&p->error, _("none of %zu mail servers can be used: %s: "),
		    p->host_count, worst->name);
	else if (strcmp(worst->name, p->domain) != 0)
		err_prefix(&p->error, "%s: ", worst->name);
}

/* Hands the plan out and forgets the job. */
static struct route_plan *finish(struct job *j)
{
	struct route_plan *p = j->plan;
	sts_job_apply(j);
	require_apply(j);
	judge(p);
	job_free(j);
	return p;
}

static void answered(const struct ask *ask, struct dns_question *q)
{
	struct job *j = ask->job;
	j->waiting--;
	switch (ask->kind) {
	case ASK_MX:
		mx_answered(j, &q->answer);
		ask_hosts(j);
		break;
	case ASK_A:
	case ASK_AAAA: host_answered(j, ask->host, ask->kind, &q->answer); break;
	case ASK_ALIAS: dane_alias_answered(j, ask->host, &q->answer); break;
	case ASK_TLSA: dane_answered(j, ask->host, q->name, &q->answer); break;
	case ASK_STS: sts_job_record_answered(j, &q->answer); break;
	case ASK_STS_ADDRESS: sts_job_address_answered(j, &q->answer); break;
	}
}

/* An answer of the helper's: its job if that is done now. */
static struct job *take_policies(struct route_batch *b)
{
	void *owner;
	json_t *answer;
	struct err why = ERR_INIT;
	while (helper_take(b->helper, &owner, &answer, &why)) {
		struct job *j = owner;
		sts_job_answered(j, answer, &why);
		json_decref(answer);
		if (--j->waiting == 0)
			return j;
	}
	return NULL;
}

static struct job *take_answer(const struct ask *ask, struct dns_question *q)
{
	struct job *j = ask->job;
	answered(ask, q);
	dns_question_free(q);
	return j->waiting ? NULL : j;
}

void route_batch_ask(
    struct route_batch *b, const char *name, unsigned type, int64_t deadline_ms, void *owner)
{
	struct ask *a = mem_new(1, sizeof(*a));
	*a = (struct ask){.owner = owner, .next = b->asks, .link = &b->asks};
	if (a->next)
		a->next->link = &a->next;
	b->asks = a;
	dns_batch_add(b->dns, name, type, deadline_ms, a);
}

/* One that was asked beside: true, and its owner gets it. */
static bool hand_out(struct dns_question *q, struct dns_question **out)
{
	struct ask *a = q->owner;
	if (a->job)
		return false;
	*a->link = a->next;
	if (a->next)
		a->next->link = a->link;
	q->owner = a->owner;
	free(a);
	*out = q;
	return true;
}

/* The caller's, and the helper's. */
static struct dns_watch all_watched(const struct route_batch *b, const struct dns_watch *watch)
{
	struct dns_watch w = watch ? *watch : (struct dns_watch){.n = 0};
	int64_t until = helper_until_ms(b->helper);
	int fd = helper_fd(b->helper);
	if (fd >= 0)
		w.fds[w.n++] = fd;
	if (until && (!w.until_ms || until < w.until_ms))
		w.until_ms = until;
	return w;
}

static bool is_readable(const struct dns_watch *watch)
{
	struct pollfd p[DNS_WATCH_MAX];
	for (size_t i = 0; watch && i < watch->n; i++)
		p[i] = (struct pollfd){.fd = watch->fds[i], .events = POLLIN};
	return watch && ((watch->until_ms && watch->until_ms <= clock_mono_ms()) ||
			    (watch->n && sys_poll(p, watch->n, 0) > 0));
}

int route_batch_wait(struct route_batch *b, const struct dns_watch *watch, struct route_plan **plan,
    struct dns_question **q, struct err *e)
{
	struct dns_question *got;
	struct job *j = b->ready;
	ENSURE(!watch || watch->n < DNS_WATCH_MAX);
	while (!j && !(j = take_policies(b))) {
		struct dns_watch w = all_watched(b, watch);
		int r = dns_batch_wait(b->dns, &w, &got, e);
		if (r == DNS_ANSWERED) {
			if (hand_out(got, q)) {
				*plan = NULL;
				return DNS_ANSWERED;
			}
			j = take_answer(got->owner, got);
		} else if (r != DNS_WATCHED) {
			return r;
		} else if (!(j = take_policies(b)) && is_readable(watch)) {
			return DNS_WATCHED;
		}
	}
	*plan = finish(j);
	*q = NULL;
	return DNS_ANSWERED;
}
