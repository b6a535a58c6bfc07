/*
 * pkce.h - proof key for code exchange (RFC 7636): who fetches the token is who asked for the code.
 */
#ifndef SURAT_LOGIN_PKCE_H
#define SURAT_LOGIN_PKCE_H

#include "base/buf.h"

enum { PKCE_BYTES = 32 };
/* A secret of 32 random bytes in base64url: the verifier, and the state of a request. malloc'ed; str_wipe_free it. */
char *pkce_secret(void);
/* Appends the S256 challenge of a verifier. */
void pkce_challenge(struct buf *out, const char *verifier);

#endif
