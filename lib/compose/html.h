/*
 * html.h - the tags of an HTML text of ours, without an HTML parser: enough for the links and pictures of mail that is going out.
 */
#ifndef SURAT_COMPOSE_HTML_H
#define SURAT_COMPOSE_HTML_H

#include "base/span.h"

/* The next tag that opens: its name, and what is between its "<" and ">". *html: behind it. Comments, scripts' text and styles are not told apart. */
bool html_next_tag(struct span *html, struct span *name, struct span *tag);
/* The value of an attribute of a tag, ptr NULL without. It points into the tag. */
struct span html_attribute(struct span tag, const char *name);

#endif
