/*
 * field.h - the fields of one header, one after another: what header.c (whole headers) and parse.c (events) share. Private to this room.
 */
#ifndef SURAT_MIME_FIELD_H
#define SURAT_MIME_FIELD_H

#include "mime/parse.h"
#include "mime/window.h"

struct field {
	struct span name, value; /* as in struct mime_event */
	uint64_t offset, length; /* of all of it, with its line end */
	bool blank;              /* blanks before the colon */
};
enum field_end {
	FIELD_END_LINE, /* an empty line, taken */
	FIELD_END_STOP, /* a line that is_end knows: not taken */
	FIELD_END_BODY, /* a line that is no field: the body begins with it */
	FIELD_END_EOF
};
struct field_reader {
	struct window *win;
	const struct mime_limits *limits;
	bool
	    message; /* a message's header, not a part's: "From " lines and junk in front are passed over */
	bool (*is_end)(void *ctx, struct span line); /* or NULL */
	void *ctx;
	unsigned fields;
	size_t bytes;
	size_t *total; /* bytes of all headers */
	uint64_t
	    field_at; /* where the field begins that makes the lines before it junk: looked for once */
	uint32_t tolerated;
	enum field_end end; /* after 0 */
};
/* 1 and *f (spans until the next call), 0 the header has ended, -1. */
int field_next(struct field_reader *r, struct field *f, struct err *e);
/* Tolerances of bytes that are suspicious anywhere: NUL, bare CR. Those already in `known` are not looked for. */
uint32_t field_odd_bytes(struct span s, uint32_t known);

#endif
