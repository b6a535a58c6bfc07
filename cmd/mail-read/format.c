#include "base/intl.h"
#include "codec/inert.h"
#include "codec/time.h"
#include "codec/utf8.h"
#include "table.h"

/* --format: {field} and {field:WIDTH} (cut or filled up to that many columns), \t \n \0 \\, {{ for a brace. */

enum { FIELD_MAX = 1 << 20, WIDEST = 1000 };

static void number_text(const struct row *row, struct buf *b)
{
	buf_addf(b, "%u", row->number);
}
static void name_text(const struct row *row, struct buf *b)
{
	buf_adds(b, row->name);
}
static void mailbox_text(const struct row *row, struct buf *b)
{
	buf_adds(b, row->mailbox);
}
static void date_text(const struct row *row, struct buf *b)
{
	date_write_rfc3339(b, row->date_s);
}
static void size_text(const struct row *row, struct buf *b)
{
	buf_addf(b, "%llu", (unsigned long long)row->size);
}
static void id_text(const struct row *row, struct buf *b)
{
	buf_add(b, row_id(row));
}

static const struct field {
	const char *name;
	void (*text)(const struct row *row, struct buf *b);
} fields[] = {{"number", number_text}, {"name", name_text}, {"mailbox", mailbox_text},
    {"flags", row_flags}, {"date", date_text}, {"from", row_from}, {"address", row_from_address},
    {"subject", row_subject}, {"size", size_text}, {"id", id_text}};

static const struct field *find(struct span name)
{
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		if (span_is(name, fields[i].name))
			return &fields[i];
	return NULL;
}

/* Behind "{": the field and its width (0: as it is), and what comes behind "}". False when it is none. */
static bool take_field(struct span *rest, const struct field **f, uint64_t *width)
{
	struct span inside, name;
	*width = 0;
	if (!span_cut(rest, '}', &inside))
		return false;
	bool has_width = span_cut(&inside, ':', &name);
	if (has_width && !span_to_u64(inside, WIDEST, width))
		return false;
	*f = find(name);
	return *f != NULL;
}

int format_check(const char *format, struct err *e)
{
	const struct field *f;
	uint64_t width;
	struct span rest = span_of(format), literal;
	while (span_cut(&rest, '{', &literal)) {
		struct span at = rest;
		if (rest.len && *rest.ptr == '{')
			rest = span_skip(rest, 1);
		else if (!take_field(&rest, &f, &width))
			return err_set(e, EX_USAGE, _("--format: there is no field {%.*s"),
			    (int)(at.len < 40 ? at.len : 40), at.ptr);
	}
	return 0;
}

static void add_field(struct buf *b, const struct field *f, uint64_t width, const struct row *row)
{
	struct buf text = BUF_INIT(FIELD_MAX), inert = BUF_INIT(8 * FIELD_MAX);
	f->text(row, &text);
	inert_add(&inert, buf_span(&text), 0);
	struct span shown = buf_span(&inert);
	if (width)
		shown = utf8_cut(shown, (int)width);
	buf_add(b, shown);
	if (width)
		for (int i = utf8_width(shown); i < (int)width; i++)
			buf_addc(b, ' ');
	buf_release(&text);
	buf_release(&inert);
}

static char escaped(char c)
{
	return c == 't' ? '\t' : c == 'n' ? '\n' : c == '0' ? '\0' : c;
}

void format_row(const char *format, const struct row *row, struct buf *b)
{
	const struct field *f;
	uint64_t width;
	struct span rest = span_of(format);
	while (rest.len) {
		char c = *rest.ptr;
		rest = span_skip(rest, 1);
		if (c == '\\' && rest.len) {
			buf_addc(b, escaped(*rest.ptr));
			rest = span_skip(rest, 1);
		} else if (c != '{' || (rest.len && *rest.ptr == '{')) {
			buf_addc(b, c);
			rest = span_skip(rest, c == '{');
		} else if (take_field(&rest, &f, &width)) {
			add_field(b, f, width, row);
		}
	}
	buf_addc(b, '\n');
}
