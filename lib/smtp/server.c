#include "smtp/server_room.h"

#include "base/alloc.h"
#include "base/intl.h"
#include "smtp/reply.h"

#include <stdarg.h>
#include <stdlib.h>

/* --- replies --- */

void smtp_server_reply_lines(
    struct smtp_server *s, int code, const char *enhanced, struct span text)
{
	struct buf out = BUF_INIT(SMTP_REPLY_BYTES);
	smtp_reply_write(&out, code, enhanced, text);
	stream_write(s->stream, buf_span(&out));
	buf_release(&out);
}

static void __attribute__((format(printf, 4, 0)))
reply_formatted(struct smtp_server *s, int code, const char *enhanced, const char *fmt, va_list ap)
{
	struct buf text = BUF_INIT(4096);
	buf_vaddf(&text, fmt, ap);
	smtp_server_reply_lines(s, code, enhanced, buf_span(&text));
	buf_release(&text);
}

void smtp_server_reply(struct smtp_server *s, int code, const char *enhanced, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	reply_formatted(s, code, enhanced, fmt, ap);
	va_end(ap);
}

void smtp_server_bad(struct smtp_server *s, int code, const char *enhanced, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	reply_formatted(s, code, enhanced, fmt, ap);
	va_end(ap);
	s->errors++;
}

void smtp_server_refuse(struct smtp_server *s, const struct err *why)
{
	static const struct {
		int code, smtp;
		const char *enhanced;
	} fits[] = {
	    {EX_NOUSER, 550, "5.1.1"},
	    {EX_NOHOST, 550, "5.1.2"},
	    {EX_UNAVAILABLE, 550, "5.2.0"},
	    {EX_NOPERM, 550, "5.7.1"},
	    {EX_DATAERR, 550, "5.6.0"},
	};
	int smtp = why->smtp ? why->smtp : 451;
	const char *enhanced = why->smtp ? why->enhanced : "4.3.0";
	for (size_t i = 0; !why->smtp && i < ARRAY_LEN(fits); i++)
		if (why->code == fits[i].code) {
			smtp = fits[i].smtp;
			enhanced = fits[i].enhanced;
		}
	/* one line: a line end in it would be another reply */
	struct span text = span_of(why->text);
	ptrdiff_t lf = span_index(text, '\n');
	smtp_server_reply_lines(s, smtp, enhanced, lf < 0 ? text : span_take(text, (size_t)lf));
}

/* --- state --- */

int64_t smtp_server_timeout_ms(const struct smtp_server *s)
{
	return s->options->timeout_ms ? s->options->timeout_ms
				      : SMTP_SERVER_TIMEOUT_S * INT64_C(1000);
}

const char *smtp_server_name(const struct smtp_server *s)
{
	return s->options->name ? s->options->name : "localhost";
}

size_t smtp_server_recipients_max(const struct smtp_server *s)
{
	return s->options->recipients_max ? s->options->recipients_max : SMTP_SERVER_RECIPIENTS;
}

void smtp_server_reset(struct smtp_server *s)
{
	if (s->envelope.sender && s->hooks->reset)
		s->hooks->reset(s->ctx);
	free(s->envelope.sender);
	strv_release(&s->envelope.recipients);
	s->envelope = (struct smtp_server_envelope){0};
	s->chunking = false;
	err_clear(&s->trouble);
}

void smtp_server_init(struct smtp_server *s, struct stream *stream,
    const struct smtp_server_options *o, const struct smtp_server_hooks *hooks, void *ctx)
{
	*s = (struct smtp_server){.stream = stream, .options = o, .hooks = hooks, .ctx = ctx};
}

void smtp_server_release(struct smtp_server *s)
{
	smtp_server_reset(s);
	free(s->hello);
	s->hello = NULL;
}

/* --- lines --- */

/* 1: *line without its line end, in s->stream until it is taken; 2: too long, passed over; 0 the client is gone; -1. A bare LF ends a command: no
 * harm comes of it here, and people type into such servers by hand. */
static int next_line(struct smtp_server *s, struct buf *line, struct err *e)
{
	bool too_long = false;
	buf_reset(line);
	stream_timeout(s->stream, smtp_server_timeout_ms(s));
	for (;;) {
		struct span have = stream_peek(s->stream);
		ptrdiff_t lf = span_index(have, '\n');
		struct span part = lf < 0 ? have : span_take(have, (size_t)lf + 1);
		if (lf >= 0 || part.len > SMTP_SERVER_LINE) {
			buf_add(line, span_chomp(part));
			too_long |= line->over || part.len > SMTP_SERVER_LINE;
			stream_take(s->stream, part.len);
			if (lf >= 0)
				return too_long ? 2 : 1;
			too_long = true;
		}
		int r = stream_fill(s->stream, e);
		if (r <= 0)
			return r;
	}
}

static int cut_off(struct smtp_server *s, const char *why, struct err *e)
{
	smtp_server_reply(s, 421, "4.7.0", "%s", why);
	stream_flush(s->stream, NULL);
	return err_set(e, EX_PROTOCOL, "%s", why);
}

/* The session ends without the client's doing: it is told where that is still possible (RFC 5321 3.8). */
static void say_goodbye(struct smtp_server *s, const struct err *why)
{
	if (s->stream->eof)
		return;
	/* the sticky error would keep the words from going out */
	err_clear(&s->stream->err);
	if (why->code == EX_TEMPFAIL)
		smtp_server_reply(s, 421, "4.4.2", "%s", why->text);
	stream_timeout(s->stream, 1000);
	stream_flush(s->stream, NULL);
}

static int session(struct smtp_server *s, struct buf *line, struct err *e)
{
	smtp_server_reply(
	    s, 220, "", "%s %s Surat", smtp_server_name(s), s->options->lmtp ? "LMTP" : "ESMTP");
	while (!s->over) {
		int r = next_line(s, line, e);
		if (r <= 0)
			return r;
		if (r == 2)
			smtp_server_bad(s, 500, "5.5.2", "%s", _("line too long"));
		else if (smtp_server_command(s, buf_span(line), e) < 0)
			return -1;
		if (s->errors > SMTP_SERVER_ERRORS)
			return cut_off(s, _("too many errors"), e);
		if (++s->idle > SMTP_SERVER_IDLE_COMMANDS + smtp_server_recipients_max(s))
			return cut_off(s, _("too many commands"), e);
	}
	return stream_flush(s->stream, e);
}

int smtp_server_run(struct smtp_server *s, struct err *e)
{
	struct buf line = BUF_INIT(SMTP_SERVER_LINE);
	struct err why = ERR_INIT;
	int r = session(s, &line, &why);
	buf_release(&line);
	smtp_server_reset(s);
	if (r < 0) {
		say_goodbye(s, &why);
		err_copy(e, &why);
	}
	return r;
}
