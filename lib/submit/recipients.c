#include "submit/recipients.h"

#include "base/alloc.h"
#include "base/intl.h"

#include <stdlib.h>

void submit_recipients_release(struct submit_recipients *to)
{
	strv_release(&to->list);
	free(to->slots);
	*to = (struct submit_recipients){0};
}

/* --- each once --- */

static size_t domain_at(struct span address)
{
	size_t at = address.len;
	while (at > 0 && address.ptr[at - 1] != '@')
		at--;
	return at;
}

static bool same(struct span a, struct span b)
{
	size_t at = domain_at(a);
	return a.len == b.len && at == domain_at(b) &&
	       span_eq(span_take(a, at), span_take(b, at)) &&
	       span_eq_nocase(span_skip(a, at), span_skip(b, at));
}

/* FNV-1a, the domain without case. */
static uint64_t hash(struct span address)
{
	uint64_t h = UINT64_C(14695981039346656037);
	size_t at = domain_at(address);
	for (size_t i = 0; i < address.len; i++) {
		char c = i < at ? address.ptr[i] : to_lower(address.ptr[i]);
		h = (h ^ (unsigned char)c) * UINT64_C(1099511628211);
	}
	return h;
}

/* The slot this address has, or the free one it would get. */
static size_t *find(struct submit_recipients *to, struct span address)
{
	size_t mask = to->slot_count - 1, i = (size_t)hash(address) & mask;
	while (to->slots[i] && !same(span_of(to->list.v[to->slots[i] - 1]), address))
		i = (i + 1) & mask;
	return &to->slots[i];
}

static void grow(struct submit_recipients *to)
{
	if (2 * (to->list.n + 1) <= to->slot_count)
		return;
	free(to->slots);
	to->slot_count = to->slot_count ? 2 * to->slot_count : 16;
	to->slots = mem_new(to->slot_count, sizeof(*to->slots));
	for (size_t i = 0; i < to->list.n; i++)
		*find(to, span_of(to->list.v[i])) = i + 1;
}

int submit_recipients_put(struct submit_recipients *to, struct span address, struct err *e)
{
	if (address_envelope_check(address, false, e) < 0)
		return -1;
	grow(to);
	size_t *slot = find(to, address);
	if (*slot)
		return 0;
	strv_add_span(&to->list, address);
	*slot = to->list.n;
	return 0;
}

static int add_bare(struct submit_recipients *to, struct span address, struct err *e)
{
	if (to->local && span_index(address, '@') < 0)
		return to->local(to->ctx, to, address, e);
	return submit_recipients_put(to, address, e);
}

/* --- as people write them --- */

static bool has_name(struct span text)
{
	return span_index(text, '<') >= 0 || span_index(text, '(') >= 0 ||
	       span_index(text, ' ') >= 0;
}

int submit_bare_address(struct span text, bool allow_empty, char **out, struct err *e)
{
	struct arena arena = ARENA_INIT(64 << 10);
	struct address one;
	struct span bare = text;
	int r = 0;
	if (allow_empty && (span_is(text, "<>") || !text.len))
		bare = SPAN("");
	else if (has_name(text) && (r = address_parse_one(&arena, text, &one, e)) == 0)
		bare = one.spec;
	if (r == 0)
		r = address_envelope_check(bare, allow_empty, e);
	if (r == 0)
		*out = span_dup(bare);
	arena_release(&arena);
	return r;
}

int submit_recipients_add(struct submit_recipients *to, struct span text, struct err *e)
{
	char *bare;
	if (to->local && span_index(text, '@') < 0 && !has_name(text))
		return to->local(to->ctx, to, text, e);
	if (submit_bare_address(text, false, &bare, e) < 0)
		return -1;
	int r = add_bare(to, span_of(bare), e);
	free(bare);
	return r;
}

/* --- from a header --- */

bool submit_is_secret_field(struct span name)
{
	return span_is_nocase(name, "Bcc") || span_is_nocase(name, "Resent-Bcc");
}

static int add_field(struct submit_recipients *to, const struct header_field *f, struct err *e)
{
	struct arena arena = ARENA_INIT(64u << 20);
	struct address_list list = {0};
	int r = address_list_parse(&arena, f->value, &list, e);
	if (r == 0 && list.bad)
		r = err_set(e, EX_DATAERR, _("not all of it are addresses"));
	for (size_t i = 0; r == 0 && i < list.n; i++)
		if (list.v[i].spec.len) /* a group without members has none */
			r = add_bare(to, list.v[i].spec, e);
	arena_release(&arena);
	return r < 0 ? err_prefix(e, "%.*s: ", SPAN_ARG(f->name)) : 0;
}

static bool is_one_of(struct span name, const char *const *names)
{
	while (*names && !span_is_nocase(name, *names))
		names++;
	return *names != NULL;
}

/* Where the newest block of Resent- fields ends: they are put in front, so at a trace field or at one that was there already. */
static size_t resent_end(const struct header *h, size_t begin)
{
	for (size_t i = begin + 1; i < h->n; i++) {
		if (span_is_nocase(h->v[i].name, "Received") ||
		    span_is_nocase(h->v[i].name, "Return-Path"))
			return i;
		for (size_t k = begin; k < i; k++)
			if (span_starts_nocase(h->v[i].name, "Resent-") &&
			    span_eq_nocase(h->v[i].name, h->v[k].name))
				return i;
	}
	return h->n;
}

int submit_recipients_header(struct submit_recipients *to, struct header *h, struct err *e)
{
	static const char *const plain[] = {"To", "Cc", "Bcc", NULL};
	static const char *const resent[] = {"Resent-To", "Resent-Cc", "Resent-Bcc", NULL};
	const char *const *names = plain;
	size_t begin = 0, end = h->n;
	for (size_t i = 0; i < h->n && names == plain; i++)
		if (span_starts_nocase(h->v[i].name, "Resent-")) {
			names = resent;
			begin = i;
			end = resent_end(h, i);
		}
	for (size_t i = begin; i < end; i++)
		if (is_one_of(h->v[i].name, names) && add_field(to, &h->v[i], e) < 0)
			return -1;
	return 0;
}
