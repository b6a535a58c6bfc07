/*
 * bytes.h - bytes that can be read at any place: a file that came, or one that was unpacked and is held in memory.
 */
#ifndef SURAT_INSPECT_BYTES_H
#define SURAT_INSPECT_BYTES_H

#include "io/sink.h"

struct inspect_bytes {
	/* up to n, 0 behind the end, -1 */
	ssize_t (*pread)(
	    const struct inspect_bytes *b, void *p, size_t n, uint64_t at, struct err *e);
	uint64_t size;
};
struct inspect_bytes_mem {
	struct inspect_bytes bytes;
	struct span mem;
};
/* mem must stay. */
void inspect_bytes_mem_init(struct inspect_bytes_mem *b, struct span mem);

#endif
