/*
 * policy.h - what a domain publishes about its mail, and what is wrong with it: SPF, DMARC, DKIM keys, MTA-STS, TLSRPT, BIMI, signatures of DNSSEC.
 *
 *	struct policy p = {0};
 *	policy_check(&p, dns, plan, &options, e);
 *	for (size_t i = 0; i < p.n; i++) ... p.v[i].level, p.v[i].what, p.v[i].why, p.v[i].publish ...
 *	policy_release(&p);
 *
 * The questions are asked one after the other: no others of the dns may be under way. Limits: 40 SPF look-ups, 10 deep; a walk up of 8 labels.
 * All texts may hold foreign octets.
 */
#ifndef SURAT_POLICY_POLICY_H
#define SURAT_POLICY_POLICY_H

#include "dns/dns.h"
#include "route/plan.h"

enum policy_level { POLICY_FACT, POLICY_WARNING, POLICY_ERROR };
struct policy_finding {
	enum policy_level level;
	const char *subject; /* "SPF", "DMARC"... */
	char *what, *why;    /* why: what follows from it; NULL for a fact */
	char *publish;       /* the line to publish instead, or NULL */
};
struct policy {
	struct policy_finding *v;
	size_t n;
	unsigned spf_lookups, spf_voids;
};
struct policy_options {
	const struct strv *selectors; /* of DKIM keys, or NULL */
	int64_t timeout_ms;
	int64_t now_s;
};
int policy_check(struct policy *p, struct dns *d, const struct route_plan *plan,
    const struct policy_options *o, struct err *e);
void policy_release(struct policy *p);
const char *policy_level_word(enum policy_level l);

#endif
