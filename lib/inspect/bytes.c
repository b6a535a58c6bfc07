#include "inspect/bytes.h"

static ssize_t mem_pread(
    const struct inspect_bytes *b, void *p, size_t n, uint64_t at, struct err *e)
{
	const struct inspect_bytes_mem *m = (const struct inspect_bytes_mem *)b;
	(void)e;
	struct span rest = at < m->mem.len ? span_skip(m->mem, (size_t)at) : SPAN("");
	n = n < rest.len ? n : rest.len;
	if (n)
		memcpy(p, rest.ptr, n);
	return (ssize_t)n;
}

void inspect_bytes_mem_init(struct inspect_bytes_mem *b, struct span mem)
{
	*b = (struct inspect_bytes_mem){.bytes = {mem_pread, mem.len}, .mem = mem};
}
