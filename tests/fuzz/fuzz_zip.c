/* Any zip: an end, findings that are text, and the same ones in memory as at any place. */
#include "base/alloc.h"
#include "inspect/zip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A reader that gives one byte fewer than it is asked for. */
static ssize_t short_pread(
    const struct inspect_bytes *b, void *p, size_t n, uint64_t at, struct err *e)
{
	const struct inspect_bytes_mem *m = (const struct inspect_bytes_mem *)b;
	struct span rest = at < m->mem.len ? span_skip(m->mem, (size_t)at) : SPAN("");
	(void)e;
	n = n > 1 ? n - 1 : n;
	n = n < rest.len ? n : rest.len;
	if (n)
		memcpy(p, rest.ptr, n);
	return (ssize_t)n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t n[2];
	for (int way = 0; way < 2; way++) {
		struct inspect_bytes_mem mem;
		struct inspect_result found;
		struct inspect_place place = {&found, SPAN(""), SPAN("")};
		struct err e = ERR_INIT;
		inspect_result_init(&found);
		inspect_bytes_mem_init(&mem, span_make((const char *)data, size));
		if (way)
			mem.bytes.pread = short_pread;
		ENSURE(inspect_zip(&mem.bytes, &place, 100, &e) == 0);
		n[way] = found.n;
		inspect_result_release(&found);
	}
	ENSURE(n[0] == n[1]);
	return 0;
}
