#include "mime/boundary.h"

#include "base/alloc.h"

#include <stdlib.h>

static size_t common(struct span a, struct span b)
{
	size_t n = a.len < b.len ? a.len : b.len, i = 0;
	while (i < n && a.ptr[i] == b.ptr[i])
		i++;
	return i;
}

/* How many are not behind the text. */
static size_t place_of(const struct boundaries *b, struct span text)
{
	size_t low = 0, high = b->n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (span_cmp(b->v[middle].text, text) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The texts an entry begins with are on the way from the one before it along `shorter`: those not longer than what both have in common. */
static void link_all(struct boundaries *b)
{
	for (size_t i = 0; i < b->n; i++) {
		struct boundary *v = &b->v[i];
		int k = (int)i - 1;
		while (k >= 0 && (b->v[k].text.len > v->shared || b->v[k].text.len == v->text.len))
			k = b->v[k].shorter;
		v->shorter = k;
	}
}

void boundaries_add(struct boundaries *b, struct span text, size_t frame)
{
	size_t at = place_of(b, text);
	if (b->n == b->cap) {
		b->cap = b->cap ? 2 * b->cap : 8;
		b->v = mem_resize(b->v, b->cap, sizeof(*b->v));
	}
	memmove(b->v + at + 1, b->v + at, (b->n - at) * sizeof(*b->v));
	b->n++;
	b->v[at] = (struct boundary){.text = text, .frame = frame};
	b->v[at].shared = at ? common(b->v[at - 1].text, text) : 0;
	if (at + 1 < b->n)
		b->v[at + 1].shared = common(text, b->v[at + 1].text);
	link_all(b);
}

void boundaries_remove(struct boundaries *b, size_t frame)
{
	size_t at = 0;
	while (at < b->n && b->v[at].frame != frame)
		at++;
	if (at == b->n)
		return;
	size_t shared = b->v[at].shared;
	b->n--;
	memmove(b->v + at, b->v + at + 1, (b->n - at) * sizeof(*b->v));
	if (at < b->n && b->v[at].shared > shared)
		b->v[at].shared = shared;
	link_all(b);
}

void boundaries_release(struct boundaries *b)
{
	free(b->v);
	*b = (struct boundaries){0};
}

int boundaries_find(const struct boundaries *b, struct span line)
{
	int i = (int)place_of(b, line) - 1;
	if (i < 0)
		return BOUNDARY_NONE;
	size_t same = common(b->v[i].text, line);
	while (i >= 0 && b->v[i].text.len > same)
		i = b->v[i].shorter;
	return i;
}
