/*
 * The steps: STEP_HEADER reads a part's fields, STEP_BODY its body (or a multipart's preamble and epilogue); when a body has ended, STEP_UNWIND closes
 * the parts above the frame whose boundary came, one event a call, and goes on behind the boundary. Nothing here recurses into the message, except
 * that an encoded message is read through a layer, of which there are few.
 */
#include "mime/parse.h"

#include "base/alloc.h"
#include "mime/state.h"

#include <stdio.h>
#include <stdlib.h>

enum {
	CHUNK = 65536,
	ARENA_MAX = 16 << 20, /* parts and parameters */
	LAYERS_MAX = 8,       /* encoded messages in encoded messages */
	PIECE_MAX = 4 << 20   /* of decoded bytes waiting: far above what a window gives */
};

const struct mime_limits mime_limits_default = {.depth = 100,
    .parts = 10000,
    .header_bytes = 4 << 20,
    .field_bytes = 1 << 20,
    .fields = 10000,
    .line_bytes = 64 << 10,
    .total_header_bytes = 16 << 20};

const char *mime_tolerance_name(enum mime_tolerance t)
{
	static const char *const names[MIME_T_COUNT] = {"from-line", "no-header-end", "bad-field",
	    "blank-before-colon", "eight-bit-header", "nul", "bare-cr", "long-line",
	    "missing-boundary", "no-closing-boundary", "bad-encoding", "bad-type",
	    "encoded-multipart", "bad-parameter", "base64-junk", "base64-truncated", "qp-escape",
	    "charset-unknown", "charset-bytes", "not-opened", "uuencoded", "uuencode-cut", "tnef",
	    "tnef-damaged", "html-charset"};
	return t < MIME_T_COUNT ? names[t] : "";
}

const char *mime_ambiguity_name(enum mime_ambiguity a)
{
	static const char *const names[MIME_A_COUNT] = {"duplicate-type", "duplicate-boundary",
	    "duplicate-encoding", "blank-before-colon", "data-after-padding", "boundary-prefix",
	    "empty-boundary", "duplicate-disposition", "boundary-text", "boundary-after-close"};
	return a < MIME_A_COUNT ? names[a] : "";
}

static struct frame *top_frame(struct mime_state *st)
{
	return &st->frames[st->n - 1];
}

/* --- layers: the source, and what encoded messages decode to -------------------------------------------------------------------------------- */

static void push_layer(struct mime_state *st, struct source *in)
{
	struct layer *l = mem_new(1, sizeof(*l));
	window_init(&l->win, in ? in : &l->src.source, CHUNK);
	l->outer = st->layer;
	l->floor = st->n;
	if (l->outer)
		l->outer->top = st->n;
	st->layer = l;
	st->layers++;
}

/* More decoded bytes into an empty buffer; nothing in it afterwards: the end. */
static int decode_more(struct layer_source *s, struct err *e)
{
	struct span piece;
	uint64_t offset;
	buf_reset(&s->buf);
	s->taken = 0;
	while (!s->buf.len && !s->ended) {
		int r = body_next(s->state, s->outer, &piece, &offset, e);
		if (r < 0)
			return -1;
		s->ended = r == 0;
		r = s->ended ? mime_decoder_end(&s->decoder, s->part, e)
			     : sink_put(mime_decoder_sink(&s->decoder), piece, e);
		if (r < 0)
			return -1;
	}
	return 0;
}

static ssize_t layer_read(struct source *source, char *p, size_t n, struct err *e)
{
	struct layer_source *s = (struct layer_source *)source;
	if (s->taken == s->buf.len && decode_more(s, e) < 0)
		return -1;
	size_t left = s->buf.len - s->taken;
	n = n < left ? n : left;
	if (n)
		memcpy(p, s->buf.ptr + s->taken, n);
	s->taken += n;
	return (ssize_t)n;
}

/* What the body of an encoded message decodes to becomes the window. */
static void push_decoded(struct mime_state *st, struct mime_part *part)
{
	struct layer *outer = st->layer;
	push_layer(st, NULL);
	struct layer_source *s = &st->layer->src;
	s->source.read = layer_read;
	s->state = st;
	s->outer = outer;
	s->part = part;
	buf_init(&s->buf, PIECE_MAX);
	sink_buf_init(&s->to, &s->buf);
	mime_decoder_init(&s->decoder, part, MIME_DECODE_BYTES, &s->to.sink);
}

static void pop_layer(struct mime_state *st)
{
	struct layer *l = st->layer;
	st->layer = l->outer;
	st->layers--;
	if (l->outer) {
		if (!l->src.ended)
			mime_decoder_end(&l->src.decoder, l->src.part, NULL);
		buf_release(&l->src.buf);
	}
	window_release(&l->win);
	boundaries_release(&l->boundaries);
	free(l);
}

/* --- parts ---------------------------------------------------------------------------------------------------------------------------------- */

static struct mime_part *new_part(struct mime_state *st, struct err *e)
{
	struct mime_part *parent = st->n ? top_frame(st)->part : NULL;
	unsigned depth = parent ? parent->depth + 1 : 0;
	if (depth > st->limits.depth) {
		err_set(e, EX_DATAERR, "parts are nested deeper than %u levels", st->limits.depth);
		return NULL;
	}
	if (st->part_count == st->limits.parts) {
		err_set(e, EX_DATAERR, "more than %u parts", st->limits.parts);
		return NULL;
	}
	struct mime_part *p = arena_new(&st->arena, 1, sizeof(*p));
	if (!p) {
		err_set(e, EX_DATAERR, "the parts need more than %d bytes of memory", ARENA_MAX);
		return NULL;
	}
	*p = (struct mime_part){.parent = parent,
	    .serial = (unsigned)st->part_count,
	    .depth = depth,
	    .number = "",
	    .charset = SPAN(""),
	    .filename = SPAN(""),
	    .content_id = SPAN(""),
	    .encoding = MIME_7BIT,
	    .disposition = MIME_NO_DISPOSITION,
	    .decoded = st->layers > 1,
	    .ends_at_padding = st->other & BIT(MIME_A_DATA_AFTER_PADDING),
	    .start = window_offset(&st->layer->win)};
	if (st->part_count == st->part_cap) {
		st->part_cap = st->part_cap ? 2 * st->part_cap : 16;
		st->parts = mem_resize(st->parts, st->part_cap, sizeof(struct mime_part *));
	}
	st->parts[st->part_count++] = p;
	return p;
}

static bool stops_header(void *ctx, struct span line)
{
	struct mime_state *st = ctx;
	return body_boundary(st, st->layer, line);
}

/* A part begins where the window stands. */
static int open_part(struct mime_state *st, struct err *e)
{
	struct mime_part *p = new_part(st, e);
	if (!p)
		return -1;
	bool message = !p->parent || p->parent->is_message;
	if (p->parent)
		p->index = ++top_frame(st)->children;
	if (st->n == st->cap) {
		st->cap = st->cap ? 2 * st->cap : 16;
		st->frames = mem_resize(st->frames, st->cap, sizeof(struct frame));
	}
	st->frames[st->n++] = (struct frame){.part = p, .boundary = SPAN(""), .prefix = ""};
	st->reader = (struct part_reader){.part = p,
	    .arena = &st->arena,
	    .boundary = SPAN(""),
	    .name = SPAN(""),
	    .other = st->other};
	st->fields = (struct field_reader){.win = &st->layer->win,
	    .limits = &st->limits,
	    .message = message,
	    .is_end = stops_header,
	    .ctx = st,
	    .total = &st->header_bytes};
	st->step = STEP_HEADER;
	return 0;
}

/* RFC 9051 6.4.5: a message's own multipart has no number, its only part is ".1". */
static int number_part(struct mime_state *st, struct err *e)
{
	struct frame *f = top_frame(st);
	struct mime_part *p = f->part;
	bool message = !p->parent || p->parent->is_message;
	bool multipart = !p->leaf && !p->is_message;
	const char *prefix = p->parent ? f[-1].prefix : "";
	char text[1200]; /* limits.depth is the caller's: what does not fit has no number */
	f->prefix = prefix;
	if (message && multipart)
		return 0;
	int n = snprintf(text, sizeof(text), "%s%u.", prefix, message ? 1 : p->index);
	if (n < 0 || (size_t)n >= sizeof(text))
		return 0;
	const char *with_dot = arena_str(&st->arena, span_make(text, (size_t)n));
	const char *number = arena_str(&st->arena, span_make(text, (size_t)n - 1));
	if (!with_dot || !number)
		return err_set(
		    e, EX_DATAERR, "the parts need more than %d bytes of memory", ARENA_MAX);
	f->prefix = with_dot;
	p->number = number;
	return 0;
}

/* Would a line be taken for a boundary of two of them by others? */
static void compare_boundaries(struct mime_state *st)
{
	struct frame *f = top_frame(st);
	for (size_t k = st->layer->floor; k + 1 < st->n; k++) {
		struct span a = st->frames[k].boundary, b = f->boundary;
		size_t n = a.len < b.len ? a.len : b.len;
		if (n && !st->frames[k].closed && memcmp(a.ptr, b.ptr, n) == 0)
			f->part->ambiguous |= BIT(MIME_A_BOUNDARY_PREFIX);
	}
}

static int end_header(struct mime_state *st, struct mime_event *ev, struct err *e)
{
	struct frame *f = top_frame(st);
	struct mime_part *p = f->part;
	enum field_end end = st->fields.end;
	p->tolerated |= st->fields.tolerated;
	if (end == FIELD_END_STOP || end == FIELD_END_EOF)
		p->tolerated |= BIT(MIME_T_NO_HEADER_END);
	bool digest = p->parent && strcmp(p->parent->type, "multipart") == 0 &&
		      strcmp(p->parent->subtype, "digest") == 0;
	part_settle(&st->reader, digest);
	if (p->is_message && p->encoding > MIME_BINARY && st->layers == LAYERS_MAX) {
		p->tolerated |= BIT(MIME_T_NOT_OPENED);
		p->is_message = false;
		p->leaf = true;
	}
	f->boundary = st->reader.boundary;
	compare_boundaries(st);
	if (f->boundary.len)
		boundaries_add(&st->layer->boundaries, f->boundary, st->n - 1);
	if (number_part(st, e) < 0)
		return -1;
	if (st->arena.over)
		return err_set(
		    e, EX_DATAERR, "the parts need more than %d bytes of memory", ARENA_MAX);
	p->body = window_offset(&st->layer->win);
	st->layer->line_start = true;
	st->layer->column = 0;
	st->step = STEP_BODY;
	*ev = (struct mime_event){.type = MIME_HEADERS_END, .part = p};
	return 1;
}

static int next_field(struct mime_state *st, struct mime_event *ev, struct err *e)
{
	struct field f;
	int r = field_next(&st->fields, &f, e);
	if (r < 0)
		return -1;
	if (r == 0)
		return end_header(st, ev, e);
	part_field(&st->reader, f.name, f.value, f.blank);
	*ev = (struct mime_event){.type = MIME_FIELD,
	    .part = top_frame(st)->part,
	    .name = f.name,
	    .value = f.value,
	    .offset = f.offset};
	return 1;
}

/* --- bodies --------------------------------------------------------------------------------------------------------------------------------- */

/* Base64 has no colon: a body that begins with a field was never encoded, whatever its header says. */
static int is_encoded(struct mime_state *st, struct mime_part *p, bool *encoded, struct err *e)
{
	enum { LOOK = 1000 };
	*encoded = p->encoding == MIME_QP || p->encoding == MIME_BASE64;
	if (p->encoding != MIME_BASE64)
		return 0;
	if (window_want(&st->layer->win, LOOK, e) < 0)
		return -1;
	struct span s = span_take(window_rest(&st->layer->win), LOOK), line = s;
	while (span_line(&s, &line) && !span_trim(line).len)
		;
	*encoded = span_index(line, ':') < 0;
	if (!*encoded)
		p->tolerated |= BIT(MIME_T_BAD_ENCODING);
	return 0;
}

/* The body of a message/rfc822 part is a message. */
static int open_message(struct mime_state *st, struct err *e)
{
	struct mime_part *p = top_frame(st)->part;
	bool encoded;
	if (is_encoded(st, p, &encoded, e) < 0)
		return -1;
	if (encoded)
		push_decoded(st, p);
	return open_part(st, e);
}

/* The layer's innermost body has ended: which frames stay. */
static void body_ended(struct mime_state *st)
{
	struct layer *l = st->layer;
	st->keep = l->hit ? l->frame + 1 : l->floor;
	st->step = STEP_UNWIND;
}

static int next_body(struct mime_state *st, struct mime_event *ev, struct err *e)
{
	struct frame *f = top_frame(st);
	*ev = (struct mime_event){.type = MIME_BODY, .part = f->part};
	int r = body_next(st, st->layer, &ev->body, &ev->offset, e);
	if (r < 0)
		return -1;
	if (!f->part->leaf)
		ev->where = f->closed ? MIME_IN_EPILOGUE : MIME_IN_PREAMBLE;
	if (r == 0)
		body_ended(st);
	return r;
}

/* --- ends ----------------------------------------------------------------------------------------------------------------------------------- */

static void close_part(struct mime_state *st, struct mime_event *ev)
{
	struct frame *f = top_frame(st);
	if (f->boundary.len && !f->closed)
		f->part->tolerated |= BIT(MIME_T_NO_CLOSING_BOUNDARY);
	f->part->end = window_offset(&st->layer->win);
	*ev = (struct mime_event){.type = MIME_PART_END, .part = f->part};
	st->n--;
	boundaries_remove(&st->layer->boundaries, st->n);
}

/* Behind a boundary: a part, or the epilogue. */
static int pass_boundary(struct mime_state *st, struct err *e)
{
	struct layer *l = st->layer;
	window_take(&l->win, l->skip);
	if (!l->closing)
		return open_part(st, e);
	top_frame(st)->closed = !(st->other & BIT(MIME_A_BOUNDARY_AFTER_CLOSE));
	l->line_start = true;
	l->column = 0;
	st->step = STEP_BODY;
	return 0;
}

/* 1 a part has ended, 0 all that had to are, go on. */
static int unwind(struct mime_state *st, struct mime_event *ev, struct err *e)
{
	if (st->n > st->keep) {
		close_part(st, ev);
		return 1;
	}
	if (st->layer->hit)
		return pass_boundary(st, e);
	if (!st->layer->outer) {
		st->step = STEP_DONE;
		return 0;
	}
	pop_layer(st); /* reading the layer to its end has read the encoded body below */
	body_ended(st);
	return 0;
}

int mime_next(struct mime_parser *p, struct mime_event *ev, struct err *e)
{
	struct mime_state *st = p->state;
	for (;;) {
		int r = 0;
		switch (st->step) {
		case STEP_BEGIN: r = open_part(st, e); break;
		case STEP_HEADER: r = next_field(st, ev, e); break;
		case STEP_BODY:
			r = top_frame(st)->part->is_message ? open_message(st, e)
							    : next_body(st, ev, e);
			break;
		case STEP_UNWIND: r = unwind(st, ev, e); break;
		case STEP_DONE: return 0;
		}
		if (r != 0)
			return r;
	}
}

/* --- the parser ------------------------------------------------------------------------------------------------------------------------------ */

void mime_parser_init(struct mime_parser *p, struct source *in, const struct mime_limits *limits)
{
	p->state = mem_new(1, sizeof(*p->state));
	p->state->limits = limits ? *limits : mime_limits_default;
	arena_init(&p->state->arena, ARENA_MAX);
	push_layer(p->state, in);
}

void mime_parser_read_as(struct mime_parser *p, uint32_t other)
{
	ENSURE(p->state->step == STEP_BEGIN);
	p->state->other = other;
}

void mime_parser_release(struct mime_parser *p)
{
	struct mime_state *st = p->state;
	if (!st)
		return;
	while (st->layer)
		pop_layer(st);
	arena_release(&st->arena);
	free(st->frames);
	free(st->parts);
	free(st);
	p->state = NULL;
}

uint32_t mime_parser_tolerated(const struct mime_parser *p)
{
	uint32_t bits = 0;
	for (size_t i = 0; i < p->state->part_count; i++)
		bits |= p->state->parts[i]->tolerated;
	return bits;
}

uint32_t mime_parser_ambiguous(const struct mime_parser *p)
{
	uint32_t bits = 0;
	for (size_t i = 0; i < p->state->part_count; i++)
		bits |= p->state->parts[i]->ambiguous;
	return bits;
}
