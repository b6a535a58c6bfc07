#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "policy/room.h"

#include <stdarg.h>
#include <stdlib.h>

enum { TEXT_MAX = 64 * 1024 };

const char *policy_level_word(enum policy_level l)
{
	static const char *const words[] = {"fact", "warning", "error"};
	return words[l];
}

void policy_find(struct check *c, enum policy_level level, const char *subject, char *publish,
    const char *why, const char *fmt, ...)
{
	struct policy *p = c->p;
	struct buf text = BUF_INIT(TEXT_MAX);
	va_list ap;
	va_start(ap, fmt);
	buf_vaddf(&text, fmt, ap);
	va_end(ap);
	p->v = mem_resize(p->v, p->n + 1, sizeof(*p->v));
	p->v[p->n++] = (struct policy_finding){.level = level,
	    .subject = subject,
	    .what = str_dup(buf_cstr(&text)),
	    .why = why ? str_dup(why) : NULL,
	    .publish = publish};
	buf_release(&text);
}

void policy_release(struct policy *p)
{
	for (size_t i = 0; i < p->n; i++) {
		free(p->v[i].what);
		free(p->v[i].why);
		free(p->v[i].publish);
	}
	free(p->v);
	*p = (struct policy){0};
}

int policy_ask(
    struct check *c, const char *prefix, const char *name, unsigned type, struct dns_answer *a)
{
	char *full = *prefix ? str_printf("%s.%s", prefix, name) : str_dup(name);
	int r = dns_ask(c->dns, full, type, clock_mono_ms() + c->o->timeout_ms, a, c->e);
	free(full);
	return r;
}

size_t policy_records(const struct dns_answer *a, const char *begin, struct span *one)
{
	size_t n = 0;
	for (size_t i = 0; a->status == DNS_OK && i < a->n; i++) {
		struct span text = span_make((const char *)a->v[i].data, a->v[i].len), rest;
		if (!span_starts_nocase(text, begin))
			continue;
		rest = span_skip(text, strlen(begin));
		if (rest.len && !is_wsp(rest.ptr[0]) && rest.ptr[0] != ';')
			continue; /* "v=spf10" */
		if (n++ == 0)
			*one = text;
	}
	return n;
}

bool policy_failed(struct check *c, const char *subject, const struct dns_answer *a)
{
	if (a->status != DNS_FAILED && a->status != DNS_BOGUS)
		return false;
	policy_find(c, POLICY_ERROR, subject, NULL,
	    _("receivers that ask now cannot learn it either, and may defer or refuse mail"),
	    a->status == DNS_BOGUS ? _("the answer is bogus (DNSSEC): %s")
				   : _("the question failed: %s"),
	    a->why);
	return true;
}

int policy_check(struct policy *p, struct dns *d, const struct route_plan *plan,
    const struct policy_options *o, struct err *e)
{
	struct check c = {.p = p, .dns = d, .plan = plan, .o = o, .domain = plan->domain, .e = e};
	if (plan->kind == ROUTE_HOST || plan->kind == ROUTE_LITERAL)
		return 0;
	if (policy_spf(&c) < 0 || policy_dmarc(&c) < 0)
		return -1;
	for (size_t i = 0; o->selectors && i < o->selectors->n; i++)
		if (policy_dkim(&c, o->selectors->v[i]) < 0)
			return -1;
	policy_sts(&c);
	if (policy_tlsrpt(&c) < 0 || policy_bimi(&c) < 0)
		return -1;
	return policy_dnssec(&c);
}
