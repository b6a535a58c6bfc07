/*
 * read.h - what the files of mail-read share: its options, the run, and the sets of messages and mailboxes that its operands name.
 */
#ifndef MAIL_READ_READ_H
#define MAIL_READ_READ_H

#include "account/account.h"
#include "cli/cli.h"
#include "io/spool.h"
#include "query/query.h"
#include "report/report.h"
#include "store/store.h"

enum command {
	LIST,
	SEARCH,
	THREAD,
	COUNT,
	FOLDERS,
	SHOW,
	HEADERS,
	PARTS,
	EXTRACT,
	RAW,
	FLAG,
	MOVE,
	COPY,
	DELETE,
	EXPUNGE
};
enum sort { SORT_ARRIVAL, SORT_DATE, SORT_FROM, SORT_SUBJECT, SORT_SIZE, SORT_THREAD };

struct options {
	struct cli_common common;
	char *where, *format, *to, *dir, *names;
	int sort;
	int64_t limit;
	bool reverse, zero, all, html, mbox, imap;
	struct strv add, remove, fields;
};
extern const struct cli_program read_program;

struct read {
	struct options *o;
	struct account account;
	struct query *query;   /* --where or search's; NULL: all */
	struct query_run *run; /* for it */
	int code;              /* of the first message that went wrong, while the others went on */
};

/* --- the commands; each returns an exit code or -1 --- */

int run_list(struct read *r, struct strv *operands, struct err *e);
int run_search(struct read *r, struct strv *operands, struct err *e);
int run_thread(struct read *r, struct strv *operands, struct err *e);
int run_count(struct read *r, struct strv *operands, struct err *e);
int run_folders(struct read *r, struct strv *operands, struct err *e);
int run_show(struct read *r, struct strv *operands, struct err *e);
int run_headers(struct read *r, struct strv *operands, struct err *e);
int run_parts(struct read *r, struct strv *operands, struct err *e);
int run_extract(struct read *r, struct strv *operands, struct err *e);
int run_raw(struct read *r, struct strv *operands, struct err *e);
int run_flag(struct read *r, struct strv *operands, struct err *e);
int run_transfer(struct read *r, struct strv *operands, bool copy, struct err *e);
int run_delete(struct read *r, struct strv *operands, struct err *e);
int run_expunge(struct read *r, struct strv *operands, struct err *e);

/* One of many went wrong: says so and goes on. EX_IOERR of our output is never such. */
void note_failure(struct read *r, const struct err *why);
/* "stopped by a signal", for loops. */
int check_stop(struct err *e);

/* --- mailboxes.c: operands that are mailboxes --- */

struct mailbox {
	char *name;          /* as given, or as configured */
	struct store *store; /* NULL: a plain file, one message */
};
struct mailboxes {
	struct mailbox *v;
	size_t n;
};
/* Opens all that are named, or the default one; before anything is printed. */
int mailboxes_open(struct read *r, const struct strv *operands, struct mailboxes *m, struct err *e);
void mailboxes_close(struct mailboxes *m);
/* Calls visit for each message that answers the query, mailbox by mailbox, in the order of arrival. visit returns 1 to stop. */
struct found {
	const struct mailbox *mailbox;
	const struct store_entry *entry;
};
typedef int visit_found(void *ctx, const struct found *f, struct err *e);
int mailboxes_each(
    struct read *r, struct mailboxes *m, visit_found *visit, void *ctx, struct err *e);
/* Opens a message that was just seen: 1, 0 when it is gone, -1. */
int found_open(const char *name, struct store_message *m, struct err *e);
/* Splits a command line into query and mailboxes. */
int query_operands(
    struct read *r, const struct strv *operands, struct strv *mailboxes, struct err *e);
int query_set(struct read *r, struct span text, struct err *e);

/* --- names.c: operands that are messages --- */

/* Calls visit with each name in turn: operands (numbers and ranges spread out), then --names. visit returns 1 to stop. */
typedef int visit_name(void *ctx, const char *name, struct err *e);
int names_each(
    struct read *r, const struct strv *operands, visit_name *visit, void *ctx, struct err *e);
/* Whether the operand is a whole mailbox. */
bool is_mailbox_operand(const char *name);
/* Whether standard input is to be read although no operand says so: there is none, and it is a pipe or a file. */
bool stdin_is_offered(void);
/* At least one message must be named: EX_USAGE. */
int need_names(struct read *r, const struct strv *operands, struct err *e);

/* --- content.c: messages to be read --- */

struct content {
	const char *name; /* "-": standard input */
	struct source *source;
	uint64_t size; /* 0: not known */
	int64_t time_s;
	/* its own */
	bool stored;
	struct store_message message;
	struct spool *spool;
	struct source_spool again;
};
typedef int visit_content(void *ctx, struct content *c, struct err *e);
enum { CONTENT_TWICE = 1 }; /* content_rewind will be called */
/* Calls visit for each message named; mailboxes give all of theirs; "-", or nothing at all with something on standard input, is what stands there (with
 * --mbox a stream of messages). What cannot be opened is noted and passed over when there are several. */
int contents_each(struct read *r, const struct strv *operands, int flags, visit_content *visit,
    void *ctx, struct err *e);
/* From its start once more. */
int content_rewind(struct content *c, struct err *e);

/* --- out.c: text on standard output --- */

enum {
	OUT_FAILED = -2
}; /* what the functions here return then: going on with other messages is of no use */
struct out {
	struct sink_fd fd;
};
void out_init(struct out *o);
/* Inert text, an LF behind it. */
int out_line(struct out *o, struct span text, struct err *e);
/* A name for other programs: the very bytes, ended by LF, or NUL with -0. */
int out_name(struct read *r, struct out *o, const char *name, struct err *e);
/* One object in a line; takes it over. */
int out_json(struct out *o, json_t *value, struct err *e);
int out_end(struct out *o, struct err *e);
int out_failed(struct err *e);
/* report/'s own failures are of standard output too. */
int out_row(struct report *report, struct err *e);

#endif
