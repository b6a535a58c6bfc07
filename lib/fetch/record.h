/*
 * record.h - fetch/'s own: what was fetched, in the state database. One struct a folder and run.
 *
 * A message goes intent -> done. records_intents commits at once, together with the done ones that came before; so a batch of deliveries costs one
 * commit. records_flush commits what is left, and must come before any deletion.
 */
#ifndef SURAT_FETCH_RECORD_H
#define SURAT_FETCH_RECORD_H

#include "state/state.h"

struct record {
	char uid[300];
	uint64_t size;  /* on the wire */
	int64_t date_s; /* internal date; 0: none */
	char msgid[300];
	unsigned char digest[32];
	int64_t mark; /* mbox: its length before the delivery */
};
enum record_status { RECORD_NONE, RECORD_INTENT, RECORD_DONE };
struct records {
	struct state *state;
	int64_t folder;
	uint32_t validity;
	bool
	    recovering; /* the database is new because the old one was damaged: look into the mailbox first */
	bool other_validity; /* there are records of an earlier UIDVALIDITY */
	sqlite3_stmt *find, *intent, *done, *name, *adopt_like, *adopt_digest;
	struct record_done {
		char *uid, *name; /* name NULL: nobody told */
	} * done_v;               /* not committed yet */
	size_t done_n, done_cap;
};
int records_open(struct records *r, struct state *st, const char *server, const char *folder,
    uint32_t validity, struct err *e);
void records_release(struct records *r);
/* *time_s: when it was done; *mark of the intent. Either may be NULL. */
int records_find(struct records *r, const char *uid, enum record_status *status, int64_t *time_s,
    int64_t *mark, struct err *e);
int records_intents(struct records *r, const struct record *m, size_t n, struct err *e);
void records_done(struct records *r, const char *uid, const char *name);
int records_flush(struct records *r, struct err *e);
/* Is a message of this name recorded? 1, 0, -1. */
int records_has_name(struct records *r, const char *name, struct err *e);
/* A done record of an earlier UIDVALIDITY with the same Message-ID, size and date (by_digest: the same digest) becomes this uid's. 1, 0, -1. */
int records_adopt(struct records *r, const struct record *m, bool by_digest, struct err *e);
/* The folder was gone through to its end. */
int records_finish(struct records *r, struct err *e);

#endif
