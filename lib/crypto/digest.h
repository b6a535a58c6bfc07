/*
 * digest.h - message digests and HMAC over OpenSSL's EVP, streamed, and hexadecimal.
 *
 *	struct digest d;
 *	digest_init(&d, DIGEST_SHA256);
 *	digest_add(&d, bytes);			// as often as wanted, or sink_put(&d.sink, ...)
 *	unsigned char sum[DIGEST_MAX];
 *	size_t n = digest_final(&d, sum);	// releases too
 *
 * SHA-1 and MD5 are here for protocols that still name them (SCRAM-SHA-1, CRAM-MD5, POP3's APOP), not for new designs. These
 * functions cannot fail but for want of memory or a crippled OpenSSL, which end the process.
 */
#ifndef SURAT_CRYPTO_DIGEST_H
#define SURAT_CRYPTO_DIGEST_H

#include "io/sink.h"

enum digest_kind { DIGEST_SHA256, DIGEST_SHA1, DIGEST_MD5, DIGEST_SHA512 };
enum { DIGEST_MAX = 64 };

struct digest {
	struct sink sink; /* what is put here is digested; end does nothing */
	void *ctx;        /* EVP_MD_CTX */
};
void digest_init(struct digest *d, enum digest_kind kind);
void digest_add(struct digest *d, struct span bytes);
/* Writes the sum, returns its length, releases. */
size_t digest_final(struct digest *d, unsigned char out[DIGEST_MAX]);
/* Gives up without a sum; after digest_final it does nothing. */
void digest_release(struct digest *d);
/* All at once. */
size_t digest_of(enum digest_kind kind, struct span bytes, unsigned char out[DIGEST_MAX]);
size_t digest_size(enum digest_kind kind);
/* RFC 2104. */
size_t digest_hmac(
    enum digest_kind kind, struct span key, struct span bytes, unsigned char out[DIGEST_MAX]);
/* PBKDF2 of RFC 8018 with that HMAC, one block: SCRAM's Hi(). */
size_t digest_pbkdf2(enum digest_kind kind, struct span password, struct span salt,
    unsigned iterations, unsigned char out[DIGEST_MAX]);
/* Appends lower-case hexadecimal. */
void digest_hex(struct buf *out, const unsigned char *bytes, size_t n);
/* Hexadecimal, ":" between bytes allowed, at most max bytes: how many, or -1 when it is none. */
ptrdiff_t digest_unhex(struct span text, unsigned char *out, size_t max);
/* Takes the same time wherever they differ. */
bool digest_equal(struct span a, struct span b);

#endif
