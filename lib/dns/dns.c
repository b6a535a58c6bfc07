#include "dns/dns.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "dns/data.h"
#include "dns/engine.h"
#include "dns/name.h"
#include "dns/record.h"
#include "dns/stub.h"
#include "dns/system.h"
#include "dns/zones.h"
#include "io/child.h"
#include "io/sys.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>

enum { OUTSTANDING_MAX = 100, LATE_MAX = 900, WARM_MAX = 32 };

struct list { /* of questions, first in first out */
	struct dns_question *first, **last;
};
/* Can the resolver be validated through at all? Asked once, when the first answer is bogus. */
enum probe { PROBE_NONE, PROBE_ASKED, PROBE_GOOD, PROBE_STRIPPED };

/* For each type of records: is it worth while to try it with zones.h first? */
enum { QUICK_FROM = 32, QUICK_TYPES = 64, ENGINE_BUSY = 12 };
struct quick_tries {
	size_t all, good;
};

struct dns {
	struct strv resolvers, anchors;
	enum dns_dnssec dnssec;
	struct dns_data *data;
	struct dns_engine *checking;    /* both are made when first needed */
	struct dns_stub *plain, *quick; /* quick: for zones.h */
	struct zones *zones;
	size_t at_engine; /* questions under way there */
	size_t secure;    /* answers so far */
	struct quick_tries quick_tries[QUICK_TYPES];
	struct list waiting, asked, held, done;
	size_t outstanding;
	enum probe probe;
	struct dns_question *probe_question; /* also in one of the lists */
	char *notice;
	bool
	    answers; /* without validation the resolver does answer, so the notice is worth telling */
	size_t open;        /* questions of the caller's that are not done */
	size_t expected;    /* questions asked ahead by dns_batch_expect */
	struct strv warmed; /* zones whose keys were asked for ahead; nobody waits for these */
};

static void list_init(struct list *l)
{
	l->first = NULL;
	l->last = &l->first;
}

static void list_add(struct list *l, struct dns_question *q)
{
	q->next = NULL;
	*l->last = q;
	l->last = &q->next;
}

static struct dns_question *list_take(struct list *l)
{
	struct dns_question *q = l->first;
	if (q && !(l->first = q->next))
		l->last = &l->first;
	return q;
}

static void list_remove(struct list *l, struct dns_question *q)
{
	struct dns_question **at = &l->first;
	while (*at != q)
		at = &(*at)->next;
	*at = q->next;
	if (!*at)
		l->last = at;
}

static void list_free(struct list *l)
{
	for (struct dns_question *q; (q = list_take(l));)
		dns_question_free(q);
}

static int read_settings(struct dns *d, const struct dns_options *o, struct err *e)
{
	for (size_t i = 0; o->resolvers && i < o->resolvers->n; i++) {
		if (!dns_resolver_check(o->resolvers->v[i]))
			return err_set(e, EX_USAGE, _("resolver %s: not ADDRESS or ADDRESS@PORT"),
			    o->resolvers->v[i]);
		strv_add(&d->resolvers, o->resolvers->v[i]);
	}
	/* what was named and is wrong is told in any case */
	if (o->dnssec != DNS_DNSSEC_OFF && (o->trust_anchor || !o->data_file) &&
	    dns_anchors_read(o->trust_anchor, &d->anchors, e) < 0)
		return -1;
	if (o->data_file)
		return dns_data_read(&d->data, o->data_file, e);
	return d->resolvers.n ? 0 : dns_resolvers_read("/etc/resolv.conf", &d->resolvers, e);
}

int dns_open(struct dns **out, const struct dns_options *o, struct err *e)
{
	struct dns *d = mem_new(1, sizeof(*d));
	d->dnssec = o->dnssec;
	list_init(&d->waiting);
	list_init(&d->asked);
	list_init(&d->held);
	list_init(&d->done);
	d->zones = zones_new();
	if (read_settings(d, o, e) < 0) {
		dns_free(d);
		return -1;
	}
	*out = d;
	return 0;
}

void dns_free(struct dns *d)
{
	if (!d)
		return;
	dns_engine_free(d->checking);
	dns_stub_free(d->plain);
	dns_stub_free(d->quick);
	zones_free(d->zones);
	list_free(&d->waiting);
	list_free(&d->asked);
	list_free(&d->held);
	list_free(&d->done);
	dns_data_free(d->data);
	strv_release(&d->resolvers);
	strv_release(&d->anchors);
	strv_release(&d->warmed);
	free(d->notice);
	free(d);
}

void dns_question_free(struct dns_question *q)
{
	if (!q)
		return;
	dns_answer_release(&q->answer);
	free(q->signer);
	free(q->name);
	free(q);
}

const char *dns_notice(const struct dns *d)
{
	return d->answers ? d->notice : NULL;
}

static struct dns_question *new_question(
    struct dns *d, struct span name, unsigned type, int64_t deadline_ms, void *owner)
{
	struct dns_question *q = mem_new(1, sizeof(*q));
	q->name = dns_name_normal(name);
	q->type = type;
	q->deadline_ms = deadline_ms;
	q->owner = owner;
	q->dns = d;
	return q;
}

/* The answer is there. */
static void finish(struct dns *d, struct dns_question *q)
{
	list_add(&d->done, q);
	d->open--;
}

/* --- keys asked for ahead --- */

static void warm_zone(struct dns *d, struct span zone, int64_t deadline_ms)
{
	static const unsigned types[] = {DNS_DNSKEY, DNS_DS};
	for (size_t i = 0; i < (span_is(zone, ".") ? 1 : ARRAY_LEN(types)); i++)
		list_add(&d->waiting, new_question(d, zone, types[i], deadline_ms, d));
	strv_add_span(&d->warmed, zone);
}

/* libunbound asks for the keys of each zone from the root down, one after the other, once it has an answer to validate: six round trips
 * for a name three zones deep. Asked at once, beside the first question, they are there when it wants them. For the first names of a run
 * only: later ones find most zones in the cache. */
static void warm(struct dns *d, const struct dns_question *q)
{
	struct span zone = span_of(q->name), label;
	if (d->dnssec == DNS_DNSSEC_OFF || q->type == DNS_TLSA)
		return;
	if (q->type != DNS_MX) /* a host is seldom a zone */
		span_cut(&zone, '.', &label);
	while (d->warmed.n < WARM_MAX) {
		char *name = span_dup(zone.len ? zone : SPAN("."));
		if (!strv_has(&d->warmed, name))
			warm_zone(d, span_of(name), q->deadline_ms);
		free(name);
		if (!zone.len)
			return;
		span_cut(&zone, '.', &label);
	}
}

void dns_batch_add(struct dns *d, const char *name, unsigned type, int64_t deadline_ms, void *owner)
{
	struct dns_question *q = new_question(d, span_of(name), type, deadline_ms, owner);
	d->open++;
	if (!dns_is_name(span_of(q->name))) {
		dns_answer_fail(&q->answer, DNS_NO_NAME, _("not a domain name"));
		finish(d, q);
	} else if (d->data) {
		dns_data_ask(d->data, q->name, type, d->dnssec != DNS_DNSSEC_OFF, &q->answer);
		finish(d, q);
	} else {
		list_add(&d->waiting, q);
		warm(d, q);
	}
}

void dns_batch_expect(struct dns *d, const char *name, unsigned type, int64_t deadline_ms)
{
	if (d->data || d->expected++ >= WARM_MAX || !dns_is_name(span_of(name)))
		return;
	list_add(&d->waiting, new_question(d, span_of(name), type, deadline_ms, d));
}

/* --- a resolver that strips signatures --- */

/* The zone of the first trust anchor, which is as good as any. */
static struct span anchor_name(const struct dns *d)
{
	struct span text = span_of(d->anchors.v[0]), name;
	return span_word(&text, &name) ? name : SPAN(".");
}

/* The first bogus answer: is it this domain's fault, or does nothing signed come through? The keys of the trust anchor's own zone tell. */
static void start_probe(struct dns *d, int64_t deadline_ms)
{
	d->probe = PROBE_ASKED;
	d->probe_question = new_question(d, anchor_name(d), DNS_DNSKEY, deadline_ms, NULL);
	d->probe_question->next = d->waiting.first;
	if (!d->waiting.first)
		d->waiting.last = &d->probe_question->next;
	d->waiting.first = d->probe_question;
}

static void release_held(struct dns *d)
{
	for (struct dns_question *q; (q = list_take(&d->held));) {
		if (d->probe != PROBE_STRIPPED) {
			finish(d, q);
		} else if (d->dnssec == DNS_DNSSEC_REQUIRED) {
			dns_answer_fail(&q->answer, DNS_BOGUS, "%s", d->notice);
			finish(d, q);
		} else { /* once more, without validation */
			dns_answer_release(&q->answer);
			list_add(&d->waiting, q);
		}
	}
}

/* Keys with signatures that do not fit are an attack or a wrong trust anchor. No signatures, or no keys at all, are what old
 * forwarders in home routers and some networks do to everything. */
static void judge_probe(struct dns *d, const struct dns_question *q, bool signatures)
{
	d->probe_question = NULL;
	d->probe = PROBE_GOOD;
	if (q->answer.status != DNS_OK && !(q->answer.status == DNS_BOGUS && signatures)) {
		char *zone = span_dup(anchor_name(d));
		d->probe = PROBE_STRIPPED;
		d->notice = str_printf(_("resolver %s%s strips DNSSEC signatures (no signed keys "
					 "of \"%s\"): nothing can be validated"),
		    d->resolvers.v[0], d->resolvers.n > 1 ? " (or another)" : "", zone);
		free(zone);
	}
	release_held(d);
}

static void settle(struct dns *d, struct dns_question *q, bool signatures)
{
	if (q->owner == d) { /* its answer is in libunbound's cache, that is all */
		dns_question_free(q);
	} else if (q == d->probe_question) {
		judge_probe(d, q, signatures);
		dns_question_free(q);
	} else if (q->answer.status == DNS_BOGUS && q->engine == d->checking &&
		   d->probe != PROBE_GOOD) {
		list_add(&d->held, q);
		if (d->probe == PROBE_NONE)
			start_probe(d, q->deadline_ms);
		else if (d->probe == PROBE_STRIPPED)
			release_held(d);
	} else {
		finish(d, q);
	}
}

/* --- asking and waiting --- */

static bool is_plain(const struct dns *d)
{
	return d->dnssec == DNS_DNSSEC_OFF ||
	       (d->probe == PROBE_STRIPPED && d->dnssec == DNS_DNSSEC_AUTO);
}

/* What libunbound found secure tells whose keys are worth knowing. */
static void learn(struct dns *d, struct dns_question *q)
{
	if (q->answer.status != DNS_OK || q->answer.security != DNS_SECURE)
		return;
	d->secure++;
	if (q->type == DNS_DNSKEY)
		zones_add(d->zones, q->name, q->wire, q->answer.ttl);
	else if (q->signer && dns_is_name(span_of(q->signer)) && zones_want(d->zones, q->signer))
		list_add(&d->waiting,
		    new_question(d, span_of(q->signer), DNS_DNSKEY, q->deadline_ms, d));
}

/* Whether it goes to zones.h first: in bulk, where most answers of its type were decided there. */
static bool may_be_quick(struct dns *d, const struct dns_question *q)
{
	if (q->slow || q->owner == d || q == d->probe_question || d->secure < QUICK_FROM ||
	    q->type >= QUICK_TYPES || q->type == DNS_DNSKEY || q->type == DNS_DS)
		return false;
	/* two threads do more than one: libunbound's gets what it can do meanwhile */
	if (d->at_engine < ENGINE_BUSY)
		return false;
	const struct quick_tries *t = &d->quick_tries[q->type];
	return (t->all < QUICK_FROM || t->good * 2 > t->all) && zones_cover(d->zones, q->name);
}

/* Proven, or asked once more, of libunbound. */
static void quick_done(struct dns *d, struct dns_question *q)
{
	struct quick_tries *t = &d->quick_tries[q->type];
	t->all++;
	q->quick = false;
	if (q->answer.status == DNS_OK && !q->links &&
	    zones_prove(d->zones, q->wire, q->name, q->type)) {
		t->good++;
		q->answer.security = DNS_SECURE;
		q->wire = (struct span){0};
		finish(d, q);
		return;
	}
	dns_answer_release(&q->answer);
	q->wire = (struct span){0};
	q->slow = true;
	list_add(&d->waiting, q);
}

static void engine_done(struct dns_question *q, bool signatures)
{
	struct dns *d = q->dns;
	list_remove(&d->asked, q);
	d->outstanding--;
	d->at_engine -= q->engine != NULL;
	if (q->quick) {
		quick_done(d, q);
		return;
	}
	d->answers |= !q->engine && q->answer.status != DNS_FAILED;
	learn(d, q);
	q->wire = (struct span){0};
	settle(d, q, signatures);
}

static int ask_stub(
    struct dns *d, struct dns_stub **s, bool signatures, struct dns_question *q, struct err *e)
{
	if (!*s && dns_stub_new(s, &d->resolvers, signatures, engine_done, e) < 0)
		return -1;
	dns_stub_ask(*s, q);
	return 0;
}

static int ask(struct dns *d, struct dns_question *q, struct err *e)
{
	if (is_plain(d))
		return ask_stub(d, &d->plain, false, q, e);
	q->quick = may_be_quick(d, q);
	if (q->quick)
		return ask_stub(d, &d->quick, true, q, e);
	if (!d->checking &&
	    dns_engine_new(&d->checking, &d->resolvers, &d->anchors, engine_done, e) < 0)
		return -1;
	d->at_engine++;
	q->wants_signer = d->secure >= QUICK_FROM && !zones_cover(d->zones, q->name);
	return dns_engine_ask(d->checking, q, e);
}

/* What was lost on the way, or waits for somebody slow, keeps nobody else waiting. */
static bool has_room(const struct dns *d)
{
	size_t late =
	    (d->plain ? dns_stub_late(d->plain) : 0) + (d->quick ? dns_stub_late(d->quick) : 0);
	return d->outstanding < OUTSTANDING_MAX + (late < LATE_MAX ? late : LATE_MAX);
}

static int ask_waiting(struct dns *d, struct err *e)
{
	while (d->waiting.first && has_room(d)) {
		struct dns_question *q = list_take(&d->waiting);
		list_add(&d->asked, q);
		d->outstanding++;
		if (ask(d, q, e) < 0)
			return -1;
	}
	return 0;
}

static void give_up(struct dns *d, struct list *from, struct dns_question *q)
{
	list_remove(from, q);
	if (from == &d->held) { /* a bogus answer that waited for the probe stays one */
		finish(d, q);
		return;
	}
	if (from == &d->asked) {
		d->at_engine -= q->engine != NULL;
		if (q->engine)
			dns_engine_cancel(q);
		else
			dns_stub_cancel(q);
		d->outstanding--;
	}
	if (q == d->probe_question) { /* nothing was learnt: what waits for it stays bogus */
		d->probe_question = NULL;
		d->probe = PROBE_NONE;
		dns_question_free(q);
		release_held(d);
		return;
	}
	dns_answer_fail(&q->answer, DNS_FAILED, _("no answer in time from %s"), d->resolvers.v[0]);
	settle(d, q, false);
}

/* Answers those whose time is up; returns how long until the next one's is, -1: nothing has a deadline. */
static int expire(struct dns *d)
{
	int64_t now = clock_mono_ms(), next = INT64_MAX;
	struct list *lists[] = {&d->held, &d->waiting, &d->asked};
	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		struct dns_question *q, *after;
		for (q = lists[i]->first; q; q = after) {
			after = q->next;
			if (q->deadline_ms <= now)
				give_up(d, lists[i], q);
			else if (q->deadline_ms < next)
				next = q->deadline_ms;
		}
	}
	return next == INT64_MAX ? -1 : next - now > 1000000 ? 1000000 : (int)(next - now);
}

static bool is_overdue(const struct dns *d)
{
	int64_t now = clock_mono_ms();
	for (const struct dns_question *q = d->asked.first; q; q = q->next)
		if (q->deadline_ms <= now)
			return true;
	return false;
}

/* The descriptors of libunbound, of the two stubs, and those that are watched, in this order. */
struct waiting_for {
	struct pollfd fds[1 + 2 * STUB_POLLS_MAX + DNS_WATCH_MAX];
	nfds_t n, engine, plain, quick; /* in all, and where the last of each kind ends */
};

static void list_fds(const struct dns *d, const struct dns_watch *watch, struct waiting_for *w)
{
	w->engine = d->checking ? 1 : 0;
	if (w->engine)
		w->fds[0] = (struct pollfd){.fd = dns_engine_fd(d->checking), .events = POLLIN};
	w->plain = w->engine + (d->plain ? dns_stub_polls(d->plain, w->fds + w->engine) : 0);
	w->quick = w->plain + (d->quick ? dns_stub_polls(d->quick, w->fds + w->plain) : 0);
	w->n = w->quick;
	for (size_t i = 0; watch && i < watch->n; i++)
		w->fds[w->n++] = (struct pollfd){.fd = watch->fds[i], .events = POLLIN};
}

/* 1: a descriptor of watch can be read. */
static int wait_once(struct dns *d, const struct dns_watch *watch, int timeout_ms, struct err *e)
{
	struct waiting_for w;
	list_fds(d, watch, &w);
	int ready = sys_poll(w.fds, w.n, timeout_ms);
	if (ready < 0 && errno != EINTR)
		return err_sys(e, EX_OSERR, "poll");
	if (ready < 0)
		return 0;
	if (w.engine && w.fds[0].revents && dns_engine_process(d->checking, e) < 0)
		return -1;
	if (d->plain)
		dns_stub_process(d->plain, w.fds + w.engine, w.plain - w.engine);
	if (d->quick)
		dns_stub_process(d->quick, w.fds + w.plain, w.quick - w.plain);
	for (nfds_t i = w.quick; i < w.n; i++)
		if (w.fds[i].revents)
			return 1;
	return 0;
}

static bool watches(const struct dns_watch *w)
{
	return w && (w->n || w->until_ms);
}

/* The shorter of a wait (-1: for ever) and what is left until then (0: no matter). */
static int shorten(int timeout_ms, int64_t until_ms)
{
	if (!until_ms)
		return timeout_ms;
	int64_t left = until_ms - clock_mono_ms();
	left = left < 0 ? 0 : left > 1000000 ? 1000000 : left;
	return timeout_ms < 0 || left < timeout_ms ? (int)left : timeout_ms;
}

int dns_batch_wait(
    struct dns *d, const struct dns_watch *watch, struct dns_question **q, struct err *e)
{
	/* an answer that came in time is not late because the caller was busy */
	if (!d->done.first && is_overdue(d) && wait_once(d, NULL, 0, e) < 0)
		return -1;
	for (;;) {
		if (signals_stop())
			return err_set(e, EX_TEMPFAIL, _("stopped by a signal"));
		if (d->done.first) {
			*q = list_take(&d->done);
			return DNS_ANSWERED;
		}
		if (ask_waiting(d, e) < 0)
			return -1;
		int timeout_ms = expire(d);
		if (d->done.first)
			continue;
		if (!d->open && !watches(watch))
			return DNS_IDLE;
		timeout_ms = shorten(timeout_ms, watch ? watch->until_ms : 0);
		timeout_ms = shorten(timeout_ms, d->plain ? dns_stub_until_ms(d->plain) : 0);
		timeout_ms = shorten(timeout_ms, d->quick ? dns_stub_until_ms(d->quick) : 0);
		int r = wait_once(d, watch, timeout_ms, e);
		if (r < 0)
			return -1;
		bool up = watch && watch->until_ms && watch->until_ms <= clock_mono_ms();
		if ((r > 0 || up) && !d->done.first)
			return DNS_WATCHED;
	}
}

int dns_ask(struct dns *d, const char *name, unsigned type, int64_t deadline_ms,
    struct dns_answer *out, struct err *e)
{
	struct dns_question *q;
	dns_batch_add(d, name, type, deadline_ms, NULL);
	if (dns_batch_wait(d, NULL, &q, e) < 0)
		return -1;
	*out = q->answer;
	q->answer = (struct dns_answer){0};
	dns_question_free(q);
	return 0;
}
