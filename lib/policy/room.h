/*
 * room.h - lib/policy's own: a check in the making. policy.c keeps the answers and what was found; spf.c, dmarc.c, dkim.c and other.c know one
 * thing each, and are plain functions of the answers: where one is missing they run again when it has come.
 */
#ifndef SURAT_POLICY_ROOM_H
#define SURAT_POLICY_ROOM_H

#include "policy/policy.h"

#include "base/buf.h"

struct check_ask { /* a question, and its answer when that has come */
	char *name;
	unsigned type;
	enum { ASK_WANTED, ASK_UNDER_WAY, ASK_ANSWERED } state;
	struct dns_answer answer;
};
struct policy_check {
	struct policy found;
	const struct route_plan *plan;
	const struct policy_options *o;
	const char *domain;
	bool has_dmarc_policy; /* quarantine or reject */
	bool more;             /* an answer was missing: what was found is not all */
	struct check_ask *asks;
	size_t n, next, under_way;
};
/* why and publish may be NULL, publish is taken over. */
void policy_find(struct policy_check *c, enum policy_level level, const char *subject,
    char *publish, const char *why, const char *fmt, ...) __attribute__((format(printf, 6, 7)));
/* The answer for prefix.name. NULL: it is not there yet, and asked for; the caller goes on with what does not need it, and all is looked at
 * once more when it has come. */
const struct dns_answer *policy_ask(
    struct policy_check *c, const char *prefix, const char *name, unsigned type);
/* The TXT records that begin with this: *one is the first, a view of a. How many. */
size_t policy_records(const struct dns_answer *a, const char *begin, struct span *one);
/* A question that failed is told; true then. */
bool policy_failed(struct policy_check *c, const char *subject, const struct dns_answer *a);

void policy_spf(struct policy_check *c);
void policy_dmarc(struct policy_check *c);
void policy_dkim(struct policy_check *c, const char *selector);
void policy_tlsrpt(struct policy_check *c);
void policy_bimi(struct policy_check *c);
void policy_dnssec(struct policy_check *c);
void policy_sts(struct policy_check *c);

#endif
