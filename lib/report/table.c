/* A table on a terminal: the first rows wait until it is known how wide the columns are; later ones keep to that. */
#include "base/alloc.h"
#include "base/intl.h"
#include "codec/utf8.h"
#include "report/internal.h"

#include <stdlib.h>

enum { HELD_ROWS = 256, WIDEST = 48 };

static size_t last_column(const struct report *r)
{
	size_t last = 0;
	for (size_t i = 0; i < r->n; i++)
		if (r->columns[i].heading)
			last = i;
	return last;
}

static void pad(struct buf *b, int columns)
{
	if (columns > 0)
		buf_addf(b, "%*s", columns, "");
}

static const char *paint_of(const struct report *r, unsigned flags)
{
	if (!r->color)
		return "";
	return flags & REPORT_BOLD ? "\033[1m" : flags & REPORT_DIM ? "\033[2m" : "";
}

/* One field, aligned, cut to its column; the last one to what is left of the terminal. */
static void field(
    struct report *r, struct buf *line, size_t i, struct span text, unsigned flags, int at)
{
	bool last = i == last_column(r);
	int room = !last ? r->widths[i] : r->width ? r->width - at : 0;
	if (room > 0)
		text = utf8_cut(text, room);
	int width = utf8_width(text);
	const char *paint = text.len ? paint_of(r, flags) : "";
	if (flags & REPORT_RIGHT)
		pad(line, r->widths[i] - width);
	buf_adds(line, paint);
	buf_add(line, text);
	if (*paint)
		buf_adds(line, "\033[0m");
	if (!(flags & REPORT_RIGHT) && !last)
		pad(line, r->widths[i] - width);
}

static int write_line(struct report *r, const struct buf *texts, struct err *e)
{
	struct buf line = BUF_INIT(16 * 1024 * 1024);
	int at = 0;
	for (size_t i = 0; i < r->n; i++) {
		const struct report_column *c = &r->columns[i];
		if (!c->heading)
			continue;
		if (at)
			buf_adds(&line, "  ");
		at += at ? 2 : 0;
		if (texts)
			field(r, &line, i, buf_span(&texts[i]), c->flags, at);
		else
			field(r, &line, i, span_of(_(c->heading)),
			    (c->flags & REPORT_RIGHT) | REPORT_BOLD, at);
		at += r->widths[i];
	}
	while (line.len && line.ptr[line.len - 1] == ' ')
		buf_cut(&line, line.len - 1);
	buf_addc(&line, '\n');
	int result = sink_put(&r->out->sink, buf_span(&line), e);
	buf_release(&line);
	return result;
}

static void measure(struct report *r)
{
	r->widths = mem_new(r->n, sizeof(*r->widths));
	for (size_t i = 0; i < r->n; i++) {
		if (!r->columns[i].heading)
			continue;
		int widest = utf8_width(span_of(_(r->columns[i].heading)));
		for (size_t row = 0; row < r->held_rows; row++) {
			int width = utf8_width(buf_span(&r->held[row * r->n + i]));
			widest = width > widest ? width : widest;
		}
		r->widths[i] = widest < WIDEST ? widest : WIDEST;
	}
}

static void drop_rows(struct report *r)
{
	for (size_t i = 0; i < r->held_rows * r->n; i++)
		buf_release(&r->held[i]);
	r->held_rows = 0;
}

int report_table_flush(struct report *r, struct err *e)
{
	int result = 0;
	if (!r->widths && r->held_rows) {
		measure(r);
		result = write_line(r, NULL, e);
	}
	for (size_t row = 0; result == 0 && row < r->held_rows; row++)
		result = write_line(r, &r->held[row * r->n], e);
	drop_rows(r);
	return result;
}

int report_table_row(struct report *r, struct err *e)
{
	if (!r->held)
		r->held = mem_new(HELD_ROWS * r->n, sizeof(*r->held));
	struct buf *row = &r->held[r->held_rows++ * r->n];
	for (size_t i = 0; i < r->n; i++) {
		row[i] = r->cells[i].text;
		buf_init(&r->cells[i].text, row[i].max);
	}
	return r->widths || r->held_rows == HELD_ROWS ? report_table_flush(r, e) : 0;
}

void report_table_release(struct report *r)
{
	drop_rows(r);
	free(r->held);
	free(r->widths);
}
