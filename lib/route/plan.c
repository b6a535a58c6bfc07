#include "route/plan.h"

#include <stdlib.h>

static void steps_release(struct route_steps *s)
{
	for (size_t i = 0; i < s->n; i++) {
		free(s->v[i].text);
		free(s->v[i].clause);
	}
	free(s->v);
}

static void host_release(struct route_host *h)
{
	free(h->name);
	free(h->canonical);
	free(h->tlsa_base);
	net_addrs_release(&h->addresses);
	for (size_t i = 0; i < h->pin_count; i++)
		free(h->pins[i].data);
	free(h->pins);
	strv_release(&h->names);
	steps_release(&h->steps);
}

void route_plan_free(struct route_plan *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->host_count; i++)
		host_release(&p->hosts[i]);
	free(p->hosts);
	free(p->input);
	free(p->domain);
	free(p->canonical);
	free(p->sts.id);
	free(p->sts.problem);
	strv_release(&p->sts.mx);
	strv_release(&p->notices);
	steps_release(&p->steps);
	free(p);
}

const char *route_security_word(enum route_security s)
{
	switch (s) {
	case ROUTE_SECURE: return "secure";
	case ROUTE_INSECURE: return "insecure";
	case ROUTE_UNCHECKED: break;
	}
	return "unsigned-data";
}

const char *route_tls_word(enum route_tls t)
{
	switch (t) {
	case ROUTE_TLS_DANE: return "dane";
	case ROUTE_TLS_VERIFY: return "verify";
	case ROUTE_TLS_ENCRYPT: return "encrypt";
	case ROUTE_TLS_MAY: break;
	}
	return "may";
}

const char *route_sts_word(const struct route_sts *s)
{
	static const char *const words[] = {"none", "testing", "enforce"};
	return s->found ? words[s->mode] : "-";
}
