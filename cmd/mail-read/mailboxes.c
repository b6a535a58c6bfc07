#include "mailboxes.h"
#include "account/folders.h"
#include "base/alloc.h"
#include "base/intl.h"
#include "io/file.h"
#include "io/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

/* --- opening --- */

/* A file that does not begin as an mbox does is a message, and a list of it has one row. */
static bool is_plain_file(const char *path)
{
	struct stat st;
	char first[5];
	struct span s = span_of(path);
	bool named = span_starts(s, "maildir:") || span_starts(s, "mbox:") || span_starts(s, "mh:");
	int fd = named ? -1 : file_open_strict(AT_FDCWD, path, NULL);
	if (fd < 0)
		return false;
	ssize_t n = sys_fstat(fd, &st) == 0 ? sys_pread(fd, first, sizeof(first), 0) : 0;
	sys_close(fd);
	return n > 0 && !(n == sizeof(first) && memcmp(first, "From ", 5) == 0);
}

static int open_one(struct lister *l, const char *name, struct mailboxes *m, struct err *e)
{
	struct mailbox *box = &m->v[m->n];
	char *path;
	if (account_mailbox_expand(&l->r->account, name, &path, e) < 0)
		return -1;
	box->store = NULL;
	int code =
	    is_plain_file(path) ? 0 : store_open(&box->store, span_of(path), STORE_READ_ONLY, e);
	free(path);
	if (code < 0)
		return -1;
	box->name = str_dup(name);
	m->n++;
	return 0;
}

/* in: asks about all folders; a search elsewhere than in the default one is meant then. */
static int default_names(struct lister *l, struct strv *names, struct err *e)
{
	char *mailbox;
	if (l->query && query_has_in(l->query))
		return account_folders(&l->r->account, names, e);
	if (account_mailbox(&l->r->account, &mailbox, e) < 0)
		return -1;
	strv_take(names, mailbox);
	return 0;
}

int mailboxes_open(
    struct lister *l, const struct strv *operands, struct mailboxes *m, struct err *e)
{
	struct strv names = {0};
	*m = (struct mailboxes){0};
	for (size_t i = 0; i < operands->n; i++)
		strv_add(&names, operands->v[i]);
	int code = names.n ? 0 : default_names(l, &names, e);
	m->v = mem_new(names.n + 1, sizeof(*m->v));
	for (size_t i = 0; code == 0 && i < names.n; i++)
		code = open_one(l, names.v[i], m, e);
	strv_release(&names);
	if (code < 0)
		mailboxes_close(m);
	return code;
}

void mailboxes_close(struct mailboxes *m)
{
	for (size_t i = 0; i < m->n; i++) {
		free(m->v[i].name);
		store_free(m->v[i].store);
	}
	free(m->v);
	*m = (struct mailboxes){0};
}

/* --- their messages --- */

int found_open(const char *name, struct store_message *m, struct err *e)
{
	struct err why = ERR_INIT;
	if (store_message_open(m, span_of(name), &why) == 0)
		return 1;
	bool gone = why.code == EX_NOINPUT && (!why.sys || why.sys == ENOENT);
	return gone ? 0 : err_copy(e, &why);
}

/* One that is gone does not; one that cannot be read neither, and is said. */
static bool answers(struct lister *l, const struct found *f)
{
	struct query_message known = {.flags = f->entry->flags,
	    .size = f->entry->size,
	    .time_s = f->entry->time_s,
	    .mailbox =
		span_of(f->mailbox->store ? store_path(f->mailbox->store) : f->mailbox->name)};
	struct store_message m;
	struct err why = ERR_INIT;
	if (f->mailbox->name[0] == '+') /* the folder of +INBOX is called otherwise */
		known.mailbox = span_of(f->mailbox->name + 1);
	enum query_answer a = query_known(l->run, &known);
	if (a != QUERY_UNKNOWN)
		return a == QUERY_YES;
	int code = found_open(f->entry->name, &m, &why);
	if (code > 0) {
		code = query_read(l->run, &known, m.source, &why);
		store_message_free(&m);
		if (code < 0)
			err_prefix(&why, "%s: ", f->entry->name);
	}
	if (code < 0)
		note_failure(l->r, &why);
	return code > 0;
}

/* The query, then what is to be done. */
static int visit_entry(
    struct lister *l, const struct found *f, visit_found *visit, void *ctx, struct err *e)
{
	if (check_stop(e) < 0)
		return -1;
	return l->query && !answers(l, f) ? 0 : visit(ctx, f, e);
}

static int visit_file(
    struct lister *l, const struct mailbox *box, visit_found *visit, void *ctx, struct err *e)
{
	struct store_message m;
	struct found f = {box, &m.entry};
	if (store_message_open(&m, span_of(box->name), e) < 0)
		return -1;
	int code = visit_entry(l, &f, visit, ctx, e);
	store_message_free(&m);
	return code;
}

static int visit_mailbox(
    struct lister *l, const struct mailbox *box, visit_found *visit, void *ctx, struct err *e)
{
	struct store_scan *scan;
	struct store_entry entry;
	struct found f = {box, &entry};
	int code;
	if (!box->store)
		return visit_file(l, box, visit, ctx, e);
	if (store_scan_open(box->store, &scan, e) < 0)
		return -1;
	while ((code = store_scan_next(scan, &entry, e)) > 0)
		if ((code = visit_entry(l, &f, visit, ctx, e)) != 0)
			break;
	store_scan_free(scan);
	return code;
}

int mailboxes_each(
    struct lister *l, struct mailboxes *m, visit_found *visit, void *ctx, struct err *e)
{
	int code = 0;
	for (size_t i = 0; code == 0 && i < m->n; i++)
		code = visit_mailbox(l, &m->v[i], visit, ctx, e);
	return code < 0 ? code : 0;
}

/* --- queries --- */

int query_set(struct lister *l, struct span text, struct err *e)
{
	if (query_parse(&l->query, text, store_flag_by_name, e) < 0)
		return -1;
	l->run = query_run_new(l->query);
	return 0;
}

/* The first operand is of the query; so is each that is known as such on sight, and what must follow it. The others are mailboxes. */
int query_operands(
    struct lister *l, const struct strv *operands, struct strv *mailboxes, struct err *e)
{
	struct buf text = BUF_INIT(1 << 20);
	bool more = true;
	for (size_t i = 0; i < operands->n; i++) {
		struct span word = span_of(operands->v[i]);
		if (!more && !query_is_term(word)) {
			strv_add(mailboxes, operands->v[i]);
			continue;
		}
		buf_add(&text, word);
		buf_addc(&text, ' ');
		more = query_wants_more(word);
	}
	int code = text.over ? err_set(e, EX_USAGE, _("the query is too long"))
			     : query_set(l, buf_span(&text), e);
	buf_release(&text);
	return code;
}
