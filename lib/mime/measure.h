/*
 * measure.h - what is in a text, so that its transfer encoding can be chosen. Private to this room.
 */
#ifndef SURAT_MIME_MEASURE_H
#define SURAT_MIME_MEASURE_H

#include "io/spool.h"

enum {
	MEASURE_LINE_WISHED = 78, /* RFC 5322 2.1.1 */
	MEASURE_LINE_MAX = 998
};
struct measure {
	bool eight_bit, nul, cr, stray_cr; /* cr: any at all */
	bool
	    control; /* one that is neither a blank, a form feed, an escape (ISO-2022) nor a line end */
	bool utf8;                     /* valid (ASCII too) */
	bool from_line;                /* a line begins with "From " */
	bool ends_with_line;           /* the last line has its end, or there is none */
	bool token_line;               /* a line begins with "--=_" and the token */
	size_t longest;                /* line */
	uint64_t qp_size, base64_size; /* when encoded */
};
int measure_spool(struct measure *m, const struct spool *text, const char *token, struct err *e);

#endif
