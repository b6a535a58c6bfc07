/*
 * moved.h - the whole queue to another host: out into an archive, in from one.
 *
 *	queue_export(q, &how, &result, e);	// here nothing of it is tried any more
 *	queue_import(q, &how, &result, e);	// there, from standard input
 *
 * No letter is sent by two hosts. The folder moved/ in the spool says by its names how far it has come; each step is one rename:
 *
 *	surat-queue-RUN		being exported. When its program dies, the next run gives the messages back.
 *	exported-RUN		they are in an archive. Never tried again here; a person removes them when they have arrived.
 *	staging-RUN		an archive of that name is being unpacked. Removed when that fails.
 *	arriving-RUN		unpacked and durable; the messages go into the spool one by one. The next run goes on with it.
 *	imported-RUN		empty: the archive has been imported here, and is not a second time.
 *	lock			locked by who is at it
 *
 * The archive has one folder, surat-queue-RUN, with the files as they are in the spool; RUN tells archives apart.
 */
#ifndef SURAT_QUEUE_MOVED_H
#define SURAT_QUEUE_MOVED_H

#include "queue/message.h"

struct queue_moving {
	const char *format; /* of surat-archive */
	const char *path;   /* the archive to be made; NULL: standard output */
	uint64_t max_bytes; /* of an archive, and of what it holds */
	/* what did not move, and why; or NULL */
	void (*told)(void *ctx, const char *id, const char *why);
	void *ctx;
};
struct queue_moved {
	size_t messages, skipped, damaged;
	char run[QUEUE_RUN_SIZE]; /* of the archive */
};
/* Every message that is not being sent just now, but for damaged ones. EX_NOINPUT: there is none; EX_CANTCREAT: the archive is there already: nothing has moved then. */
int queue_export(
    struct queue *q, const struct queue_moving *how, struct queue_moved *r, struct err *e);
/* EX_DATAERR: not such an archive, or a name, a link or a size in it that must not be: nothing has moved then. Messages that are in the spool already are skipped; damaged ones go into
 * quarantine. 0 and r->messages 0 where it was imported before. */
int queue_import(
    struct queue *q, const struct queue_moving *how, struct queue_moved *r, struct err *e);

/* Brings to an end what a program that died had begun. */
int queue_moved_recover(struct queue *q, struct err *e);

#endif
