#include "mime/boundary.h"

#include "../tap.h"

#include <stdio.h>

enum { MOST = 40, LETTERS = 8 };

/* The same, slowly: the longest text the line begins with, of those the last frame. */
static int find_slowly(const struct boundaries *b, struct span line)
{
	int best = BOUNDARY_NONE;
	for (size_t i = 0; i < b->n; i++) {
		struct span text = b->v[i].text;
		if (text.len > line.len || memcmp(text.ptr, line.ptr, text.len) != 0)
			continue;
		if (best < 0 || text.len > b->v[best].text.len ||
		    (text.len == b->v[best].text.len && b->v[i].frame > b->v[best].frame))
			best = (int)i;
	}
	return best;
}

static uint32_t state = 1;
static unsigned chance(unsigned n)
{
	state = state * 1664525 + 1013904223;
	return (state >> 16) % n;
}

/* Of two letters, so that many begin alike. */
static struct span word(char *to)
{
	size_t n = 1 + chance(LETTERS);
	for (size_t i = 0; i < n; i++)
		to[i] = (char)('a' + chance(2));
	return span_make(to, n);
}

static bool chain_is_right(const struct boundaries *b, struct span line)
{
	int i = boundaries_find(b, line);
	if (i != find_slowly(b, line))
		return false;
	for (; i >= 0; i = b->v[i].shorter) {
		struct span shorter = span_take(line, b->v[i].text.len - 1);
		if (b->v[i].shorter != find_slowly(b, shorter))
			return false;
	}
	return true;
}

int main(void)
{
	static char texts[MOST][LETTERS];
	char line[2 * LETTERS];
	struct boundaries b = {0};
	bool right = true;
	for (unsigned turn = 0; right && turn < 20000; turn++) {
		size_t n = b.n;
		if (n < MOST && chance(5) < 3)
			boundaries_add(&b, word(texts[n]), n);
		else if (n)
			boundaries_remove(&b, n - 1);
		right = chain_is_right(&b, word(line));
		if (!right)
			printf("# turn %u, %zu boundaries\n", turn, b.n);
	}
	ok(right, "20,000 random lines find what a slow search finds");
	is_int((intmax_t)boundaries_find(&b, SPAN("")), BOUNDARY_NONE, "an empty line is none");
	boundaries_release(&b);
	is_int((intmax_t)boundaries_find(&b, SPAN("a")), BOUNDARY_NONE, "nor is there one of none");
	return tap_done();
}
