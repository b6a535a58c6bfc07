#include "auth/signers.h"

#include "base/alloc.h"
#include "base/intl.h"
#include "codec/idna.h"

#include <stdlib.h>

int dkim_signers_check(const struct strv *domains, const struct strv *selectors,
    const struct strv *keys, struct err *e)
{
	if (!domains->n || !selectors->n || !keys->n)
		return err_set(
		    e, EX_USAGE, _("a domain, a selector and a key for DKIM go together"));
	if (selectors->n != keys->n)
		return err_set(e, EX_USAGE,
		    _("each --dkim-key has a --selector of its own: %zu keys, %zu selectors"),
		    keys->n, selectors->n);
	if (domains->n > 1 && domains->n != keys->n)
		return err_set(e, EX_USAGE,
		    _("one --dkim for all keys, or one for each: %zu keys, %zu domains"), keys->n,
		    domains->n);
	return 0;
}

static int add_name(struct strv *names, const char *name, const char *option, struct err *e)
{
	struct buf ascii = BUF_INIT(1024);
	int r = idna_to_ascii(&ascii, span_of(name), e);
	if (r < 0)
		return err_prefix(e, "%s: ", option);
	strv_take(names, buf_detach(&ascii));
	return 0;
}

static int add(struct dkim_signers *s, const char *domain, const char *selector, const char *file,
    struct err *e)
{
	if (add_name(&s->names, domain, "--dkim", e) < 0 ||
	    add_name(&s->names, selector, "--selector", e) < 0 ||
	    sign_key_read(&s->keys[s->n], file, e) < 0)
		return -1;
	s->v[s->n] = (struct dkim_signer){.key = s->keys[s->n],
	    .domain = s->names.v[s->names.n - 2],
	    .selector = s->names.v[s->names.n - 1]};
	s->n++;
	return 0;
}

int dkim_signers_read(struct dkim_signers *out, const struct strv *domains,
    const struct strv *selectors, const struct strv *keys, struct err *e)
{
	struct dkim_signers s = {.v = mem_new(keys->n + 1, sizeof(*s.v)),
	    .keys = mem_new(keys->n + 1, sizeof(struct sign_key *))};
	for (size_t i = 0; i < keys->n; i++)
		if (add(&s, domains->v[domains->n == 1 ? 0 : i], selectors->v[i], keys->v[i], e) <
		    0) {
			dkim_signers_release(&s);
			return -1;
		}
	*out = s;
	return 0;
}

void dkim_signers_release(struct dkim_signers *s)
{
	for (size_t i = 0; i < s->n; i++)
		sign_key_free(s->keys[i]);
	free(s->v);
	free(s->keys);
	strv_release(&s->names);
	*s = (struct dkim_signers){0};
}
