/*
 * mailboxes.h - operands that are mailboxes, and queries. Of surat-read alone.
 */
#ifndef MAIL_READ_MAILBOXES_H
#define MAIL_READ_MAILBOXES_H

#include "query/query.h"
#include "read.h"

/* What a run of surat-read knows besides. */
struct lister {
	struct read *r;
	struct query *query;   /* --where or search's; NULL: all */
	struct query_run *run; /* for it */
};
int query_set(struct lister *l, struct span text, struct err *e);
/* Splits a command line into query and mailboxes. */
int query_operands(
    struct lister *l, const struct strv *operands, struct strv *mailboxes, struct err *e);

struct mailbox {
	char *name;          /* as given, or as configured */
	struct store *store; /* NULL: a plain file, one message */
};
struct mailboxes {
	struct mailbox *v;
	size_t n;
};
/* Opens all that are named, or the default one; before anything is printed. */
int mailboxes_open(
    struct lister *l, const struct strv *operands, struct mailboxes *m, struct err *e);
void mailboxes_close(struct mailboxes *m);
/* Calls visit for each message that answers the query, mailbox by mailbox, in the order of arrival. visit returns 1 to stop. */
struct found {
	const struct mailbox *mailbox;
	const struct store_entry *entry;
};
typedef int visit_found(void *ctx, const struct found *f, struct err *e);
int mailboxes_each(
    struct lister *l, struct mailboxes *m, visit_found *visit, void *ctx, struct err *e);
/* Opens a message that was just seen: 1, 0 when it is gone, -1. */
int found_open(const char *name, struct store_message *m, struct err *e);

/* --- the commands; each returns an exit code or -1 --- */

int run_list(struct lister *l, struct strv *operands, struct err *e);
int run_search(struct lister *l, struct strv *operands, struct err *e);
int run_thread(struct lister *l, struct strv *operands, struct err *e);
int run_count(struct lister *l, struct strv *operands, struct err *e);
int run_folders(struct lister *l, struct strv *operands, struct err *e);
int run_parts(struct read *r, struct strv *operands, struct err *e);
int run_expunge(struct lister *l, struct strv *operands, struct err *e);

#endif
