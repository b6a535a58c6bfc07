/*
 * row.h - what a list tells about one message, from its header alone.
 */
#ifndef MAIL_READ_ROW_H
#define MAIL_READ_ROW_H

#include "base/arena.h"
#include "mailboxes.h"
#include "mime/header.h"

struct row {
	unsigned number; /* from 1, in the order of the list */
	const char *name, *mailbox;
	unsigned flags;
	uint64_t size;
	int64_t date_s;                                /* of the Date field, else of the delivery */
	struct span from, to, cc, subject, message_id; /* raw, of the arena */
	struct span references, in_reply_to;
	struct span subject_bytes; /* as they came, where they are no UTF-8 */
	bool attachment;           /* so it seems from the type */
	/* keys for sorting, made when they are needed */
	struct span key;
	unsigned depth; /* in its thread */
};
/* What is known without opening it; in the arena. */
void row_init(struct row *row, struct arena *a, const struct found *f);
/* Opens it and reads its header into the arena: 1, 0 the message is gone, -1 the arena is full. One that cannot be read is said and leaves the row
 * as it is. */
int row_load(struct row *row, struct arena *a, struct read *r, struct err *e);
/* Appends decoded text: the sender's name, else the address. */
void row_from(const struct row *row, struct buf *b);
void row_from_address(const struct row *row, struct buf *b);
void row_subject(const struct row *row, struct buf *b);
/* "N" unread, then R F D P T; "" for none. */
void row_flags(const struct row *row, struct buf *b);
/* Without <>. */
struct span row_id(const struct row *row);

#endif
