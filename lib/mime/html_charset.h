/*
 * html_charset.h - the charset an HTML text names itself, for where its part declares none. Private to this room.
 */
#ifndef SURAT_MIME_HTML_CHARSET_H
#define SURAT_MIME_HTML_CHARSET_H

#include "codec/charset.h"

enum { HTML_CHARSET_LOOK = 1024 }; /* bytes looked at, as browsers do */

/* From a byte order mark or a <meta> element: points into html or is constant; "" where it names none. */
struct span html_charset_find(struct span html);

/* A filter before a charset_filter, which it initialises when it knows the charset. */
struct html_charset {
	struct sink sink;
	struct charset_filter *charset;
	struct sink *next; /* of that */
	size_t held;
	bool decided, found;
	char head[HTML_CHARSET_LOOK];
};
void html_charset_init(struct html_charset *f, struct charset_filter *charset, struct sink *next);

#endif
