/* auth.c - AUTH (RFC 5034) through SASL; USER and PASS where there is nothing else and the wire is secure. */
#include "base/intl.h"
#include "codec/base64.h"
#include "pop3/client.h"

static int reply(struct pop3_client *c, struct buf *challenge, struct err *e)
{
	struct span line, rest;
	stream_timeout(c->stream, c->timeout_ms);
	if (stream_flush(c->stream, e) < 0)
		return -1;
	int r = stream_line(c->stream, &line, POP3_LINE, e);
	if (r <= 0)
		return r < 0 ? -1 : err_set(e, EX_TEMPFAIL, _("connection closed by the server"));
	r = pop3_reply_parse(line, &rest, e);
	c->refused = r < 0 && e->code == EX_UNAVAILABLE;
	if (c->refused)
		e->code = EX_NOPERM;
	if (r > 0 && challenge)
		return base64_decode(challenge, rest, e) < 0 ? -1 : 1;
	return r;
}

static void write_encoded(struct pop3_client *c, struct span bytes)
{
	struct buf line = BUF_INIT(64 << 10);
	line.secret = true;
	base64_encode(&line, bytes);
	buf_adds(&line, "\r\n");
	stream_write(c->stream, buf_span(&line));
	buf_wipe(&line);
}

/* The first flight carries an initial response only when the line stays below 255 bytes (RFC 5034 4). */
static bool begin(
    struct pop3_client *c, const struct sasl *s, struct span initial, bool has_initial)
{
	bool fits = has_initial && initial.len < 150;
	stream_printf(c->stream, "AUTH %s%s", s->name, fits ? " " : "\r\n");
	if (fits && initial.len)
		write_encoded(c, initial);
	else if (fits)
		stream_puts(c->stream, "=\r\n");
	return fits;
}

static int exchange(
    struct pop3_client *c, struct sasl *s, struct span initial, bool has_initial, struct err *e)
{
	bool sent = begin(c, s, initial, has_initial), first = has_initial && !sent;
	struct buf challenge = BUF_INIT(POP3_LINE), response = BUF_INIT(48 << 10);
	int r;
	response.secret = true;
	while ((r = reply(c, &challenge, e)) > 0) {
		buf_reset(&response);
		if (first)
			buf_add(&response, initial);
		else if (sasl_step(s, buf_span(&challenge), &response, e) < 0) {
			r = -1;
			break;
		}
		first = false;
		write_encoded(c, buf_span(&response));
		buf_reset(&challenge);
	}
	buf_wipe(&challenge);
	buf_wipe(&response);
	if (r == 0)
		return sasl_finish(s, e);
	sasl_explain(s, e);
	return -1;
}

static bool has_control(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] < ' ' || s.ptr[i] == 127)
			return true;
	return false;
}

static int user_pass(struct pop3_client *c, const struct sasl_credentials *cred, struct err *e)
{
	if (has_control(span_of(cred->user)) || has_control(span_of(cred->password)))
		return err_set(e, EX_USAGE, _("a control character in the name or the password"));
	stream_printf(c->stream, "USER %s\r\n", cred->user);
	if (reply(c, NULL, e))
		return -1;
	stream_printf(c->stream, "PASS %s\r\n", cred->password);
	int r = reply(c, NULL, e);
	return r > 0 ? err_set(e, EX_PROTOCOL, _("a challenge in answer to PASS")) : r;
}

/* USER and PASS are what remains where no mechanism of the server's suits us. */
static bool user_is_left(const struct pop3_client *c, const struct sasl_credentials *cred,
    const char *wanted, bool secure)
{
	if (!secure || !cred->user || !cred->password || cred->is_token)
		return false;
	return strcasecmp(wanted, "auto") == 0 &&
	       !sasl_fits(span_of(c->mechanisms), wanted, cred, secure);
}

static int choose(struct pop3_client *c, const struct sasl_credentials *cred, const char *wanted,
    bool secure, struct err *e)
{
	struct buf initial = BUF_INIT(48 << 10);
	struct sasl s = {0};
	bool has_initial = false;
	initial.secret = true;
	if (user_is_left(c, cred, wanted, secure))
		return user_pass(c, cred, e);
	int r =
	    sasl_start(&s, span_of(c->mechanisms), wanted, cred, secure, &initial, &has_initial, e);
	if (r == 0) {
		r = exchange(c, &s, buf_span(&initial), has_initial, e);
		sasl_release(&s);
	}
	buf_wipe(&initial);
	return r;
}

int pop3_client_sign_in(struct pop3_client *c, const struct sasl_credentials *cred,
    const char *wanted, bool secure, struct err *e)
{
	if (pop3_client_capa(c, e) < 0)
		return -1;
	c->secret = true;
	c->refused = false;
	int r = choose(c, cred, wanted, secure, e);
	c->secret = false;
	if (r < 0)
		return err_prefix(e, _("signing in as %s: "), cred->user ? cred->user : "");
	c->capa_known = false; /* PIPELINING and TOP may be told only now */
	return pop3_client_capa(c, e);
}
