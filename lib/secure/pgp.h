/*
 * pgp.h - OpenPGP, through the helper surat-pgp (which knows gpgme), so that no other program loads it or parses what it parses.
 *
 *	pgp_sign(key, &canon.source, &signature, micalg, e);			// detached, armoured: RFC 3156 5
 *	pgp_encrypt(&keys, sign_with, &canon.source, &out.sink, e);		// armoured: RFC 3156 4 and 6.2
 *	pgp_verify(signature, &canon.source, &authors, "1", &found, e);
 *	pgp_decrypt(&cipher.source, &plain.sink, &authors, "1", &found, e);
 *
 * Keys are named by fingerprint or address and are those of the person's GnuPG; nothing is looked up elsewhere, passphrases are gpg-agent's affair. Without the
 * helper (built without gpgme) EX_UNAVAILABLE; a key that is not there EX_NOUSER, one that cannot be used EX_UNAVAILABLE.
 */
#ifndef SURAT_SECURE_PGP_H
#define SURAT_SECURE_PGP_H

#include "base/strv.h"
#include "io/spool.h"
#include "secure/secure.h"

enum { PGP_MICALG_MAX = 32, PGP_SIGNATURE_MAX = 1 << 20 };
/* micalg: "pgp-sha512", as Content-Type wants it. */
int pgp_sign(const char *key, struct source *content, struct buf *signature,
    char micalg[PGP_MICALG_MAX], struct err *e);
/* sign_with: a key that signs too, or NULL. */
int pgp_encrypt(const struct strv *keys, const char *sign_with, struct source *content,
    struct sink *out, struct err *e);
/* A finding for each signature. -1 only for our own input and output. */
int pgp_verify(struct span signature, struct source *content, const struct strv *authors,
    const char *part, struct secure_findings *found, struct err *e);
/* A finding for the decryption (*decrypted: its index), and one for each signature in it. out gets something only when all of it is there and its integrity
 * is known (MDC or AEAD). A message that was signed only, not encrypted, gives no decryption: *decrypted is -1. */
int pgp_decrypt(struct source *cipher, struct sink *out, const struct strv *authors,
    const char *part, struct secure_findings *found, ptrdiff_t *decrypted, struct err *e);
/* What the helper says, to findings: for pgp.c, and the fuzzer. */
int pgp_answer_read(struct span json, const struct strv *authors, const char *part,
    struct secure_findings *found, uint64_t *bytes, ptrdiff_t *decrypted, struct err *e);

#endif
