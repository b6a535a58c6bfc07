/*
 * watch.h - waiting until there is something to do, for who has no cron.
 *
 *	queue_watch_open(&w, q, e);
 *	while ((r = queue_watch(&w, &schedule, most_s, e)) > 0)
 *		queue_run(...);
 *	queue_watch_close(&w);
 */
#ifndef SURAT_QUEUE_WATCH_H
#define SURAT_QUEUE_WATCH_H

#include "queue/queue.h"
#include "queue/schedule.h"

struct queue_watch {
	struct queue *q;
	int fd;
};
int queue_watch_open(struct queue_watch *w, struct queue *q, struct err *e);
/* Until a message is due, or comes, or least_s at least and most_s at most have passed: 1. 0: a signal asks us to stop. */
int queue_watch(struct queue_watch *w, const struct queue_schedule *s, int64_t least_s,
    int64_t most_s, struct err *e);
void queue_watch_close(struct queue_watch *w);

#endif
