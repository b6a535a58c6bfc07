#include "mime/window.h"

#include "base/alloc.h"

#include <stdlib.h>

void window_init(struct window *w, struct source *in, size_t chunk)
{
	*w = (struct window){.in = in, .cap = chunk};
	w->ptr = mem_resize(NULL, chunk, 1);
}

void window_release(struct window *w)
{
	free(w->ptr);
	*w = (struct window){0};
}

/* What was taken goes; where the rest fills it, it grows. */
static void make_room(struct window *w, size_t want)
{
	size_t left = window_left(w);
	if (left && w->at)
		memmove(w->ptr, w->ptr + w->at, left);
	w->base += w->at;
	w->at = 0;
	w->end = left;
	size_t cap = w->cap;
	while (cap < want)
		cap *= 2;
	if (cap > w->cap)
		w->ptr = mem_resize(w->ptr, cap, 1);
	w->cap = cap;
}

int window_want(struct window *w, size_t want, struct err *e)
{
	if (w->eof || window_left(w) >= want)
		return 0;
	make_room(w, want);
	while (w->end < w->cap && !w->eof) {
		ssize_t n = w->in->read(w->in, w->ptr + w->end, w->cap - w->end, e);
		if (n < 0)
			return -1;
		w->eof = n == 0;
		w->end += (size_t)n;
	}
	return 0;
}
