/* sts_job.c - a domain's MTA-STS policy (RFC 8461): the record, the policy behind it, and what follows for each host. */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "io/sys.h"
#include "route/helper.h"
#include "route/job.h"
#include "route/sts.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <unistd.h>

static char *sts_job_name(const struct job *j, const char *label)
{
	return str_printf("%s.%s", label, j->plan->domain);
}

static bool ask(struct job *j, enum ask_kind kind, const char *label, unsigned type)
{
	char *name = sts_job_name(j, label);
	bool fits = dns_is_name(span_of(name));
	if (fits)
		job_ask(j, kind, 0, name, type);
	free(name);
	return fits;
}

void sts_job_start(struct job *j)
{
	if (j->o->web && !j->o->mx_only)
		ask(j, ASK_STS, "_mta-sts", DNS_TXT);
}

static void ask_helper(struct job *j)
{
	j->waiting++;
	helper_ask(
	    j->batch->helper, j->plan->domain, j->sts.id, &j->sts.addresses, j->deadline_ms, j);
}

/* RFC 8461 5.1: a policy that was fetched before counts until its time is over, whatever the DNS says now. */
static void ask_cache(struct job *j, const char *why)
{
	job_step(j, &j->plan->steps, "RFC 8461 3.1", "%s", why);
	if (j->o->web->cache && access(j->o->web->cache, F_OK) == 0)
		ask_helper(j);
}

/* RFC 8461 3.1: records that do not begin with v=STSv1; are passed over; more than one of the others, or one that is wrong, is none. */
static int find_record(const struct dns_answer *a, struct span *id, struct err *e)
{
	const struct dns_record *found = NULL;
	for (size_t i = 0; i < a->n; i++) {
		struct span text = span_make((const char *)a->v[i].data, a->v[i].len);
		if (!span_starts(text, "v=STSv1"))
			continue;
		if (found)
			return err_set(e, EX_DATAERR, _("there are two of them"));
		found = &a->v[i];
	}
	if (!found)
		return err_set(e, EX_NOHOST, _("none"));
	return sts_record_parse(span_make((const char *)found->data, found->len), id, e);
}

void sts_job_record_answered(struct job *j, const struct dns_answer *a)
{
	struct route_plan *p = j->plan;
	struct err e = ERR_INIT;
	struct span id;
	/* nothing follows from a policy where nobody can be sent to; mx.c may have said so already */
	if (p->error.code)
		return;
	if (a->status == DNS_NO_NAME || a->status == DNS_NO_DATA) {
		ask_cache(j, _("no MTA-STS record"));
	} else if (a->status != DNS_OK) {
		job_answer_error(&e, a, "_mta-sts");
		p->sts.problem = str_dup(e.text);
		ask_cache(j, e.text);
	} else if (find_record(a, &id, &e) < 0) {
		if (e.code != EX_NOHOST) {
			err_prefix(&e, _("the MTA-STS record does not count: "));
			p->sts.problem = str_dup(e.text);
		}
		ask_cache(j, e.code == EX_NOHOST ? _("no MTA-STS record") : e.text);
	} else {
		j->sts.id = span_dup(id);
		j->sts.waiting = !j->o->only6 + !j->o->only4;
		job_step(
		    j, &p->steps, "RFC 8461 3.1", _("an MTA-STS record with the id %s"), j->sts.id);
		if (!j->o->only6 && !ask(j, ASK_STS_ADDRESS, "mta-sts", DNS_A))
			j->sts.waiting--;
		if (!j->o->only4 && !ask(j, ASK_STS_ADDRESS, "mta-sts", DNS_AAAA))
			j->sts.waiting--;
		if (!j->sts.waiting)
			ask_helper(j);
	}
}

void sts_job_address_answered(struct job *j, const struct dns_answer *a)
{
	struct net_addr to;
	char text[64];
	for (size_t i = 0; a->status == DNS_OK && i < a->n; i++)
		if (a->v[i].data && route_address(&a->v[i], 0, &to)) {
			net_addr_text(&to, text, sizeof(text));
			strv_add(&j->sts.addresses, text);
		}
	if (--j->sts.waiting == 0)
		ask_helper(j);
}

/* --- the helper's answer --- */

static bool read_mode(const json_t *o, enum sts_mode *mode)
{
	static const char *const words[] = {"none", "testing", "enforce"};
	const char *s = json_string_value(json_object_get(o, "mode"));
	for (size_t i = 0; s && i < ARRAY_LEN(words); i++)
		if (strcmp(s, words[i]) == 0) {
			*mode = (enum sts_mode)i;
			return true;
		}
	return false;
}

static void take_policy(struct job *j, const json_t *o, enum sts_mode mode)
{
	struct route_sts *s = &j->plan->sts;
	const json_t *mx = json_object_get(o, "mx");
	const char *id = json_string_value(json_object_get(o, "id"));
	s->found = true;
	s->mode = mode;
	s->id = str_dup(id ? id : "");
	s->cached = json_is_true(json_object_get(o, "cached"));
	s->max_age_s = json_integer_value(json_object_get(o, "max_age"));
	s->expires_s = json_integer_value(json_object_get(o, "expires"));
	for (size_t i = 0; i < json_array_size(mx); i++)
		if (json_is_string(json_array_get(mx, i)))
			strv_add(&s->mx, json_string_value(json_array_get(mx, i)));
	job_step(j, &j->plan->steps, "RFC 8461 3.2", _("the MTA-STS policy, %s: mode %s, %zu mx%s"),
	    s->cached ? _("from the cache") : _("fetched now"), route_sts_word(s), s->mx.n,
	    s->mx.n == 1 ? "" : _(" patterns"));
}

void sts_job_answered(struct job *j, const json_t *o, const struct err *failed)
{
	struct route_sts *s = &j->plan->sts;
	enum sts_mode mode;
	const char *why = o ? json_string_value(json_object_get(o, "error")) : failed->text;
	if (o && read_mode(o, &mode))
		take_policy(j, o, mode);
	if (!why)
		return;
	free(s->problem);
	s->problem = str_dup(why);
	job_step(j, &j->plan->steps, "RFC 8461 3.3",
	    s->found ? _("there is no newer policy, and the one we have counts: %s")
		     : _("no MTA-STS policy can be had, and mail is sent without: %s"),
	    why);
}

/* --- what follows --- */

static void apply(struct job *j, struct route_host *h)
{
	const struct route_sts *s = &j->plan->sts;
	h->sts = sts_mx_matches(&s->mx, h->name) ? ROUTE_STS_MATCH : ROUTE_STS_MISMATCH;
	if (s->mode != STS_ENFORCE || h->error.code)
		return;
	if (h->tls == ROUTE_TLS_DANE) {
		job_step(j, &h->steps, "RFC 8461 2", _("DANE comes before MTA-STS"));
	} else if (h->sts == ROUTE_STS_MATCH) {
		h->tls = ROUTE_TLS_VERIFY;
		h->sts_enforced = true;
		strv_release(&h->names);
		strv_add(&h->names, h->name);
		job_step(j, &h->steps, "RFC 8461 4.1",
		    _("the policy names this host: TLS with a certificate for it from a public "
		      "authority, or no delivery"));
	} else {
		err_set(&h->error, EX_TEMPFAIL,
		    _("the domain's MTA-STS policy does not name this host"));
		err_reply(&h->error, 0, "4.7.5");
		job_step(j, &h->steps, "RFC 8461 4.2, 5", "%s", h->error.text);
	}
}

void sts_job_apply(struct job *j)
{
	const struct route_sts *s = &j->plan->sts;
	bool domain = j->plan->kind == ROUTE_MX || j->plan->kind == ROUTE_IMPLICIT;
	if (!s->found || s->mode == STS_NONE || j->plan->error.code || !domain)
		return;
	for (size_t i = 0; i < j->plan->host_count; i++)
		apply(j, &j->plan->hosts[i]);
}

void sts_job_release(struct job *j)
{
	free(j->sts.id);
	strv_release(&j->sts.addresses);
}
