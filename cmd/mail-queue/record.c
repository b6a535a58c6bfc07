/* A message of the queue as a record. */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "codec/time.h"
#include "mail_queue.h"

const struct report_column record_columns[] = {
    {"id", N_("ID"), REPORT_BOLD},
    {"age", N_("AGE"), REPORT_TEXT_ONLY},
    {"size", N_("SIZE"), REPORT_RIGHT},
    {"next_in", N_("NEXT"), REPORT_TEXT_ONLY},
    {"sender", N_("FROM"), 0},
    {"to", N_("WAITING"), REPORT_TEXT_ONLY},
    {"last_answer", N_("LAST ANSWER"), 0},
    {"state", NULL, 0},
    {"arrived", NULL, 0},
    {"next", NULL, 0},
    {"attempts", NULL, 0},
    {"waiting", NULL, 0},
    {"recipients", NULL, 0},
    {"envid", NULL, 0},
    {"ret", NULL, 0},
    {"hold_until", NULL, 0},
    {"route", NULL, 0},
};
const size_t record_column_count = ARRAY_LEN(record_columns);
enum {
	ID,
	AGE,
	SIZE,
	NEXT_IN,
	FROM,
	TO,
	LAST_ANSWER,
	STATE,
	ARRIVED,
	NEXT,
	ATTEMPTS,
	WAITING,
	RECIPIENTS,
	ENVID,
	RET,
	HOLD_UNTIL,
	ROUTE,
};

const char *state_word(const struct queue_message *m)
{
	if (m->name.claim != QUEUE_FREE)
		return "sending";
	return m->name.held ? "held" : "waiting";
}

void answer_text(struct buf *b, const struct queue_answer *a)
{
	if (*a->host)
		buf_addf(b, "%s: ", a->host);
	if (a->code)
		buf_addf(b, "%03d ", a->code);
	if (*a->enhanced)
		buf_addf(b, "%s ", a->enhanced);
	buf_adds(b, a->text);
}

static void fill_time(
    struct report *r, size_t column, int64_t s, int64_t from_now, const char *prefix)
{
	struct buf b = BUF_INIT(100);
	if (report_width(r)) {
		report_age(r, column, from_now, prefix);
		return;
	}
	date_write_rfc3339(&b, s);
	report_shown(r, column, buf_span(&b));
	buf_release(&b);
}

static void fill_next(struct report *r, const struct queue_message *m)
{
	int64_t in = m->name.next_s - clock_real_s();
	if (m->name.claim != QUEUE_FREE || m->name.held)
		report_shown(r, NEXT_IN, span_of(state_word(m)));
	else if (in <= 0 && report_width(r))
		report_shown(r, NEXT_IN, span_of(_("now")));
	else
		fill_time(r, NEXT_IN, m->name.next_s, in, _("in "));
}

/* "bob@example.net +2" */
static void fill_waiting(struct report *r, const struct queue_message *m)
{
	size_t n = queue_message_waiting(m), i = 0;
	struct buf b = BUF_INIT(4096);
	while (n && queue_status_is_final(m->progress[i].status))
		i++;
	if (n)
		buf_adds(&b, m->envelope.recipients[i].address);
	if (n > 1)
		buf_addf(&b, " +%zu", n - 1);
	report_shown(r, TO, buf_span(&b));
	buf_release(&b);
}

static void put(json_t *o, const char *key, const char *value)
{
	if (value && *value)
		json_object_set_new(o, key, report_json_text(span_of(value)));
}

static json_t *recipient(const struct queue_recipient *to, const struct queue_progress *p)
{
	json_t *o = json_object();
	put(o, "address", to->address);
	put(o, "status", queue_status_word(p->status));
	if (p->answer && p->answer->code)
		json_object_set_new(o, "code", json_integer(p->answer->code));
	if (p->answer) {
		put(o, "enhanced", p->answer->enhanced);
		put(o, "text", p->answer->text);
		put(o, "host", p->answer->host);
		json_object_set_new(o, "time", report_json_time(p->answer->at_s));
	}
	put(o, "notify", to->notify);
	put(o, "orcpt", to->orcpt);
	return o;
}

static json_t *recipients(const struct queue_message *m)
{
	json_t *list = json_array();
	for (size_t i = 0; i < m->envelope.recipient_count; i++)
		json_array_append_new(list, recipient(&m->envelope.recipients[i], &m->progress[i]));
	return list;
}

static json_t *route(const struct queue_route *r)
{
	json_t *o = json_object();
	put(o, "account", r->account);
	put(o, "server", r->server);
	if (r->use_mx)
		json_object_set_new(o, "mx", report_json_text(span_of(r->mx ? r->mx : "")));
	put(o, "tls", r->tls);
	if (r->require_tls)
		json_object_set_new(o, "require_tls", json_true());
	put(o, "auth", r->auth);
	put(o, "user", r->user);
	put(o, "helo", r->helo);
	put(o, "smtputf8", r->smtputf8);
	put(o, "priority", r->priority);
	put(o, "deliver_by", r->deliver_by);
	json_t *options = r->options ? json_loads(r->options, 0, NULL) : NULL;
	if (options)
		json_object_set_new(o, "options", options);
	return o;
}

static void fill_json(struct report *r, const struct queue_message *m)
{
	const struct queue_envelope *env = &m->envelope;
	report_text(r, STATE, span_of(state_word(m)));
	report_time(r, ARRIVED, m->arrived_s);
	if (m->name.claim == QUEUE_FREE && !m->name.held)
		report_time(r, NEXT, m->name.next_s);
	report_number(r, WAITING, (int64_t)queue_message_waiting(m));
	report_number(r, ATTEMPTS, m->journal.attempts);
	report_json(r, RECIPIENTS, recipients(m));
	if (env->envid)
		report_text(r, ENVID, span_of(env->envid));
	if (env->ret)
		report_text(r, RET, span_of(env->ret));
	if (env->hold_until_s)
		report_time(r, HOLD_UNTIL, env->hold_until_s);
	report_json(r, ROUTE, route(&env->route));
}

static void fill_table(struct report *r, const struct queue_message *m)
{
	fill_time(r, AGE, m->arrived_s, clock_real_s() - m->arrived_s, "");
	fill_next(r, m);
	fill_waiting(r, m);
}

void record_fill(struct report *r, const struct options *o, const struct queue_message *m)
{
	struct buf answer = BUF_INIT(8192);
	const struct queue_answer *last = queue_message_answer(m);
	if (last)
		answer_text(&answer, last);
	else if (m->envelope.last_answer)
		buf_adds(&answer, m->envelope.last_answer);
	report_text(r, ID, span_of(m->name.id));
	report_bytes(r, SIZE, (uint64_t)m->size);
	report_text(
	    r, FROM, span_of(*m->envelope.sender || o->common.json ? m->envelope.sender : "<>"));
	if (answer.len)
		report_text(r, LAST_ANSWER, buf_span(&answer));
	if (o->common.json)
		fill_json(r, m);
	else
		fill_table(r, m);
	buf_release(&answer);
}
