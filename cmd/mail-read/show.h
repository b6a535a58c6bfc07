/*
 * show.h - a message on its way to a person's eyes: inert text on standard output, or gathered for JSON.
 */
#ifndef MAIL_READ_SHOW_H
#define MAIL_READ_SHOW_H

#include "base/arena.h"
#include "codec/inert.h"
#include "mime/decode.h"
#include "read.h"
#include "view.h"

struct show {
	struct read *r;
	struct out out;
	bool color, any;
	struct view view;
	/* the part that is being shown */
	struct mime_part *part;
	struct mime_decoder decoder;
	struct inert_filter inert;
	struct sink text; /* what is to be shown comes here */
	struct buf *json; /* --json: the text is gathered */
	struct buf html;
	struct sink_buf html_sink;
	char last;
	bool out_failed;
};
void show_init(struct show *sh, struct read *r);

/* Our own text; foreign text. OUT_FAILED. */
int show_put(struct show *sh, const char *text, struct err *e);
int show_put_inert(struct show *sh, struct span text, int flags, struct err *e);
/* An empty line between texts, whether they end in a line's end or not. */
int show_put_gap(struct show *sh, struct err *e);

/* The header fields people look at, of the message or of one within: kept while they come by, then shown in an order of ours. */
struct show_fields {
	struct arena arena;
	struct span name[64], value[64];
	size_t n;
};
void show_keep_field(struct show_fields *f, const struct mime_event *ev);
int show_put_fields(struct show *sh, struct show_fields *f, struct span charset, struct err *e);

/* The text of a part; HTML through the helper. */
int show_begin_text(struct show *sh, struct mime_part *part, struct err *e);
int show_put_body(struct show *sh, struct span bytes, struct err *e);
int show_end_text(struct show *sh, struct err *e);
/* Gives up. */
void show_drop_text(struct show *sh);
/* All of a message that was chosen to be shown: show.c. */
int show_message(struct show *sh, struct source *in, struct err *e);

#endif
