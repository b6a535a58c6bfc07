/*
 * store.h - mailboxes: Maildir, mboxrd, MH, plain files. Delivering, listing, opening, flags, moving, deleting behind one interface.
 *
 *	struct store *st;
 *	store_open(&st, span_of("maildir:/home/ana/Maildir"), STORE_CREATE, e);
 *	store_deliver(st, &src.source, &opt, &receipt, e);		// durable when it returns 0
 *	store_scan_open(st, &sc, e);
 *	while ((r = store_scan_next(sc, &entry, e)) > 0) ...
 *
 * MAILBOX names: maildir:PATH | mbox:PATH | mh:PATH | PATH (a folder with cur/ is a Maildir, one with .mh_sequences MH; a file, or what does not exist and has no slash at its end, an mbox;
 * a missing path ending in / a Maildir; "~/..." is expanded by account/).
 * Names of messages (one line each): a path in a Maildir, found again by its unique part after a flag rename; "mbox:PATH#OFFSET"; a path in an MH folder; a plain file's path.
 */
#ifndef SURAT_STORE_STORE_H
#define SURAT_STORE_STORE_H

#include "base/buf.h"
#include "base/err.h"
#include "io/sink.h"

enum store_kind { STORE_MAILDIR, STORE_MBOX, STORE_MH, STORE_FILE };
enum store_flag { /* bits */
	STORE_SEEN = 1,
	STORE_REPLIED = 2,
	STORE_FLAGGED = 4,
	STORE_TRASHED = 8,
	STORE_DRAFT = 16,
	STORE_PASSED = 32,
	STORE_RECENT = 64, /* in new/: not a flag that can be set */
};
enum { STORE_CREATE = 1, STORE_READ_ONLY = 2 };
struct store;
/* EX_NOINPUT: it does not exist (and no STORE_CREATE) or is no mailbox; EX_CANTCREAT. */
int store_open(struct store **out, struct span mailbox, int flags, struct err *e);
void store_free(struct store *s);
enum store_kind store_kind_of(const struct store *s);
const char *store_path(const struct store *s);
/* The bytes of all its messages (an mbox: of the file). */
int store_total(struct store *s, uint64_t *bytes, struct err *e);

struct store_delivery {
	unsigned flags;     /* STORE_SEEN...: lands in cur/ when any is set, else in new/ */
	bool in_cur;        /* in cur/ even without a flag: somebody has seen that it is there */
	const char *sender; /* for mbox's From_ line and a Return-Path; NULL: MAILER-DAEMON */
	int64_t
	    received_s; /* 0: now. Maildir: the file's mtime (IMAP's internal date); mbox: the From_ line */
	struct span prepend; /* header fields put in front (LF lines) */
	struct sink *copy;   /* gets the message too, as it is stored, and its end; or NULL */
};
struct store_receipt {
	char *name; /* the message's name; malloc'ed */
	uint64_t bytes;
};
/* The source is a message with LF or CRLF lines; stored with LF; a leading "From " line is dropped. Durable (file fsync, link or rename, directory fsync) when it returns 0.
 * EX_TEMPFAIL for what may pass (disk full, no permission now): nothing is left then. */
int store_deliver(struct store *s, struct source *message, const struct store_delivery *d,
    struct store_receipt *r, struct err *e);

/* The message as store_deliver would store it, into *to, which is ended: LF, no From_ line, prepend in front. What *to fails with becomes EX_TEMPFAIL. */
int store_write(
    struct sink *to, struct source *message, const struct store_delivery *d, struct err *e);

/* A group: many deliveries that become safe together, for a fraction of the cost. Between store_group and store_group_commit nothing of them can be seen and nothing
 * is safe; a failed store_deliver takes only its own message out. When commit fails, none of the group is there. Commit when store_group_full says so:
 * an mbox is locked and Maildir files are open meanwhile. */
void store_group(struct store *s);
bool store_group_full(const struct store *s);
int store_group_commit(struct store *s, struct err *e);
/* Commit in two steps, for several mailboxes that shall all have it or none: settled is durable and may be seen, but abort still takes it back (and an mbox stays locked)
 * until store_group_end. */
int store_group_settle(struct store *s, struct err *e);
void store_group_end(struct store *s);
void store_group_abort(struct store *s);

/* One message found. */
struct store_entry {
	char *name; /* as above */
	unsigned flags;
	uint64_t size;
	int64_t time_s;          /* delivery: mtime or the name's time; mbox: the From_ line */
	uint64_t offset, length; /* mbox: of the message behind its From_ line */
};
/* All messages in the order of arrival (MH: of their numbers). Maildir: from names alone, no file is opened; time_s is the name's then. mbox: the file is read once, under a shared lock. */
struct store_scan;
int store_scan_open(struct store *s, struct store_scan **out, struct err *e);
int store_scan_next(struct store_scan *sc, struct store_entry *entry,
    struct err *e); /* 1, 0, -1; entry until the next call */
void store_scan_free(struct store_scan *sc);

/* A message by name (as given above; needs no open store). The source reads LF text without mbox quoting; store_message_free closes. */
struct store_message {
	struct source *source;
	struct store_entry entry;
	enum store_kind kind;
	void *state;
};
int store_message_open(
    struct store_message *m, struct span name, struct err *e); /* EX_NOINPUT: no such message */
void store_message_free(struct store_message *m);
/* Adds and removes flags; *name_out (malloc'ed; name_out may be NULL) is its name now. A Maildir's message moves from new/ to cur/. */
int store_flag(struct span name, unsigned add, unsigned remove, char **name_out, struct err *e);
/* Into another mailbox with its flags, time and bytes: safe there before it goes here. */
int store_copy(struct span name, struct store *to, char **name_out, struct err *e);
int store_move(struct span name, struct store *to, char **name_out, struct err *e);
int store_delete(struct span name, struct err *e);
/* Many flag changes and deletions: an mbox is locked and rewritten once. The names of an mbox's messages are where they begin, and each change moves what stands behind it: so
 * all that shall happen to one mbox belongs in one call, and names from before it are worth nothing after it. All are tried; each has its own error (err.code 0: done). Returns 0,
 * or -1 when any failed. */
struct store_edit {
	struct span name;
	unsigned add, remove;
	bool erase;
	char *name_out; /* malloc'ed; NULL when erased or failed */
	struct err err;
};
int store_edit(struct store_edit *edits, size_t n);
/* Many copies or moves, in groups: the same holds. A move that could not remove has an error and a name. */
struct store_transfer {
	struct span name;
	char *name_out; /* malloc'ed; NULL when it is not there */
	struct err err;
};
int store_transfer(struct store_transfer *v, size_t n, struct store *to, bool move);
/* "S", "FRS" (Maildir letters, sorted) and back; "seen" "replied" "flagged" "trashed" "draft" "passed". */
void store_flags_letters(unsigned flags, char out[8]);
unsigned store_flags_of_letters(struct span letters);
int store_flag_by_name(struct span word, unsigned *flag, struct err *e);

/* Splits an mboxrd stream (a pipe or a file) into messages: each is a source that ends at the next From_ line; ">From " unquoted. The source stays the caller's. */
struct mbox_reader;
struct mbox_reader *mbox_reader_new(struct source *in);
void mbox_reader_free(struct mbox_reader *r);
/* 1: *message is the next one (read it to its end or not at all), 0 end, -1. EX_DATAERR: the stream does not begin with "From ". When the last message is not followed by an
 * empty line the stream was cut: reading its end fails with EX_DATAERR. */
int mbox_reader_next(struct mbox_reader *r, struct source **message, struct err *e);
/* Of the message last handed out: its From_ line's sender ("" for MAILER-DAEMON or none) and time (0: none that can be read); until the next call. */
struct span mbox_reader_sender(const struct mbox_reader *r);
int64_t mbox_reader_time(const struct mbox_reader *r);
/* Where its From_ line begins in the stream. */
uint64_t mbox_reader_offset(const struct mbox_reader *r);

/* A filter that writes one message of an mboxrd stream: From_ line, quoting, an empty line at the end. end does not end next. */
struct mbox_writer {
	struct sink sink;
	struct sink *next;
	bool begun, line_start;
	unsigned char matched; /* how much of "From " at a line's start is held back */
	bool open;             /* the last line has no line end yet */
	char from[600];
};
/* sender NULL or "": MAILER-DAEMON. */
void mbox_writer_init(struct mbox_writer *w, struct sink *next, const char *sender, int64_t time_s);

#endif
