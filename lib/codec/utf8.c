#include "codec/utf8.h"

/* The length of the valid character at the start of s; 0 when there is none; -1 when the bytes end inside one (RFC 3629 section 4). */
static int char_len(const unsigned char *p, size_t n)
{
	static const struct {
		unsigned char first, last, low, high; /* of the first byte; of the second */
		int len;
	} forms[] = {
	    {0xc2, 0xdf, 0x80, 0xbf, 2},
	    {0xe0, 0xe0, 0xa0, 0xbf, 3},
	    {0xe1, 0xec, 0x80, 0xbf, 3},
	    {0xed, 0xed, 0x80, 0x9f, 3}, /* no surrogates */
	    {0xee, 0xef, 0x80, 0xbf, 3},
	    {0xf0, 0xf0, 0x90, 0xbf, 4},
	    {0xf1, 0xf3, 0x80, 0xbf, 4},
	    {0xf4, 0xf4, 0x80, 0x8f, 4},
	};
	if (p[0] < 0x80)
		return 1;
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		if (p[0] < forms[i].first || p[0] > forms[i].last)
			continue;
		for (int k = 1; k < forms[i].len; k++) {
			if ((size_t)k == n)
				return -1;
			if (k == 1 ? p[k] < forms[i].low || p[k] > forms[i].high
				   : (p[k] & 0xc0) != 0x80)
				return 0;
		}
		return forms[i].len;
	}
	return 0;
}

static size_t ascii_len(struct span s)
{
	size_t i = 0;
	for (uint64_t w; i + sizeof w <= s.len; i += sizeof w) {
		memcpy(&w, s.ptr + i, sizeof w);
		if (w & UINT64_C(0x8080808080808080))
			break;
	}
	while (i < s.len && !(s.ptr[i] & 0x80))
		i++;
	return i;
}

bool is_ascii(struct span s)
{
	return ascii_len(s) == s.len;
}

bool utf8_valid(struct span s)
{
	while ((s = span_skip(s, ascii_len(s))).len) {
		int n = char_len((const unsigned char *)s.ptr, s.len);
		if (n <= 0)
			return false;
		s = span_skip(s, (size_t)n);
	}
	return true;
}

int32_t utf8_next(struct span *s)
{
	if (!s->len)
		return -2;
	const unsigned char *p = (const unsigned char *)s->ptr;
	int n = char_len(p, s->len);
	if (n <= 0) {
		*s = span_skip(*s, 1);
		return -1;
	}
	int32_t c = n == 1 ? p[0] : p[0] & (0x7f >> n);
	for (int k = 1; k < n; k++)
		c = c << 6 | (p[k] & 0x3f);
	*s = span_skip(*s, (size_t)n);
	return c;
}

size_t utf8_cut_tail(struct span s)
{
	for (size_t n = 1; n <= 3 && n <= s.len; n++) {
		const unsigned char *p = (const unsigned char *)s.ptr + s.len - n;
		if (p[0] >= 0xc0)
			return char_len(p, n) < 0 ? n : 0;
		if (p[0] < 0x80)
			return 0;
	}
	return 0;
}

void utf8_put(struct buf *b, uint32_t c)
{
	if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		c = 0xfffd;
	if (c < 0x80) {
		buf_addc(b, (char)c);
	} else if (c < 0x800) {
		char t[] = {(char)(0xc0 | c >> 6), (char)(0x80 | (c & 0x3f))};
		buf_addn(b, t, sizeof t);
	} else if (c < 0x10000) {
		char t[] = {(char)(0xe0 | c >> 12), (char)(0x80 | (c >> 6 & 0x3f)),
		    (char)(0x80 | (c & 0x3f))};
		buf_addn(b, t, sizeof t);
	} else {
		char t[] = {(char)(0xf0 | c >> 18), (char)(0x80 | (c >> 12 & 0x3f)),
		    (char)(0x80 | (c >> 6 & 0x3f)), (char)(0x80 | (c & 0x3f))};
		buf_addn(b, t, sizeof t);
	}
}

void utf8_repair(struct buf *b, struct span s)
{
	while (s.len) {
		size_t good = 0;
		for (;;) {
			good += ascii_len(span_skip(s, good));
			int n = good < s.len
				    ? char_len((const unsigned char *)s.ptr + good, s.len - good)
				    : 0;
			if (n <= 0)
				break;
			good += (size_t)n;
		}
		buf_addn(b, s.ptr, good);
		if (good < s.len) {
			buf_adds(b, "\xef\xbf\xbd");
			good++;
		}
		s = span_skip(s, good);
	}
}
