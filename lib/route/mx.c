#include "base/alloc.h"
#include "base/intl.h"
#include "base/random.h"
#include "route/job.h"

#include <stdlib.h>

static int by_preference(const void *a, const void *b)
{
	const struct dns_record *x = a, *y = b;
	if (x->preference != y->preference)
		return x->preference < y->preference ? -1 : 1;
	return strcmp(x->name, y->name);
}

static void drop(struct dns_answer *a, size_t from, size_t n)
{
	for (size_t i = from; i < from + n; i++)
		free(a->v[i].name);
	memmove(&a->v[from], &a->v[from + n], (a->n - from - n) * sizeof(*a->v));
	a->n -= n;
}

static void notice(struct job *j, const char *text)
{
	strv_add(&j->plan->notices, text);
	job_step(j, &j->plan->steps, NULL, "%s", text);
}

/* RFC 7505: one MX with the root as its host takes no mail. Beside others such a record means nothing (section 3). */
static bool is_null_mx(struct job *j, struct dns_answer *a)
{
	bool null = false;
	for (size_t i = 0; i < a->n;) {
		if (strcmp(a->v[i].name, ".") != 0) {
			i++;
			continue;
		}
		null = true;
		drop(a, i, 1);
	}
	if (null && a->n)
		notice(j,
		    _("a null MX stands beside other MX records, and is passed over (RFC 7505 3)"));
	return null && !a->n;
}

static bool is_self(const struct job *j, const char *name)
{
	for (size_t i = 0; j->o->self && i < j->o->self->n; i++)
		if (span_eq_nocase(span_of(j->o->self->v[i]), span_of(name)))
			return true;
	return false;
}

/* RFC 5321 5.1: where we are in the list ourselves, only better hosts than we are may be tried. The records are sorted. */
static void drop_self(struct job *j, struct dns_answer *a)
{
	for (size_t i = 0; i < a->n; i++) {
		if (!is_self(j, a->v[i].name))
			continue;
		job_step(j, &j->plan->steps, "RFC 5321 5.1",
		    _("%s with preference %u is this host: it and all that are not better are left "
		      "out"),
		    a->v[i].name, a->v[i].preference);
		while (i && a->v[i - 1].preference == a->v[i].preference)
			i--;
		drop(a, i, a->n - i);
		return;
	}
}

/* A host that stands there twice is tried once, at its best preference. */
static void drop_doubles(struct dns_answer *a)
{
	for (size_t i = 0; i < a->n; i++)
		for (size_t k = i + 1; k < a->n;) {
			if (strcmp(a->v[i].name, a->v[k].name) == 0)
				drop(a, k, 1);
			else
				k++;
		}
}

static void cap(struct job *j, struct dns_answer *a)
{
	char text[128];
	if (a->n <= ROUTE_HOSTS_MAX && !a->cut)
		return;
	snprintf(text, sizeof(text), _("%s%zu mail servers, of which the best %d count"),
	    a->cut ? _("more than ") : "", a->n, (int)ROUTE_HOSTS_MAX);
	notice(j, text);
	if (a->n > ROUTE_HOSTS_MAX)
		drop(a, ROUTE_HOSTS_MAX, a->n - ROUTE_HOSTS_MAX);
}

/* RFC 5321 5.1: hosts of the same preference share the load. Fisher and Yates, group by group. */
static void shuffle(struct dns_answer *a)
{
	for (size_t from = 0, to; from < a->n; from = to) {
		for (to = from; to < a->n && a->v[to].preference == a->v[from].preference;)
			to++;
		for (size_t left = to - from; left > 1; left--) {
			size_t pick = from + random_below((uint32_t)left), last = from + left - 1;
			struct dns_record r = a->v[pick];
			a->v[pick] = a->v[last];
			a->v[last] = r;
		}
	}
}

static void take_hosts(struct job *j, struct dns_answer *a)
{
	struct route_plan *p = j->plan;
	p->kind = ROUTE_MX;
	if (is_null_mx(j, a)) {
		err_set(&p->error, EX_UNAVAILABLE, _("takes no mail (null MX)"));
		err_reply(&p->error, 556, "5.1.10");
		job_step(j, &p->steps, "RFC 7505 3",
		    _("the only MX record is \".\": the domain takes no mail, and says so"));
		return;
	}
	size_t found = a->n;
	qsort(a->v, a->n, sizeof(*a->v), by_preference);
	drop_doubles(a);
	drop_self(j, a);
	if (!a->n) {
		err_set(&p->error, EX_UNAVAILABLE,
		    _("mail would loop back: the best mail server is this host"));
		err_reply(&p->error, 0, "5.4.6");
		return;
	}
	cap(j, a);
	shuffle(a);
	for (size_t i = 0; i < a->n; i++)
		job_add_host(j, a->v[i].name, a->v[i].preference);
	job_step(j, &p->steps, "RFC 5321 5.1", _("%zu MX record%s, %s"), found,
	    found == 1 ? "" : "s", route_security_word(p->security));
}

static void go_implicit(struct job *j)
{
	struct route_plan *p = j->plan;
	p->kind = ROUTE_IMPLICIT;
	job_add_host(j, p->domain, 0);
	job_step(j, &p->steps, "RFC 5321 5.1",
	    _("no MX records (%s): the domain itself is its mail server"),
	    route_security_word(p->security));
}

void mx_answered(struct job *j, struct dns_answer *a)
{
	struct route_plan *p = j->plan;
	p->security = job_security(a);
	if (a->canonical && strcmp(a->canonical, p->domain) != 0) {
		p->canonical = str_dup(a->canonical);
		job_step(j, &p->steps, "RFC 5321 5.1",
		    _("the domain is an alias for %s, which is looked up in its place"),
		    a->canonical);
	}
	if (a->status != DNS_OK && a->status != DNS_NO_DATA) {
		job_answer_error(&p->error, a, "MX");
		if (a->status == DNS_NO_NAME) {
			err_set(&p->error, EX_NOHOST, _("no such domain"));
			err_reply(&p->error, 0, "5.1.2");
		}
		job_step(j, &p->steps, a->status == DNS_BOGUS ? "RFC 7672 2.1.1" : "RFC 5321 5.1",
		    _("the MX question: %s"), p->error.text);
		return;
	}
	if (j->o->require_dnssec && p->security != ROUTE_SECURE) {
		err_set(&p->error, EX_PROTOCOL, _("the MX answer is not secure (%s)"),
		    route_security_word(p->security));
		err_reply(&p->error, 0, "4.7.5");
		return;
	}
	if (a->status == DNS_OK)
		take_hosts(j, a);
	else
		go_implicit(j);
}
