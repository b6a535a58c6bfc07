/*
 * journal.h - what became of a message's recipients, appended line by line to ID.log beside it.
 *
 *	surat-journal 1 7Q2XK3M9F4
 *	2026-11-24T08:14:00Z k3j9x2ab handed 1-3
 *	2026-11-24T08:14:02Z k3j9x2ab sent 1,3 250 2.0.0 mx1.example.net Ok: queued as 4Q
 *	2026-11-24T08:14:02Z k3j9x2ab deferred 2 451 4.7.1 mx1.example.net greylisted
 *	2026-11-24T08:14:02Z k3j9x2ab tried 1 2026-11-24T08:16:09Z
 *
 * Each line: when, by which run, what, and of which recipients (counted from 1). Only who has claimed the message writes. A last line without its end
 * was never fsynced, so nobody relied on it: readers pass over it, the next writer cuts it off. Any other line that is not understood is damage.
 */
#ifndef SURAT_QUEUE_JOURNAL_H
#define SURAT_QUEUE_JOURNAL_H

#include "base/arena.h"
#include "queue/name.h"

/* What is known of a recipient. The order of the words in journal.c follows this. */
enum queue_status {
	QUEUE_PENDING, /* never tried */
	QUEUE_HANDED,  /* given to a transport, nothing heard */
	QUEUE_SENT,
	QUEUE_DEFERRED,
	QUEUE_REFUSED,
	QUEUE_UNKNOWN,  /* lost after it was sent, before it was confirmed: tried once more */
	QUEUE_GIVEN_UP, /* unknown twice, or at the last attempt */
	QUEUE_EXPIRED,
	QUEUE_RETURNED, /* by hand */
	QUEUE_STATUS_COUNT,
};
/* The journal's and the report's word. */
const char *queue_status_word(enum queue_status s);
/* Nothing more will be tried. */
bool queue_status_is_final(enum queue_status s);
/* Its line in the journal has an answer. */
bool queue_status_has_answer(enum queue_status s);
/* Final, and the sender may want to hear of it. */
bool queue_status_is_failure(enum queue_status s);

/* What somebody said; host and text may be "". */
struct queue_answer {
	int code;          /* SMTP's, or 0: it never came to that */
	char enhanced[12]; /* or "" */
	const char *host, *text;
	int64_t at_s;
};
struct queue_progress {
	enum queue_status status;
	unsigned unknowns; /* how often it was unknown */
	bool warned, reported;
	bool relayed;             /* sent to a server that tells the sender itself (RFC 3461) */
	char run[QUEUE_RUN_SIZE]; /* who wrote that */
	const struct queue_answer *answer; /* the last one, or NULL */
};

struct journal_facts {
	unsigned attempts;
	int64_t tried_s;  /* the last attempt's time, 0: none */
	int64_t waited_s; /* up to since_s, as schedule.h counts */
	int64_t since_s;  /* the last attempt, the release, or the start */
	size_t sound;     /* octets up to the last line's end */
};
enum { JOURNAL_MAX = 64 << 20 };
/* Applies a journal's text (which may be empty) to n recipients (zeroed before). Answers live in the arena. EX_DATAERR: damaged; EX_UNAVAILABLE: a later version. */
int journal_parse(struct span text, const char *id, int64_t start_s, struct queue_progress *p,
    size_t n, struct arena *answers, struct journal_facts *facts, struct err *e);

/* Lines in the making. */
struct journal {
	char id[QUEUE_ID_SIZE];
	char run[QUEUE_RUN_SIZE];
	struct buf lines;
	size_t sound;
	bool exists; /* the file is there, its name durable */
};
void journal_init(struct journal *j, const char *id, const char *run,
    const struct journal_facts *facts, bool exists);
void journal_release(struct journal *j);
/* Each notes one line about some recipients: their indices (from 0), ascending; none: no line. The answer may be NULL. */
void journal_status(struct journal *j, enum queue_status s, const struct queue_answer *a,
    const size_t *v, size_t n);
void journal_relayed(struct journal *j, const size_t *v, size_t n);
void journal_warned(struct journal *j, const size_t *v, size_t n);
void journal_reported(struct journal *j, const size_t *v, size_t n);
/* Released by hand: waiting begins anew. */
void journal_released(struct journal *j);
void journal_tried(struct journal *j, unsigned attempts, int64_t next_s);
/* Writes and fsyncs what was noted: durable when it returns 0, but for a new file's name: *new_name is set then, and the caller syncs the folder. On failure the lines stay noted. */
int journal_flush(struct queue *q, struct journal *j, bool *new_name, struct err *e);

#endif
