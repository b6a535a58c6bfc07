/*
 * web.h - a request over HTTPS through surat-https, so that no program with secrets loads an HTTP library. The request, secrets and all, goes to the helper's
 * standard input; its argument list has only where certificates are and how a laboratory connects.
 */
#ifndef SURAT_LOGIN_WEB_H
#define SURAT_LOGIN_WEB_H

#include "base/buf.h"
#include "base/err.h"
#include "base/strv.h"

struct login_web {
	const char *ca_file;         /* NULL: the system's */
	const struct strv *connects; /* HOST=ADDR:PORT, or NULL */
	int64_t timeout_ms;          /* for one request */
	bool only4, only6;
};
struct login_reply {
	long status;
	struct buf body; /* at most 64 KiB, wiped */
};
/* form NULL: GET, else POST of that form; basic: "user:password" for the Authorization header, or NULL. Any status but a redirect is an answer.
 * EX_TEMPFAIL, EX_PROTOCOL (certificate, redirect, too large), each with the URL's host in front. */
int login_web_ask(const struct login_web *w, const char *url, const char *form, const char *basic,
    struct login_reply *r, struct err *e);
void login_reply_release(struct login_reply *r);

#endif
