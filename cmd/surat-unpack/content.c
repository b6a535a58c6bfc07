/* One file: what it is decides who reads it. */
#include "base/alloc.h"
#include "inspect/look.h"
#include "inspect/name.h"
#include "unpack.h"

#include <stdio.h>
#include <stdlib.h>

enum {
	PIECE = 65536,
	RATIO_FROM = 16 << 20 /* what is smaller may be packed as tightly as it likes */
};

/* --- bytes ------------------------------------------------------------------------- */

static ssize_t content_read(struct source *source, char *p, size_t n, struct err *e)
{
	struct content *c = (struct content *)source;
	size_t left = c->head.len - c->at;
	ssize_t got = (ssize_t)(n < left ? n : left);
	if (!left)
		got = c->in->read(c->in, p, n, e);
	else
		memcpy(p, c->head.ptr + c->at, (size_t)got);
	c->at += left ? (size_t)got : 0;
	if (got > 0)
		inspect_behind_put(&c->behind, span_make(p, (size_t)got));
	return got;
}

static int peek(struct content *c, struct err *e)
{
	ssize_t n = 1;
	while (c->head.len < INSPECT_HEAD && n > 0) {
		size_t want = INSPECT_HEAD - c->head.len;
		char *to = buf_room(&c->head, want);
		n = c->in->read(c->in, to, want, e);
		if (n < 0)
			return -1;
		buf_grew(&c->head, (size_t)n);
	}
	return 0;
}

void unpack_limit(const struct inspect_place *place, enum inspect_rule rule, int64_t limit)
{
	char text[40];
	snprintf(text, sizeof(text), "%lld", (long long)limit);
	inspect_found(place, rule, span_of(text));
}

int unpack_over(struct unpack *u, const struct inspect_place *place, enum inspect_rule rule,
    int64_t limit, struct err *e)
{
	unpack_limit(place, rule, limit);
	u->over = true;
	return err_set(e, EX_DATAERR, "%s", inspect_rule_text(rule));
}

int unpack_count(struct unpack *u, const struct inspect_place *place, size_t n, struct err *e)
{
	const struct unpack_limits *l = u->limits;
	u->bytes += n;
	if (u->bytes > (uint64_t)l->bytes)
		return unpack_over(u, place, INSPECT_LIMIT_BYTES, l->bytes, e);
	if (u->bytes > RATIO_FROM && u->bytes / (uint64_t)l->ratio > u->packed)
		return unpack_over(u, place, INSPECT_LIMIT_RATIO, l->ratio, e);
	return 0;
}

/* All of it into a sink, up to what one file may have: 1 it was more, 0, -1. */
static int pump(struct content *c, struct sink *to, uint64_t most, struct err *e)
{
	char bytes[PIECE];
	uint64_t have = 0;
	ssize_t n;
	while ((n = c->source.read(&c->source, bytes, sizeof(bytes), e)) > 0) {
		have += (size_t)n;
		if (have > most)
			return 1;
		if (sink_put(to, span_make(bytes, (size_t)n), e) < 0)
			return -1;
	}
	return n < 0 ? -1 : 0;
}

/* A file that came from us whole may be of any size: what one must not have is what came out of an archive. */
static uint64_t most_of(const struct content *c)
{
	return c->depth ? (uint64_t)c->u->limits->entry_bytes : UINT64_MAX;
}

struct inspect_bytes_mem *unpack_hold(struct content *c, struct buf *to, struct err *e)
{
	enum { SHARE = 2 }; /* of all memory; the rest is for the libraries */
	uint64_t most = (uint64_t)c->u->limits->memory / SHARE;
	struct sink_buf sink;
	most = most > c->u->held ? most - c->u->held : 0;
	buf_init(to, (size_t)most);
	sink_buf_init(&sink, to);
	int r = pump(c, &sink.sink, most, e);
	if (r != 0) {
		if (r > 0) {
			unpack_limit(c->place, INSPECT_LIMIT_MEMORY, (int64_t)most);
			/* of this one file: what lies beside it is looked at all the same */
			err_set(e, EX_DATAERR, "%s", inspect_rule_text(INSPECT_LIMIT_MEMORY));
		}
		buf_release(to);
		return NULL;
	}
	c->u->held += to->cap;
	struct inspect_bytes_mem *m = mem_new(1, sizeof(*m));
	inspect_bytes_mem_init(m, buf_span(to));
	return m;
}

void unpack_drop(struct unpack *u, struct buf *held)
{
	u->held -= held->cap;
	buf_release(held);
}

/* --- who reads it --------------------------------------------------------------------- */

static int look_at(struct content *c, struct err *e)
{
	struct inspect_look look;
	inspect_look_init(&look, c->place, c->name, SPAN(""));
	int r = pump(c, &look.sink, most_of(c), e);
	c->cut = r > 0;
	if (c->cut)
		unpack_limit(c->place, INSPECT_LIMIT_ENTRY, c->u->limits->entry_bytes);
	if (r >= 0)
		r = sink_end(&look.sink, e);
	inspect_look_release(&look);
	return r;
}

/* Damaged content is a finding; what is over all limits ends it all. */
static int settle(struct content *c, int r, struct err *e)
{
	if (r == 0 || c->u->over || e->code != EX_DATAERR)
		return r;
	err_clear(e);
	return 0;
}

static int by_format(struct content *c, struct err *e)
{
	switch (c->format->class) {
	case INSPECT_ARCHIVE:
	case INSPECT_PACKED:
		inspect_format_found(c->place, c->format);
		if (inspect_is_volume(c->format, buf_span(&c->head)))
			inspect_found(
			    c->place, INSPECT_UNKNOWN_FORMAT, SPAN("one volume of several"));
		return unpack_archive(c, e);
	case INSPECT_PDF: return unpack_pdf(c, e);
	case INSPECT_OLE: return unpack_ole(c, e);
	default: return look_at(c, e);
	}
}

/* What its reader left: an archive may end before its file does. (Of one that came from us whole, who sent it looks at the end.) */
static int look_at_rest(struct content *c, struct err *e)
{
	char bytes[PIECE];
	ssize_t n = 1;
	if (!c->depth || c->cut)
		return 0;
	while (n > 0)
		n = c->source.read(&c->source, bytes, sizeof(bytes), e);
	if (n == 0)
		inspect_behind_found(&c->behind, c->place, c->format);
	return n < 0 ? -1 : 0;
}

int unpack_content(struct unpack *u, const struct inspect_place *place, struct span name,
    unsigned depth, struct source *in, const struct inspect_bytes *random, struct err *e)
{
	struct content c = {.source = {content_read},
	    .in = in,
	    .u = u,
	    .place = place,
	    .name = inspect_name_base(name),
	    .depth = depth,
	    .random = random,
	    .head = BUF_INIT(INSPECT_HEAD)};
	inspect_behind_init(&c.behind);
	int r = peek(&c, e);
	if (r == 0) {
		c.format = inspect_format_of(buf_span(&c.head));
		r = by_format(&c, e);
	}
	if (r == 0)
		r = look_at_rest(&c, e);
	r = settle(&c, r, e);
	buf_release(&c.head);
	inspect_behind_release(&c.behind);
	return say_findings(u, e) < 0 ? -1 : r;
}
