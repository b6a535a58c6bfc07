/*
 * header.h - a whole message header read at once, for programs that only need it: list, envelope, queue, submit.
 *
 *	struct header h = HEADER_INIT;
 *	if (header_read(&h, &src.source, NULL, e) < 0) ...
 *	struct span subject = header_get(&h, "Subject");	// raw, folded; ptr NULL when absent
 *	header_release(&h);
 */
#ifndef SURAT_MIME_HEADER_H
#define SURAT_MIME_HEADER_H

#include "base/arena.h"
#include "base/err.h"
#include "io/sink.h"
#include "mime/address.h"
#include "mime/parse.h"

struct header_field {
	struct span name, value; /* value raw, folds in it, no final line end */
	uint64_t offset, length; /* of the whole field with its line end, in the source */
};
struct header {
	struct arena arena;
	struct header_field *v;
	size_t n, cap;
	uint64_t start; /* where the first field begins (behind a "From " line) */
	uint64_t end;   /* offset of the body: behind the empty line */
	bool complete;  /* an empty line ended it */
	uint32_t tolerated;
};
#define HEADER_INIT                                                                                \
	{                                                                                          \
		.arena = ARENA_INIT(16u << 20)                                                     \
	}
int header_read(
    struct header *h, struct source *in, const struct mime_limits *limits, struct err *e);
/* The first of that name (ASCII case-insensitive), or ptr NULL. */
struct span header_get(const struct header *h, const char *name);
/* The i-th of that name, from 0. */
struct span header_get_nth(const struct header *h, const char *name, size_t i);
/* What its Content-Type declares, or "". */
struct span header_charset(const struct header *h, struct arena *a);
/* A raw value of it for people: unfolded, encoded words decoded; 8-bit bytes are UTF-8, else of that charset. */
void header_decode(const struct header *h, struct span value, struct buf *b);
/* Decoded for people (unfolded, encoded words): into b. */
void header_text(const struct header *h, const char *name, struct buf *b);
/* All addresses of all fields of that name, appended to list. */
int header_addresses(
    struct header *h, const char *name, struct arena *a, struct address_list *out, struct err *e);
void header_release(struct header *h);
/* Unfolds a raw value into b: line ends go, blanks stay (RFC 5322 2.2.3). */
void header_unfold(struct buf *b, struct span raw);

#endif
