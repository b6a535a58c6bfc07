/*
 * secure.h - what the room of S/MIME and OpenPGP finds in a message, in RFC 8601's words.
 *
 * secure/look.h reads, secure/protect.h writes; both stream, with spools between the layers. The words mean here (RFC 7281 for S/MIME):
 *
 *	pass		the signature holds, its key is believed to be the author's (the decryption: whole, integrity known)
 *	fail		it does not hold, or is not by whom it seems to be: changed, revoked, another's address
 *	policy		it holds, but proves less than it should: SHA-1, expired since, nobody we trust vouches for the key
 *	neutral		cannot be understood: unknown algorithms, compressed data, inline forms we do not read
 *	temperror	trying again may help: a CRL that is too old, gpg that could not be started
 *	permerror	cannot be checked: truncated, no certificate, no key of ours
 */
#ifndef SURAT_SECURE_SECURE_H
#define SURAT_SECURE_SECURE_H

#include "base/buf.h"
#include "base/err.h"

#include <stdint.h>

enum secure_result {
	SECURE_NONE,
	SECURE_PASS,
	SECURE_FAIL,
	SECURE_POLICY,
	SECURE_NEUTRAL,
	SECURE_TEMPERROR,
	SECURE_PERMERROR
};
const char *secure_result_name(enum secure_result r); /* "pass" */

enum secure_method { SECURE_SMIME, SECURE_PGP };
const char *secure_method_name(enum secure_method m); /* "smime" */
enum secure_kind { SECURE_SIGNATURE, SECURE_ENCRYPTION };

/* One signature, or one layer of encryption. Strings are malloc'ed or NULL; free with secure_finding_release. */
struct secure_finding {
	enum secure_method method;
	enum secure_kind kind;
	enum secure_result result;
	char *reason;  /* one line, always there */
	char *part;    /* the part that is signed or encrypted; "" the whole message's content */
	char *address; /* of the signer: the one that is the author's, else the first */
	char *signer;  /* subject of the certificate, user id of the key */
	char *issuer;  /* who vouches */
	char *serial;  /* hexadecimal */
	char *fingerprint; /* SHA-256 of the certificate, fingerprint of the key; hexadecimal */
	char *algorithm;   /* "sha-256", "aes-256-gcm" */
	char *trust;       /* OpenPGP: how valid the key is and who says so */
	int64_t signed_s;  /* the signer's own clock; 0: not said */
	int64_t expires_s; /* of the certificate or key; 0: never, or not known */
	bool no_key;       /* with SECURE_PERMERROR: who has the key can open it */
	bool trusted;      /* there is a chain to a root of ours, or the key is valid */
	void *certificate; /* X509 of an S/MIME signer, owned; or NULL */
};
void secure_finding_release(struct secure_finding *f);
/* Sets result and reason (frees what was there). */
void secure_finding_say(struct secure_finding *f, enum secure_result r, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
struct secure_findings {
	struct secure_finding *v;
	size_t n, cap;
	bool over; /* there was more than is looked at */
};
enum { SECURE_FINDINGS_MAX = 100 }; /* what comes after is not looked at, and that is said */
/* A new one at the end, or NULL past the maximum. Valid until the next. */
struct secure_finding *secure_findings_add(
    struct secure_findings *l, enum secure_method m, enum secure_kind k, const char *part);
void secure_findings_release(struct secure_findings *l);

/* e with OpenSSL's first reason behind the text; empties its queue. Returns -1. */
int secure_openssl_err(struct err *e, int code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* The most telling reason in OpenSSL's queue, static text; empties it. */
const char *secure_openssl_reason(void);

#endif
