/*
 * run.h - a run of the queue: what is due is grouped by destination and given to transports.
 *
 *	struct queue_run_options o;
 *	queue_run_options_init(&o);
 *	o.transport = "mail-send --batch";
 *	o.event = say;
 *	queue_run(q, &o, &result, e);
 *
 * A destination (a named server, an account, or a recipient's domain) has its own transport processes, so a slow, hanging or dying one costs only itself. Every
 * outcome is durable before it is told to o.event and before the next job is given. Runs that overlap share the work. A signal ends it cleanly:
 * transports may finish what they are in the middle of, what was not begun is given back.
 */
#ifndef SURAT_QUEUE_RUN_H
#define SURAT_QUEUE_RUN_H

#include "queue/message.h"
#include "queue/schedule.h"

enum queue_event_kind {
	QUEUE_EVENT_SETTLED,  /* a recipient: status, answer */
	QUEUE_EVENT_REPORTED, /* a report was queued for the sender: new_id, what */
	QUEUE_EVENT_DROPPED,  /* a failure nobody can be told of: the sender is <> */
	QUEUE_EVENT_RECOVERED, /* a message of a run that died; number: how many recipients are unknown */
	QUEUE_EVENT_DAMAGED, /* was put into quarantine: text says why; id may be a file's name */
	QUEUE_EVENT_TROUBLE, /* of a transport: text */
};
struct queue_event {
	enum queue_event_kind kind;
	const char *id, *address, *destination, *new_id, *text;
	enum queue_status status;
	const struct queue_answer *answer; /* or NULL */
	size_t number;
};

/* What becomes of a recipient who may have got it already: lost after it was sent and before that was confirmed. */
enum queue_unknown {
	QUEUE_UNKNOWN_RETRY, /* once more, with the same Message-ID: two copies are better than none */
	QUEUE_UNKNOWN_HOLD,    /* a person decides */
	QUEUE_UNKNOWN_GIVE_UP, /* the sender is told that it may have arrived */
};
struct queue_run_options {
	const char *transport;  /* a command for the shell; NULL: argv */
	char *const *argv;      /* mail-send --batch and what the caller adds */
	int jobs, per_domain;   /* destinations at once; transports for each */
	bool force;             /* also what is not due yet */
	const struct strv *ids; /* only these, forced, even held; NULL: all */
	const char *domain;     /* only recipients of this domain; NULL: all */
	struct queue_schedule schedule;
	int64_t silence_s;    /* a transport that says nothing new for so long is ended */
	int64_t pause_us;     /* between two jobs handed over, at least; 0: none */
	int64_t own_pause_us; /* the same for each destination */
	enum queue_unknown unknown;
	size_t reports_max; /* to senders, in one run */
	const char *host;   /* who writes them */
	void (*event)(void *ctx, const struct queue_event *ev);
	void *ctx;
};
/* jobs 8, per_domain 2, silence 20 min, reports 100, the usual schedule. */
void queue_run_options_init(struct queue_run_options *o);

struct queue_run_result {
	size_t tried, sent, deferred, refused, unknown,
	    failed; /* recipients; failed: given up, expired */
	size_t damaged, reports, dropped;
	bool stopped; /* by a signal */
};
/* 0 even when nothing could be delivered; -1: the spool or the transport cannot be used (what was begun has been brought to an end as far as that went). */
int queue_run(
    struct queue *q, const struct queue_run_options *o, struct queue_run_result *r, struct err *e);

/* What a run would do. For each message and destination, in the spool's order. */
enum queue_why {
	QUEUE_WHY_DUE,
	QUEUE_WHY_FORCED,
	QUEUE_WHY_WAITS,
	QUEUE_WHY_HELD,
	QUEUE_WHY_BUSY,
	QUEUE_WHY_DOWN
};
struct queue_plan_line {
	const char *id, *destination;
	size_t recipients;
	int64_t next_s;
	enum queue_why why;
};
int queue_plan(struct queue *q, const struct queue_run_options *o,
    int (*line)(void *ctx, const struct queue_plan_line *l, struct err *e), void *ctx,
    struct err *e);

#endif
