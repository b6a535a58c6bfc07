#include "account/message.h"
#include "base/alloc.h"
#include "base/intl.h"
#include "read.h"

#include <stdlib.h>

/* What changes mailboxes: flag, move, copy, delete, expunge. Of many messages each is tried; those that fail are said, one by one. */

/* Maildirs are changed so many at a time. Of an mbox all belongs in one call: each change moves the messages behind it, and an old name could be another one's. */
enum { BATCH = 1000 };

struct change {
	struct read *r;
	struct store_edit *edits;         /* flag, delete, expunge */
	struct store_transfer *transfers; /* move, copy */
	size_t n, cap;
	bool in_mbox; /* a name among them is one of an mbox */
	unsigned add, remove;
	bool erase;
	struct store *to; /* move, copy */
	bool copy;
	struct out out;
};

static int refuse_mailbox(const char *name, struct err *e)
{
	return err_set(e, EX_USAGE, _("%s: a mailbox, where messages must be named"), name);
}

/* --- flags and deletion, in batches --- */

static void flush_edits(struct change *c)
{
	store_edit(c->edits, c->n);
	for (size_t i = 0; i < c->n; i++) {
		if (c->edits[i].err.code)
			note_failure(c->r, &c->edits[i].err);
		free(c->edits[i].name_out);
		free((void *)(uintptr_t)c->edits[i].name.ptr);
	}
	c->n = 0;
	c->in_mbox = false;
}

/* Time to do what has been gathered. */
static bool is_full(const struct change *c)
{
	return c->n >= BATCH && !c->in_mbox;
}

static size_t next_cap(const struct change *c)
{
	return c->cap ? c->cap * 2 : 64;
}

static int add_edit(struct change *c, char *name, struct err *e)
{
	if (c->n == c->cap)
		c->edits = mem_resize(c->edits, c->cap = next_cap(c), sizeof(*c->edits));
	c->edits[c->n++] = (struct store_edit){
	    .name = span_of(name), .add = c->add, .remove = c->remove, .erase = c->erase};
	c->in_mbox |= span_starts(span_of(name), "mbox:");
	if (is_full(c))
		flush_edits(c);
	return check_stop(e);
}

static int edit_name(void *ctx, const char *name, struct err *e)
{
	struct change *c = ctx;
	struct err why = ERR_INIT;
	char *known;
	if (is_mailbox_operand(name))
		return refuse_mailbox(name, e);
	if (account_message_name(&c->r->account, name, &known, &why) == 0)
		return add_edit(c, known, e);
	note_failure(c->r, &why);
	return 0;
}

static int edit_names(struct change *c, const struct strv *names, struct err *e)
{
	int code = names_each(c->r, names, edit_name, c, e);
	flush_edits(c);
	free(c->edits);
	return code;
}

/* --- flag --- */

/* "seen,flagged" */
static int flag_words(const char *words, unsigned *flags, struct err *e)
{
	struct span rest = span_of(words), word;
	for (bool more = true; more;) {
		unsigned one = 0;
		more = span_cut(&rest, ',', &word);
		if (store_flag_by_name(span_trim(word), &one, e) < 0)
			return -1;
		*flags |= one;
	}
	return 0;
}

static int flag_lists(const struct strv *words, unsigned *flags, struct err *e)
{
	for (size_t i = 0; i < words->n; i++)
		if (flag_words(words->v[i], flags, e) < 0)
			return -1;
	return 0;
}

/* "+seen", "-flagged" among the operands; true when it is one. */
static bool take_flag(struct change *c, const char *word)
{
	unsigned flags = 0;
	if ((*word != '+' && *word != '-') || flag_words(word + 1, &flags, NULL) < 0)
		return false;
	*(*word == '+' ? &c->add : &c->remove) |= flags;
	return true;
}

int run_flag(struct read *r, struct strv *operands, struct err *e)
{
	struct change c = {.r = r};
	struct strv names = {0};
	int code =
	    flag_lists(&r->o->add, &c.add, e) < 0 ? -1 : flag_lists(&r->o->remove, &c.remove, e);
	for (size_t i = 0; i < operands->n; i++)
		if (!take_flag(&c, operands->v[i]))
			strv_add(&names, operands->v[i]);
	if (code == 0 && !c.add && !c.remove)
		code = err_set(e, EX_USAGE, _("flag wants --add or --remove"));
	if (code == 0 && (c.add & c.remove))
		code = err_set(e, EX_USAGE, _("a flag cannot be both set and cleared"));
	if (code == 0)
		code = need_names(r, &names, e);
	if (code == 0)
		code = edit_names(&c, &names, e);
	strv_release(&names);
	return code;
}

/* --- delete, expunge --- */

int run_delete(struct read *r, struct strv *operands, struct err *e)
{
	struct change c = {.r = r, .erase = true};
	return need_names(r, operands, e) < 0 ? -1 : edit_names(&c, operands, e);
}

static int expunge_found(void *ctx, const struct found *f, struct err *e)
{
	return f->entry->flags & STORE_TRASHED ? add_edit(ctx, str_dup(f->entry->name), e) : 0;
}

int run_expunge(struct read *r, struct strv *operands, struct err *e)
{
	struct change c = {.r = r, .erase = true};
	struct mailboxes m;
	if (mailboxes_open(r, operands, &m, e) < 0)
		return -1;
	int code = mailboxes_each(r, &m, expunge_found, &c, e);
	flush_edits(&c);
	free(c.edits);
	mailboxes_close(&m);
	return code;
}

/* --- move, copy: each is safe there before it goes here --- */

static int print_moved(struct change *c, const char *from, const char *name, struct err *e)
{
	if (!c->r->o->common.json)
		return out_name(c->r, &c->out, name, e);
	json_t *o = json_object();
	json_object_set_new(o, "from", report_json_text(span_of(from)));
	json_object_set_new(o, "name", report_json_text(span_of(name)));
	return out_json(&c->out, o, e);
}

/* wanted false: they are only forgotten. */
static int flush_transfers(struct change *c, bool wanted, struct err *e)
{
	int code = 0;
	if (wanted)
		store_transfer(c->transfers, c->n, c->to, !c->copy);
	for (size_t i = 0; i < c->n; i++) {
		struct store_transfer *t = &c->transfers[i];
		char *from = (char *)(uintptr_t)t->name.ptr;
		if (t->err.code)
			note_failure(c->r, &t->err);
		if (t->name_out && code == 0)
			code = print_moved(c, from, t->name_out, e);
		free(t->name_out);
		free(from);
	}
	c->n = 0;
	c->in_mbox = false;
	return code;
}

static int transfer_known(struct change *c, const char *known, struct err *e)
{
	if (c->n == c->cap)
		c->transfers =
		    mem_resize(c->transfers, c->cap = next_cap(c), sizeof(*c->transfers));
	c->transfers[c->n++] = (struct store_transfer){.name = span_of(str_dup(known))};
	c->in_mbox |= span_starts(span_of(known), "mbox:");
	return is_full(c) ? flush_transfers(c, true, e) : 0;
}

static int transfer_found(void *ctx, const struct found *f, struct err *e)
{
	return check_stop(e) < 0 ? -1 : transfer_known(ctx, f->entry->name, e);
}

static int copy_mailbox(struct change *c, const char *name, struct err *e)
{
	struct strv one = {0};
	struct mailboxes m;
	if (!c->copy)
		return refuse_mailbox(name, e);
	strv_add(&one, name);
	int code = mailboxes_open(c->r, &one, &m, e);
	strv_release(&one);
	if (code < 0)
		return -1;
	code = mailboxes_each(c->r, &m, transfer_found, c, e);
	mailboxes_close(&m);
	return code;
}

static int transfer_name(void *ctx, const char *name, struct err *e)
{
	struct change *c = ctx;
	struct err why = ERR_INIT;
	char *known;
	if (check_stop(e) < 0)
		return -1;
	if (is_mailbox_operand(name))
		return copy_mailbox(c, name, e);
	if (account_message_name(&c->r->account, name, &known, &why) < 0) {
		note_failure(c->r, &why);
		return 0;
	}
	int code = transfer_known(c, known, e);
	free(known);
	return code;
}

static int open_target(struct change *c, struct err *e)
{
	char *path;
	if (!c->r->o->to)
		return err_set(e, EX_USAGE, _("--to MAILBOX is missing"));
	if (account_mailbox_expand(&c->r->account, c->r->o->to, &path, e) < 0)
		return -1;
	int code = store_open(&c->to, span_of(path), STORE_CREATE, e);
	free(path);
	return code;
}

int run_transfer(struct read *r, struct strv *operands, bool copy, struct err *e)
{
	struct change c = {.r = r, .copy = copy};
	struct err late = ERR_INIT;
	if (need_names(r, operands, e) < 0 || open_target(&c, e) < 0)
		return -1;
	out_init(&c.out);
	int code = names_each(r, operands, transfer_name, &c, e);
	if (flush_transfers(&c, code == 0, e) < 0)
		code = -1;
	free(c.transfers);
	int end = out_end(&c.out, &late);
	store_free(c.to);
	return code < 0 ? code : end < 0 ? err_copy(e, &late) : 0;
}
