#include "parts.h"

#include "base/alloc.h"

#include <stdlib.h>

enum { TEXT_TOTAL = 32 << 20 }; /* of decoded text in one message's JSON */

/* --- reading: each leaf decoded, counted, and what else is wanted of it --- */

static int null_put(struct sink *s, struct span bytes, struct err *e)
{
	(void)s;
	(void)bytes;
	(void)e;
	return 0;
}

static int count_put(struct sink *s, struct span bytes, struct err *e)
{
	struct leaf *l = (struct leaf *)s;
	l->info->size += bytes.len;
	if (l->digesting)
		digest_add(&l->digest, bytes);
	return l->has_archive ? sink_put(&l->archive.sink, bytes, e) : 0;
}

static int text_put(struct sink *s, struct span bytes, struct err *e)
{
	struct leaf *l = (struct leaf *)(void *)((char *)s - offsetof(struct leaf, text_sink));
	buf_add(&l->info->text, bytes);
	(void)e;
	return 0;
}

static struct part_info *info_of(struct parts *p, struct mime_part *part)
{
	while (p->n <= part->serial) {
		if (p->n == p->cap) {
			p->cap = p->cap ? 2 * p->cap : 16;
			p->v = mem_resize(p->v, p->cap, sizeof(*p->v));
		}
		p->v[p->n++] = (struct part_info){0};
	}
	return &p->v[part->serial];
}

static struct leaf *leaf_of(struct embedded_handler *h)
{
	return (struct leaf *)(void *)((char *)h - offsetof(struct leaf, handler));
}

static int file_begin(struct embedded_handler *h, struct mime_part *file, struct err *e)
{
	struct leaf *l = leaf_of(h);
	struct parts *p = l->parts;
	if (p->file_count == p->file_cap) {
		p->file_cap = p->file_cap ? 2 * p->file_cap : 4;
		p->files = mem_resize(p->files, p->file_cap, sizeof(*p->files));
	}
	p->files[p->file_count++] = (struct part_info){.part = file};
	if (l->digesting)
		digest_init(&l->file_digest, DIGEST_SHA256);
	(void)e;
	return 0;
}

static int file_put(
    struct embedded_handler *h, struct mime_part *file, struct span bytes, struct err *e)
{
	struct leaf *l = leaf_of(h);
	l->parts->files[l->parts->file_count - 1].size += bytes.len;
	if (l->digesting)
		digest_add(&l->file_digest, bytes);
	(void)file, (void)e;
	return 0;
}

static int file_end(struct embedded_handler *h, struct mime_part *file, struct err *e)
{
	struct leaf *l = leaf_of(h);
	unsigned char sum[DIGEST_MAX];
	(void)file, (void)e;
	if (!l->digesting)
		return 0;
	struct part_info *info = &l->parts->files[l->parts->file_count - 1];
	digest_final(&l->file_digest, sum);
	memcpy(info->sha256, sum, sizeof(info->sha256));
	return 0;
}

/* Where the leaf's bytes go besides: to who looks for files in them. */
static struct sink *embedded_sink(struct parts *p, struct leaf *l)
{
	l->has_embedded = embedded_possible(l->part);
	if (!l->has_embedded)
		return NULL;
	l->handler = (struct embedded_handler){file_begin, file_put, file_end};
	embedded_init(&l->embedded, l->part, &l->handler, &p->arena);
	return &l->embedded.sink;
}

static void leaf_begin(struct parts *p, struct leaf *l, struct mime_part *part)
{
	static struct sink nowhere = {.put = null_put};
	bool text = mime_part_is(part, "text");
	l->count = (struct sink){.put = count_put};
	l->parts = p;
	l->part = part;
	l->info = &p->v[part->serial];
	l->open = true;
	l->digesting = p->what & PARTS_DIGEST;
	if (l->digesting)
		digest_init(&l->digest, DIGEST_SHA256);
	l->has_archive = p->what & PARTS_ARCHIVE && !text;
	if (l->has_archive)
		parts_archive_init(&l->archive);
	l->has_text = text && (p->what & (PARTS_TEXT | PARTS_CHECK));
	l->has_bytes = !l->has_text || !(p->what & PARTS_CHECK);
	struct sink *tap = embedded_sink(p, l);
	if (l->has_bytes) {
		mime_decoder_init_tap(&l->bytes, part, MIME_DECODE_BYTES, &l->count, tap);
		tap = NULL;
	}
	if (!l->has_text)
		return;
	l->text_sink.put = text_put;
	buf_init(&l->info->text, TEXT_TOTAL > p->text_bytes ? TEXT_TOTAL - p->text_bytes : 0);
	mime_decoder_init_tap(
	    &l->text, part, MIME_DECODE_TEXT, p->what & PARTS_TEXT ? &l->text_sink : &nowhere, tap);
}

static int leaf_put(struct leaf *l, struct span bytes, struct err *e)
{
	if (l->has_bytes && sink_put(mime_decoder_sink(&l->bytes), bytes, e) < 0)
		return -1;
	return l->has_text ? sink_put(mime_decoder_sink(&l->text), bytes, e) : 0;
}

static void end_archive(struct leaf *l)
{
	if (!l->has_archive)
		return;
	sink_end(&l->archive.sink, NULL);
	l->info->archive = json_incref(l->archive.entries);
	l->info->archive_cut = !l->archive.whole;
	parts_archive_release(&l->archive);
}

static int leaf_end(struct parts *p, struct leaf *l, struct err *e)
{
	unsigned char sum[DIGEST_MAX];
	int code = l->has_bytes ? mime_decoder_end(&l->bytes, l->part, e) : 0;
	if (l->has_text && mime_decoder_end(&l->text, l->part, e) < 0)
		code = -1;
	if (l->digesting) {
		digest_final(&l->digest, sum);
		memcpy(l->info->sha256, sum, sizeof(l->info->sha256));
	}
	end_archive(l);
	if (l->has_embedded)
		embedded_release(&l->embedded);
	p->text_bytes += l->info->text.len;
	l->info->has_text = l->has_text;
	l->open = false;
	return code;
}

static void keep_field(struct parts *p, const struct mime_event *ev)
{
	static const struct {
		const char *name;
		size_t offset;
	} fields[] = {{"Subject", offsetof(struct parts, subject)},
	    {"From", offsetof(struct parts, from)}, {"To", offsetof(struct parts, to)},
	    {"Cc", offsetof(struct parts, cc)}, {"Date", offsetof(struct parts, date)},
	    {"Message-ID", offsetof(struct parts, message_id)}};
	for (size_t i = 0; ev->part->serial == 0 && i < ARRAY_LEN(fields); i++) {
		struct span *at = (struct span *)(void *)((char *)p + fields[i].offset);
		if (!at->ptr && span_is_nocase(ev->name, fields[i].name))
			*at = arena_dup(&p->arena, ev->value);
	}
}

static int on_event(struct parts *p, struct leaf *l, const struct mime_event *ev, struct err *e)
{
	switch (ev->type) {
	case MIME_FIELD: keep_field(p, ev); return 0;
	case MIME_HEADERS_END:
		info_of(p, ev->part)->part = ev->part;
		if (ev->part->serial == 0)
			p->charset = ev->part->charset;
		if (ev->part->leaf)
			leaf_begin(p, l, ev->part);
		return 0;
	case MIME_BODY:
		return l->open && l->part == ev->part && ev->where == MIME_IN_BODY
			   ? leaf_put(l, ev->body, e)
			   : 0;
	case MIME_PART_END: return l->open && l->part == ev->part ? leaf_end(p, l, e) : 0;
	}
	return 0;
}

int parts_read(struct parts *p, struct source *in, int what, struct err *e)
{
	struct mime_event ev;
	struct leaf leaf = {.open = false};
	int r;
	*p = (struct parts){.what = what};
	arena_init(&p->arena, 64 << 20);
	mime_parser_init(&p->parser, in, NULL);
	while ((r = mime_next(&p->parser, &ev, e)) > 0)
		if ((r = on_event(p, &leaf, &ev, e)) < 0)
			break;
	if (leaf.open)
		leaf_end(p, &leaf, NULL);
	return r < 0 ? -1 : 0;
}

size_t parts_embedded(
    const struct parts *p, const struct mime_part *leaf, const struct part_info **files)
{
	size_t from = 0, n = 0;
	while (from < p->file_count && p->files[from].part->parent != leaf)
		from++;
	while (from + n < p->file_count && p->files[from + n].part->parent == leaf)
		n++;
	*files = p->files + from;
	return n;
}

void parts_release(struct parts *p)
{
	for (size_t i = 0; i < p->n; i++) {
		buf_release(&p->v[i].text);
		json_decref(p->v[i].archive);
	}
	free(p->v);
	free(p->files);
	mime_parser_release(&p->parser);
	arena_release(&p->arena);
}
