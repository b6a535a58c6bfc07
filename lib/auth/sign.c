#include "auth/sign.h"

#include "auth/tags.h"
#include "auth/write.h"
#include "base/alloc.h"
#include "base/intl.h"
#include "codec/base64.h"

#include <stdio.h>

enum { NAMES_MAX = 64 * 1024, EACH_MAX = 100 };

/* In this order they stand in h=. once: RFC 5322 3.6 or 2045 allow one only, and a second one is what some would show. */
static const struct known {
	const char *name;
	bool once;
} known[] = {{"from", true}, {"sender", true}, {"reply-to", true}, {"subject", true},
    {"date", true}, {"message-id", true}, {"to", true}, {"cc", true}, {"in-reply-to", true},
    {"references", true}, {"mime-version", true}, {"content-type", true},
    {"content-transfer-encoding", true}, {"content-disposition", false}, {"content-id", false},
    {"content-description", false}, {"content-language", false}, {"resent-date", false},
    {"resent-from", false}, {"resent-sender", false}, {"resent-to", false}, {"resent-cc", false},
    {"resent-message-id", false}, {"list-id", false}, {"list-help", false},
    {"list-unsubscribe", false}, {"list-unsubscribe-post", false}, {"list-subscribe", false},
    {"list-post", false}, {"list-owner", false}, {"list-archive", false}, {"keywords", false},
    {"comments", false}, {"autocrypt", false}, {"openpgp", false}, {"feedback-id", false},
    {"auto-submitted", false}, {"importance", false}, {"disposition-notification-to", false},
    {"organization", false}, {"hp-outer", false}};

int dkim_canon_parse(struct dkim_sign_options *o, const char *text, struct err *e)
{
	struct span body = span_of(text), header;
	bool both = span_cut(&body, '/', &header);
	o->body = CANON_SIMPLE;
	if (canon_parse(header, &o->header) && (!both || canon_parse(body, &o->body)))
		return 0;
	return err_set(e, EX_USAGE,
	    _("--canon: \"%s\" is none of relaxed/relaxed, relaxed/simple, simple/relaxed, "
	      "simple/simple"),
	    text);
}

static bool is_name(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] <= ' ' || s.ptr[i] >= 0x7f || s.ptr[i] == ';')
			return false;
	return s.len > 0;
}

int dkim_names_check(const char *names, struct err *e)
{
	struct span rest = span_of(names), name;
	bool from = false;
	while (auth_list_next(&rest, ':', &name)) {
		if (!is_name(name))
			return err_set(e, EX_USAGE,
			    _("--sign-headers: \"%.*s\" is no name of a field"), SPAN_ARG(name));
		if (span_is_nocase(name, "DKIM-Signature"))
			return err_set(
			    e, EX_USAGE, _("--sign-headers: a signature does not sign itself"));
		from |= span_is_nocase(name, "From");
	}
	return from ? 0 : err_set(e, EX_USAGE, _("--sign-headers: From must be among them"));
}

void dkim_sign_want(const struct dkim_sign_options *o, struct auth_message *m)
{
	auth_body_want(&m->body, o->body, DIGEST_SHA256, UINT64_MAX);
}

/* --- h= --- */

static void add_name(struct buf *out, struct span name)
{
	if (out->len)
		buf_addc(out, ':');
	for (size_t i = 0; i < name.len; i++)
		buf_addc(out, to_lower(name.ptr[i]));
}

static bool seen_before(struct span all, struct span name)
{
	struct span rest = span_take(all, (size_t)(name.ptr - all.ptr)), other;
	while (auth_list_next(&rest, ':', &other))
		if (other.len && span_eq_nocase(other, name))
			return true;
	return false;
}

/* As the caller listed them; with oversign each is named once more than it stands there. */
static void listed_names(
    const struct dkim_sign_options *o, const struct auth_fields *f, struct buf *out)
{
	struct span all = span_of(o->names), rest = all, name;
	while (auth_list_next(&rest, ':', &name))
		add_name(out, name);
	rest = all;
	while (o->oversign && auth_list_next(&rest, ':', &name)) {
		size_t listed = 0, there = auth_fields_count(f, name);
		struct span again = all, other;
		while (auth_list_next(&again, ':', &other))
			listed += span_eq_nocase(name, other);
		for (; !seen_before(all, name) && listed <= there && listed < EACH_MAX; listed++)
			add_name(out, name);
	}
}

void dkim_sign_names(
    const struct dkim_sign_options *o, const struct auth_fields *f, struct buf *out)
{
	if (o->names) {
		listed_names(o, f, out);
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		struct span name = span_of(known[i].name);
		size_t n = auth_fields_count(f, name);
		n = n > EACH_MAX ? EACH_MAX : n;
		n += (known[i].once && n) || (o->oversign && known[i].once);
		while (n--)
			add_name(out, name);
	}
}

/* --- the signatures --- */

static int check(const struct auth_message *m, struct err *e)
{
	size_t from = auth_fields_count(&m->fields, SPAN("From"));
	if (!m->fields.n)
		return err_set(
		    e, EX_DATAERR, m->size ? _("there is no header") : _("there is no message"));
	if (!from)
		return err_set(e, EX_DATAERR, _("no From: there is nobody to sign for"));
	if (from > 1)
		return err_set(
		    e, EX_DATAERR, _("%zu From fields: nobody knows which is shown"), from);
	return 0;
}

static int sign_one(const struct dkim_sign_options *o, const struct dkim_signer *by,
    const struct auth_message *m, struct span names, struct span hash, struct buf *out,
    struct err *e)
{
	struct auth_writer w;
	char canon[32];
	snprintf(canon, sizeof(canon), "%s/%s", canon_word(o->header), canon_word(o->body));
	auth_write_begin(&w, "DKIM-Signature", 0, by->key, o->header);
	auth_write_tag(&w, "bh", hash);
	auth_write_tag(&w, "c", span_of(canon));
	auth_write_tag(&w, "d", span_of(by->domain));
	auth_write_tag(&w, "h", names);
	auth_write_tag(&w, "s", span_of(by->selector));
	auth_write_number(&w, "t", o->time_s);
	auth_write_tag(&w, "v", SPAN("1"));
	if (o->expires_s >= 0)
		auth_write_number(&w, "x", o->expires_s);
	return auth_write_end(&w, &m->fields, names, out, e);
}

int dkim_sign(
    const struct dkim_sign_options *o, const struct auth_message *m, struct buf *out, struct err *e)
{
	struct buf names = BUF_INIT(NAMES_MAX), hash = BUF_INIT(128);
	const struct auth_body_hash *body = NULL;
	int r = check(m, e);
	for (size_t i = 0; i < m->body.n; i++)
		if (m->body.v[i].how == o->body && m->body.v[i].kind == DIGEST_SHA256 &&
		    m->body.v[i].limit == UINT64_MAX)
			body = &m->body.v[i];
	ENSURE(body);
	base64_encode(&hash, span_make((const char *)body->sum, body->len));
	dkim_sign_names(o, &m->fields, &names);
	if (r == 0 && names.over)
		r = err_set(e, EX_DATAERR, _("too many fields to sign"));
	for (size_t i = 0; r == 0 && i < o->n; i++)
		r = sign_one(o, &o->v[i], m, buf_span(&names), buf_span(&hash), out, e);
	buf_release(&names);
	buf_release(&hash);
	return r;
}
