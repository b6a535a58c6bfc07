/*
 * policy.h - what a domain publishes about its mail, and what is wrong with it: SPF, DMARC, DKIM keys, MTA-STS, TLSRPT, BIMI, signatures of DNSSEC.
 *
 *	struct policy_check *c = policy_check_new(plan, &options);
 *	while (policy_check_run(c)) {
 *		while (policy_check_next(c, &name, &type)) dns_batch_add(dns, name, type, deadline_ms, owner);
 *		... for each answer: policy_check_take(c, question), until that says that it was the last ...
 *	}
 *	... policy_check_found(c)->v[i].level, .what, .why, .publish ...
 *	policy_check_free(c);
 *
 * Nothing is asked here, so that many domains are looked at side by side: what to ask is told, and a few rounds are enough (an SPF tree
 * takes as many as it is deep). Limits: 40 SPF look-ups, 10 deep; a walk up of 8 labels; 200 questions in all.
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
	int64_t now_s;
};
struct policy_check;
/* plan and o must outlive it. */
struct policy_check *policy_check_new(
    const struct route_plan *plan, const struct policy_options *o);
void policy_check_free(struct policy_check *c); /* NULL is fine */
/* Looks at the answers that are there. True: there are more questions, and only what is found when no more are counts. */
bool policy_check_run(struct policy_check *c);
/* The next question to ask; *name is good as long as the check. False: all are asked. */
bool policy_check_next(struct policy_check *c, const char **name, unsigned *type);
/* The answer to one of them, which is taken out of q. True: it was the last that was under way. */
bool policy_check_take(struct policy_check *c, struct dns_question *q);
const struct policy *policy_check_found(const struct policy_check *c);
const char *policy_level_word(enum policy_level l);

#endif
