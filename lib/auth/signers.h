/*
 * signers.h - the keys that sign, as options and the configuration name them: domains, selectors and key files, the n-th of each together.
 *
 *	struct dkim_signers s = {0};
 *	if (dkim_signers_check(&domains, &selectors, &keys, e) < 0 || dkim_signers_read(&s, &domains, &selectors, &keys, e) < 0) ...
 *	... s.v, s.n ...
 *	dkim_signers_release(&s);
 */
#ifndef SURAT_AUTH_SIGNERS_H
#define SURAT_AUTH_SIGNERS_H

#include "auth/sign.h"
#include "base/strv.h"

struct dkim_signers {
	struct dkim_signer *v;
	size_t n;
	struct strv names; /* owned: what v points to */
	struct sign_key **keys;
};
/* A selector for each key, and one domain for all or one for each. EX_USAGE. */
int dkim_signers_check(const struct strv *domains, const struct strv *selectors,
    const struct strv *keys, struct err *e);
/* EX_NOINPUT, EX_CONFIG: a key that is none; EX_DATAERR: a name. On failure nothing is left. */
int dkim_signers_read(struct dkim_signers *s, const struct strv *domains,
    const struct strv *selectors, const struct strv *keys, struct err *e);
void dkim_signers_release(struct dkim_signers *s);

#endif
