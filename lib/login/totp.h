/*
 * totp.h - one-time passwords by the clock (RFC 6238, on RFC 4226), and the otpauth: URIs in which their secrets are handed out.
 *
 *	struct totp t;
 *	totp_parse(&t, text, e);		// "otpauth://totp/..." or the bare secret in base32
 *	char code[TOTP_SIZE];
 *	totp_code(&t, clock_real_s(), code);
 *	totp_release(&t);			// wipes
 */
#ifndef SURAT_LOGIN_TOTP_H
#define SURAT_LOGIN_TOTP_H

#include "base/buf.h"
#include "base/err.h"
#include "crypto/digest.h"

enum { TOTP_DIGITS_MAX = 10, TOTP_SIZE = TOTP_DIGITS_MAX + 1, TOTP_SECRET_MAX = 1024 };

struct totp {
	struct buf secret; /* bytes */
	enum digest_kind digest;
	unsigned digits;   /* 6 to 10 */
	unsigned period_s; /* 5 to 3600 */
};
/* What an otpauth: URI says, or a secret in base32 with the usual six digits, thirty seconds and SHA-1. Counters (hotp) are not for programs that may run
 * beside each other. EX_DATAERR; the text, a secret, is never part of the error. */
int totp_parse(struct totp *t, struct span text, struct err *e);
void totp_release(struct totp *t);
/* The code at that time, with leading zeroes. */
void totp_code(const struct totp *t, int64_t now_s, char out[TOTP_SIZE]);
/* When that code ends. */
int64_t totp_until_s(const struct totp *t, int64_t now_s);

#endif
