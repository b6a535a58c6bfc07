/* probe_show.c - what was seen, beside what the plan demands. */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "codec/time.h"
#include "mx.h"

#include <stdio.h>

enum { TEXT_MAX = 4096, DAY_S = 86400 };

static const struct report_column columns[] = {
    {"domain", N_("DOMAIN"), 0},
    {"preference", N_("PREF"), 0},
    {"host", N_("HOST"), REPORT_BOLD},
    {"address", N_("ADDRESS"), 0},
    {"client", N_("CLIENT"), 0},
    {"tls", N_("TLS"), 0},
    {"key", N_("KEY"), 0},
    {"expires", N_("EXPIRES"), 0},
    {"tlsa", N_("TLSA"), 0},
    {"sts", N_("STS"), 0},
    {"ptr", N_("PTR"), 0},
    {"ms", N_("MS"), REPORT_RIGHT},
    {"verdict", N_("VERDICT"), 0},
    {"ocsp", N_("OCSP"), 0},
};

static const char *string(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));
	return s ? s : "";
}

/* "yes", "no" with its reason, or "-": not asked. */
static const json_t *matched(const json_t *cell, const char *key, bool *good)
{
	const json_t *o = json_object_get(cell, key);
	*good = json_is_true(json_object_get(o, "match"));
	return o;
}

static const char *error_text(const json_t *o)
{
	return string(json_object_get(o, "error"), "text");
}

/* What a sender with this plan would do here. True: it sends. */
static bool judge_tls(
    const struct route_host *h, const json_t *address, const json_t *cell, struct buf *out)
{
	bool dane, pkix, starttls = json_is_true(json_object_get(address, "starttls"));
	const json_t *tlsa = matched(cell, "tlsa", &dane), *ca = matched(cell, "pkix", &pkix);
	if (h->error.code) {
		mx_verdict(h, out);
		return false;
	}
	if (!cell && *error_text(address)) {
		buf_addf(out, _("deferred: %s"), error_text(address));
	} else if (!starttls) {
		buf_adds(out, h->tls == ROUTE_TLS_MAY ? "plain" : _("deferred: no STARTTLS"));
		return h->tls == ROUTE_TLS_MAY;
	} else if (!json_object_get(cell, "version")) {
		bool any = strcmp(string(cell, "client"), "any") == 0;
		buf_addf(out, any ? _("deferred: %s") : _("none: %s"), error_text(cell));
	} else if (h->tls == ROUTE_TLS_DANE) {
		if (dane)
			buf_adds(out, "dane");
		else
			buf_addf(out, _("deferred: %s"), string(tlsa, "reason"));
		return dane;
	} else if (h->tls == ROUTE_TLS_VERIFY) {
		if (pkix)
			buf_adds(out, mx_verified_word(h));
		else
			buf_addf(out, _("deferred: %s"), string(ca, "reason"));
		return pkix;
	} else {
		buf_adds(out, h->tls == ROUTE_TLS_ENCRYPT ? "encrypt" : "encrypted");
		return true;
	}
	return false;
}

/* RFC 8689 4.2.1: what counts is what it offers within TLS. */
static bool offers_require_tls(const json_t *address)
{
	const json_t *list = json_object_get(address, "extensions_tls");
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *s = json_string_value(json_array_get(list, i));
		if (s && span_is_nocase(span_trim(span_of(s)), "REQUIRETLS"))
			return true;
	}
	return false;
}

static bool judge(const struct route_plan *p, const struct route_host *h, const json_t *address,
    const json_t *cell, struct buf *out)
{
	bool good = judge_tls(h, address, cell, out);
	if (!good || !p->require_tls || offers_require_tls(address))
		return good;
	buf_reset(out);
	buf_adds(out, _("undeliverable: the server does not offer REQUIRETLS"));
	return false;
}

static void judge_into(json_t *to, const struct route_plan *p, const struct route_host *h,
    const json_t *address, const json_t *cell, bool *usable)
{
	struct buf b = BUF_INIT(TEXT_MAX);
	bool good = judge(p, h, address, cell, &b);
	json_object_set_new(to, "verdict", report_json_text(buf_span(&b)));
	buf_release(&b);
	/* a sender is the client that takes any chain */
	*usable |= good && (!cell || strcmp(string(cell, "client"), "any") == 0);
}

/* RFC 8461 4.1: the policy names the host, and the certificate is for it. */
static void add_sts(json_t *cell, const struct route_host *h)
{
	bool pkix;
	matched(cell, "pkix", &pkix);
	if (h->sts != ROUTE_STS_NONE && json_object_get(cell, "version"))
		json_object_set_new(
		    cell, "sts_match", json_boolean(pkix && h->sts == ROUTE_STS_MATCH));
}

void mx_probe_judge(json_t *all, const struct route_plan *p, bool *usable)
{
	*usable = false;
	for (size_t i = 0; i < p->host_count; i++) {
		const json_t *addresses = json_array_get(all, i);
		for (size_t k = 0; k < json_array_size(addresses); k++) {
			json_t *address = json_array_get(addresses, k);
			const json_t *cells = json_object_get(address, "cells");
			if (!json_array_size(cells))
				judge_into(address, p, &p->hosts[i], address, NULL, usable);
			for (size_t c = 0; c < json_array_size(cells); c++) {
				json_t *cell = json_array_get(cells, c);
				add_sts(cell, &p->hosts[i]);
				judge_into(cell, p, &p->hosts[i], address, cell, usable);
			}
		}
	}
}

/* --- text --- */

/* When the first certificate of the chain ends; 0: there is none. */
static int64_t ends_at(const json_t *cell)
{
	const json_t *chain = json_object_get(cell, "chain");
	int64_t first = 0, t;
	for (size_t i = 0; i < json_array_size(chain); i++)
		if (date_parse_rfc3339(
			span_of(string(json_array_get(chain, i), "not_after")), &t) &&
		    (!first || t < first))
			first = t;
	return first;
}

static int64_t total_ms(const json_t *address, const json_t *cell)
{
	static const char *const of_address[] = {"connect_ms", "greeting_ms", "ehlo_ms"};
	int64_t sum = 0;
	for (size_t i = 0; i < ARRAY_LEN(of_address); i++)
		sum += json_integer_value(json_object_get(address, of_address[i]));
	return sum + json_integer_value(json_object_get(cell, "starttls_ms")) +
	       json_integer_value(json_object_get(cell, "handshake_ms"));
}

static void put(struct report *r, size_t column, const char *text)
{
	report_text(r, column, *text ? span_of(text) : SPAN("-"));
}

static void put_tls(struct report *r, size_t at, const json_t *cell)
{
	const json_t *leaf = json_array_get(json_object_get(cell, "chain"), 0);
	struct buf b = BUF_INIT(TEXT_MAX);
	if (*string(cell, "version"))
		buf_addf(&b, "%s %s %s", string(cell, "version"), string(cell, "cipher"),
		    string(cell, "group"));
	put(r, at, buf_cstr(&b));
	buf_reset(&b);
	if (leaf)
		buf_addf(&b, "%s %lld", string(leaf, "key"),
		    (long long)json_integer_value(json_object_get(leaf, "bits")));
	put(r, at + 1, buf_cstr(&b));
	buf_release(&b);
	if (ends_at(cell))
		report_time(r, at + 2, ends_at(cell));
	else
		put(r, at + 2, "-");
}

static void put_ptr(struct report *r, size_t at, const json_t *address)
{
	struct buf b = BUF_INIT(TEXT_MAX);
	const json_t *names = json_object_get(address, "ptr");
	const char *first = json_string_value(json_array_get(names, 0));
	if (first)
		buf_addf(&b, "%s%s", first,
		    json_is_true(json_object_get(address, "ptr_confirmed"))
			? ""
			: _(" (not confirmed)"));
	put(r, at, buf_cstr(&b));
	buf_release(&b);
}

static int show_cell(struct report *r, const struct route_plan *p, const struct route_host *h,
    const json_t *address, const json_t *cell, struct err *e)
{
	bool dane;
	const json_t *tlsa = matched(cell, "tlsa", &dane),
		     *sts = json_object_get(cell, "sts_match");
	size_t c = 0;
	report_text(r, c++, span_of(p->domain));
	report_number(r, c++, h->preference);
	report_text(r, c++, span_of(h->name));
	report_text(r, c++, span_of(string(address, "address")));
	put(r, c++, string(cell, "client"));
	put_tls(r, c, cell);
	c += 3;
	put(r, c++, !tlsa ? "" : dane ? "match" : _("no match"));
	put(r, c++, !sts ? "" : json_is_true(sts) ? "match" : _("no match"));
	put_ptr(r, c++, address);
	report_number(r, c++, total_ms(address, cell));
	put(r, c++, string(cell ? cell : address, "verdict"));
	put(r, c++, string(cell, "ocsp"));
	return report_row(r, e);
}

/* With --expires-within only what ends soon, and that is the exit code. */
static bool is_wanted(struct mx *m, const json_t *cell)
{
	int64_t days = m->o->expires_days, end = ends_at(cell);
	if (!days)
		return true;
	bool soon = end && end < clock_real_s() + days * DAY_S;
	if (soon && !m->worst)
		m->worst = 1;
	return soon;
}

static int show_address(struct mx *m, struct report *r, const struct route_plan *p,
    const struct route_host *h, const json_t *address, struct err *e)
{
	const json_t *cells = json_object_get(address, "cells");
	if (!json_array_size(cells))
		return is_wanted(m, NULL) ? show_cell(r, p, h, address, NULL, e) : 0;
	for (size_t i = 0; i < json_array_size(cells); i++)
		if (is_wanted(m, json_array_get(cells, i)) &&
		    show_cell(r, p, h, address, json_array_get(cells, i), e) < 0)
			return -1;
	return 0;
}

int mx_probe_show(struct mx *m, const struct route_plan *p, const json_t *all, struct err *e)
{
	struct report *r = report_new(columns, ARRAY_LEN(columns), REPORT_AUTO, m->o->common.color);
	int result = 0;
	fflush(stdout);
	for (size_t i = 0; result == 0 && i < p->host_count; i++) {
		const json_t *addresses = json_array_get(all, i);
		for (size_t k = 0; result == 0 && k < json_array_size(addresses); k++)
			result =
			    show_address(m, r, p, &p->hosts[i], json_array_get(addresses, k), e);
	}
	return report_close(r, result == 0 ? e : NULL) < 0 ? -1 : result;
}
