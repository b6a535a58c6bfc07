#include "auth/dkim.h"

#include "auth/tags.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/intl.h"
#include "codec/base64.h"
#include "codec/idna.h"

#include <stdlib.h>

void dkim_read(struct dkim *d, struct auth_message *m)
{
	*d = (struct dkim){.message = m};
	for (size_t i = 0; i < m->fields.n; i++) {
		const struct auth_field *f = &m->fields.v[i];
		if (!span_is_nocase(f->name, "DKIM-Signature"))
			continue;
		if (d->n == DKIM_MAX) {
			d->more++;
			continue;
		}
		d->v = mem_resize(d->v, d->n + 1, sizeof(*d->v));
		struct dkim_one *one = &d->v[d->n++];
		*one = (struct dkim_one){.readable = false};
		struct auth_signature *s = &one->signature;
		one->readable = auth_signature_parse(s, AUTH_SIGNATURE_DKIM, f, &one->why) == 0;
		if (one->readable)
			one->hash = auth_body_want(&m->body, s->body, s->digest, s->length);
	}
}

void dkim_expect(const struct dkim *d, struct auth_ask *ask)
{
	for (size_t i = 0; i < d->n; i++) {
		if (!d->v[i].readable)
			continue;
		char *name = auth_signature_key_name(&d->v[i].signature);
		auth_ask_expect(ask, name, DNS_TXT);
		free(name);
	}
}

void dkim_release(struct dkim *d)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->v[i].readable)
			auth_signature_release(&d->v[i].signature);
	free(d->v);
	d->v = NULL;
	d->n = 0;
}

bool auth_domain_below(struct span domain, struct span parent)
{
	if (domain.len < parent.len ||
	    !span_eq_nocase(span_skip(domain, domain.len - parent.len), parent))
		return false;
	return domain.len == parent.len || domain.ptr[domain.len - parent.len - 1] == '.';
}

/* --- what a signature says of itself --- */

static bool names(const struct auth_signature *s, const char *wanted)
{
	struct span rest = s->names, name;
	while (auth_list_next(&rest, ':', &name))
		if (span_is_nocase(name, wanted))
			return true;
	return false;
}

/* The domain of i=, as A-labels. */
static bool identity_domain(const struct auth_signature *s, struct buf *out)
{
	ptrdiff_t at = -1;
	for (size_t i = 0; i < s->identity.len; i++)
		if (s->identity.ptr[i] == '@')
			at = (ptrdiff_t)i;
	return at >= 0 && idna_to_ascii(out, span_skip(s->identity, (size_t)at + 1), NULL) == 0;
}

/* RFC 6376 3.5: i= lies in d=, and 3.6.1: is d= itself where the key says so. */
static bool identity_fits(const struct auth_signature *s, bool strict, struct auth_result *r)
{
	struct buf domain = BUF_INIT(1024);
	struct span d = span_of(s->domain);
	bool good = !s->identity.len ||
		    (identity_domain(s, &domain) && auth_domain_below(buf_span(&domain), d) &&
			(!strict || domain.len == d.len));
	buf_release(&domain);
	if (!good)
		auth_say(r, AUTH_PERMERROR,
		    strict ? _("i=%.*s: the key is for the domain itself only (t=s)")
			   : _("i=%.*s does not belong to d="),
		    SPAN_ARG(span_take(s->identity, 100)));
	return good;
}

/* One more of these could be put in front of what was signed, and would be what people see. */
static void note_not_oversigned(
    const struct auth_signature *s, const struct auth_fields *f, struct auth_result *r)
{
	static const char *const single[] = {"From", "Subject", "To", "Date"};
	for (size_t i = 0; i < sizeof(single) / sizeof(single[0]); i++) {
		size_t listed = 0, there = auth_fields_count(f, span_of(single[i]));
		struct span rest = s->names, name;
		while (auth_list_next(&rest, ':', &name))
			listed += span_is_nocase(name, single[i]);
		if (there > listed && listed)
			auth_say_more(
			    r, _("only %zu of %zu %s fields are signed"), listed, there, single[i]);
		else if (there > listed)
			auth_step(r, _("%s is not signed"), single[i]);
		else
			auth_step(r,
			    listed > there ? _("%s is oversigned: none can be added")
					   : _("%s is signed, and not oversigned"),
			    single[i]);
	}
}

static void note_length(
    const struct auth_signature *s, const struct auth_body_hash *body, struct auth_result *r)
{
	if (s->length == UINT64_MAX)
		return;
	uint64_t left = body->seen - s->length;
	if (left)
		auth_say_more(r, _("l=: the last %llu octets of the body are not signed"),
		    (unsigned long long)left);
	else
		auth_say_more(r, _("l=: more may be added to the body"));
}

/* --- the check --- */

static void describe_fields(const struct auth_signature *s, struct auth_result *r)
{
	struct buf names = BUF_INIT(4096);
	for (size_t i = 0; i < s->names.len; i++)
		if (!is_space(s->names.ptr[i]))
			buf_addc(&names, s->names.ptr[i]);
	auth_step(r, _("%s signed by %s: %s/%s, fields %s"),
	    auth_signature_algorithm(s->key, s->digest), s->domain, canon_word(s->header),
	    canon_word(s->body), buf_cstr(&names));
	buf_release(&names);
}

static void describe(const struct auth_signature *s, struct auth_result *r)
{
	struct buf b = BUF_INIT(64);
	r->domain = span_dup(span_of(s->domain));
	r->selector = span_dup(span_of(s->selector));
	auth_property(r, "header.d", span_of(s->domain));
	auth_property(r, "header.i", s->identity);
	auth_property(r, "header.s", span_of(s->selector));
	auth_property(r, "header.a", span_of(auth_signature_algorithm(s->key, s->digest)));
	/* RFC 6008: the beginning of b= tells several signatures apart */
	base64_encode(&b, span_take(buf_span(&s->signature), 6));
	auth_property(r, "header.b", buf_span(&b));
	buf_release(&b);
	describe_fields(s, r);
}

/* A key in testing proves nothing, and its failures mean nothing: RFC 6376 3.6.1. */
static void weigh_testing(const struct auth_key *k, struct auth_result *r)
{
	if (!k->testing)
		return;
	if (r->code == AUTH_FAIL)
		r->code = AUTH_NEUTRAL;
	auth_say_more(r, _("the key is in testing (t=y)"));
}

static void check_digest(const struct dkim *d, const struct dkim_one *one, const struct auth_key *k,
    struct auth_result *r)
{
	const struct auth_signature *s = &one->signature;
	unsigned char digest[DIGEST_MAX];
	auth_signature_digest(
	    s->digest, s->header, &d->message->fields, s->names, s->field->raw, digest);
	if (auth_verify_digest(s, k, digest, r)) {
		note_length(s, &d->message->body.v[one->hash], r);
		note_not_oversigned(s, &d->message->fields, r);
	}
}

static int check_one(const struct dkim *d, const struct dkim_one *one, struct auth_ask *ask,
    const struct auth_key_policy *policy, struct auth_result *r, struct err *e)
{
	const struct auth_signature *s = &one->signature;
	struct auth_key k = {0};
	if (!one->readable) {
		auth_say(r, AUTH_NEUTRAL, "%s", one->why.text);
		return 0;
	}
	describe(s, r);
	if (!names(s, "From")) {
		auth_say(r, AUTH_PERMERROR, _("From is not signed"));
		return 0;
	}
	if (!identity_fits(s, false, r))
		return 0;
	bool before = auth_verify_before(s, policy, &d->message->body.v[one->hash], r);
	/* whoever tests is told even so what is wrong with the key */
	enum auth_code code = r->code;
	char *reason = before ? NULL : span_dup(span_of(r->reason));
	int found = auth_key_get(ask, s, policy, &k, r, e);
	if (!before && found >= 0 && (found > 0 || r->code != AUTH_TEMPERROR))
		auth_say(r, code, "%s", reason);
	free(reason);
	if (found <= 0)
		return found;
	if (before && identity_fits(s, k.strict_domain, r))
		check_digest(d, one, &k, r);
	weigh_testing(&k, r);
	return 0;
}

int dkim_check(const struct dkim *d, struct auth_ask *ask, const struct auth_key_policy *policy,
    struct auth_results *all, struct err *e)
{
	if (!d->n)
		auth_say(auth_results_add(all, "dkim"), AUTH_NONE, _("not signed"));
	for (size_t i = 0; i < d->n; i++)
		if (check_one(d, &d->v[i], ask, policy, auth_results_add(all, "dkim"), e) < 0)
			return -1;
	if (d->more)
		auth_say(auth_results_add(all, "dkim"), AUTH_POLICY,
		    _("%zu more signatures were not looked at: %d are enough"), d->more,
		    (int)DKIM_MAX);
	return 0;
}
