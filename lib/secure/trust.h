/*
 * trust.h - whom we believe: roots, intermediate certificates, what was revoked.
 *
 *	struct trust t;
 *	if (trust_open(&t, &(struct trust_files){.ca_file = path}, e) < 0) ...
 *	struct trust_answer a;
 *	trust_chain(&t, cert, sent_along, signed_s, &a);
 *	trust_close(&t);
 *
 * Nothing is ever fetched: no AIA, no CRL by URL, no OCSP. A certificate in the CA file is trusted as it stands, a person's own as well as an authority's.
 */
#ifndef SURAT_SECURE_TRUST_H
#define SURAT_SECURE_TRUST_H

#include "secure/cert.h"
#include "secure/secure.h"

struct trust_files {
	const char *ca_file;              /* PEM; NULL: the system's */
	const struct strv *intermediates; /* files, or NULL */
	const struct strv
	    *crls; /* files and folders of CRLs, PEM or DER; or NULL: revocation is not asked */
};
struct trust {
	X509_STORE *store;
	struct cert_list intermediates;
	bool revocation;
};
int trust_open(struct trust *t, const struct trust_files *files, struct err *e);
void trust_close(struct trust *t);

struct trust_answer {
	enum secure_result
	    result; /* PASS, FAIL (revoked, not valid when it was signed), POLICY (nobody we know, or expired since), TEMPERROR (CRL too old or missing) */
	char reason[200];
	bool trusted; /* there is a chain to a root of ours */
};
/* sent_along: certificates that came with the message, or NULL. signed_s: when it says it was signed, 0: unknown. The time now is the clock's. */
void trust_chain(const struct trust *t, X509 *cert, STACK_OF(X509) * sent_along, int64_t signed_s,
    struct trust_answer *a);

#endif
