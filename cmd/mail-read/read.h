/*
 * read.h - what the files of mail-read share: its options, the run, and the sets of messages and mailboxes that its operands name.
 */
#ifndef MAIL_READ_READ_H
#define MAIL_READ_READ_H

#include "account/account.h"
#include "cli/cli.h"
#include "io/spool.h"
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
	int64_t limit, jobs;
	bool reverse, zero, all, html, mbox, imap;
	struct strv add, remove, fields;
};
extern const struct cli_program read_program;

/*
 * The program is built twice. mail-read shows, extracts and changes messages that are named by paths or come on standard input, and loads no library but
 * the C library: such runs are started once a message. All else (lists, searches, JSON, what people type) is in surat-read, which mail-read becomes before
 * anything was read. full.h says what that has, light.c stands for it.
 */

struct read {
	struct options *o;
	struct account account;
	bool several; /* messages: one that goes wrong does not stop the others */
	int code;     /* of the first that went wrong */
};

/* --- the commands that the light program has; each returns an exit code or -1 --- */

int run_show(struct read *r, struct strv *operands, struct err *e);
int run_headers(struct read *r, struct strv *operands, struct err *e);
int run_extract(struct read *r, struct strv *operands, struct err *e);
int run_raw(struct read *r, struct strv *operands, struct err *e);
int run_flag(struct read *r, struct strv *operands, struct err *e);
int run_transfer(struct read *r, struct strv *operands, bool copy, struct err *e);
int run_delete(struct read *r, struct strv *operands, struct err *e);

/* One of many went wrong: says so and goes on. EX_IOERR of our output is never such. */
void note_failure(struct read *r, const struct err *why);
/* "stopped by a signal", for loops. */
int check_stop(struct err *e);

/* --- names.c: operands that are messages --- */

/* Calls visit with each name in turn: operands, where numbers, ranges and ids are made names of stored messages; then --names, which are such. visit returns
 * 1 to stop. */
enum name_kind { NAME_MESSAGE, NAME_MAILBOX, NAME_STDIN };
typedef int visit_name(void *ctx, const char *name, enum name_kind kind, struct err *e);
int names_each(
    struct read *r, const struct strv *operands, visit_name *visit, void *ctx, struct err *e);
/* For who takes messages only: EX_USAGE. */
int refuse_name(const char *name, enum name_kind kind, struct err *e);
bool is_mailbox_operand(const char *name);
/* A number, a range, an id or a mailbox: more than a path. */
bool is_person_operand(const char *name);
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
int out_end(struct out *o, struct err *e);
int out_failed(struct err *e);

#endif
