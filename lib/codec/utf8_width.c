/* What needs the tables of libunistring for measuring. */
#include "codec/utf8.h"

#include "base/late.h"

#include <uniwidth.h>

static int columns_of(int32_t c)
{
	if (c < 0)
		return 1; /* shown as one replacement character */
	if (c < 0x7f)
		return c >= 0x20;
	int w = LATE(SURAT_UNISTRING, uc_width)((ucs4_t)c, "UTF-8");
	return w < 0 ? 0 : w;
}

int utf8_width(struct span s)
{
	int width = 0;
	for (int32_t c; (c = utf8_next(&s)) != -2;)
		width += columns_of(c);
	return width;
}

struct span utf8_cut(struct span s, int columns)
{
	struct span rest = s;
	size_t len = 0;
	int width = 0;
	for (int32_t c; (c = utf8_next(&rest)) != -2; len = s.len - rest.len) {
		width += columns_of(c);
		if (width > columns)
			break;
	}
	return span_take(s, len);
}
