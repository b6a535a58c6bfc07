#include "queue/change.h"

#include "base/intl.h"
#include "mail_queue.h"

#include <errno.h>

struct changing {
	struct options *o;
	enum command command;
	struct queue *q;
	struct queue_run_lock lock;
	struct queue_run_result result;
};

static int change_one(void *ctx, struct queue_name *n, struct err *e)
{
	struct changing *c = ctx;
	switch (c->command) {
	case COMMAND_HOLD: return queue_hold(c->q, n, e);
	case COMMAND_RELEASE: return queue_release(c->q, &c->lock, n, e);
	case COMMAND_DELETE: return queue_delete(c->q, &c->o->run, &c->lock, n, e);
	default: return queue_bounce(c->q, &c->o->run, &c->lock, n, &c->result, e);
	}
}

/* What is one rename or removal needs no lock, and so works on a disk that is full. */
static bool wants_lock(const struct changing *c)
{
	if (c->command == COMMAND_HOLD)
		return false;
	return c->command != COMMAND_DELETE || c->o->run.domain;
}

static int change_all(struct changing *c, const struct strv *ids, struct err *e)
{
	int code = 0;
	bool locked = wants_lock(c);
	if (locked && queue_run_begin(c->q, &c->lock, e) < 0)
		return -1;
	int r = for_each_message(c->o, c->q, ids, change_one, c, &code, e);
	if (queue_sync(c->q, r < 0 ? NULL : e) < 0)
		r = -1;
	/* after a failure something may still carry our name */
	if (locked)
		queue_run_end(
		    c->q, &c->lock, (r < 0 || code) && queue_run_has_claims(c->q, &c->lock));
	return r < 0 ? -1 : code;
}

int change(struct options *o, enum command command, const struct strv *ids, struct err *e)
{
	struct queue q;
	char host[256];
	struct changing c = {.o = o, .command = command, .q = &q};
	if (open_spool(o, 0, &q, e) < 0) {
		/* nothing is there: nothing fits a filter, but an ID is wrong */
		if (e->sys != ENOENT || ids->n)
			return -1;
		err_clear(e);
		return 0;
	}
	if (command == COMMAND_DELETE || command == COMMAND_BOUNCE)
		o->run.domain = o->filter.domain;
	host_name(host, sizeof(host));
	o->run.host = host;
	o->run.event = print_event;
	o->run.ctx = o;
	int r = change_all(&c, ids, e);
	queue_close(&q);
	return r;
}
