/*
 * body.c - the message onto the wire: CRLF lines, a stray CR or NUL refused (smuggling), then either dots doubled and a lone dot, or
 * exactly wire_size octets behind BDAT.
 */
#include "base/intl.h"
#include "smtp/client.h"
#include "smtp/command.h"

/* The last link of the chain before the stream: counts, watches the connection, says when the end comes. */
struct wire {
	struct sink sink;
	struct smtp_client *c;
	struct smtp_mail *m;
	uint64_t octets, since;
	bool bdat, told;
	char last;
};

/* RFC 5321 4.5.3.2.5 gives each piece its own time: progress buys more. */
enum { PIECE = 64 << 10 };

static int tell(struct wire *w, struct err *e)
{
	if (w->told || !w->m->sending)
		return 0;
	w->told = true;
	return w->m->sending(w->m->ctx, e);
}

static int changed(struct err *e)
{
	return err_set(e, EX_IOERR, _("the message changed while it was being sent"));
}

static int wire_put(struct sink *s, struct span bytes, struct err *e)
{
	struct wire *w = (struct wire *)s;
	if (!bytes.len)
		return 0;
	w->octets += bytes.len;
	w->since += bytes.len;
	w->last = bytes.ptr[bytes.len - 1];
	if (w->bdat && w->octets > w->m->wire_size)
		return changed(e);
	if (w->bdat && w->octets == w->m->wire_size && tell(w, e) < 0)
		return -1;
	stream_write(w->c->stream, bytes);
	if (w->since >= PIECE) {
		w->since = 0;
		smtp_time(w->c, w->c->timeout_ms);
		if (w->m->progress)
			w->m->progress(w->m->ctx, w->octets);
	}
	return w->c->stream->err.code ? err_copy(e, &w->c->stream->err) : 0;
}

static int bdat_body(struct wire *w, struct err *e)
{
	struct filter_crlf crlf;
	filter_crlf_init(&crlf, &w->sink, CRLF_WIRE);
	if (sink_pump(&crlf.sink, w->m->message, e) < 0 || sink_end(&crlf.sink, e) < 0)
		return -1;
	if (w->last != '\n' && sink_put(&w->sink, SPAN("\r\n"), e) < 0)
		return -1;
	return w->octets == w->m->wire_size ? 0 : changed(e);
}

static int dot_body(struct wire *w, struct err *e)
{
	struct filter_dot dot;
	struct filter_crlf crlf;
	filter_dot_init(&dot, &w->sink);
	filter_crlf_init(&crlf, &dot.sink, CRLF_WIRE);
	if (sink_pump(&crlf.sink, w->m->message, e) < 0 || tell(w, e) < 0)
		return -1;
	return sink_end(&crlf.sink, e);
}

/* --- from where it lies --- */

enum { LUMP = 1 << 20, WORTH_IT = 1 << 20 };

static bool may_send_file(const struct wire *w)
{
	return w->bdat && w->m->range_count && w->m->wire_size >= WORTH_IT && !w->c->stream->trace;
}

/* 1, 0 when the stream cannot (then nothing of it was sent), -1. Before the last lump the caller is told, as before the last octets. */
static int send_range(struct wire *w, const struct smtp_range *range, struct err *e)
{
	for (uint64_t done = 0, n; done < range->len; done += n) {
		n = range->len - done < LUMP ? range->len - done : LUMP;
		if (w->octets + n == w->m->wire_size && tell(w, e) < 0)
			return -1;
		smtp_time(w->c, w->c->timeout_ms);
		int r =
		    stream_send_file(w->c->stream, range->fd, range->offset + (int64_t)done, n, e);
		if (r < 0 || (r == 0 && w->octets == 0))
			return r;
		if (r == 0)
			return changed(e);
		w->octets += n;
		if (w->m->progress)
			w->m->progress(w->m->ctx, w->octets);
	}
	return 1;
}

static int file_body(struct wire *w, struct err *e)
{
	for (size_t i = 0; i < w->m->range_count; i++) {
		int r = send_range(w, &w->m->ranges[i], e);
		if (r <= 0)
			return r;
	}
	return w->octets == w->m->wire_size ? 1 : changed(e);
}

static int write_body(struct wire *w, struct err *e)
{
	int r = may_send_file(w) ? file_body(w, e) : 0;
	if (r != 0)
		return r < 0 ? -1 : 0;
	return w->bdat ? bdat_body(w, e) : dot_body(w, e);
}

int smtp_body_write(struct smtp_client *c, struct smtp_mail *m, bool bdat, struct err *e)
{
	struct wire w = {.sink = {wire_put, NULL}, .c = c, .m = m, .bdat = bdat};
	c->phase = SMTP_BODY;
	c->elided = true;
	smtp_time(c, c->timeout_ms);
	int r = write_body(&w, e);
	c->elided = false;
	return r < 0 ? err_prefix(e, "%s: ", smtp_phase_name(SMTP_BODY)) : 0;
}
