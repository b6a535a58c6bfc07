/*
 * rows.h - tables of people: CSV (RFC 4180; with semicolons or tabs where the first line has no comma) whose first line names the fields, or JSON: an
 * array of objects, or an object after the other.
 *
 *	struct rows *r = rows_open("people.csv", e);
 *	while ((n = rows_next(r, &row, e)) > 0) ... rows_get(&row, SPAN("email"), &value)
 *	rows_free(r);
 *
 * Strict: a row with more or fewer fields than there are names, two fields of one name, text that is not UTF-8: EX_DATAERR with file and line. One row is in
 * memory at a time.
 */
#ifndef SURAT_COMPOSE_ROWS_H
#define SURAT_COMPOSE_ROWS_H

#include "base/buf.h"
#include "base/err.h"
#include "io/spool.h"

struct row_field {
	struct span name, value;
};
struct row {
	struct row_field *v;
	size_t n, cap;
	uint64_t number; /* 1.. */
	struct buf text; /* what the fields point into */
};
struct rows;
/* "-": standard input. EX_NOINPUT. NULL on failure. */
struct rows *rows_open(const char *path, struct err *e);
void rows_free(struct rows *r);
/* From the start again. */
int rows_rewind(struct rows *r, struct err *e);
/* 1, 0 the end, -1. *row until the next call. */
int rows_next(struct rows *r, const struct row **row, struct err *e);
bool rows_get(const struct row *row, struct span name, struct span *value);

/* rows_csv.c, rows_json.c: one row. Private. */
struct rows_input { /* bytes of the table, one after the other */
	struct spool spool;
	const char *path;
	char *bytes;
	size_t at, end;
	uint64_t offset, line;
	bool failed;
	struct err err;
};
/* -1 at the end. */
int rows_byte(struct rows_input *in);
int rows_peek(struct rows_input *in);
int rows_fail(const struct rows_input *in, struct err *e, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void rows_add(struct row *row, struct span name, struct span value);
struct rows_csv {
	struct buf names_text;
	struct span *names;
	size_t n;
	char separator;
};
int rows_csv_names(struct rows_csv *c, struct rows_input *in, struct err *e);
int rows_csv_next(struct rows_csv *c, struct rows_input *in, struct row *row, struct err *e);
void rows_csv_release(struct rows_csv *c);
int rows_json_next(struct rows_input *in, bool *begun, struct row *row, struct err *e);

#endif
