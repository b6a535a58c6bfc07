/*
 * queue.h - the spool of surat-queue(5): a letter that was accepted is never lost.
 *
 *	struct queue q;
 *	queue_open(&q, path, QUEUE_CREATE, e);
 *	queue_add(&q, &envelope, &src.source, id, e);	// durable when it returns 0
 *
 * One file per message (envelope as text, then the message), one file fsync, one rename, one directory fsync to accept. The time of the next attempt is in the
 * file's name, so that a scan opens nothing (queue/name.h). What is settled is appended to a journal beside it and fsynced before the next step
 * (queue/journal.h). Who works on a message says so by renaming it, and a kernel lock tells whether he still lives (queue/claim.h).
 * The queue knows nothing of SMTP: the transport is a child with the contract of mail-queue(1) (queue/run.h).
 */
#ifndef SURAT_QUEUE_QUEUE_H
#define SURAT_QUEUE_QUEUE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/strv.h"
#include "io/sink.h"

struct queue {
	char *path;
	int dirfd;
	uid_t uid; /* whose it is: ours */
};
enum { QUEUE_CREATE = 1 };
/* Made 0700 when missing (without QUEUE_CREATE: EX_NOINPUT); refused when it is not ours (EX_NOPERM) or others may enter it (EX_CONFIG). */
int queue_open(struct queue *q, const char *path, int flags, struct err *e);
void queue_close(struct queue *q);

struct queue_recipient {
	char *address, *notify, *orcpt; /* notify, orcpt NULL: not asked */
};
/* The route settled when it was queued, as mail-send's options say it (NULL / 0: not given). */
struct queue_route {
	char *account, *server, *mx, *tls, *auth, *user, *helo, *smtputf8, *priority, *deliver_by,
	    *options; /* options: further long options of mail-send as a JSON object, or NULL */
	bool require_tls, use_mx;
};
struct queue_envelope {
	char *sender; /* "" the null sender */
	struct queue_recipient *recipients;
	size_t recipient_count;
	char *envid, *ret;
	int64_t hold_until_s; /* 0: at once */
	bool held;            /* until released by hand */
	struct queue_route route;
	/* what is known already when mail-send hands over a deferred message (may be NULL): */
	const char *last_answer;
};
/* For envelopes whose strings were all malloc'ed. */
void queue_envelope_release(struct queue_envelope *env);
enum { QUEUE_ID_SIZE = 16 };
/* Accepts: id gets its name. Addresses must be checked already; control characters are refused, and an empty message (EX_DATAERR). CRLF becomes LF.
 * EX_CANTCREAT / EX_IOERR, or what the source says: nothing is in the spool. */
int queue_add(struct queue *q, const struct queue_envelope *env, struct source *message,
    char id[QUEUE_ID_SIZE], struct err *e);

/*
 * Many at once: written one after the other, then accepted together, which costs the disk hardly more than one.
 *
 *	struct queue_group *g = queue_group_new(q);
 *	queue_group_add(g, &env, &src.source, e) ...		// -1: this one is not in the group, the others are
 *	if (queue_group_accept(g, e) == 0)			// durable, all of them; -1: none is in the spool
 *		... queue_group_id(g, i)
 *	queue_group_clear(g);
 *	queue_group_free(g);					// what was not accepted is gone
 */
enum { QUEUE_GROUP_MAX = 128 }; /* then accept */
struct queue_group;
struct queue_group *queue_group_new(struct queue *q);
void queue_group_free(struct queue_group *g);
int queue_group_add(
    struct queue_group *g, const struct queue_envelope *env, struct source *message, struct err *e);
int queue_group_accept(struct queue_group *g, struct err *e);
/* No more goes in: accept. Each holds a descriptor until then. */
bool queue_group_is_full(const struct queue_group *g);
size_t queue_group_count(const struct queue_group *g);
const char *queue_group_id(const struct queue_group *g, size_t i);
/* Takes accepted ones out of the spool again, from the first-th on: nobody could be told of them. */
void queue_group_take_back(struct queue_group *g, size_t first);
/* For the next ones. */
void queue_group_clear(struct queue_group *g);

#endif
