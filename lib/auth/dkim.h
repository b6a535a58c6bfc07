/*
 * dkim.h - DKIM signatures of a message checked: RFC 6376, 8301 (key lengths, no SHA-1), 8463 (Ed25519), 8616 (internationalised domains).
 *
 *	struct dkim d;
 *	dkim_read(&d, &message);			// at the end of the header: what of the body is wanted
 *	dkim_expect(&d, ask);				// keys are asked for while the body comes
 *	... the body ...
 *	dkim_check(&d, ask, &policy, &results, e);	// one result for each signature
 *	dkim_release(&d);
 *
 * The first 20 signatures, from the top, are looked at; that there are more is said.
 */
#ifndef SURAT_AUTH_DKIM_H
#define SURAT_AUTH_DKIM_H

#include "auth/verify.h"

enum { DKIM_MAX = 20 };
struct dkim_one {
	struct auth_signature signature;
	bool readable;
	struct err why;
	size_t hash; /* in message->body.v */
};
struct dkim {
	const struct auth_message *message;
	struct dkim_one *v;
	size_t n, more;
};
void dkim_read(struct dkim *d, struct auth_message *m);
void dkim_expect(const struct dkim *d, struct auth_ask *ask);
/* No signature: one result, none. -1: the run must end. */
int dkim_check(const struct dkim *d, struct auth_ask *ask, const struct auth_key_policy *policy,
    struct auth_results *all, struct err *e);
void dkim_release(struct dkim *d);
/* Is this domain the other one or below it? Both without a final dot. */
bool auth_domain_below(struct span domain, struct span parent);

#endif
