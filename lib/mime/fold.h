/*
 * fold.h - line folding of header fields we write (RFC 5322 2.2.3): lines of at most 78, LF line ends. Private to this room.
 */
#ifndef SURAT_MIME_FOLD_H
#define SURAT_MIME_FOLD_H

#include "base/buf.h"

enum { FOLD_LINE = 78 };

/* A new line here: blanks before it go, one begins the new line. */
static inline void fold_break(struct buf *b, size_t *column)
{
	while (b->len && is_wsp(b->ptr[b->len - 1]))
		buf_cut(b, b->len - 1);
	buf_addn(b, "\n ", 2);
	*column = 1;
}

/* Appends a piece that cannot be cut, on a new line if it does not fit (and does not begin one already). ahead: what must fit behind it. */
static inline void fold_add(struct buf *b, size_t *column, struct span piece, size_t ahead)
{
	if (*column > 1 && *column + piece.len + ahead > FOLD_LINE)
		fold_break(b, column);
	buf_add(b, piece);
	*column += piece.len;
}

#endif
