/*
 * change.h - what a person does to messages of the queue. Each: 1 done; 0 there was nothing to do (held already, gone meanwhile); -1, EX_TEMPFAIL
 * while it is being tried.
 *
 *	queue_run_begin(q, &lock, e);
 *	if (queue_release(q, &lock, &name, e) > 0) ...
 *	queue_sync(q, e);		// any number is durable then
 *	queue_run_end(q, &lock, false);
 */
#ifndef SURAT_QUEUE_CHANGE_H
#define SURAT_QUEUE_CHANGE_H

#include "queue/claim.h"
#include "queue/run.h"

int queue_hold(struct queue *q, struct queue_name *n, struct err *e);
/* Due at once, or when its hold-until says; how long it is tried counts anew. */
int queue_release(
    struct queue *q, const struct queue_run_lock *l, struct queue_name *n, struct err *e);
/* Without a word to anybody. Only the recipients of o->domain, where that is given. */
int queue_delete(struct queue *q, const struct queue_run_options *o, const struct queue_run_lock *l,
    struct queue_name *n, struct err *e);
/* The same, and the sender gets a report. */
int queue_bounce(struct queue *q, const struct queue_run_options *o, const struct queue_run_lock *l,
    struct queue_name *n, struct queue_run_result *result, struct err *e);

#endif
