/*
 * inert.h - foreign text made harmless for terminals, logs and one-line messages.
 *
 * C0 and C1 controls, DEL, escape sequences, bidirectional overrides and isolates, zero-width and invisible characters, line and
 * paragraph separators and invalid UTF-8 become visible (\x1b, \u202e); everything else stays.
 */
#ifndef SURAT_CODEC_INERT_H
#define SURAT_CODEC_INERT_H

#include "io/sink.h"

enum { INERT_LINES = 1 /* LF and TAB stay */ };
void inert_add(struct buf *b, struct span text, int flags);
/* As a filter for whole texts (UTF-8 cut anywhere). */
struct inert_filter {
	struct sink sink;
	struct sink *next;
	int flags;
	int32_t before; /* the code point that came before */
	char hold[4];
	size_t held;
};
void inert_filter_init(struct inert_filter *f, struct sink *next, int flags);

#endif
