#include "codec/utf8.h"

static inline bool follows(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

/* RFC 3629 section 4: no overlong forms (after e0, f0), no surrogates (ed), nothing beyond U+10FFFF (f4). */
static inline bool second_fits(unsigned char first, unsigned char second)
{
	switch (first) {
	case 0xe0: return second >= 0xa0 && second <= 0xbf;
	case 0xed: return second >= 0x80 && second <= 0x9f;
	case 0xf0: return second >= 0x90 && second <= 0xbf;
	case 0xf4: return second >= 0x80 && second <= 0x8f;
	default: return follows(second);
	}
}

/* The length of the valid character at the start of p; 0 when there is none; -1 when the bytes end inside one. */
static inline int char_len(const unsigned char *p, size_t n)
{
	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	int len = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (n > 1 && !second_fits(p[0], p[1]))
		return 0;
	for (int k = 2; k < len && (size_t)k < n; k++)
		if (!follows(p[k]))
			return 0;
	return (size_t)len <= n ? len : -1;
}

static size_t ascii_len(struct span s)
{
	size_t i = 0;
	for (uint64_t w[4]; i + sizeof w <= s.len; i += sizeof w) { /* most text is, for long */
		memcpy(w, s.ptr + i, sizeof w);
		if ((w[0] | w[1] | w[2] | w[3]) & UINT64_C(0x8080808080808080))
			break;
	}
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

size_t utf8_valid_len(struct span s)
{
	size_t at = 0;
	for (;;) {
		at += ascii_len(span_skip(s, at));
		if (at == s.len)
			return at;
		/* characters of one script come in runs */
		while (at < s.len && s.ptr[at] & 0x80) {
			int n = char_len((const unsigned char *)s.ptr + at, s.len - at);
			if (n <= 0)
				return at;
			at += (size_t)n;
		}
	}
}

bool utf8_valid(struct span s)
{
	return utf8_valid_len(s) == s.len;
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
