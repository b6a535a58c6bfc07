#include "sort.h"

#include "base/alloc.h"
#include "codec/utf8.h"
#include "mime/subject.h"

#include <stdlib.h>

void rows_init(struct rows *rows, size_t max_bytes)
{
	*rows = (struct rows){0};
	arena_init(&rows->arena, max_bytes);
}

void rows_release(struct rows *rows)
{
	free(rows->v);
	arena_release(&rows->arena);
}

struct row *rows_add(struct rows *rows)
{
	if (rows->n == rows->cap) {
		rows->cap = rows->cap ? 2 * rows->cap : 256;
		rows->v = mem_resize(rows->v, rows->cap, sizeof(*rows->v));
	}
	return &rows->v[rows->n++];
}

int rows_load(struct rows *rows, struct read *r, struct err *e)
{
	size_t n = 0;
	for (size_t i = 0; i < rows->n; i++) {
		if (check_stop(e) < 0)
			return -1;
		int code = row_load(&rows->v[i], &rows->arena, r, e);
		if (code < 0)
			return -1;
		if (code > 0)
			rows->v[n++] = rows->v[i];
	}
	rows->n = n;
	return 0;
}

/* --- orders; row.number holds the place before sorting --- */

static int by_place(const struct row *a, const struct row *b)
{
	return a->number < b->number ? -1 : 1;
}

static int by_date(const void *pa, const void *pb)
{
	const struct row *a = pa, *b = pb;
	return a->date_s != b->date_s ? (a->date_s < b->date_s ? -1 : 1) : by_place(a, b);
}

static int by_size(const void *pa, const void *pb)
{
	const struct row *a = pa, *b = pb;
	return a->size != b->size ? (a->size < b->size ? -1 : 1) : by_place(a, b);
}

static int by_key(const void *pa, const void *pb)
{
	const struct row *a = pa, *b = pb;
	int r = span_cmp(a->key, b->key);
	return r ? r : by_place(a, b);
}

static void make_keys(struct rows *rows, enum sort sort)
{
	struct buf text = BUF_INIT(1 << 20), key = BUF_INIT(4 << 20);
	for (size_t i = 0; i < rows->n; i++) {
		struct row *row = &rows->v[i];
		buf_reset(&text);
		buf_reset(&key);
		if (sort == SORT_FROM)
			row_from(row, &text);
		else
			subject_base(&text, row->subject);
		utf8_fold(&key, buf_span(&text));
		row->key = arena_dup(&rows->arena, buf_span(&key));
	}
	buf_release(&text);
	buf_release(&key);
}

void rows_sort(struct rows *rows, enum sort sort)
{
	int (*order)(const void *, const void *) = sort == SORT_DATE   ? by_date
						   : sort == SORT_SIZE ? by_size
								       : by_key;
	if (sort == SORT_THREAD) {
		rows_thread(rows);
		return;
	}
	if (sort == SORT_ARRIVAL || rows->n < 2)
		return;
	if (order == by_key)
		make_keys(rows, sort);
	for (size_t i = 0; i < rows->n; i++)
		rows->v[i].number = (unsigned)i;
	qsort(rows->v, rows->n, sizeof(*rows->v), order);
}

void rows_limit(struct rows *rows, int64_t n)
{
	if (n <= 0 || (uint64_t)n >= rows->n)
		return;
	memmove(rows->v, rows->v + (rows->n - (size_t)n), (size_t)n * sizeof(*rows->v));
	rows->n = (size_t)n;
}

void rows_reverse(struct rows *rows)
{
	for (size_t i = 0, j = rows->n; i + 1 < j; i++) {
		struct row t = rows->v[i];
		rows->v[i] = rows->v[--j];
		rows->v[j] = t;
	}
}
