/*
 * envelope.h - the text at the head of a spool file, as surat-queue(5) describes it. Private to this room.
 *
 *	surat-queue 1
 *	size 0000000000001234
 *	arrived 2026-11-24T08:14:00Z
 *	sender a@example.org
 *	recipient bob@example.net
 *	notify failure,delay
 *	(further lines)
 *
 *	(an empty line, then the message)
 *
 * The size stands where it stands so that it can be written last: a file that was cut does not have it.
 */
#ifndef SURAT_QUEUE_ENVELOPE_H
#define SURAT_QUEUE_ENVELOPE_H

#include "queue/queue.h"

enum {
	ENVELOPE_MAX = 32 << 20,
	ENVELOPE_RECIPIENTS_MAX = 100000,
	ENVELOPE_SIZE_AT = 19,
	ENVELOPE_SIZE_DIGITS = 16
};

/* What a file says besides. */
struct envelope_facts {
	uint64_t size; /* of the message */
	int64_t arrived_s;
};
/* Appends the text with its empty line, the size as zeros. EX_DATAERR: a control character, too large. */
int envelope_write(
    struct buf *b, const struct queue_envelope *env, int64_t arrived_s, struct err *e);
/* text: from the file's start, all before the empty line and its LF. EX_DATAERR: damaged. EX_UNAVAILABLE: of a later version. */
int envelope_parse(
    struct span text, struct queue_envelope *env, struct envelope_facts *facts, struct err *e);

#endif
