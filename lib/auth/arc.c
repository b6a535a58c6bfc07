#include "auth/arc.h"

#include "base/alloc.h"
#include "base/intl.h"

#include <stdlib.h>

/* --- the sets --- */

/* "i=1; ..." */
static unsigned instance_of(struct span value)
{
	struct span first, name;
	uint64_t i;
	span_cut(&value, ';', &first);
	if (!span_cut(&first, '=', &name) || !span_is(span_trim(name), "i") ||
	    !span_to_u64(span_trim(first), ARC_MAX, &i))
		return 0;
	return (unsigned)i;
}

static int add_results(struct arc *a, const struct auth_field *f, struct err *e)
{
	unsigned i = instance_of(f->value);
	if (!i)
		return err_set(e, EX_DATAERR, _("ARC-Authentication-Results without an instance"));
	if (a->v[i - 1].results)
		return err_set(e, EX_DATAERR, _("instance %u has two of a kind"), i);
	a->v[i - 1].results = f;
	return 0;
}

static int add_signature(struct arc *a, const struct auth_field *f, bool seal, struct err *e)
{
	struct auth_signature s;
	const char *kind = seal ? "ARC-Seal" : "ARC-Message-Signature";
	if (auth_signature_parse(&s, seal ? AUTH_SIGNATURE_SEAL : AUTH_SIGNATURE_ARC, f, e) < 0)
		return err_prefix(e, "%s: ", kind);
	struct arc_set *set = &a->v[s.instance - 1];
	bool *has = seal ? &set->has_seal : &set->has_message;
	if (*has) {
		unsigned i = s.instance;
		auth_signature_release(&s);
		return err_set(e, EX_DATAERR, _("instance %u has two of a kind"), i);
	}
	*has = true;
	*(seal ? &set->seal : &set->message) = s;
	return 0;
}

static int add(struct arc *a, const struct auth_field *f, struct err *e)
{
	if (span_is_nocase(f->name, "ARC-Authentication-Results"))
		return add_results(a, f, e);
	if (span_is_nocase(f->name, "ARC-Message-Signature"))
		return add_signature(a, f, false, e);
	return add_signature(a, f, true, e);
}

static bool is_arc(struct span name)
{
	return span_is_nocase(name, "ARC-Authentication-Results") ||
	       span_is_nocase(name, "ARC-Message-Signature") || span_is_nocase(name, "ARC-Seal");
}

/* 5.2 step 3: instances from 1 on, each whole; the first seal says none, the others pass. */
static int check_structure(struct arc *a, struct err *e)
{
	for (size_t i = 0; i < a->n; i++) {
		const struct arc_set *s = &a->v[i];
		if (!s->results || !s->has_message || !s->has_seal)
			return err_set(e, EX_DATAERR, _("instance %zu is not whole"), i + 1);
		if (s->seal.chain == 'f')
			return err_set(e, EX_DATAERR,
			    _("it failed already for %s, instance %zu (cv=fail)"), s->seal.domain,
			    i + 1);
		if ((s->seal.chain == 'n') != (i == 0))
			return err_set(e, EX_DATAERR, _("instance %zu says cv=%s"), i + 1,
			    i ? "none" : "pass");
	}
	return 0;
}

/* The highest instance that any of the fields claims, those that cannot be read too: a seal over what is broken goes on from there (5.1 step 3). */
static unsigned claimed(struct span value)
{
	struct span spec, name;
	uint64_t i;
	for (bool more = true; more;) {
		more = span_cut(&value, ';', &spec);
		if (span_cut(&spec, '=', &name) && span_is(span_trim(name), "i") &&
		    span_to_u64(span_trim(spec), ARC_MAX, &i))
			return (unsigned)i;
	}
	return 0;
}

void arc_read(struct arc *a, struct auth_message *m)
{
	*a = (struct arc){.message = m};
	for (size_t i = 0; i < m->fields.n; i++) {
		const struct auth_field *f = &m->fields.v[i];
		if (!is_arc(f->name))
			continue;
		if (!a->v)
			a->v = mem_new(ARC_MAX, sizeof(*a->v));
		if (claimed(f->value) > a->n)
			a->n = claimed(f->value);
		if (!a->broken.code)
			add(a, f, &a->broken);
	}
	if (!a->v || a->broken.code || check_structure(a, &a->broken) < 0)
		return;
	for (size_t i = 0; i < a->n; i++) {
		const struct auth_signature *s = &a->v[i].message;
		a->v[i].hash = auth_body_want(&m->body, s->body, s->digest, UINT64_MAX);
	}
}

void arc_release(struct arc *a)
{
	for (size_t i = 0; a->v && i < ARC_MAX; i++) {
		if (a->v[i].has_message)
			auth_signature_release(&a->v[i].message);
		if (a->v[i].has_seal)
			auth_signature_release(&a->v[i].seal);
	}
	free(a->v);
	a->v = NULL;
}

/* --- what a seal covers --- */

static void add_field(struct digest *d, struct buf *text, struct span raw)
{
	buf_reset(text);
	canon_field(text, CANON_RELAXED, raw);
	buf_addn(text, "\r\n", 2);
	digest_add(d, buf_span(text));
}

void arc_seal_digest(const struct arc *a, size_t instance, bool only, struct span seal,
    unsigned char out[DIGEST_MAX])
{
	struct buf text = BUF_INIT(2 * AUTH_HEADER_MAX);
	struct digest d;
	digest_init(&d, DIGEST_SHA256);
	for (size_t i = only ? instance - 1 : 0; i < instance; i++) {
		add_field(&d, &text, a->v[i].results->raw);
		add_field(&d, &text, a->v[i].message.field->raw);
		if (i + 1 < instance)
			add_field(&d, &text, a->v[i].seal.field->raw);
	}
	buf_reset(&text);
	auth_signature_unsigned(&text, CANON_RELAXED, seal);
	digest_add(&d, buf_span(&text));
	digest_final(&d, out);
	buf_release(&text);
}
