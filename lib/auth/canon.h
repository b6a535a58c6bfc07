/*
 * canon.h - the two forms of header fields and bodies that survive the way of a message: simple and relaxed, RFC 6376 3.4.
 *
 *	struct canon_body c;
 *	canon_body_init(&c, CANON_RELAXED, &digest.sink);
 *	sink_put(&c.sink, piece, e) ... sink_end(&c.sink, e);	// does not end what is behind it
 *	canon_body_release(&c);
 *
 * Lines may end in LF or CRLF and count as CRLF, as they will on the wire. Memory: one block.
 */
#ifndef SURAT_AUTH_CANON_H
#define SURAT_AUTH_CANON_H

#include "io/sink.h"

enum canon { CANON_SIMPLE, CANON_RELAXED };
const char *canon_word(enum canon c);
/* False: neither of the two words. */
bool canon_parse(struct span word, enum canon *out);

struct canon_body {
	struct sink sink;
	struct sink *next;
	enum canon how;
	uint64_t empty; /* lines without anything, not passed on yet: at the end they are dropped */
	bool cr, blank; /* held back: a CR that may end the line; relaxed: blanks, one or many */
	bool text;      /* something of the line at hand was passed on */
	bool any;       /* something was ever passed on */
	size_t len;
	char *out; /* a block, from the first octet to the end of the body */
};
void canon_body_init(struct canon_body *c, enum canon how, struct sink *next);
/* Of one whose end was not called; harmless otherwise. */
void canon_body_release(struct canon_body *c);

/* A field as it was written, "Name: value" with its folds and without its last line end; what comes out has no line end at its end either. */
void canon_field(struct buf *out, enum canon how, struct span raw);

#endif
