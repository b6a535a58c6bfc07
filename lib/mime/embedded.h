/*
 * embedded.h - files in a leaf that MIME knows nothing of: uuencoded blocks in a text, and what a winmail.dat (TNEF) holds.
 *
 * Mail of before MIME, and of Outlook. IMAP gives such a file no number; here it is the leaf's with a colon and its own: "1:1".
 *
 *	if (embedded_possible(part))				// at HEADERS_END
 *		embedded_init(&m, part, &handler, &arena);
 *	mime_decoder_init_tap(&d, part, flags, out, &m.sink);	// gets the leaf's bytes, decoded
 *	... mime_decoder_end(&d, part, e);			// notes in part->tolerated what was found
 *	embedded_release(&m);
 *
 * A file is given to the handler as a part: its parent is the leaf, its bytes need no decoding. A text's files come while it is read, those of a
 * winmail.dat at its end (their names stand behind their bytes), through a spool. What is damaged is read as far as it goes.
 */
#ifndef SURAT_MIME_EMBEDDED_H
#define SURAT_MIME_EMBEDDED_H

#include "io/spool.h"
#include "mime/parse.h"

enum { EMBEDDED_MAX = 1000 }; /* files of a leaf; those behind are left */

struct embedded_handler {
	/* file: in the arena. Each returns 0 or -1. */
	int (*begin)(struct embedded_handler *h, struct mime_part *file, struct err *e);
	int (*put)(
	    struct embedded_handler *h, struct mime_part *file, struct span bytes, struct err *e);
	int (*end)(struct embedded_handler *h, struct mime_part *file, struct err *e);
};

struct embedded {
	struct sink sink;
	struct mime_part *part;
	struct embedded_handler *handler;
	struct arena *arena;
	struct mime_part *file; /* that is open */
	unsigned files;
	/* of a text */
	int state;
	bool passing; /* the rest of a line that is none of ours */
	size_t held;  /* of the line in the making */
	char line[1024];
	struct buf name; /* of a block that has not begun for certain */
	/* of TNEF */
	struct spool spool;
};
/* Could there be such files? */
bool embedded_possible(const struct mime_part *leaf);
/* They would be those of a winmail.dat. */
bool embedded_is_tnef(const struct mime_part *leaf);
void embedded_init(
    struct embedded *m, struct mime_part *leaf, struct embedded_handler *h, struct arena *a);
void embedded_release(struct embedded *m);

#endif
