/*
 * sort.h - many rows, and their orders.
 */
#ifndef MAIL_READ_SORT_H
#define MAIL_READ_SORT_H

#include "row.h"

enum { ROWS_BYTES = 1 << 30 }; /* of headers, at most */
struct rows {
	struct row *v;
	size_t n, cap;
	struct arena arena;
};
void rows_init(struct rows *rows, size_t max_bytes);
void rows_release(struct rows *rows);
struct row *rows_add(struct rows *rows);
/* All messages of the mailboxes in the order asked for. Headers are read of as few of them as that order allows. */
int rows_collect(struct lister *l, struct mailboxes *m, struct rows *rows, struct err *e);
/* Reads all headers; rows whose message is gone go too. */
int rows_load(struct rows *rows, struct read *r, struct err *e);
/* Stable: what is equal stays in the order of arrival. */
void rows_sort(struct rows *rows, enum sort sort);
/* Keeps the last n; 0: all. */
void rows_limit(struct rows *rows, int64_t n);
void rows_reverse(struct rows *rows);
/* By conversation: sets depth. */
void rows_thread(struct rows *rows);

#endif
