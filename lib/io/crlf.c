#include "base/intl.h"
#include "io/sink.h"

#include <string.h>

/* Gathers what goes on, so that a message of short lines is not one call per line all down the chain. */
struct gather {
	struct sink *next;
	size_t len;
	char bytes[16384];
};

static int gather_flush(struct gather *g, struct err *e)
{
	size_t n = g->len;
	g->len = 0;
	return sink_put(g->next, span_make(g->bytes, n), e);
}

static int gather_add(struct gather *g, const char *p, size_t n, struct err *e)
{
	if (n > sizeof(g->bytes) - g->len && gather_flush(g, e) < 0)
		return -1;
	if (n > sizeof(g->bytes))
		return sink_put(g->next, span_make(p, n), e);
	if (n)
		memcpy(g->bytes + g->len, p, n);
	g->len += n;
	return 0;
}

static int refuse(const struct filter_crlf *f, const char *what, struct err *e)
{
	return err_set(
	    e, EX_DATAERR, _("line %llu: %s cannot be sent"), (unsigned long long)f->line, what);
}

static int refuse_cr(const struct filter_crlf *f, struct err *e)
{
	return refuse(f, _("a carriage return inside a line"), e);
}

/* A line or its beginning, without its LF; a CR may end it when an LF or the end of the bytes follows. */
static int check_wire(const struct filter_crlf *f, struct span line, struct err *e)
{
	if (line.len && memchr(line.ptr, '\r', line.len))
		return refuse_cr(f, e);
	if (line.len && memchr(line.ptr, '\0', line.len))
		return refuse(f, _("a NUL byte"), e);
	return 0;
}

/* Most messages have no CR and no NUL in them: then nothing is looked at but the LFs. */
static int wire_plain(struct filter_crlf *f, struct gather *g, struct span bytes, struct err *e)
{
	for (const char *lf; bytes.len && (lf = memchr(bytes.ptr, '\n', bytes.len)) != NULL;) {
		size_t n = (size_t)(lf - bytes.ptr);
		if (n + 2 <= sizeof(g->bytes) - g->len) {
			memcpy(g->bytes + g->len, bytes.ptr, n);
			memcpy(g->bytes + g->len + n, "\r\n", 2);
			g->len += n + 2;
		} else if (gather_add(g, bytes.ptr, n, e) < 0 || gather_add(g, "\r\n", 2, e) < 0) {
			return -1;
		}
		f->line++;
		bytes = span_skip(bytes, n + 1);
	}
	return gather_add(g, bytes.ptr, bytes.len, e);
}

/* The line end is written when its LF comes; a CR at the end of the bytes is held until it is known what follows. */
static int wire(struct filter_crlf *f, struct gather *g, struct span bytes, struct err *e)
{
	if (!f->cr && bytes.len && !memchr(bytes.ptr, '\r', bytes.len) &&
	    !memchr(bytes.ptr, '\0', bytes.len))
		return wire_plain(f, g, bytes, e);
	while (bytes.len) {
		const char *lf = memchr(bytes.ptr, '\n', bytes.len);
		struct span line = span_take(bytes, lf ? (size_t)(lf - bytes.ptr) : bytes.len);
		if (f->cr && line.len)
			return refuse_cr(f, e);
		bytes = span_skip(bytes, line.len + (lf != NULL));
		f->cr = line.len && line.ptr[line.len - 1] == '\r';
		line.len -= f->cr;
		if (check_wire(f, line, e) < 0 || gather_add(g, line.ptr, line.len, e) < 0)
			return -1;
		if (!lf)
			break;
		f->cr = false;
		f->line++;
		if (gather_add(g, "\r\n", 2, e) < 0)
			return -1;
	}
	return 0;
}

static int local(struct filter_crlf *f, struct gather *g, struct span bytes, struct err *e)
{
	while (bytes.len) {
		if (f->cr && bytes.ptr[0] != '\n' && gather_add(g, "\r", 1, e) < 0)
			return -1;
		const char *cr = memchr(bytes.ptr, '\r', bytes.len);
		size_t n = cr ? (size_t)(cr - bytes.ptr) : bytes.len;
		f->cr = cr != NULL;
		if (gather_add(g, bytes.ptr, n, e) < 0)
			return -1;
		bytes = span_skip(bytes, n + (cr != NULL));
	}
	return 0;
}

static int crlf_put(struct sink *sink, struct span bytes, struct err *e)
{
	struct filter_crlf *f = (struct filter_crlf *)sink;
	struct gather g;
	g.next = f->next;
	g.len = 0;
	int r = f->mode == CRLF_WIRE ? wire(f, &g, bytes, e) : local(f, &g, bytes, e);
	return r < 0 ? -1 : gather_flush(&g, e);
}

static int crlf_end(struct sink *sink, struct err *e)
{
	struct filter_crlf *f = (struct filter_crlf *)sink;
	bool cr = f->cr;
	f->cr = false;
	if (cr && f->mode == CRLF_WIRE)
		return refuse_cr(f, e);
	if (cr && sink_put(f->next, SPAN("\r"), e) < 0)
		return -1;
	return sink_end(f->next, e);
}

void filter_crlf_init(struct filter_crlf *f, struct sink *next, enum crlf_mode mode)
{
	*f = (struct filter_crlf){
	    .sink = {crlf_put, crlf_end}, .next = next, .mode = mode, .line = 1};
}
