/*
 * room.h - lib/policy's own: a check in the making. policy.c asks and collects; spf.c, dmarc.c, dkim.c and other.c know one thing each.
 */
#ifndef SURAT_POLICY_ROOM_H
#define SURAT_POLICY_ROOM_H

#include "policy/policy.h"

#include "base/buf.h"

struct check {
	struct policy *p;
	struct dns *dns;
	const struct route_plan *plan;
	const struct policy_options *o;
	const char *domain;
	bool has_dmarc_policy; /* quarantine or reject */
	struct err *e;
};
/* why and publish may be NULL, publish is taken over. */
void policy_find(struct check *c, enum policy_level level, const char *subject, char *publish,
    const char *why, const char *fmt, ...) __attribute__((format(printf, 6, 7)));
/* prefix.name; -1: the run must end. The answer is the caller's to release. */
int policy_ask(
    struct check *c, const char *prefix, const char *name, unsigned type, struct dns_answer *a);
/* The TXT records that begin with this: *one is the first, a view of a. How many. */
size_t policy_records(const struct dns_answer *a, const char *begin, struct span *one);
/* A question that failed is told; true then. */
bool policy_failed(struct check *c, const char *subject, const struct dns_answer *a);

int policy_spf(struct check *c);
int policy_dmarc(struct check *c);
int policy_dkim(struct check *c, const char *selector);
int policy_tlsrpt(struct check *c);
int policy_bimi(struct check *c);
int policy_dnssec(struct check *c);
void policy_sts(struct check *c);

#endif
