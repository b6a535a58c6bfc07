/*
 * sign.h - DKIM signatures made: several keys in one pass over the message.
 *
 *	struct auth_message m;
 *	auth_message_init(&m);
 *	dkim_sign_want(&options, &m);
 *	... the message through m.sink ...
 *	dkim_sign(&options, &m, &out, e);	// appends a DKIM-Signature field for each key, LF lines
 *
 * Signed by default is every field that people or programs act on and that no hop changes (RFC 6376 5.4.1), each instance of it, and those that may stand
 * there only once are named once more, so that no second one can be added. Bcc, Received, Return-Path and results of others never are.
 */
#ifndef SURAT_AUTH_SIGN_H
#define SURAT_AUTH_SIGN_H

#include "auth/message.h"
#include "crypto/sign.h"

struct dkim_signer {
	const struct sign_key *key;
	const char *domain, *selector; /* A-labels */
};
struct dkim_sign_options {
	const struct dkim_signer *v;
	size_t n;
	enum canon header, body;
	const char *names;         /* h=, exactly these; NULL: the default */
	bool oversign;             /* also fields that are not there: none can be added */
	int64_t time_s, expires_s; /* -1: no x= */
};
/* "relaxed/relaxed", "simple" as RFC 6376 3.5 reads it. EX_USAGE. */
int dkim_canon_parse(struct dkim_sign_options *o, const char *text, struct err *e);
/* A list with colons that names From. EX_USAGE. */
int dkim_names_check(const char *names, struct err *e);
/* Before the first octet. */
void dkim_sign_want(const struct dkim_sign_options *o, struct auth_message *m);
/* EX_DATAERR: nothing to sign, no From or several. */
int dkim_sign(const struct dkim_sign_options *o, const struct auth_message *m, struct buf *out,
    struct err *e);
/* h= as it will be; skip_arc: for RFC 8617 4.1.2, which leaves out the fields of authentication. */
void dkim_sign_names(
    const struct dkim_sign_options *o, const struct auth_fields *f, struct buf *out);

#endif
