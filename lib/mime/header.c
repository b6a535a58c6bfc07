#include "mime/header.h"

#include "base/alloc.h"
#include "codec/utf8.h"
#include "mime/field.h"
#include "mime/word.h"

#include <stdlib.h>

enum { CHUNK = 8192 };

static int add_field(struct header *h, const struct field *f, struct err *e)
{
	struct header_field own = {.offset = f->offset, .length = f->length};
	own.name = arena_dup(&h->arena, f->name);
	own.value = arena_dup(&h->arena, f->value);
	if (!own.name.ptr || !own.value.ptr)
		return err_set(e, EX_DATAERR, "the header needs more than %zu bytes", h->arena.max);
	if (h->n == h->cap) {
		h->cap = h->cap ? 2 * h->cap : 32;
		h->v = mem_resize(h->v, h->cap, sizeof(*h->v));
	}
	h->v[h->n++] = own;
	return 0;
}

static int read_fields(struct header *h, struct field_reader *r, struct err *e)
{
	struct field f;
	int more;
	while ((more = field_next(r, &f, e)) > 0) {
		if (h->n == 0)
			h->start = f.offset;
		if (add_field(h, &f, e) < 0)
			return -1;
	}
	h->end = window_offset(r->win);
	if (h->n == 0)
		h->start = h->end;
	h->complete = r->end == FIELD_END_LINE;
	h->tolerated = r->tolerated;
	if (r->end == FIELD_END_EOF)
		h->tolerated |= UINT32_C(1) << MIME_T_NO_HEADER_END;
	return more;
}

int header_read(
    struct header *h, struct source *in, const struct mime_limits *limits, struct err *e)
{
	struct header fresh = HEADER_INIT;
	struct window w;
	size_t total = 0;
	window_init(&w, in, CHUNK);
	struct field_reader r = {.win = &w,
	    .limits = limits ? limits : &mime_limits_default,
	    .message = true,
	    .total = &total};
	int code = read_fields(&fresh, &r, e);
	window_release(&w);
	if (code < 0) {
		header_release(&fresh);
		return -1;
	}
	*h = fresh;
	return 0;
}

void header_release(struct header *h)
{
	arena_release(&h->arena);
	free(h->v);
	*h = (struct header)HEADER_INIT;
}

struct span header_get_nth(const struct header *h, const char *name, size_t i)
{
	for (size_t k = 0; k < h->n; k++)
		if (span_is_nocase(h->v[k].name, name) && i-- == 0)
			return h->v[k].value;
	return span_make(NULL, 0);
}

struct span header_get(const struct header *h, const char *name)
{
	return header_get_nth(h, name, 0);
}

struct span header_charset(const struct header *h, struct arena *a)
{
	struct span main, type = header_get(h, "Content-Type"), charset = SPAN("");
	struct mime_params params;
	if (!type.ptr)
		return charset;
	mime_params_parse(a, type, &main, &params);
	charset = mime_params_get(&params, "charset");
	return charset.ptr ? charset : SPAN("");
}

void header_decode(const struct header *h, struct span value, struct buf *b)
{
	struct buf tmp = BUF_INIT(4 * value.len + 64);
	struct arena a = ARENA_INIT(1 << 20);
	if (!utf8_valid(value))
		value = word_utf8(&tmp, value, header_charset(h, &a));
	word_decode(b, value);
	buf_release(&tmp);
	arena_release(&a);
}

void header_text(const struct header *h, const char *name, struct buf *b)
{
	struct span value = header_get(h, name);
	if (value.ptr)
		header_decode(h, value, b);
}

int header_addresses(
    struct header *h, const char *name, struct arena *a, struct address_list *out, struct err *e)
{
	struct address_list all = *out;
	for (size_t i = 0;; i++) {
		struct address_list more = {0};
		struct span value = header_get_nth(h, name, i);
		if (!value.ptr)
			break;
		if (address_list_parse(a, value, &more, e) < 0)
			return err_prefix(e, "%s: ", name);
		all.bad += more.bad;
		if (!more.n)
			continue;
		struct address *v = arena_new(a, all.n + more.n, sizeof(*v));
		if (!v)
			return err_set(e, EX_DATAERR, "%s: too many addresses", name);
		if (all.n)
			memcpy(v, all.v, all.n * sizeof(*v));
		memcpy(v + all.n, more.v, more.n * sizeof(*v));
		all.v = v;
		all.n += more.n;
	}
	*out = all;
	return 0;
}
