/*
 * leaf.h - one leaf of a message, and the files that lie in it in ways MIME knows nothing of. Private to this room.
 */
#ifndef SURAT_INSPECT_LEAF_H
#define SURAT_INSPECT_LEAF_H

#include "inspect/look.h"
#include "inspect/message.h"
#include "mime/decode.h"
#include "mime/embedded.h"

struct walk {
	struct inspect_result *result;
	const struct inspect_options *o;
	int64_t deadline_ms;
	struct arena arena; /* of the files in leaves */
};
/* A file on its way through our own checks. */
struct piece {
	struct walk *w;
	struct inspect_place place;
	struct inspect_look look;
	struct inspect_helper helper;
	struct sink nowhere;
};
struct leaf {
	struct embedded_handler handler;
	struct walk *w;
	struct mime_part *part; /* NULL: none is open */
	char type[256];
	struct piece whole, file; /* the leaf's bytes; the file in it that is at hand */
	struct sink *scanner;     /* or NULL */
	struct filter_tee tee;
	bool has_files;
	struct embedded files;
	struct mime_decoder decoder;
};
void leaf_begin(struct leaf *l, struct walk *w, struct mime_part *part);
int leaf_put(struct leaf *l, struct span bytes, struct err *e);
int leaf_end(struct leaf *l, struct err *e);

#endif
