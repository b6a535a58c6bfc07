#include "login/form.h"

#include "base/intl.h"

static bool is_plain(char c)
{
	return is_alpha(c) || is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

void form_escape(struct buf *b, struct span value)
{
	static const char digits[] = "0123456789ABCDEF";
	for (size_t i = 0; i < value.len; i++) {
		unsigned char c = (unsigned char)value.ptr[i];
		if (is_plain((char)c)) {
			buf_addc(b, (char)c);
		} else {
			buf_addc(b, '%');
			buf_addc(b, digits[c >> 4]);
			buf_addc(b, digits[c & 15]);
		}
	}
}

void form_add(struct buf *b, const char *name, const char *value)
{
	if (!value)
		return;
	if (b->len && b->ptr[b->len - 1] != '?')
		buf_addc(b, '&');
	form_escape(b, span_of(name));
	buf_addc(b, '=');
	form_escape(b, span_of(value));
}

void form_reader_init(struct form_reader *r, struct span query, size_t max)
{
	*r = (struct form_reader){.rest = query};
	buf_init(&r->name, max);
	buf_init(&r->value, max);
	r->name.secret = r->value.secret = true;
}

/* One byte of the encoded text, or -1. */
static int next_byte(struct span *s)
{
	int c = (unsigned char)*s->ptr;
	if (c == '%') {
		int high = s->len > 2 ? hex_value(s->ptr[1]) : -1;
		int low = s->len > 2 ? hex_value(s->ptr[2]) : -1;
		c = high < 0 || low < 0 ? 0 : high << 4 | low;
		*s = span_skip(*s, 2);
	} else if (c == '+') {
		c = ' ';
	}
	*s = span_skip(*s, 1);
	return c ? c : -1;
}

static int decode(struct buf *out, struct span text, struct err *e)
{
	buf_reset(out);
	while (text.len) {
		int c = next_byte(&text);
		if (c < 0)
			return err_set(e, EX_DATAERR, _("a bad %% escape"));
		buf_addc(out, (char)c);
	}
	return out->over ? err_set(e, EX_DATAERR, _("a value that is too long")) : 0;
}

int form_next(struct form_reader *r, struct err *e)
{
	struct span pair = SPAN(""), name;
	while (r->rest.len && !pair.len)
		span_cut(&r->rest, '&', &pair);
	if (!pair.len)
		return 0;
	span_cut(&pair, '=', &name);
	return decode(&r->name, name, e) < 0 || decode(&r->value, pair, e) < 0 ? -1 : 1;
}

void form_reader_release(struct form_reader *r)
{
	buf_wipe(&r->name);
	buf_wipe(&r->value);
}
