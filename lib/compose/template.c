#include "compose/template.h"

#include "base/intl.h"

static void add_value(struct buf *out, struct span v, int flags)
{
	if (!(flags & TEMPLATE_HTML)) {
		buf_add(out, v);
		return;
	}
	for (size_t i = 0; i < v.len; i++)
		switch (v.ptr[i]) {
		case '&': buf_adds(out, "&amp;"); break;
		case '<': buf_adds(out, "&lt;"); break;
		case '>': buf_adds(out, "&gt;"); break;
		case '"': buf_adds(out, "&quot;"); break;
		case '\'': buf_adds(out, "&#39;"); break;
		default: buf_addc(out, v.ptr[i]);
		}
}

/* What is between the braces: "name" or "name|otherwise". */
static int expand_one(struct buf *out, struct span inside, template_lookup *lookup, void *ctx,
    int flags, struct err *e)
{
	struct span otherwise = inside, name, value;
	bool has_otherwise = span_cut(&otherwise, '|', &name);
	if (!has_otherwise)
		name = inside;
	name = span_trim(name);
	if (!lookup(ctx, name, &value))
		return err_set(
		    e, EX_DATAERR, _("{{%.*s}}: there is no such field"), SPAN_ARG(name));
	add_value(out, value.len || !has_otherwise ? value : span_trim(otherwise), flags);
	return 0;
}

int template_expand(
    struct buf *out, struct span text, template_lookup *lookup, void *ctx, int flags, struct err *e)
{
	ptrdiff_t at;
	while ((at = span_find(text, SPAN("{{"))) >= 0) {
		buf_add(out, span_take(text, (size_t)at));
		text = span_skip(text, (size_t)at + 2);
		if (span_starts(text, "{{")) {
			buf_adds(out, "{{");
			text = span_skip(text, 2);
			continue;
		}
		ptrdiff_t close = span_find(text, SPAN("}}"));
		if (close < 0)
			return err_set(e, EX_DATAERR, _("\"{{%.*s\" does not close"),
			    SPAN_ARG(span_take(text, 20)));
		if (expand_one(out, span_take(text, (size_t)close), lookup, ctx, flags, e) < 0)
			return -1;
		text = span_skip(text, (size_t)close + 2);
	}
	buf_add(out, text);
	return out->over ? err_set(e, EX_DATAERR, _("larger than %zu bytes"), out->max) : 0;
}

bool template_has_fields(struct span text)
{
	return span_find(text, SPAN("{{")) >= 0;
}
