#include "change.h"

#include "base/alloc.h"
#include "base/intl.h"

#include <stdlib.h>

/* flag and delete. Of many messages each is tried; those that fail are said, one by one. */

static void flush(struct change *c)
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

int change_add(struct change *c, char *name, struct err *e)
{
	if (c->n == c->cap) {
		c->cap = c->cap ? 2 * c->cap : 64;
		c->edits = mem_resize(c->edits, c->cap, sizeof(*c->edits));
	}
	c->edits[c->n++] = (struct store_edit){
	    .name = span_of(name), .add = c->add, .remove = c->remove, .erase = c->erase};
	c->in_mbox |= span_starts(span_of(name), "mbox:");
	if (c->n >= CHANGE_GROUP && !c->in_mbox)
		flush(c);
	return check_stop(e);
}

void change_finish(struct change *c)
{
	flush(c);
	free(c->edits);
	c->edits = NULL;
}

static int change_name(void *ctx, const char *name, enum name_kind kind, struct err *e)
{
	return kind == NAME_MESSAGE ? change_add(ctx, str_dup(name), e)
				    : refuse_name(name, kind, e);
}

static int change_names(struct change *c, const struct strv *names, struct err *e)
{
	int code = names_each(c->r, names, change_name, c, e);
	change_finish(c);
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

static int flags_wanted(struct change *c, const struct strv *names, struct err *e)
{
	/* a word that was meant for a flag is taken for a message, and it is the last one that is mistyped */
	const char *last = names->n ? names->v[names->n - 1] : "";
	unsigned ignored = 0;
	if (!c->add && !c->remove && (*last == '+' || *last == '-') && last[1])
		return flag_words(last + 1, &ignored, e);
	if (!c->add && !c->remove)
		return err_set(e, EX_USAGE, _("flag wants --add or --remove"));
	if (c->add & c->remove)
		return err_set(e, EX_USAGE, _("a flag cannot be both set and cleared"));
	return 0;
}

int run_flag(struct read *r, struct strv *operands, struct err *e)
{
	struct change c = {.r = r};
	struct strv names = {0};
	int code = flag_lists(&r->o->add, &c.add, e);
	if (code == 0)
		code = flag_lists(&r->o->remove, &c.remove, e);
	for (size_t i = 0; i < operands->n; i++)
		if (!take_flag(&c, operands->v[i]))
			strv_add(&names, operands->v[i]);
	if (code == 0)
		code = flags_wanted(&c, &names, e);
	if (code == 0)
		code = need_names(r, &names, e);
	if (code == 0)
		code = change_names(&c, &names, e);
	strv_release(&names);
	return code;
}

/* --- delete --- */

int run_delete(struct read *r, struct strv *operands, struct err *e)
{
	struct change c = {.r = r, .erase = true};
	return need_names(r, operands, e) < 0 ? -1 : change_names(&c, operands, e);
}
