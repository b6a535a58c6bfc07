/*
 * canon.h - canonical line ends (RFC 8551 3.1.1, RFC 3156 5) while it is read: an LF without a CR gets one, all else stays, a stray CR too. Private to this room.
 *
 *	struct source_canon c;
 *	source_canon_init(&c, &range.source);
 *	smime_sign(id, true, &c.source, ...);
 */
#ifndef SURAT_SECURE_CANON_H
#define SURAT_SECURE_CANON_H

#include "io/sink.h"

struct source_canon {
	struct source source;
	struct source *in;
	bool cr;        /* the last byte handed on */
	bool lf;        /* owed: its CR is out */
	size_t at, end; /* read and not handed on */
	char bytes[16384];
};
void source_canon_init(struct source_canon *c, struct source *in);

#endif
