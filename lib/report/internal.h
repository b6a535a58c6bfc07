/*
 * internal.h - a report from the inside.
 */
#ifndef SURAT_REPORT_INTERNAL_H
#define SURAT_REPORT_INTERNAL_H

#include "io/sink.h"
#include "report/report.h"

struct report_cell {
	struct buf text; /* inert */
	json_t *json;    /* or NULL */
	struct buf raw;  /* the bytes, where they are not UTF-8 */
	bool shown;      /* report_shown has the last word */
};
struct report {
	const struct report_column *columns;
	size_t n;
	enum report_mode mode; /* not AUTO */
	bool color, terminal;  /* what a person reads there */
	struct report_cell *cells;
	struct sink_fd *out;

	/* a table: rows that wait until the widths are known */
	struct buf *held; /* n texts a row */
	size_t held_rows;
	int *widths; /* NULL until then */
	int width;   /* of the terminal, 0: unknown */
};

/* Takes the values out of the cells and writes one object. */
int report_json_row(struct report *r, struct err *e);
int report_table_row(struct report *r, struct err *e);
int report_table_flush(struct report *r, struct err *e);
void report_table_release(struct report *r);
/* For people: "09:14", "21 Nov", "2024-03-01"; "2h". */
void report_human_time(struct buf *b, int64_t seconds);
void report_human_age(struct buf *b, int64_t seconds);

#endif
