/* dmarc.c - RFC 9989: the record that applies, found by walking up the tree (4.10), and what has changed since RFC 7489. */
#include "auth/dmarc_record.h"
#include "auth/tags.h"
#include "base/alloc.h"
#include "base/intl.h"
#include "policy/room.h"

#include <stdlib.h>

enum { LABELS_MAX = 8, LINE_MAX_BYTES = 8192 };

struct found {
	char *domain, *text; /* NULL: none */
	struct dmarc_record record;
};

static void found_release(struct found *f)
{
	free(f->domain);
	free(f->text);
	*f = (struct found){0};
}

/* To begin with: it changes nothing, and reports come. */
static char *first_line(const struct policy_check *c)
{
	return str_printf(
	    "_dmarc.%s. TXT \"v=DMARC1; p=none; rua=mailto:dmarc@%s\"", c->domain, c->domain);
}

/* One step: the record at _dmarc.domain, if there is exactly one that can be read. */
static void look(struct policy_check *c, const char *domain, bool own, struct found *out)
{
	const struct dns_answer *a = policy_ask(c, "_dmarc", domain, DNS_TXT);
	struct span text;
	struct err why = ERR_INIT;
	if (!a)
		return;
	size_t n = policy_failed(c, "DMARC", a) ? 0 : policy_records(a, "v=DMARC1", &text);
	if (n > 1 && own)
		policy_find(c, POLICY_ERROR, "DMARC",
		    str_printf("_dmarc.%s. TXT \"%.*s\"", domain, SPAN_ARG(text)),
		    _("where there are several, none counts (RFC 9989 4.10)"),
		    _("%zu records at _dmarc.%s"), n, domain);
	if (n == 1) {
		char *copy = span_dup(text);
		struct dmarc_record r;
		if (dmarc_record_parse(&r, span_of(copy), &why) == 0) {
			*out = (struct found){str_dup(domain), copy, r};
		} else {
			if (own)
				policy_find(c, POLICY_ERROR, "DMARC", first_line(c),
				    _("receivers pass the record over"), "%s: %s", copy, why.text);
			free(copy);
		}
	}
}

static size_t labels(const char *s)
{
	size_t n = 1;
	for (; *s; s++)
		n += *s == '.';
	return n;
}

/* The record of the organizational domain: psd=n ends the walk, psd=y says that the one below it was it; else the highest one. */
static void walk_up(struct policy_check *c, struct found *out)
{
	const char *at = strchr(c->domain, '.');
	while (at && labels(at + 1) >= LABELS_MAX)
		at = strchr(at + 1, '.');
	for (; at; at = strchr(at + 1, '.')) {
		struct found f = {0};
		look(c, at + 1, false, &f);
		if (!f.text)
			continue;
		if (f.record.psd == 'y' && out->text) {
			found_release(&f);
			return;
		}
		found_release(out);
		*out = f;
		if (f.record.psd != 'u')
			return;
	}
}

static const char *word(enum dmarc_policy p)
{
	static const char *const words[] = {"none", "quarantine", "reject"};
	return words[p];
}

static bool is_inside(struct span host, const char *domain)
{
	size_t n = strlen(domain);
	return span_ends_nocase(host, domain) &&
	       (host.len == n || host.ptr[host.len - n - 1] == '.');
}

/* RFC 9990 3: somebody else's mailbox must say that it wants the reports. */
static void check_receiver(struct policy_check *c, const struct found *f, struct span uri)
{
	struct span host, ignored;
	if (!span_starts_nocase(uri, "mailto:"))
		return;
	ptrdiff_t end = span_index(uri, '!');
	for (host = end >= 0 ? span_take(uri, (size_t)end) : uri; span_index(host, '@') >= 0;)
		host = span_skip(host, (size_t)span_index(host, '@') + 1);
	if (is_inside(host, f->domain))
		return;
	char *name = str_printf("%s._report._dmarc.%.*s", f->domain, SPAN_ARG(host));
	const struct dns_answer *a = policy_ask(c, "", name, DNS_TXT);
	if (a && policy_records(a, "v=DMARC1", &ignored) == 0)
		policy_find(c, POLICY_WARNING, "DMARC", str_printf("%s. TXT \"v=DMARC1\"", name),
		    _("reports go to another domain only where that says it wants them (RFC 9990 "
		      "3): ask its owner"),
		    _("%.*s gets no reports"), SPAN_ARG(uri));
	free(name);
}

/* The record that applies, without a tag and with more at its end: the line to publish at the domain. */
static char *changed(
    const struct policy_check *c, const struct found *f, const char *without, const char *more)
{
	struct auth_tags t;
	struct buf b = BUF_INIT(LINE_MAX_BYTES);
	if (auth_tags_parse(&t, span_of(f->text), NULL) < 0)
		return NULL;
	buf_addf(&b, "_dmarc.%s. TXT \"", c->domain);
	for (size_t i = 0, n = 0; i < t.n; i++)
		if (!span_is(t.v[i].name, without))
			buf_addf(&b, "%s%.*s=%.*s", n++ ? "; " : "", SPAN_ARG(t.v[i].name),
			    SPAN_ARG(t.v[i].value));
	buf_addf(&b, "%s\"", more);
	char *out = b.over ? NULL : buf_detach(&b);
	buf_release(&b);
	return out;
}

static void check_reports(struct policy_check *c, const struct found *f)
{
	struct span list = f->record.rua, uri;
	char *mailbox = str_printf("; rua=mailto:dmarc@%s", c->domain);
	if (!list.len)
		policy_find(c, POLICY_WARNING, "DMARC", changed(c, f, "rua", mailbox),
		    _("without reports nobody learns who sends in the domain's name, or that "
		      "something broke"),
		    _("no rua="));
	while (auth_list_next(&list, ',', &uri))
		check_receiver(c, f, uri);
	free(mailbox);
}

static void check_old_tags(struct policy_check *c, const struct found *f)
{
	static const char *const gone[] = {"pct", "rf", "ri"};
	struct auth_tags t;
	if (auth_tags_parse(&t, span_of(f->text), NULL) < 0)
		return;
	for (size_t i = 0; i < ARRAY_LEN(gone); i++)
		if (auth_tags_get(&t, gone[i]))
			policy_find(c, POLICY_WARNING, "DMARC", changed(c, f, gone[i], ""),
			    i ? _("RFC 9989 has it no more")
			      : _("RFC 9989 has it no more: receivers apply the policy to all, or "
				  "to none with t=y"),
			    "%s=", gone[i]);
}

static char *stricter(const struct policy_check *c, const struct dmarc_record *r)
{
	if (r->rua.len)
		return str_printf("_dmarc.%s. TXT \"v=DMARC1; p=quarantine; rua=%.*s\"", c->domain,
		    SPAN_ARG(r->rua));
	return str_printf(
	    "_dmarc.%s. TXT \"v=DMARC1; p=quarantine; rua=mailto:dmarc@%s\"", c->domain, c->domain);
}

static void check_policy(struct policy_check *c, const struct found *f)
{
	const struct dmarc_record *r = &f->record;
	bool own = strcmp(f->domain, c->domain) == 0;
	enum dmarc_policy p = own ? r->policy : r->subdomains;
	c->has_dmarc_policy = p != DMARC_NONE && !r->testing;
	if (p == DMARC_NONE)
		policy_find(c, POLICY_WARNING, "DMARC", stricter(c, r),
		    _("mail that is not the domain's own is delivered like any other"),
		    _("the policy is none"));
	if (r->testing)
		policy_find(c, POLICY_WARNING, "DMARC", changed(c, f, "t", ""),
		    _("receivers apply the next weaker policy (RFC 9989 4.7)"), "t=y");
	if (own && r->subdomains < r->policy)
		policy_find(c, POLICY_WARNING, "DMARC", changed(c, f, "sp", ""),
		    _("who forges the domain takes a subdomain"),
		    _("subdomains have the weaker policy %s"), word(r->subdomains));
}

void policy_dmarc(struct policy_check *c)
{
	struct found f = {0};
	look(c, c->domain, true, &f);
	if (!f.text)
		walk_up(c, &f);
	if (!f.text) {
		policy_find(c, POLICY_WARNING, "DMARC", first_line(c),
		    _("anybody can send in the domain's name, and large receivers want a record "
		      "from who sends much"),
		    _("no DMARC record"));
		return;
	}
	policy_find(c, POLICY_FACT, "DMARC", NULL, NULL, _("at %s: %s"), f.domain, f.text);
	check_policy(c, &f);
	check_old_tags(c, &f);
	check_reports(c, &f);
	found_release(&f);
}
