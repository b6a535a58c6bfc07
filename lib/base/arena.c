#include "base/arena.h"

#include "base/alloc.h"

#include <stdalign.h>
#include <stdlib.h>

enum { BLOCK = 8192 };

struct arena_block {
	struct arena_block *below;
	size_t len, cap;
	alignas(max_align_t) char bytes[];
};

void arena_init(struct arena *a, size_t max)
{
	*a = (struct arena){.max = max};
}

void arena_release(struct arena *a)
{
	while (a->top) {
		struct arena_block *below = a->top->below;
		free(a->top);
		a->top = below;
	}
	arena_init(a, a->max);
}

static void add_block(struct arena *a, size_t need)
{
	size_t cap = need > BLOCK ? need : BLOCK;
	struct arena_block *b = mem_resize(NULL, sizeof(*b) + cap, 1);
	b->below = a->top;
	b->len = 0;
	b->cap = cap;
	a->top = b;
}

void *arena_new(struct arena *a, size_t n, size_t size)
{
	size_t need, align = alignof(max_align_t);
	if (__builtin_mul_overflow(n, size, &need) || need > a->max - a->used ||
	    a->max - a->used - need < align) {
		a->over = true;
		return NULL;
	}
	need = (need + align - 1) / align * align;
	if (!a->top || a->top->cap - a->top->len < need)
		add_block(a, need);
	void *p = a->top->bytes + a->top->len;
	a->top->len += need;
	a->used += need;
	memset(p, 0, need);
	return p;
}

struct span arena_dup(struct arena *a, struct span s)
{
	char *p = arena_str(a, s);
	return (struct span){p, p ? s.len : 0};
}

char *arena_str(struct arena *a, struct span s)
{
	char *p = arena_new(a, s.len + 1, 1);
	if (p && s.len)
		memcpy(p, s.ptr, s.len);
	return p;
}
