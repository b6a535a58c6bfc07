/*
 * name.h - the names in a spool: what state a message is in, told without opening anything.
 *
 *	ID.NEXT				waits; to be tried at NEXT (seconds since 1970)
 *	ID.held				waits until somebody releases it
 *	ID.NEXT.claimed-RUN		a run has taken it; its journal says which recipients were handed to a transport
 *	ID.NEXT.out-RUN			a run has handed all that wait to a transport
 *	ID.held.claimed-RUN, ID.held.out-RUN	the same, tried by hand; it goes back to being held
 *	ID.log				the journal
 *	run-RUN.lock			locked while the run or one of its transports lives
 *	destinations, rates		what runs remember (queue/memory.h)
 *	.surat-X.tmp			a message that was not accepted (yet)
 *	quarantine/			what was damaged
 *	moved/				what is on its way to another host, or came from one (queue/moved.h)
 *
 * An ID is 6 to 15 letters of Crockford's base 32 (no I L O U): five random ones, then the inode of the file when it was made, so that no two files of a
 * spool can have the same. RUN is eight of a-z0-9.
 */
#ifndef SURAT_QUEUE_NAME_H
#define SURAT_QUEUE_NAME_H

#include "queue/queue.h"

enum { QUEUE_RUN_SIZE = 9, QUEUE_NAME_SIZE = 64 };
enum queue_claim { QUEUE_FREE, QUEUE_CLAIMED, QUEUE_OUT };

struct queue_name {
	char id[QUEUE_ID_SIZE];
	bool held;
	int64_t next_s; /* 0 when held */
	enum queue_claim claim;
	char run[QUEUE_RUN_SIZE]; /* "" when free */
	bool no_journal;          /* who looked through the folder saw none: none is looked for */
};
enum queue_file {
	QUEUE_FILE_MESSAGE,
	QUEUE_FILE_JOURNAL,
	QUEUE_FILE_LOCK,
	QUEUE_FILE_TEMPORARY,
	QUEUE_FILE_FOLDER, /* or another file of the spool's own */
	QUEUE_FILE_STRANGE
};

/* What a name in the spool is; n is filled for messages, n->id for journals, n->run for locks. */
enum queue_file queue_name_parse(const char *file, struct queue_name *n);
void queue_name_write(char out[QUEUE_NAME_SIZE], const struct queue_name *n);
/* Makes an ID for a new file of that inode. */
void queue_id_make(char id[QUEUE_ID_SIZE], uint64_t inode);
/* What a person typed (any case, O for 0, I and L for 1), perhaps only the beginning, as an ID's letters; false when it can be none. */
bool queue_id_read(const char *typed, char id[QUEUE_ID_SIZE]);

#endif
