/* The message as it is meant to be read. */
#include "base/alloc.h"
#include "mime/write.h"
#include "secure/fields.h"
#include "secure/look_internal.h"

/* Is it From, and may the one inside be shown for the one outside? Only when a signature holds (RFC 9788 4.4). */
static bool trusts_from(const struct secure_look *l)
{
	return secure_covered(l, l->payload_layer, SECURE_SIGNATURE) != NULL;
}

static bool inside_wins(const struct secure_look *l, struct span name)
{
	return l->protected_header && (!span_is_nocase(name, "From") || trusts_from(l));
}

static bool is_ours(struct span name)
{
	return field_is_structural(name) || field_is_about(name);
}

static bool is_inside(const struct secure_look *l, struct span name)
{
	const struct header *h = &l->payload->header;
	for (size_t i = 0; i < h->n; i++)
		if (span_eq_nocase(h->v[i].name, name))
			return true;
	return false;
}

/* What people are shown is all inside (RFC 9788 2.2), or somebody else put it there. Before that only the Subject may be. */
static bool drops_outside(const struct secure_look *l, struct span name)
{
	return l->payload->how != HP_OLD && field_is_shown(name);
}

static int outer_fields(
    const struct secure_look *l, const struct header *outer, struct sink *out, struct err *e)
{
	for (size_t i = 0; i < outer->n; i++) {
		struct span name = outer->v[i].name;
		bool mine =
		    l->protected_header && inside_wins(l, name) && !field_is_transport(name);
		bool replaced = mine && (drops_outside(l, name) || is_inside(l, name));
		if (!is_ours(name) && !replaced && field_copy(out, "", &outer->v[i], e) < 0)
			return -1;
	}
	return 0;
}

static int inner_fields(const struct secure_look *l, struct sink *out, struct err *e)
{
	const struct header *h = l->protected_header ? &l->payload->header : NULL;
	for (size_t i = 0; h && i < h->n; i++)
		if (!is_ours(h->v[i].name) && !field_is_transport(h->v[i].name) &&
		    inside_wins(l, h->v[i].name) && field_copy(out, "", &h->v[i], e) < 0)
			return -1;
	return 0;
}

static void name_fields(const struct secure_look *l, struct buf *b)
{
	for (size_t i = 0; i < l->field_n; i++) {
		const struct secure_field *f = &l->fields[i];
		if (!f->value || !inside_wins(l, span_of(f->name)))
			continue;
		if (b->len)
			buf_addc(b, ' ');
		buf_adds(b, f->name);
	}
}

/* Who signed all of it, what encrypted it, and which fields are protected. */
static int record(const struct secure_look *l, struct sink *out, struct err *e)
{
	struct header_out h = HEADER_OUT_INIT;
	struct buf fields = BUF_INIT(65536);
	size_t column;
	ptrdiff_t layer = l->payload_layer >= 0 ? l->payload_layer : l->plain_layer;
	const struct secure_finding *cipher = secure_covered(l, layer, SECURE_ENCRYPTION),
				    *by = secure_covered(l, layer, SECURE_SIGNATURE);
	header_begin(&h, FIELD_RECORD, SPAN("v=1"), &column);
	header_add_param(
	    &h, &column, "encrypted", span_of(cipher ? secure_method_name(cipher->method) : "no"));
	header_add_param(
	    &h, &column, "signed", span_of(by ? secure_method_name(by->method) : "no"));
	if (by && by->address)
		header_add_param(&h, &column, "by", span_of(by->address));
	name_fields(l, &fields);
	if (fields.len)
		header_add_param(&h, &column, "fields", buf_span(&fields));
	header_end(&h);
	int r = sink_put(out, buf_span(&h.b), e);
	header_out_release(&h);
	buf_release(&fields);
	return r;
}

static int content(const struct spool *sp, const struct header *h, struct sink *out, struct err *e)
{
	struct source_spool body;
	struct filter_crlf local;
	for (size_t i = 0; i < h->n; i++)
		if (span_starts_nocase(h->v[i].name, "Content-") &&
		    field_copy(out, "", &h->v[i], e) < 0)
			return -1;
	if (sink_puts(out, "\n", e) < 0)
		return -1;
	source_spool_range(&body, sp, h->end, UINT64_MAX - h->end);
	filter_crlf_init(&local, out, CRLF_LOCAL);
	return sink_pump(&local.sink, &body.source, e);
}

int secure_look_write(
    const struct secure_look *l, const struct spool *message, struct sink *out, struct err *e)
{
	struct header outer = HEADER_INIT, inner = HEADER_INIT;
	const struct spool *sp = l->plain ? l->plain : message;
	int r = entity_header(message, 0, &outer, e);
	if (r == 0)
		r = entity_header(sp, 0, &inner, e);
	if (r == 0)
		r = outer_fields(l, &outer, out, e);
	if (r == 0)
		r = inner_fields(l, out, e);
	if (r == 0)
		r = record(l, out, e);
	if (r == 0)
		r = sink_puts(out, "MIME-Version: 1.0\n", e);
	if (r == 0)
		r = content(sp, &inner, out, e);
	header_release(&outer);
	header_release(&inner);
	return r;
}
