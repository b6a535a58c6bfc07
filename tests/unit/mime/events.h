/*
 * events.h - a message's events written as text, read at several cuts: what the tests of the parser compare.
 */
#ifndef SURAT_TESTS_EVENTS_H
#define SURAT_TESTS_EVENTS_H

#include "mime/decode.h"
#include "mime/embedded.h"
#include "mime/parse.h"

#include <inttypes.h>

enum { EVENTS_BODY = 1, EVENTS_FIELDS = 2, EVENTS_OFFSETS = 4, EVENTS_DECODED = 8 };

static void events_quote(struct buf *b, struct span s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];
		if (c == '\n')
			buf_adds(b, "\\n");
		else if (c == '\r')
			buf_adds(b, "\\r");
		else if (c < 32 || c >= 127 || c == '|' || c == '\\')
			buf_addf(b, "\\x%02x", c);
		else
			buf_addc(b, (char)c);
	}
}

static void events_bits(struct buf *b, uint32_t tolerated, uint32_t ambiguous)
{
	for (int i = 0; i < MIME_T_COUNT; i++)
		if (tolerated >> i & 1)
			buf_addf(b, " %s", mime_tolerance_name((enum mime_tolerance)i));
	for (int i = 0; i < MIME_A_COUNT; i++)
		if (ambiguous >> i & 1)
			buf_addf(b, " !%s", mime_ambiguity_name((enum mime_ambiguity)i));
}

static void events_header(struct buf *b, const struct mime_part *p, int what)
{
	static const char *const encodings[] = {"", "8bit", "binary", "qp", "base64", "uu", "?"};
	buf_addf(b, "%*s%s %s/%s", (int)p->depth, "", p->number, p->type, p->subtype);
	if (*encodings[p->encoding])
		buf_addf(b, " %s", encodings[p->encoding]);
	if (p->charset.len)
		buf_addf(b, " charset=%.*s", SPAN_ARG(p->charset));
	if (p->filename.len)
		buf_addf(b, " name=%.*s", SPAN_ARG(p->filename));
	if (p->content_id.len)
		buf_addf(b, " id=%.*s", SPAN_ARG(p->content_id));
	if (p->disposition != MIME_NO_DISPOSITION)
		buf_adds(b, p->disposition == MIME_INLINE ? " inline" : " attachment");
	if (what & EVENTS_OFFSETS)
		buf_addf(b, " %" PRIu64 "+%" PRIu64, p->start, p->body);
	buf_adds(b, "|");
}

/* A body's pieces follow each other: written as one. */
struct events_writer {
	struct buf *b;
	int what;
	const struct mime_event *last;
	struct mime_part *open; /* whose body is being written */
	enum mime_where where;
	struct mime_decoder decoder;
	struct buf body;
	struct sink_buf to;
	/* files embedded in it: written behind it */
	struct embedded_handler handler;
	struct embedded embedded;
	struct arena arena;
	struct buf files;
	bool embeds;
};

static struct events_writer *events_of(struct embedded_handler *h)
{
	return (
	    struct events_writer *)(void *)((char *)h - offsetof(struct events_writer, handler));
}

static int events_file_begin(struct embedded_handler *h, struct mime_part *file, struct err *e)
{
	struct buf *b = &events_of(h)->files;
	buf_addf(
	    b, "%*s+%s %s/%s name=", (int)file->depth, "", file->number, file->type, file->subtype);
	events_quote(b, file->filename);
	buf_adds(b, " \"");
	(void)e;
	return 0;
}

static int events_file_put(
    struct embedded_handler *h, struct mime_part *file, struct span bytes, struct err *e)
{
	events_quote(&events_of(h)->files, bytes);
	(void)file, (void)e;
	return 0;
}

static int events_file_end(struct embedded_handler *h, struct mime_part *file, struct err *e)
{
	buf_adds(&events_of(h)->files, "\"");
	events_bits(&events_of(h)->files, file->tolerated, file->ambiguous);
	buf_adds(&events_of(h)->files, "|");
	(void)e;
	return 0;
}

static void events_decoder(struct events_writer *w, struct mime_part *part)
{
	int flags = strcmp(part->type, "text") ? MIME_DECODE_BYTES : MIME_DECODE_TEXT;
	w->embeds = embedded_possible(part);
	w->handler = (struct embedded_handler){events_file_begin, events_file_put, events_file_end};
	arena_init(&w->arena, 64 << 20);
	buf_init(&w->files, 256u << 20);
	if (w->embeds)
		embedded_init(&w->embedded, part, &w->handler, &w->arena);
	mime_decoder_init_tap(
	    &w->decoder, part, flags, &w->to.sink, w->embeds ? &w->embedded.sink : NULL);
}

static void events_decoder_end(struct events_writer *w, struct mime_part *part)
{
	mime_decoder_end(&w->decoder, part, NULL);
	if (w->embeds)
		embedded_release(&w->embedded);
	arena_release(&w->arena);
}

static void events_close_body(struct events_writer *w)
{
	static const char *const where[] = {"", "preamble ", "epilogue "};
	struct mime_part *p = w->open;
	if (!p)
		return;
	if (p->leaf && w->what & EVENTS_DECODED)
		events_decoder_end(w, p);
	buf_addf(w->b, "%*s%s\"", (int)p->depth, "", where[w->where]);
	events_quote(w->b, buf_span(&w->body));
	buf_adds(w->b, "\"|");
	if (p->leaf && w->what & EVENTS_DECODED) {
		buf_add(w->b, buf_span(&w->files));
		buf_release(&w->files);
	}
	buf_reset(&w->body);
	w->open = NULL;
}

static void events_body(struct events_writer *w, const struct mime_event *ev)
{
	bool decode = ev->part->leaf && w->what & EVENTS_DECODED;
	if (w->open != ev->part) {
		events_close_body(w);
		w->open = ev->part;
		w->where = ev->where;
		sink_buf_init(&w->to, &w->body);
		if (decode)
			events_decoder(w, ev->part);
	}
	if (decode)
		sink_put(mime_decoder_sink(&w->decoder), ev->body, NULL);
	else
		buf_add(&w->body, ev->body);
}

static void events_one(struct events_writer *w, const struct mime_event *ev)
{
	struct buf *b = w->b;
	if (ev->type == MIME_BODY) {
		if (w->what & (EVENTS_BODY | EVENTS_DECODED))
			events_body(w, ev);
		return;
	}
	events_close_body(w);
	if (ev->type == MIME_HEADERS_END)
		events_header(b, ev->part, w->what);
	if (ev->type == MIME_FIELD && w->what & EVENTS_FIELDS) {
		buf_addf(b, "%*s", (int)ev->part->depth, "");
		events_quote(b, ev->name);
		buf_addc(b, ':');
		events_quote(b, ev->value);
		buf_addc(b, '|');
	}
	if (ev->type != MIME_PART_END)
		return;
	buf_addf(b, "%*s.", (int)ev->part->depth, "");
	events_bits(b, ev->part->tolerated, ev->part->ambiguous);
	if (w->what & EVENTS_OFFSETS)
		buf_addf(b, " -%" PRIu64, ev->part->end);
	buf_adds(b, "|");
}

/* All of a message as text, '|' behind each event; an error ends it. Returns what mime_next did last. */
__attribute__((unused)) static int events_write(struct buf *b, struct span message, size_t chunk,
    int what, const struct mime_limits *limits, struct err *e)
{
	struct source_mem in;
	struct mime_parser p;
	struct mime_event ev;
	struct events_writer w = {.b = b, .what = what, .body = BUF_INIT(256u << 20)};
	int r;
	source_mem_init(&in, message);
	in.chunk = chunk;
	mime_parser_init(&p, &in.source, limits);
	while ((r = mime_next(&p, &ev, e)) > 0)
		events_one(&w, &ev);
	events_close_body(&w);
	if (r < 0)
		buf_addf(b, "ERROR %s", e->text);
	mime_parser_release(&p);
	buf_release(&w.body);
	return r;
}

#endif
