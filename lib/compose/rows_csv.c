#include "base/alloc.h"
#include "base/intl.h"
#include "codec/utf8.h"
#include "compose/rows.h"

#include <stdlib.h>

enum { FIELDS_MAX = 1000, NAMES_MAX = 1 << 20 };

/* A quoted field: a quote in it is doubled, line ends are text. */
static int read_quoted(struct rows_input *in, struct buf *b, struct err *e)
{
	uint64_t line = in->line;
	rows_byte(in);
	for (int c; (c = rows_byte(in)) >= 0;) {
		if (c == '"' && rows_peek(in) != '"')
			return 0;
		if (c == '"')
			rows_byte(in);
		buf_addc(b, (char)c);
	}
	return rows_fail(
	    in, e, _("the quote of line %llu does not close"), (unsigned long long)line);
}

/* One field and what ends it: *end is the separator, '\n', or -1 at the end of the file. */
static int read_field(struct rows_input *in, char separator, struct buf *b, int *end, struct err *e)
{
	bool quoted = rows_peek(in) == '"';
	if (quoted && read_quoted(in, b, e) < 0)
		return -1;
	for (;;) {
		int c = rows_byte(in);
		if (c == '\r' && rows_peek(in) == '\n')
			continue;
		if (c == separator || c == '\n' || c < 0) {
			*end = c;
			return b->over
				   ? rows_fail(in, e, _("a row is larger than %zu bytes"), b->max)
				   : 0;
		}
		if (quoted)
			return rows_fail(in, e, _("text behind a closing quote"));
		buf_addc(b, (char)c);
	}
}

/* The first of these that is in the first line. */
static char find_separator(struct rows_input *in)
{
	struct rows_input copy = *in; /* the first bytes are in memory */
	char seen = 0;
	rows_peek(&copy);
	for (size_t i = copy.at; i < copy.end && copy.bytes[i] != '\n'; i++) {
		char c = copy.bytes[i];
		if (c == ',')
			return c;
		if ((c == ';' || c == '\t') && !seen)
			seen = c;
	}
	*in = copy;
	return seen ? seen : ',';
}

static void skip_mark(struct rows_input *in)
{
	rows_peek(in);
	if (span_starts(span_make(in->bytes, in->end), "\xef\xbb\xbf"))
		in->at = 3;
}

static int check_names(struct rows_csv *c, struct rows_input *in, struct err *e)
{
	for (size_t i = 0; i < c->n; i++) {
		if (!c->names[i].len)
			return rows_fail(in, e, _("field %zu has no name"), i + 1);
		if (!utf8_valid(c->names[i]))
			return rows_fail(in, e, _("the names are not UTF-8"));
		for (size_t k = 0; k < i; k++)
			if (span_eq_nocase(c->names[i], c->names[k]))
				return rows_fail(in, e, _("two fields are called \"%.*s\""),
				    SPAN_ARG(c->names[i]));
	}
	return 0;
}

int rows_csv_names(struct rows_csv *c, struct rows_input *in, struct err *e)
{
	size_t starts[FIELDS_MAX + 1];
	int end = 0;
	buf_init(&c->names_text, NAMES_MAX);
	skip_mark(in);
	c->separator = find_separator(in);
	if (rows_peek(in) < 0)
		return rows_fail(in, e, _("there is no line with the names of the fields"));
	for (c->n = 0; end != '\n' && end >= 0; c->n++) {
		if (c->n == FIELDS_MAX)
			return rows_fail(in, e, _("more than %d fields"), FIELDS_MAX);
		starts[c->n] = c->names_text.len;
		if (read_field(in, c->separator, &c->names_text, &end, e) < 0)
			return -1;
	}
	starts[c->n] = c->names_text.len;
	c->names = mem_new(c->n, sizeof(*c->names));
	for (size_t i = 0; i < c->n; i++)
		c->names[i] = span_trim(
		    span_make(buf_cstr(&c->names_text) + starts[i], starts[i + 1] - starts[i]));
	in->line--; /* the line that was read */
	int r = check_names(c, in, e);
	in->line++;
	return r;
}

void rows_csv_release(struct rows_csv *c)
{
	buf_release(&c->names_text);
	free(c->names);
	*c = (struct rows_csv){0};
}

static void skip_empty_lines(struct rows_input *in)
{
	while (rows_peek(in) == '\n' || rows_peek(in) == '\r')
		rows_byte(in);
}

int rows_csv_next(struct rows_csv *c, struct rows_input *in, struct row *row, struct err *e)
{
	size_t starts[FIELDS_MAX + 1], n = 0;
	int end = 0;
	skip_empty_lines(in);
	if (rows_peek(in) < 0)
		return 0;
	uint64_t line = in->line;
	while (end != '\n' && end >= 0) {
		if (n == c->n)
			return rows_fail(in, e, _("more than %zu fields"), c->n);
		starts[n++] = row->text.len;
		if (read_field(in, c->separator, &row->text, &end, e) < 0)
			return -1;
	}
	if (n != c->n) {
		in->line = line;
		return rows_fail(in, e, _("%zu fields, not %zu"), n, c->n);
	}
	starts[n] = row->text.len;
	for (size_t i = 0; i < n; i++)
		rows_add(row, c->names[i],
		    span_make(buf_cstr(&row->text) + starts[i], starts[i + 1] - starts[i]));
	return 1;
}
