/*
 * claim.h - who works on a message: told by its name, and alive as long as a lock is held.
 *
 *	queue_run_begin(q, &run, e);			// run-XXXXXXXX.lock, locked; children inherit the descriptor
 *	if (queue_claim(q, &run, &name, e) > 0) ...	// ours alone: ID.NEXT -> ID.NEXT.claimed-XXXXXXXX
 *	queue_rename(q, &name, &new_name, e)
 *	queue_sync(q, e)				// any number of these is durable then
 *	queue_run_end(q, &run)
 *
 * A claim is one rename, which only one of many can make. When a run dies its messages keep their names until its lock is free, which it is when its transports
 * are gone too; then queue_recover gives them back: what was handed over and not settled is unknown.
 */
#ifndef SURAT_QUEUE_CLAIM_H
#define SURAT_QUEUE_CLAIM_H

#include "queue/message.h"

struct queue_run_lock {
	char run[QUEUE_RUN_SIZE];
	int fd;
};
int queue_run_begin(struct queue *q, struct queue_run_lock *l, struct err *e);
/* keep: something is still claimed (a disk that is full): the lock's file stays for the next run to find. */
void queue_run_end(struct queue *q, struct queue_run_lock *l, bool keep);

/* Whether a name of ours is left (true when that cannot be told). */
bool queue_run_has_claims(struct queue *q, const struct queue_run_lock *l);

/* 1 and *n is its new name; 0: somebody else has it, or it is gone. Not yet durable. */
int queue_claim(
    struct queue *q, const struct queue_run_lock *l, struct queue_name *n, struct err *e);
/* 1; 0: it is gone. Not yet durable. */
int queue_rename(
    struct queue *q, struct queue_name *from, const struct queue_name *to, struct err *e);
/* The message, then its journal; not yet durable. */
int queue_remove(struct queue *q, const struct queue_name *n, bool has_journal, struct err *e);
int queue_sync(struct queue *q, struct err *e);

/* 1: the run of that claimed message lives; 0: it does not; -1. */
int queue_run_lives(struct queue *q, const char *run, struct err *e);
/* 1: a run other than that one (NULL: any) lives. */
int queue_others_live(struct queue *q, const char *run, struct err *e);
/* A journal without its message: who removed them died between the two. One whose message is only being renamed must not be taken for it, its recipients would get
 * it again: so ask only while no other run lives; only an hour after its last line is it one, and after three looks. 1, 0, -1. */
int queue_journal_is_orphan(struct queue *q, const char *file, struct queue_name *n, struct err *e);
bool queue_file_is_older(struct queue *q, const char *file, int64_t age_s);

/* Gives back what dead runs left, removes what they no longer need. found(ctx, id, unknowns) for each message, found may be NULL. Damaged messages: damaged(ctx, name, why). */
struct queue_recovery {
	void (*found)(void *ctx, const char *id, size_t unknowns);
	void (*damaged)(void *ctx, const struct queue_name *n, const struct err *why);
	/* What moves could not be brought to an end; or NULL. */
	void (*trouble)(void *ctx, const struct err *why);
	void *ctx;
	bool hold; /* those of which somebody is unknown */
};
int queue_recover(struct queue *q, const struct queue_recovery *r, struct err *e);

#endif
