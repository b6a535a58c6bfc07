/*
 * state.h - what the parser remembers. Private to this room.
 *
 * Frames are the parts that are open, the outermost first. A layer is a window over bytes: the source, or what an encoded message/rfc822 part
 * decodes to, whose source reads the layer below. A layer's frames are those from `floor` on; its boundaries are looked for in it alone.
 */
#ifndef SURAT_MIME_STATE_H
#define SURAT_MIME_STATE_H

#include "mime/boundary.h"
#include "mime/decode.h"
#include "mime/field.h"
#include "mime/part.h"

#define BIT(t) (UINT32_C(1) << (t))

struct frame {
	struct mime_part *part;
	struct span boundary; /* "" where it is no multipart */
	const char *prefix;   /* of its children's numbers: "", "2." */
	unsigned children;
	bool closed; /* the closing boundary came */
};

struct layer;
struct layer_source {
	struct source source;
	struct mime_state *state;
	struct layer *outer;
	struct mime_part *part; /* the encoded one */
	struct mime_decoder decoder;
	struct sink_buf to;
	struct buf buf;
	size_t taken;
	bool ended;
};
struct layer {
	struct layer *outer;
	struct layer_source src; /* unused in the outermost */
	struct window win;
	size_t floor, top;            /* its frames: floor..top-1 */
	struct boundaries boundaries; /* of those */
	bool line_start;              /* the window begins with a line */
	size_t column;                /* bytes of the window's first line that were taken */
	/* how the body ended */
	bool hit; /* by a boundary, else by the source */
	bool closing;
	size_t frame; /* whose */
	size_t skip;  /* bytes to it and with its line */
};

enum step { STEP_BEGIN, STEP_HEADER, STEP_BODY, STEP_UNWIND, STEP_DONE };
struct mime_state {
	struct mime_limits limits;
	uint32_t other; /* ambiguities that are read the other way */
	struct source *in;
	struct arena arena;
	struct frame *frames;
	size_t n, cap; /* frames */
	struct mime_part **parts;
	size_t part_count, part_cap;
	struct layer *layer;
	unsigned layers;
	enum step step;
	size_t keep; /* UNWIND: until so many frames are left */
	struct field_reader fields;
	struct part_reader reader;
	size_t header_bytes; /* of all headers */
};

/* body.c: the next piece of the body of a layer's innermost part: 1; 0 its end (hit...); -1. */
int body_next(
    struct mime_state *st, struct layer *l, struct span *piece, uint64_t *offset, struct err *e);
/* Is this line (without its end) a boundary of an open frame of the layer? Sets closing and frame. */
bool body_boundary(struct mime_state *st, struct layer *l, struct span line);

#endif
