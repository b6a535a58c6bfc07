#include "auth/seal.h"

#include "auth/arc.h"
#include "auth/field.h"
#include "auth/write.h"
#include "base/alloc.h"
#include "base/intl.h"
#include "codec/base64.h"

#include <stdio.h>
#include <stdlib.h>

enum { FIELD_MAX = 1 << 20, NAMES_MAX = 64 * 1024 };

struct sealing {
	const struct arc_seal_options *o;
	struct auth_message all; /* its fields: the ones in front and the message's own */
	struct arc chain;
	unsigned instance;
	const char *validity; /* cv= */
	struct err *e;
};

void arc_seal_want(const struct arc_seal_options *o, struct auth_message *m)
{
	auth_body_want(&m->body, o->body, DIGEST_SHA256, UINT64_MAX);
}

/* --- what was found --- */

/* The Authentication-Results of our name. */
static const struct auth_field *next_ours(const struct sealing *s, size_t *at)
{
	const struct auth_fields *f = &s->all.fields;
	while (*at < f->n) {
		const struct auth_field *one = &f->v[(*at)++];
		if (span_is_nocase(one->name, "Authentication-Results") &&
		    auth_field_is_of(one->value, s->o->authserv_id))
			return one;
	}
	return NULL;
}

/* What we said of the chain that came. */
static void find_validity(const struct sealing *s, struct buf *out)
{
	const struct auth_field *f;
	for (size_t at = 0; !out->len && (f = next_ours(s, &at));)
		auth_field_result(f->value, "arc", out);
}

/* Does it say of itself already that it failed? Then nobody adds to it, 5.1. */
static bool failed_before(const struct arc *chain)
{
	for (size_t i = 0; i < chain->n; i++)
		if (chain->v[i].has_seal && chain->v[i].seal.chain == 'f')
			return true;
	return false;
}

/* A chain that came: 1 it is carried on, with what we found of it; 0 nothing is added; -1 nobody knows, or not now. */
static int carry_on(struct sealing *s, struct span found)
{
	if (!found.len)
		return err_set(s->e, EX_DATAERR,
		    _("the message has a chain, and no Authentication-Results of %s says whether "
		      "it is good"),
		    s->o->authserv_id);
	if (span_is_nocase(found, "temperror"))
		return err_set(s->e, EX_TEMPFAIL,
		    _("whether the chain that came is good is not known for now"));
	if (failed_before(&s->chain)) {
		err_set(s->e, EX_DATAERR, _("the chain that came failed before: not sealed"));
		return 0;
	}
	if (s->chain.n >= ARC_MAX) {
		err_set(s->e, EX_DATAERR,
		    _("the chain has %d instances, as many as there may be: not sealed"),
		    (int)ARC_MAX);
		return 0;
	}
	if (s->chain.broken.code || !span_is_nocase(found, "pass"))
		s->validity = "fail";
	return 1;
}

static int settle_chain(struct sealing *s)
{
	struct buf found = BUF_INIT(64);
	int r = 1;
	arc_read(&s->chain, &s->all);
	s->validity = s->chain.v ? "pass" : "none";
	if (s->chain.v) {
		find_validity(s, &found);
		r = carry_on(s, buf_span(&found));
	}
	s->instance = (unsigned)s->chain.n + 1;
	buf_release(&found);
	return r;
}

/* --- the three fields --- */

/* i=, our name, and all that we said; RFC 8617 4.1.1. */
static void write_results(const struct sealing *s, struct buf *out)
{
	const struct auth_field *f;
	size_t said = 0;
	buf_addf(out, "ARC-Authentication-Results: i=%u; %s", s->instance, s->o->authserv_id);
	for (size_t at = 0; (f = next_ours(s, &at));) {
		struct auth_field_parts p;
		auth_field_read(&p, f->value);
		struct span rest = p.results;
		while (rest.len && is_space(rest.ptr[rest.len - 1]))
			rest.len--;
		buf_addc(out, ';');
		for (size_t i = 0; i < rest.len; i++)
			if (rest.ptr[i] != '\r')
				buf_addc(out, rest.ptr[i]);
		said += rest.len;
		auth_field_release(&p);
	}
	buf_adds(out, said ? "\n" : "; none\n");
}

/* RFC 8617 4.1.2: what a DKIM signature covers and the DKIM signatures, but nothing of ARC and no results. */
static void names_of(const struct sealing *s, struct buf *names)
{
	struct dkim_sign_options usual = {.oversign = false};
	size_t n = auth_fields_count(&s->all.fields, SPAN("DKIM-Signature"));
	dkim_sign_names(&usual, &s->all.fields, names);
	for (; n; n--)
		buf_adds(names, names->len ? ":dkim-signature" : "dkim-signature");
}

static int write_message(
    const struct sealing *s, const struct auth_body_hash *body, struct buf *out)
{
	struct auth_writer w;
	struct buf names = BUF_INIT(NAMES_MAX), hash = BUF_INIT(128);
	char canon[32];
	snprintf(canon, sizeof(canon), "%s/%s", canon_word(s->o->header), canon_word(s->o->body));
	names_of(s, &names);
	base64_encode(&hash, span_make((const char *)body->sum, body->len));
	auth_write_begin(&w, "ARC-Message-Signature", s->instance, s->o->by.key, s->o->header);
	auth_write_tag(&w, "bh", buf_span(&hash));
	auth_write_tag(&w, "c", span_of(canon));
	auth_write_tag(&w, "d", span_of(s->o->by.domain));
	auth_write_tag(&w, "h", buf_span(&names));
	auth_write_tag(&w, "s", span_of(s->o->by.selector));
	auth_write_number(&w, "t", s->o->time_s);
	int r = auth_write_end(&w, &s->all.fields, buf_span(&names), out, s->e);
	buf_release(&names);
	buf_release(&hash);
	return r;
}

static struct span without_line_end(const struct buf *b)
{
	return span_chomp(buf_span(b));
}

static int write_seal(struct sealing *s, struct span results, struct span message, struct buf *out)
{
	struct auth_writer w;
	unsigned char digest[DIGEST_MAX];
	struct auth_field fields[2] = {{.raw = results}, {.raw = message}};
	struct arc_set *v = mem_new(s->instance, sizeof(*v));
	struct arc chain = {.v = v, .n = s->instance};
	if (s->chain.n)
		memcpy(v, s->chain.v, s->chain.n * sizeof(*v));
	v[s->instance - 1].results = &fields[0];
	v[s->instance - 1].message.field = &fields[1];
	auth_write_begin(&w, "ARC-Seal", s->instance, s->o->by.key, CANON_RELAXED);
	auth_write_tag(&w, "cv", span_of(s->validity));
	auth_write_tag(&w, "d", span_of(s->o->by.domain));
	auth_write_tag(&w, "s", span_of(s->o->by.selector));
	auth_write_number(&w, "t", s->o->time_s);
	/* a seal over a chain that failed covers its own set alone, 5.1.2 */
	bool only = strcmp(s->validity, "fail") == 0;
	arc_seal_digest(&chain, s->instance, only, auth_write_text(&w), digest);
	free(v);
	return auth_write_signed(&w, digest, out, s->e);
}

static int write_set(struct sealing *s, const struct auth_body_hash *body, struct buf *out)
{
	struct buf results = BUF_INIT(FIELD_MAX), message = BUF_INIT(FIELD_MAX),
		   seal = BUF_INIT(FIELD_MAX);
	write_results(s, &results);
	int r = write_message(s, body, &message);
	if (r == 0)
		r = write_seal(s, without_line_end(&results), without_line_end(&message), &seal);
	if (r == 0 && results.over)
		r = err_set(s->e, EX_DATAERR, _("Authentication-Results of a megabyte"));
	buf_add(out, buf_span(&seal));
	buf_add(out, buf_span(&message));
	buf_add(out, buf_span(&results));
	buf_release(&results);
	buf_release(&message);
	buf_release(&seal);
	return r;
}

static const struct auth_body_hash *body_hash(
    const struct arc_seal_options *o, const struct auth_message *m)
{
	for (size_t i = 0; i < m->body.n; i++) {
		const struct auth_body_hash *h = &m->body.v[i];
		if (h->how == o->body && h->kind == DIGEST_SHA256 && h->limit == UINT64_MAX)
			return h;
	}
	BUG("the body was not asked for");
}

int arc_seal(const struct arc_seal_options *o, const struct auth_message *m, struct span front,
    struct buf *out, struct err *e)
{
	struct sealing s = {.o = o, .e = e};
	struct buf header = BUF_INIT(2 * AUTH_HEADER_MAX);
	buf_add(&header, front);
	for (size_t i = 0; i < m->fields.n; i++) {
		buf_add(&header, m->fields.v[i].raw);
		buf_addc(&header, '\n');
	}
	auth_message_init(&s.all);
	int r = sink_put(&s.all.sink, buf_span(&header), e);
	if (r == 0)
		r = sink_end(&s.all.sink, e);
	if (r == 0)
		r = settle_chain(&s);
	if (r > 0)
		r = write_set(&s, body_hash(o, m), out) < 0 ? -1 : 1;
	arc_release(&s.chain);
	auth_message_release(&s.all);
	buf_release(&header);
	return r;
}
