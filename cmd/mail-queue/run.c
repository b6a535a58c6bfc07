#include "queue/run.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "io/child.h"
#include "mail_queue.h"
#include "queue/scan.h"
#include "queue/watch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* --- what is told --- */

static const struct report_column columns[] = {
    {"id", N_("ID"), REPORT_BOLD},
    {"address", N_("RECIPIENT"), 0},
    {"status", N_("STATUS"), 0},
    {"answer", N_("ANSWER"), REPORT_TEXT_ONLY},
    {"code", NULL, 0},
    {"enhanced", NULL, 0},
    {"text", NULL, 0},
    {"host", NULL, 0},
};
enum { ID, ADDRESS, STATUS, ANSWER, CODE, ENHANCED, TEXT, HOST };

/* What may be sent twice is said even to who did not ask. */
static void warn_unknown(struct options *o, const struct queue_event *ev)
{
	struct buf text = BUF_INIT(16384);
	if (ev->answer)
		answer_text(&text, ev->answer);
	cli_warn(o->program, &o->common,
	    _("%s: <%s>: unknown: %s; it may have got there, and is tried once more"), ev->id,
	    ev->address, buf_cstr(&text));
	buf_release(&text);
}

static void print_settled(struct options *o, const struct queue_event *ev)
{
	struct buf text = BUF_INIT(16384);
	const struct queue_answer *a = ev->answer;
	if (!o->settled) {
		if (ev->status == QUEUE_UNKNOWN)
			warn_unknown(o, ev);
		return;
	}
	report_text(o->settled, ID, span_of(ev->id));
	report_text(o->settled, ADDRESS, span_of(ev->address));
	report_text(o->settled, STATUS, span_of(queue_status_word(ev->status)));
	if (a) {
		answer_text(&text, a);
		report_shown(o->settled, ANSWER, buf_span(&text));
	}
	if (a && a->code)
		report_number(o->settled, CODE, a->code);
	if (a && *a->enhanced)
		report_text(o->settled, ENHANCED, span_of(a->enhanced));
	if (a && *a->text)
		report_text(o->settled, TEXT, span_of(a->text));
	if (a && *a->host)
		report_text(o->settled, HOST, span_of(a->host));
	/* one who watches sees it now; an output that is gone is told at the end */
	report_row(o->settled, NULL);
	report_flush(o->settled, NULL);
	buf_release(&text);
}

static void print_dropped(struct options *o, const struct queue_event *ev)
{
	struct buf text = BUF_INIT(16384);
	if (ev->answer)
		answer_text(&text, ev->answer);
	cli_warn(o->program, &o->common,
	    _("%s: <%s>: %s: %s; nobody can be told, the sender is <>"), ev->id, ev->address,
	    queue_status_word(ev->status), buf_cstr(&text));
	buf_release(&text);
}

void print_event(void *ctx, const struct queue_event *ev)
{
	struct options *o = ctx;
	switch (ev->kind) {
	case QUEUE_EVENT_SETTLED: print_settled(o, ev); break;
	case QUEUE_EVENT_DROPPED: print_dropped(o, ev); break;
	case QUEUE_EVENT_REPORTED:
		if (o->common.verbose)
			cli_warn(o->program, &o->common, _("%s: report (%s) for <%s> queued as %s"),
			    ev->id, ev->text, ev->address, ev->new_id);
		break;
	case QUEUE_EVENT_RECOVERED:
		cli_warn(o->program, &o->common,
		    _("%s: given back, the run that had it died; %zu of its recipients may have "
		      "got it"),
		    ev->id, ev->number);
		break;
	case QUEUE_EVENT_DAMAGED:
		cli_warn(o->program, &o->common, _("%s: damaged, now in quarantine: %s"), ev->id,
		    ev->text);
		break;
	case QUEUE_EVENT_TROUBLE:
		cli_warn(o->program, &o->common, "%s: %s", ev->destination, ev->text);
		break;
	}
}

/* Each line is out at once, so the columns cannot be aligned: TABs, on a terminal too. */
static struct report *settled_report(const struct options *o)
{
	return report_new(columns, ARRAY_LEN(columns), o->common.json ? REPORT_JSON : REPORT_TABS,
	    o->common.color);
}

/* --- the run --- */

static void add_option(struct strv *argv, const char *name, const char *value)
{
	strv_take(argv, value ? str_printf("--%s=%s", name, value) : str_printf("--%s", name));
}

/* The network's options that the command line gave are meant for who uses the network. */
static void pass_on(const struct options *o, const struct cli_slot *slot, struct strv *argv)
{
	const char *name = slot->option->name;
	const void *field = (const char *)o + slot->offset;
	struct buf b = BUF_INIT(64 << 10);
	char letter[3] = {'-', slot->option->letter, '\0'};
	if (!strv_has(&o->common.given, name ? name : letter + 1))
		return;
	if (!name) {
		strv_add(argv, letter);
	} else if (slot->option->kind == CLI_KIND_LIST) {
		const struct strv *list = field;
		for (size_t i = 0; i < list->n; i++)
			add_option(argv, name, list->v[i]);
	} else {
		cli_value_text(slot, o, &b);
		bool bare = !slot->option->value || (slot->option->flags & CLI_OPTIONAL && !b.len);
		add_option(argv, name, bare ? NULL : buf_cstr(&b));
	}
	buf_release(&b);
}

static void choose_transport(struct options *o, struct strv *argv)
{
	struct cli_group network = cli_network_group(0);
	struct cli_slot slot;
	o->run.transport = o->transport && *o->transport ? o->transport : NULL;
	strv_add(argv, "mail-send");
	strv_add(argv, "--batch");
	if (o->common.config)
		add_option(argv, "config", o->common.config);
	for (size_t at = 0; cli_each(o->program, &at, &slot);)
		if (slot.group && slot.group->options == network.options)
			pass_on(o, &slot, argv);
	o->run.argv = o->run.transport ? NULL : argv->v;
}

/* What a person typed as whole IDs. What is none is told; *code says so. */
static int resolve(
    struct options *o, struct queue *q, const struct strv *typed, struct strv *ids, int *code)
{
	for (size_t i = 0; i < typed->n; i++) {
		struct queue_name n;
		struct err why = ERR_INIT;
		if (queue_find(q, typed->v[i], &n, &why) > 0)
			strv_add(ids, n.id);
		else
			*code = cli_fail(o->program, &why);
	}
	o->run.ids = typed->n ? ids : NULL;
	return typed->n && !ids->n;
}

/* Who asked for these very messages wants to know what became of them; a timer only whether the queue works. */
static int exit_code(const struct options *o, const struct queue_run_result *r, int code)
{
	if (code)
		return code;
	if (r->damaged)
		return EX_DATAERR;
	if (!o->run.ids)
		return 0;
	return r->deferred || r->unknown ? EX_TEMPFAIL
	       : r->refused || r->failed ? EX_UNAVAILABLE
					 : 0;
}

static int run_once(struct options *o, struct queue *q, int code, struct err *e)
{
	struct queue_run_result result;
	if (o->common.verbose || o->common.json)
		o->settled = settled_report(o);
	int r = queue_run(q, &o->run, &result, e);
	if (o->settled && report_close(o->settled, r < 0 ? NULL : e) < 0)
		r = -1;
	o->settled = NULL;
	return r < 0 ? -1 : exit_code(o, &result, code);
}

/* --- the plan --- */

static const struct report_column plan_columns[] = {
    {"id", N_("ID"), REPORT_BOLD},
    {"destination", N_("DESTINATION"), 0},
    {"recipients", N_("RECIPIENTS"), REPORT_RIGHT},
    {"next", N_("NEXT"), 0},
    {"why", N_("WHY"), 0},
};

static int plan_line(void *ctx, const struct queue_plan_line *l, struct err *e)
{
	static const char *const why[] = {"due", "forced", "waits", "held", "sending", "down"};
	struct report *r = ctx;
	report_text(r, 0, span_of(l->id));
	report_text(r, 1, span_of(l->destination));
	report_number(r, 2, (int64_t)l->recipients);
	if (l->next_s)
		report_time(r, 3, l->next_s);
	report_text(r, 4, span_of(why[l->why]));
	return report_row(r, e);
}

static int plan(struct options *o, struct queue *q, int code, struct err *e)
{
	struct report *out = report_new(plan_columns, ARRAY_LEN(plan_columns),
	    o->common.json ? REPORT_JSON : REPORT_AUTO, o->common.color);
	int r = queue_plan(q, &o->run, plan_line, out, e);
	if (report_close(out, r < 0 ? NULL : e) < 0)
		r = -1;
	return r < 0 ? -1 : code;
}

/* --- both --- */

void host_name(char *out, size_t size)
{
	if (gethostname(out, size) < 0 || !*out)
		snprintf(out, size, "localhost");
	out[size - 1] = '\0';
}

int run(struct options *o, const struct strv *typed, struct err *e)
{
	struct queue q;
	struct strv ids = {0}, argv = {0};
	char host[256];
	int code = 0, r;
	if (o->filter.sender || o->filter.older_s || o->filter.held)
		return err_set(e, EX_USAGE, _("run: IDs or --domain, no other filter"));
	if (open_spool(o, 0, &q, e) < 0)
		return e->sys == ENOENT && !typed->n ? (err_clear(e), 0) : -1;
	host_name(host, sizeof(host));
	o->run.host = host;
	o->run.domain = o->filter.domain;
	o->run.event = print_event;
	o->run.ctx = o;
	choose_transport(o, &argv);
	r = resolve(o, &q, typed, &ids, &code) ? code
	    : o->plan                          ? plan(o, &q, code, e)
					       : run_once(o, &q, code, e);
	queue_close(&q);
	strv_release(&ids);
	strv_release(&argv);
	return r;
}

/* --- watch --- */

enum { LEAST_S = 1, IDLE_S = 10, TROUBLE_S = 60, MOST_S = 300 };

/* The first failure ends it, as a wrong option does; later ones pass, as a full disk does. */
static int watch_on(struct options *o, struct queue *q, struct queue_watch *w, struct err *e)
{
	bool first = true;
	int got;
	int64_t least = 0;
	do {
		struct queue_run_result result = {0};
		struct err why = ERR_INIT;
		int r = queue_run(q, &o->run, &result, &why);
		if (r < 0 && first)
			return err_copy(e, &why);
		if (r < 0)
			cli_fail(o->program, &why);
		first = false;
		/* what stays due though nothing was done with it must not keep us busy */
		least = r < 0 ? TROUBLE_S : result.tried ? LEAST_S : least ? IDLE_S : LEAST_S;
	} while ((got = queue_watch(w, &o->run.schedule, least, MOST_S, e)) > 0);
	return got;
}

int watch(struct options *o, struct err *e)
{
	struct queue q;
	struct queue_watch w;
	struct strv argv = {0};
	char host[256];
	if (open_spool(o, QUEUE_CREATE, &q, e) < 0)
		return -1;
	host_name(host, sizeof(host));
	o->run.host = host;
	o->run.event = print_event;
	o->run.ctx = o;
	choose_transport(o, &argv);
	if (o->common.verbose || o->common.json)
		o->settled = settled_report(o);
	int r = queue_watch_open(&w, &q, e);
	if (r == 0) {
		r = watch_on(o, &q, &w, e);
		queue_watch_close(&w);
	}
	if (o->settled && report_close(o->settled, r < 0 ? NULL : e) < 0)
		r = -1;
	queue_close(&q);
	strv_release(&argv);
	return r;
}
