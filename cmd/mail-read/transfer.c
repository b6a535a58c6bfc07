#include "base/alloc.h"
#include "base/intl.h"
#include "change.h"
#include "full.h"

#include <stdlib.h>

/* move and copy: each message is safe there before it goes here. In groups, as changes are (change.h). */

struct transfer {
	struct read *r;
	struct store *to;
	bool copy;
	struct out out;
	struct store_transfer *v;
	size_t n, cap;
	bool in_mbox;
};

static int settle(struct transfer *t, struct store_transfer *one, bool print, struct err *e)
{
	char *from = (char *)(uintptr_t)one->name.ptr;
	int code = 0;
	if (one->err.code)
		note_failure(t->r, &one->err);
	if (one->name_out && print)
		code = t->r->o->common.json ? full_moved_json(&t->out, from, one->name_out, e)
					    : out_name(t->r, &t->out, one->name_out, e);
	free(one->name_out);
	free(from);
	return code;
}

/* wanted false: they are only forgotten. */
static int flush(struct transfer *t, bool wanted, struct err *e)
{
	int code = 0;
	if (wanted)
		store_transfer(t->v, t->n, t->to, !t->copy);
	for (size_t i = 0; i < t->n; i++) {
		int one = settle(t, &t->v[i], code == 0, e);
		code = code == 0 ? one : code;
	}
	t->n = 0;
	t->in_mbox = false;
	return code;
}

static int add(struct transfer *t, const char *name, struct err *e)
{
	if (t->n == t->cap) {
		t->cap = t->cap ? 2 * t->cap : 64;
		t->v = mem_resize(t->v, t->cap, sizeof(*t->v));
	}
	t->v[t->n++] = (struct store_transfer){.name = span_of(str_dup(name))};
	t->in_mbox |= span_starts(span_of(name), "mbox:");
	return t->n >= CHANGE_GROUP && !t->in_mbox ? flush(t, true, e) : 0;
}

static int visit(void *ctx, const char *name, enum name_kind kind, struct err *e)
{
	struct transfer *t = ctx;
	if (check_stop(e) < 0)
		return -1;
	if (kind == NAME_MAILBOX && t->copy)
		return full_each(t->r, name, visit, t, e);
	return kind == NAME_MESSAGE ? add(t, name, e) : refuse_name(name, kind, e);
}

static int open_target(struct transfer *t, struct err *e)
{
	char *path;
	if (!t->r->o->to)
		return err_set(e, EX_USAGE, _("--to MAILBOX is missing"));
	if (account_mailbox_expand(&t->r->account, t->r->o->to, &path, e) < 0)
		return -1;
	int code = store_open(&t->to, span_of(path), STORE_CREATE, e);
	free(path);
	return code;
}

int run_transfer(struct read *r, struct strv *operands, bool copy, struct err *e)
{
	struct transfer t = {.r = r, .copy = copy};
	struct err late = ERR_INIT;
	if (need_names(r, operands, e) < 0 || open_target(&t, e) < 0)
		return -1;
	out_init(&t.out);
	int code = names_each(r, operands, visit, &t, e);
	int rest = flush(&t, code == 0, code == 0 ? e : NULL);
	free(t.v);
	int end = out_end(&t.out, &late);
	store_free(t.to);
	if (code < 0 || rest < 0)
		return code < 0 ? code : rest;
	return end < 0 ? err_copy(e, &late) : 0;
}
