/*
 * arena.h - many small pieces that end together.
 *
 * One arena a message holds its headers, addresses and part tree. Nothing is freed alone. The arena declares its maximum:
 * passing it gives NULL and sets `over`, a data error of the caller's (hostile size is not out of memory).
 *
 *	struct arena a = ARENA_INIT(8 << 20);
 *	struct part *p = arena_new(&a, 1, sizeof(*p));	// zeroed
 *	arena_release(&a);
 */
#ifndef SURAT_BASE_ARENA_H
#define SURAT_BASE_ARENA_H

#include "base/span.h"

struct arena_block;
struct arena {
	struct arena_block *top;
	size_t used, max;
	bool over;
};

#define ARENA_INIT(maximum)                                                                        \
	{                                                                                          \
		.max = (maximum)                                                                   \
	}

void arena_init(struct arena *a, size_t max);
/* Frees all; the arena is empty and usable again. */
void arena_release(struct arena *a);
/* n * size bytes, zeroed, aligned for anything; NULL past the maximum. */
void *arena_new(struct arena *a, size_t n, size_t size);
/* A copy with a NUL behind it; ptr NULL past the maximum. */
struct span arena_dup(struct arena *a, struct span s);
/* The same as a C string, or NULL. */
char *arena_str(struct arena *a, struct span s);

#endif
