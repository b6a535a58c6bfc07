#include "base/alloc.h"
#include "base/intl.h"
#include "codec/inert.h"
#include "codec/time.h"
#include "codec/utf8.h"
#include "report/internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

enum { MOST_TEXT = 1024 * 1024 }; /* of one field */

struct report *report_new(
    const struct report_column *columns, size_t n, enum report_mode mode, int color)
{
	struct report *r = mem_new(1, sizeof(*r));
	r->columns = columns;
	r->n = n;
	r->width = report_terminal_width();
	r->mode = mode != REPORT_AUTO ? mode : r->width ? REPORT_TABLE : REPORT_TABS;
	r->terminal = r->mode == REPORT_TABLE;
	r->color = report_color(color, STDOUT_FILENO);
	r->cells = mem_new(n, sizeof(*r->cells));
	for (size_t i = 0; i < n; i++) {
		buf_init(&r->cells[i].text, MOST_TEXT);
		buf_init(&r->cells[i].raw, MOST_TEXT);
	}
	r->out = sink_fd_new(STDOUT_FILENO);
	return r;
}

int report_width(const struct report *r)
{
	return r->width;
}

static struct report_cell *cell(struct report *r, size_t column)
{
	ENSURE(column < r->n);
	return &r->cells[column];
}

/* The buffer for what is shown, or NULL where nobody will see it. */
static struct buf *shown(struct report *r, size_t column)
{
	struct report_cell *c = cell(r, column);
	if (r->mode == REPORT_JSON || !r->columns[column].heading || c->shown)
		return NULL;
	buf_reset(&c->text);
	return &c->text;
}

static bool wants_json(const struct report *r, size_t column)
{
	return r->mode == REPORT_JSON && !(r->columns[column].flags & REPORT_TEXT_ONLY);
}

void report_shown(struct report *r, size_t column, struct span text)
{
	cell(r, column)->shown = false;
	struct buf *b = shown(r, column);
	if (!b)
		return;
	inert_add(b, text, 0);
	cell(r, column)->shown = true;
}

void report_text(struct report *r, size_t column, struct span text)
{
	struct buf *b = shown(r, column);
	if (b)
		inert_add(b, text, 0);
	if (!wants_json(r, column))
		return;
	report_json(r, column, report_json_text(text));
	report_raw(r, column, text);
}

void report_raw(struct report *r, size_t column, struct span bytes)
{
	if (wants_json(r, column) && !utf8_valid(bytes))
		buf_add(&cell(r, column)->raw, bytes);
}

void report_number(struct report *r, size_t column, int64_t value)
{
	struct buf *b = shown(r, column);
	if (b)
		buf_addf(b, "%" PRId64, value);
	if (wants_json(r, column))
		report_json(r, column, json_integer(value));
}

void report_bool(struct report *r, size_t column, bool value)
{
	struct buf *b = shown(r, column);
	if (b)
		buf_adds(b, value ? _("yes") : _("no"));
	if (wants_json(r, column))
		report_json(r, column, json_boolean(value));
}

void report_time(struct report *r, size_t column, int64_t seconds)
{
	struct buf *b = shown(r, column);
	if (b && r->terminal)
		report_human_time(b, seconds);
	else if (b)
		date_write_rfc3339(b, seconds);
	if (wants_json(r, column))
		report_json(r, column, report_json_time(seconds));
}

void report_bytes(struct report *r, size_t column, uint64_t bytes)
{
	struct buf *b = shown(r, column);
	if (b && r->terminal)
		report_human_bytes(b, bytes);
	else if (b)
		buf_addf(b, "%" PRIu64, bytes);
	if (wants_json(r, column))
		report_json(r, column, json_integer((json_int_t)bytes));
}

void report_age(struct report *r, size_t column, int64_t seconds, const char *prefix)
{
	struct buf *b = shown(r, column);
	if (b && r->terminal) {
		buf_adds(b, prefix);
		report_human_age(b, seconds);
	} else if (b) {
		buf_addf(b, "%" PRId64, seconds);
	}
	if (wants_json(r, column))
		report_json(r, column, json_integer(seconds));
}

static int tabs_row(struct report *r, struct err *e)
{
	int result = 0;
	bool first = true;
	for (size_t i = 0; result == 0 && i < r->n; i++) {
		if (!r->columns[i].heading)
			continue;
		if (!first)
			result = sink_put(&r->out->sink, SPAN("\t"), e);
		first = false;
		if (result == 0)
			result = sink_put(&r->out->sink, buf_span(&r->cells[i].text), e);
	}
	return result < 0 ? -1 : sink_put(&r->out->sink, SPAN("\n"), e);
}

int report_row(struct report *r, struct err *e)
{
	int result;
	if (r->mode == REPORT_JSON)
		result = report_json_row(r, e);
	else if (r->mode == REPORT_TABLE)
		result = report_table_row(r, e);
	else
		result = tabs_row(r, e);
	for (size_t i = 0; i < r->n; i++) {
		buf_reset(&r->cells[i].text);
		buf_reset(&r->cells[i].raw);
		r->cells[i].shown = false;
	}
	return result < 0 ? err_prefix(e, "%s: ", _("standard output")) : 0;
}

int report_flush(struct report *r, struct err *e)
{
	if (r->mode == REPORT_TABLE && report_table_flush(r, e) < 0)
		return err_prefix(e, "%s: ", _("standard output"));
	if (sink_end(&r->out->sink, e) < 0)
		return err_prefix(e, "%s: ", _("standard output"));
	return 0;
}

int report_close(struct report *r, struct err *e)
{
	if (!r)
		return 0;
	int result = report_flush(r, e);
	for (size_t i = 0; i < r->n; i++) {
		buf_release(&r->cells[i].text);
		buf_release(&r->cells[i].raw);
		json_decref(r->cells[i].json);
	}
	report_table_release(r);
	free(r->cells);
	free(r->out);
	free(r);
	return result;
}
