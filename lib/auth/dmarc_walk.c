/* dmarc_walk.c - the tree walk, RFC 9989 4.10. */
#include "auth/dmarc.h"
#include "base/alloc.h"

#include <stdlib.h>

static size_t labels(const char *domain)
{
	size_t n = *domain != '\0';
	for (; *domain; domain++)
		n += *domain == '.';
	return n;
}

/* The name above; NULL behind the last label. A name of eight labels or more is cut to seven at once. */
static const char *above(const char *domain)
{
	size_t n = labels(domain), drop = n >= DMARC_WALK_MAX ? n - DMARC_WALK_MAX + 1 : 1;
	while (drop-- && domain) {
		domain = strchr(domain, '.');
		domain = domain ? domain + 1 : NULL;
	}
	return domain;
}

/* "example.org" below "org" in "a.example.org". */
static const char *one_below(const char *whole, const char *domain)
{
	const char *at = domain - 1;
	while (at > whole && at[-1] != '.')
		at--;
	return at;
}

void dmarc_walk_expect(struct auth_ask *ask, const char *domain)
{
	for (size_t n = 0; domain && *domain && n < DMARC_WALK_MAX; domain = above(domain), n++) {
		char *name = str_printf("_dmarc.%s", domain);
		auth_ask_expect(ask, name, DNS_TXT);
		free(name);
	}
}

/* The one record there that begins with the version: several are none. */
static bool only_record(const struct dns_answer *a, struct span *text)
{
	size_t n = 0;
	for (size_t i = 0; i < a->n; i++) {
		struct span t = auth_ask_text(&a->v[i]), tag, rest = t;
		span_cut(&rest, ';', &tag);
		struct span name;
		if (!span_cut(&tag, '=', &name) || !span_is(span_trim(name), "v") ||
		    !span_is(span_trim(tag), "DMARC1"))
			continue;
		*text = t;
		n++;
	}
	return n == 1;
}

static int step(struct dmarc_walk *w, struct auth_ask *ask, const char *domain,
    struct auth_result *r, struct err *e)
{
	struct dmarc_step *s = &w->v[w->n++];
	*s = (struct dmarc_step){.domain = domain};
	char *name = str_printf("_dmarc.%s", domain);
	const struct dns_answer *a = auth_ask(ask, name, DNS_TXT, e);
	if (a && auth_ask_failed(a)) {
		w->failed = true;
		auth_say(r, AUTH_TEMPERROR, "%s: %s", name, a->why);
	} else if (a && only_record(a, &s->text)) {
		s->found = dmarc_record_receive(&s->record, s->text) == 1;
		s->void_record = !s->found;
		auth_step(r, "%s TXT \"%.*s\"%s", name, SPAN_ARG(s->text),
		    s->found ? "" : ": no policy, and nobody to report to");
	} else if (a) {
		auth_step(r, "%s: %s", name, a->n ? "no record, or several" : "no record");
	}
	free(name);
	return a ? 0 : -1;
}

/* 4.10.2. The steps are in order, the longest name first. */
static const char *organization(const struct dmarc_walk *w)
{
	const char *shortest = NULL;
	for (size_t i = 0; i < w->n; i++) {
		const struct dmarc_step *s = &w->v[i];
		if (!s->found)
			continue;
		if (s->record.record.psd == 'n')
			return s->domain;
		if (s->record.record.psd == 'y' && i > 0)
			return one_below(w->domain, s->domain);
		shortest = s->domain;
	}
	return shortest;
}

int dmarc_walk(struct dmarc_walk *w, struct auth_ask *ask, const char *domain,
    struct auth_result *r, struct err *e)
{
	*w = (struct dmarc_walk){.domain = domain};
	dmarc_walk_expect(ask, domain);
	for (const char *at = domain; at && *at && w->n < DMARC_WALK_MAX; at = above(at)) {
		if (step(w, ask, at, r, e) < 0)
			return -1;
		const struct dmarc_step *s = &w->v[w->n - 1];
		if (s->found && s->record.record.psd != 'u')
			break;
	}
	const char *found = organization(w);
	if (found)
		w->organization = str_dup(found);
	return 0;
}

void dmarc_walk_release(struct dmarc_walk *w)
{
	free(w->organization);
	w->organization = NULL;
}

static bool is_organization(const struct dmarc_walk *w, const struct dmarc_step *s)
{
	return w->organization && strcmp(s->domain, w->organization) == 0;
}

const struct dmarc_step *dmarc_walk_record(const struct dmarc_walk *w)
{
	const struct dmarc_step *last = NULL;
	for (size_t i = 0; i < w->n; i++) {
		const struct dmarc_step *s = &w->v[i];
		if (s->void_record && (i == 0 || is_organization(w, s)))
			return NULL;
		if (!s->found)
			continue;
		if (i == 0 || is_organization(w, s))
			return s;
		last = s;
	}
	/* the organization itself has none, the public suffix above it does */
	return last && last->record.record.psd == 'y' ? last : NULL;
}
