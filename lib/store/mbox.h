/*
 * mbox.h - the reader's inner side, locks, and rewriting. Private to the room.
 *
 * A From_ line begins a message when it is the first of the file or stands behind an empty line, and does not read like prose ("From my point of view": several words, no time, no
 * year). The Status and X-Status fields, where mbox programs keep flags, are no part of a message: hidden when it is read, dropped when it is delivered.
 */
#ifndef SURAT_STORE_MBOX_H
#define SURAT_STORE_MBOX_H

#include "store/store.h"

enum {
	MBOX_LENIENT = 1,     /* the last message may lack the empty line behind it */
	MBOX_RAW = 2,         /* ">From " stays */
	MBOX_HIDE_STATUS = 4, /* flags are taken out of the header (mbox_reader_flags) */
};
struct mbox_reader *mbox_reader_new_how(struct source *in, unsigned how);
void mbox_reader_how(struct mbox_reader *r, unsigned how);
/* Starts counting offsets here. */
void mbox_reader_at(struct mbox_reader *r, uint64_t offset);
/* Of the message last handed out; complete when it was read to its end. */
unsigned mbox_reader_flags(const struct mbox_reader *r);
struct span mbox_reader_from_line(const struct mbox_reader *r); /* without its line end */
uint64_t mbox_reader_start(const struct mbox_reader *r);        /* behind the From_ line */
uint64_t mbox_reader_end(const struct mbox_reader *r);          /* where reading stands */
/* Reads the message to its end; *size counts what it would have given. */
int mbox_reader_drain(struct mbox_reader *r, uint64_t *size, struct err *e);

/* Does this line begin a Status or X-Status field? */
bool mbox_is_status(struct span line);
/* Status and X-Status lines for these flags ("" for none). */
void mbox_status_lines(unsigned flags, bool old, struct buf *b);
/* A filter that drops the Status and X-Status fields of a header. */
struct mbox_status_filter {
	struct sink sink;
	struct sink *next;
	bool body, line_start, skip;
	size_t held;
	char hold[10];
};
void mbox_status_filter_init(struct mbox_status_filter *f, struct sink *next);

/* fcntl lock and PATH.lock. */
struct mbox_lock {
	int fd;
	char *
	    dot; /* NULL: none could be made (no right to create files there); then the kernel's lock stands alone */
	bool created;
};
/* Opens for reading and writing and locks, waiting up to 30 s: EX_TEMPFAIL. create: when it is missing. */
int mbox_lock(struct mbox_lock *l, const char *path, bool create, struct err *e);
void mbox_unlock(struct mbox_lock *l);
/* Opens for reading, with a shared lock: the descriptor. */
int mbox_open_read(const char *path, struct err *e);

/* "mbox:PATH#OFFSET"; path malloc'ed. */
bool mbox_name_parse(struct span name, char **path, uint64_t *offset);
struct mbox_change {
	uint64_t offset; /* in: of the From_ line; out: where it is now */
	unsigned add, remove, flags;
	bool erase, found, done;
};
/* Writes the mbox anew with these changes (ascending offsets) and puts it in the old one's place. A change whose message is not there is left with done false. */
int mbox_rewrite(const char *path, struct mbox_change *v, size_t n, struct err *e);

#endif
