/*
 * flow.h - OAuth 2.0 as a client says it: by a browser with a redirect to this machine and PKCE (RFC 6749, 7636, 8252), by a code that is typed elsewhere
 * (RFC 8628), again with a refresh token, and the end of it (RFC 7009).
 */
#ifndef SURAT_LOGIN_FLOW_H
#define SURAT_LOGIN_FLOW_H

#include "login/answer.h"
#include "login/provider.h"
#include "login/web.h"

struct login_client {
	const struct login_web *web;
	const struct login_provider *provider;
	const char *id;
	const char *secret; /* NULL: a program that people install has none it could keep */
	const char *scope;  /* NULL: none is named */
};
/* The provider's metadata: RFC 8414's place, then OpenID's. EX_PROTOCOL, EX_TEMPFAIL. */
int login_discover(
    const struct login_web *w, struct login_provider *p, const char *issuer, struct err *e);
/* Appends where the browser is sent. hint: who will sign in, or NULL. */
void login_authorize_url(const struct login_client *c, const char *redirect, const char *state,
    const char *verifier, const char *hint, struct buf *out);
/* The code the browser brought back, for tokens. */
int login_exchange(const struct login_client *c, const char *code, const char *redirect,
    const char *verifier, struct login_token *t, struct err *e);
int login_device_begin(const struct login_client *c, struct login_device *d, struct err *e);
/* 1 tokens; 0 not yet, to be asked again in d->interval_s, which may have grown; -1. */
int login_device_poll(
    const struct login_client *c, struct login_device *d, struct login_token *t, struct err *e);
/* EX_NOPERM: the sign-in is over. A refresh token that comes back replaces the old one; none: the old one stays. */
int login_refresh(
    const struct login_client *c, const char *refresh, struct login_token *t, struct err *e);
/* The provider forgets the token, and what hangs on it. */
int login_revoke(const struct login_client *c, const char *token, struct err *e);

#endif
