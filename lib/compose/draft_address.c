#include "base/alloc.h"
#include "base/intl.h"
#include "codec/utf8.h"
#include "compose/draft.h"
#include "compose/draft_parts.h"
#include "mime/lex.h"

#include <stdlib.h>

const char *const draft_field_names[DRAFT_ADDRESS_FIELDS] = {
    "From", "Sender", "Reply-To", "To", "Cc", "Bcc"};

static void push(struct draft_addresses *l, const struct address *a)
{
	if (l->n == l->cap) {
		l->cap = l->cap ? 2 * l->cap : 8;
		l->v = mem_resize(l->v, l->cap, sizeof(*l->v));
	}
	l->v[l->n++] = *a;
}

/* A domain in another script becomes A-labels, unless the whole message is for SMTPUTF8. */
static int settle_domain(struct draft *d, struct address *a, struct err *e)
{
	struct buf spec = BUF_INIT(4096);
	if (d->flags & BUILD_UTF8_HEADERS || is_ascii(a->spec))
		return 0;
	if (!is_ascii(a->local))
		return err_set(e, EX_DATAERR,
		    _("%.*s: not an ASCII address; --utf8-headers makes a message for it"),
		    SPAN_ARG(a->spec));
	ENSURE(d->to_ascii);
	buf_add(&spec, span_take(a->spec, a->spec.len - a->domain.len));
	int r = d->to_ascii(&spec, a->domain, e);
	if (r == 0)
		a->spec = arena_dup(&d->arena, buf_span(&spec));
	buf_release(&spec);
	return r;
}

int draft_check_address(struct draft *d, struct address *a, struct err *e)
{
	const char *why;
	if (!a->spec.len) /* a group without members */
		return 0;
	if (address_check(a->spec, &why) != ADDRESS_SMTP)
		return err_set(e, EX_DATAERR, _("\"%.*s\" is not an address for mail: %s"),
		    SPAN_ARG(a->spec), why);
	return settle_domain(d, a, e);
}

static int bad_list(const char *text, struct err *e)
{
	struct arena a = ARENA_INIT(1 << 20);
	struct address one;
	struct err why = ERR_INIT;
	if (address_parse_one(&a, span_of(text), &one, &why) < 0)
		err_copy(e, &why);
	else
		err_set(e, EX_DATAERR, _("\"%s\" is not a list of addresses"), text);
	arena_release(&a);
	return -1;
}

/* --- who gets it already: a table, as an answer to all may have tens of thousands ------------- */

static size_t slot_of(const struct draft *d, struct span spec)
{
	uint32_t h = 2166136261u; /* FNV-1a */
	for (size_t i = 0; i < spec.len; i++)
		h = (h ^ (unsigned char)to_lower(spec.ptr[i])) * 16777619u;
	size_t at = h & (d->known_cap - 1);
	while (d->known[at].len && !span_eq_nocase(d->known[at], spec))
		at = (at + 1) & (d->known_cap - 1);
	return at;
}

static void grow_known(struct draft *d)
{
	struct span *old = d->known;
	size_t cap = d->known_cap;
	d->known_cap = cap ? 4 * cap : 64;
	d->known = mem_new(d->known_cap, sizeof(*d->known));
	for (size_t i = 0; i < cap; i++)
		if (old[i].len)
			d->known[slot_of(d, old[i])] = old[i];
	free(old);
}

static void remember(struct draft *d, struct span spec)
{
	if (!spec.len)
		return;
	if (2 * (d->known_n + 1) > d->known_cap)
		grow_known(d);
	size_t at = slot_of(d, spec);
	d->known_n += !d->known[at].len;
	d->known[at] = spec;
}

bool draft_has_recipient(const struct draft *d, struct span spec)
{
	return d->known_n && d->known[slot_of(d, spec)].len;
}

void draft_forget_addresses(struct draft *d)
{
	for (int f = 0; f < DRAFT_ADDRESS_FIELDS; f++)
		d->addresses[f].n = 0;
	free(d->known);
	d->known = NULL;
	d->known_n = d->known_cap = 0;
}

void draft_push_address(struct draft *d, enum draft_field field, const struct address *a)
{
	push(&d->addresses[field], a);
	if (field >= DRAFT_TO)
		remember(d, a->spec);
}

int draft_add_address(struct draft *d, enum draft_field field, const char *text, struct err *e)
{
	struct address_list list = {0};
	for (const char *p = text; *p; p++)
		if (lex_is_control(*p) && *p != '\t')
			return err_set(e, EX_DATAERR, _("%s: a control character in the addresses"),
			    draft_field_names[field]);
	if (address_list_parse(&d->arena, arena_dup(&d->arena, span_of(text)), &list, e) < 0)
		return -1;
	if (list.bad || !list.n)
		return bad_list(text, e);
	for (size_t i = 0; i < list.n; i++) {
		if (draft_check_address(d, &list.v[i], e) < 0)
			return -1;
		draft_push_address(d, field, &list.v[i]);
	}
	return 0;
}

void draft_add_known(struct draft *d, enum draft_field field, const struct address *a)
{
	if (field >= DRAFT_TO && draft_has_recipient(d, a->spec))
		return;
	struct address own = {.name = arena_dup(&d->arena, a->name),
	    .local = arena_dup(&d->arena, a->local),
	    .domain = arena_dup(&d->arena, a->domain),
	    .spec = arena_dup(&d->arena, a->spec),
	    .group = SPAN("")};
	if (draft_check_address(d, &own, NULL) == 0)
		draft_push_address(d, field, &own);
}
