/*
 * verify.h - one signature held against its key: what DKIM and ARC share. RFC 6376 6.1, 8301, 8463, 8617 5.
 */
#ifndef SURAT_AUTH_VERIFY_H
#define SURAT_AUTH_VERIFY_H

#include "auth/ask.h"
#include "auth/message.h"
#include "auth/result.h"
#include "auth/signature.h"

struct auth_key_policy {
	unsigned min_bits; /* of an RSA key; 0: 1,024, as RFC 8301 3.2 demands */
	bool allow_sha1;   /* against RFC 8301 3.1 */
	int64_t now_s;
};
struct auth_key {
	const struct sign_key *key;  /* kept with the answer of the DNS */
	bool testing, strict_domain; /* t=y, t=s */
};
/* The key of a signature, valid until auth_ask_begin, looked up and held against the policy: 1; 0, and why in *r; -1 the run must end. */
int auth_key_get(struct auth_ask *ask, const struct auth_signature *s,
    const struct auth_key_policy *policy, struct auth_key *out, struct auth_result *r,
    struct err *e);
/* What must hold before a key is looked at: times, the hash of the body (NULL: none is signed). False, and why in *r. */
bool auth_verify_before(const struct auth_signature *s, const struct auth_key_policy *policy,
    const struct auth_body_hash *body, struct auth_result *r);
/* The signature over a digest of the header: AUTH_PASS or AUTH_FAIL. */
bool auth_verify_digest(const struct auth_signature *s, const struct auth_key *k,
    const unsigned char *digest, struct auth_result *r);

#endif
