#include "dns/engine.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/intl.h"
#include "base/late.h"
#include "dns/name.h"
#include "dns/record.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unbound.h>

#define UB(function) LATE(SURAT_UNBOUND, function)

struct dns_engine {
	struct ub_ctx *ctx;
	dns_engine_done *done;
	char *resolvers; /* for people */
	bool validates;
};

/* Unbound answers for these names itself unless told otherwise (unbound.conf(5), local-zone). Laboratories use them, and a machine that
 * asks its own resolver for them gets what that resolver means. (ub_ctx_zone_remove would do it too, but freezes the context: the
 * forwarders set after it are silently refused.) */
static const char *const unblocked[] = {
    "test.",
    "2.0.192.in-addr.arpa.",
    "100.51.198.in-addr.arpa.",
    "113.0.203.in-addr.arpa.",
    "8.b.d.0.1.0.0.2.ip6.arpa.",
};
static const char *const options[][2] = {
    {"do-not-query-localhost:", "no"}, /* most resolvers of people are on 127.0.0.1 */
    {"unblock-lan-zones:", "yes"},
    {"outgoing-range:", "128"},         /* questions under way at once; 16 unless told */
    {"num-queries-per-thread:", "512"}, /* with the DS and DNSKEY questions behind them */
    {"so-rcvbuf:", "0"},
    {"infra-cache-max-rtt:", "4000"}, /* a forwarder that lost a few packets stays in use */
    {"infra-keep-probing:", "yes"}, {"qname-minimisation:", "no"}, {"use-syslog:", "no"},
    {"trust-anchor-signaling:", "no"}, /* RFC 8145 is for resolvers that stay */
};

static int set_option(struct dns_engine *n, const char *name, const char *value, struct err *e)
{
	int r = UB(ub_ctx_set_option)(n->ctx, name, value);
	return r ? err_set(e, EX_SOFTWARE, "libunbound: %s %s: %s", name, value, UB(ub_strerror)(r))
		 : 0;
}

static int set_options(struct dns_engine *n, struct err *e)
{
	char zone[64];
	for (size_t i = 0; i < ARRAY_LEN(options); i++)
		if (set_option(n, options[i][0], options[i][1], e) < 0)
			return -1;
	for (size_t i = 0; i < ARRAY_LEN(unblocked); i++) {
		snprintf(zone, sizeof(zone), "%s transparent", unblocked[i]);
		if (set_option(n, "local-zone:", zone, e) < 0)
			return -1;
	}
	return n->validates ? 0 : set_option(n, "module-config:", "iterator", e);
}

static int set_servers(struct dns_engine *n, const struct strv *resolvers, struct err *e)
{
	struct buf list = BUF_INIT(256);
	for (size_t i = 0; i < resolvers->n; i++) {
		int r = UB(ub_ctx_set_fwd)(n->ctx, resolvers->v[i]);
		if (r) {
			buf_release(&list);
			return err_set(
			    e, EX_USAGE, _("resolver %s: %s"), resolvers->v[i], UB(ub_strerror)(r));
		}
		buf_addf(&list, "%s%s", i ? ", " : "", resolvers->v[i]);
	}
	ENSURE(resolvers->n); /* without one it would ask the root servers */
	n->resolvers = str_dup(buf_cstr(&list));
	buf_release(&list);
	return 0;
}

static int set_anchors(struct dns_engine *n, const struct strv *anchors, struct err *e)
{
	for (size_t i = 0; anchors && i < anchors->n; i++) {
		int r = UB(ub_ctx_add_ta)(n->ctx, anchors->v[i]);
		if (r)
			return err_set(e, EX_CONFIG, _("trust anchor %.60s...: %s"), anchors->v[i],
			    UB(ub_strerror)(r));
	}
	return 0;
}

int dns_engine_new(struct dns_engine **out, const struct strv *resolvers,
    const struct strv *anchors, dns_engine_done *done, struct err *e)
{
	struct dns_engine *n = mem_new(1, sizeof(*n));
	n->done = done;
	n->validates = anchors != NULL;
	n->ctx = UB(ub_ctx_create)();
	if (!n->ctx) {
		dns_engine_free(n);
		return err_set(e, EX_OSERR, _("libunbound cannot be started"));
	}
	/* its complaints would go to stderr; what matters comes back with each answer */
	int r = UB(ub_ctx_debugout)(n->ctx, NULL);
	if (!r)
		r = UB(ub_ctx_async)(n->ctx, 1);
	if (r)
		err_set(e, EX_SOFTWARE, "libunbound: %s", UB(ub_strerror)(r));
	if (r || set_options(n, e) < 0 || set_servers(n, resolvers, e) < 0 ||
	    set_anchors(n, anchors, e) < 0) {
		dns_engine_free(n);
		return -1;
	}
	*out = n;
	return 0;
}

void dns_engine_free(struct dns_engine *n)
{
	if (!n)
		return;
	if (n->ctx)
		UB(ub_ctx_delete)(n->ctx);
	free(n->resolvers);
	free(n);
}

static void take_signature(struct dns_question *q, const ldns_rr *rr)
{
	struct dns_answer *a = &q->answer;
	int64_t until = ldns_rdf2native_time_t(ldns_rr_rrsig_expiration(rr));
	if (q->wants_signer && !q->signer)
		q->signer = dns_name_from_rdf(ldns_rr_rrsig_signame(rr));
	if (until <= 0 || (a->signed_until_s && a->signed_until_s <= until))
		return;
	a->signed_until_s = until;
	a->algorithm = ldns_rdf2native_int8(ldns_rr_rrsig_algorithm(rr));
}

/* Did signatures come? In a packet that the validator did not like there may be anything. */
static bool has_signatures(const struct ub_result *r, struct dns_question *q)
{
	ldns_pkt *packet = NULL;
	bool found = false;
	if (!r->answer_packet || r->answer_len <= 0 ||
	    ldns_wire2pkt(&packet, r->answer_packet, (size_t)r->answer_len) != LDNS_STATUS_OK)
		return false;
	const ldns_rr_list *answer = ldns_pkt_answer(packet);
	for (size_t i = 0; i < ldns_rr_list_rr_count(answer); i++) {
		const ldns_rr *rr = ldns_rr_list_rr(answer, i);
		if (ldns_rr_get_type(rr) != LDNS_RR_TYPE_RRSIG || ldns_rr_rd_count(rr) < 9)
			continue;
		found = true;
		take_signature(q, rr);
	}
	ldns_pkt_free(packet);
	return found;
}

static void take_records(struct dns_answer *a, const struct ub_result *r, const char *name)
{
	for (size_t i = 0; r->data && r->data[i]; i++) {
		struct dns_record record;
		if (r->len[i] >= 0 && dns_record_from_wire((unsigned)r->qtype, r->data[i],
					  (size_t)r->len[i], &record))
			dns_answer_add(a, &record);
	}
	a->canonical =
	    dns_name_normal(span_of(r->canonname && *r->canonname ? r->canonname : name));
	a->ttl = r->ttl > 0 ? (uint32_t)r->ttl : 0;
	/* whole records that nobody can read are no proof that there are none */
	if (!a->n)
		dns_answer_fail(a, DNS_FAILED, _("the records cannot be read"));
}

static void fail_rcode(const struct dns_engine *n, struct dns_answer *a, int rcode)
{
	char *word = ldns_pkt_rcode2str((ldns_pkt_rcode)rcode);
	dns_answer_fail(a, DNS_FAILED, _("no answer from %s that can be used (%s)"), n->resolvers,
	    word ? word : "?");
	free(word);
}

static void take_result(
    const struct dns_engine *n, struct dns_answer *a, const struct ub_result *r, const char *name)
{
	a->security = !n->validates ? DNS_UNCHECKED : r->secure ? DNS_SECURE : DNS_INSECURE;
	if (r->bogus)
		dns_answer_fail(a, DNS_BOGUS, "%s",
		    r->why_bogus ? r->why_bogus : _("DNSSEC validation failed"));
	else if (r->havedata)
		take_records(a, r, name);
	else if (r->nxdomain || r->rcode == LDNS_RCODE_NXDOMAIN)
		a->status = DNS_NO_NAME;
	else if (r->rcode == LDNS_RCODE_NOERROR)
		a->status = DNS_NO_DATA;
	else
		fail_rcode(n, a, r->rcode);
}

static void answered(void *ctx, int error, struct ub_result *r)
{
	struct dns_question *q = ctx;
	bool signatures = false;
	if (error || !r)
		dns_answer_fail(&q->answer, DNS_FAILED, "libunbound: %s", UB(ub_strerror)(error));
	else
		take_result(q->engine, &q->answer, r, q->name);
	if (r && (q->type == DNS_DNSKEY || q->wants_signer))
		signatures = has_signatures(r, q);
	if (r && r->answer_len > 0)
		q->wire = span_make(r->answer_packet, (size_t)r->answer_len);
	q->engine->done(q, signatures);
	UB(ub_resolve_free)(r);
}

int dns_engine_ask(struct dns_engine *n, struct dns_question *q, struct err *e)
{
	sigset_t all, before;
	q->engine = n;
	/* the first question starts libunbound's thread: signals are ours, so that they end our waiting */
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	int r = UB(ub_resolve_async)(n->ctx, q->name, (int)q->type, 1, q, answered, &q->id);
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (r)
		return err_set(e, r == UB_NOMEM ? EX_OSERR : EX_SOFTWARE, "libunbound: %s: %s",
		    q->name, UB(ub_strerror)(r));
	return 0;
}

void dns_engine_cancel(const struct dns_question *q)
{
	/* a failure would mean that it was answered, and then it is not here any more */
	UB(ub_cancel)(q->engine->ctx, q->id);
}

int dns_engine_fd(const struct dns_engine *n)
{
	return UB(ub_fd)(n->ctx);
}

int dns_engine_process(struct dns_engine *n, struct err *e)
{
	int r = UB(ub_process)(n->ctx);
	return r ? err_set(e, EX_SOFTWARE, "libunbound: %s", UB(ub_strerror)(r)) : 0;
}
