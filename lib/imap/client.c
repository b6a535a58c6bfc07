#include "imap/client.h"

#include "base/alloc.h"
#include "base/intl.h"
#include "base/random.h"

#include <stdio.h>
#include <stdlib.h>

void imap_client_init(struct imap_client *c, struct stream *s, int64_t timeout_ms)
{
	*c = (struct imap_client){.stream = s, .timeout_ms = timeout_ms};
	imap_lex_init(&c->lex, s);
	c->lex.timeout_ms = timeout_ms;
	buf_init(&c->challenge, LEX_TEXT);
	buf_init(&c->code_args, LEX_TEXT);
	random_name(c->prefix, 5);
}

void imap_client_release(struct imap_client *c)
{
	imap_lex_release(&c->lex);
	buf_wipe(&c->challenge);
	buf_release(&c->code_args);
	strv_release(&c->capabilities);
}

bool imap_client_can(const struct imap_client *c, const char *capability)
{
	for (size_t i = 0; i < c->capabilities.n; i++)
		if (span_is_nocase(span_of(c->capabilities.v[i]), capability))
			return true;
	return false;
}

int imap_quote(struct buf *out, struct span text, struct err *e)
{
	buf_addc(out, '"');
	for (size_t i = 0; i < text.len; i++) {
		unsigned char ch = (unsigned char)text.ptr[i];
		if (ch < ' ' || ch == 127)
			return err_set(e, EX_USAGE, _("a control character in a name"));
		if (ch == '"' || ch == '\\')
			buf_addc(out, '\\');
		buf_addc(out, (char)ch);
	}
	buf_addc(out, '"');
	return 0;
}

/* --- one command --- */

int imap_client_command(struct imap_client *c, struct err *e, const char *fmt, ...)
{
	if (c->pending || c->bye)
		return err_set(e, EX_TEMPFAIL, _("the server said goodbye"));
	snprintf(c->tag, sizeof(c->tag), "%s%u", c->prefix, ++c->counter);
	struct buf b = BUF_INIT(64 << 10);
	b.secret = c->secrecy == IMAP_WIRE_SECRET;
	buf_addf(&b, "%s ", c->tag);
	va_list ap;
	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	buf_adds(&b, "\r\n");
	buf_reset(&c->code_args);
	int r = b.over ? err_set(e, EX_SOFTWARE, _("a command longer than 64 KiB")) : 0;
	if (r == 0) {
		stream_write(c->stream, buf_span(&b));
		c->pending = true;
	}
	buf_wipe(&b);
	return r;
}

/* NO: refused, for now or for good. */
static int refused(struct imap_client *c, struct err *e)
{
	static const char *const temporary[] = {
	    "UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG", "CONTACTADMIN"};
	int code = EX_UNAVAILABLE;
	for (size_t i = 0; i < ARRAY_LEN(temporary); i++)
		if (strcmp(c->status.code, temporary[i]) == 0)
			code = EX_TEMPFAIL;
	const char *text = *c->status.text ? c->status.text : _("refused");
	return *c->status.code ? err_set(e, code, "[%s] %s", c->status.code, text)
			       : err_set(e, code, "%s", text);
}

static int completed(struct imap_client *c, const struct imap_token *word, struct err *e)
{
	bool is_ok = imap_token_is(word, "OK"), no = imap_token_is(word, "NO");
	if (!is_ok && !no && !imap_token_is(word, "BAD"))
		return err_set(e, EX_PROTOCOL, _("a completion that is neither OK, NO nor BAD"));
	if (imap_client_read_status(c, is_ok ? "OK" : no ? "NO" : "BAD", e) < 0)
		return -1;
	c->pending = false;
	if (is_ok)
		return 0;
	if (no)
		return refused(c, e);
	return err_set(e, EX_PROTOCOL, _("the server did not understand: %s"), c->status.text);
}

/* The text after "+", decoded by whoever asked. */
static int more(struct imap_client *c, struct err *e)
{
	struct span line;
	if (imap_lex_line(&c->lex, &line, e) < 0)
		return -1;
	buf_reset(&c->challenge);
	buf_add(&c->challenge, line);
	return 1;
}

/* One response: 0 untagged, 1 "+", 2 our completion, -1 the conversation is over. */
static int response(struct imap_client *c, struct err *e)
{
	struct imap_token t;
	if (imap_lex_next(&c->lex, &t, e) < 0)
		return -1;
	if (t.kind != IMAP_ATOM)
		return err_set(e, EX_PROTOCOL, _("a response without a tag"));
	if (span_is(t.text, "*")) {
		if (imap_lex_expect(&c->lex, IMAP_ATOM, &t, e) < 0)
			return -1;
		return imap_client_untagged(c, &t, e) < 0 ? -1 : 0;
	}
	if (span_is(t.text, "+"))
		return more(c, e);
	if (!c->pending || !span_is(t.text, c->tag))
		return err_set(e, EX_PROTOCOL, _("an answer to a command that was not sent"));
	return 2;
}

void imap_client_progress(struct imap_client *c)
{
	stream_timeout(c->stream, c->timeout_ms);
}

int imap_client_finish_or_more(struct imap_client *c, struct err *e)
{
	imap_client_progress(c);
	if (stream_flush(c->stream, e) < 0)
		return -1;
	for (;;) {
		int r = response(c, e);
		if (r == 2) {
			struct imap_token word;
			if (imap_lex_expect(&c->lex, IMAP_ATOM, &word, e) < 0)
				return -1;
			return completed(c, &word, e);
		}
		if (r < 0 && c->bye && e->code == EX_TEMPFAIL)
			return err_set(
			    e, EX_TEMPFAIL, _("the server said goodbye: %s"), c->status.text);
		if (r != 0)
			return r;
	}
}

int imap_client_one_untagged(struct imap_client *c, struct err *e)
{
	int r = response(c, e);
	if (r > 0)
		return err_set(e, EX_PROTOCOL, _("a completion before its time"));
	if (r == 0 && c->bye)
		return err_set(e, EX_TEMPFAIL, _("the server said goodbye: %s"), c->status.text);
	return r;
}

int imap_client_finish(struct imap_client *c, struct err *e)
{
	int r = imap_client_finish_or_more(c, e);
	if (r > 0)
		return err_set(
		    e, EX_PROTOCOL, _("the server asks for more where nothing is missing"));
	return r;
}

/* --- the verbs of every state --- */

int imap_client_greeting(struct imap_client *c, bool tls_required, struct err *e)
{
	struct imap_token t;
	stream_timeout(c->stream, c->timeout_ms);
	if (imap_lex_expect(&c->lex, IMAP_ATOM, &t, e) < 0)
		return err_prefix(e, _("greeting: "));
	if (!span_is(t.text, "*"))
		return err_set(e, EX_PROTOCOL, _("this is no IMAP server's greeting"));
	if (imap_lex_expect(&c->lex, IMAP_ATOM, &t, e) < 0)
		return err_prefix(e, _("greeting: "));
	if (!imap_token_is(&t, "OK") && !imap_token_is(&t, "PREAUTH") && !imap_token_is(&t, "BYE"))
		return err_set(e, EX_PROTOCOL, _("this is no IMAP server's greeting"));
	if (imap_client_untagged(c, &t, e) < 0)
		return err_prefix(e, _("greeting: "));
	if (c->bye)
		return err_set(e, EX_TEMPFAIL, _("the server turns us away: %s"), c->status.text);
	/* a man in the middle says PREAUTH so that STARTTLS is not allowed any more */
	if (c->signed_in && tls_required)
		return err_set(
		    e, EX_PROTOCOL, _("the server greets with PREAUTH, which rules out TLS"));
	c->greeted = true;
	return 0;
}

int imap_client_capability(struct imap_client *c, struct err *e)
{
	if (c->capabilities_known)
		return 0;
	if (imap_client_command(c, e, "CAPABILITY") < 0 || imap_client_finish(c, e) < 0)
		return err_prefix(e, "CAPABILITY: ");
	return 0;
}

int imap_client_starttls(struct imap_client *c, struct err *e)
{
	if (imap_client_capability(c, e) < 0)
		return -1;
	if (!imap_client_can(c, "STARTTLS"))
		return err_set(e, EX_PROTOCOL, _("the server offers no STARTTLS"));
	if (imap_client_command(c, e, "STARTTLS") < 0 || imap_client_finish(c, e) < 0)
		return err_prefix(e, "STARTTLS: ");
	if (stream_peek(c->stream).len)
		return err_set(e, EX_PROTOCOL, _("STARTTLS: data was injected before TLS began"));
	return 0;
}

void imap_client_secured(struct imap_client *c)
{
	c->tls = true;
	strv_release(&c->capabilities);
	c->capabilities_known = false;
}

int imap_client_noop(struct imap_client *c, struct err *e)
{
	if (imap_client_command(c, e, "NOOP") < 0 || imap_client_finish(c, e) < 0)
		return err_prefix(e, "NOOP: ");
	return 0;
}

int imap_client_logout(struct imap_client *c, struct err *e)
{
	if (imap_client_command(c, e, "LOGOUT") < 0)
		return -1;
	if (imap_client_finish(c, e) < 0)
		return err_prefix(e, "LOGOUT: ");
	return 0;
}
