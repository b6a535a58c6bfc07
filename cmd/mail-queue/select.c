/* Which messages a command is about. */
#include "base/alloc.h"
#include "base/intl.h"
#include "mail_queue.h"
#include "queue/scan.h"

#include <stdlib.h>

bool filter_is_set(const struct filter *f)
{
	return f->domain || f->sender || f->older_s || f->held;
}

static bool sender_is(const char *sender, const char *wanted)
{
	struct span s = span_of(sender), w = span_of(wanted);
	if (span_is(w, "<>") || !w.len)
		return !s.len;
	if (w.ptr[0] == '@')
		return span_ends_nocase(s, wanted);
	return span_eq_nocase(s, w);
}

static bool waits_for(const struct queue_message *m, const char *domain)
{
	for (size_t i = 0; i < m->envelope.recipient_count; i++) {
		if (queue_status_is_final(m->progress[i].status))
			continue;
		char *own = queue_domain(m->envelope.recipients[i].address);
		bool same = span_eq_nocase(span_of(own), span_of(domain));
		free(own);
		if (same)
			return true;
	}
	return false;
}

bool filter_takes(const struct filter *f, const struct queue_message *m)
{
	if (f->held && !m->name.held)
		return false;
	if (f->older_s && m->arrived_s >= f->older_s)
		return false;
	if (f->sender && !sender_is(m->envelope.sender, f->sender))
		return false;
	return !f->domain || waits_for(m, f->domain);
}

/* A failure of one message is told, and the others go on. */
static void one(struct options *o, struct queue_name *n,
    int (*act)(void *ctx, struct queue_name *n, struct err *e), void *ctx, int *code)
{
	struct err why = ERR_INIT;
	if (act(ctx, n, &why) < 0)
		*code = cli_fail(o->program, &why);
}

static int each_id(struct options *o, struct queue *q, const struct strv *ids,
    int (*act)(void *ctx, struct queue_name *n, struct err *e), void *ctx, int *code)
{
	for (size_t i = 0; i < ids->n; i++) {
		struct queue_name n;
		struct err why = ERR_INIT;
		if (queue_find(q, ids->v[i], &n, &why) > 0)
			one(o, &n, act, ctx, code);
		else
			*code = cli_fail(o->program, &why);
	}
	return 0;
}

static bool is_chosen(const struct filter *f, struct queue *q, const struct queue_name *n)
{
	struct queue_message m;
	if (!filter_is_set(f))
		return true;
	if (queue_message_open(q, n, &m, NULL) <= 0)
		return false; /* damaged: by its ID only */
	bool takes = filter_takes(f, &m);
	queue_message_close(&m);
	return takes;
}

/* First the names, then the work: what is renamed would be seen again. */
static int each_chosen(struct options *o, struct queue *q,
    int (*act)(void *ctx, struct queue_name *n, struct err *e), void *ctx, int *code, struct err *e)
{
	struct queue_scan s;
	struct queue_name n, *all = NULL;
	size_t count = 0, cap = 0;
	int r;
	if (queue_scan_open(&s, q, e) < 0)
		return -1;
	while ((r = queue_scan_next(&s, &n, e)) > 0) {
		if (!is_chosen(&o->filter, q, &n))
			continue;
		if (count == cap) {
			cap = cap ? cap * 2 : 256;
			all = mem_resize(all, cap, sizeof(*all));
		}
		all[count++] = n;
	}
	queue_scan_close(&s);
	for (size_t i = 0; r == 0 && i < count; i++)
		one(o, &all[i], act, ctx, code);
	free(all);
	return r;
}

int for_each_message(struct options *o, struct queue *q, const struct strv *ids,
    int (*act)(void *ctx, struct queue_name *n, struct err *e), void *ctx, int *code, struct err *e)
{
	bool filtered = filter_is_set(&o->filter);
	if (ids->n && (filtered || o->filter.all))
		return err_set(e, EX_USAGE, _("either IDs, or a filter, or --all"));
	if (!ids->n && !filtered && !o->filter.all)
		return err_set(e, EX_USAGE, _("which messages? Give IDs, a filter, or --all"));
	return ids->n ? each_id(o, q, ids, act, ctx, code) : each_chosen(o, q, act, ctx, code, e);
}
