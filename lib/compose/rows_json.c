#include "base/alloc.h"
#include "base/intl.h"
#include "compose/rows.h"

#include <jansson.h>
#include <stdlib.h>

enum { OBJECT_MAX = 16 << 20 };

/* The bytes of one object: to the brace that closes it, strings passed over. */
static int read_object(struct rows_input *in, struct buf *b, struct err *e)
{
	int depth = 0;
	bool string = false;
	uint64_t line = in->line;
	for (int c; (c = rows_byte(in)) >= 0;) {
		buf_addc(b, (char)c);
		if (string && c == '\\' && (c = rows_byte(in)) >= 0)
			buf_addc(b, (char)c);
		else if (c == '"')
			string = !string;
		else if (!string)
			depth += (c == '{' || c == '[') - (c == '}' || c == ']');
		if (b->over)
			return rows_fail(in, e, _("a row is larger than %d bytes"), OBJECT_MAX);
		if (!string && depth == 0)
			return 0;
	}
	in->line = line;
	return rows_fail(in, e, _("an object does not end"));
}

static int add_scalar(struct buf *b, const json_t *v)
{
	if (json_is_string(v))
		buf_addn(b, json_string_value(v), json_string_length(v));
	else if (json_is_integer(v))
		buf_addf(b, "%lld", (long long)json_integer_value(v));
	else if (json_is_real(v))
		buf_addf(b, "%.15g", json_real_value(v));
	else if (json_is_boolean(v))
		buf_adds(b, json_is_true(v) ? "true" : "false");
	else if (!json_is_null(v))
		return -1;
	return 0;
}

/* A list is written with commas: recipients. */
static int add_value(struct buf *b, const json_t *v)
{
	size_t i;
	json_t *item;
	if (!json_is_array(v))
		return add_scalar(b, v);
	json_array_foreach((json_t *)(uintptr_t)v, i, item)
	{
		if (i)
			buf_adds(b, ", ");
		if (add_scalar(b, item) < 0)
			return -1;
	}
	return 0;
}

/* Names and values are copied first, as the text moves while it grows. */
static int take_fields(struct rows_input *in, json_t *object, struct row *row, struct err *e)
{
	const char *name;
	json_t *v;
	size_t n = json_object_size(object), i = 0;
	size_t *starts = mem_new(2 * n + 1, sizeof(*starts));
	int r = 0;
	json_object_foreach(object, name, v)
	{
		starts[i++] = row->text.len;
		buf_adds(&row->text, name);
		starts[i++] = row->text.len;
		if (r == 0 && add_value(&row->text, v) < 0)
			r = rows_fail(
			    in, e, _("%s: neither text, a number nor a list of these"), name);
	}
	starts[i] = row->text.len;
	if (r == 0 && row->text.over)
		r = rows_fail(in, e, _("a row is larger than %zu bytes"), row->text.max);
	const char *p = buf_cstr(&row->text);
	for (size_t k = 0; r == 0 && k < n; k++)
		rows_add(row, span_make(p + starts[2 * k], starts[2 * k + 1] - starts[2 * k]),
		    span_make(p + starts[2 * k + 1], starts[2 * k + 2] - starts[2 * k + 1]));
	free(starts);
	return r;
}

static void skip_blanks(struct rows_input *in)
{
	while (rows_peek(in) >= 0 && is_space((char)rows_peek(in)))
		rows_byte(in);
}

/* Between objects: the array's bracket and commas. 1 an object comes, 0 the end. */
static int seek_object(struct rows_input *in, bool *begun, struct err *e)
{
	skip_blanks(in);
	int c = rows_peek(in);
	if ((!*begun && c == '[') || (*begun && c == ',')) {
		rows_byte(in);
		skip_blanks(in);
		c = rows_peek(in);
	}
	*begun = true;
	if (c == ']') {
		rows_byte(in);
		skip_blanks(in);
		c = rows_peek(in);
	}
	if (c < 0)
		return 0;
	return c == '{' ? 1 : rows_fail(in, e, _("an object was expected"));
}

int rows_json_next(struct rows_input *in, bool *begun, struct row *row, struct err *e)
{
	struct buf text = BUF_INIT(OBJECT_MAX);
	json_error_t why;
	int r = seek_object(in, begun, e);
	if (r <= 0)
		return r;
	uint64_t line = in->line;
	r = read_object(in, &text, e);
	json_t *object =
	    r == 0 ? json_loadb(text.ptr, text.len, JSON_REJECT_DUPLICATES, &why) : NULL;
	if (r == 0 && !object) {
		in->line = line + (uint64_t)(why.line > 0 ? why.line - 1 : 0);
		r = rows_fail(in, e, "%s", why.text);
	}
	if (r == 0)
		r = take_fields(in, object, row, e);
	json_decref(object);
	buf_release(&text);
	return r < 0 ? -1 : 1;
}
