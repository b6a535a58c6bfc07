#include "auth/dmarc.h"

#include "auth/dkim.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/intl.h"
#include "base/late.h"
#include "codec/idna.h"
#include "mime/address.h"

#include <libpsl.h>
#include <stdlib.h>

enum { AUTHORS_MAX = 1 << 20, DOMAINS_MAX = 16 };

/* --- the author --- */

static int same_domain(const struct address_list *l, struct span *domain, struct err *e)
{
	*domain = (struct span){0};
	for (size_t i = 0; i < l->n; i++) {
		struct span d = l->v[i].domain;
		if (!d.len)
			continue;
		if (domain->len && !span_eq_nocase(*domain, d))
			return err_set(e, EX_DATAERR, _("From has addresses of several domains"));
		*domain = d;
	}
	return domain->len ? 0 : err_set(e, EX_DATAERR, _("no address in From"));
}

/* As A-labels, malloc'ed. */
static char *domain_of(struct span domain, struct err *e)
{
	struct buf ascii = BUF_INIT(1024);
	if (domain.len && domain.ptr[0] != '[' && idna_to_ascii(&ascii, domain, NULL) == 0 &&
	    dns_is_name(buf_span(&ascii)))
		return buf_detach(&ascii);
	buf_release(&ascii);
	err_set(e, EX_DATAERR, _("From: \"%.*s\" is no domain"), SPAN_ARG(span_take(domain, 100)));
	return NULL;
}

static char *author_of(struct span value, struct err *e)
{
	struct arena a = ARENA_INIT(AUTHORS_MAX);
	struct address_list list = {0};
	struct span domain;
	char *author = NULL;
	if (address_list_parse(&a, value, &list, e) == 0 && same_domain(&list, &domain, e) == 0)
		author = domain_of(domain, e);
	arena_release(&a);
	return author;
}

char *dmarc_author(const struct auth_fields *f, struct err *e)
{
	size_t n = auth_fields_count(f, SPAN("From"));
	if (n != 1) {
		err_set(e, EX_DATAERR,
		    n ? _("%zu From fields: nobody knows which one is shown") : _("no From"), n);
		return NULL;
	}
	return author_of(auth_fields_find(f, "From", 0)->value, e);
}

char *dmarc_suffix_organization(const char *domain)
{
	const psl_ctx_t *list = LATE(SURAT_PSL, psl_builtin)();
	const char *found = list ? LATE(SURAT_PSL, psl_registrable_domain)(list, domain) : NULL;
	return found ? str_dup(found) : NULL;
}

/* --- alignment, 4.4 --- */

struct dmarc {
	struct auth_ask *ask;
	struct auth_result *r;
	const char *author;
	struct dmarc_walk walk;
	const struct dmarc_step *record;
	bool widened; /* whose organization a domain is in was asked */
	struct err *e;
};

/* The organization of a domain, by a walk of its own; where that finds nothing it is the domain itself. */
static int organization(struct dmarc *d, const char *domain, char **out)
{
	struct dmarc_walk w;
	struct auth_result none = {.method = ""};
	int r = dmarc_walk(&w, d->ask, domain, &none, d->e);
	if (r == 0) {
		d->walk.failed |= w.failed;
		*out = str_dup(w.organization ? w.organization : domain);
	}
	dmarc_walk_release(&w);
	free(none.reason);
	return r;
}

/* 1 aligned, 0 not, -1 */
static int aligned(struct dmarc *d, const char *domain, bool strict)
{
	char *theirs = NULL;
	if (span_eq_nocase(span_of(domain), span_of(d->author)))
		return 1;
	if (strict)
		return 0;
	d->widened = true;
	if (!d->walk.organization)
		return 0;
	/* a domain is never above its organization: a stranger's is not asked for, as his servers could fail to answer and so keep this check from failing */
	if (!auth_domain_below(span_of(domain), span_of(d->walk.organization)))
		return 0;
	if (organization(d, domain, &theirs) < 0)
		return -1;
	int r = span_eq_nocase(span_of(theirs), span_of(d->walk.organization));
	free(theirs);
	return r;
}

static bool is_method(const struct auth_result *f, const char *method)
{
	return strcmp(f->method, method) == 0 && f->domain;
}

/* Whatever passed, and belongs to the author: the first of them, or NULL. *later: one of them has no answer yet and might. */
static int find_aligned(
    struct dmarc *d, const struct auth_results *all, const struct auth_result **out, bool *later)
{
	const struct dmarc_record *p = &d->record->record.record;
	*out = NULL;
	for (size_t i = 0; i < all->n && !*out; i++) {
		const struct auth_result *f = all->v[i];
		bool dkim = is_method(f, "dkim");
		if ((!dkim && !is_method(f, "spf")) ||
		    (f->code != AUTH_PASS && f->code != AUTH_TEMPERROR))
			continue;
		int r = aligned(d, f->domain, dkim ? p->strict_dkim : p->strict_spf);
		if (r < 0)
			return -1;
		auth_step(d->r, r ? _("%s of %s: %s, aligned") : _("%s of %s: %s, not aligned"),
		    f->method, f->domain, auth_code_word(f->code));
		if (r && f->code == AUTH_PASS)
			*out = f;
		*later |= r && f->code == AUTH_TEMPERROR;
	}
	return 0;
}

/* --- the policy, 4.7 and 4.10.1 --- */

/* Does the domain exist? Not, where it has neither A, AAAA nor MX (3.2.13). 1, 0, -1 */
static int exists(struct dmarc *d)
{
	static const unsigned types[] = {DNS_A, DNS_AAAA, DNS_MX};
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		auth_ask_expect(d->ask, d->author, types[i]);
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		const struct dns_answer *a = auth_ask(d->ask, d->author, types[i], d->e);
		if (!a)
			return -1;
		if (a->n || auth_ask_failed(a))
			return 1;
	}
	return 0;
}

static const char *policy_word(enum dmarc_policy p)
{
	static const char *const words[] = {"none", "quarantine", "reject"};
	return words[p];
}

static int find_policy(struct dmarc *d, enum dmarc_policy *out)
{
	const struct dmarc_record *p = &d->record->record.record;
	*out = p->policy;
	if (strcmp(d->record->domain, d->author) == 0)
		return 0;
	*out = p->subdomains;
	if (p->unknown == p->subdomains)
		return 0;
	int there = exists(d);
	if (there < 0)
		return -1;
	if (!there) {
		*out = p->unknown;
		auth_say_more(d->r, _("the domain does not exist: np=%s (RFC 7489 has sp=%s)"),
		    policy_word(p->unknown), policy_word(p->subdomains));
	}
	return 0;
}

/* t=y: the next weaker one. */
static enum dmarc_policy in_testing(enum dmarc_policy p)
{
	return p == DMARC_REJECT ? DMARC_QUARANTINE : DMARC_NONE;
}

/* --- what RFC 7489 would have come to --- */

/* The list is a library's to load, and says nothing where both find the record at the author's own domain, and nothing or only that very domain to align. */
static bool may_differ(const struct dmarc *d, const struct auth_result *by)
{
	if (strcmp(d->record->domain, d->author) != 0)
		return true;
	return d->widened && !(by && span_eq_nocase(span_of(by->domain), span_of(d->author)));
}

static void note_differences(struct dmarc *d, const struct auth_result *by)
{
	const struct dmarc_received *p = &d->record->record;
	char *suffix = may_differ(d, by) ? dmarc_suffix_organization(d->author) : NULL;
	if (suffix && d->walk.organization && strcmp(suffix, d->walk.organization) != 0)
		auth_say_more(d->r,
		    _("the tree walk takes %s for the organization, RFC 7489's list %s"),
		    d->walk.organization, suffix);
	if (suffix && strcmp(d->record->domain, d->author) != 0 &&
	    strcmp(d->record->domain, suffix) != 0)
		auth_say_more(d->r, _("RFC 7489 does not look at _dmarc.%s"), d->record->domain);
	if (p->record.testing)
		auth_say_more(d->r, _("t=y: the next weaker policy (RFC 7489 knows no t)"));
	if (p->pct)
		auth_say_more(
		    d->r, _("pct counts for nothing (RFC 7489 lets some messages through)"));
	if (p->no_policy)
		auth_say_more(
		    d->r, _("no p that makes sense, but rua: none (RFC 7489 does the same)"));
	free(suffix);
}

/* --- the check --- */

static void say_passed(struct dmarc *d, const struct auth_result *by)
{
	auth_say(d->r, AUTH_PASS, _("%s of %s is aligned"),
	    strcmp(by->method, "dkim") == 0 ? "DKIM" : "SPF", by->domain);
}

static int judge(struct dmarc *d, const struct auth_results *all, enum dmarc_policy *policy)
{
	const struct auth_result *by;
	enum dmarc_policy asked;
	bool later = false;
	if (find_aligned(d, all, &by, &later) < 0)
		return -1;
	if (by)
		say_passed(d, by);
	else if (later || d->walk.failed)
		auth_say(d->r, AUTH_TEMPERROR, _("not all that might be aligned was answered"));
	else
		auth_say(d->r, AUTH_FAIL, _("nothing that passed is aligned with %s"), d->author);
	if (find_policy(d, &asked) < 0)
		return -1;
	auth_say_more(d->r, _("policy %s, from _dmarc.%s"), policy_word(asked), d->record->domain);
	note_differences(d, by);
	if (d->record->record.record.testing)
		asked = in_testing(asked);
	auth_property(d->r, "policy.dmarc", span_of(policy_word(asked)));
	if (d->r->code == AUTH_FAIL)
		*policy = asked;
	return 0;
}

/* No record: nothing to hold on to. The list says at least whose domain it is. */
static void say_none(struct dmarc *d)
{
	char *suffix = dmarc_suffix_organization(d->author);
	auth_say(d->r, AUTH_NONE,
	    d->walk.v[0].void_record
		? _("the DMARC record of %s has no policy and nobody to report to")
		: _("%s has no DMARC record, nor has what is above it"),
	    d->author);
	if (suffix && strcmp(suffix, d->author) != 0)
		auth_say_more(d->r, _("by the public suffix list it belongs to %s"), suffix);
	free(suffix);
}

static int check(struct dmarc *d, const struct auth_results *all, enum dmarc_policy *policy)
{
	if (dmarc_walk(&d->walk, d->ask, d->author, d->r, d->e) < 0)
		return -1;
	/* above the author's own record a failure may not matter; the walk said why */
	if (d->walk.failed && !d->walk.v[0].found && !d->walk.v[0].void_record)
		return 0;
	d->record = dmarc_walk_record(&d->walk);
	if (!d->record) {
		say_none(d);
		return 0;
	}
	return judge(d, all, policy);
}

/* --- several authors --- */

/* Every domain that some reader may show, each once; whether that are all. */
static bool all_domains(const struct auth_fields *f, struct strv *out)
{
	bool all = true;
	for (size_t i = 0; i < f->n; i++) {
		struct arena a = ARENA_INIT(AUTHORS_MAX);
		struct address_list list = {0};
		if (span_is_nocase(f->v[i].name, "From"))
			address_list_parse(&a, f->v[i].value, &list, NULL);
		for (size_t j = 0; j < list.n && all; j++) {
			char *domain = domain_of(list.v[j].domain, NULL);
			all = !domain || strv_has(out, domain) || out->n < DOMAINS_MAX;
			if (domain && all && !strv_has(out, domain))
				strv_add(out, domain);
			free(domain);
		}
		arena_release(&a);
	}
	return all;
}

/* Nobody knows who wrote it. What is asked for is the strictest of what those ask for whose nothing is that passed, or a stranger beside a name would be
 * enough to borrow it (so had RFC 7489 6.6.1). No honest letter has authors at more domains than are looked at. */
static int strictest(struct auth_ask *ask, const struct auth_fields *f,
    const struct auth_results *all, enum dmarc_policy *policy, struct err *e)
{
	struct strv domains = {0};
	int result = 0;
	*policy = all_domains(f, &domains) ? DMARC_NONE : DMARC_REJECT;
	/* all at once: one that is slow takes no time from the others */
	for (size_t i = 0; i < domains.n; i++)
		dmarc_walk_expect(ask, domains.v[i]);
	for (size_t i = 0; i < domains.n && result == 0; i++) {
		struct auth_results alone = {0};
		struct auth_result *r = auth_results_add(&alone, "dmarc");
		struct dmarc d = {.ask = ask, .r = r, .author = domains.v[i], .e = e};
		enum dmarc_policy asked = DMARC_NONE;
		result = check(&d, all, &asked);
		if (asked > *policy)
			*policy = asked;
		dmarc_walk_release(&d.walk);
		auth_results_release(&alone);
	}
	strv_release(&domains);
	return result;
}

int dmarc_check(struct auth_ask *ask, const struct auth_fields *f, struct auth_results *all,
    enum dmarc_policy *policy, struct err *e)
{
	struct err why = ERR_INIT;
	struct auth_result *r = auth_results_add(all, "dmarc");
	char *author = dmarc_author(f, &why);
	*policy = DMARC_NONE;
	if (!author) {
		auth_say(r, AUTH_PERMERROR, "%s", why.text);
		if (strictest(ask, f, all, policy, e) < 0)
			return -1;
		if (*policy != DMARC_NONE)
			auth_property(r, "policy.dmarc", span_of(policy_word(*policy)));
		return 0;
	}
	struct dmarc d = {.ask = ask, .r = r, .author = author, .e = e};
	r->domain = str_dup(author);
	auth_property(r, "header.from", span_of(author));
	int result = check(&d, all, policy);
	dmarc_walk_release(&d.walk);
	free(author);
	return result;
}
