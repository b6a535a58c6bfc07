/*
 * view.h - which parts of a message are shown to be read, and which are listed as attached.
 */
#ifndef MAIL_READ_VIEW_H
#define MAIL_READ_VIEW_H

#include "mime/shape.h"

struct view_part {
	struct mime_part *part;
	uint64_t bytes; /* of its body, as it came */
	bool blank;     /* nothing but blanks in it */
	bool shown;     /* its text, or, of a message within, its header */
	bool listed;
};
struct view {
	struct view_part *v; /* by serial */
	size_t n, cap;
	struct mime_parser parser; /* its parts live here */
};
/* Reads the whole message. EX_DATAERR: a limit; there is what was read so far. */
int view_read(struct view *view, struct source *in, struct err *e);
/* Of alternatives the plain text, or with html the HTML; of related parts the first; of all others each text that is not attached. */
void view_choose(struct view *view, bool html);
void view_release(struct view *view);

#endif
