/*
 * change.h - flags and deletions, gathered and done in groups.
 *
 * Maildirs are changed so many at a time. Of an mbox all belongs in one call: each change moves the messages behind it, and an old name could be
 * another one's.
 */
#ifndef MAIL_READ_CHANGE_H
#define MAIL_READ_CHANGE_H

#include "read.h"

enum { CHANGE_GROUP = 1000 };
struct change {
	struct read *r;
	unsigned add, remove;
	bool erase;
	/* what is gathered */
	struct store_edit *edits;
	size_t n, cap;
	bool in_mbox; /* a name among them is one of an mbox */
};
/* One more, whose name it takes over (malloc'ed). */
int change_add(struct change *c, char *name, struct err *e);
/* Does the rest, and frees. What fails is said. */
void change_finish(struct change *c);

#endif
