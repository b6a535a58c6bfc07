/* record.c - what was found, in one shape whoever found it. */
#include "base/alloc.h"
#include "verify.h"

#include <stdlib.h>

struct verify_record *verify_add(struct verify_records *all, const char *method, const char *result)
{
	all->v = mem_resize(all->v, all->n + 1, sizeof(*all->v));
	struct verify_record *r = &all->v[all->n++];
	*r = (struct verify_record){.method = method, .result = str_dup(result)};
	return r;
}

void verify_records_release(struct verify_records *all)
{
	for (size_t i = 0; i < all->n; i++) {
		struct verify_record *r = &all->v[i];
		free(r->result);
		free(r->domain);
		free(r->selector);
		free(r->reason);
		free(r->part);
		json_decref(r->properties);
		json_decref(r->details);
		strv_release(&r->steps);
	}
	free(all->v);
	*all = (struct verify_records){0};
}

static char *copy(const char *s)
{
	return s ? str_dup(s) : NULL;
}

/* A neutral result means no more than none (RFC 7208 8.2, RFC 6376 3.6.1). */
static bool is_bad(enum auth_code c)
{
	return c != AUTH_NONE && c != AUTH_PASS && c != AUTH_NEUTRAL && c != AUTH_TEMPERROR;
}

static json_t *properties(const struct auth_result *f)
{
	json_t *all = json_object();
	for (size_t i = 0; i < f->n; i++) {
		char *key = str_dup(f->v[i].name);
		for (char *c = key; (c = strpbrk(c, ".-"));)
			*c = '_'; /* header.d */
		json_object_set_new(all, key, report_json_text(span_of(f->v[i].value)));
		free(key);
	}
	return all;
}

void verify_add_auth(struct verify_records *all, const struct auth_results *found)
{
	for (size_t i = 0; i < found->n; i++) {
		const struct auth_result *f = found->v[i];
		struct verify_record *r = verify_add(all, f->method, auth_code_word(f->code));
		r->domain = copy(f->domain);
		r->selector = copy(f->selector);
		r->reason = copy(f->reason);
		for (size_t k = 0; k < f->steps.n; k++)
			strv_add(&r->steps, f->steps.v[k]);
		if (f->n)
			r->properties = properties(f);
		r->bad = is_bad(f->code);
		r->later = f->code == AUTH_TEMPERROR;
	}
}
