/* The only file of this room that calls jansson. */
#include "base/alloc.h"
#include "codec/base64.h"
#include "codec/time.h"
#include "codec/utf8.h"
#include "report/internal.h"

#include <unistd.h>

json_t *report_json_text(struct span text)
{
	if (utf8_valid(text))
		return json_stringn_nocheck(text.len ? text.ptr : "", text.len);
	struct buf b = BUF_INIT(SIZE_MAX / 4);
	utf8_repair(&b, text);
	json_t *value = json_stringn_nocheck(buf_cstr(&b), b.len);
	buf_release(&b);
	return value;
}

json_t *report_json_time(int64_t seconds)
{
	struct buf b = BUF_INIT(40);
	date_write_rfc3339(&b, seconds);
	json_t *value = json_string_nocheck(buf_cstr(&b));
	buf_release(&b);
	return value;
}

/* jansson escapes the C0 controls; on a terminal nothing else that is not ASCII may pass either. */
static size_t flags_for(int terminal_width)
{
	return JSON_COMPACT | (terminal_width ? JSON_ENSURE_ASCII : 0);
}

size_t report_json_flags(void)
{
	return flags_for(report_terminal_width());
}

void report_json(struct report *r, size_t column, json_t *value)
{
	ENSURE(column < r->n);
	struct report_cell *c = &r->cells[column];
	json_decref(c->json);
	c->json = NULL;
	if (r->mode == REPORT_JSON)
		c->json = value;
	else
		json_decref(value);
}

/* "raw": the bytes of each text that is not UTF-8. */
static json_t *raw_bytes(const struct report *r)
{
	json_t *raw = NULL;
	for (size_t i = 0; i < r->n; i++) {
		const struct buf *bytes = &r->cells[i].raw;
		if (!bytes->len)
			continue;
		struct buf b = BUF_INIT(2 * bytes->max);
		base64_encode(&b, buf_span(bytes));
		raw = raw ? raw : json_object();
		json_object_set_new_nocheck(
		    raw, r->columns[i].key, json_stringn_nocheck(buf_cstr(&b), b.len));
		buf_release(&b);
	}
	return raw;
}

struct writer {
	struct sink *to;
	struct err *e;
};

static int write_piece(const char *piece, size_t n, void *ctx)
{
	struct writer *w = ctx;
	return sink_put(w->to, span_make(piece, n), w->e);
}

int report_json_row(struct report *r, struct err *e)
{
	json_t *object = json_object(), *raw = raw_bytes(r);
	for (size_t i = 0; i < r->n; i++) {
		if (r->cells[i].json)
			json_object_set_new_nocheck(object, r->columns[i].key, r->cells[i].json);
		r->cells[i].json = NULL;
	}
	if (raw)
		json_object_set_new_nocheck(object, "raw", raw);
	struct writer w = {&r->out->sink, e};
	int result = json_dump_callback(object, write_piece, &w, flags_for(r->width));
	json_decref(object);
	return result < 0 ? -1 : sink_put(&r->out->sink, SPAN("\n"), e);
}
