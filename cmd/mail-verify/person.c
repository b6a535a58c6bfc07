/* person.c - one screen for a person: who really sent this, how that is known, what is inside, what is suspicious; each with its evidence. */
#include "auth/field.h"
#include "base/alloc.h"
#include "base/intl.h"
#include "codec/idna.h"
#include "codec/inert.h"
#include "mime/address.h"
#include "mime/word.h"
#include "verify.h"

#include <stdio.h>
#include <stdlib.h>

enum { TEXT_MAX = 64 * 1024, WIDTH = 12 };

struct person {
	const struct verify *v;
	const struct verify_message *m;
	const struct auth_fields *fields;
	char *author; /* the domain of From, or NULL */
	bool color, warned;
};

static const char *paint(const struct person *p, const char *code)
{
	return p->color ? code : "";
}

/* A heading where it is the first of its kind, and a line behind it; nothing of it acts on a terminal. */
static void say(const struct person *p, const char *heading, const char *code, const char *text)
{
	struct buf b = BUF_INIT(TEXT_MAX);
	inert_add(&b, span_of(text), 0);
	printf("%-*s %s%s%s\n", WIDTH, heading, paint(p, code), buf_cstr(&b),
	    *code ? paint(p, "\033[0m") : "");
	buf_release(&b);
}

static void sayf(const struct person *p, const char *heading, const char *code, const char *fmt,
    ...) __attribute__((format(printf, 4, 5)));
static void sayf(
    const struct person *p, const char *heading, const char *code, const char *fmt, ...)
{
	struct buf b = BUF_INIT(TEXT_MAX);
	va_list ap;
	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	say(p, heading, code, buf_cstr(&b));
	buf_release(&b);
}

static const char good[] = "\033[32m", bad[] = "\033[31m", dim[] = "\033[33m";

/* --- what the message claims --- */

static void say_field(const struct person *p, const char *name)
{
	struct buf b = BUF_INIT(TEXT_MAX);
	const struct auth_field *f = auth_fields_find(p->fields, name, 0);
	if (!f)
		return;
	word_decode(&b, f->value);
	struct span text = span_trim(buf_span(&b));
	sayf(p, name, "", "%.*s", SPAN_ARG(text));
	buf_release(&b);
}

/* A domain, and what its A-labels mean. */
static void domain_text(struct buf *out, const char *domain)
{
	struct buf unicode = BUF_INIT(TEXT_MAX);
	buf_adds(out, domain);
	if (strstr(domain, "xn--")) {
		idna_to_unicode(&unicode, span_of(domain));
		buf_addf(out, " (%s)", buf_cstr(&unicode));
	}
	buf_release(&unicode);
}

/* --- who --- */

static const struct verify_record *find(
    const struct person *p, const char *method, const char *result)
{
	for (size_t i = 0; i < p->m->records.n; i++) {
		const struct verify_record *r = &p->m->records.v[i];
		if (strcmp(r->method, method) == 0 && strcmp(r->result, result) == 0)
			return r;
	}
	return NULL;
}

/* Without a policy nobody says what counts: a signature of the domain itself, or of what the list of suffixes takes for the same owner. */
static bool is_same_owner(const char *one, const char *other)
{
	char *a = dmarc_suffix_organization(one), *b = dmarc_suffix_organization(other);
	bool same = strcmp(one, other) == 0 || (a && b && strcmp(a, b) == 0);
	free(a);
	free(b);
	return same;
}

/* What passed, of the author or of anybody else. */
static const struct verify_record *find_proof(const struct person *p, bool of_author)
{
	for (size_t i = 0; i < p->m->records.n; i++) {
		const struct verify_record *r = &p->m->records.v[i];
		if ((strcmp(r->method, "dkim") == 0 || strcmp(r->method, "spf") == 0) &&
		    strcmp(r->result, "pass") == 0 && r->domain &&
		    (p->author && is_same_owner(r->domain, p->author)) == of_author)
			return r;
	}
	return NULL;
}

static void say_who(const struct person *p)
{
	struct buf author = BUF_INIT(TEXT_MAX);
	const struct verify_record *own = find_proof(p, true), *other = find_proof(p, false);
	bool no_policy = find(p, "dmarc", "none") != NULL; /* where DMARC was looked at */
	if (p->author)
		domain_text(&author, p->author);
	if (!p->author)
		say(p, _("Sent by"), bad, _("nobody knows: From names no domain, or several"));
	else if (find(p, "dmarc", "pass"))
		sayf(p, _("Sent by"), good, _("%s: that is proved"), buf_cstr(&author));
	else if (find(p, "dmarc", "fail") && other)
		sayf(p, _("Sent by"), bad, _("%s; it says %s, and nothing proves that"),
		    other->domain, buf_cstr(&author));
	else if (find(p, "dmarc", "fail"))
		sayf(p, _("Sent by"), bad, _("nobody knows: it says %s, and nothing proves that"),
		    buf_cstr(&author));
	else if (own)
		sayf(p, _("Sent by"), good, _("%s: %s of it passes%s"), buf_cstr(&author),
		    strcmp(own->method, "spf") == 0 ? "SPF" : "DKIM",
		    no_policy ? _(", though it has no policy") : "");
	else if (other)
		sayf(p, _("Sent by"), dim, _("%s; it says %s, which proves nothing%s"),
		    other->domain, buf_cstr(&author), no_policy ? _(" and has no policy") : "");
	else
		sayf(p, _("Sent by"), dim, _("perhaps %s: nothing proves it%s"), buf_cstr(&author),
		    no_policy ? _(", and it has no policy") : "");
	buf_release(&author);
}

/* Who did not ask gets no answer that only means that nobody looked. */
static bool wants_who(const struct verify_options *o)
{
	return o->all || o->spf || o->dkim || o->dmarc || o->arc;
}

/* --- how that is known, and what is inside --- */

static void say_record(const struct person *p, const char *heading, const struct verify_record *r)
{
	const char *code = r->bad ? bad
			   : strcmp(r->result, "pass") == 0 || strcmp(r->result, "clean") == 0
			       ? good
			       : "";
	sayf(p, heading, code, "%s %s%s%s%s%s%s%s%s%s", r->method, r->result,
	    r->part ? _(" part ") : "", r->part ? r->part : "", r->domain ? " " : "",
	    r->domain ? r->domain : "", r->selector ? "/" : "", r->selector ? r->selector : "",
	    r->reason ? ": " : "", r->reason ? r->reason : "");
}

static bool is_identity(const struct verify_record *r)
{
	static const char *const methods[] = {"spf", "dkim", "dmarc", "arc"};
	for (size_t i = 0; i < ARRAY_LEN(methods); i++)
		if (strcmp(r->method, methods[i]) == 0)
			return true;
	return false;
}

/* What there is none of is no news, but for a signature, and for what is encrypted and was not looked into. */
static bool is_news(const struct verify_record *r)
{
	return strcmp(r->result, "none") != 0 || !is_identity(r) ||
	       strcmp(r->method, "dkim") == 0 || strcmp(r->method, "dmarc") == 0;
}

static void say_records(const struct person *p, const char *heading, bool identity)
{
	for (size_t i = 0; i < p->m->records.n; i++)
		if (is_identity(&p->m->records.v[i]) == identity && is_news(&p->m->records.v[i])) {
			say_record(p, heading, &p->m->records.v[i]);
			heading = "";
		}
}

/* --- what is suspicious --- */

static void warn(struct person *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void warn(struct person *p, const char *fmt, ...)
{
	struct buf b = BUF_INIT(TEXT_MAX);
	va_list ap;
	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	say(p, p->warned ? "" : _("Suspicious"), bad, buf_cstr(&b));
	p->warned = true;
	buf_release(&b);
}

/* An address in a name is what many programs show in the place of the real one. */
static void look_at_name(struct person *p, const struct address *a)
{
	for (size_t i = 0; i < a->name.len; i++) {
		if (a->name.ptr[i] != '@')
			continue;
		struct span rest = span_skip(a->name, i + 1);
		size_t n = 0;
		while (n < rest.len && (is_alpha(rest.ptr[n]) || is_digit(rest.ptr[n]) ||
					   rest.ptr[n] == '.' || rest.ptr[n] == '-'))
			n++;
		rest = span_take(rest, n);
		if (span_index(rest, '.') > 0 && !span_eq_nocase(rest, a->domain))
			warn(p, _("the name in From shows an address of %.*s"), SPAN_ARG(rest));
	}
}

static void look_at_addresses(
    struct person *p, const char *name, void (*look)(struct person *, const struct address *))
{
	struct arena arena = ARENA_INIT(1 << 20);
	struct address_list l = {0};
	const struct auth_field *f = auth_fields_find(p->fields, name, 0);
	if (f && address_list_parse(&arena, f->value, &l, NULL) == 0)
		for (size_t i = 0; i < l.n && i < 10; i++)
			look(p, &l.v[i]);
	arena_release(&arena);
}

static void look_at_reply(struct person *p, const struct address *a)
{
	char *domain = span_dup(a->domain);
	if (*domain && p->author && !is_same_owner(domain, p->author))
		warn(p, _("answers go to another domain: %.*s"), SPAN_ARG(a->spec));
	free(domain);
}

static void look_at_count(struct person *p, const char *name)
{
	size_t n = auth_fields_count(p->fields, span_of(name));
	if (n > 1)
		warn(p, _("%zu %s fields: programs show different ones"), n, name);
}

/* Somebody wants us to believe that we looked already. */
static void look_at_claims(struct person *p)
{
	for (size_t i = 0; i < p->fields->n; i++) {
		const struct auth_field *f = &p->fields->v[i];
		struct auth_field_parts parts;
		if (!span_is_nocase(f->name, "Authentication-Results"))
			continue;
		auth_field_read(&parts, f->value);
		if (span_is_nocase(buf_span(&parts.id), p->v->authserv_id))
			warn(p, _("it came with Authentication-Results in our name, %s"),
			    p->v->authserv_id);
		auth_field_release(&parts);
	}
}

static void look_at_records(struct person *p)
{
	for (size_t i = 0; i < p->m->records.n; i++) {
		const struct verify_record *r = &p->m->records.v[i];
		if (r->reason && strstr(r->reason, "l=:"))
			warn(p, _("a signature covers only the beginning of the body (l=): %s"),
			    r->domain ? r->domain : "");
		else if (r->bad)
			warn(p, "%s %s%s%s%s%s: %s", r->method, r->result, r->domain ? " " : "",
			    r->domain ? r->domain : "", r->selector ? "/" : "",
			    r->selector ? r->selector : "", r->reason ? r->reason : "");
	}
}

static void look_at_author(struct person *p)
{
	struct buf b = BUF_INIT(TEXT_MAX);
	if (p->author && strstr(p->author, "xn--")) {
		domain_text(&b, p->author);
		warn(p, _("the domain has letters that may look like others: %s"), buf_cstr(&b));
	}
	buf_release(&b);
}

/* --- all of it --- */

void verify_person(const struct verify *v, const struct verify_message *m)
{
	static const char *const single[] = {"From", "Subject", "To", "Date", "Reply-To", "Sender"};
	struct person p = {.v = v,
	    .m = m,
	    .fields = &m->auth.message.fields,
	    .color = report_color(v->o->common.color, 1)};
	struct err ignored = ERR_INIT;
	p.author = dmarc_author(p.fields, &ignored);
	if (m->name)
		say(&p, _("Message"), "", m->name);
	say_field(&p, "From");
	say_field(&p, "Subject");
	if (wants_who(v->o))
		say_who(&p);
	say_records(&p, _("Known by"), true);
	say_records(&p, _("Inside"), false);
	for (size_t i = 0; i < ARRAY_LEN(single); i++)
		look_at_count(&p, single[i]);
	look_at_addresses(&p, "From", look_at_name);
	look_at_addresses(&p, "Reply-To", look_at_reply);
	look_at_author(&p);
	look_at_claims(&p);
	look_at_records(&p);
	if (!p.warned)
		say(&p, _("Suspicious"), "", _("nothing"));
	free(p.author);
}
