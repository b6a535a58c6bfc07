#include "base/alloc.h"
#include "base/intl.h"
#include "codec/idna.h"
#include "codec/inert.h"
#include "mx.h"

#include <stdio.h>
#include <stdlib.h>

enum { TEXT_MAX = 64 * 1024 };

static const struct report_column columns[] = {
    {"domain", N_("DOMAIN"), 0},
    {"preference", N_("PREF"), 0},
    {"host", N_("HOST"), REPORT_BOLD},
    {"addresses", N_("ADDRESSES"), 0},
    {"tlsa", N_("TLSA"), 0},
    {"sts", N_("STS"), 0},
    {"verdict", N_("VERDICT"), 0},
    {"security", N_("MX"), 0},
};
enum {
	COLUMNS = 8,
	TABLE_FIRST = 1,
	TABLE_COLUMNS = 6
}; /* a table's title says the domain and its security */

const char *mx_verified_word(const struct route_host *h)
{
	return h->sts_enforced ? "sts-enforced" : "verified";
}

void mx_verdict(const struct route_host *h, struct buf *out)
{
	if (h->error.code == EX_TEMPFAIL || h->error.code == EX_PROTOCOL)
		buf_addf(out, _("deferred: %s"), h->error.text);
	else if (h->error.code)
		buf_addf(out, _("undeliverable: %s"), h->error.text);
	else if (h->tls == ROUTE_TLS_DANE)
		buf_adds(out, "dane");
	else if (h->tls == ROUTE_TLS_VERIFY)
		buf_adds(out, mx_verified_word(h));
	else
		buf_adds(out, h->tls == ROUTE_TLS_ENCRYPT ? "encrypt" : "opportunistic");
}

void mx_domain_text(const struct route_plan *p, struct buf *out)
{
	struct buf unicode = BUF_INIT(TEXT_MAX);
	struct span domain = span_of(p->domain ? p->domain : p->input);
	inert_add(out, domain, 0);
	if (span_find(domain, SPAN("xn--")) >= 0)
		idna_to_unicode(&unicode, domain);
	if (unicode.len && !span_eq(buf_span(&unicode), domain)) {
		buf_adds(out, " (");
		inert_add(out, buf_span(&unicode), 0);
		buf_adds(out, ")");
	}
	buf_release(&unicode);
}

static void add_addresses(const struct route_host *h, struct buf *out)
{
	char text[64];
	for (size_t i = 0; i < h->addresses.n; i++) {
		net_addr_text(&h->addresses.v[i], text, sizeof(text));
		buf_addf(out, "%s%s", i ? " " : "", text);
	}
	if (!h->addresses.n)
		buf_adds(out, "-");
}

static void add_tlsa(const struct route_host *h, struct buf *out)
{
	if (!h->tlsa_base)
		buf_adds(out, "-");
	else if (!h->unusable_pins)
		buf_addf(out, _("%zu usable"), h->pin_count);
	else
		buf_addf(out, _("%zu usable, %zu not"), h->pin_count, h->unusable_pins);
}

const char *mx_match_word(enum route_match m)
{
	return m == ROUTE_STS_NONE ? "-" : m == ROUTE_STS_MATCH ? "match" : "no match";
}

/* first: which of the columns the report begins with. */
static int add_row(struct report *r, size_t first, const struct route_plan *p,
    const struct route_host *h, struct err *e)
{
	struct buf b = BUF_INIT(TEXT_MAX);
	size_t c = 0;
	if (!first)
		report_text(r, c++, span_of(p->domain));
	report_number(r, c++, h->preference);
	report_text(r, c++, span_of(h->name));
	add_addresses(h, &b);
	report_text(r, c++, buf_span(&b));
	buf_reset(&b);
	add_tlsa(h, &b);
	report_text(r, c++, buf_span(&b));
	report_text(r, c++, span_of(mx_match_word(h->sts)));
	buf_reset(&b);
	mx_verdict(h, &b);
	report_text(r, c++, buf_span(&b));
	if (!first)
		report_text(r, c++, span_of(route_security_word(p->security)));
	buf_release(&b);
	return report_row(r, e);
}

/* On a terminal each domain is a table with a title. */
static int show_table(const struct mx *m, const struct route_plan *p, struct err *e)
{
	struct buf title = BUF_INIT(TEXT_MAX);
	mx_domain_text(p, &title);
	printf(_("%s: %s %s%s%s\n"), buf_cstr(&title),
	    p->kind == ROUTE_MX         ? "MX"
	    : p->kind == ROUTE_IMPLICIT ? _("no MX,")
					: _("addresses"),
	    route_security_word(p->security), p->sts.found ? ", MTA-STS " : "",
	    p->sts.found ? route_sts_word(&p->sts) : "");
	fflush(stdout);
	buf_release(&title);
	struct report *r =
	    report_new(columns + TABLE_FIRST, TABLE_COLUMNS, REPORT_TABLE, m->o->common.color);
	int result = 0;
	for (size_t i = 0; result == 0 && i < p->host_count; i++)
		result = add_row(r, TABLE_FIRST, p, &p->hosts[i], e);
	return report_close(r, result == 0 ? e : NULL) < 0 ? -1 : result;
}

static int show_rows(struct mx *m, const struct route_plan *p, struct err *e)
{
	if (report_terminal_width())
		return p->host_count ? show_table(m, p, e) : 0;
	if (!m->report)
		m->report = report_new(columns, COLUMNS, REPORT_TABS, m->o->common.color);
	for (size_t i = 0; i < p->host_count; i++)
		if (add_row(m->report, 0, p, &p->hosts[i], e) < 0)
			return -1;
	return 0;
}

static void show_short(const struct route_plan *p)
{
	struct buf b = BUF_INIT(TEXT_MAX);
	for (size_t i = 0; i < p->host_count; i++) {
		if (p->hosts[i].error.code)
			continue;
		buf_addf(&b, "%u\t", p->hosts[i].preference);
		inert_add(&b, span_of(p->hosts[i].name), 0);
		buf_addc(&b, '\n');
	}
	fputs(buf_cstr(&b), stdout);
	buf_release(&b);
}

static void add_verdicts(json_t *o, const struct route_plan *p)
{
	for (size_t i = 0; i < p->host_count; i++) {
		struct buf b = BUF_INIT(TEXT_MAX);
		mx_verdict(&p->hosts[i], &b);
		json_object_set_new(json_array_get(json_object_get(o, "hosts"), i), "verdict",
		    report_json_text(buf_span(&b)));
		buf_release(&b);
	}
}

static void add_probes(json_t *o, const json_t *probes)
{
	json_t *hosts = json_object_get(o, "hosts");
	for (size_t i = 0; i < json_array_size(hosts); i++)
		json_object_set(json_array_get(hosts, i), "probes", json_array_get(probes, i));
}

static int show_json(const struct mx *m, const struct mx_item *item, struct err *e)
{
	const struct route_plan *p = item->plan;
	json_t *o = route_plan_json(p);
	if (item->probes)
		add_probes(o, item->probes);
	if (item->check)
		json_object_set_new(
		    o, "policy", mx_policy_json(m, policy_check_found(item->check)));
	if (!m->o->plan) {
		json_object_set_new(o, "input", report_json_text(span_of(p->input)));
		add_verdicts(o, p);
		if (dns_notice(m->dns))
			json_object_set_new(
			    o, "resolver_notice", report_json_text(span_of(dns_notice(m->dns))));
	}
	int r = json_dumpf(o, stdout, report_json_flags());
	json_decref(o);
	putchar('\n');
	/* who asked through a pipe waits for this line */
	if (r < 0 || (m->o->plan && fflush(stdout) != 0))
		return err_sys(e, EX_IOERR, _("standard output"));
	return 0;
}

static void show_notices(const struct mx *m, const struct route_plan *p)
{
	for (size_t i = 0; i < p->notices.n; i++)
		cli_warn(m->o->program, &m->o->common, "%s: %s", p->domain, p->notices.v[i]);
	if (p->sts.problem && !p->error.code)
		cli_warn(
		    m->o->program, &m->o->common, "%s: MTA-STS: %s", p->domain, p->sts.problem);
}

static void show_error(const struct mx *m, const struct route_plan *p)
{
	struct err e = p->error;
	if (!e.code)
		return;
	const char *name = p->domain ? p->domain : p->input;
	err_prefix(&e, "%.260s%s: ", name,
	    strlen(name) > 260 ? "..." : ""); /* what is no name may have any length */
	cli_fail(m->o->program, &e);
}

static int show_text(struct mx *m, const struct mx_item *item, struct err *e)
{
	const struct route_plan *p = item->plan;
	int r = 0;
	if (m->o->explain)
		mx_explain(p);
	else if (m->o->brief)
		show_short(p);
	else if (!m->o->probe && !(m->o->lint && !m->o->policy))
		r = show_rows(m, p, e);
	if (item->probes && r == 0)
		r = mx_probe_show(m, p, item->probes, e);
	if (item->check && r == 0 && (!m->report || report_flush(m->report, e) == 0))
		r = mx_policy_show(m, p, policy_check_found(item->check), e);
	if (!m->o->explain && !item->check)
		show_notices(m, p);
	show_error(m, p);
	return r;
}

static void say_unusable(const struct mx *m, const struct route_plan *p)
{
	struct err e = ERR_INIT;
	err_set(&e, EX_TEMPFAIL, _("%s: no mail server can be used now"), p->domain);
	cli_fail(m->o->program, &e);
}

/* What this domain makes of the exit code. */
static int judge(const struct mx *m, const struct mx_item *item)
{
	int code = item->plan->error.code;
	const struct policy *found = item->check ? policy_check_found(item->check) : NULL;
	if (item->unusable && code < EX_TEMPFAIL)
		code = EX_TEMPFAIL;
	for (size_t i = 0; found && m->o->lint && i < found->n; i++)
		if (found->v[i].level == POLICY_ERROR && code < EX_DATAERR)
			code = EX_DATAERR;
	return code;
}

int mx_show(struct mx *m, const struct mx_item *item, struct err *e)
{
	int code = judge(m, item), r;
	mx_progress_end(m);
	r = m->o->plan || m->o->common.json ? show_json(m, item, e) : show_text(m, item, e);
	if (item->unusable)
		say_unusable(m, item->plan);
	m->worst = code > m->worst ? code : m->worst;
	return r;
}

int mx_show_end(struct mx *m, struct err *e)
{
	struct report *r = m->report;
	m->report = NULL;
	return report_close(r, e);
}
