#include "mime/build.h"

#include "base/alloc.h"
#include "base/random.h"
#include "codec/base64.h"
#include "codec/qp.h"
#include "mime/measure.h"

#include <stdio.h>
#include <stdlib.h>

enum { ARENA_MAX = 16 << 20, TOKEN = 20 };

void build_init(struct build *b, int flags)
{
	*b = (struct build){.flags = flags, .header = HEADER_OUT_INIT};
	b->header.utf8 = flags & BUILD_UTF8_HEADERS;
	arena_init(&b->arena, ARENA_MAX);
}

static void release_part(struct build_part *p)
{
	if (!p)
		return;
	header_out_release(&p->fields);
	header_out_release(&p->type_field);
	for (struct build_part *c = p->first; c; c = c->next)
		release_part(c);
}

void build_release(struct build *b)
{
	release_part(b->top);
	header_out_release(&b->header);
	arena_release(&b->arena);
	*b = (struct build){0};
}

/* --- the tree ---------------------------------------------------------------- */

static struct build_part *add_part(struct build *b, struct build_part *parent, const char *type)
{
	struct build_part *p = arena_new(&b->arena, 1, sizeof(*p));
	ENSURE(p && (parent || !b->top));
	*p = (struct build_part){.type = arena_str(&b->arena, span_of(type)),
	    .fields = HEADER_OUT_INIT,
	    .type_field = HEADER_OUT_INIT,
	    .encoding = MIME_7BIT};
	p->fields.utf8 = p->type_field.utf8 = b->flags & BUILD_UTF8_HEADERS;
	header_begin(&p->type_field, "Content-Type", span_of(type), &p->type_column);
	if (!parent)
		b->top = p;
	else if (parent->last)
		parent->last->next = p;
	else
		parent->first = p;
	if (parent)
		parent->last = p;
	return p;
}

struct build_part *build_multipart(struct build *b, struct build_part *parent, const char *subtype)
{
	char type[80];
	snprintf(type, sizeof(type), "multipart/%s", subtype);
	struct build_part *p = add_part(b, parent, type);
	p->kind = BUILD_KIND_MULTIPART;
	return p;
}

static struct build_part *add_spool(struct build *b, struct build_part *parent, const char *type,
    enum build_kind kind, const struct spool *spool)
{
	struct build_part *p = add_part(b, parent, type);
	p->kind = kind;
	p->spool = spool;
	return p;
}

struct build_part *build_text(struct build *b, struct build_part *parent, const char *subtype,
    const char *charset, const struct spool *text)
{
	char type[80];
	snprintf(type, sizeof(type), "text/%s", subtype);
	struct build_part *p = add_spool(b, parent, type, BUILD_KIND_TEXT, text);
	p->charset = arena_str(&b->arena, span_of(*charset ? charset : "utf-8"));
	return p;
}

struct build_part *build_lines(
    struct build *b, struct build_part *parent, const char *type, const struct spool *lines)
{
	return add_spool(b, parent, type, BUILD_KIND_LINES, lines);
}

struct build_part *build_message(
    struct build *b, struct build_part *parent, const char *type, const struct spool *message)
{
	return add_spool(b, parent, type, BUILD_KIND_MESSAGE, message);
}

struct build_part *build_bytes(
    struct build *b, struct build_part *parent, const char *type, const struct spool *bytes)
{
	return add_spool(b, parent, type, BUILD_KIND_BYTES, bytes);
}

struct build_part *build_stream(
    struct build *b, struct build_part *parent, const char *type, struct source *bytes)
{
	struct build_part *p = add_part(b, parent, type);
	p->kind = BUILD_KIND_BYTES;
	p->stream = bytes;
	return p;
}

void build_param(struct build_part *p, const char *name, struct span value)
{
	header_add_param(&p->type_field, &p->type_column, name, value);
}

void build_disposition(struct build_part *p, const char *disposition, struct span filename)
{
	size_t column;
	header_begin(&p->fields, "Content-Disposition", span_of(disposition), &column);
	if (filename.len)
		header_add_param(&p->fields, &column, "filename", filename);
	header_end(&p->fields);
}

/* --- encodings --------------------------------------------------------------- */

/* Text that may stay as it is; the boundaries of others and long lines are seen to elsewhere. */
static bool fits_7bit(const struct measure *m)
{
	return !m->eight_bit && !m->control && !m->stray_cr && !m->from_line;
}

static enum mime_encoding cheapest(const struct build *b, const struct measure *m)
{
	if (fits_7bit(m) && m->longest <= MEASURE_LINE_WISHED)
		return MIME_7BIT;
	if (b->flags & BUILD_8BIT && !m->control && !m->stray_cr && !m->from_line &&
	    m->longest <= MEASURE_LINE_WISHED)
		return MIME_8BIT;
	/* a little more is no price for what can be read without decoding */
	return m->qp_size <= m->base64_size + m->base64_size / 8 + 16 ? MIME_QP : MIME_BASE64;
}

/* A part whose bytes must come back as they are: line ends may change on the way, a last one may be added. */
static bool is_plain_lines(const struct measure *m)
{
	return !m->control && !m->cr && m->utf8 && m->ends_with_line;
}

static void settle_text(const struct build *b, struct build_part *p, const struct measure *m)
{
	if (p->kind == BUILD_KIND_TEXT) {
		bool ascii = !m->eight_bit && strcmp(p->charset, "utf-8") == 0;
		build_param(p, "charset", span_of(ascii ? "us-ascii" : p->charset));
	}
	p->encoding = cheapest(b, m);
}

static void settle_bytes(const struct build *b, struct build_part *p, const struct measure *m)
{
	bool text = strncmp(p->type, "text/", 5) == 0;
	p->encoding = text && is_plain_lines(m) ? cheapest(b, m) : MIME_BASE64;
	if (text && m->utf8)
		build_param(p, "charset", span_of(m->eight_bit ? "utf-8" : "us-ascii"));
}

/* RFC 2046 5.2.1: 7bit, 8bit or binary only. What cannot be sent like that goes as a file. */
static void settle_message(struct build_part *p, const struct measure *m)
{
	p->encoding = m->eight_bit ? MIME_8BIT : MIME_7BIT;
	if (!m->nul && !m->stray_cr && m->longest <= MEASURE_LINE_MAX)
		return;
	p->encoding = MIME_BASE64;
	p->kind = BUILD_KIND_BYTES;
	buf_reset(&p->type_field.b);
	header_begin(
	    &p->type_field, "Content-Type", SPAN("application/octet-stream"), &p->type_column);
}

static int settle_leaf(struct build *b, struct build_part *p, bool *clash, struct err *e)
{
	struct measure m;
	if (p->kind == BUILD_KIND_MULTIPART)
		return 0;
	if (!p->spool) {
		p->encoding = MIME_BASE64;
		return 0;
	}
	if (measure_spool(&m, p->spool, b->token, e) < 0)
		return -1;
	*clash |= m.token_line;
	if (p->settled)
		return 0;
	p->settled = true;
	if (p->kind == BUILD_KIND_MESSAGE)
		settle_message(p, &m);
	else if (p->kind == BUILD_KIND_BYTES)
		settle_bytes(b, p, &m);
	else
		settle_text(b, p, &m);
	return 0;
}

static int settle_leaves(struct build *b, struct build_part *p, bool *clash, struct err *e)
{
	for (; p; p = p->next)
		if (settle_leaf(b, p, clash, e) < 0 || settle_leaves(b, p->first, clash, e) < 0)
			return -1;
	return 0;
}

/* A multipart says so when something in it is 8bit (RFC 2045 6.4). "=_" is in no base64 and no quoted-printable text. */
static void settle_multiparts(struct build *b, struct build_part *p, unsigned *n)
{
	char boundary[TOKEN + 16];
	if (p->kind != BUILD_KIND_MULTIPART)
		return;
	snprintf(boundary, sizeof(boundary), "=_%s_%u", b->token, ++*n);
	p->boundary = arena_str(&b->arena, span_of(boundary));
	build_param(p, "boundary", span_of(boundary));
	for (struct build_part *c = p->first; c; c = c->next) {
		settle_multiparts(b, c, n);
		if (c->encoding == MIME_8BIT)
			p->encoding = MIME_8BIT;
	}
}

int build_settle(struct build *b, struct err *e)
{
	bool clash;
	ENSURE(b->top);
	do { /* the same seed gave the same boundaries to a message that is included now */
		clash = false;
		random_name(b->token, TOKEN);
		if (settle_leaves(b, b->top, &clash, e) < 0)
			return -1;
	} while (clash);
	unsigned n = 0;
	settle_multiparts(b, b->top, &n);
	ENSURE(!b->arena.over);
	return 0;
}

/* --- writing ----------------------------------------------------------------- */

static int write_header(struct build_part *p, struct sink *out, struct err *e)
{
	static const char *const names[] = {
	    [MIME_8BIT] = "8bit", [MIME_QP] = "quoted-printable", [MIME_BASE64] = "base64"};
	header_end(&p->type_field);
	if (p->encoding != MIME_7BIT)
		header_add_tokens(
		    &p->type_field, "Content-Transfer-Encoding", span_of(names[p->encoding]));
	if (p->type_field.b.over || p->fields.b.over)
		return err_set(e, EX_DATAERR, "a header is too large");
	if (sink_put(out, buf_span(&p->type_field.b), e) < 0 ||
	    sink_put(out, buf_span(&p->fields.b), e) < 0)
		return -1;
	return sink_puts(out, "\n", e);
}

/* The content through a filter, which ends here; what is behind it stays open. */
struct pass_on {
	struct sink sink;
	struct sink *to;
};
static int pass_put(struct sink *s, struct span bytes, struct err *e)
{
	return sink_put(((struct pass_on *)s)->to, bytes, e);
}

/* Text in base64 has CRLF line ends (RFC 2045 6.8). */
struct to_crlf {
	struct sink sink;
	struct sink *to;
};
static int crlf_put(struct sink *s, struct span bytes, struct err *e)
{
	struct sink *to = ((struct to_crlf *)s)->to;
	while (bytes.len) {
		ptrdiff_t lf = span_index(bytes, '\n');
		size_t n = lf < 0 ? bytes.len : (size_t)lf;
		if (sink_put(to, span_take(bytes, n), e) < 0)
			return -1;
		if (lf >= 0 && sink_puts(to, "\r\n", e) < 0)
			return -1;
		bytes = span_skip(bytes, n + (lf >= 0));
	}
	return 0;
}
static int crlf_end(struct sink *s, struct err *e)
{
	return sink_end(((struct to_crlf *)s)->to, e);
}

static int write_content(struct build_part *p, struct sink *out, struct err *e)
{
	struct pass_on open = {.sink = {.put = pass_put}, .to = out};
	struct base64_encoder base64;
	struct qp_encoder qp;
	struct filter_crlf local;
	struct to_crlf crlf = {.sink = {crlf_put, crlf_end}};
	struct source_spool from;
	struct sink *first = &open.sink;
	if (p->encoding == MIME_BASE64) {
		base64_encoder_init(&base64, first);
		first = &base64.sink;
	} else if (p->encoding == MIME_QP) {
		qp_encoder_init(&qp, first, false);
		first = &qp.sink;
	}
	if (p->encoding == MIME_BASE64 && p->kind == BUILD_KIND_TEXT) {
		crlf.to = first;
		first = &crlf.sink;
	} else if (p->kind == BUILD_KIND_MESSAGE) {
		filter_crlf_init(&local, first, CRLF_LOCAL);
		first = &local.sink;
	}
	if (p->spool)
		source_spool_init(&from, p->spool);
	if (sink_pump(first, p->spool ? &from.source : p->stream, e) < 0)
		return -1;
	return sink_end(first, e);
}

static int write_part(struct build_part *p, struct sink *out, struct err *e);

static int write_boundary(
    struct build_part *p, bool line_end, const char *after, struct sink *out, struct err *e)
{
	if (line_end && sink_puts(out, "\n", e) < 0)
		return -1;
	if (sink_puts(out, "--", e) < 0 || sink_puts(out, p->boundary, e) < 0)
		return -1;
	return sink_puts(out, after, e);
}

/* What ends with a line end of its own (base64, a multipart) needs no other before the boundary. */
static bool wants_line_end(const struct build_part *p)
{
	return p && p->kind != BUILD_KIND_MULTIPART && p->encoding != MIME_BASE64;
}

static int write_children(struct build_part *p, struct sink *out, struct err *e)
{
	struct build_part *before = NULL;
	for (struct build_part *c = p->first; c; before = c, c = c->next)
		if (write_boundary(p, wants_line_end(before), "\n", out, e) < 0 ||
		    write_part(c, out, e) < 0)
			return -1;
	return write_boundary(p, wants_line_end(before), "--\n", out, e);
}

static int write_part(struct build_part *p, struct sink *out, struct err *e)
{
	if (write_header(p, out, e) < 0)
		return -1;
	return p->kind == BUILD_KIND_MULTIPART ? write_children(p, out, e)
					       : write_content(p, out, e);
}

int build_write(struct build *b, struct sink *out, struct err *e)
{
	header_add_tokens(&b->header, "MIME-Version", SPAN("1.0"));
	if (b->header.b.over)
		return err_set(
		    e, EX_DATAERR, "the header is larger than %zu bytes", b->header.b.max);
	if (sink_put(out, buf_span(&b->header.b), e) < 0)
		return -1;
	return write_part(b->top, out, e);
}
