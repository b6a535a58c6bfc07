#include "compose/original.h"

#include "base/alloc.h"
#include "compose/text.h"
#include "mime/decode.h"
#include "mime/legacy.h"
#include "mime/shape.h"

#include <stdlib.h>

int original_read(struct original *o, struct source *in, struct err *e)
{
	struct source_spool from;
	*o = (struct original){.header = HEADER_INIT};
	spool_init(&o->spool);
	if (sink_pump(&o->spool.sink, in, e) < 0) {
		spool_release(&o->spool);
		return -1;
	}
	source_spool_init(&from, &o->spool);
	if (header_read(&o->header, &from.source, NULL, e) < 0) {
		spool_release(&o->spool);
		return -1;
	}
	return 0;
}

void original_release(struct original *o)
{
	header_release(&o->header);
	spool_release(&o->spool);
}

/* --- parts -------------------------------------------------------------------- */

/* In a message that is attached, not in this one. */
static bool is_inside_message(const struct mime_part *p)
{
	for (p = p->parent; p; p = p->parent)
		if (p->is_message)
			return true;
	return false;
}

static bool is_readable(const struct mime_part *p, const char *type)
{
	return p->leaf && mime_part_is(p, type) && !mime_part_is_attachment(p) &&
	       !is_inside_message(p);
}

/* Decodes leaves of a type into one spool, one after another. *legacy, if given: does the last of them repeat its header? */
static int collect(
    const struct original *o, const char *type, struct spool *to, bool *legacy, struct err *e)
{
	struct source_spool in;
	struct mime_parser p;
	struct mime_event ev;
	struct mime_decoder d;
	bool decoding = false;
	int r;
	source_spool_init(&in, &o->spool);
	mime_parser_init(&p, &in.source, NULL);
	while ((r = mime_next(&p, &ev, e)) > 0) {
		if (ev.type == MIME_HEADERS_END && is_readable(ev.part, type)) {
			mime_decoder_init(&d, ev.part, MIME_DECODE_SHOWN, &to->sink);
			decoding = true;
			if (legacy)
				*legacy = mime_part_has_legacy_display(ev.part);
		}
		if (decoding && ev.type == MIME_BODY)
			r = sink_put(mime_decoder_sink(&d), ev.body, e);
		if (decoding && ev.type == MIME_PART_END) {
			decoding = false;
			r = mime_decoder_end(&d, ev.part, e);
			if (r == 0 && strcmp(type, "text/html") == 0)
				break; /* the first one is the message */
		}
		if (r < 0)
			break;
	}
	if (decoding)
		mime_decoder_end(&d, ev.part, NULL);
	mime_parser_release(&p);
	return r < 0 ? -1 : 0;
}

static bool is_blank(const struct spool *sp)
{
	char bytes[4096];
	ssize_t n = spool_pread(sp, bytes, sizeof(bytes), 0, NULL);
	return n <= 0 || !span_trim(span_make(bytes, (size_t)n)).len;
}

int original_text(const struct original *o, struct spool *text, struct err *e)
{
	struct spool html;
	bool legacy = false;
	if (collect(o, "text/plain", text, NULL, e) < 0)
		return -1;
	if (!is_blank(text))
		return 0;
	spool_init(&html);
	int r = collect(o, "text/html", &html, &legacy, e);
	if (r == 0 && html.size)
		r = spool_reset(text, e);
	if (r == 0 && html.size)
		r = text_from_html(text, &html, legacy, e);
	spool_release(&html);
	return r;
}

/* --- what is attached ------------------------------------------------------------ */

struct taker {
	original_take *take;
	void *ctx;
	struct mime_part *part; /* being decoded */
	struct mime_decoder decoder;
	struct spool spool;
};

static bool is_wanted(const struct mime_part *p)
{
	return p->leaf && !is_inside_message(p) && !is_readable(p, "text/plain") &&
	       !is_readable(p, "text/html");
}

static int hand_over(struct taker *t, const struct mime_part *part, struct err *e)
{
	int r = t->take(t->ctx, part, &t->spool, e);
	spool_release(&t->spool);
	return r;
}

/* The bytes of an attached message are there as they are, unless they were encoded: then the parser saw them decoded, and they are lost here. */
static int copy_message(
    const struct original *o, struct taker *t, const struct mime_part *part, struct err *e)
{
	struct source_spool in;
	spool_init(&t->spool);
	source_spool_range(&in, &o->spool, part->body, part->end - part->body);
	if (sink_pump(&t->spool.sink, &in.source, e) < 0) {
		spool_release(&t->spool);
		return -1;
	}
	return hand_over(t, part, e);
}

static int take_event(
    const struct original *o, struct taker *t, const struct mime_event *ev, struct err *e)
{
	bool message = ev->part->is_message && !is_inside_message(ev->part);
	if (ev->type == MIME_PART_END && message)
		return copy_message(o, t, ev->part, e);
	if (ev->type == MIME_HEADERS_END && is_wanted(ev->part)) {
		t->part = ev->part;
		spool_init(&t->spool);
		mime_decoder_init(&t->decoder, ev->part, MIME_DECODE_BYTES, &t->spool.sink);
	}
	if (t->part != ev->part)
		return 0;
	if (ev->type == MIME_BODY)
		return sink_put(mime_decoder_sink(&t->decoder), ev->body, e);
	if (ev->type != MIME_PART_END)
		return 0;
	t->part = NULL;
	if (mime_decoder_end(&t->decoder, ev->part, e) < 0) {
		spool_release(&t->spool);
		return -1;
	}
	return hand_over(t, ev->part, e);
}

int original_attachments(const struct original *o, original_take *take, void *ctx, struct err *e)
{
	struct taker t = {.take = take, .ctx = ctx};
	struct source_spool in;
	struct mime_parser p;
	struct mime_event ev;
	int r;
	source_spool_init(&in, &o->spool);
	mime_parser_init(&p, &in.source, NULL);
	while ((r = mime_next(&p, &ev, e)) > 0)
		if ((r = take_event(o, &t, &ev, e)) < 0)
			break;
	if (t.part) {
		mime_decoder_end(&t.decoder, t.part, NULL);
		spool_release(&t.spool);
	}
	mime_parser_release(&p);
	return r;
}

/* --- a copy ---------------------------------------------------------------------- */

static int copy_range(
    const struct original *o, uint64_t from, uint64_t to, struct sink *out, struct err *e)
{
	struct source_spool in;
	source_spool_range(&in, &o->spool, from, to - from);
	return sink_pump(out, &in.source, e);
}

static bool is_one_of(struct span name, const char *const *names)
{
	for (; *names; names++)
		if (span_is_nocase(name, *names))
			return true;
	return false;
}

static int copy_fields(
    const struct original *o, const char *const *without, struct sink *to, struct err *e)
{
	for (size_t i = 0; i < o->header.n; i++) {
		const struct header_field *f = &o->header.v[i];
		if (is_one_of(f->name, without))
			continue;
		if (copy_range(o, f->offset, f->offset + f->length, to, e) < 0)
			return -1;
	}
	/* the last field may have lost its line end, and the header its empty line */
	return sink_puts(to, o->header.n && !o->header.complete ? "\n\n" : "\n", e);
}

int original_copy(
    const struct original *o, const char *const *without, struct sink *to, struct err *e)
{
	struct filter_crlf lf;
	filter_crlf_init(&lf, to, CRLF_LOCAL);
	if (copy_fields(o, without, &lf.sink, e) < 0)
		return -1;
	return copy_range(o, o->header.end, o->spool.size, &lf.sink, e);
}
