/*
 * part.h - what the header fields of one part mean. Private to this room.
 *
 *	struct part_reader r = {.part = part, .arena = &arena};
 *	part_field(&r, name, value, blank) ... each field
 *	part_settle(&r, digest);
 */
#ifndef SURAT_MIME_PART_H
#define SURAT_MIME_PART_H

#include "mime/parse.h"

struct part_reader {
	struct mime_part *part;
	struct arena *arena;
	struct span boundary; /* of a multipart, as it is compared; "" */
	struct span name;     /* of Content-Type: used where the disposition has no filename */
	bool has_type, has_encoding, has_disposition;
	uint32_t other; /* mime_parser_read_as */
};
void part_field(struct part_reader *r, struct span name, struct span value, bool blank);
/* Defaults, and what is a leaf. digest: the default is message/rfc822 (RFC 2046 5.1.5). */
void part_settle(struct part_reader *r, bool digest);

#endif
