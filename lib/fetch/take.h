/*
 * take.h - fetch/'s own: one message from the wire into the mailbox, once. See fetch.h for the order of things.
 *
 *	take_open(&t, job, &records, result, e);
 *	struct sink *to = take_begin(&t);	// the wire's bytes go here
 *	take_message(&t, &meta, e);		// recognised, or delivered and recorded
 *	take_settle(&t, e);			// all of them are safe
 *	take_release(&t);
 *
 * Into a Maildir they go in batches: intents, deliveries and records of a batch become safe together, for a fraction of the waiting. Until a batch is
 * settled nothing of it can be seen, so a kill costs at most that the batch is fetched again.
 */
#ifndef SURAT_FETCH_TAKE_H
#define SURAT_FETCH_TAKE_H

#include "crypto/digest.h"
#include "fetch/fetch.h"
#include "fetch/record.h"
#include "io/spool.h"

struct take_meta {
	const char *uid; /* NULL: made from the digest */
	uint64_t size;   /* as the server says; 0: what came */
	int64_t date_s;
	unsigned flags; /* enum store_flag */
};
struct take_pending { /* delivered, not yet safe */
	char *name;
	uint64_t wire_bytes;
};
struct take_known { /* a message of the mailbox, for recognising */
	char *name;
	uint64_t size;
};
struct take {
	const struct fetch_job *job;
	struct records *records; /* NULL with job->out */
	struct fetch_result *result;
	struct spool spool;
	struct filter_crlf lf;
	struct sink count; /* the first in the chain: counts the wire's bytes */
	uint64_t wire_bytes;
	bool eight_bit;
	struct take_known *known;
	size_t known_n, known_cap;
	bool known_read;
	struct strv digest_uids; /* uids made in this run because the server has none */
	struct record *batch;    /* BATCH of each, of which batch_n are pending */
	struct take_pending *pending;
	size_t batch_n;
	int64_t batch_began_ms;
};
void take_open(struct take *t, const struct fetch_job *job, struct records *records,
    struct fetch_result *result);
/* What is not settled is not there. */
void take_release(struct take *t);
int take_settle(struct take *t, struct err *e);
struct sink *take_begin(struct take *t, struct err *e);
/* 0; 1: this one was refused, as e says, the others go on; -1. */
int take_message(struct take *t, const struct take_meta *meta, struct err *e);
/* The value of the Message-ID field of a header, "" when it has none; at most size - 1 bytes. */
void take_message_id(struct span header, char *out, size_t size);

/* One message that could not be had: counted, told. e is cleared. */
void take_failed(struct take *t, const char *which, struct err *e);
/* Is a message that was done then to be deleted on the server now? */
bool take_is_due(const struct take *t, int64_t done_s);
/* imap.c, pop3.c: the two kinds of server. */
int fetch_get_imap(struct fetch_session *s, const char *folder, struct take *t, struct err *e);
int fetch_get_pop3(struct fetch_session *s, struct take *t, struct err *e);
/* 75 once the deadline has passed or a signal came. */
int fetch_may_go_on(const struct fetch_job *job, struct err *e);

#endif
