#include "auth/signature.h"

#include "auth/tags.h"
#include "base/alloc.h"
#include "base/intl.h"
#include "codec/base64.h"
#include "codec/idna.h"

#include <stdlib.h>

enum {
	BASE64_MAX = 8192, /* an RSA key of 16,384 bits signs with 2,048 octets */
	DOMAIN_MAX = 1024,
	INSTANCE_MAX = 50, /* RFC 8617 4.2.1 */
};

static int missing(struct err *e, const char *name)
{
	return err_set(e, EX_DATAERR, _("no %s="), name);
}

static int absurd(struct err *e, const char *name, struct span value)
{
	return err_set(
	    e, EX_DATAERR, _("%s=%.*s makes no sense"), name, SPAN_ARG(span_take(value, 60)));
}

/* --- one tag each --- */

static int read_version(const struct auth_tags *t, struct err *e)
{
	const struct auth_tag *v = auth_tags_get(t, "v");
	if (!v)
		return missing(e, "v");
	return span_is(v->value, "1") ? 0 : absurd(e, "v", v->value);
}

static int read_algorithm(struct auth_signature *s, const struct auth_tags *t, struct err *e)
{
	const struct auth_tag *a = auth_tags_get(t, "a");
	if (!a)
		return missing(e, "a");
	s->digest = DIGEST_SHA256;
	s->key = SIGN_RSA;
	if (span_is_nocase(a->value, "ed25519-sha256"))
		s->key = SIGN_ED25519;
	else if (span_is_nocase(a->value, "rsa-sha1"))
		s->digest = DIGEST_SHA1;
	else if (!span_is_nocase(a->value, "rsa-sha256"))
		return err_set(e, EX_DATAERR, _("a=%.*s: no algorithm that is known"),
		    SPAN_ARG(span_take(a->value, 40)));
	return 0;
}

static int read_canon(struct auth_signature *s, const struct auth_tags *t, struct err *e)
{
	const struct auth_tag *c = auth_tags_get(t, "c");
	struct span body, header;
	s->header = s->body = CANON_SIMPLE;
	if (!c)
		return 0;
	body = c->value;
	bool both = span_cut(&body, '/', &header);
	if (!canon_parse(header, &s->header) || (both && !canon_parse(body, &s->body)))
		return absurd(e, "c", c->value);
	return 0;
}

/* Blanks and folds may stand anywhere in it. */
static int read_base64(struct buf *out, const struct auth_tags *t, const char *name, struct err *e)
{
	const struct auth_tag *tag = auth_tags_get(t, name);
	struct buf text = BUF_INIT(BASE64_MAX);
	if (!tag)
		return missing(e, name);
	for (size_t i = 0; i < tag->value.len; i++)
		if (!is_space(tag->value.ptr[i]))
			buf_addc(&text, tag->value.ptr[i]);
	int r = text.over || !text.len ? -1 : base64_decode(out, buf_span(&text), NULL);
	buf_release(&text);
	return r < 0 ? err_set(e, EX_DATAERR, _("%s=: not base64"), name) : 0;
}

/* d= and s= may be written as U-labels, RFC 8616. The labels are asked for, and must not hide anything. */
static int read_name(char **out, const struct auth_tags *t, const char *name, struct err *e)
{
	const struct auth_tag *tag = auth_tags_get(t, name);
	struct buf ascii = BUF_INIT(DOMAIN_MAX);
	if (!tag)
		return missing(e, name);
	bool good = tag->value.len > 0;
	for (size_t i = 0; i < tag->value.len; i++)
		good &= !is_space(tag->value.ptr[i]) && tag->value.ptr[i] != '\\';
	bool eight = false;
	for (size_t i = 0; i < tag->value.len; i++)
		eight |= (unsigned char)tag->value.ptr[i] > 127;
	if (!good || (eight && idna_to_ascii(&ascii, tag->value, NULL) < 0)) {
		buf_release(&ascii);
		return absurd(e, name, tag->value);
	}
	if (!eight)
		for (size_t i = 0; i < tag->value.len; i++)
			buf_addc(&ascii, to_lower(tag->value.ptr[i]));
	*out = buf_detach(&ascii);
	return 0;
}

static int read_number(
    const struct auth_tags *t, const char *name, uint64_t max, uint64_t *out, struct err *e)
{
	const struct auth_tag *tag = auth_tags_get(t, name);
	return !tag || span_to_u64(tag->value, max, out) ? 0 : absurd(e, name, tag->value);
}

static int read_times(struct auth_signature *s, const struct auth_tags *t, struct err *e)
{
	uint64_t signed_at = UINT64_MAX, until = UINT64_MAX,
		 max = 999999999999; /* 12 digits, 3.5 */
	if (read_number(t, "t", max, &signed_at, e) < 0 || read_number(t, "x", max, &until, e) < 0)
		return -1;
	s->time_s = signed_at == UINT64_MAX ? -1 : (int64_t)signed_at;
	s->expires_s = until == UINT64_MAX ? -1 : (int64_t)until;
	if (s->time_s >= 0 && s->expires_s >= 0 && s->expires_s < s->time_s)
		return err_set(e, EX_DATAERR, _("x= lies before t="));
	return 0;
}

static int read_names(struct auth_signature *s, const struct auth_tags *t, struct err *e)
{
	const struct auth_tag *h = auth_tags_get(t, "h");
	struct span rest, name;
	if (!h)
		return missing(e, "h");
	s->names = rest = h->value;
	while (auth_list_next(&rest, ':', &name))
		for (size_t i = 0; i <= name.len; i++)
			if (!name.len || (i < name.len && is_space(name.ptr[i])))
				return err_set(e, EX_DATAERR, _("h=: \"%.*s\" is no field"),
				    SPAN_ARG(span_take(name, 40)));
	return 0;
}

/* How keys are found: only by DNS. */
static int read_query(const struct auth_tags *t, struct err *e)
{
	const struct auth_tag *q = auth_tags_get(t, "q");
	struct span rest, way;
	if (!q)
		return 0;
	rest = q->value;
	while (auth_list_next(&rest, ':', &way))
		if (span_is_nocase(way, "dns/txt") || span_is_nocase(way, "dns"))
			return 0;
	return absurd(e, "q", q->value);
}

static int read_instance(struct auth_signature *s, const struct auth_tags *t, struct err *e)
{
	uint64_t i = 0;
	if (!auth_tags_get(t, "i"))
		return missing(e, "i");
	if (read_number(t, "i", INSTANCE_MAX, &i, e) < 0)
		return -1;
	s->instance = (unsigned)i;
	return i ? 0 : absurd(e, "i", SPAN("0"));
}

/* --- the three kinds --- */

/* What all have. */
static int read_common(struct auth_signature *s, const struct auth_tags *t, struct err *e)
{
	if (read_algorithm(s, t, e) < 0 || read_base64(&s->signature, t, "b", e) < 0 ||
	    read_name(&s->domain, t, "d", e) < 0 || read_name(&s->selector, t, "s", e) < 0 ||
	    read_times(s, t, e) < 0)
		return -1;
	return 0;
}

static int read_message(struct auth_signature *s, const struct auth_tags *t, struct err *e)
{
	if (read_base64(&s->body_hash, t, "bh", e) < 0 || read_canon(s, t, e) < 0 ||
	    read_names(s, t, e) < 0)
		return -1;
	return 0;
}

static int read_dkim(struct auth_signature *s, const struct auth_tags *t, struct err *e)
{
	const struct auth_tag *i = auth_tags_get(t, "i");
	if (read_version(t, e) < 0 || read_common(s, t, e) < 0 || read_message(s, t, e) < 0 ||
	    read_number(t, "l", UINT64_MAX - 1, &s->length, e) < 0 || read_query(t, e) < 0)
		return -1;
	s->identity = i ? i->value : (struct span){0};
	return 0;
}

static int read_arc(struct auth_signature *s, const struct auth_tags *t, struct err *e)
{
	if (auth_tags_get(t, "v")) /* RFC 8617 4.1.2 */
		return err_set(e, EX_DATAERR, _("v= does not belong there"));
	return read_instance(s, t, e) < 0 || read_common(s, t, e) < 0 || read_message(s, t, e) < 0
		   ? -1
		   : 0;
}

static int read_seal(struct auth_signature *s, const struct auth_tags *t, struct err *e)
{
	const struct auth_tag *cv = auth_tags_get(t, "cv");
	if (read_instance(s, t, e) < 0 || read_common(s, t, e) < 0)
		return -1;
	if (!cv)
		return missing(e, "cv");
	if (!span_is_nocase(cv->value, "none") && !span_is_nocase(cv->value, "fail") &&
	    !span_is_nocase(cv->value, "pass"))
		return absurd(e, "cv", cv->value);
	if (auth_tags_get(t, "h")) /* RFC 8617 4.1.3 */
		return err_set(e, EX_DATAERR, _("h= does not belong there"));
	s->chain = to_lower(cv->value.ptr[0]);
	s->header = s->body = CANON_RELAXED;
	return 0;
}

int auth_signature_parse(struct auth_signature *out, enum auth_signature_kind kind,
    const struct auth_field *field, struct err *e)
{
	struct auth_signature s = {.field = field,
	    .length = UINT64_MAX,
	    .signature = BUF_INIT(BASE64_MAX),
	    .body_hash = BUF_INIT(BASE64_MAX)};
	struct auth_tags t;
	int r = auth_tags_parse_utf8(&t, field->value, e);
	if (r == 0)
		r = kind == AUTH_SIGNATURE_DKIM  ? read_dkim(&s, &t, e)
		    : kind == AUTH_SIGNATURE_ARC ? read_arc(&s, &t, e)
						 : read_seal(&s, &t, e);
	if (r < 0)
		auth_signature_release(&s);
	else
		*out = s;
	return r;
}

void auth_signature_release(struct auth_signature *s)
{
	free(s->domain);
	free(s->selector);
	buf_release(&s->signature);
	buf_release(&s->body_hash);
	s->domain = s->selector = NULL;
}

char *auth_signature_key_name(const struct auth_signature *s)
{
	return str_printf("%s._domainkey.%s", s->selector, s->domain);
}

const char *auth_signature_algorithm(enum sign_kind key, enum digest_kind digest)
{
	return key == SIGN_ED25519     ? "ed25519-sha256"
	       : digest == DIGEST_SHA1 ? "rsa-sha1"
				       : "rsa-sha256";
}

/* --- what is signed --- */

/* Only the first b= counts; a second one was refused. */
static void without_signature(struct buf *out, struct span raw)
{
	struct span spec, name;
	for (bool more = true, done = false; more;) {
		more = span_cut(&raw, ';', &spec);
		struct span rest = spec;
		bool b = span_cut(&rest, '=', &name) && !done;
		/* the first one has the field's name in front */
		ptrdiff_t colon = b ? span_index(name, ':') : -1;
		b = b && span_is(span_trim(span_skip(name, (size_t)(colon + 1))), "b");
		buf_add(out, b ? span_take(spec, name.len + 1) : spec);
		done |= b;
		if (more)
			buf_addc(out, ';');
	}
}

void auth_signature_unsigned(struct buf *out, enum canon how, struct span raw)
{
	struct buf text = BUF_INIT(AUTH_HEADER_MAX + 16);
	without_signature(&text, raw);
	canon_field(out, how, buf_span(&text));
	buf_release(&text);
}

void auth_signature_digest(enum digest_kind kind, enum canon how, const struct auth_fields *fields,
    struct span names, struct span raw, unsigned char out[DIGEST_MAX])
{
	struct buf text = BUF_INIT(4 * (AUTH_HEADER_MAX + 16));
	struct auth_picker pick;
	struct digest d;
	struct span name;
	digest_init(&d, kind);
	auth_picker_init(&pick, fields);
	while (auth_list_next(&names, ':', &name)) {
		const struct auth_field *f = auth_picker_take(&pick, name);
		if (f && f->raw.ptr == raw.ptr) /* other signatures may be signed, never itself */
			f = auth_picker_take(&pick, name);
		if (!f)
			continue;
		buf_reset(&text);
		canon_field(&text, how, f->raw);
		buf_addn(&text, "\r\n", 2);
		digest_add(&d, buf_span(&text));
	}
	buf_reset(&text);
	auth_signature_unsigned(&text, how, raw);
	digest_add(&d, buf_span(&text));
	auth_picker_release(&pick);
	buf_release(&text);
	digest_final(&d, out);
}
