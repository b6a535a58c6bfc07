/*
 * buf.h - bytes that grow, up to a declared maximum.
 *
 * Every buffer says how large it may become; passing that sets `over` and keeps what was there, so a caller writes freely and
 * tests once. Hostile size is a data error of the caller's, not out of memory.
 *
 *	struct buf b = BUF_INIT(64 * 1024);
 *	buf_adds(&b, "From: ");
 *	buf_add(&b, name);
 *	if (b.over)
 *		return err_set(e, EX_DATAERR, "field is larger than 64 KiB");
 *	buf_release(&b);
 *
 * There is always a NUL behind the bytes (not counted in len) once anything was added; buf_cstr() gives "" before that.
 */
#ifndef SURAT_BASE_BUF_H
#define SURAT_BASE_BUF_H

#include "base/span.h"

#include <stdarg.h>

struct buf {
	char *ptr;
	size_t len, cap, max;
	bool over;   /* something did not fit */
	bool secret; /* wiped when it moves or goes */
};

#define BUF_INIT(maximum)                                                                          \
	{                                                                                          \
		.max = (maximum)                                                                   \
	}

void buf_init(struct buf *b, size_t max);
/* Frees; the buffer is empty and usable again with the same maximum. */
void buf_release(struct buf *b);
/* Wipes, then frees: for secrets (set `secret` first, so that growing wipes too). */
void buf_wipe(struct buf *b);
/* Empties, keeps the memory, clears `over`. */
void buf_reset(struct buf *b);
/* Room for n more bytes at the returned place, or NULL when that passes max (over is set). Then buf_grew. */
char *buf_room(struct buf *b, size_t n);
void buf_grew(struct buf *b, size_t n);
void buf_add(struct buf *b, struct span s);
/* What is added must not lie in the buffer itself. */
void buf_addn(struct buf *b, const void *p, size_t n);
void buf_adds(struct buf *b, const char *s);
void buf_addc(struct buf *b, char c);
void buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_vaddf(struct buf *b, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
/* Drops n bytes in front. */
void buf_drop(struct buf *b, size_t n);
/* Cuts to len bytes. */
void buf_cut(struct buf *b, size_t len);
const char *buf_cstr(const struct buf *b);
/* Gives the bytes (NUL behind them) to the caller, who frees; the buffer is empty then. */
char *buf_detach(struct buf *b);

static inline struct span buf_span(const struct buf *b)
{
	return (struct span){b->ptr, b->len};
}

#endif
