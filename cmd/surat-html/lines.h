/*
 * lines.h - words into lines of a width: prefixes of quotes and lists, blank lines between blocks, never two in a row.
 */
#ifndef SURAT_HTML_LINES_H
#define SURAT_HTML_LINES_H

#include "io/sink.h"

enum { LINES_PREFIX_MAX = 64 };
struct lines {
	struct sink *out;
	int width;
	struct buf line,
	    word; /* the line in the making, without its prefix; the word in the making */
	int line_width;
	bool space; /* between them */
	char prefix[LINES_PREFIX_MAX],
	    first[LINES_PREFIX_MAX];   /* first: of the next line only ("  * ") */
	char lowest[LINES_PREFIX_MAX]; /* the shortest prefix since the last line was written */
	bool has_first;
	unsigned blank; /* lines wanted before the next text: 1 */
	bool any;       /* something was written */
	struct err *e;
	bool failed;
};
void lines_init(struct lines *l, struct sink *out, int width, struct err *e);
void lines_release(struct lines *l);
/* Text whose blanks count as one. */
void lines_text(struct lines *l, struct span text);
/* Text whose blanks and line ends stay. */
void lines_verbatim(struct lines *l, struct span text);
/* Ends the line, if something is on it. */
void lines_break(struct lines *l);
/* Ends the line; an empty one follows where more text does. */
void lines_gap(struct lines *l);
/* <br>: ends the line even when it is empty. */
void lines_newline(struct lines *l);
/* Something is on the line in the making. */
bool lines_begun(const struct lines *l);
void lines_set_prefix(struct lines *l, const char *prefix);
void lines_set_first(struct lines *l, const char *first);

#endif
