/* What needs the tables of libunistring for comparing. */
#include "codec/utf8.h"

#include "base/alloc.h"
#include "base/late.h"

#include <stdlib.h>
#include <unicase.h>
#include <uninorm.h>

void utf8_fold(struct buf *b, struct span s)
{
	if (is_ascii(s)) {
		char *to = buf_room(b, s.len);
		for (size_t i = 0; to && i < s.len; i++)
			to[i] = to_lower(s.ptr[i]);
		if (to)
			buf_grew(b, s.len);
		return;
	}
	struct buf valid = BUF_INIT(3 * s.len);
	utf8_repair(&valid, s);
	size_t len = 0;
	uint8_t *folded = LATE(SURAT_UNISTRING, u8_casefold)((const uint8_t *)valid.ptr, valid.len,
	    NULL, &LATE(SURAT_UNISTRING, uninorm_nfc), NULL, &len);
	if (folded)
		buf_addn(b, folded, len);
	else
		buf_add(b, buf_span(&valid)); /* unfolded still compares */
	free(folded);
	buf_release(&valid);
}
