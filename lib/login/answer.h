/*
 * answer.h - what an OAuth 2.0 provider answers: tokens (RFC 6749 5.1), a device's code (RFC 8628 3.2), errors (RFC 6749 5.2). It comes from the network:
 * nothing in it is believed before it was looked at, and secrets in it are never part of an error.
 */
#ifndef SURAT_LOGIN_ANSWER_H
#define SURAT_LOGIN_ANSWER_H

#include "base/err.h"
#include "base/span.h"

enum { LOGIN_TOKEN_MAX = 16 * 1024 };

struct login_token {
	char *access, *refresh; /* refresh NULL: none came */
	char *scope;            /* NULL: as it was asked for */
	int64_t expires_s;      /* 0: nobody knows */
};
/* EX_PROTOCOL. */
int login_token_parse(struct login_token *t, struct span json, int64_t now_s, struct err *e);
void login_token_release(struct login_token *t);
/* Printable ASCII without blanks (RFC 6750 2.1), not too long. */
bool login_is_token(const char *s);

struct login_device {
	char *device_code;                 /* a secret */
	char *user_code;                   /* to be typed by the person */
	char *verification_uri, *complete; /* https; complete, or NULL, has the code in it */
	int64_t expires_s, interval_s;
};
int login_device_parse(struct login_device *d, struct span json, int64_t now_s, struct err *e);
void login_device_release(struct login_device *d);

enum login_refusal {
	LOGIN_REFUSED, /* whatever else: e says it */
	LOGIN_PENDING, /* the person has not yet said yes: ask again */
	LOGIN_SLOW_DOWN,
};
/* An answer with a status that is no 200, as an error: EX_NOPERM (denied, expired, revoked), EX_CONFIG (the client, the scope), EX_TEMPFAIL (the server's
 * fault), EX_PROTOCOL. */
enum login_refusal login_refusal_parse(long status, struct span body, struct err *e);

#endif
