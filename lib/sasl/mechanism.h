/*
 * mechanism.h - sasl/'s own: one row of the table in sasl.c, and the mechanisms' functions.
 *
 * begin makes the first message where the client speaks first (NULL: the server does). step answers the challenge number s->step, counted
 * from 0. Both append to an empty buffer.
 */
#ifndef SURAT_SASL_MECHANISM_H
#define SURAT_SASL_MECHANISM_H

#include "sasl/sasl.h"

enum {                     /* flags */
	SASL_SHOWS = 1,    /* the secret can be read on the wire */
	SASL_TOKEN = 2,    /* takes a token */
	SASL_PASSWORD = 4, /* takes a password */
	SASL_BINDING = 8,  /* needs channel binding */
	SASL_NAMED = 16,   /* only when it was asked for by name */
	SASL_CERTIFICATE = 32,
	SASL_PROVES = 64, /* the server must prove itself too */
};
struct sasl_mechanism {
	const char *name;
	unsigned flags;
	int (*begin)(struct sasl *s, struct buf *out, struct err *e);
	int (*step)(struct sasl *s, struct span challenge, struct buf *out, struct err *e);
	void (*release)(struct sasl *s);
	int variant; /* scram.c: enum digest_kind */
};

/* simple.c */
int sasl_plain_begin(struct sasl *s, struct buf *out, struct err *e);
int sasl_external_begin(struct sasl *s, struct buf *out, struct err *e);
int sasl_anonymous_begin(struct sasl *s, struct buf *out, struct err *e);
int sasl_login_step(struct sasl *s, struct span challenge, struct buf *out, struct err *e);
int sasl_cram_md5_step(struct sasl *s, struct span challenge, struct buf *out, struct err *e);
/* bearer.c */
int sasl_oauthbearer_begin(struct sasl *s, struct buf *out, struct err *e);
int sasl_oauthbearer_step(struct sasl *s, struct span challenge, struct buf *out, struct err *e);
int sasl_xoauth2_begin(struct sasl *s, struct buf *out, struct err *e);
int sasl_xoauth2_step(struct sasl *s, struct span challenge, struct buf *out, struct err *e);
/* scram.c */
int sasl_scram_begin(struct sasl *s, struct buf *out, struct err *e);
int sasl_scram_step(struct sasl *s, struct span challenge, struct buf *out, struct err *e);
void sasl_scram_release(struct sasl *s);
/* prep.c: SASLprep, RFC 4013, appended; what it refuses is copied as it is. */
void sasl_prep(struct buf *out, struct span text);

#endif
