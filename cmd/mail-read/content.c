#include "base/intl.h"
#include "full.h"
#include "io/child.h"

#include <unistd.h>

void note_failure(struct read *r, const struct err *why)
{
	cli_fail(&read_program, why);
	if (!r->code)
		r->code = why->code;
}

int check_stop(struct err *e)
{
	return signals_stop() ? err_set(e, EX_TEMPFAIL, _("stopped by a signal")) : 0;
}

struct contents {
	struct read *r;
	int flags;
	visit_content *visit;
	void *ctx;
};

/* A fault of one message among several is said, and they go on. */
static int settle(struct contents *cs, int code, const struct err *why, struct err *e)
{
	if (code >= 0)
		return code;
	if (!cs->r->several || code == OUT_FAILED || check_stop(NULL) < 0) {
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
	int code = store_message_open(&c.message, span_of(name), &why);
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
	if (!cs->r->o->mbox)
		return visit_source(cs, &in.source, e);
	cs->r->several = true;
	return visit_stream(cs, &in.source, e);
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

static int visit_one(void *ctx, const char *name, enum name_kind kind, struct err *e)
{
	struct contents *cs = ctx;
	const char *names = cs->r->o->names;
	if (check_stop(e) < 0)
		return -1;
	switch (kind) {
	case NAME_MESSAGE: return visit_stored(cs, name, e);
	case NAME_MAILBOX: cs->r->several = true; return full_each(cs->r, name, visit_one, cs, e);
	case NAME_STDIN: break;
	}
	if (names && strcmp(names, "-") == 0)
		return err_set(e, EX_USAGE, _("standard input cannot be both names and a message"));
	return visit_stdin(cs, e);
}

int contents_each(struct read *r, const struct strv *operands, int flags, visit_content *visit,
    void *ctx, struct err *e)
{
	struct contents cs = {r, flags, visit, ctx};
	if (operands->n || r->o->names)
		return names_each(r, operands, visit_one, &cs, e);
	if (!stdin_is_offered())
		return need_names(r, operands, e);
	int code = visit_one(&cs, "-", NAME_STDIN, e);
	return code < 0 ? code : 0;
}
