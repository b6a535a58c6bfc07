/*
 * body.h - the hashes of a body that signatures ask for: each different one is made once, all in one pass.
 *
 *	struct auth_body b;
 *	auth_body_init(&b);
 *	size_t i = auth_body_want(&b, CANON_RELAXED, DIGEST_SHA256, UINT64_MAX);
 *	sink_put(&b.sink, piece, e) ... sink_end(&b.sink, e);
 *	... b.v[i].sum ...
 *	auth_body_release(&b);
 */
#ifndef SURAT_AUTH_BODY_H
#define SURAT_AUTH_BODY_H

#include "auth/canon.h"
#include "crypto/digest.h"

enum { AUTH_BODY_MAX = 64 };
struct auth_body_hash {
	enum canon how;
	enum digest_kind kind;
	uint64_t limit; /* l= */
	uint64_t seen;  /* octets of the whole body in this form */
	struct digest digest;
	unsigned char sum[DIGEST_MAX];
	size_t len; /* of the sum; 0 until the end */
};
struct auth_body {
	struct sink sink;
	struct auth_body_form { /* a form, and those who want it */
		struct sink sink;
		struct auth_body *body;
		struct canon_body canon;
		bool wanted;
	} forms[2];
	struct auth_body_hash *v; /* n of them */
	size_t n;
};
void auth_body_init(struct auth_body *b);
/* Before the first octet: its place in v. Not more than AUTH_BODY_MAX different ones. */
size_t auth_body_want(struct auth_body *b, enum canon how, enum digest_kind kind, uint64_t limit);
void auth_body_release(struct auth_body *b);

#endif
