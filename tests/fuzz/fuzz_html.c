/* Any HTML: text comes out, valid UTF-8 without controls, and not more than a multiple of what went in. */
#include "../../cmd/surat-html/text.h"

#include "base/alloc.h"
#include "codec/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf html = BUF_INIT(4 << 20), out = BUF_INIT(64 << 20);
	struct sink_buf to;
	struct err e = ERR_INIT;
	utf8_repair(&html, span_make((const char *)data, size));
	for (size_t i = 0; i < html.len; i++)
		if (!html.ptr[i])
			html.ptr[i] = ' ';
	sink_buf_init(&to, &out);
	int r = html_to_text(buf_span(&html), 40, size % 2, &to.sink, &e);
	ENSURE(r == 0 || e.code == EX_DATAERR);
	ENSURE(utf8_valid(buf_span(&out)) && !out.over);
	for (size_t i = 0; i < out.len; i++)
		ENSURE(out.ptr[i] == '\n' || (unsigned char)out.ptr[i] >= ' ');
	buf_release(&html);
	buf_release(&out);
	return 0;
}
