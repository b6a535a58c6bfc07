/* other.c - MTA-STS against the mail servers (RFC 8461), TLSRPT (8460), BIMI's form, and how long the zone's signatures hold. */
#include "auth/tags.h"
#include "base/alloc.h"
#include "base/intl.h"
#include "policy/room.h"

#include <stdlib.h>

enum { DAY_S = 86400, SHORT_AGE_S = 7 * DAY_S, SOON_S = 3 * DAY_S };

void policy_sts(struct policy_check *c)
{
	const struct route_sts *s = &c->plan->sts;
	size_t matching = 0;
	if (s->problem)
		policy_find(c, POLICY_ERROR, "MTA-STS", NULL,
		    _("senders that know no policy yet send without"), "%s", s->problem);
	if (!s->found)
		return;
	policy_find(c, POLICY_FACT, "MTA-STS", NULL, NULL, _("mode %s, id %s, max_age %lld"),
	    route_sts_word(s), s->id, (long long)s->max_age_s);
	for (size_t i = 0; i < c->plan->host_count; i++) {
		const struct route_host *h = &c->plan->hosts[i];
		matching += h->sts == ROUTE_STS_MATCH;
		if (h->sts == ROUTE_STS_MISMATCH)
			policy_find(c, s->mode == STS_ENFORCE ? POLICY_ERROR : POLICY_WARNING,
			    "MTA-STS", str_printf("mx: %s", h->name),
			    s->mode == STS_ENFORCE
				? _("senders with the policy do not use this server")
				: _("senders will not use this server once the policy is enforced"),
			    _("the policy does not name %s"), h->name);
	}
	if (s->mode == STS_TESTING)
		policy_find(c, POLICY_WARNING, "MTA-STS", str_dup("mode: enforce"),
		    _("nothing is enforced: who listens or redirects is told of, and not stopped"),
		    _("the policy is in testing"));
	if (s->mode != STS_NONE && s->max_age_s < SHORT_AGE_S)
		policy_find(c, POLICY_WARNING, "MTA-STS", str_dup("max_age: 2592000"),
		    _("who can hold back the record for so long is rid of the policy (RFC 8461 "
		      "10.2): weeks are better"),
		    _("max_age is %lld seconds"), (long long)s->max_age_s);
	if (s->mode == STS_ENFORCE && c->plan->host_count && !matching)
		policy_find(c, POLICY_ERROR, "MTA-STS", NULL,
		    _("no sender with the policy can deliver"), _("it names none of the servers"));
}

static bool has_secure_transport(const struct route_plan *p)
{
	for (size_t i = 0; i < p->host_count; i++)
		if (p->hosts[i].tlsa_base)
			return true;
	return p->sts.found;
}

static bool is_report_uri(struct span uri)
{
	uri = span_trim(uri);
	return span_starts_nocase(uri, "mailto:") ? span_index(uri, '@') > 7
						  : span_starts_nocase(uri, "https://");
}

/* RFC 8460 3: v=TLSRPTv1; rua=uri,uri */
static void judge_tlsrpt(struct policy_check *c, struct span text)
{
	struct auth_tags t;
	struct err why = ERR_INIT;
	const struct auth_tag *rua;
	policy_find(c, POLICY_FACT, "TLSRPT", NULL, NULL, "%.*s", SPAN_ARG(span_take(text, 1024)));
	bool good = auth_tags_parse(&t, text, &why) == 0 && (rua = auth_tags_get(&t, "rua"));
	struct span list = good ? rua->value : SPAN(""), uri;
	good = list.len > 0;
	while (good && auth_list_next(&list, ',', &uri))
		good = is_report_uri(uri);
	if (!good)
		policy_find(c, POLICY_ERROR, "TLSRPT",
		    str_printf("_smtp._tls.%s. TXT \"v=TLSRPTv1; rua=mailto:tls-reports@%s\"",
			c->domain, c->domain),
		    _("no reports come"), _("rua= has no mailto: or https: address%s%s"),
		    *why.text ? ": " : "", why.text);
}

void policy_tlsrpt(struct policy_check *c)
{
	const struct dns_answer *a = policy_ask(c, "_smtp._tls", c->domain, DNS_TXT);
	struct span text;
	if (!a)
		return;
	size_t n = policy_failed(c, "TLSRPT", a) ? 1 : policy_records(a, "v=TLSRPTv1", &text);
	if (n > 1)
		policy_find(c, POLICY_ERROR, "TLSRPT",
		    str_printf("_smtp._tls.%s. TXT \"%.*s\"", c->domain, SPAN_ARG(text)),
		    _("where there are several, none counts (RFC 8460 3)"), _("%zu records"), n);
	else if (n == 1 && a->status == DNS_OK)
		judge_tlsrpt(c, text);
	else if (n == 0 && has_secure_transport(c->plan))
		policy_find(c, POLICY_WARNING, "TLSRPT",
		    str_printf("_smtp._tls.%s. TXT \"v=TLSRPTv1; rua=mailto:tls-reports@%s\"",
			c->domain, c->domain),
		    _("when DANE or MTA-STS keeps mail away, nobody tells the domain"),
		    _("no TLSRPT record"));
}

static bool is_https(const struct auth_tag *t, const char *suffix)
{
	return !t || !t->value.len ||
	       (span_starts_nocase(t->value, "https://") && span_ends_nocase(t->value, suffix));
}

static char *bimi_line(const struct policy_check *c)
{
	return str_printf(
	    "default._bimi.%s. TXT \"v=BIMI1; l=https://%s/logo.svg\"", c->domain, c->domain);
}

void policy_bimi(struct policy_check *c)
{
	const struct dns_answer *a = policy_ask(c, "default._bimi", c->domain, DNS_TXT);
	struct span text;
	struct auth_tags t;
	struct err why = ERR_INIT;
	if (a && policy_records(a, "v=BIMI1", &text) == 1) {
		policy_find(
		    c, POLICY_FACT, "BIMI", NULL, NULL, "%.*s", SPAN_ARG(span_take(text, 1024)));
		if (auth_tags_parse(&t, text, &why) < 0 || !auth_tags_get(&t, "l"))
			policy_find(c, POLICY_ERROR, "BIMI", bimi_line(c), _("no logo is shown"),
			    "%s", *why.text ? why.text : _("no l="));
		else if (!is_https(auth_tags_get(&t, "l"), ".svg") ||
			 !is_https(auth_tags_get(&t, "a"), ".pem"))
			policy_find(c, POLICY_ERROR, "BIMI", bimi_line(c), _("no logo is shown"),
			    _("l= must be an https address of an .svg, a= of a .pem"));
		if (!c->has_dmarc_policy)
			policy_find(c, POLICY_WARNING, "BIMI",
			    str_printf("_dmarc.%s. TXT \"v=DMARC1; p=quarantine; "
				       "rua=mailto:dmarc@%s\"",
				c->domain, c->domain),
			    _("logos are shown only where DMARC is quarantine or reject"),
			    _("there is no such policy"));
	}
}

/* RFC 8624 3.1 and its successor: MD5, SHA-1, DSA and GOST are over. */
static bool is_old(unsigned algorithm)
{
	return algorithm == 1 || algorithm == 3 || algorithm == 5 || algorithm == 6 ||
	       algorithm == 7 || algorithm == 12;
}

static void judge_signatures(struct policy_check *c, const struct dns_answer *a)
{
	int64_t left = a->signed_until_s - c->o->now_s;
	policy_find(c, POLICY_FACT, "DNSSEC", NULL, NULL,
	    _("signed, algorithm %u, for %lld days more"), a->algorithm, (long long)(left / DAY_S));
	if (left < SOON_S)
		policy_find(c, left < 0 ? POLICY_ERROR : POLICY_WARNING, "DNSSEC", NULL,
		    _("when signatures end, the whole domain is gone for who validates: sign the "
		      "zone anew"),
		    _("the signatures end in %lld hours"), (long long)(left / 3600));
	if (is_old(a->algorithm))
		policy_find(c, POLICY_WARNING, "DNSSEC", NULL,
		    _("validators treat it as unsigned, now or soon (RFC 8624 3.1): 13 or 15 is "
		      "the choice"),
		    _("algorithm %u"), a->algorithm);
}

void policy_dnssec(struct policy_check *c)
{
	const struct dns_answer *a = policy_ask(c, "", c->domain, DNS_DNSKEY);
	if (a && a->status == DNS_OK && a->security == DNS_SECURE && a->signed_until_s)
		judge_signatures(c, a);
}
