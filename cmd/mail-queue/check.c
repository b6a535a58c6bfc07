#include "queue/check.h"

#include "base/alloc.h"
#include "base/intl.h"
#include "mail_queue.h"

#include <errno.h>

static const struct report_column columns[] = {
    {"file", N_("FILE"), REPORT_BOLD},
    {"fault", N_("FAULT"), 0},
    {"why", N_("WHY"), 0},
    {"repaired", N_("REPAIRED"), 0},
};

struct checking {
	struct report *report;
	struct err err;
};

static void found(void *ctx, const struct queue_finding *f)
{
	static const char *const words[] = {"damaged", "mode", "orphan", "dead-run", "temporary",
	    "strange", "later-version", "quarantine", "exported"};
	struct checking *c = ctx;
	report_text(c->report, 0, span_of(f->file));
	report_text(c->report, 1, span_of(words[f->fault]));
	report_text(c->report, 2, span_of(f->why));
	report_bool(c->report, 3, f->repaired);
	if (report_row(c->report, c->err.code ? NULL : &c->err) < 0)
		return;
}

int check(struct options *o, struct err *e)
{
	struct queue q;
	struct checking c = {.err = ERR_INIT};
	struct queue_check how = {.repair = o->repair, .found = found, .ctx = &c};
	if (open_spool(o, 0, &q, e) < 0)
		return e->sys == ENOENT ? (err_clear(e), 0) : -1;
	c.report = report_new(columns, ARRAY_LEN(columns),
	    o->common.json ? REPORT_JSON : REPORT_AUTO, o->common.color);
	int r = queue_check(&q, &how, e);
	if (report_close(c.report, r < 0 ? NULL : e) < 0)
		r = -1;
	queue_close(&q);
	if (r == 0 && o->common.verbose)
		cli_warn(o->program, &o->common, _("%zu messages are sound"), how.messages);
	return r < 0 ? -1 : how.faults ? EX_DATAERR : 0;
}
