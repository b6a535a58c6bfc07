/*
 * behind.h - a second file in one that passes by: what lies behind its beginning, for those who look for the marks of an archive further on (as programs
 * do that unpack themselves) or from its end.
 *
 * Memory: the last 66 to 132 KiB.
 */
#ifndef SURAT_INSPECT_BEHIND_H
#define SURAT_INSPECT_BEHIND_H

#include "base/buf.h"
#include "inspect/kind.h"

enum {
	INSPECT_TAIL = 66 << 10,      /* a zip's end has a comment of up to 64 KiB */
	INSPECT_BEHIND_MAX = 8 << 20, /* nobody looks for a mark further on */
	INSPECT_MARK_MAX = 8
};
struct inspect_behind {
	struct buf tail;
	char last[INSPECT_MARK_MAX - 1]; /* bytes before those at hand */
	size_t have;
	uint64_t at;                         /* bytes that passed */
	const struct inspect_format *begins; /* the first whose mark was found */
};
void inspect_behind_init(struct inspect_behind *b);
void inspect_behind_release(struct inspect_behind *b);
void inspect_behind_put(struct inspect_behind *b, struct span bytes);
/* What was found in a file whose own format is `of`. */
void inspect_behind_found(const struct inspect_behind *b, const struct inspect_place *place,
    const struct inspect_format *of);

#endif
