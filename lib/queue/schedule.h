/*
 * schedule.h - when a message is tried again, when its sender is warned, when it is given up.
 *
 *	struct queue_schedule s;
 *	queue_schedule_init(&s);
 *	next_s = queue_schedule_next(&s, QUEUE_CLASS_BUSY, attempts, now);
 *
 * The first attempt is made at once. Then the pause doubles from `retry` up to `retry_max`, an eighth more or less by chance so that what was deferred together
 * does not come back together. Greylisting (RFC 6647) wants us back soon, a host that cannot be reached rather later.
 *
 * Clocks jump. A time further ahead than any schedule sets is not believed: the message is due. A pause longer than a month counts as no waiting at all: either the
 * clock was wrong or nobody ran the queue; in both cases the message is tried in earnest before it is given up. Nothing expires without being tried once more.
 */
#ifndef SURAT_QUEUE_SCHEDULE_H
#define SURAT_QUEUE_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

struct queue_answer;

struct queue_schedule {
	int64_t retry_s, retry_max_s, greylist_s, warn_s, expire_s;
};
enum queue_class { QUEUE_CLASS_BUSY, QUEUE_CLASS_GREYLISTED, QUEUE_CLASS_UNREACHABLE };

/* 5 minutes, 4 hours, 2 minutes, 4 hours, 5 days. */
void queue_schedule_init(struct queue_schedule *s);
/* What kind of deferral it was (NULL: unreachable). */
enum queue_class queue_schedule_class(const struct queue_answer *a);
/* After the attempts-th attempt (from 1), at now_s. */
int64_t queue_schedule_next(
    const struct queue_schedule *s, enum queue_class c, unsigned attempts, int64_t now_s);
/* How much of the time between two attempts counts as waiting. */
int64_t queue_schedule_waited(int64_t from_s, int64_t to_s);
/* Whether something to be tried at next_s is due; hold_until_s: what the sender asked for, or 0. */
bool queue_schedule_due(
    const struct queue_schedule *s, int64_t next_s, int64_t hold_until_s, int64_t now_s);
/* True when next_s lies so far ahead that only a hold-until explains it. */
bool queue_schedule_far(const struct queue_schedule *s, int64_t next_s, int64_t now_s);

#endif
