/* auth.c - AUTHENTICATE (RFC 9051 6.2.2, SASL-IR of RFC 4959) and, where there is nothing else, LOGIN. */
#include "imap/client.h"

#include "base/intl.h"
#include "codec/base64.h"

static void offered(const struct imap_client *c, struct buf *out)
{
	for (size_t i = 0; i < c->capabilities.n; i++) {
		struct span word = span_of(c->capabilities.v[i]);
		if (span_starts_nocase(word, "AUTH=")) {
			buf_add(out, span_skip(word, 5));
			buf_addc(out, ' ');
		}
	}
}

static void write_secret(struct imap_client *c, struct span bytes)
{
	struct buf line = BUF_INIT(64 << 10);
	line.secret = true;
	base64_encode(&line, bytes);
	buf_adds(&line, "\r\n");
	stream_write(c->stream, buf_span(&line));
	buf_wipe(&line);
}

static int begin(struct imap_client *c, const struct sasl *s, struct span initial,
    bool *with_initial, struct err *e)
{
	if (!*with_initial || !imap_client_can(c, "SASL-IR")) {
		*with_initial = false;
		return imap_client_command(c, e, "AUTHENTICATE %s", s->name);
	}
	struct buf b = BUF_INIT(48 << 10);
	b.secret = true;
	if (initial.len)
		base64_encode(&b, initial);
	else
		buf_addc(&b, '=');
	int r = imap_client_command(c, e, "AUTHENTICATE %s %s", s->name, buf_cstr(&b));
	buf_wipe(&b);
	return r;
}

/* One challenge answered. A mechanism that gives up says "*" and reads the server's BAD, so that the conversation stays in step. */
static int answer(
    struct imap_client *c, struct sasl *s, struct span initial, bool *first, struct err *e)
{
	struct buf challenge = BUF_INIT(LEX_TEXT), response = BUF_INIT(48 << 10);
	response.secret = true;
	int r = 0;
	if (*first)
		buf_add(&response, initial);
	else if (base64_decode(&challenge, buf_span(&c->challenge), e) < 0 ||
		 sasl_step(s, buf_span(&challenge), &response, e) < 0)
		r = -1;
	*first = false;
	if (r == 0) {
		write_secret(c, buf_span(&response));
	} else {
		struct err ignored = ERR_INIT;
		stream_puts(c->stream, "*\r\n");
		imap_client_finish_or_more(c, &ignored);
	}
	buf_wipe(&challenge);
	buf_wipe(&response);
	return r;
}

static int exchange(
    struct imap_client *c, struct sasl *s, struct span initial, bool has_initial, struct err *e)
{
	bool sent = has_initial, first;
	int r;
	if (begin(c, s, initial, &sent, e) < 0)
		return -1;
	first = has_initial && !sent;
	while ((r = imap_client_finish_or_more(c, e)) > 0)
		if (answer(c, s, initial, &first, e) < 0)
			return -1;
	if (r == 0)
		return sasl_finish(s, e);
	if (e->code == EX_UNAVAILABLE) {
		e->code = EX_NOPERM;
		c->refused = true;
	}
	sasl_explain(s, e);
	return -1;
}

static int login(struct imap_client *c, const struct sasl_credentials *cred, struct err *e)
{
	struct buf b = BUF_INIT(16 << 10);
	b.secret = true;
	int r = imap_quote(&b, span_of(cred->user), e);
	buf_addc(&b, ' ');
	if (r == 0)
		r = imap_quote(&b, span_of(cred->password), e);
	if (r == 0)
		r = imap_client_command(c, e, "LOGIN %s", buf_cstr(&b));
	buf_wipe(&b);
	if (r == 0)
		r = imap_client_finish(c, e);
	if (r < 0 && e->code == EX_UNAVAILABLE)
		e->code = EX_NOPERM;
	return r;
}

/* LOGIN is what remains where no mechanism of the server's suits us. */
static bool login_is_left(const struct imap_client *c, const struct sasl_credentials *cred,
    struct span offered_names, const char *wanted, bool secure)
{
	if (!secure || !cred->user || !cred->password || cred->is_token)
		return false;
	if (strcasecmp(wanted, "auto") != 0 || imap_client_can(c, "LOGINDISABLED"))
		return false;
	return !sasl_fits(offered_names, wanted, cred, secure);
}

static int choose(struct imap_client *c, const struct sasl_credentials *cred, const char *wanted,
    bool secure, struct err *e)
{
	struct buf names = BUF_INIT(64 << 10), initial = BUF_INIT(48 << 10);
	struct sasl s = {0};
	bool has_initial = false;
	int r;
	initial.secret = true;
	offered(c, &names);
	if (login_is_left(c, cred, buf_span(&names), wanted, secure))
		r = login(c, cred, e);
	else {
		r = sasl_start(
		    &s, buf_span(&names), wanted, cred, secure, &initial, &has_initial, e);
		if (r == 0) {
			r = exchange(c, &s, buf_span(&initial), has_initial, e);
			sasl_release(&s);
		}
	}
	buf_release(&names);
	buf_wipe(&initial);
	return r;
}

int imap_client_sign_in(struct imap_client *c, const struct sasl_credentials *cred,
    const char *wanted, bool secure, struct err *e)
{
	if (c->signed_in)
		return 0;
	if (imap_client_capability(c, e) < 0)
		return -1;
	c->secrecy = IMAP_WIRE_SECRET;
	c->refused = false;
	int r = choose(c, cred, wanted, secure, e);
	c->secrecy = IMAP_WIRE_OPEN;
	if (r < 0)
		return err_prefix(e, _("signing in as %s: "), cred->user ? cred->user : "");
	c->signed_in = true;
	/* what a server can do changes with who we are, unless it said so in its OK */
	if (strcasecmp(c->status.code, "CAPABILITY") != 0) {
		strv_release(&c->capabilities);
		c->capabilities_known = false;
	}
	return imap_client_capability(c, e);
}
