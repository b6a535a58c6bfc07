/*
 * redirect.h - where the browser comes back to: a port of this machine's loopback that takes one answer (RFC 8252 7.3).
 *
 *	struct login_redirect r;
 *	login_redirect_open(&r, e);		// r.port goes into the redirect URI: http://127.0.0.1:PORT/
 *	... the browser is sent on its way ...
 *	login_redirect_wait(&r, state, issuer, until_ms, &code, e);
 *	login_redirect_close(&r);
 *
 * Browsers open connections that they do not use and ask for pictures: those are waited for by nobody and told 404. The first request that carries an answer is
 * taken, whatever it says: another state than ours is somebody else's sign-in (EX_PROTOCOL), and so is another issuer (RFC 9207).
 */
#ifndef SURAT_LOGIN_REDIRECT_H
#define SURAT_LOGIN_REDIRECT_H

#include "base/err.h"
#include "base/span.h"

struct login_redirect {
	int fd;
	unsigned port;
};
struct login_issuer {
	const char *url; /* NULL: not known */
	bool
	    told; /* it says that it names itself in each answer: one without is not its own (RFC 9207 2.4) */
};
int login_redirect_open(struct login_redirect *r, struct err *e);
void login_redirect_close(struct login_redirect *r);
/* until_ms: clock_mono_ms. *code is malloc'ed, str_wipe_free it. EX_NOPERM refused by the person, EX_TEMPFAIL nobody came. */
int login_redirect_wait(struct login_redirect *r, const char *state, struct login_issuer issuer,
    int64_t until_ms, char **code, struct err *e);
/* The line of a request, "GET /?code=...&state=... HTTP/1.1": 1 and the code, 0 no answer at all, -1. */
int login_redirect_parse(
    struct span line, const char *state, struct login_issuer issuer, char **code, struct err *e);

#endif
