#include "auth/result.h"

#include "base/alloc.h"
#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>

enum { REASON_MAX = 600, STEP_MAX = 8192, STEPS_MAX = 400 };

const char *auth_code_word(enum auth_code c)
{
	static const char *const words[] = {
	    "none", "pass", "fail", "softfail", "neutral", "policy", "temperror", "permerror"};
	return words[c];
}

struct auth_result *auth_results_add(struct auth_results *all, const char *method)
{
	struct auth_result *r = mem_new(1, sizeof(*r));
	*r = (struct auth_result){.method = method, .explain = all->explain};
	all->v = mem_resize(all->v, all->n + 1, sizeof(struct auth_result *));
	return all->v[all->n++] = r;
}

static void release(struct auth_result *r)
{
	free(r->domain);
	free(r->selector);
	free(r->reason);
	for (size_t i = 0; i < r->n; i++)
		free(r->v[i].value);
	strv_release(&r->steps);
	free(r);
}

void auth_results_release(struct auth_results *all)
{
	for (size_t i = 0; i < all->n; i++)
		release(all->v[i]);
	free(all->v);
	*all = (struct auth_results){.explain = all->explain};
}

/* What is too long is cut: a record of a megabyte is no reason. */
__attribute__((format(printf, 2, 0))) static char *text(size_t max, const char *fmt, va_list ap)
{
	char *all = mem_new(1, max);
	vsnprintf(all, max, fmt, ap);
	return all;
}

void auth_say(struct auth_result *r, enum auth_code code, const char *fmt, ...)
{
	va_list ap;
	char *reason = NULL;
	if (fmt) {
		va_start(ap, fmt);
		reason = text(REASON_MAX, fmt, ap);
		va_end(ap);
	}
	free(r->reason);
	r->reason = reason;
	r->code = code;
}

void auth_say_more(struct auth_result *r, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	char *more = text(REASON_MAX, fmt, ap);
	va_end(ap);
	char *all = r->reason ? str_printf("%s; %s", r->reason, more) : str_dup(more);
	free(r->reason);
	free(more);
	r->reason = all;
}

void auth_step(struct auth_result *r, const char *fmt, ...)
{
	va_list ap;
	if (!r->explain || r->steps.n >= STEPS_MAX)
		return;
	va_start(ap, fmt);
	strv_take(&r->steps, text(STEP_MAX, fmt, ap));
	va_end(ap);
}

void auth_property(struct auth_result *r, const char *name, struct span value)
{
	if (value.len && r->n < AUTH_PROPERTIES_MAX)
		r->v[r->n++] = (struct auth_property){name, span_dup(value)};
}
