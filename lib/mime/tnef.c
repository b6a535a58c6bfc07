#include "mime/tnef.h"

#include "base/alloc.h"
#include "codec/charset.h"

#include <stdio.h>
#include <stdlib.h>

enum {
	SIGNATURE = 0x223e9f78,
	SIGNATURE_BYTES = 6, /* and a key */
	HEAD_BYTES = 9,      /* level, attribute, length */
	CHECKSUM_BYTES = 2,
	ATTRIBUTES_MAX = 100000,
	NAME_BYTES = 4096,
	PROPERTIES_BYTES = 1 << 20, /* of an attachment: those behind are not seen */
	PROPERTIES_MAX = 10000,
	ARENA_MAX = 8 << 20
};
/* [MS-OXTNEF] 2.1.3.2 */
enum attribute {
	OEM_CODEPAGE = 0x00069007,
	ATTACHMENT_BEGINS = 0x00069002,
	ATTACHMENT_DATA = 0x0006800f,
	ATTACHMENT_TITLE = 0x00018010,
	ATTACHMENT_PROPERTIES = 0x00069005
};
/* [MS-OXPROPS]; types of [MS-OXCDATA] 2.11.1 */
enum property {
	ATTACH_DATA = 0x3701,
	ATTACH_LONG_FILENAME = 0x3707,
	ATTACH_MIME_TAG = 0x370e,
	DISPLAY_NAME = 0x3001
};
enum type {
	TYPE_STRING8 = 0x1e,
	TYPE_UNICODE = 0x1f,
	TYPE_BINARY = 0x102,
	TYPE_OBJECT = 0x0d,
	MULTIPLE = 0x1000
};
enum { NAMED = 0x8000, GUID_BYTES = 16, KIND_NAME = 1 };

struct reader {
	struct tnef *t;
	const struct spool *in;
	size_t most, cap;
	char charset[16];
	bool has_long_name;
};

static uint32_t get16(const char *p)
{
	return (uint32_t)(unsigned char)p[0] | (uint32_t)(unsigned char)p[1] << 8;
}

static uint32_t get32(const char *p)
{
	return get16(p) | get16(p + 2) << 16;
}

/* n bytes, fewer at the end: how many, or -1. */
static ssize_t read_at(struct reader *r, char *p, size_t n, uint64_t at, struct err *e)
{
	size_t have = 0;
	while (have < n) {
		ssize_t got = spool_pread(r->in, p + have, n - have, at + have, e);
		if (got <= 0)
			return got < 0 ? -1 : (ssize_t)have;
		have += (size_t)got;
	}
	return (ssize_t)have;
}

/* --- names --- */

/* Up to its NUL, from a charset. */
static struct span text_of(struct reader *r, struct span bytes, const char *charset)
{
	struct buf out = BUF_INIT(4 * NAME_BYTES);
	bool wide = strcmp(charset, "utf-16le") == 0;
	size_t unit = wide ? 2 : 1, n = 0;
	while (n + unit <= bytes.len && (bytes.ptr[n] || (wide && bytes.ptr[n + 1])))
		n += unit;
	charset_to_utf8(&out, span_of(charset), span_take(bytes, n));
	struct span s = arena_dup(&r->t->arena, buf_span(&out));
	buf_release(&out);
	return s.ptr ? s : SPAN("");
}

static struct tnef_file *last(struct reader *r)
{
	return r->t->n ? &r->t->v[r->t->n - 1] : NULL;
}

/* --- MAPI properties of an attachment --- */

struct cursor {
	struct span left;
	uint64_t offset; /* of it, in the spool */
	bool cut;
};

static struct span take(struct cursor *c, size_t n)
{
	c->cut |= n > c->left.len;
	struct span s = span_take(c->left, n);
	c->left = span_skip(c->left, s.len);
	c->offset += s.len;
	return s;
}

static uint32_t take32(struct cursor *c)
{
	struct span s = take(c, 4);
	return s.len == 4 ? get32(s.ptr) : 0;
}

static struct span take_padded(struct cursor *c, size_t n)
{
	struct span s = take(c, n);
	take(c, -n & 3);
	return s;
}

/* Bytes of a value of a fixed size, padded to four; 0: its size stands before it. */
static size_t size_of(uint32_t type)
{
	switch (type) {
	case 0x05:
	case 0x06:
	case 0x07:
	case 0x14:
	case 0x40: return 8;
	case 0x48: return 16;
	case TYPE_STRING8:
	case TYPE_UNICODE:
	case TYPE_BINARY:
	case TYPE_OBJECT: return 0;
	default: return 4;
	}
}

/* An object's bytes stand behind the GUID of its interface. */
static void note_data(struct tnef_file *f, uint32_t type, struct span value, uint64_t offset)
{
	size_t head = type == TYPE_OBJECT ? GUID_BYTES : 0;
	if (f->size || value.len <= head)
		return;
	f->offset = offset + head;
	f->size = value.len - head;
}

static void note_property(
    struct reader *r, uint32_t id, uint32_t type, struct span value, uint64_t offset)
{
	struct tnef_file *f = last(r);
	const char *charset = type == TYPE_UNICODE ? "utf-16le" : r->charset;
	bool text = type == TYPE_UNICODE || type == TYPE_STRING8;
	if (id == ATTACH_LONG_FILENAME && text) {
		f->name = text_of(r, value, charset);
		r->has_long_name = true;
	} else if (id == DISPLAY_NAME && text && !f->name.len) {
		f->name = text_of(r, value, charset);
	} else if (id == ATTACH_MIME_TAG && text) {
		f->type = text_of(r, value, charset);
	} else if (id == ATTACH_DATA && (type == TYPE_BINARY || type == TYPE_OBJECT)) {
		note_data(f, type, value, offset);
	}
}

static void pass_property_name(struct cursor *c)
{
	take(c, GUID_BYTES);
	uint32_t kind = take32(c);
	uint32_t n = take32(c);
	if (kind == KIND_NAME)
		take_padded(c, n);
}

static void read_property(struct reader *r, struct cursor *c)
{
	struct span head = take(c, 4);
	uint32_t type = head.len == 4 ? get16(head.ptr) : 0,
		 id = head.len == 4 ? get16(head.ptr + 2) : 0;
	size_t size = size_of(type & ~(uint32_t)MULTIPLE);
	if (id >= NAMED)
		pass_property_name(c);
	uint32_t count = type & MULTIPLE || !size ? take32(c) : 1;
	for (; count && !c->cut; count--) {
		uint32_t n = size ? (uint32_t)size : take32(c);
		uint64_t offset = c->offset;
		struct span value = take_padded(c, n);
		if (!(type & MULTIPLE))
			note_property(r, id, type, value, offset);
	}
}

static void read_properties(struct reader *r, struct span bytes, uint64_t offset)
{
	struct cursor c = {.left = bytes, .offset = offset};
	uint32_t count = take32(&c);
	for (uint32_t i = 0; i < count && i < PROPERTIES_MAX && !c.cut; i++)
		read_property(r, &c);
	r->t->damaged |= c.cut;
}

/* --- attributes --- */

static bool begin_file(struct reader *r)
{
	struct tnef *t = r->t;
	if (t->n == r->most)
		return false;
	if (t->n == r->cap) {
		r->cap = r->cap ? 2 * r->cap : 8;
		t->v = mem_resize(t->v, r->cap, sizeof(*t->v));
	}
	t->v[t->n++] = (struct tnef_file){.name = SPAN(""), .type = SPAN("")};
	r->has_long_name = false;
	return true;
}

static void note_attribute(struct reader *r, uint32_t what, struct span bytes, uint64_t offset)
{
	struct tnef_file *f = last(r);
	if (what == OEM_CODEPAGE && bytes.len >= 4 && get32(bytes.ptr) < 100000)
		snprintf(r->charset, sizeof(r->charset), "cp%u", (unsigned)get32(bytes.ptr));
	if (what == ATTACHMENT_TITLE && f && !r->has_long_name)
		f->name = text_of(r, bytes, r->charset);
	if (what == ATTACHMENT_PROPERTIES && f)
		read_properties(r, bytes, offset);
}

/* How much of the attribute is wanted in memory. */
static size_t wanted(uint32_t what)
{
	switch (what) {
	case OEM_CODEPAGE: return 8;
	case ATTACHMENT_TITLE: return NAME_BYTES;
	case ATTACHMENT_PROPERTIES: return PROPERTIES_BYTES;
	default: return 0;
	}
}

static int read_attribute(
    struct reader *r, uint32_t what, uint64_t offset, uint64_t size, struct err *e)
{
	size_t n = wanted(what);
	n = n < size ? n : (size_t)size;
	if (!n)
		return 0;
	char *bytes = mem_resize(NULL, n, 1);
	ssize_t got = read_at(r, bytes, n, offset, e);
	if (got >= 0)
		note_attribute(r, what, span_make(bytes, (size_t)got), offset);
	free(bytes);
	return got < 0 ? -1 : 0;
}

/* 1 and *offset behind the attribute; 0 the end. */
static int next_attribute(struct reader *r, uint64_t *offset, struct err *e)
{
	char head[HEAD_BYTES];
	uint64_t left = r->in->size - *offset;
	if (left < HEAD_BYTES) {
		r->t->damaged |= left != 0;
		return 0;
	}
	if (read_at(r, head, HEAD_BYTES, *offset, e) < 0)
		return -1;
	uint32_t what = get32(head + 1);
	uint64_t size = get32(head + 5), at = *offset + HEAD_BYTES;
	bool cut = size + CHECKSUM_BYTES > r->in->size - at;
	if (cut && size > r->in->size - at)
		size = r->in->size - at;
	r->t->damaged |= cut;
	if (what == ATTACHMENT_BEGINS && !begin_file(r))
		return 0;
	if (what == ATTACHMENT_DATA && r->t->n) {
		last(r)->offset = at;
		last(r)->size = size;
		last(r)->cut = cut;
	}
	*offset = at + size + CHECKSUM_BYTES;
	if (read_attribute(r, what, at, size, e) < 0)
		return -1;
	return !cut;
}

int tnef_read(struct tnef *t, const struct spool *in, size_t most, struct err *e)
{
	struct reader r = {.t = t, .in = in, .most = most, .charset = "cp1252"};
	char head[SIGNATURE_BYTES];
	uint64_t offset = SIGNATURE_BYTES;
	int code = 1;
	*t = (struct tnef){.arena = ARENA_INIT(ARENA_MAX)};
	if (in->size < SIGNATURE_BYTES)
		return 0;
	if (read_at(&r, head, SIGNATURE_BYTES, 0, e) < 0)
		return -1;
	t->found = get32(head) == SIGNATURE;
	for (int i = 0; t->found && code > 0 && i < ATTRIBUTES_MAX; i++)
		code = next_attribute(&r, &offset, e);
	return code < 0 ? -1 : 0;
}

void tnef_release(struct tnef *t)
{
	free(t->v);
	arena_release(&t->arena);
}
