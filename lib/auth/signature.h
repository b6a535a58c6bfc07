/*
 * signature.h - one signature field of a message taken apart: DKIM-Signature (RFC 6376 3.5, 8463), ARC-Message-Signature and ARC-Seal (RFC 8617 4.1).
 *
 *	struct auth_signature s;
 *	if (auth_signature_parse(&s, AUTH_SIGNATURE_DKIM, field, e) < 0) ... it cannot be read, with why ...
 *	auth_signature_release(&s);
 */
#ifndef SURAT_AUTH_SIGNATURE_H
#define SURAT_AUTH_SIGNATURE_H

#include "auth/canon.h"
#include "auth/fields.h"
#include "crypto/sign.h"

enum auth_signature_kind { AUTH_SIGNATURE_DKIM, AUTH_SIGNATURE_ARC, AUTH_SIGNATURE_SEAL };
struct auth_signature {
	const struct auth_field *field;
	enum sign_kind key;
	enum digest_kind digest;
	enum canon header, body;
	char *domain, *selector; /* d=, s= as A-labels */
	struct span identity;    /* i= of DKIM as written, or "" */
	unsigned instance;       /* i= of ARC */
	struct span names;       /* h= */
	struct buf signature, body_hash;
	uint64_t length;           /* l=, UINT64_MAX: all of the body */
	int64_t time_s, expires_s; /* -1: not said */
	char chain;                /* cv= of a seal: 'n', 'f', 'p' */
};
/* EX_DATAERR. The field must stay. */
int auth_signature_parse(struct auth_signature *s, enum auth_signature_kind kind,
    const struct auth_field *field, struct err *e);
void auth_signature_release(struct auth_signature *s);
/* SELECTOR._domainkey.DOMAIN; malloc'ed. */
char *auth_signature_key_name(const struct auth_signature *s);
const char *auth_signature_algorithm(enum sign_kind key, enum digest_kind digest);

/* The field itself as it is signed: the value of b= left out. No line end behind it. */
void auth_signature_unsigned(struct buf *out, enum canon how, struct span raw);
/* What stands for a message in a signature, RFC 6376 3.7 step 2: the fields that names lists, then the unsigned field; digested. */
void auth_signature_digest(enum digest_kind kind, enum canon how, const struct auth_fields *fields,
    struct span names, struct span raw, unsigned char out[DIGEST_MAX]);

#endif
