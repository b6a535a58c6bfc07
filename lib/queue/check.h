/*
 * check.h - a look at every file of the spool: is its state a legal one?
 */
#ifndef SURAT_QUEUE_CHECK_H
#define SURAT_QUEUE_CHECK_H

#include "queue/message.h"

enum queue_fault {
	QUEUE_FAULT_DAMAGED, /* not readable as a message, a link, not ours: repaired by putting it into quarantine */
	QUEUE_FAULT_MODE, /* others may read it: repaired */
	QUEUE_FAULT_ORPHAN, /* a journal without a message: repaired when nothing runs, by quarantine */
	QUEUE_FAULT_DEAD_RUN, /* claimed by a run that died: the next run gives it back; not a fault of the spool */
	QUEUE_FAULT_TEMPORARY,  /* never accepted, more than a day old: the next run removes it */
	QUEUE_FAULT_STRANGE,    /* no file of a spool: repaired by quarantine */
	QUEUE_FAULT_LATER,      /* of a version this program does not know */
	QUEUE_FAULT_QUARANTINE, /* lies in quarantine */
	QUEUE_FAULT_EXPORTED, /* messages that are in an archive, for a person to remove when they have arrived: no fault */
};
struct queue_finding {
	enum queue_fault fault;
	const char *file, *why;
	bool repaired;
};
/* Tells of each; *messages: how many sound ones there are; *faults: those that are faults and were not repaired. */
struct queue_check {
	bool repair;
	void (*found)(void *ctx, const struct queue_finding *f);
	void *ctx;
	size_t messages, faults;
	bool others; /* a run lives: its own */
};
int queue_check(struct queue *q, struct queue_check *c, struct err *e);

#endif
