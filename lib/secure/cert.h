/*
 * cert.h - certificates and their keys: read from files, whose they are, what they may be used for.
 *
 *	struct cert_list chain = {0};
 *	if (cert_file(&chain, path, e) < 0) ...		// PEM (all of them, in order) or DER (one)
 *	if (cert_key_file(&key, path, passphrase, e) < 0) ...
 *	if (cert_key_fits(chain.v[0], key, e) < 0) ...
 *
 * A certificate's addresses (RFC 8550 3): subjectAltName rfc822Name and SmtpUTF8Mailbox (RFC 9598), and the subject's emailAddress where there is neither.
 * Domains are compared as A-labels, local parts without regard to case of ASCII letters, as people write them.
 * EX_NOINPUT no file, EX_DATAERR it is not what it should be, EX_NOPERM the passphrase is wrong or missing.
 */
#ifndef SURAT_SECURE_CERT_H
#define SURAT_SECURE_CERT_H

#include "base/buf.h"
#include "base/err.h"
#include "base/strv.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

struct cert_list {
	X509 **v;
	size_t n, cap;
};
/* Takes the reference. */
void cert_list_take(struct cert_list *l, X509 *cert);
void cert_list_release(struct cert_list *l);
/* Appends all certificates of a file; none is an error. */
int cert_file(struct cert_list *l, const char *path, struct err *e);
/* The same from bytes; name for errors. */
int cert_bytes(struct cert_list *l, struct span bytes, const char *name, struct err *e);
/* A private key, PEM or DER, PKCS#8 or of its own kind. passphrase: NULL where there is none. The caller frees it. */
int cert_key_file(EVP_PKEY **key, const char *path, const char *passphrase, struct err *e);
int cert_key_fits(X509 *cert, EVP_PKEY *key, struct err *e);

/* Appends the addresses, UTF-8 as they stand. */
void cert_addresses(X509 *cert, struct strv *out);
bool cert_has_address(X509 *cert, struct span address);
/* The same mailbox? */
bool cert_same_address(struct span a, struct span b);

enum cert_use { CERT_SIGN, CERT_ENCRYPT };
/* keyUsage and extendedKeyUsage (RFC 8550 4.4.2, 4.4.4). reason: static text. */
bool cert_may(X509 *cert, enum cert_use use, const char **reason);
/* notBefore, notAfter in seconds since 1970. */
int64_t cert_begins_s(const X509 *cert);
int64_t cert_ends_s(const X509 *cert);
int64_t cert_time_s(const ASN1_TIME *t);

/* Each appended as text. */
void cert_subject(const X509 *cert, struct buf *b);
void cert_issuer(const X509 *cert, struct buf *b);
void cert_serial(const X509 *cert, struct buf *b);
/* SHA-256, lower-case hexadecimal. */
void cert_fingerprint(const X509 *cert, struct buf *b);

#endif
