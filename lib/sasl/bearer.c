/* bearer.c - an access token instead of a password: OAUTHBEARER (RFC 7628) and XOAUTH2, which came before it. */
#include "base/intl.h"
#include "sasl/mechanism.h"

#include <stdio.h>

/* RFC 6750 2.1: a token is printable ASCII without blanks; \1 in it or in the name would add fields. */
static int check(const struct sasl_credentials *cred, struct err *e)
{
	for (const char *p = cred->password; *p; p++)
		if (*p <= ' ' || *p > '~')
			return err_set(
			    e, EX_NOPERM, _("the access token has characters that no token has"));
	for (const char *p = cred->user; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 127)
			return err_set(e, EX_USAGE, _("a control character in the user's name"));
	return 0;
}

static int done(const struct buf *out, struct err *e)
{
	return out->over ? err_set(e, EX_USAGE, _("the access token is too long")) : 0;
}

/* RFC 5801: "," and "=" of a name are escaped in the GS2 header. */
static void add_authzid(struct buf *out, const char *user)
{
	for (; *user; user++)
		if (*user == ',')
			buf_adds(out, "=2C");
		else if (*user == '=')
			buf_adds(out, "=3D");
		else
			buf_addc(out, *user);
}

int sasl_oauthbearer_begin(struct sasl *s, struct buf *out, struct err *e)
{
	if (check(s->cred, e) < 0)
		return -1;
	buf_adds(out, "n,a=");
	add_authzid(out, s->cred->user);
	buf_adds(out, ",\1");
	if (s->cred->host)
		buf_addf(out, "host=%s\1", s->cred->host);
	if (s->cred->port)
		buf_addf(out, "port=%u\1", s->cred->port);
	buf_addf(out, "auth=Bearer %s\1\1", s->cred->password);
	return done(out, e);
}

int sasl_xoauth2_begin(struct sasl *s, struct buf *out, struct err *e)
{
	if (check(s->cred, e) < 0)
		return -1;
	buf_addf(out, "user=%s\1auth=Bearer %s\1\1", s->cred->user, s->cred->password);
	return done(out, e);
}

/* A challenge is JSON that says why the token was not taken; an answer lets the server end the exchange with its refusal. */
static int why_not(struct sasl *s, struct span challenge, struct err *e)
{
	if (s->step > 0)
		return err_set(e, EX_PROTOCOL, _("a second challenge"));
	snprintf(s->detail, sizeof(s->detail), "%.*s", SPAN_ARG(span_take(challenge, 250)));
	return 0;
}

int sasl_oauthbearer_step(struct sasl *s, struct span challenge, struct buf *out, struct err *e)
{
	buf_addc(out, 1);
	return why_not(s, challenge, e);
}

int sasl_xoauth2_step(struct sasl *s, struct span challenge, struct buf *out, struct err *e)
{
	(void)out;
	return why_not(s, challenge, e);
}
