#include "mime/header.h"

void header_unfold(struct buf *b, struct span raw)
{
	if (!raw.len)
		return;
	const char *p = raw.ptr, *end = raw.ptr + raw.len;
	while (p < end) {
		const char *q = p;
		while (q < end && *q != '\r' && *q != '\n')
			q++;
		buf_addn(b, p, (size_t)(q - p));
		if (q == end)
			return;
		/* a CR of its own is no line end: a blank keeps the words apart */
		if (*q == '\r' && (q + 1 == end || q[1] != '\n'))
			buf_addc(b, ' ');
		p = q + 1;
	}
}
