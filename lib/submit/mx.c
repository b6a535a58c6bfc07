/* mx.c - each domain's plan, and its hosts in turn. */
#include "base/alloc.h"
#include "base/intl.h"
#include "submit/host.h"
#include "submit/tlsrpt.h"

#include <stdlib.h>

struct addressee {
	struct span domain;
	size_t i;
};

struct span submit_domain_of(const char *address)
{
	const char *at = strrchr(address, '@');
	return at ? span_of(at + 1) : SPAN("");
}

static int nocase_cmp(struct span a, struct span b)
{
	for (size_t i = 0; i < a.len && i < b.len; i++)
		if (to_lower(a.ptr[i]) != to_lower(b.ptr[i]))
			return (unsigned char)to_lower(a.ptr[i]) < (unsigned char)to_lower(b.ptr[i])
				   ? -1
				   : 1;
	return a.len < b.len ? -1 : a.len > b.len;
}

static int by_domain(const void *one, const void *two)
{
	const struct addressee *a = one, *b = two;
	int c = nocase_cmp(a->domain, b->domain);
	return c ? c : a->i < b->i ? -1 : 1;
}

/* --- a host of the plan as a target --- */

/* What --tls asks for, and what the plan found. -1: this host must not be used. */
static int level(
    const struct submit *s, const struct route_host *h, enum submit_tls *out, struct smtp_answer *a)
{
	struct err why = ERR_INIT;
	*out = s->tls;
	if (s->tls == SUBMIT_TLS_AUTO || s->tls == SUBMIT_TLS_DANE)
		*out = h->tls == ROUTE_TLS_DANE      ? SUBMIT_TLS_DANE
		       : h->tls == ROUTE_TLS_VERIFY  ? SUBMIT_TLS_VERIFY
		       : h->tls == ROUTE_TLS_ENCRYPT ? SUBMIT_TLS_ENCRYPT
						     : SUBMIT_TLS_MAY;
	if (s->tls != SUBMIT_TLS_DANE_ONLY)
		return 0;
	*out = SUBMIT_TLS_DANE;
	if (h->tls == ROUTE_TLS_DANE)
		return 0;
	err_set(&why, EX_TEMPFAIL, _("%s: there is no TLSA record to trust"), h->name);
	err_reply(&why, 0, "4.7.5");
	smtp_answer_err(a, SMTP_CONNECT, &why);
	return -1;
}

static void set_pins(struct submit *s, const struct route_host *h)
{
	free(s->pins);
	s->pins = mem_new(h->pin_count, sizeof(*s->pins));
	for (size_t i = 0; i < h->pin_count; i++)
		s->pins[i] = (struct tls_pin){.usage = h->pins[i].usage,
		    .selector = h->pins[i].selector,
		    .matching = h->pins[i].matching,
		    .data = span_make((const char *)h->pins[i].data, h->pins[i].len)};
}

/* The demands of this host; who speaks which protocol there, and signs in how, stays. */
static void demand(struct submit *s, const struct route_host *h, enum submit_tls tls)
{
	set_pins(s, h);
	s->target.host = h->name;
	s->target.addresses = &h->addresses;
	s->target.tls = tls;
	s->target.sts = tls == SUBMIT_TLS_VERIFY && h->tls == ROUTE_TLS_VERIFY;
	s->target.pins = s->pins;
	s->target.pin_count = h->pin_count;
	memset(s->target.names, 0, sizeof(s->target.names));
	size_t room = ARRAY_LEN(s->target.names) - 1;
	for (size_t i = 0; tls == SUBMIT_TLS_DANE && i < h->names.n && i < room; i++)
		s->target.names[i] = h->names.v[i];
}

static void aim(struct submit *s, const struct route_host *h, enum submit_tls tls)
{
	if (s->session.open && s->target.addresses == &h->addresses)
		return; /* the connection to it is still there */
	submit_session_close(&s->session);
	if (!s->server.host)
		s->target = (struct submit_target){.protocol = SMTP,
		    .port = s->planner.port,
		    .fingerprints = (const char *const *)s->settings.fingerprints->v};
	demand(s, h, tls);
}

/* --- the loop --- */

static size_t still_open(const struct submit_work *w, size_t *which, size_t n)
{
	size_t left = 0;
	for (size_t i = 0; i < n; i++)
		if (submit_host_is_open(&w->job->results[which[i]]))
			which[left++] = which[i];
	return left;
}

static void answer_err(struct submit_work *w, const size_t *which, size_t n, const struct err *e)
{
	struct smtp_answer a;
	smtp_answer_err(&a, SMTP_CONNECT, e);
	if (e->code ==
	    EX_PROTOCOL) { /* bogus DNS: an attack or a mishap, in any case not for ever */
		a.status = SMTP_DEFERRED;
		a.exit = EX_TEMPFAIL;
	}
	for (size_t i = 0; i < n; i++)
		submit_answer(w, which[i], &a, NULL);
}

static void try_host(struct submit_work *w, const struct route_plan *plan,
    const struct route_host *h, const size_t *which, size_t n)
{
	enum submit_tls tls;
	struct smtp_answer a;
	struct err why = ERR_INIT;
	if (h->error.code) {
		submit_tlsrpt_refused(w->s, plan, h);
		err_copy(&why, &h->error);
		err_prefix(&why, "%s: ", h->name);
		if (why.code != EX_UNAVAILABLE)
			why.code = EX_TEMPFAIL;
		answer_err(w, which, n, &why);
	} else if (level(w->s, h, &tls, &a) < 0) {
		for (size_t i = 0; i < n; i++)
			submit_answer(w, which[i], &a, NULL);
	} else {
		aim(w->s, h, tls);
		w->s->plan = plan;
		w->s->plan_host = h;
		submit_host_try(w, which, n);
		w->s->plan = NULL;
	}
}

/* Deferred by a broken protocol or certificate is deferred all the same. */
static void finish(struct submit_work *w, const size_t *which, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct smtp_answer *a = &w->job->results[which[i]].answer;
		if (a->status == SMTP_DEFERRED)
			a->exit = EX_TEMPFAIL;
		submit_settled(w, which[i]);
	}
}

/* All of them were answered by it already. */
static bool was_tried(
    const struct submit_work *w, const struct route_host *h, const size_t *which, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct submit_via *via = w->job->results[which[i]].via;
		if (!via || strcmp(via->host, h->name) != 0)
			return false;
	}
	return w->rest;
}

static void hosts_in_turn(struct submit_work *w, struct span domain, size_t *which, size_t n)
{
	const struct route_plan *plan;
	struct err e = ERR_INIT;
	if (!domain.len) {
		err_set(&e, EX_DATAERR, _("the address has no domain"));
		err_reply(&e, 0, "5.1.3");
		answer_err(w, which, n, &e);
	} else if (submit_plan(&w->s->planner, domain, &plan, &e) < 0) {
		answer_err(w, which, n, &e);
	} else if (plan->error.code) {
		answer_err(w, which, n, &plan->error);
	} else {
		for (size_t i = 0; i < plan->host_count && n; i++) {
			if (was_tried(w, &plan->hosts[i], which, n))
				continue;
			try_host(w, plan, &plan->hosts[i], which, n);
			n = still_open(w, which, n);
		}
	}
}

static void by_plan(struct submit_work *w, struct span domain, size_t *which, size_t n)
{
	hosts_in_turn(w, domain, which, n);
	finish(w, which, still_open(w, which, n));
}

void submit_by_dane(struct submit_work *w, const size_t *which, size_t n)
{
	char *bracketed = str_printf("[%s]:%u", w->s->server.host, w->s->server.port);
	size_t *copy = mem_new(n, sizeof(*copy));
	memcpy(copy, which, n * sizeof(*copy));
	hosts_in_turn(w, span_of(bracketed), copy, n);
	free(copy);
	free(bracketed);
}

/* Those recipients, in the order of their domains. */
static struct addressee *sorted(const struct submit_work *w, const size_t *which, size_t n)
{
	struct addressee *all = mem_new(n, sizeof(*all));
	for (size_t i = 0; i < n; i++)
		all[i] = (struct addressee){
		    submit_domain_of(w->job->env->recipients[which[i]].address), which[i]};
	qsort(all, n, sizeof(*all), by_domain);
	return all;
}

static bool begins(const struct addressee *all, size_t i)
{
	return i == 0 || nocase_cmp(all[i - 1].domain, all[i].domain) != 0;
}

/* All by one host, whatever their domains. */
static void by_one(struct submit_work *w, const char *host, size_t *which, size_t n)
{
	char *bracketed = str_printf("[%s]", host);
	by_plan(w, span_of(bracketed), which, n);
	free(bracketed);
}

void submit_by_mx(struct submit_work *w, size_t *which, size_t n)
{
	if (w->job->env->route.mx) {
		by_one(w, w->job->env->route.mx, which, n);
		return;
	}
	struct addressee *all = sorted(w, which, n);
	for (size_t i = 0; i < n; i++)
		if (begins(all, i))
			submit_plan_ahead(&w->s->planner, all[i].domain);
	for (size_t i = 0, k; i < n; i += k) {
		k = 0;
		do
			which[k] = all[i + k].i;
		while (++k + i < n && !begins(all, i + k));
		by_plan(w, all[i].domain, which, k);
	}
	free(all);
}
