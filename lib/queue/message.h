/*
 * message.h - one message of the spool: envelope, where its octets are, and what became of its recipients.
 *
 *	if ((r = queue_message_open(q, &name, &m, e)) > 0) {
 *		... m.envelope, m.progress[i], queue_message_source(&m, &src)
 *		queue_message_close(&m);
 *	}
 *
 * A file that is a link, has two names, is not ours, is shorter or longer than it says, or is not understood, is damaged: EX_DATAERR. It is then put into
 * quarantine/ (by run and check --repair), never deleted.
 */
#ifndef SURAT_QUEUE_MESSAGE_H
#define SURAT_QUEUE_MESSAGE_H

#include "queue/journal.h"

struct queue_message {
	struct queue_name name;
	int fd;
	int64_t offset, size, arrived_s;
	struct queue_envelope envelope;
	struct queue_progress *progress; /* one for each recipient */
	struct journal_facts journal;
	bool has_journal;
	struct arena answers;
};
/* 1; 0: not there under that name (any more); -1: EX_DATAERR damaged, EX_UNAVAILABLE of a later version, else the system. */
int queue_message_open(
    struct queue *q, const struct queue_name *n, struct queue_message *m, struct err *e);
void queue_message_close(struct queue_message *m);
void queue_message_source(const struct queue_message *m, struct source_range *src);
/* How many recipients are not settled. */
size_t queue_message_waiting(const struct queue_message *m);
/* The newest answer among those that are not settled, or what was known when it was queued; NULL: none. The text is good while m is open. */
const struct queue_answer *queue_message_answer(const struct queue_message *m);
/* The domain of an address, in lower case, otherwise as written; "" where there is none. malloc'ed. */
char *queue_domain(const char *address);
/* What is connected to for a recipient: its named server, its account, or the recipient's domain. malloc'ed. */
char *queue_destination(const struct queue_envelope *env, const char *address);

/* Moves a damaged message with its journal, or any other file of the spool, into quarantine/. 1; 0: gone meanwhile. */
int queue_quarantine(struct queue *q, const struct queue_name *n, struct err *e);
/* The same from another folder into this spool's quarantine. */
int queue_quarantine_from(
    struct queue *q, struct queue *from, const struct queue_name *n, struct err *e);
int queue_quarantine_file(struct queue *q, const char *file, struct err *e);

#endif
