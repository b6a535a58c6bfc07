/*
 * pdf.h - PDF passing by: the names in its objects, with their #xx escapes resolved (ISO 32000 7.3.5).
 *
 * Objects may lie compressed in object streams (7.5.7). Who can unpack them gives a sink: it gets each such stream's bytes and an end, and hands what comes out to an
 * inspect_pdf of its own made with inspect_pdf_names. Without one, or where a stream is packed in a way that is not the usual, the document was not fully inspected.
 */
#ifndef SURAT_INSPECT_PDF_H
#define SURAT_INSPECT_PDF_H

#include "inspect/result.h"
#include "io/sink.h"

struct inspect_pdf {
	struct sink sink;
	const struct inspect_place *place;
	struct sink *unpack; /* or NULL; its end must be ready for the next stream */
	bool names_only;     /* inside an object stream */
	int state;           /* pdf.c's own */
	char word[64];       /* a name or a keyword in the making */
	size_t len;
	int escape; /* digits of #xx that are awaited */
	char digit;
	size_t matched; /* of "endstream" */
	bool line_end;  /* the one behind "stream" is still to come */
	bool object_stream, flate, filtered, parameters, encrypted;
	unsigned filters;
};
void inspect_pdf_init(
    struct inspect_pdf *p, const struct inspect_place *place, struct sink *unpack);
void inspect_pdf_names(struct inspect_pdf *p, const struct inspect_place *place);

#endif
