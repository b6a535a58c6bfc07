/* simple.c - PLAIN (RFC 4616), LOGIN, CRAM-MD5 (RFC 2195), EXTERNAL (RFC 4422 appendix A), ANONYMOUS (RFC 4505). */
#include "base/intl.h"
#include "crypto/digest.h"
#include "sasl/mechanism.h"

static int too_long(const struct buf *out, struct err *e)
{
	return out->over ? err_set(e, EX_USAGE, _("the user's name or the secret is too long")) : 0;
}

int sasl_plain_begin(struct sasl *s, struct buf *out, struct err *e)
{
	buf_addc(out, 0); /* to act as oneself */
	buf_adds(out, s->cred->user);
	buf_addc(out, 0);
	buf_adds(out, s->cred->password);
	return too_long(out, e);
}

int sasl_external_begin(struct sasl *s, struct buf *out, struct err *e)
{
	if (s->cred->user)
		buf_adds(out, s->cred->user);
	return too_long(out, e);
}

int sasl_anonymous_begin(struct sasl *s, struct buf *out, struct err *e)
{
	if (s->cred->user) /* a trace, for the server's log */
		buf_adds(out, s->cred->user);
	return too_long(out, e);
}

/* What the server calls its two questions differs ("Username:", "User Name", "Password:"): their order does not. */
int sasl_login_step(struct sasl *s, struct span challenge, struct buf *out, struct err *e)
{
	(void)challenge;
	if (s->step > 1)
		return err_set(e, EX_PROTOCOL, _("a third question"));
	buf_adds(out, s->step == 0 ? s->cred->user : s->cred->password);
	return too_long(out, e);
}

int sasl_cram_md5_step(struct sasl *s, struct span challenge, struct buf *out, struct err *e)
{
	unsigned char sum[DIGEST_MAX];
	if (s->step > 0 || !challenge.len)
		return err_set(e, EX_PROTOCOL, _("an empty or a second challenge"));
	size_t n = digest_hmac(DIGEST_MD5, span_of(s->cred->password), challenge, sum);
	buf_addf(out, "%s ", s->cred->user);
	digest_hex(out, sum, n);
	return too_long(out, e);
}
