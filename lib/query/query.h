/*
 * query.h - the language in which people ask for messages, and whether a message answers.
 *
 *	struct query *q;
 *	query_parse(&q, SPAN("from:alice (is:unread or larger:1M) not invoice"), store_flag_by_name, e);
 *	struct query_run *run = query_run_new(q);			// one a thread
 *	if (query_known(run, &message) == QUERY_UNKNOWN)		// flags, size, mailbox may be enough
 *		r = query_read(run, &message, &src.source, e);		// 1 it answers, 0 not, -1
 *
 * Words and from: to: cc: bcc: subject: body: id: list: has:attachment filename: type: flag: is: before: after: date: larger: smaller: in:, joined by
 * and (also by nothing), or, not and parentheses. A word is looked for in From, To, Cc, Subject, the names of files and all text of the message.
 * Text is decoded (encoded words, transfer encodings, charsets) and compared without regard to case (Unicode); "two words" in quotes
 * stand side by side, however many blanks or line ends are between them.
 *
 * No more of a message is read than is needed: nothing, its header, or its body up to what decides. A message that is broken is
 * searched as far as it can be read. Only the source fails (EX_IOERR).
 */
#ifndef SURAT_QUERY_QUERY_H
#define SURAT_QUERY_QUERY_H

#include "base/err.h"
#include "io/sink.h"

#include <stdint.h>

struct query;
/* What a flag's name means, as bits of query_message.flags. "seen" must be known. */
typedef int query_flag_fn(struct span name, unsigned *flag, struct err *e);
/* EX_USAGE says what is wrong. An empty text is a query that every message answers. */
int query_parse(struct query **out, struct span text, query_flag_fn *flags, struct err *e);
void query_free(struct query *q);
/* On a command line queries and mailboxes stand side by side: is this surely part of a query (a key with its colon, and, or, not, a parenthesis, a
 * quote)? */
bool query_is_term(struct span operand);
/* "and", "or", "not", "(": what comes next belongs to the query too. */
bool query_wants_more(struct span operand);
/* Whether in: is asked for. */
bool query_has_in(const struct query *q);

/* What is known without opening it. */
struct query_message {
	unsigned flags;
	uint64_t size;
	int64_t time_s;      /* counts where the Date field is missing or none */
	struct span mailbox; /* its name as in: wants it */
};
enum query_answer { QUERY_NO, QUERY_YES, QUERY_UNKNOWN };
struct query_run;
struct query_run *query_run_new(const struct query *q);
void query_run_free(struct query_run *run);
enum query_answer query_known(struct query_run *run, const struct query_message *m);
int query_read(
    struct query_run *run, const struct query_message *m, struct source *in, struct err *e);

#endif
