#include "mime/header.h"

#include "../tap.h"
#include "base/alloc.h"

#include <stdlib.h>

static int read_at(
    struct header *h, const char *text, size_t chunk, const struct mime_limits *l, struct err *e)
{
	struct source_mem in;
	source_mem_init(&in, span_of(text));
	in.chunk = chunk;
	*h = (struct header)HEADER_INIT;
	return header_read(h, &in.source, l, e);
}

static void reads(const char *text, const char *want, const char *what)
{
	static const size_t chunks[] = {0, 1, 5};
	for (size_t i = 0; i < ARRAY_LEN(chunks); i++) {
		struct header h;
		struct buf b = BUF_INIT(1 << 20);
		struct err e = ERR_INIT;
		ok(read_at(&h, text, chunks[i], NULL, &e) == 0, "%s is read", what);
		for (size_t k = 0; k < h.n; k++) {
			struct span raw = span_make(text + h.v[k].offset, h.v[k].length);
			buf_addf(&b, "%.*s=%.*s|", SPAN_ARG(h.v[k].name), SPAN_ARG(h.v[k].value));
			ok(span_eq(span_take(raw, h.v[k].name.len), h.v[k].name), "%s: offsets",
			    what);
		}
		buf_addf(&b, "%d+%d%s", (int)h.start, (int)h.end, h.complete ? "" : " incomplete");
		is_str(buf_cstr(&b), want, what);
		buf_release(&b);
		header_release(&h);
	}
}

static void test_read(void)
{
	reads("A: b\nC:d\n\nbody", "A= b|C=d|0+10", "a header");
	reads("A: b\r\n c\r\n\r\nbody", "A= b\r\n c|0+12", "a folded field");
	reads("From x\nA: b\n\n", "A= b|7+13", "behind a From line");
	reads("A: b", "A= b|0+4 incomplete", "cut short");
	reads("", "0+0 incomplete", "nothing");
	reads("\nbody", "1+1", "an empty header");
	reads("Hello,\nyou\n", "0+0 incomplete", "no header at all");
	reads("A: b\nHello,\nyou\n", "A= b|0+5 incomplete", "no empty line");
}

static void test_get(void)
{
	struct header h;
	struct buf b = BUF_INIT(4096);
	struct arena a = ARENA_INIT(1 << 20);
	struct address_list l = {0};
	read_at(&h,
	    "To: x@y\nSUBJECT: =?utf-8?q?=C3=B6?=\n =?utf-8?q?=C3=A4?=\nto: Bob <z@y>, (c) bad@, "
	    "q@y\n\n",
	    0, NULL, NULL);
	is_span(header_get(&h, "subject"),
	    " =?utf-8?q?=C3=B6?=\n =?utf-8?q?=C3=A4?=", "names in any case");
	is_span(header_get_nth(&h, "To", 1), " Bob <z@y>, (c) bad@, q@y", "the second of a name");
	ok(!header_get(&h, "Cc").ptr && !header_get_nth(&h, "To", 2).ptr, "what is not there");
	header_text(&h, "Subject", &b);
	is_span(buf_span(&b), "\xc3\xb6\xc3\xa4", "text for people");
	ok(header_addresses(&h, "To", &a, &l, NULL) == 0 && l.n == 3 && l.bad == 1,
	    "addresses of all fields");
	is_span(l.v[1].spec, "z@y", "in their order");
	header_release(&h);
	arena_release(&a);
	buf_release(&b);
}

static void test_limits(void)
{
	struct mime_limits l = mime_limits_default;
	struct header h;
	struct err e = ERR_INIT;
	l.fields = 2;
	ok(read_at(&h, "A: b\nC: d\n\n", 0, &l, &e) == 0, "two fields");
	header_release(&h);
	ok(read_at(&h, "A: b\nC: d\nE: f\n\n", 0, &l, &e) < 0 && e.code == EX_DATAERR && h.n == 0,
	    "three are too many (%s)", e.text);
	l = mime_limits_default;
	l.header_bytes = 10;
	ok(read_at(&h, "A: b\nC: d\n\n", 1, &l, &e) == 0, "ten bytes");
	header_release(&h);
	ok(read_at(&h, "A: b\nC: dd\n\n", 1, &l, &e) < 0, "eleven are too many (%s)", e.text);
}

static void test_unfold(void)
{
	struct buf b = BUF_INIT(100);
	header_unfold(&b, SPAN(" a\r\n b\n\tc\rd"));
	is_span(buf_span(&b), " a b\tc d", "unfolding takes the line ends");
	buf_release(&b);
}

int main(void)
{
	test_read();
	test_get();
	test_limits();
	test_unfold();
	return tap_done();
}
