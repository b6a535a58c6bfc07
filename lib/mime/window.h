/*
 * window.h - a sliding view of a source. Private to this room.
 *
 * It is always filled to its end or to the source's end, so that what is seen at a moment depends on the bytes and never on how
 * the source cut them.
 */
#ifndef SURAT_MIME_WINDOW_H
#define SURAT_MIME_WINDOW_H

#include "base/err.h"
#include "io/sink.h"

struct window {
	struct source *in;
	char *ptr;
	size_t cap, at, end; /* bytes at..end are there and not taken */
	uint64_t base;       /* offset of ptr[0] in the source */
	bool eof;
};
/* chunk: how much is read at once. */
void window_init(struct window *w, struct source *in, size_t chunk);
void window_release(struct window *w);
/* want bytes are there, or all there will ever be. The view moves: spans of it are void then. */
int window_want(struct window *w, size_t want, struct err *e);

static inline size_t window_left(const struct window *w)
{
	return w->end - w->at;
}
static inline struct span window_rest(const struct window *w)
{
	return span_make(w->ptr + w->at, w->end - w->at);
}
static inline struct span window_take(struct window *w, size_t n)
{
	w->at += n;
	return span_make(w->ptr + w->at - n, n);
}
static inline uint64_t window_offset(const struct window *w)
{
	return w->base + w->at;
}

#endif
