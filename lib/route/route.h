/*
 * route.h - makes plans: MX, addresses and TLSA records of many domains at once.
 *
 *	struct route_batch *b = route_batch_new(dns, &options);
 *	route_batch_add(b, "example.org", owner);
 *	while ((r = route_batch_wait(b, NULL, &plan, &q, e)) == DNS_ANSWERED) ... plan->owner ... route_plan_free(plan);
 *	route_batch_free(b);
 *
 * What is looked up: a domain, an address of which only the domain counts, "[host]" or "[host]:port" (no MX is asked for), "[192.0.2.1]",
 * "[IPv6:2001:db8::1]". How: RFC 5321 section 5 (preference groups, shuffled; the domain itself where there is no MX), RFC 7505 (null
 * MX), RFC 7672 with 7671 (DANE: only where the MX answer and the addresses are secure; TLSA records that should be there and cannot
 * be had make a host wait, never a host without DANE), RFC 8461 (MTA-STS, through the helper surat-https; where there is DANE it changes nothing).
 *
 * Limits: 50 hosts a domain, 32 addresses a host, and one time limit for all questions of one domain.
 */
#ifndef SURAT_ROUTE_ROUTE_H
#define SURAT_ROUTE_ROUTE_H

#include "dns/dns.h"
#include "route/plan.h"

enum { ROUTE_HOSTS_MAX = 50, ROUTE_ADDRESSES_MAX = 32 };

struct route_web {           /* how policies are fetched */
	const char *cache;   /* a file; NULL: nothing is kept */
	const char *ca_file; /* NULL: the system's certificates */
	unsigned port;
	const struct strv *connects; /* HOST=ADDR:PORT */
};
struct route_options {
	unsigned port; /* of the addresses and of the TLSA records' names */
	int64_t timeout_ms;
	bool only4, only6;
	bool no_dane;                /* TLSA records are not asked for */
	bool dane_only;              /* a host without usable ones cannot be tried */
	bool require_dnssec;         /* nor one whose answers are not secure */
	bool require_tls;            /* the letter has REQUIRETLS (RFC 8689) */
	bool mx_only;                /* hosts and preferences are enough */
	bool explain;                /* fill in the steps */
	const struct route_web *web; /* NULL: without MTA-STS */
	const struct strv
	    *self; /* names of ours: mail does not go back up the list (RFC 5321 5.1) */
};
struct route_batch;
/* Both must outlive the batch. No other questions of d may be under way. */
struct route_batch *route_batch_new(struct dns *d, const struct route_options *o);
/* Where plans are still under way: nothing more may be asked of d then. NULL is fine. */
void route_batch_free(struct route_batch *b);
/* EX_DATAERR is told in the plan's error, like everything else. */
void route_batch_add(struct route_batch *b, struct span what, void *owner);
/* How many are under way. */
size_t route_batch_count(const struct route_batch *b);
/* A question beside the plans; its answer comes back from route_batch_wait with the same owner. */
void route_batch_ask(
    struct route_batch *b, const char *name, unsigned type, int64_t deadline_ms, void *owner);
/* The next plan that is complete, or answer that came, in whatever order: as dns_batch_wait; one of *plan and *q is set, and is the
 * caller's to free. At most DNS_WATCH_MAX - 1 descriptors may be watched. */
int route_batch_wait(struct route_batch *b, const struct dns_watch *watch, struct route_plan **plan,
    struct dns_question **q, struct err *e);
/* An A or AAAA record as an address; false: it is neither. */
bool route_address(const struct dns_record *r, unsigned port, struct net_addr *to);

#endif
