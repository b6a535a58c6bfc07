/*
 * boundary.h - which of many open boundaries a line begins with. Private to this room.
 *
 * A message may hold a hundred open boundaries and millions of lines that begin almost as all of them do; so they are kept sorted, each with the longest
 * shorter one it begins with, and a line costs a binary search instead of a comparison with each.
 */
#ifndef SURAT_MIME_BOUNDARY_H
#define SURAT_MIME_BOUNDARY_H

#include "base/buf.h"

enum { BOUNDARY_NONE = -1 };
struct boundary {
	struct span text;
	size_t frame;
	size_t shared; /* bytes it has in common with the one before it */
	int shorter;   /* the longest that is shorter and that it begins with, or BOUNDARY_NONE */
};
/* Sorted by text, those of one text by frame. */
struct boundaries {
	struct boundary *v;
	size_t n, cap;
};
/* frame: larger than all that are there. The text must stay. */
void boundaries_add(struct boundaries *b, struct span text, size_t frame);
/* The one of that frame, if there is one. */
void boundaries_remove(struct boundaries *b, size_t frame);
void boundaries_release(struct boundaries *b);
/* The longest the line (behind its "--") begins with, the innermost of its text, or BOUNDARY_NONE. The next one is its `shorter`. */
int boundaries_find(const struct boundaries *b, struct span line);

#endif
