/*
 * table.h - rows as a table, as lines of TAB-separated fields, as JSON, or in a format of one's own.
 */
#ifndef MAIL_READ_TABLE_H
#define MAIL_READ_TABLE_H

#include "row.h"

struct table {
	struct read *r;
	struct report *report; /* NULL with --format */
	struct out out;
	bool terminal;
	struct strv names; /* on a terminal: for the numbers */
	struct buf text;
};
void table_open(struct table *t, struct read *r);
int table_row(struct table *t, const struct row *row, struct err *e);
/* What is held back is printed; the numbers are kept. */
int table_close(struct table *t, struct err *e);
/* EX_USAGE: a field that does not exist. */
int format_check(const char *format, struct err *e);
/* One row as the format says, with its line end. */
void format_row(const char *format, const struct row *row, struct buf *b);

#endif
