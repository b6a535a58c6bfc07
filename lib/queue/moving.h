/*
 * moving.h - what export and import share. Private to this room.
 */
#ifndef SURAT_QUEUE_MOVING_H
#define SURAT_QUEUE_MOVING_H

#include "queue/moved.h"

enum { MOVING_NAME_SIZE = 32 };
struct moving_names {
	struct queue_name *v; /* free it */
	size_t n, cap;
};
/* The names of all messages in it: first the names, then the work, as what is renamed would be seen again. */
int moving_gather(struct queue *inside, struct moving_names *l, struct err *e);
/* Takes all journals, then all messages, from there into the spool: at no time, not even after a power failure, is a message in it without what is known of its
 * recipients. */
int moving_bring(
    struct queue *q, struct queue *inside, const struct moving_names *l, struct err *e);
struct moving {
	struct queue *q;
	int dirfd, lock_fd; /* moved/, and its lock */
};
/* Brings home what a dead run left, makes moved/ and locks it: 0; -1, with EX_TEMPFAIL where another is at it. */
int moving_begin(struct moving *m, struct queue *q, struct err *e);
void moving_end(struct moving *m);
/* "surat-queue-RUN" */
void moving_name(char out[MOVING_NAME_SIZE], const char *stage, const char *run);
/* One stage to the next, durable. */
int moving_step(struct moving *m, const char *from, const char *to, const char *run, struct err *e);
/* The folder of a stage as a spool to look into; its path is the caller's to free with queue_close. */
int moving_open(
    struct moving *m, const char *stage, const char *run, struct queue *inside, struct err *e);
/* Removes a stage's folder with all files in it. */
int moving_remove(struct moving *m, const char *stage, const char *run, struct err *e);

/* Gives the messages in surat-queue-RUN back to the spool. */
int export_undo(struct moving *m, const char *run, struct err *e);
/* What a name in an archive stands for: RUN and the file, or *folder. False: it must not be there. */
bool import_name(
    const char *name, char run[QUEUE_RUN_SIZE], char file[QUEUE_NAME_SIZE], bool *folder);
/* Takes what is in arriving-RUN into the spool. how, r may be NULL. */
int import_arrive(struct moving *m, const char *run, const struct queue_moving *how,
    struct queue_moved *r, struct err *e);

#endif
