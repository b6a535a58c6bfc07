/*
 * dispatch.h - the parts of a run. Private to this room.
 *
 * plan.c	finds what is due and groups it by destination
 * work.c	a claimed message: handed over, settled, given back or removed
 * worker.c	a transport process: its jobs, its reports, its end
 * bounce.c	what the sender is told
 * run.c	the loop
 */
#ifndef SURAT_QUEUE_DISPATCH_H
#define SURAT_QUEUE_DISPATCH_H

#include "io/child.h"
#include "queue/claim.h"
#include "queue/run.h"
#include "queue/scan.h"
#include "queue/transport.h"

struct work;
struct due { /* a message of the plan */
	struct queue_name name;
	struct work *work; /* while it is claimed */
	unsigned parts;    /* destinations not yet ended */
	bool gone;         /* somebody else has it */
};
struct part;
struct destination {
	char *key;
	struct destination *chain; /* in the table */
	uint32_t *jobs;            /* indices into due */
	size_t job_count, job_cap, next_job;
	struct part **returned; /* handed to a transport that died before it came to them */
	size_t returned_count;
	unsigned workers, unreachable, deaths;
	size_t window;   /* jobs a transport has at once: few until something there has answered */
	bool probe;      /* something waits there that cannot be put off unseen */
	bool reached;    /* something there has answered in this run */
	bool remembered; /* it is down because an earlier run found it so */
	bool is_down;    /* not tried further in this run, because: */
	struct queue_answer down; /* its texts are owned */
};
struct plan {
	struct due *due;
	size_t due_count, due_cap;
	struct destination **destinations; /* in the order they were found */
	size_t destination_count, destination_cap;
	struct destination *table[1024];
	bool full; /* there may be more */
};
enum { PLAN_MAX = 100000 };

struct part { /* the recipients of a message at one destination */
	struct work *work;
	struct destination *dest;
	size_t *v, n; /* indices, ascending */
	size_t left, cursor;
	bool handed, sending, answered; /* answered: a server said something */
	const struct queue_answer *last;
};
struct work { /* a claimed message */
	struct due *due;
	struct queue_message m;
	struct queue_name was;        /* its name before */
	struct destination **dest_of; /* of each recipient */
	struct journal journal;
	size_t *changed, changed_count,
	    noted;     /* settled, in that order; the first so many are in the journal */
	bool *settled; /* in this attempt */
	bool several, tried, only_deferred, untried, dirty, finished, lost;
	struct queue_answer *last; /* to share equal ones */
};

enum { UNREACHABLE_MAX = 2 /* in a row: then it is down */ };
enum {
	WINDOW = 256,
	WINDOW_FIRST = 2,
	WINDOW_SECOND = 32,
	LINE_MAX_BYTES = 1 << 20,
	BAD_LINES_MAX = 100
};
struct worker {
	struct child child;
	struct destination *dest;
	struct buf in, out;
	struct part *parts[WINDOW];          /* in the order they are given */
	size_t part_count, given;            /* the rest is claimed and not yet durably so */
	int64_t heard_ms, gave_ms, dying_ms; /* 0: not dying */
	unsigned bad_lines;
	bool group, spoke, closing, silent, ended, deaf; /* deaf: reading failed */
};

struct run {
	struct queue *q;
	const struct queue_run_options *o;
	struct queue_run_result *result;
	struct queue_run_lock lock;
	char *folder; /* absolute */
	struct plan plan;
	struct worker **workers;
	size_t worker_count, worker_cap;
	struct work **dirty; /* to be brought to the disk */
	size_t dirty_count, dirty_cap;
	int64_t dirty_ms;                /* since when there are any */
	struct strv made;                /* IDs of reports queued by this run */
	size_t first;                    /* destination that is not yet through */
	const char *domain;              /* of o, until the reports' turn */
	int64_t now_s, next_us, stop_ms; /* next_us: as the rate allows */
	bool names_changed, kept;        /* kept: something stays claimed by us on disk */
	struct err fatal;
};
void run_event(struct run *r, const struct queue_event *ev);
void run_damaged(struct run *r, const struct queue_name *n, const struct err *why);
/* Keeps the first. */
void run_fatal(struct run *r, const struct err *e);
/* No new job: a signal, or something fatal. */
bool run_is_stopping(const struct run *r);
void destination_down(struct destination *d, const struct queue_answer *why);

/* plan.c */
/* What earlier runs knew of these destinations. */
void plan_remember(struct run *r);
/* What this one has found out, for the next. */
void plan_note(struct run *r);
int plan_make(struct run *r, const struct strv *ids, struct err *e);
void plan_release(struct plan *p);
/* The destination of that key, made when it is new. */
struct destination *plan_destination(struct plan *p, const char *key);
bool plan_wants(const struct run *r, const char *address);
bool plan_takes(const struct run *r, const struct queue_message *m, const struct strv *ids);

/* clean.c: what is left over, what does not belong here. */
int queue_clean(struct run *r, struct err *e);

/* work.c */
/* 1: w is ours; 0: another has it, or it is gone or damaged; -1 fatal. */
int work_claim(struct run *r, struct due *d, struct err *e);
void work_free(struct work *w);
/* The recipients of w at dest that wait: a new part, NULL when there are none (any more). */
struct part *work_part(struct work *w, struct destination *dest);
/* Notes that these are about to be handed over: durable after run_sync. */
int work_hand(struct run *r, struct part *p, struct err *e);
void work_settle(struct run *r, struct work *w, size_t recipient, enum queue_status s,
    const struct queue_answer *a, bool relayed);
/* How long it waits by now, as schedule.h counts. */
int64_t work_waited_s(const struct work *w);
/* A destination of the message has ended. untried: nothing was tried there (we are stopping). */
void work_part_ended(struct run *r, struct work *w, bool untried);
/* All of a part that is not settled. */
void part_settle_rest(
    struct run *r, struct part *p, enum queue_status s, const struct queue_answer *a);
void part_end(struct run *r, struct part *p, bool untried);
/* Brings all that changed to the disk, then tells of it. */
void run_commit(struct run *r);

/* bounce.c */
/* Queues what the sender must be told of w and notes it in its journal. */
int work_report(struct run *r, struct work *w, struct err *e);
/* True when nothing that is to be reported is left. */
bool work_is_reported(const struct work *w);
/* True when a success must be reported too. */
bool work_wants_success(const struct work *w);

/* worker.c */
int worker_start(struct run *r, struct destination *dest, struct err *e);
/* Serializes what was claimed for it. */
void worker_give(struct run *r, struct worker *w);
void worker_read(struct run *r, struct worker *w);
void worker_write(struct worker *w);
void worker_close_input(struct worker *w);
/* Asks it to end; worker_tick insists after a while, and asks those that are silent too long. */
void worker_terminate(struct worker *w);
void worker_tick(struct run *r, struct worker *w);
/* Reaps it and decides about what it had. */
void worker_end(struct run *r, struct worker *w);

#endif
