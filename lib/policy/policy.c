#include "base/alloc.h"
#include "base/intl.h"
#include "policy/room.h"

#include <stdarg.h>
#include <stdlib.h>

enum { TEXT_MAX = 64 * 1024, ASKS_MAX = 200 };

const char *policy_level_word(enum policy_level l)
{
	static const char *const words[] = {"fact", "warning", "error"};
	return words[l];
}

void policy_find(struct policy_check *c, enum policy_level level, const char *subject,
    char *publish, const char *why, const char *fmt, ...)
{
	struct policy *p = &c->found;
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

static void found_release(struct policy *p)
{
	for (size_t i = 0; i < p->n; i++) {
		free(p->v[i].what);
		free(p->v[i].why);
		free(p->v[i].publish);
	}
	free(p->v);
	*p = (struct policy){0};
}

/* As dns/ gives it back: lower case, without a final dot. */
static char *full_name(const char *prefix, const char *name)
{
	char *full = *prefix ? str_printf("%s.%s", prefix, name) : str_dup(name);
	size_t n = strlen(full);
	for (char *p = full; *p; p++)
		*p = to_lower(*p);
	if (n > 1 && full[n - 1] == '.')
		full[n - 1] = '\0';
	return full;
}

const struct dns_answer *policy_ask(
    struct policy_check *c, const char *prefix, const char *name, unsigned type)
{
	char *full = full_name(prefix, name);
	for (size_t i = 0; i < c->n; i++)
		if (c->asks[i].type == type && strcmp(c->asks[i].name, full) == 0) {
			free(full);
			if (c->asks[i].state == ASK_ANSWERED)
				return &c->asks[i].answer;
			c->more = true;
			return NULL;
		}
	if (c->n == ASKS_MAX) { /* a tree that has no end: it is judged without this leaf */
		free(full);
		return NULL;
	}
	c->asks[c->n++] = (struct check_ask){.name = full, .type = type};
	c->more = true;
	return NULL;
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

bool policy_failed(struct policy_check *c, const char *subject, const struct dns_answer *a)
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

/* --- from beginning to end --- */

struct policy_check *policy_check_new(const struct route_plan *plan, const struct policy_options *o)
{
	struct policy_check *c = mem_new(1, sizeof(*c));
	c->plan = plan;
	c->o = o;
	c->domain = plan->domain;
	c->asks = mem_new(ASKS_MAX, sizeof(*c->asks)); /* answers stay where they are */
	return c;
}

void policy_check_free(struct policy_check *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->n; i++) {
		free(c->asks[i].name);
		dns_answer_release(&c->asks[i].answer);
	}
	free(c->asks);
	found_release(&c->found);
	free(c);
}

bool policy_check_run(struct policy_check *c)
{
	found_release(&c->found);
	c->more = c->has_dmarc_policy = false;
	if (c->plan->kind == ROUTE_HOST || c->plan->kind == ROUTE_LITERAL)
		return false;
	policy_spf(c);
	policy_dmarc(c);
	for (size_t i = 0; c->o->selectors && i < c->o->selectors->n; i++)
		policy_dkim(c, c->o->selectors->v[i]);
	policy_sts(c);
	policy_tlsrpt(c);
	policy_bimi(c);
	policy_dnssec(c);
	return c->more;
}

bool policy_check_next(struct policy_check *c, const char **name, unsigned *type)
{
	for (; c->next < c->n; c->next++) {
		struct check_ask *a = &c->asks[c->next];
		if (a->state != ASK_WANTED)
			continue;
		a->state = ASK_UNDER_WAY;
		c->under_way++;
		*name = a->name;
		*type = a->type;
		return true;
	}
	return false;
}

bool policy_check_take(struct policy_check *c, struct dns_question *q)
{
	for (size_t i = 0; i < c->n; i++) {
		struct check_ask *a = &c->asks[i];
		if (a->state != ASK_UNDER_WAY || a->type != q->type ||
		    !span_eq_nocase(span_of(a->name), span_of(q->name)))
			continue;
		a->state = ASK_ANSWERED;
		a->answer = q->answer;
		q->answer = (struct dns_answer){0};
		c->under_way--;
		break;
	}
	return c->under_way == 0;
}

const struct policy *policy_check_found(const struct policy_check *c)
{
	return &c->found;
}
