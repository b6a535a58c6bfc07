/* spf.c - RFC 7208: the tree of includes as a receiver walks it, with its look-ups counted (4.6.4). */
#include "auth/spf_macro.h"
#include "auth/spf_record.h"
#include "base/alloc.h"
#include "base/intl.h"
#include "policy/room.h"

#include <stdlib.h>

enum {
	LOOKUPS_MAX = 10,
	VOIDS_MAX = 2,
	WALK_MAX = 40,
	DEPTH_MAX = 10,
	LONG_RECORD = 450,
	LINE_MAX_BYTES = 8192
};

struct walk {
	struct policy_check *c;
	const char *path[DEPTH_MAX];  /* from the domain down to the include at hand */
	struct span texts[DEPTH_MAX]; /* and their records */
	size_t depth;
	bool top_all; /* the domain's own record, or its redirect, ends in all */
};

static void walk_record(struct walk *w, const char *domain, bool top);

static char *line(const char *domain, const char *text)
{
	return str_printf("%s. TXT \"%s\"", domain, text);
}

/* "in _spf.example.net: " for what is not the domain's own. */
static const char *place(const struct walk *w)
{
	return w->depth > 1 ? w->path[w->depth - 1] : w->c->domain;
}

/* The domain's own record with more at its end and without a term (text NULL: with all of them): the line to publish. NULL: it is somebody else's. */
static char *own_line(const struct walk *w, struct span term, const char *more)
{
	struct buf b = BUF_INIT(LINE_MAX_BYTES);
	struct span text = w->texts[0], before = text;
	if (w->depth != 1)
		return NULL;
	if (term.ptr) {
		before = span_trim(span_take(text, (size_t)(term.ptr - text.ptr)));
		text = span_skip(text, (size_t)(term.ptr + term.len - text.ptr));
	} else {
		text = (struct span){0};
	}
	buf_addf(&b, "%s. TXT \"%.*s%.*s%s\"", w->path[0], SPAN_ARG(before), SPAN_ARG(text), more);
	char *out = b.over ? NULL : buf_detach(&b);
	buf_release(&b);
	return out;
}

static void count_void(struct walk *w, const struct dns_answer *a)
{
	if (a->status == DNS_NO_NAME || a->status == DNS_NO_DATA)
		w->c->found.spf_voids++;
}

static void look(struct walk *w, const struct spf_term *t, unsigned type, const char *domain)
{
	const struct dns_answer *a = policy_ask(w->c, "", domain, type);
	if (!a)
		return;
	count_void(w, a);
	if (a->status == DNS_NO_NAME || a->status == DNS_NO_DATA)
		policy_find(w->c, POLICY_WARNING, "SPF", own_line(w, t->text, ""),
		    _("it matches nobody, and each receiver pays a look-up for it; two such are "
		      "allowed (RFC 7208 4.6.4)"),
		    _("%s: \"%.*s\" finds nothing"), place(w), SPAN_ARG(t->text));
	if (type == DNS_MX && a->n > 10)
		policy_find(w->c, POLICY_ERROR, "SPF", NULL,
		    _("more than ten mail servers are a permanent error (RFC 7208 4.6.4)"),
		    _("%s: \"%.*s\" has %zu mail servers"), place(w), SPAN_ARG(t->text), a->n);
}

static void go_down(struct walk *w, const struct spf_term *t, const char *domain)
{
	for (size_t i = 0; i < w->depth; i++)
		if (strcmp(w->path[i], domain) == 0) {
			policy_find(w->c, POLICY_ERROR, "SPF", own_line(w, t->text, ""),
			    _("it never ends: a permanent error for every receiver"),
			    _("%s: \"%.*s\" leads back to a record that includes it"), place(w),
			    SPAN_ARG(t->text));
			return;
		}
	if (w->depth == DEPTH_MAX)
		return;
	/* a redirect takes the place of the record it stands in */
	walk_record(w, domain, t->kind == SPF_REDIRECT && w->depth == 1);
}

/* What a term asks for; its macros stand for the domain, or something of the client (RFC 7208 7.2) that nobody knows here: NULL. malloc'ed. */
static char *target(const struct walk *w, const struct spf_term *t)
{
	const char *at = w->path[w->depth - 1];
	const struct spf_values v = {
	    .local = "postmaster", .sender_domain = w->c->domain, .domain = at, .helo = at};
	for (const char *client = "slipvhcrt"; *client; client++)
		if (spf_macro_uses(t->domain, *client))
			return NULL;
	char *domain = t->domain.len ? spf_expand_domain(&v, t->domain) : str_dup(at);
	for (char *p = domain; p && *p; p++)
		*p = to_lower(*p);
	return domain;
}

/* One that costs a look-up. */
static void follow(struct walk *w, const struct spf_term *t)
{
	w->c->found.spf_lookups++;
	if (w->c->found.spf_lookups > WALK_MAX)
		return;
	char *domain = target(w, t);
	if (!domain) {
		policy_find(w->c, POLICY_FACT, "SPF", NULL, NULL,
		    _("%s: \"%.*s\" depends on who sends: it counts, and is not followed"),
		    place(w), SPAN_ARG(t->text));
		return;
	}
	switch (t->kind) {
	case SPF_INCLUDE:
	case SPF_REDIRECT: go_down(w, t, domain); break;
	case SPF_A: look(w, t, DNS_A, domain); break;
	case SPF_MX: look(w, t, DNS_MX, domain); break;
	case SPF_EXISTS: look(w, t, DNS_A, domain); break;
	default: break;
	}
	free(domain);
}

static void judge_all(struct walk *w, const struct spf_term *t, bool top)
{
	w->top_all |= top;
	if (t->qualifier == '+')
		policy_find(w->c, POLICY_ERROR, "SPF",
		    top ? line(w->c->domain, "v=spf1 mx -all") : NULL,
		    _("everybody may send in the domain's name"), _("%s: \"%.*s\""), place(w),
		    SPAN_ARG(t->text));
	else if (top && t->qualifier == '?')
		policy_find(w->c, POLICY_WARNING, "SPF", own_line(w, t->text, " ~all"),
		    _("nothing is said of all other senders; ~all or -all would"),
		    _("%s: \"%.*s\""), place(w), SPAN_ARG(t->text));
}

static void judge_range(struct walk *w, const struct spf_term *t)
{
	bool six = t->kind == SPF_IP6;
	unsigned bits = six ? t->bits6 : t->bits4, few = six ? 32 : 16, absurd = six ? 16 : 8;
	if (bits >= few)
		return;
	policy_find(w->c, bits < absurd ? POLICY_ERROR : POLICY_WARNING, "SPF", NULL,
	    _("whoever has an address in so large a network may send in the domain's name"),
	    _("%s: \"%.*s\""), place(w), SPAN_ARG(t->text));
}

static void judge_term(struct walk *w, const struct spf_record *r, size_t i, bool top)
{
	const struct spf_term *t = &r->v[i];
	switch (t->kind) {
	case SPF_ALL: judge_all(w, t, top); break;
	case SPF_IP4:
	case SPF_IP6: judge_range(w, t); break;
	case SPF_PTR:
		policy_find(w->c, POLICY_WARNING, "SPF", own_line(w, t->text, ""),
		    _("it is slow, unreliable, and should not be used (RFC 7208 5.5); some "
		      "receivers pass it over"),
		    _("%s: \"%.*s\""), place(w), SPAN_ARG(t->text));
		follow(w, t);
		break;
	case SPF_INCLUDE:
	case SPF_A:
	case SPF_MX:
	case SPF_EXISTS: follow(w, t); break;
	default: break;
	}
}

static void walk_terms(struct walk *w, const struct spf_record *r, bool top)
{
	const struct spf_term *redirect = NULL;
	bool all = false;
	for (size_t i = 0; i < r->n; i++) {
		const struct spf_term *t = &r->v[i];
		if (t->kind == SPF_REDIRECT)
			redirect = t;
		else if (all && t->kind < SPF_REDIRECT)
			policy_find(w->c, POLICY_WARNING, "SPF", own_line(w, t->text, ""),
			    _("what stands behind \"all\" is never looked at (RFC 7208 5.1)"),
			    _("%s: \"%.*s\""), place(w), SPAN_ARG(t->text));
		else
			judge_term(w, r, i, top);
		all |= t->kind == SPF_ALL;
	}
	if (redirect && all)
		policy_find(w->c, POLICY_WARNING, "SPF", own_line(w, redirect->text, ""),
		    _("beside \"all\" it is never looked at (RFC 7208 6.1)"), _("%s: \"%.*s\""),
		    place(w), SPAN_ARG(redirect->text));
	if (redirect && !all)
		follow(w, redirect);
}

static void judge_count(struct walk *w, const char *domain, size_t n, bool top)
{
	bool null = w->c->plan->error.code == EX_UNAVAILABLE;
	if (n > 1)
		policy_find(w->c, POLICY_ERROR, "SPF", NULL,
		    _("more than one record is a permanent error (RFC 7208 4.5): keep one"),
		    _("%s has %zu SPF records"), domain, n);
	else if (w->depth)
		policy_find(w->c, POLICY_ERROR, "SPF", NULL,
		    _("to include a domain without a record is a permanent error (RFC 7208 5.2)"),
		    _("%s has no SPF record"), domain);
	else
		policy_find(w->c, POLICY_WARNING, "SPF",
		    line(domain, null  ? "v=spf1 -all"
				 : top ? "v=spf1 mx -all"
				       : "v=spf1 mx ~all"),
		    _("receivers cannot tell who may send in the domain's name, and trust it less"),
		    _("no SPF record"));
}

static bool spf_record_has(const struct spf_record *r, enum spf_kind kind)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->v[i].kind == kind)
			return true;
	return false;
}

static void walk_text(struct walk *w, struct span text, const char *domain, bool top)
{
	struct spf_record r;
	struct err why = ERR_INIT;
	if (top)
		policy_find(
		    w->c, POLICY_FACT, "SPF", NULL, NULL, "%.*s", SPAN_ARG(span_take(text, 4096)));
	if (text.len > LONG_RECORD && top)
		policy_find(w->c, POLICY_WARNING, "SPF", NULL,
		    _("with its name it should fit into 512 octets (RFC 7208 3.4)"),
		    _("the record has %zu octets"), text.len);
	if (spf_record_parse(&r, text, &why) < 0) {
		policy_find(w->c, POLICY_ERROR, "SPF", NULL,
		    _("a permanent error: receivers treat the domain as if nothing were right"),
		    "%s: %s", domain, why.text);
		return;
	}
	w->texts[w->depth] = text;
	w->path[w->depth++] = domain;
	walk_terms(w, &r, top);
	if (top && !w->top_all && !spf_record_has(&r, SPF_REDIRECT))
		policy_find(w->c, POLICY_WARNING, "SPF", own_line(w, (struct span){0}, " ~all"),
		    _("nothing is said of all other senders; ~all or -all would"),
		    _("the record does not end in \"all\""));
	w->depth--;
	spf_record_release(&r);
}

static void walk_record(struct walk *w, const char *domain, bool top)
{
	const struct dns_answer *a = policy_ask(w->c, "", domain, DNS_TXT);
	struct span text;
	if (!a)
		return;
	if (w->depth)
		count_void(w, a);
	if (policy_failed(w->c, "SPF", a))
		return;
	size_t n = policy_records(a, "v=spf1", &text);
	if (n == 1)
		walk_text(w, text, domain, top);
	else
		judge_count(w, domain, n, top);
}

static void judge_sum(struct policy_check *c)
{
	unsigned lookups = c->found.spf_lookups, voids = c->found.spf_voids;
	bool over = lookups > LOOKUPS_MAX;
	policy_find(c, over ? POLICY_ERROR : POLICY_FACT, "SPF", NULL,
	    over ? _("more than ten are a permanent error (RFC 7208 4.6.4): put networks in the "
		     "place of includes")
		 : NULL,
	    _("%u look-ups of %d, %u of them found nothing"), lookups, (int)LOOKUPS_MAX, voids);
	if (voids > VOIDS_MAX)
		policy_find(c, POLICY_ERROR, "SPF", NULL,
		    _("more than two are a permanent error for many receivers (RFC 7208 4.6.4)"),
		    _("%u look-ups find nothing"), voids);
}

void policy_spf(struct policy_check *c)
{
	struct walk w = {.c = c};
	size_t before = c->found.n;
	walk_record(&w, c->domain, true);
	if (c->found.n == before || c->found.v[before].level != POLICY_FACT)
		return;
	judge_sum(c);
}
