/*
 * arc.h - the chain of those who handed a message on, and what each of them found: RFC 8617. Checked here, sealed in seal.h.
 *
 *	struct arc a;
 *	arc_read(&a, &message);			// at the end of the header
 *	arc_expect(&a, ask);
 *	... the body ...
 *	arc_check(&a, ask, &policy, &results, e);
 *	arc_release(&a);
 *
 * At most 50 sets (4.2.1). A chain that is good says that these domains saw what they say they saw; whether to believe them is another matter.
 */
#ifndef SURAT_AUTH_ARC_H
#define SURAT_AUTH_ARC_H

#include "auth/verify.h"

enum { ARC_MAX = 50 };
struct arc_set {
	const struct auth_field *results; /* ARC-Authentication-Results */
	struct auth_signature message, seal;
	bool has_message, has_seal;
	size_t hash; /* of the body, in message->body.v */
};
struct arc {
	const struct auth_message *message;
	struct arc_set *v; /* ARC_MAX of them, v[0] is instance 1; NULL: there are none */
	size_t n;
	struct err broken; /* the structure is wrong: why; code 0: it is not */
};
void arc_read(struct arc *a, struct auth_message *m);
void arc_expect(const struct arc *a, struct auth_ask *ask);
int arc_check(const struct arc *a, struct auth_ask *ask, const struct auth_key_policy *policy,
    struct auth_results *all, struct err *e);
void arc_release(struct arc *a);
/* What a seal covers, RFC 8617 5.1.1: the sets from the first one to this one, or only this one where the chain fails; then the seal without its signature. */
void arc_seal_digest(const struct arc *a, size_t instance, bool only, struct span seal,
    unsigned char out[DIGEST_MAX]);

#endif
