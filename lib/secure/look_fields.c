/* Protected header fields beside those outside: RFC 9788 4. */
#include "base/alloc.h"
#include "secure/fields.h"
#include "secure/look_internal.h"

enum { FIELDS_MAX = 1000 };

static char *one_line(struct span raw)
{
	struct buf b = BUF_INIT(1 << 20);
	field_line(&b, raw);
	char *text = str_dup(buf_cstr(&b));
	buf_release(&b);
	return text;
}

/* Of the fields of that name: one of that value, else the first, else NULL. */
static const struct header_field *like(
    const struct header *h, const struct header_field *f, bool *same)
{
	const struct header_field *first = NULL;
	*same = false;
	for (size_t i = 0; i < h->n && !*same; i++) {
		if (!span_eq_nocase(h->v[i].name, f->name))
			continue;
		*same = field_same(h->v[i].value, f->value);
		if (*same || !first)
			first = &h->v[i];
	}
	return first;
}

/* Did the sender say (HP-Outer) that this is what he puts outside? */
static bool announced(const struct header *payload, const struct header_field *outer)
{
	for (size_t i = 0; i < payload->n; i++) {
		struct span rest = payload->v[i].value, name;
		if (span_is_nocase(payload->v[i].name, "HP-Outer") && span_cut(&rest, ':', &name) &&
		    span_eq_nocase(span_trim(name), outer->name) && field_same(rest, outer->value))
			return true;
	}
	return false;
}

static void add(struct secure_look *l, const struct header_field *inner,
    const struct header_field *outer, enum secure_field_state state)
{
	if (l->field_n == FIELDS_MAX) {
		l->limited = true;
		return;
	}
	l->fields = mem_resize(l->fields, l->field_n + 1, sizeof(*l->fields));
	l->fields[l->field_n++] = (struct secure_field){span_dup(inner ? inner->name : outer->name),
	    inner ? one_line(inner->value) : NULL, outer ? one_line(outer->value) : NULL, state};
}

/* What is outside differs: did the sender mean it to? Not what he says he left there as it is (4.3.1), nor where nothing encrypts it, whatever hp= says (2.1.1).
 * Before RFC 9788 nobody can tell. */
static bool hidden(
    const struct secure_look *l, const struct header_field *inner, const struct header_field *outer)
{
	const struct header *payload = &l->payload->header;
	if (!secure_covered(l, l->payload_layer, SECURE_ENCRYPTION))
		return false;
	switch (l->payload->how) {
	case HP_CIPHER: return !announced(payload, inner) && (!outer || announced(payload, outer));
	case HP_OLD: return true;
	default: return false;
	}
}

void look_fields(struct secure_look *l, const struct header *outer)
{
	const struct header *payload = &l->payload->header;
	bool same;
	l->protected_header = true;
	for (size_t i = 0; i < payload->n; i++) {
		const struct header_field *f = &payload->v[i], *out;
		if (!field_is_protectable(f->name))
			continue;
		out = like(outer, f, &same);
		add(l, f, out,
		    same                ? SECURE_FIELD_SAME
		    : hidden(l, f, out) ? SECURE_FIELD_HIDDEN
					: SECURE_FIELD_CHANGED);
	}
	for (size_t i = 0; i < outer->n; i++)
		if (field_is_shown(outer->v[i].name) && !like(payload, &outer->v[i], &same))
			add(l, NULL, &outer->v[i], SECURE_FIELD_OUTSIDE);
}
