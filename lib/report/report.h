/*
 * report.h - one record, two renderings: a line of text or a JSON object.
 *
 *	static const struct report_column columns[] = {
 *		{"id", N_("ID"), 0}, {"age", N_("AGE"), REPORT_RIGHT}, {"from", N_("FROM"), 0}, {"text", NULL, 0},	// NULL heading: JSON only
 *	};
 *	struct report *r = report_new(columns, ARRAY_LEN(columns), json ? REPORT_JSON : REPORT_AUTO, common.color);
 *	report_text(r, 0, id); report_number(r, 1, age); ...; report_row(r, e);
 *	return report_close(r, e);
 *
 * Text: on a terminal a heading and aligned columns (the last one cut to the width; the first rows are held back to learn how wide they are);
 * elsewhere no heading, TAB between fields, one record a line. All foreign text is inert. JSON: one object per line, keys in column order, fields that were not set left out; text that is not UTF-8 gets
 * U+FFFD and the bytes in base64 under "raw".{key}. Output goes to stdout through a buffer and is checked at close (EX_IOERR).
 */
#ifndef SURAT_REPORT_REPORT_H
#define SURAT_REPORT_REPORT_H

#include "base/buf.h"
#include "base/err.h"

#include <jansson.h>
#include <stdint.h>

enum { REPORT_RIGHT = 1, REPORT_TEXT_ONLY = 2, REPORT_DIM = 4, REPORT_BOLD = 8 };
struct report_column {
	const char *key, *heading; /* heading NULL: in JSON only */
	unsigned flags;
};
enum report_mode { REPORT_AUTO, REPORT_JSON, REPORT_TABS, REPORT_TABLE };
struct report;
/* color: as --color says it, 0 auto, 1 always, 2 never. columns must outlive the report. */
struct report *report_new(
    const struct report_column *columns, size_t n, enum report_mode mode, int color);
void report_text(struct report *r, size_t column, struct span text);
void report_number(struct report *r, size_t column, int64_t value);
void report_bool(struct report *r, size_t column, bool value);
/* JSON: RFC 3339 UTC. Text: on a terminal "09:14", "21 Nov", "2024-03-01"; elsewhere RFC 3339. */
void report_time(struct report *r, size_t column, int64_t seconds);
/* JSON: the number of bytes. Text: on a terminal "31K"; elsewhere the number. */
void report_bytes(struct report *r, size_t column, uint64_t bytes);
/* JSON: seconds. Text: on a terminal "2h", with the prefix in front ("in ", or ""); elsewhere seconds. */
void report_age(struct report *r, size_t column, int64_t seconds, const char *prefix);
/* The bytes that the column's text was made of: in JSON they stand beside it where they are no UTF-8. */
void report_raw(struct report *r, size_t column, struct span bytes);
/* Any JSON value (stolen); text: nothing unless report_shown says it. */
void report_json(struct report *r, size_t column, json_t *value);
/* What the text rendering says, where it differs from JSON's. */
void report_shown(struct report *r, size_t column, struct span text);
/* The record is complete. EX_IOERR "standard output: ...". */
int report_row(struct report *r, struct err *e);
/* Out with what is held back: for who must be answered at once. */
int report_flush(struct report *r, struct err *e);
/* Flushes, frees. */
int report_close(struct report *r, struct err *e);
/* A JSON string from foreign bytes, invalid UTF-8 repaired. */
json_t *report_json_text(struct span text);
json_t *report_json_time(int64_t seconds);
/* How JSON is written to stdout: compact, and in ASCII on a terminal, where C1 controls and directions would act. */
size_t report_json_flags(void);
/* "712", "31K", "3.1M": for a line to a person. */
void report_human_bytes(struct buf *b, uint64_t bytes);
/* Width of the terminal on stdout, or 0 where it is none. */
int report_terminal_width(void);
/* The same as it was when the report began. */
int report_width(const struct report *r);
/* Whether to colour what goes to this descriptor: --color (0, 1, 2), NO_COLOR, a terminal. */
bool report_color(int color, int fd);

#endif
