/*
 * memory.h - what runs remember from one to the next: hosts that could not be reached, and when the last message went out. Private to this room.
 *
 * The file "destinations" has a line for each destination that was down: until when it is not tried for messages that were tried before, how often in a row it
 * was down, and its answer. A message that was never tried probes it at once. The file "rates" has the times before which no message may be handed over
 * (all, and by destination), so that runs that overlap keep a rate together. Neither is made durable: without them a host is tried once too often.
 */
#ifndef SURAT_QUEUE_MEMORY_H
#define SURAT_QUEUE_MEMORY_H

#include "queue/message.h"
#include "queue/schedule.h"

struct memory_entry {
	char *key;
	int64_t until_s;
	unsigned failures;
	struct queue_answer answer; /* its texts are owned */
};
struct memory {
	struct memory_entry *v;
	size_t n, cap;
	int fd; /* while it is open for writing: locked; else -1 */
};
/* To look only; what cannot be read or understood is not known. */
void memory_read(struct memory *m, struct queue *q);
bool memory_exists(struct queue *q);
/* To change: locked until memory_write. false: it cannot be. */
bool memory_open(struct memory *m, struct queue *q);
/* The same, quickly, in what memory_read gave. */
const struct memory_entry *memory_known(const struct memory *m, const char *key);
struct memory_entry *memory_find(const struct memory *m, const char *key);
/* It was down just now. */
void memory_down(struct memory *m, const char *key, const struct queue_answer *why,
    const struct queue_schedule *s, int64_t now_s);
/* It has answered. */
void memory_up(struct memory *m, const char *key);
/* Without what is long past; without anything the file goes. */
void memory_write(struct memory *m, struct queue *q, int64_t now_s);
void memory_release(struct memory *m);

/* FNV-1a */
uint32_t hash_of(const char *key);
/* 0: now, and it is noted; else how many microseconds to wait; -1. pause_us 0: no limit. */
int64_t rate_take(
    struct queue *q, const char *key, int64_t pause_us, int64_t own_pause_us, struct err *e);

#endif
