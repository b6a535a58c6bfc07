#include "codec/base32.h"

#include "base/intl.h"

static int digit_of(char c)
{
	if (is_alpha(c))
		return to_lower(c) - 'a';
	return c >= '2' && c <= '7' ? c - '2' + 26 : -1;
}

/* Padding stands at the end, if anywhere; how much of it says nothing that the length does not. */
static struct span without_padding(struct span text)
{
	text = span_trim(text);
	while (text.len && text.ptr[text.len - 1] == '=')
		text.len--;
	return text;
}

int base32_decode(struct buf *out, struct span text, struct err *e)
{
	unsigned bits = 0;
	int have = 0;
	size_t digits = 0;
	text = without_padding(text);
	for (size_t i = 0; i < text.len; i++) {
		if (is_space(text.ptr[i]) || text.ptr[i] == '-')
			continue;
		int digit = digit_of(text.ptr[i]);
		if (digit < 0)
			return err_set(e, EX_DATAERR, _("a character that base32 has not"));
		bits = (bits << 5 | (unsigned)digit) & 0xfff;
		have += 5;
		digits++;
		if (have >= 8) {
			have -= 8;
			buf_addc(out, (char)(bits >> have & 0xff));
		}
	}
	/* 1, 3 and 6 digits over a group of eight are no whole bytes */
	if (digits % 8 == 1 || digits % 8 == 3 || digits % 8 == 6)
		return err_set(e, EX_DATAERR, _("base32 that was cut"));
	if (bits & ((1u << have) - 1))
		return err_set(e, EX_DATAERR, _("base32 with bits behind its end"));
	return 0;
}
