/*
 * deliver.h - a message to its mailbox: header fields of the last hop, loops and sizes, Maildir, mbox, commands.
 *
 *	struct deliver d = {.options = &options};
 *	struct deliver_to to = {.sender = "ana@example.org", .recipient = "bob@example.net", .mailbox = "maildir:/home/bob/Maildir"};
 *	deliver_message(&d, &source, &to, &receipt, e);	// as often as wanted; nothing is safe or seen yet
 *	deliver_commit(&d, e);				// durable when it returns 0; else nothing of it is there
 *	deliver_release(&d);
 *
 * What a message contains never decides whether it can be delivered; only its size, where a limit was set, and its number of hops do. EX_TEMPFAIL when in doubt. A command
 * ("|command") runs at once: it cannot be taken back.
 */
#ifndef SURAT_DELIVER_DELIVER_H
#define SURAT_DELIVER_DELIVER_H

#include "store/store.h"

enum { DELIVER_HOPS = 100 /* Received fields; RFC 5321 6.3 */ };

struct deliver_options {
	uint64_t max_size; /* of a message; 0: no limit. Past it EX_UNAVAILABLE, 552 5.3.4 */
	uint64_t quota;    /* of all of a mailbox; 0: none. Past it EX_TEMPFAIL, 452 4.2.2 */
	int64_t command_timeout_ms; /* 0: ten minutes */
};
struct deliver_to {
	const char *mailbox;
	const char
	    *action;      /* what that is called where it is no usual one ("quarantine"), or NULL */
	const char *rule; /* why there, for who tells of it; or NULL */
	const char *sender;    /* "" the null sender; NULL: not known, no Return-Path */
	const char *recipient; /* NULL: not known, no Delivered-To and no look for loops */
	const char *client_ip, *client_name; /* for commands, or NULL */
	struct span received;                /* a Received field, or "" */
	const char *from;   /* for an mbox\'s From_ line where there is no sender, or NULL */
	int64_t received_s; /* when it came; 0: now */
	bool
	    one_user; /* not a mail system of many: what was delivered to this recipient before may be so again */
};
struct deliver_receipt {
	char *path;     /* the message's name, malloc'ed; of a command: "|command" */
	uint64_t bytes; /* as stored */
	unsigned char sha256[32];
};
struct deliver {
	const struct deliver_options *options;
	struct deliver_open { /* mailboxes with messages that wait for the commit */
		char *mailbox;
		struct store *store;
		uint64_t total; /* bytes in it, where there is a quota */
	} * v;
	size_t n;
	int64_t since_ms;
};
/* receipt may be NULL; its path is the caller's to free, and worth nothing before the commit. On failure only this message is left out. */
int deliver_message(struct deliver *d, struct source *message, const struct deliver_to *to,
    struct deliver_receipt *receipt, struct err *e);
/* What deliver_message would say, with nothing stored and no command run; the message is read. *bytes: as it came. */
int deliver_dry_run(const struct deliver_options *o, struct source *message,
    const struct deliver_to *to, uint64_t *bytes, struct err *e);
/* Time to commit: it holds all that it should. */
bool deliver_full(const struct deliver *d);
/* Does it hold locks that others may wait for? A source that has to wait for its input may commit then, in the middle of deliver_message: what it reads for comes
 * later. (Never without a lock: a Maildir's message is written while it is read.) */
bool deliver_locks(const struct deliver *d);
int deliver_commit(struct deliver *d, struct err *e);
void deliver_abort(struct deliver *d);
void deliver_release(struct deliver *d);
/* Is this mailbox a command? */
bool deliver_is_command(const char *mailbox);
/* Would `size` more bytes (0: not known) fit into the mailbox's quota? -1 as above. */
int deliver_check_quota(
    const struct deliver_options *o, const char *mailbox, uint64_t size, struct err *e);

#endif
