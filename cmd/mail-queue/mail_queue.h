/*
 * mail_queue.h - what the files of mail-queue share: one file for each group of commands.
 */
#ifndef SURAT_MAIL_QUEUE_H
#define SURAT_MAIL_QUEUE_H

#include "account/account.h"
#include "cli/cli.h"
#include "queue/run.h"
#include "report/report.h"
#include "submit/options.h"

enum command {
	COMMAND_ADD,
	COMMAND_LIST,
	COMMAND_SHOW,
	COMMAND_RUN,
	COMMAND_WATCH,
	COMMAND_HOLD,
	COMMAND_RELEASE,
	COMMAND_DELETE,
	COMMAND_BOUNCE,
	COMMAND_STATS,
	COMMAND_CHECK,
	COMMAND_EXPORT,
	COMMAND_IMPORT,
};

struct filter {
	char *domain, *sender;
	int64_t older_s; /* arrived before; 0: any */
	bool held, all;
};
struct options {
	const struct cli_program *program;
	struct cli_common common;
	struct submit_options submit;
	struct cli_network network;
	struct filter filter;
	struct queue_run_options run;
	int64_t jobs, per_domain, reports_max, max_archive;
	int unknown; /* enum queue_unknown */
	char *transport, *spool;
	bool mbox, raw, plan, repair, all_users;
	char **argv; /* as we were started, for who runs us once more */
	struct account account;
	struct report *settled; /* run -v: a line per recipient */
};

/* The spool: --spool, else in the user's state folder. EX_NOINPUT where it is not there and must not be made. */
int open_spool(const struct options *o, int flags, struct queue *q, struct err *e);
/* Whether a message is one of the filter's. */
bool filter_takes(const struct filter *f, const struct queue_message *m);
bool filter_is_set(const struct filter *f);
/* Calls act for the messages of the operands, or of the filter. *code: what act's failures and IDs that are none come to; each is told on standard error. */
int for_each_message(struct options *o, struct queue *q, const struct strv *ids,
    int (*act)(void *ctx, struct queue_name *n, struct err *e), void *ctx, int *code,
    struct err *e);

int add(struct options *o, const struct strv *recipients, struct err *e);
int list(struct options *o, struct err *e);
int show(struct options *o, const struct strv *ids, struct err *e);
int run(struct options *o, const struct strv *ids, struct err *e);
int run_all_users(struct options *o, const struct strv *ids, struct err *e);
int watch(struct options *o, struct err *e);
int change(struct options *o, enum command c, const struct strv *ids, struct err *e);
int stats(struct options *o, struct err *e);
int check(struct options *o, struct err *e);
int export_queue(struct options *o, const struct strv *paths, struct err *e);
int import_queue(struct options *o, const struct strv *paths, struct err *e);

/* run.c: warnings on standard error; what is settled on o->settled. */
void print_event(void *ctx, const struct queue_event *ev);
/* Who we are, for reports. */
void host_name(char *out, size_t size);

/* record.c: a message as a record, for list and show. */
extern const struct report_column record_columns[];
extern const size_t record_column_count;
void record_fill(struct report *r, const struct options *o, const struct queue_message *m);
/* "mx1.example.net: 451 4.7.1 greylisted" */
void answer_text(struct buf *b, const struct queue_answer *a);
const char *state_word(const struct queue_message *m);

#endif
