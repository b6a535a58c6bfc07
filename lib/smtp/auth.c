/* auth.c - AUTH (RFC 4954) through SASL. */
#include "base/intl.h"
#include "codec/base64.h"
#include "smtp/client.h"
#include "smtp/command.h"

/* RFC 4954 4: an initial response goes along where the whole line stays below 512 octets. */
enum { INITIAL_MAX = 300, RESPONSE_MAX = 64 << 10, ROUNDS_MAX = 16 };

static void write_encoded(struct smtp_client *c, struct span bytes)
{
	struct buf line = BUF_INIT(2 * RESPONSE_MAX);
	line.secret = true;
	base64_encode(&line, bytes);
	buf_adds(&line, "\r\n");
	stream_write(c->stream, buf_span(&line));
	buf_wipe(&line);
}

/* Only one line of a challenge counts; it is base64, "=" or nothing being the empty one. */
static int challenge(struct smtp_client *c, struct buf *out, struct err *e)
{
	struct span text = buf_span(&c->reply.text);
	buf_reset(out);
	if (span_is(text, "="))
		return 0;
	if (base64_decode(out, text, e) == 0)
		return 0;
	return err_set(e, EX_PROTOCOL, _("the server's challenge is not base64"));
}

/* "*" ends an exchange that we do not want to finish (RFC 4954 4); the answer to it is no news. */
static int give_up(struct smtp_client *c)
{
	stream_puts(c->stream, "*\r\n");
	smtp_read(c, SMTP_AUTH, c->timeout_ms, NULL);
	return -1;
}

static int refused(struct smtp_client *c, const struct sasl *s, struct err *e)
{
	smtp_refused(c, e);
	c->refused = c->reply.code / 100 == 5;
	sasl_explain(s, e);
	if (e && c->reply.code / 100 == 5)
		e->code = EX_NOPERM;
	return -1;
}

static int respond(struct smtp_client *c, struct sasl *s, struct buf *response, struct err *e)
{
	struct buf bytes = BUF_INIT(RESPONSE_MAX);
	buf_reset(response);
	int r = challenge(c, &bytes, e);
	if (r == 0)
		r = sasl_step(s, buf_span(&bytes), response, e);
	buf_wipe(&bytes);
	return r < 0 ? give_up(c) : 0;
}

static int exchange(
    struct smtp_client *c, struct sasl *s, struct buf *initial, bool has_initial, struct err *e)
{
	bool along = has_initial && initial->len <= INITIAL_MAX, held = has_initial && !along;
	struct buf response = BUF_INIT(RESPONSE_MAX);
	int code, r = 0;
	response.secret = true;
	stream_printf(c->stream, "AUTH %s%s", s->name, along ? " " : "\r\n");
	if (along && initial->len)
		write_encoded(c, buf_span(initial));
	else if (along)
		stream_puts(c->stream, "=\r\n");
	code = smtp_read(c, SMTP_AUTH, c->timeout_ms, e);
	for (int round = 0; code == 334 && r == 0 && round < ROUNDS_MAX; round++) {
		if (!held)
			r = respond(c, s, &response, e);
		if (r == 0) {
			write_encoded(c, held ? buf_span(initial) : buf_span(&response));
			code = smtp_read(c, SMTP_AUTH, c->timeout_ms, e);
		}
		held = false;
	}
	buf_wipe(&response);
	if (r < 0 || code < 0)
		return -1;
	return code == 235 ? sasl_finish(s, e) : refused(c, s, e);
}

/* Who signs in by what. SASL's own errors begin with the mechanism already. */
static void name_it(const struct sasl *s, const struct sasl_credentials *cred, struct err *e)
{
	size_t n = strlen(s->name);
	bool named = strncmp(e->text, s->name, n) == 0 && e->text[n] == ':';
	if (named)
		err_prefix(e, _("signing in as %s: "), cred->user ? cred->user : "-");
	else
		err_prefix(e, _("%s as %s: "), s->name, cred->user ? cred->user : "-");
}

int smtp_client_auth(struct smtp_client *c, const struct sasl_credentials *cred, const char *wanted,
    bool allow_plain, struct err *e)
{
	struct buf initial = BUF_INIT(RESPONSE_MAX);
	struct sasl s = {0};
	bool has_initial = false;
	initial.secret = true;
	c->phase = SMTP_AUTH;
	c->refused = false;
	if (!smtp_client_can(c, SMTP_AUTH_OFFERED))
		return err_set(e, EX_NOPERM, _("the server offers no way to sign in%s"),
		    allow_plain ? "" : _(" without TLS"));
	int r = sasl_start(
	    &s, span_of(c->mechanisms), wanted, cred, allow_plain, &initial, &has_initial, e);
	if (r == 0) {
		c->secret = true;
		r = exchange(c, &s, &initial, has_initial, e);
		c->secret = false;
		if (r < 0 && e)
			name_it(&s, cred, e);
		sasl_release(&s);
	}
	buf_wipe(&initial);
	return r;
}
