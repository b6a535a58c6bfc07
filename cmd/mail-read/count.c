#include "account/folders.h"
#include "base/intl.h"
#include "json.h"
#include "mailboxes.h"

#include <stdlib.h>

struct counts {
	uint64_t messages, unread, bytes;
};

static int visit_counted(void *ctx, const struct found *f, struct err *e)
{
	struct counts *c = ctx;
	(void)e;
	c->messages++;
	c->unread += !(f->entry->flags & STORE_SEEN);
	c->bytes += f->entry->size;
	return 0;
}

static int count_one(struct lister *l, struct mailbox *box, struct counts *c, struct err *e)
{
	struct mailboxes one = {box, 1};
	*c = (struct counts){0};
	return mailboxes_each(l, &one, visit_counted, c, e);
}

/* --- count: a number; with several mailboxes, each its name behind it --- */

enum { COUNT_N, COUNT_MAILBOX, COUNT_COLUMNS };
static const struct report_column alone[] = {{"count", "", 0}, {"mailbox", NULL, 0}};
static const struct report_column several[] = {
    {"count", N_("MESSAGES"), REPORT_RIGHT}, {"mailbox", N_("MAILBOX"), 0}};

static enum report_mode count_mode(const struct lister *l, size_t n)
{
	return l->r->o->common.json ? REPORT_JSON : n == 1 ? REPORT_TABS : REPORT_AUTO;
}

int run_count(struct lister *l, struct strv *operands, struct err *e)
{
	struct mailboxes m;
	struct counts c;
	struct err late = ERR_INIT;
	int code = 0;
	if (mailboxes_open(l, operands, &m, e) < 0)
		return -1;
	struct report *report = report_new(
	    m.n == 1 ? alone : several, COUNT_COLUMNS, count_mode(l, m.n), l->r->o->common.color);
	for (size_t i = 0; code == 0 && i < m.n; i++) {
		if ((code = count_one(l, &m.v[i], &c, e)) < 0)
			break;
		report_number(report, COUNT_N, (int64_t)c.messages);
		report_text(report, COUNT_MAILBOX, span_of(m.v[i].name));
		code = out_row(report, e);
	}
	mailboxes_close(&m);
	int end = report_close(report, &late);
	return code < 0 ? code : end < 0 ? err_copy(e, &late) : 0;
}

/* --- folders --- */

enum { FOLDER_NAME, FOLDER_MESSAGES, FOLDER_UNREAD, FOLDER_SIZE, FOLDER_COLUMNS };
static const struct report_column folder_columns[FOLDER_COLUMNS] = {{"name", N_("FOLDER"), 0},
    {"messages", N_("MESSAGES"), REPORT_RIGHT}, {"unread", N_("UNREAD"), REPORT_RIGHT},
    {"size", N_("SIZE"), REPORT_RIGHT}};

static int folder_row(struct lister *l, const char *name, struct report *report, struct err *e)
{
	struct strv one = {0};
	struct mailboxes m;
	struct counts c;
	strv_add(&one, name);
	int code = mailboxes_open(l, &one, &m, e);
	strv_release(&one);
	if (code < 0)
		return -1;
	code = count_one(l, &m.v[0], &c, e);
	mailboxes_close(&m);
	if (code < 0)
		return -1;
	report_text(report, FOLDER_NAME, span_of(name));
	report_number(report, FOLDER_MESSAGES, (int64_t)c.messages);
	report_number(report, FOLDER_UNREAD, (int64_t)c.unread);
	report_bytes(report, FOLDER_SIZE, c.bytes);
	return out_row(report, e);
}

int run_folders(struct lister *l, struct strv *operands, struct err *e)
{
	struct strv names = {0};
	struct err late = ERR_INIT;
	if (operands->n)
		return err_set(
		    e, EX_USAGE, _("folders are those of the store; see list for a mailbox"));
	if (account_folders(&l->r->account, &names, e) < 0) {
		strv_release(&names);
		return -1;
	}
	struct report *report = report_new(folder_columns, FOLDER_COLUMNS,
	    l->r->o->common.json ? REPORT_JSON : REPORT_AUTO, l->r->o->common.color);
	int code = 0;
	for (size_t i = 0; code == 0 && i < names.n; i++)
		code = folder_row(l, names.v[i], report, e);
	strv_release(&names);
	int end = report_close(report, &late);
	return code < 0 ? code : end < 0 ? err_copy(e, &late) : 0;
}
