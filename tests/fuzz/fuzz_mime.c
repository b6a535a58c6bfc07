/* Any message: no crash, and the same events however its bytes are cut. A header read whole has the fields the parser sees. */
#include "../unit/mime/events.h"
#include "base/alloc.h"
#include "mime/header.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const int all = EVENTS_BODY | EVENTS_FIELDS | EVENTS_OFFSETS;

static void compare_cuts(struct span message)
{
	static const size_t chunks[] = {1, 7};
	struct buf whole = BUF_INIT(256u << 20), cut = BUF_INIT(256u << 20),
		   text = BUF_INIT(256u << 20);
	struct err e = ERR_INIT;
	events_write(&whole, message, 0, all, NULL, &e);
	for (size_t i = 0; i < ARRAY_LEN(chunks); i++) {
		buf_reset(&cut);
		events_write(&cut, message, chunks[i], all, NULL, &e);
		ENSURE(span_eq(buf_span(&whole), buf_span(&cut)));
	}
	events_write(&text, message, 0, EVENTS_DECODED, NULL, &e);
	buf_release(&whole);
	buf_release(&cut);
	buf_release(&text);
}

static void compare_header(struct span message)
{
	struct header h = HEADER_INIT;
	struct source_mem in, again;
	struct mime_parser p;
	struct mime_event ev;
	size_t n = 0;
	source_mem_init(&in, message);
	source_mem_init(&again, message);
	if (header_read(&h, &in.source, NULL, NULL) < 0)
		return;
	mime_parser_init(&p, &again.source, NULL);
	while (mime_next(&p, &ev, NULL) > 0 && ev.type == MIME_FIELD) {
		ENSURE(n < h.n && span_eq(h.v[n].name, ev.name) && span_eq(h.v[n].value, ev.value));
		ENSURE(h.v[n].offset == ev.offset);
		n++;
	}
	ENSURE(n == h.n);
	mime_parser_release(&p);
	header_release(&h);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span message = span_make((const char *)data, size);
	compare_cuts(message);
	compare_header(message);
	return 0;
}
