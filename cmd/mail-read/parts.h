/*
 * parts.h - all parts of a message: what they are, how large they are decoded, and on demand their digests and text.
 */
#ifndef MAIL_READ_PARTS_H
#define MAIL_READ_PARTS_H

#include "base/arena.h"
#include "crypto/digest.h"
#include "json.h"
#include "mime/decode.h"
#include "mime/embedded.h"
#include "mime/shape.h"
#include "parts_archive.h"

struct part_info {
	struct mime_part *part; /* NULL: its header was never complete */
	uint64_t size;          /* decoded */
	unsigned char sha256[32];
	struct buf text; /* decoded to UTF-8; over: it did not fit */
	bool has_text;
	json_t *archive;  /* what is in it, or NULL */
	bool archive_cut; /* and more, that was not listed */
};
enum {
	PARTS_DIGEST = 1,
	PARTS_TEXT = 2,
	PARTS_CHECK = 4,   /* text is decoded to its end, neither kept nor counted */
	PARTS_ARCHIVE = 8, /* what is in archives */
};
struct parts {
	struct part_info *v; /* by serial: in the order of the message */
	size_t n, cap;
	struct part_info
	    *files; /* embedded in leaves (mime/embedded.h), in the order of the message */
	size_t file_count, file_cap;
	struct span subject, from, to, cc, date, message_id; /* raw, ptr NULL where missing */
	struct span charset;                                 /* that of the top, for them */
	/* its own */
	struct mime_parser parser;
	struct arena arena;
	int what;
	size_t text_bytes;
};
/* One leaf on its way through the decoders. */
struct leaf {
	struct sink count;
	struct sink text_sink;
	struct embedded_handler handler;
	struct parts *parts;
	struct mime_part *part;
	struct part_info *info;
	struct mime_decoder bytes, text;
	struct digest digest, file_digest;
	struct embedded embedded;
	struct parts_archive archive;
	bool open, has_archive, has_bytes, has_text, has_embedded, digesting;
};
/* On failure there is what was read so far; release it all the same. */
int parts_read(struct parts *p, struct source *in, int what, struct err *e);
void parts_release(struct parts *p);
/* The files embedded in a leaf: *files are the first of them, the result their number. */
size_t parts_embedded(
    const struct parts *p, const struct mime_part *leaf, const struct part_info **files);

/* One JSON object: the message and its tree; failure NULL or why reading ended. */
json_t *parts_json(const struct parts *p, const char *name, const struct err *failure);

#endif
