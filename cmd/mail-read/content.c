#include "account/message.h"
#include "base/intl.h"
#include "read.h"

#include <unistd.h>

void note_failure(struct read *r, const struct err *why)
{
	cli_fail(&read_program, why);
	if (!r->code)
		r->code = why->code;
}

struct contents {
	struct read *r;
	int flags;
	bool several; /* one that fails does not stop the others */
	visit_content *visit;
	void *ctx;
};

/* A fault of one message among several is said, and they go on. */
static int settle(struct contents *cs, int code, const struct err *why, struct err *e)
{
	if (code >= 0)
		return code;
	if (!cs->several || code == OUT_FAILED || check_stop(NULL) < 0) {
		err_copy(e, why);
		return code;
	}
	note_failure(cs->r, why);
	return 0;
}

/* --- stored messages --- */

static int visit_stored(struct contents *cs, const char *name, struct err *e)
{
	struct content c = {.name = name, .stored = true};
	struct err why = ERR_INIT;
	int code = account_message_open(&cs->r->account, name, &c.message, &why);
	if (code == 0) {
		c.source = c.message.source;
		c.size = c.message.entry.size;
		c.time_s = c.message.entry.time_s;
		code = cs->visit(cs->ctx, &c, &why);
		if (code == -1)
			err_prefix(&why, "%s: ", name);
		store_message_free(&c.message);
	}
	return settle(cs, code, &why, e);
}

static int visit_entry(void *ctx, const struct found *f, struct err *e)
{
	return visit_stored(ctx, f->entry->name, e);
}

static int visit_whole_mailbox(struct contents *cs, const char *name, struct err *e)
{
	struct strv one = {0};
	struct mailboxes m;
	bool several = cs->several;
	strv_add(&one, name);
	int code = mailboxes_open(cs->r, &one, &m, e);
	strv_release(&one);
	if (code < 0)
		return -1;
	cs->several = true;
	code = mailboxes_each(cs->r, &m, visit_entry, cs, e);
	cs->several = several;
	mailboxes_close(&m);
	return code;
}

/* --- standard input --- */

static int visit_source(struct contents *cs, struct source *in, struct err *e)
{
	struct content c = {.name = "-", .source = in};
	struct spool spool;
	struct err why = ERR_INIT;
	int code = 0;
	if (cs->flags & CONTENT_TWICE) {
		spool_init(&spool);
		c.spool = &spool;
		code = sink_pump(&spool.sink, in, &why);
		c.size = spool.size;
		if (code == 0)
			code = content_rewind(&c, &why);
	}
	if (code == 0)
		code = cs->visit(cs->ctx, &c, &why);
	if (c.spool)
		spool_release(&spool);
	if (code == -1)
		err_prefix(&why, "%s: ", _("standard input"));
	return settle(cs, code, &why, e);
}

static int visit_stream(struct contents *cs, struct source *in, struct err *e)
{
	struct mbox_reader *reader = mbox_reader_new(in);
	struct source *message;
	int code;
	while ((code = mbox_reader_next(reader, &message, e)) > 0)
		if ((code = visit_source(cs, message, e)) != 0)
			break;
	mbox_reader_free(reader);
	return code;
}

static int visit_stdin(struct contents *cs, struct err *e)
{
	struct source_fd in;
	source_fd_init(&in, STDIN_FILENO);
	return cs->r->o->mbox ? visit_stream(cs, &in.source, e) : visit_source(cs, &in.source, e);
}

int content_rewind(struct content *c, struct err *e)
{
	if (c->stored) {
		struct store_message again;
		if (store_message_open(&again, span_of(c->message.entry.name), e) < 0)
			return -1;
		store_message_free(&c->message);
		c->message = again;
		c->source = c->message.source;
		return 0;
	}
	source_spool_init(&c->again, c->spool);
	c->source = &c->again.source;
	return 0;
}

/* --- all --- */

static int visit_one(void *ctx, const char *name, struct err *e)
{
	struct contents *cs = ctx;
	if (check_stop(e) < 0)
		return -1;
	if (strcmp(name, "-") == 0 && cs->r->o->names && strcmp(cs->r->o->names, "-") == 0)
		return err_set(e, EX_USAGE, _("standard input cannot be both names and a message"));
	if (strcmp(name, "-") == 0)
		return visit_stdin(cs, e);
	return is_mailbox_operand(name) ? visit_whole_mailbox(cs, name, e)
					: visit_stored(cs, name, e);
}

int contents_each(struct read *r, const struct strv *operands, int flags, visit_content *visit,
    void *ctx, struct err *e)
{
	struct contents cs = {r, flags, operands->n > 1 || r->o->names, visit, ctx};
	if (!operands->n && !r->o->names) {
		if (!stdin_is_offered())
			return need_names(r, operands, e);
		int code = visit_one(&cs, "-", e);
		return code < 0 ? code : 0;
	}
	return names_each(r, operands, visit_one, &cs, e);
}
