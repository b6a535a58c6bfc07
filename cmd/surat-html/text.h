/*
 * text.h - HTML to text for people: links, lists, tables and quotes stay readable, what is not shown is left out.
 */
#ifndef SURAT_HTML_TEXT_H
#define SURAT_HTML_TEXT_H

#include "io/sink.h"

/* html: UTF-8. legacy: what repeats a hidden Subject for others is left out (RFC 9788 4.5.3.3). EX_DATAERR when libxml2 gives up. */
int html_to_text(struct span html, int width, bool legacy, struct sink *out, struct err *e);

#endif
