/* prep.c - SASLprep (RFC 4013): the same name typed on two keyboards becomes the same bytes. */
#include "base/late.h"
#include "codec/utf8.h"
#include "sasl/mechanism.h"

#include <stdlib.h>
#include <uninorm.h>

struct range {
	uint32_t first, last;
};

/* RFC 3454 B.1, "commonly mapped to nothing" */
static const struct range nothing[] = {{0xad, 0xad}, {0x34f, 0x34f}, {0x1806, 0x1806},
    {0x180b, 0x180d}, {0x200c, 0x200d}, {0x2060, 0x2060}, {0xfe00, 0xfe0f}, {0xfeff, 0xfeff}};
/* C.1.2, spaces that are not ASCII's */
static const struct range spaces[] = {{0xa0, 0xa0}, {0x1680, 0x1680}, {0x2000, 0x200b},
    {0x202f, 0x202f}, {0x205f, 0x205f}, {0x3000, 0x3000}};
/* C.2 to C.9: controls, private use, non-characters, what describes rather than spells. A bidirectional check is not made: it could only
 * refuse, and what is refused goes as it is. */
static const struct range refused[] = {{0, 0x1f}, {0x7f, 0x9f}, {0x340, 0x341}, {0x6dd, 0x6dd},
    {0x70f, 0x70f}, {0x180e, 0x180e}, {0x200e, 0x200f}, {0x2028, 0x202e}, {0x2061, 0x2063},
    {0x206a, 0x206f}, {0x2ff0, 0x2ffb}, {0xd800, 0xf8ff}, {0xfdd0, 0xfdef}, {0xfff9, 0xffff},
    {0x1d173, 0x1d17a}, {0xe0001, 0xe0001}, {0xe0020, 0xe007f}, {0xf0000, 0x10ffff}};

static bool in(const struct range *r, size_t n, uint32_t c)
{
	for (size_t i = 0; i < n; i++)
		if (c >= r[i].first && c <= r[i].last)
			return true;
	return false;
}
#define IN(ranges, c) in(ranges, sizeof(ranges) / sizeof((ranges)[0]), c)

static void map(struct buf *out, struct span text)
{
	int32_t c;
	while ((c = utf8_next(&text)) >= 0)
		if (IN(spaces, (uint32_t)c))
			buf_addc(out, ' ');
		else if (!IN(nothing, (uint32_t)c))
			utf8_put(out, (uint32_t)c);
}

static bool is_allowed(struct span text)
{
	int32_t c;
	while ((c = utf8_next(&text)) >= 0)
		if (IN(refused, (uint32_t)c) || (c & 0xfffe) == 0xfffe)
			return false;
	return true;
}

/* False when it cannot be prepared. */
static bool prepare(struct buf *out, struct span text)
{
	struct buf mapped = BUF_INIT(64 << 10);
	mapped.secret = true;
	map(&mapped, text);
	size_t n = 0;
	uint8_t *normal = LATE(SURAT_UNISTRING, u8_normalize)(&LATE(SURAT_UNISTRING, uninorm_nfkc),
	    (const uint8_t *)buf_cstr(&mapped), mapped.len, NULL, &n);
	bool good = normal && !mapped.over && is_allowed(span_make((char *)normal, n));
	if (good)
		buf_addn(out, normal, n);
	if (normal)
		explicit_bzero(normal, n);
	free(normal);
	buf_wipe(&mapped);
	return good;
}

void sasl_prep(struct buf *out, struct span text)
{
	if (is_ascii(text) || !utf8_valid(text) || !prepare(out, text))
		buf_add(out, text);
}
