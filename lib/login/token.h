/*
 * token.h - a sign-in as it is kept, and a fresh access token out of it.
 *
 *	struct login_fresh f = {.store = &store, .web = &web};
 *	char *token;
 *	int64_t expires_s;
 *	login_token_fresh(&f, &token, &expires_s, e);
 *
 * Many may ask at once: one of them refreshes, under a lock of the kernel's, the others take what it got, or fail with it. A sign-in that the provider does
 * not know any more is marked as over, and asks nobody from then on.
 */
#ifndef SURAT_LOGIN_TOKEN_H
#define SURAT_LOGIN_TOKEN_H

#include "login/flow.h"
#include "login/store.h"

struct login_record {
	struct login_provider provider;
	struct login_token token;
	char *client_id, *scope;
	int64_t obtained_s;
	bool over; /* the provider does not take the refresh token any more */
};
/* 1, 0 not signed in, -1. */
int login_record_get(struct login_store *s, struct login_record *r, struct err *e);
int login_record_put(struct login_store *s, const struct login_record *r, struct err *e);
void login_record_release(struct login_record *r);
/* What is kept, as text. EX_DATAERR. */
int login_record_parse(struct login_record *r, struct span text, struct err *e);
void login_record_write(const struct login_record *r, struct buf *out);
/* Good for a while yet. */
bool login_record_is_fresh(const struct login_record *r, int64_t now_s);

struct login_fresh {
	struct login_store *store;
	const struct login_web *web;
	/* The client's secret, where the provider wants one; asked for only when it is needed. NULL: there is none. */
	int (*secret)(void *ctx, char **out, struct err *e);
	void *ctx;
	const char *refused; /* a server did not take this one: another, or NULL */
};
/* EX_NOPERM "not signed in: mail-login NAME", "sign-in expired: mail-login NAME". str_wipe_free it. *expires_s as in struct login_token. */
int login_token_fresh(const struct login_fresh *f, char **out, int64_t *expires_s, struct err *e);

#endif
