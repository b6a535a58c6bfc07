#include "base/alloc.h"
#include "base/intl.h"
#include "route/job.h"

#include <stdlib.h>

/* "_25._tcp." and the base domain, malloc'ed. */
static char *tlsa_name(const struct job *j, const char *base)
{
	return str_printf("_%u._tcp.%s", j->plan->port ? j->plan->port : j->o->port, base);
}

/* False where the name is longer than one can be. */
static bool ask_tlsa(struct job *j, size_t host, const char *base)
{
	char *name = tlsa_name(j, base);
	bool fits = dns_is_name(span_of(name));
	if (fits)
		job_ask(j, ASK_TLSA, host, name, DNS_TLSA);
	free(name);
	return fits;
}

/* An insecure MX answer may name anybody's host; [host] was named by the person. */
static bool may_have_dane(const struct job *j)
{
	return j->plan->kind == ROUTE_HOST || j->plan->security == ROUTE_SECURE;
}

void dane_expect(const struct job *j, const char *host)
{
	if (j->o->no_dane || j->o->mx_only || !may_have_dane(j))
		return;
	char *name = tlsa_name(j, host);
	dns_batch_expect(j->dns, name, DNS_TLSA, j->deadline_ms);
	free(name);
}

static void no_dane(struct job *j, struct route_host *h, const char *clause, const char *why)
{
	job_step(j, &h->steps, clause, "%s", why);
	if (!j->o->dane_only)
		return;
	err_set(&h->error, EX_PROTOCOL, _("DANE is demanded: %s"), why);
	err_reply(&h->error, 0, "4.7.5");
}

/* The next base domain: RFC 7671 7: where CNAMEs led first, then the name itself. */
static void ask_next(struct job *j, size_t host)
{
	struct job_host *w = &j->hosts[host];
	while (w->base_count) {
		char *base = w->bases[--w->base_count];
		bool asked = ask_tlsa(j, host, base);
		free(base);
		if (asked)
			return;
	}
	no_dane(j, &j->plan->hosts[host], "RFC 7672 2.2",
	    _("no TLSA records: TLS as the server offers it"));
}

void dane_start(struct job *j, size_t host)
{
	struct route_host *h = &j->plan->hosts[host];
	struct job_host *w = &j->hosts[host];
	if (j->o->no_dane || j->o->mx_only)
		return;
	if (!may_have_dane(j)) {
		no_dane(
		    j, h, "RFC 7672 2.2.1", _("the MX answer is not secure: DANE does not apply"));
	} else if (h->security == ROUTE_SECURE) {
		w->bases[w->base_count++] = str_dup(h->name);
		if (h->canonical)
			w->bases[w->base_count++] = str_dup(h->canonical);
		ask_next(j, host);
	} else if (h->canonical) {
		/* RFC 7672 2.2.2: a secure alias to an insecure zone may still have records at the alias */
		job_ask(j, ASK_ALIAS, host, h->name, DNS_CNAME);
	} else {
		/* RFC 7672 2.2.2: not even asked, since servers of unsigned zones are known to fail on TLSA */
		no_dane(j, h, "RFC 7672 2.2.2",
		    _("the addresses are not secure: TLSA records are not asked for"));
	}
}

void dane_alias_answered(struct job *j, size_t host, const struct dns_answer *a)
{
	struct route_host *h = &j->plan->hosts[host];
	struct job_host *w = &j->hosts[host];
	if (a->status == DNS_FAILED || a->status == DNS_BOGUS) {
		job_answer_error(&h->error, a, "CNAME");
		return;
	}
	if (a->status != DNS_OK || a->security != DNS_SECURE) {
		no_dane(j, h, "RFC 7672 2.2.2",
		    _("neither the alias nor the addresses are secure: TLSA records are not asked "
		      "for"));
		return;
	}
	w->bases[w->base_count++] = str_dup(h->name);
	ask_next(j, host);
}

/* RFC 7672 3.1.3: usages 0 and 1 (PKIX) are no use between mail servers. RFC 7671 2 and 6698 2.1: what nobody can match is left out too. */
static bool is_usable(const struct dns_record *r)
{
	if ((r->usage != 2 && r->usage != 3) || r->selector > 1)
		return false;
	switch (r->matching) {
	case 0:
		return r->len > 2 &&
		       r->data[0] == 0x30; /* a certificate or a key, DER: both are a SEQUENCE */
	case 1: return r->len == 32;
	case 2: return r->len == 64;
	default: return false;
	}
}

static void take_pins(struct route_host *h, const struct dns_answer *a)
{
	for (size_t i = 0; i < a->n; i++) {
		const struct dns_record *r = &a->v[i];
		if (!is_usable(r)) {
			h->unusable_pins++;
			continue;
		}
		h->pins = mem_resize(h->pins, h->pin_count + 1, sizeof(*h->pins));
		h->pins[h->pin_count++] = (struct route_pin){.usage = r->usage,
		    .selector = r->selector,
		    .matching = r->matching,
		    .data = (unsigned char *)mem_dup(r->data, r->len),
		    .len = r->len};
	}
}

/* The base domain goes first among the names: it is what SNI asks for (RFC 7672 3.2.3, 8.1). */
static void lead_with_base(struct route_host *h)
{
	struct strv names = {0};
	strv_add(&names, h->tlsa_base);
	for (size_t i = 0; i < h->names.n; i++)
		if (!strv_has(&names, h->names.v[i]))
			strv_add(&names, h->names.v[i]);
	strv_release(&h->names);
	h->names = names;
}

static void take_tlsa(
    struct job *j, struct route_host *h, const char *name, const struct dns_answer *a)
{
	const char *base = strstr(name, "._tcp.") + strlen("._tcp.");
	take_pins(h, a);
	h->tlsa_base = str_dup(base);
	lead_with_base(h);
	h->tls = h->pin_count ? ROUTE_TLS_DANE : ROUTE_TLS_ENCRYPT;
	job_step(j, &h->steps, h->pin_count ? "RFC 7672 2.2" : "RFC 7672 2.2, 3.1.3",
	    h->pin_count ? _("TLSA records at %s, %zu usable, %zu not: TLS with a certificate that "
			     "matches, or no delivery")
			 : _("TLSA records at %s, %zu usable, %zu not: TLS is a must, any "
			     "certificate will do"),
	    name, h->pin_count, h->unusable_pins);
	if (!h->pin_count && j->o->dane_only) {
		err_set(&h->error, EX_PROTOCOL,
		    _("DANE is demanded: none of the TLSA records is usable"));
		err_reply(&h->error, 0, "4.7.5");
	}
}

void dane_answered(struct job *j, size_t host, const char *name, const struct dns_answer *a)
{
	struct route_host *h = &j->plan->hosts[host];
	if (a->status == DNS_FAILED || a->status == DNS_BOGUS) {
		/* RFC 7672 2.1.2: an attacker who can stop this answer must not gain a host without DANE */
		job_answer_error(&h->error, a, "TLSA");
		job_step(j, &h->steps, "RFC 7672 2.1.2",
		    _("%s: TLSA records may be there and cannot be had: this host is not tried"),
		    name);
	} else if (a->status == DNS_OK && a->security == DNS_SECURE) {
		take_tlsa(j, h, name, a);
	} else {
		job_step(j, &h->steps, "RFC 7672 2.2",
		    a->status == DNS_OK
			? _("%s: TLSA records that are not secure count for nothing")
			: _("%s: no TLSA records"),
		    name);
		ask_next(j, host);
	}
}
