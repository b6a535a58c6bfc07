/* spf.c - check_host(): RFC 7208 4 to 6. A record's questions are asked all at once, and its terms looked at one by one. */
#include "auth/spf.h"

#include "auth/spf_macro.h"
#include "auth/spf_record.h"
#include "base/alloc.h"
#include "base/intl.h"
#include "codec/idna.h"

#include <arpa/inet.h>
#include <stdlib.h>

enum { LOOKUPS_MAX = 10, VOIDS_MAX = 2, NAMES_MAX = 10, EXPLANATION_MAX = 2048 };

struct spf {
	struct auth_ask *ask;
	struct auth_result *r;
	struct err *e;
	struct spf_values values; /* domain: the one at hand */
	char *local, *sender_domain, *validated;
	bool utf8_local; /* RFC 8616 4: terms with the local part match nothing */
	bool validated_known;
	unsigned lookups, voids;
	char *explanation;
};
/* What a term came to. */
enum match { NO_MATCH, MATCH, TEMPORARY, PERMANENT, STOP };

static int check_host(struct spf *s, const char *domain, bool top, enum auth_code *out);

/* --- addresses --- */

static bool read_ip(struct spf_values *v, const char *text)
{
	static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
	if (inet_pton(AF_INET, text, v->ip) == 1)
		return true;
	if (inet_pton(AF_INET6, text, v->ip) != 1)
		return false;
	v->six = memcmp(v->ip, mapped, sizeof(mapped)) != 0;
	if (!v->six) /* 5: an IPv4 client of a socket that takes both */
		memmove(v->ip, v->ip + 12, 4);
	return true;
}

static bool in_network(const unsigned char *a, const unsigned char *b, unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;
	if (memcmp(a, b, whole) != 0)
		return false;
	unsigned char mask = (unsigned char)(0xff00u >> rest);
	return !rest || ((a[whole] ^ b[whole]) & mask) == 0;
}

/* Is the client among these A or AAAA records? */
static bool among(const struct spf *s, const struct dns_answer *a, const struct spf_term *t)
{
	size_t octets = s->values.six ? 16 : 4;
	unsigned bits = t ? (s->values.six ? t->bits6 : t->bits4) : (unsigned)octets * 8;
	for (size_t i = 0; i < a->n; i++)
		if (a->v[i].len == octets && in_network(a->v[i].data, s->values.ip, bits))
			return true;
	return false;
}

/* --- questions --- */

static enum match permanent(struct spf *s, const char *domain, const char *why)
{
	auth_say(s->r, AUTH_PERMERROR, "%s: %s", domain, why);
	return PERMANENT;
}

static unsigned address_type(const struct spf *s)
{
	return s->values.six ? DNS_AAAA : DNS_A;
}

/* An answer without records counts, 4.6.4. Anything but NO_MATCH ends the check. */
static enum match ask(
    struct spf *s, const char *name, unsigned type, bool counts, const struct dns_answer **out)
{
	const struct dns_answer *a = auth_ask(s->ask, name, type, s->e);
	if (!a)
		return STOP;
	*out = a;
	if (auth_ask_failed(a)) {
		auth_say(s->r, AUTH_TEMPERROR, "%s: %s", name, a->why);
		return TEMPORARY;
	}
	if (counts && !a->n && ++s->voids > VOIDS_MAX)
		return permanent(
		    s, s->values.domain, _("more than two questions without an answer"));
	return NO_MATCH;
}

static enum match count_lookup(struct spf *s)
{
	return ++s->lookups > LOOKUPS_MAX
		   ? permanent(s, s->values.domain, _("more than ten terms that ask the DNS"))
		   : NO_MATCH;
}

/* --- the client's name, 5.5 --- */

static char *reverse_name(const struct spf *s)
{
	const unsigned char *ip = s->values.ip;
	if (!s->values.six)
		return str_printf("%u.%u.%u.%u.in-addr.arpa", ip[3], ip[2], ip[1], ip[0]);
	struct buf b = BUF_INIT(100);
	for (size_t i = 16; i-- > 0;)
		buf_addf(&b, "%x.%x.", ip[i] & 15, ip[i] >> 4);
	buf_adds(&b, "ip6.arpa");
	return buf_detach(&b);
}

static bool is_below(const char *name, const char *domain)
{
	size_t n = strlen(name), d = strlen(domain);
	return n >= d && span_eq_nocase(span_make(name + n - d, d), span_make(domain, d)) &&
	       (n == d || name[n - d - 1] == '.');
}

/* A name of the client that leads back to it: below `wanted`, else (unless only) any. The first ten count; what the DNS does not tell is passed over. NULL: none;
 * *stop: the run must end. */
static char *validated_name(struct spf *s, const char *wanted, bool only, bool *stop)
{
	char *reverse = reverse_name(s), *found = NULL;
	const struct dns_answer *names = auth_ask(s->ask, reverse, DNS_PTR, s->e);
	size_t n = names ? (names->n < NAMES_MAX ? names->n : NAMES_MAX) : 0;
	free(reverse);
	*stop = !names;
	for (size_t i = 0; i < n; i++)
		auth_ask_expect(s->ask, names->v[i].name, address_type(s));
	for (size_t i = 0; i < n; i++) {
		const char *name = names->v[i].name;
		bool below = is_below(name, wanted);
		if ((only && !below) || (found && !below))
			continue;
		const struct dns_answer *a = auth_ask(s->ask, name, address_type(s), s->e);
		*stop |= !a;
		if (!a || !among(s, a, NULL))
			continue;
		free(found);
		found = str_dup(name);
		if (below)
			break;
	}
	return found;
}

/* --- macros --- */

/* The name a term means; malloc'ed. NULL: the run must end. */
static char *target(struct spf *s, const struct spf_term *t)
{
	bool stop = false;
	if (!t->domain.len)
		return str_dup(s->values.domain);
	if (spf_macro_uses(t->domain, 'p') && !s->validated_known) {
		s->validated = validated_name(s, s->values.domain, false, &stop);
		s->validated_known = true;
		s->values.validated = s->validated;
	}
	return stop ? NULL : spf_expand_domain(&s->values, t->domain);
}

static bool matches_nothing(const struct spf *s, const struct spf_term *t)
{
	return s->utf8_local && (spf_macro_uses(t->domain, 'l') || spf_macro_uses(t->domain, 's'));
}

/* --- mechanisms, 5 --- */

static enum match match_a(struct spf *s, const struct spf_term *t, const char *name)
{
	const struct dns_answer *a;
	enum match m = ask(s, name, address_type(s), true, &a);
	return m != NO_MATCH ? m : among(s, a, t) ? MATCH : NO_MATCH;
}

static enum match match_mx(struct spf *s, const struct spf_term *t, const char *name)
{
	const struct dns_answer *mx, *a;
	enum match m = ask(s, name, DNS_MX, true, &mx);
	if (m != NO_MATCH)
		return m;
	if (mx->n > NAMES_MAX)
		return permanent(s, name, _("more than ten MX records"));
	for (size_t i = 0; i < mx->n; i++)
		auth_ask_expect(s->ask, mx->v[i].name, address_type(s));
	for (size_t i = 0; i < mx->n; i++) {
		m = ask(s, mx->v[i].name, address_type(s), false, &a);
		if (m != NO_MATCH)
			return m;
		if (among(s, a, t))
			return MATCH;
	}
	return NO_MATCH;
}

static enum match match_exists(struct spf *s, const char *name)
{
	const struct dns_answer *a;
	enum match m = ask(s, name, DNS_A, true, &a);
	return m != NO_MATCH ? m : a->n ? MATCH : NO_MATCH;
}

static enum match match_ptr(struct spf *s, const char *name)
{
	bool stop;
	char *found = validated_name(s, name, true, &stop);
	bool good = found != NULL;
	free(found);
	return stop ? STOP : good ? MATCH : NO_MATCH;
}

/* 5.2: what the other record says, and whether that counts here. */
static enum match match_include(struct spf *s, const char *name)
{
	const char *domain = s->values.domain;
	enum auth_code code;
	if (check_host(s, name, false, &code) < 0)
		return STOP;
	s->values.domain = domain;
	switch (code) {
	case AUTH_PASS: return MATCH;
	case AUTH_TEMPERROR: return TEMPORARY;
	case AUTH_PERMERROR: return PERMANENT;
	case AUTH_NONE:
		auth_say(s->r, AUTH_PERMERROR, _("%s includes %s, which has no SPF record"), domain,
		    name);
		return PERMANENT;
	default: return NO_MATCH;
	}
}

static enum match match_asking(struct spf *s, const struct spf_term *t)
{
	enum match m = count_lookup(s);
	if (m != NO_MATCH || matches_nothing(s, t))
		return m;
	char *name = target(s, t);
	if (!name)
		return STOP;
	switch (t->kind) {
	case SPF_A: m = match_a(s, t, name); break;
	case SPF_MX: m = match_mx(s, t, name); break;
	case SPF_EXISTS: m = match_exists(s, name); break;
	case SPF_PTR: m = match_ptr(s, name); break;
	default: m = match_include(s, name); break;
	}
	free(name);
	return m;
}

static bool match_network(const struct spf *s, const struct spf_term *t)
{
	bool six = t->kind == SPF_IP6;
	return six == s->values.six &&
	       in_network(t->address, s->values.ip, six ? t->bits6 : t->bits4);
}

static enum match match_term(struct spf *s, const struct spf_term *t)
{
	switch (t->kind) {
	case SPF_ALL: return MATCH;
	case SPF_IP4:
	case SPF_IP6: return match_network(s, t) ? MATCH : NO_MATCH;
	default: return match_asking(s, t);
	}
}

/* --- a record --- */

/* The questions of a record, all at once: as many as may be looked at, up to where it is decided anyway. */
static void expect_terms(struct spf *s, const struct spf_record *r)
{
	unsigned n = s->lookups;
	for (size_t i = 0; i < r->n && n < LOOKUPS_MAX; i++) {
		const struct spf_term *t = &r->v[i];
		if (t->kind == SPF_ALL ||
		    ((t->kind == SPF_IP4 || t->kind == SPF_IP6) && match_network(s, t)))
			return;
		if (t->kind < SPF_INCLUDE || t->kind == SPF_IP4 || t->kind == SPF_IP6 ||
		    t->kind == SPF_EXP || t->kind == SPF_UNKNOWN || t->kind == SPF_PTR ||
		    t->kind == SPF_REDIRECT || span_index(t->domain, '%') >= 0)
			continue;
		char *name = target(s, t);
		unsigned type = t->kind == SPF_A        ? address_type(s)
				: t->kind == SPF_MX     ? DNS_MX
				: t->kind == SPF_EXISTS ? DNS_A
							: DNS_TXT;
		if (name)
			auth_ask_expect(s->ask, name, type);
		free(name);
		n++;
	}
}

static enum auth_code qualified(char qualifier)
{
	switch (qualifier) {
	case '-': return AUTH_FAIL;
	case '~': return AUTH_SOFTFAIL;
	case '?': return AUTH_NEUTRAL;
	default: return AUTH_PASS;
	}
}

static const struct spf_term *find(const struct spf_record *r, enum spf_kind kind)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->v[i].kind == kind)
			return &r->v[i];
	return NULL;
}

/* 6.2: why it failed, in the words of the domain. Whatever goes wrong here changes nothing. */
static int explain(struct spf *s, const struct spf_record *r)
{
	const struct spf_term *exp = find(r, SPF_EXP);
	struct buf text = BUF_INIT(EXPLANATION_MAX);
	bool printable = true;
	if (!exp || matches_nothing(s, exp))
		return 0;
	char *name = target(s, exp);
	const struct dns_answer *a = name ? auth_ask(s->ask, name, DNS_TXT, s->e) : NULL;
	free(name);
	if (!a)
		return -1;
	if (a->n == 1 && spf_expand(&s->values, auth_ask_text(&a->v[0]), true, &text)) {
		for (size_t i = 0; i < text.len; i++)
			printable &= text.ptr[i] >= ' ' && text.ptr[i] < 0x7f;
		if (printable && text.len)
			s->explanation = span_dup(buf_span(&text));
	}
	buf_release(&text);
	return 0;
}

static const char *match_word(enum match m)
{
	static const char *const words[] = {
	    N_("no match"), N_("match"), N_("temporary failure"), N_("permanent error"), ""};
	return words[m];
}

/* 6.1 */
static int redirect(struct spf *s, const struct spf_term *t, bool top, enum auth_code *out)
{
	const char *domain = s->values.domain;
	if (count_lookup(s) != NO_MATCH) {
		*out = AUTH_PERMERROR;
		return 0;
	}
	char *name = target(s, t);
	if (!name)
		return -1;
	int r = check_host(s, name, top, out);
	s->values.domain = domain;
	if (r == 0 && *out == AUTH_NONE) {
		*out = AUTH_PERMERROR;
		auth_say(s->r, AUTH_PERMERROR, _("%s leads to %s, which has no SPF record"), domain,
		    name);
	}
	free(name);
	return r;
}

static int decide(struct spf *s, const struct spf_record *r, const struct spf_term *t, bool top,
    enum auth_code *out)
{
	*out = qualified(t->qualifier);
	if (!top)
		return 0;
	auth_say(
	    s->r, *out, _("\"%.*s\" of %s"), SPAN_ARG(span_take(t->text, 200)), s->values.domain);
	return *out == AUTH_FAIL ? explain(s, r) : 0;
}

static int walk(struct spf *s, const struct spf_record *r, bool top, enum auth_code *out)
{
	for (size_t i = 0; i < r->n; i++) {
		const struct spf_term *t = &r->v[i];
		if (t->kind >= SPF_REDIRECT)
			continue;
		enum match m = match_term(s, t);
		auth_step(s->r, "%s: %.*s: %s", s->values.domain, SPAN_ARG(span_take(t->text, 200)),
		    match_word(m));
		if (m == MATCH)
			return decide(s, r, t, top, out);
		if (m == STOP)
			return -1;
		if (m != NO_MATCH) {
			*out = m == TEMPORARY ? AUTH_TEMPERROR : AUTH_PERMERROR;
			return 0;
		}
	}
	const struct spf_term *t = find(r, SPF_REDIRECT);
	if (t)
		return redirect(s, t, top, out);
	*out = AUTH_NEUTRAL;
	if (top)
		auth_say(s->r, AUTH_NEUTRAL, _("the record of %s says nothing of this client"),
		    s->values.domain);
	return 0;
}

static int evaluate(struct spf *s, struct span text, bool top, enum auth_code *out)
{
	struct spf_record r;
	struct err why = ERR_INIT;
	auth_step(s->r, "%s TXT \"%.*s\"", s->values.domain, SPAN_ARG(text));
	if (spf_record_parse(&r, text, &why) < 0) {
		*out = AUTH_PERMERROR;
		auth_say(
		    s->r, AUTH_PERMERROR, _("the record of %s: %s"), s->values.domain, why.text);
		return 0;
	}
	expect_terms(s, &r);
	int result = walk(s, &r, top, out);
	spf_record_release(&r);
	return result;
}

/* 4.5: "v=spf1" alone or before a blank. */
static bool is_record(struct span text)
{
	return span_starts_nocase(text, "v=spf1") && (text.len == 6 || text.ptr[6] == ' ');
}

/* 4.3: at least two labels, none empty or too long. */
static bool is_checkable(const char *domain)
{
	return strchr(domain, '.') && dns_is_name(span_of(domain));
}

static int check_host(struct spf *s, const char *domain, bool top, enum auth_code *out)
{
	const struct dns_answer *a = NULL;
	const struct dns_record *record = NULL;
	size_t n = 0;
	s->values.domain = domain;
	*out = AUTH_NONE;
	if (!is_checkable(domain)) {
		auth_say(
		    s->r, AUTH_NONE, _("\"%s\" is no domain that could have a record"), domain);
		return 0;
	}
	/* includes and redirects that lead nowhere count, the domain itself does not */
	enum match m = ask(s, domain, DNS_TXT, s->lookups > 0, &a);
	if (m != NO_MATCH) {
		*out = m == TEMPORARY ? AUTH_TEMPERROR : AUTH_PERMERROR;
		return m == STOP ? -1 : 0;
	}
	for (size_t i = 0; i < a->n; i++)
		if (is_record(auth_ask_text(&a->v[i]))) {
			record = &a->v[i];
			n++;
		}
	if (n == 1)
		return evaluate(s, auth_ask_text(record), top, out);
	*out = n ? AUTH_PERMERROR : AUTH_NONE;
	if (n)
		auth_say(s->r, AUTH_PERMERROR, _("%s has %zu SPF records"), domain, n);
	else
		auth_say(s->r, AUTH_NONE,
		    a->status == DNS_NO_NAME ? _("there is no domain %s")
					     : _("%s has no SPF record"),
		    domain);
	return 0;
}

/* --- who is asked about --- */

/* 2.3 and 2.4: the sender's domain, or the HELO name with the local part postmaster. False: neither is known. */
static bool identity(struct spf *s, const struct spf_question *q)
{
	struct buf ascii = BUF_INIT(1024);
	const char *at = q->sender ? strrchr(q->sender, '@') : NULL;
	const char *domain = q->sender && *q->sender ? (at ? at + 1 : q->sender) : q->helo;
	if (!domain || !*domain)
		return false;
	bool local = at && at > q->sender;
	s->local = local ? mem_dup(q->sender, (size_t)(at - q->sender)) : str_dup("postmaster");
	for (const char *p = s->local; *p; p++)
		s->utf8_local |= (unsigned char)*p > 127;
	if (idna_to_ascii(&ascii, span_of(domain), NULL) < 0) {
		/* what the DNS could not have either, such as an address in brackets */
		buf_reset(&ascii);
		buf_adds(&ascii, domain);
	}
	s->sender_domain = buf_detach(&ascii);
	return true;
}

static void describe(const struct spf *s, const struct spf_question *q, struct auth_result *r)
{
	bool helo = !q->sender || !*q->sender;
	r->domain = str_dup(s->sender_domain);
	auth_property(
	    r, helo ? "smtp.helo" : "smtp.mailfrom", helo ? span_of(q->helo) : span_of(q->sender));
}

void spf_expect(struct auth_ask *ask, const struct spf_question *q)
{
	struct spf s = {.r = NULL};
	if (q->client_ip && identity(&s, q) && is_checkable(s.sender_domain))
		auth_ask_expect(ask, s.sender_domain, DNS_TXT);
	free(s.local);
	free(s.sender_domain);
}

static int check(struct spf *s, const struct spf_question *q)
{
	enum auth_code code;
	s->values.local = s->local;
	s->values.sender_domain = s->sender_domain;
	s->values.helo = q->helo ? q->helo : "unknown";
	s->values.receiver = q->receiver;
	s->values.now_s = q->now_s;
	if (check_host(s, s->sender_domain, true, &code) < 0)
		return -1;
	/* what an included record said of itself is not what this one came to */
	if (s->r->code != code)
		auth_say(s->r, code, NULL);
	if (s->explanation && code == AUTH_FAIL)
		auth_say_more(s->r, _("the domain says: %s"), s->explanation);
	return 0;
}

int spf_check(
    struct auth_ask *ask, const struct spf_question *q, struct auth_result *r, struct err *e)
{
	struct spf s = {.ask = ask, .r = r, .e = e};
	int result = 0;
	if (!q->client_ip) {
		auth_say(r, AUTH_NONE, _("the client's address is not known"));
		return 0;
	}
	if (!read_ip(&s.values, q->client_ip)) {
		auth_say(r, AUTH_PERMERROR, _("\"%s\" is no address"), q->client_ip);
		return 0;
	}
	if (identity(&s, q)) {
		describe(&s, q, r);
		result = check(&s, q);
	} else {
		auth_say(r, AUTH_NONE, _("neither a sender nor a HELO name is known"));
	}
	free(s.local);
	free(s.sender_domain);
	free(s.validated);
	free(s.explanation);
	return result;
}
