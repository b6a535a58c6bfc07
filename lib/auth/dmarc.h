/*
 * dmarc.h - does what was proved belong to the domain that people see? DMARC as of RFC 9989: the tree walk of 4.10 in the place of a list of suffixes, np,
 * psd, t, and no pct. Where that comes to something else than RFC 7489 would, the reason says so.
 *
 *	dmarc_expect(ask, &message.fields, sender_domain);
 *	... SPF and DKIM, with their results ...
 *	dmarc_check(&d, ask, &message.fields, &results, e);	// d.result, d.policy
 *	dmarc_release(&d);
 *
 * The walk asks at most eight names, all at once.
 */
#ifndef SURAT_AUTH_DMARC_H
#define SURAT_AUTH_DMARC_H

#include "auth/ask.h"
#include "auth/dmarc_record.h"
#include "auth/fields.h"
#include "auth/result.h"

enum { DMARC_WALK_MAX = 8 };
struct dmarc_walk { /* from a domain up */
	const char *domain;
	struct dmarc_step {
		const char *domain; /* the domain itself or what is above it */
		bool found,
		    void_record; /* void: a record that says nothing to receivers (4.10.1) */
		struct dmarc_received record;
		struct span text;
	} v[DMARC_WALK_MAX];
	size_t n;
	char *organization; /* or NULL: nothing was found; malloc'ed */
	bool failed;        /* the DNS did */
};
/* The record that may be applied: the domain's own, its organization's, or a public suffix's. NULL: none, or the one in that place says nothing, and then
 * what is above it does not count for it (4.10.1: no DMARC processing). */
const struct dmarc_step *dmarc_walk_record(const struct dmarc_walk *w);
int dmarc_walk(struct dmarc_walk *w, struct auth_ask *ask, const char *domain,
    struct auth_result *r, struct err *e);
void dmarc_walk_release(struct dmarc_walk *w);
/* Its questions. */
void dmarc_walk_expect(struct auth_ask *ask, const char *domain);

/* The domain of the one address in From, as A-labels, malloc'ed; NULL with why. */
char *dmarc_author(const struct auth_fields *f, struct err *e);
/* What RFC 7489 took for the organization: by the public suffix list; malloc'ed, or NULL. */
char *dmarc_suffix_organization(const char *domain);

/* Adds the result of DMARC, resting on those of "spf" and "dkim" that are there. *policy: what the domain asks for where it failed, or
 * the strictest of those in From where nobody knows which one is the author's. -1: the run must end. */
int dmarc_check(struct auth_ask *ask, const struct auth_fields *f, struct auth_results *all,
    enum dmarc_policy *policy, struct err *e);

#endif
