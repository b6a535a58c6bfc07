/*
 * dkim_key.h - what stands at SELECTOR._domainkey.DOMAIN: RFC 6376 3.6.1, RFC 8463.
 */
#ifndef SURAT_AUTH_DKIM_KEY_H
#define SURAT_AUTH_DKIM_KEY_H

#include "base/buf.h"
#include "base/err.h"

enum dkim_key_type { DKIM_KEY_RSA, DKIM_KEY_ED25519, DKIM_KEY_OTHER };
struct dkim_key {
	enum dkim_key_type type;
	struct span hashes;   /* "sha1:sha256"; empty: all */
	struct span services; /* "email"; empty: all */
	struct buf
	    key; /* RSA: SubjectPublicKeyInfo, DER; Ed25519: 32 octets; empty: the key was revoked */
	bool testing;       /* t=y */
	bool strict_domain; /* t=s: no subdomains in i= */
};
/* The spans are views of the text. EX_DATAERR with why. */
int dkim_key_parse(struct dkim_key *k, struct span text, struct err *e);
void dkim_key_release(struct dkim_key *k);

#endif
