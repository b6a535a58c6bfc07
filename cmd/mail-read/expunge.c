#include "base/alloc.h"
#include "change.h"
#include "mailboxes.h"

static int visit(void *ctx, const struct found *f, struct err *e)
{
	return f->entry->flags & STORE_TRASHED ? change_add(ctx, str_dup(f->entry->name), e) : 0;
}

int run_expunge(struct lister *l, struct strv *operands, struct err *e)
{
	struct change c = {.r = l->r, .erase = true};
	struct mailboxes m;
	if (mailboxes_open(l, operands, &m, e) < 0)
		return -1;
	int code = mailboxes_each(l, &m, visit, &c, e);
	change_finish(&c);
	mailboxes_close(&m);
	return code;
}
