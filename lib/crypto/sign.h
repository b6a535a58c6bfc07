/*
 * sign.h - keys that sign and verify: RSA (PKCS #1 v1.5) and Ed25519, over OpenSSL's EVP. What is signed is always a digest made before.
 *
 *	struct sign_key *k;
 *	if (sign_key_read(&k, "dkim.pem", e) < 0) ...
 *	sign_make(k, DIGEST_SHA256, digest, &signature, e);
 *	sign_key_free(k);
 *
 * Private keys come as PEM (PKCS #8 or PKCS #1, not encrypted), an Ed25519 one also as base64 of its 32 octets, as older tools keep it. A public key from
 * the network is hostile: OpenSSL bounds what an RSA check may cost (16,384 bits of modulus, 64 bits of exponent above 3,072).
 */
#ifndef SURAT_CRYPTO_SIGN_H
#define SURAT_CRYPTO_SIGN_H

#include "crypto/digest.h"

enum sign_kind { SIGN_RSA, SIGN_ED25519 };
struct sign_key;
/* EX_NOINPUT, EX_CONFIG: no private key in it, or one of another kind. */
int sign_key_read(struct sign_key **out, const char *path, struct err *e);
int sign_key_parse(struct sign_key **out, struct span text, struct err *e);
/* RSA: DER, a SubjectPublicKeyInfo or a bare RSAPublicKey; Ed25519: 32 octets. EX_DATAERR. */
int sign_key_public(struct sign_key **out, enum sign_kind kind, struct span bytes, struct err *e);
/* bits: of an RSA key. */
int sign_key_generate(struct sign_key **out, enum sign_kind kind, unsigned bits, struct err *e);
void sign_key_free(struct sign_key *k);
enum sign_kind sign_key_kind(const struct sign_key *k);
unsigned sign_key_bits(const struct sign_key *k);
/* The private key as PEM (PKCS #8); the public one as sign_key_public reads it. */
void sign_key_write(const struct sign_key *k, struct buf *pem);
void sign_key_write_public(const struct sign_key *k, struct buf *out);
/* Appends the signature of a digest of that kind (Ed25519 takes it as the message, RFC 8463 3). EX_SOFTWARE. */
int sign_make(const struct sign_key *k, enum digest_kind kind, struct span digest, struct buf *out,
    struct err *e);
bool sign_check(
    const struct sign_key *k, enum digest_kind kind, struct span digest, struct span signature);

#endif
