#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "codec/inert.h"
#include "io/file.h"
#include "mail_queue.h"
#include "mime/date.h"
#include "mime/header.h"
#include "queue/scan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* What cannot be read is told and does not hide the rest. */
static int list_one(struct options *o, struct queue *q, const struct queue_name *n,
    struct report *r, int *code, struct err *e)
{
	struct queue_message m;
	struct err why = ERR_INIT;
	struct queue_name now = *n;
	int got = queue_message_open(q, &now, &m, &why);
	if (got == 0 && queue_find_again(q, &now, &why) > 0) /* a run renamed it meanwhile */
		got = queue_message_open(q, &now, &m, &why);
	if (got < 0)
		*code = cli_fail(o->program, &why);
	if (got <= 0)
		return 0;
	if (filter_takes(&o->filter, &m)) {
		record_fill(r, o, &m);
		got = report_row(r, e);
	}
	queue_message_close(&m);
	return got < 0 ? -1 : 0;
}

struct names {
	struct queue_name *v;
	size_t n, cap;
	char (*journals)[QUEUE_ID_SIZE];
	size_t journal_count, journal_cap;
};

/* The soonest first, what is held last. */
static int by_next_attempt(const void *a, const void *b)
{
	const struct queue_name *x = a, *y = b;
	if (x->held != y->held)
		return x->held - y->held;
	if (x->next_s != y->next_s)
		return x->next_s < y->next_s ? -1 : 1;
	return strcmp(x->id, y->id);
}

static void take_name(struct names *l, const struct queue_name *n)
{
	if (l->n == l->cap) {
		l->cap = l->cap ? 2 * l->cap : 64;
		l->v = mem_resize(l->v, l->cap, sizeof(*l->v));
	}
	l->v[l->n++] = *n;
}

static void take_journal(struct names *l, const struct queue_name *n)
{
	if (l->journal_count == l->journal_cap) {
		l->journal_cap = l->journal_cap ? 2 * l->journal_cap : 64;
		l->journals = mem_resize(l->journals, l->journal_cap, sizeof(*l->journals));
	}
	memcpy(l->journals[l->journal_count++], n->id, QUEUE_ID_SIZE);
}

static int by_id(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* Most messages have no journal, and to find that out from the disk costs as much as to open the message. */
static void mark_journals(struct names *l)
{
	if (l->journal_count)
		qsort(l->journals, l->journal_count, sizeof(*l->journals), by_id);
	for (size_t i = 0; i < l->n; i++)
		l->v[i].no_journal =
		    !l->journal_count || !bsearch(l->v[i].id, l->journals, l->journal_count,
					     sizeof(*l->journals), by_id);
}

static void release_names(struct names *l)
{
	free(l->v);
	free(l->journals);
}

/* All names: some 50 bytes a message. */
static int gather(struct options *o, struct queue *q, struct names *l, struct err *e)
{
	struct queue_scan s;
	struct queue_name n;
	int r;
	if (queue_scan_open(&s, q, e) < 0)
		return -1;
	while ((r = queue_scan_any(&s, &n, e)) > 0)
		if (s.kind == QUEUE_FILE_JOURNAL)
			take_journal(l, &n);
		else if (s.kind == QUEUE_FILE_MESSAGE && (n.held || !o->filter.held))
			take_name(l, &n);
	queue_scan_close(&s);
	mark_journals(l);
	if (l->n)
		qsort(l->v, l->n, sizeof(*l->v), by_next_attempt);
	return r;
}

static int list_all(struct options *o, struct queue *q, int *code, struct err *e)
{
	struct names l = {0};
	int result = gather(o, q, &l, e);
	if (result < 0) {
		release_names(&l);
		return -1;
	}
	struct report *out = report_new(record_columns, record_column_count,
	    o->common.json ? REPORT_JSON : REPORT_AUTO, o->common.color);
	for (size_t i = 0; result == 0 && i < l.n; i++)
		result = list_one(o, q, &l.v[i], out, code, e);
	release_names(&l);
	if (result < 0) {
		report_close(out, NULL);
		return -1;
	}
	return report_close(out, e);
}

int list(struct options *o, struct err *e)
{
	struct queue q;
	int code = 0;
	if (open_spool(o, 0, &q, e) < 0)
		return e->sys == ENOENT ? (err_clear(e), 0) : -1;
	int r = list_all(o, &q, &code, e);
	queue_close(&q);
	return r < 0 ? -1 : code;
}

/* --- show --- */

struct showing {
	struct options *o;
	struct queue *q;
	struct report *report;
	size_t count;
};

static int show_raw(const struct queue_message *m, struct err *e)
{
	struct sink_fd out;
	struct source_range from;
	sink_fd_init(&out, STDOUT_FILENO);
	queue_message_source(m, &from);
	return sink_pump(&out.sink, &from.source, e) < 0 ? -1 : sink_end(&out.sink, e);
}

static void line(struct buf *b, const char *name, const char *value)
{
	if (!value || !*value)
		return;
	buf_addf(b, "%-11s ", name);
	inert_add(b, span_of(value), 0);
	buf_addc(b, '\n');
}

static void time_line(struct buf *b, const char *name, int64_t s)
{
	struct buf text = BUF_INIT(100);
	date_write(&text, s, date_local_offset(s));
	line(b, name, buf_cstr(&text));
	buf_release(&text);
}

static void describe_route(struct buf *b, const struct queue_route *r)
{
	line(b, _("account"), r->account);
	line(b, _("server"), r->server);
	if (r->use_mx)
		line(b, _("server"), r->mx && *r->mx ? r->mx : _("each domain's own (MX)"));
	line(b, "tls", r->tls);
	if (r->require_tls)
		line(b, "tls", _("required all the way"));
	line(b, _("deliver by"), r->deliver_by);
	line(b, _("options"), r->options);
}

static void describe_recipients(struct buf *b, const struct queue_message *m)
{
	for (size_t i = 0; i < m->envelope.recipient_count; i++) {
		const struct queue_progress *p = &m->progress[i];
		struct buf text = BUF_INIT(16384);
		buf_addf(&text, "%s: %s", m->envelope.recipients[i].address,
		    queue_status_word(p->status));
		if (p->answer) {
			buf_adds(&text, ", ");
			answer_text(&text, p->answer);
		}
		line(b, _("to"), buf_cstr(&text));
		buf_release(&text);
	}
}

static void describe_header(struct buf *b, const struct queue_message *m)
{
	static const char *const names[] = {"From", "To", "Cc", "Subject", "Date", "Message-ID"};
	struct header h = HEADER_INIT;
	struct source_range from;
	queue_message_source(m, &from);
	if (header_read(&h, &from.source, NULL, NULL) == 0)
		for (size_t i = 0; i < ARRAY_LEN(names); i++) {
			struct buf text = BUF_INIT(64 << 10);
			header_text(&h, names[i], &text);
			line(b, names[i], buf_cstr(&text));
			buf_release(&text);
		}
	header_release(&h);
}

static void describe(struct buf *b, const struct queue_message *m)
{
	const struct queue_envelope *env = &m->envelope;
	char number[32];
	snprintf(number, sizeof(number), "%lld", (long long)m->size);
	line(b, "id", m->name.id);
	line(b, _("state"), state_word(m));
	time_line(b, _("arrived"), m->arrived_s);
	line(b, _("size"), number);
	line(b, _("from"), *env->sender ? env->sender : "<>");
	describe_recipients(b, m);
	line(b, _("answer"), m->journal.attempts ? NULL : env->last_answer);
	snprintf(number, sizeof(number), "%u", m->journal.attempts);
	line(b, _("attempts"), number);
	if (!m->name.held && m->name.claim == QUEUE_FREE)
		time_line(b, _("next"), m->name.next_s);
	if (env->hold_until_s)
		time_line(b, _("not before"), env->hold_until_s);
	line(b, "envid", env->envid);
	line(b, "ret", env->ret);
	describe_route(b, &env->route);
	buf_addc(b, '\n');
	describe_header(b, m);
}

static int show_text(struct showing *s, const struct queue_message *m, struct err *e)
{
	struct buf b = BUF_INIT(64 << 20);
	if (s->count++)
		buf_addc(&b, '\n');
	describe(&b, m);
	int r = fd_write_all(STDOUT_FILENO, buf_span(&b), e);
	buf_release(&b);
	return r;
}

static int show_one(void *ctx, struct queue_name *n, struct err *e)
{
	struct showing *s = ctx;
	struct queue_message m;
	int got = queue_message_open(s->q, n, &m, e);
	/* renamed since it was found: by a run */
	if (got == 0 && queue_find_again(s->q, n, e) > 0)
		got = queue_message_open(s->q, n, &m, e);
	if (got <= 0)
		return got < 0 ? -1
			       : err_set(e, EX_NOINPUT, _("%s: not in the queue any more"), n->id);
	if (s->o->raw) {
		got = show_raw(&m, e);
	} else if (s->o->common.json) {
		record_fill(s->report, s->o, &m);
		got = report_row(s->report, e);
	} else {
		got = show_text(s, &m, e);
	}
	queue_message_close(&m);
	return got < 0 ? -1 : 0;
}

int show(struct options *o, const struct strv *ids, struct err *e)
{
	struct queue q;
	int code = 0;
	if (!ids->n)
		return err_set(e, EX_USAGE, _("show: which message? Give its ID"));
	if (open_spool(o, 0, &q, e) < 0)
		return -1;
	struct showing s = {.o = o, .q = &q};
	s.report = report_new(record_columns, record_column_count, REPORT_JSON, o->common.color);
	int r = for_each_message(o, &q, ids, show_one, &s, &code, e);
	if (report_close(s.report, r < 0 ? NULL : e) < 0)
		r = -1;
	queue_close(&q);
	return r < 0 ? -1 : code;
}
