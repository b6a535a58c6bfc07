#include "base/alloc.h"
#include "base/intl.h"
#include "route/job.h"

#include <netinet/in.h>
#include <stdlib.h>

/* A target that cannot be a host, RFC 5321 5.1 and RFC 1035 3.3.9: a name is wanted, and "192.0.2.1." is a common mistake. */
static int check_name(struct route_host *h)
{
	struct net_addr ignored;
	if (dns_is_host_name(span_of(h->name)))
		return 0;
	if (net_addr_parse(span_of(h->name), 0, &ignored))
		err_set(&h->error, EX_NOHOST,
		    _("the MX record names an address, where a host name must stand"));
	else
		err_set(&h->error, EX_NOHOST, _("not a host name"));
	return err_reply(&h->error, 0, "5.4.4");
}

void host_ask_all(struct job *j)
{
	for (size_t i = 0; i < j->plan->host_count; i++) {
		struct route_host *h = &j->plan->hosts[i];
		struct job_host *w = &j->hosts[i];
		if (h->addresses.n || h->error.code || check_name(h) < 0)
			continue;
		w->waiting = !j->o->only6 + !j->o->only4;
		if (!j->o->only6)
			job_ask(j, ASK_A, i, h->name, DNS_A);
		if (!j->o->only4)
			job_ask(j, ASK_AAAA, i, h->name, DNS_AAAA);
		dane_expect(j, h->name);
	}
}

bool route_address(const struct dns_record *r, unsigned port, struct net_addr *to)
{
	*to = (struct net_addr){0};
	if (r->len == 4) {
		struct sockaddr_in *in = (struct sockaddr_in *)(void *)&to->sa;
		in->sin_family = AF_INET;
		in->sin_port = htons((uint16_t)port);
		memcpy(&in->sin_addr, r->data, 4);
		to->len = sizeof(*in);
	} else if (r->len == 16) {
		struct sockaddr_in6 *in = (struct sockaddr_in6 *)(void *)&to->sa;
		in->sin6_family = AF_INET6;
		in->sin6_port = htons((uint16_t)port);
		memcpy(&in->sin6_addr, r->data, 16);
		to->len = sizeof(*in);
	}
	return to->len > 0;
}

static void add_addresses(const struct job *j, struct route_host *h, const struct dns_answer *a)
{
	unsigned port = j->plan->port ? j->plan->port : j->o->port;
	struct net_addr to;
	for (size_t i = 0; i < a->n && h->addresses.n < ROUTE_ADDRESSES_MAX; i++)
		if (route_address(&a->v[i], port, &to))
			net_addrs_add(&h->addresses, &to);
}

/* No address at all: the worse of the two reasons. */
static void no_address(const struct job *j, struct route_host *h, const struct job_host *w)
{
	const struct dns_answer *a = &w->a, *b = &w->aaaa;
	const struct dns_answer *worse = a->status >= b->status ? a : b;
	if (worse->status == DNS_NO_NAME || worse->status == DNS_NO_DATA) {
		err_set(&h->error, EX_NOHOST,
		    worse->status == DNS_NO_NAME ? _("no such host")
		    : j->o->only4                ? _("no IPv4 address")
		    : j->o->only6                ? _("no IPv6 address")
						 : _("no address"));
		err_reply(&h->error, 0, "5.4.4");
	} else {
		job_answer_error(&h->error, worse, worse == a ? "A" : "AAAA");
	}
}

/* Names a certificate may have: RFC 7672 3.2.3. The one for SNI comes first; dane.c puts the TLSA base domain there. */
static void take_names(const struct job *j, struct route_host *h)
{
	const char *const names[] = {h->name, j->plan->domain, j->plan->canonical};
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (names[i] && !strv_has(&h->names, names[i]))
			strv_add(&h->names, names[i]);
}

static void take_addresses(struct job *j, size_t host)
{
	struct route_host *h = &j->plan->hosts[host];
	struct job_host *w = &j->hosts[host];
	const struct dns_answer *answers[] = {&w->a, &w->aaaa};
	h->security = ROUTE_SECURE;
	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		const struct dns_answer *a = answers[i];
		if (a->status != DNS_OK || !a->n) {
			if (a->status == DNS_FAILED || a->status == DNS_BOGUS)
				job_step(j, &h->steps, NULL, _("%s addresses: %s"),
				    i ? "IPv6" : "IPv4", a->why);
			continue;
		}
		add_addresses(j, h, a);
		if (job_security(a) < h->security)
			h->security = job_security(a);
		if (a->canonical && strcmp(a->canonical, h->name) != 0 && !h->canonical)
			h->canonical = str_dup(a->canonical);
	}
	if (j->plan->kind == ROUTE_HOST)
		j->plan->security = h->security;
}

static void addresses_done(struct job *j, size_t host)
{
	struct route_host *h = &j->plan->hosts[host];
	struct job_host *w = &j->hosts[host];
	take_addresses(j, host);
	if (!h->addresses.n) {
		h->security = ROUTE_UNCHECKED;
		no_address(j, h, w);
		return;
	}
	if (h->canonical)
		job_step(j, &h->steps, "RFC 5321 5.1",
		    _("an alias for %s, which a mail server's name should not be"), h->canonical);
	job_step(j, &h->steps, "RFC 5321 5.1", _("%zu address%s, %s"), h->addresses.n,
	    h->addresses.n == 1 ? "" : "es", route_security_word(h->security));
	take_names(j, h);
	if (j->o->require_dnssec && h->security != ROUTE_SECURE) {
		err_set(&h->error, EX_PROTOCOL, _("the addresses are not secure (%s)"),
		    route_security_word(h->security));
		err_reply(&h->error, 0, "4.7.5");
		return;
	}
	dane_start(j, host);
}

void host_answered(struct job *j, size_t host, enum ask_kind kind, struct dns_answer *a)
{
	struct job_host *w = &j->hosts[host];
	struct dns_answer *to = kind == ASK_A ? &w->a : &w->aaaa;
	*to = *a;
	*a = (struct dns_answer){0};
	if (--w->waiting == 0)
		addresses_done(j, host);
}
