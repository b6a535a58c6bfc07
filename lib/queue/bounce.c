/* What the sender is told. */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "dsn/dsn.h"
#include "io/spool.h"
#include "queue/dispatch.h"

#include <stdlib.h>

enum kind { FAILURE, DELAY, SUCCESS };

/* RFC 2852 4.1.2: "120;N": the sender wants to know when it takes longer. */
static int64_t warn_s(const struct run *r, const struct work *w)
{
	const char *by = w->m.envelope.route.deliver_by;
	int64_t warn = r->o->schedule.warn_s;
	if (!by)
		return warn;
	char *mode;
	long long seconds = strtoll(by, &mode, 10);
	bool notify = *mode && to_upper(mode[1]) == 'N';
	return notify && seconds < warn ? (seconds > 0 ? seconds : 0) : warn;
}

/* Whether recipient i is one for a report of this kind. */
static bool is_for(const struct run *r, const struct work *w, size_t i, enum kind k)
{
	const struct queue_progress *p = &w->m.progress[i];
	if (k == FAILURE)
		return queue_status_is_failure(p->status) && !p->reported;
	if (k == SUCCESS)
		return p->status == QUEUE_SENT && !p->relayed && !p->reported &&
		       dsn_wanted(w->m.envelope.recipients[i].notify, DSN_RELAYED) &&
		       *w->m.envelope.sender;
	return w->settled[i] && !p->warned && !queue_status_is_final(p->status) &&
	       work_waited_s(w) >= warn_s(r, w);
}

bool work_is_reported(const struct work *w)
{
	for (size_t i = 0; i < w->m.envelope.recipient_count; i++)
		if (is_for(NULL, w, i, FAILURE) || is_for(NULL, w, i, SUCCESS))
			return false;
	return true;
}

bool work_wants_success(const struct work *w)
{
	for (size_t i = 0; i < w->m.envelope.recipient_count; i++)
		if (is_for(NULL, w, i, SUCCESS))
			return true;
	return false;
}

static enum dsn_reason reason_of(const struct queue_progress *p)
{
	switch (p->status) {
	case QUEUE_SENT: return DSN_RELAYED;
	case QUEUE_REFUSED: return DSN_REFUSED;
	case QUEUE_GIVEN_UP: return DSN_UNKNOWN;
	case QUEUE_EXPIRED: return DSN_EXPIRED;
	case QUEUE_RETURNED: return DSN_RETURNED;
	default: return DSN_DELAYED;
	}
}

static struct dsn_recipient describe(const struct run *r, const struct work *w, size_t i)
{
	const struct queue_recipient *to = &w->m.envelope.recipients[i];
	const struct queue_progress *p = &w->m.progress[i];
	struct dsn_recipient d = {.address = to->address,
	    .orcpt = to->orcpt,
	    .reason = reason_of(p),
	    .enhanced = "",
	    .host = "",
	    .text = ""};
	d.until_s = clock_real_s() + r->o->schedule.expire_s - work_waited_s(w);
	if (p->answer) {
		d.code = p->answer->code;
		d.enhanced = p->answer->enhanced;
		d.host = p->answer->host;
		d.text = p->answer->text;
		d.at_s = p->answer->at_s;
	}
	return d;
}

/* The way back is the way it came: the same account and server, the sender's domain where it goes by MX; with REQUIRETLS where it can be had (RFC 8689 5). */
static int add_report(struct run *r, const struct work *w, const struct spool *text,
    char id[QUEUE_ID_SIZE], struct err *e)
{
	const struct queue_envelope *env = &w->m.envelope;
	struct queue_recipient to = {.address = env->sender};
	char null_sender[] = "";
	struct queue_envelope report = {
	    .sender = null_sender, .recipients = &to, .recipient_count = 1, .route = env->route};
	struct source_spool from;
	report.route.deliver_by = report.route.priority = NULL;
	source_spool_init(&from, text);
	return queue_add(r->q, &report, &from.source, id, e);
}

static int write_report(struct run *r, struct work *w, const struct dsn_recipient *v, size_t n,
    char id[QUEUE_ID_SIZE], struct err *e)
{
	const struct queue_envelope *env = &w->m.envelope;
	struct source_range message;
	struct spool text;
	const struct dsn d = {.to = env->sender,
	    .host = r->o->host,
	    .envid = env->envid,
	    .id = w->m.name.id,
	    .arrived_s = w->m.arrived_s,
	    .now_s = clock_real_s(),
	    .recipients = v,
	    .recipient_count = n,
	    .whole = v[0].reason != DSN_DELAYED && v[0].reason != DSN_RELAYED &&
		     !env->route.require_tls && /* RFC 8689 5: as with RET=HDRS */
		     dsn_returns_whole(env->ret, w->m.size)};
	spool_init(&text);
	queue_message_source(&w->m, &message);
	int got = dsn_write(&d, &message.source, &text.sink, e);
	if (got == 0)
		got = add_report(r, w, &text, id, e);
	spool_release(&text);
	return got;
}

/* Nobody is behind the null sender (RFC 5321 4.5.5), and some do not want to know. */
static bool is_wanted(const struct work *w, size_t i, enum kind k)
{
	static const enum dsn_reason usual[] = {DSN_REFUSED, DSN_DELAYED, DSN_RELAYED};
	return *w->m.envelope.sender && dsn_wanted(w->m.envelope.recipients[i].notify, usual[k]);
}

static void tell_dropped(struct run *r, const struct work *w, size_t i)
{
	if (*w->m.envelope.sender)
		return;
	r->result->dropped++;
	run_event(r, &(struct queue_event){.kind = QUEUE_EVENT_DROPPED,
			 .id = w->m.name.id,
			 .address = w->m.envelope.recipients[i].address,
			 .status = w->m.progress[i].status,
			 .answer = w->m.progress[i].answer});
}

static int note(
    struct run *r, struct work *w, enum kind k, const size_t *v, size_t n, struct err *e)
{
	if (k == DELAY)
		journal_warned(&w->journal, v, n);
	else
		journal_reported(&w->journal, v, n);
	if (journal_flush(r->q, &w->journal, &r->names_changed, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (k == DELAY)
			w->m.progress[v[i]].warned = true;
		else
			w->m.progress[v[i]].reported = true;
	return 0;
}

static int send_report(struct run *r, struct work *w, enum kind k, const struct dsn_recipient *d,
    size_t n, struct err *e)
{
	static const char *const kinds[] = {"failure", "delay", "relayed"};
	char id[QUEUE_ID_SIZE];
	if (n == 0)
		return 0;
	if (write_report(r, w, d, n, id, e) < 0)
		return -1;
	r->result->reports++;
	strv_add(&r->made, id);
	run_event(r, &(struct queue_event){.kind = QUEUE_EVENT_REPORTED,
			 .id = w->m.name.id,
			 .address = w->m.envelope.sender,
			 .new_id = id,
			 .text = kinds[k]});
	return 0;
}

/* One report for all of a kind. First it is in the queue, then that is noted: dying in between, the sender hears of it twice rather than never. */
static int report_kind(struct run *r, struct work *w, enum kind k, struct err *e)
{
	size_t most = w->m.envelope.recipient_count, n = 0, told = 0;
	if (r->result->reports >= r->o->reports_max && *w->m.envelope.sender)
		return 0; /* the next run goes on with it */
	size_t *v = mem_new(most, sizeof(*v));
	struct dsn_recipient *d = mem_new(most, sizeof(*d));
	for (size_t i = 0; i < most; i++) {
		if (!is_for(r, w, i, k))
			continue;
		v[n++] = i;
		if (is_wanted(w, i, k))
			d[told++] = describe(r, w, i);
		else if (k == FAILURE)
			tell_dropped(r, w, i);
	}
	int got = n ? send_report(r, w, k, d, told, e) : 0;
	if (got == 0 && n)
		got = note(r, w, k, v, n, e);
	free(v);
	free(d);
	return got;
}

int work_report(struct run *r, struct work *w, struct err *e)
{
	for (enum kind k = FAILURE; k <= SUCCESS; k++)
		if (report_kind(r, w, k, e) < 0)
			return -1;
	return 0;
}
