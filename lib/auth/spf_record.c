#include "auth/spf_record.h"

#include "auth/spf_macro.h"
#include "base/alloc.h"
#include "base/intl.h"

#include <arpa/inet.h>
#include <stdlib.h>

enum { TERMS_MAX = 1024 };

static int bad(struct err *e, const struct spf_term *t, const char *why)
{
	return err_set(e, EX_DATAERR, "\"%.*s\": %s", SPAN_ARG(span_take(t->text, 100)), why);
}

/* "/24" at the end of *s: 1 and it is cut off, 0 there is none, -1 it is wrong. slashes: how many stand before the number. */
static int take_prefix(struct span *s, size_t slashes, unsigned max, unsigned *out)
{
	size_t at = s->len;
	uint64_t bits;
	while (at && is_digit(s->ptr[at - 1]))
		at--;
	if (at < slashes || !at || s->ptr[at - 1] != '/')
		return 0;
	bool two = at >= 2 && s->ptr[at - 2] == '/';
	if (two != (slashes == 2))
		return 0;
	struct span digits = span_skip(*s, at);
	if (!span_to_u64(digits, max, &bits) || (digits.len > 1 && digits.ptr[0] == '0'))
		return -1;
	*out = (unsigned)bits;
	s->len = at - slashes;
	return 1;
}

/* a and mx: [":" domain-spec] ["/" bits4] ["//" bits6] */
static int read_host(struct spf_term *t, struct span rest, bool colon, struct err *e)
{
	if (take_prefix(&rest, 2, 128, &t->bits6) < 0 || take_prefix(&rest, 1, 32, &t->bits4) < 0)
		return bad(e, t, _("a prefix length that is none"));
	if (!colon && rest.len)
		return bad(e, t, _("not a prefix length"));
	if (!colon)
		return 0;
	t->domain = rest;
	return spf_is_domain_spec(rest) ? 0 : bad(e, t, _("not a domain"));
}

/* inet_pton takes what RFC 7208 5.6 takes, and no leading zeros */
static int read_network(struct spf_term *t, struct span rest, struct err *e)
{
	bool six = t->kind == SPF_IP6;
	char text[INET6_ADDRSTRLEN];
	if (take_prefix(&rest, 1, six ? 128 : 32, six ? &t->bits6 : &t->bits4) < 0)
		return bad(e, t, _("a prefix length that is none"));
	if (rest.len >= sizeof(text) || memchr(rest.ptr, '\0', rest.len))
		return bad(e, t, _("not an address"));
	memcpy(text, rest.ptr, rest.len);
	text[rest.len] = '\0';
	if (inet_pton(six ? AF_INET6 : AF_INET, text, t->address) != 1)
		return bad(e, t, six ? _("not an IPv6 address") : _("not an IPv4 address"));
	return 0;
}

static int read_domain(struct spf_term *t, struct span domain, struct err *e)
{
	t->domain = domain;
	return spf_is_domain_spec(domain) ? 0 : bad(e, t, _("not a domain"));
}

static int read_mechanism(struct spf_term *t, struct span rest, struct err *e)
{
	static const struct {
		const char *name;
		enum spf_kind kind;
	} known[] = {{"all", SPF_ALL}, {"include", SPF_INCLUDE}, {"a", SPF_A}, {"mx", SPF_MX},
	    {"ptr", SPF_PTR}, {"ip4", SPF_IP4}, {"ip6", SPF_IP6}, {"exists", SPF_EXISTS}};
	size_t len = 0, i;
	while (len < rest.len && rest.ptr[len] != ':' && rest.ptr[len] != '/')
		len++;
	for (i = 0; i < ARRAY_LEN(known) && !span_is_nocase(span_take(rest, len), known[i].name);
	     i++)
		;
	if (i == ARRAY_LEN(known))
		return bad(e, t, _("no mechanism of SPF"));
	t->kind = known[i].kind;
	rest = span_skip(rest, len);
	bool colon = rest.len && rest.ptr[0] == ':';
	struct span value = span_skip(rest, colon);
	switch (t->kind) {
	case SPF_ALL: return rest.len ? bad(e, t, _("\"all\" takes nothing")) : 0;
	case SPF_A:
	case SPF_MX: return read_host(t, value, colon, e);
	case SPF_PTR:
		if (!rest.len)
			return 0;
		break;
	case SPF_IP4:
	case SPF_IP6: return colon ? read_network(t, value, e) : bad(e, t, _("no network"));
	default: break;
	}
	return colon ? read_domain(t, value, e) : bad(e, t, _("no domain"));
}

static bool is_modifier_name(struct span s)
{
	if (!s.len || !is_alpha(s.ptr[0]))
		return false;
	for (size_t i = 1; i < s.len; i++)
		if (!is_alpha(s.ptr[i]) && !is_digit(s.ptr[i]) && !memchr("-_.", s.ptr[i], 3))
			return false;
	return true;
}

static int read_modifier(struct spf_term *t, struct span name, struct span value, struct err *e)
{
	t->kind = span_is_nocase(name, "redirect") ? SPF_REDIRECT
		  : span_is_nocase(name, "exp")    ? SPF_EXP
						   : SPF_UNKNOWN;
	if (t->kind != SPF_UNKNOWN)
		return read_domain(t, value, e);
	t->domain = value;
	return spf_is_macro_string(value) ? 0 : bad(e, t, _("not a macro string"));
}

static int read_term(struct spf_term *t, struct err *e)
{
	struct span rest = t->text, name;
	/* a modifier is a name and "="; a mechanism has ":" or "/" before any "=" */
	if (span_cut(&rest, '=', &name) && is_modifier_name(name))
		return read_modifier(t, name, rest, e);
	rest = t->text;
	t->qualifier = '+';
	if (memchr("+-~?", rest.ptr[0], 4)) {
		t->qualifier = rest.ptr[0];
		rest = span_skip(rest, 1);
	}
	return read_mechanism(t, rest, e);
}

/* RFC 7208 6: redirect and exp may stand there once each. */
static bool is_second(const struct spf_record *r, enum spf_kind kind)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->v[i].kind == kind)
			return kind == SPF_REDIRECT || kind == SPF_EXP;
	return false;
}

static int read_terms(struct spf_record *r, struct span text, struct err *e)
{
	struct span word;
	for (bool more = true; more;) {
		more = span_cut(&text, ' ', &word);
		struct spf_term t = {.text = word, .bits4 = 32, .bits6 = 128};
		if (!word.len)
			continue;
		if (read_term(&t, e) < 0)
			return -1;
		if (is_second(r, t.kind))
			return bad(e, &t, _("stands there twice"));
		if (r->n == TERMS_MAX)
			return err_set(e, EX_DATAERR, _("more than %d terms"), (int)TERMS_MAX);
		r->v = mem_resize(r->v, r->n + 1, sizeof(*r->v));
		r->v[r->n++] = t;
	}
	return 0;
}

int spf_record_parse(struct spf_record *out, struct span text, struct err *e)
{
	struct spf_record r = {0};
	struct span version;
	/* RFC 7208 4.5: "v=spf10" is another version */
	span_cut(&text, ' ', &version);
	if (!span_is_nocase(version, "v=spf1"))
		return err_set(e, EX_DATAERR, _("it must begin with v=spf1"));
	if (read_terms(&r, text, e) < 0) {
		spf_record_release(&r);
		return -1;
	}
	*out = r;
	return 0;
}

void spf_record_release(struct spf_record *r)
{
	free(r->v);
	*r = (struct spf_record){0};
}
