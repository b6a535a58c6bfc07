/* utf7.c - the modified UTF-7 of mailbox names, RFC 3501 5.1.3. */
#include "imap/client.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

struct bits {
	uint32_t held;
	int have;
};

static void put16(struct buf *out, struct bits *b, unsigned unit)
{
	b->held = b->held << 16 | unit;
	b->have += 16;
	while (b->have >= 6) {
		b->have -= 6;
		buf_addc(out, digits[b->held >> b->have & 63]);
	}
}

/* One code point of UTF-8; bytes that are none count as U+FFFD. */
static uint32_t next_point(struct span *s)
{
	unsigned char c = (unsigned char)s->ptr[0];
	size_t n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	uint32_t point = n == 1 ? c : c & (0x7fu >> n);
	if (c >= 0x80 && (c < 0xc2 || c > 0xf4 || n > s->len))
		n = 1, point = 0xfffd;
	for (size_t i = 1; i < n; i++)
		point = point << 6 | ((unsigned char)s->ptr[i] & 0x3f);
	*s = span_skip(*s, n);
	return point;
}

void imap_utf7_encode(struct buf *out, struct span utf8)
{
	struct bits b = {0};
	bool shifted = false;
	while (utf8.len || shifted) {
		bool plain = !utf8.len || (utf8.ptr[0] >= ' ' && utf8.ptr[0] < 127);
		if (shifted && plain) {
			if (b.have)
				buf_addc(out, digits[b.held << (6 - b.have) & 63]);
			buf_addc(out, '-');
			b = (struct bits){0};
			shifted = false;
			continue;
		}
		if (!shifted && !plain)
			buf_addc(out, '&');
		shifted = !plain;
		uint32_t p = next_point(&utf8);
		if (plain) {
			buf_addc(out, (char)p);
			if (p == '&')
				buf_addc(out, '-');
		} else if (p >= 0x10000) {
			put16(out, &b, 0xd800 + ((p - 0x10000) >> 10));
			put16(out, &b, 0xdc00 + ((p - 0x10000) & 0x3ff));
		} else {
			put16(out, &b, p);
		}
	}
}

static void put_point(struct buf *out, uint32_t p)
{
	if (p < 0x80) {
		buf_addc(out, (char)p);
		return;
	}
	int n = p < 0x800 ? 1 : p < 0x10000 ? 2 : 3;
	buf_addc(out, (char)((0xff << (7 - n) & 0xff) | p >> (6 * n)));
	while (n-- > 0)
		buf_addc(out, (char)(0x80 | (p >> (6 * n) & 0x3f)));
}

/* The inside of &...-; false when it is not well-formed. */
static bool decode_shifted(struct buf *out, struct span s)
{
	uint32_t held = 0, high = 0;
	int have = 0;
	for (size_t i = 0; i < s.len; i++) {
		const char *d = s.ptr[i] ? strchr(digits, s.ptr[i]) : NULL;
		if (!d)
			return false;
		held = held << 6 | (uint32_t)(d - digits);
		have += 6;
		if (have < 16)
			continue;
		have -= 16;
		uint32_t unit = held >> have & 0xffff;
		bool is_high = unit >> 10 == 0x36, is_low = unit >> 10 == 0x37;
		if (is_low != (high != 0) || unit < 0x20)
			return false;
		if (is_high)
			high = unit;
		else
			put_point(
			    out, is_low ? 0x10000 + ((high & 0x3ff) << 10) + (unit & 0x3ff) : unit);
		if (!is_high)
			high = 0;
	}
	return high == 0 && have < 6;
}

void imap_utf7_decode(struct buf *out, struct span name)
{
	struct span all = name, inside;
	size_t before = out->len;
	while (name.len) {
		if (name.ptr[0] != '&') {
			buf_addc(out, name.ptr[0]);
			name = span_skip(name, 1);
			continue;
		}
		name = span_skip(name, 1);
		bool good = span_cut(&name, '-', &inside);
		if (good && !inside.len)
			buf_addc(out, '&');
		else if (!good || !decode_shifted(out, inside)) {
			buf_cut(out, before);
			buf_add(out, all);
			return;
		}
	}
}
