#include "mime/address.h"

#include "base/alloc.h"
#include "codec/utf8.h"
#include "mime/address_spec.h"
#include "mime/lex.h"
#include "mime/word.h"

#include <stdlib.h>

enum { MAX_ADDRESSES = 100000 };

struct reader {
	struct arena *arena;
	struct lex lx;
	struct lex_token t;
	struct buf phrase; /* the words so far, as they would make a name */
	struct buf domain;
	struct local_part local;
	bool obsolete;   /* this element needed RFC 5322 section 4 or worse */
	const char *why; /* why an element is no address: the last reason */
	bool in_group;
	struct span group;
	size_t members;
	struct address *v;
	size_t n, cap, bad;
};

static void next(struct reader *r)
{
	lex_next(&r->lx, &r->t);
}

static bool is_separator(const struct lex_token *t)
{
	return t->type == LEX_END || lex_is(t, ',') || lex_is(t, ';');
}

static bool refuse(struct reader *r, const char *why)
{
	r->why = why;
	return false;
}

/* --- addr-spec, also used by address_check ------------------------------------ */

void local_part_reset(struct local_part *l, size_t max)
{
	buf_release(&l->text);
	*l = (struct local_part){.text = BUF_INIT(max), .dot = true};
}

bool local_part_add(struct local_part *l, const struct lex_token *t)
{
	if (l->words++ > 0 || l->dots)
		l->blanks |= t->blank;
	l->control |= t->control;
	if (lex_is(t, '.')) {
		l->odd_dots |= l->dot;
		l->dot = true;
		l->dots = true;
		buf_addc(&l->text, '.');
		return true;
	}
	if (t->type != LEX_ATOM && t->type != LEX_QUOTED)
		return false;
	if (!l->dot) /* two words side by side: a phrase, no local part */
		return false;
	l->dot = false;
	if (t->type == LEX_QUOTED) {
		l->quoted = true;
		lex_unquote(&l->text, t->text);
	} else {
		l->atom = true;
		buf_add(&l->text, t->text);
	}
	return true;
}

const char *local_part_fault(const struct local_part *l)
{
	if (!l->words)
		return "nothing before the @";
	if (l->control)
		return "a control character";
	if (!utf8_valid(buf_span(&l->text)))
		return "not UTF-8";
	return NULL;
}

const char *domain_read(struct lex *lx, struct lex_token *t, struct buf *out, bool *blanks)
{
	buf_reset(out);
	*blanks = t->blank;
	if (t->type == LEX_LITERAL) {
		for (size_t i = 0; i < t->text.len; i++)
			if (!is_space(t->text.ptr[i]))
				buf_addc(out, t->text.ptr[i]);
		if (t->control)
			return "a control character";
		if (memchr(out->ptr, '\\', out->len) || memchr(out->ptr + 1, '[', out->len - 1))
			return "a bad address literal";
		lex_next(lx, t);
		return utf8_valid(buf_span(out)) ? NULL : "not UTF-8";
	}
	for (;;) {
		if (t->type != LEX_ATOM)
			return out->len ? "an empty piece in the domain" : "no domain after the @";
		buf_add(out, t->text);
		lex_next(lx, t);
		if (!lex_is(t, '.'))
			break;
		*blanks |= t->blank;
		buf_addc(out, '.');
		lex_next(lx, t);
		*blanks |= t->blank;
	}
	return utf8_valid(buf_span(out)) ? NULL : "not UTF-8";
}

static bool is_dot_atom(struct span s)
{
	bool dot = true;
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '.' ? dot : !lex_is_atext(s.ptr[i]))
			return false;
		dot = s.ptr[i] == '.';
	}
	return !dot;
}

void address_spec_write(struct buf *b, struct span local, struct span domain)
{
	if (is_dot_atom(local)) {
		buf_add(b, local);
	} else {
		buf_addc(b, '"');
		for (size_t i = 0; i < local.len; i++) {
			if (local.ptr[i] == '"' || local.ptr[i] == '\\')
				buf_addc(b, '\\');
			buf_addc(b, local.ptr[i]);
		}
		buf_addc(b, '"');
	}
	if (domain.len) {
		buf_addc(b, '@');
		buf_add(b, domain);
	}
}

/* --- lists ------------------------------------------------------------------- */

/* A name as people see it: encoded words decoded, also those somebody quoted. */
static struct span make_name(struct reader *r, struct span raw)
{
	if (!raw.len)
		return SPAN("");
	struct buf b = BUF_INIT(raw.len * 4 + 16);
	word_decode(&b, raw);
	struct span s = arena_dup(r->arena, span_trim(buf_span(&b)));
	buf_release(&b);
	return s;
}

static struct span comment_name(struct reader *r)
{
	struct buf b = BUF_INIT(r->lx.comment.len + 1);
	lex_unquote(&b, r->lx.comment);
	struct span s = make_name(r, buf_span(&b));
	buf_release(&b);
	return s;
}

static struct address *add(struct reader *r)
{
	if (r->n == r->cap) {
		r->cap = r->cap ? 2 * r->cap : 8;
		r->v = mem_resize(r->v, r->cap, sizeof(*r->v));
	}
	struct address *a = &r->v[r->n++];
	*a = (struct address){
	    .name = SPAN(""), .local = SPAN(""), .domain = SPAN(""), .spec = SPAN("")};
	a->group = r->group;
	a->in_group = r->in_group;
	r->members++;
	return a;
}

/* The local part and domain just read become an entry. */
static void add_mailbox(struct reader *r, struct span name)
{
	struct address *a = add(r);
	struct span local = buf_span(&r->local.text), domain = buf_span(&r->domain);
	struct buf spec = BUF_INIT(2 * local.len + domain.len + 8);
	address_spec_write(&spec, local, domain);
	a->name = name;
	a->local = arena_dup(r->arena, local);
	if (domain.len)
		a->domain = arena_dup(r->arena, domain);
	a->spec = arena_dup(r->arena, buf_span(&spec));
	a->obsolete = r->obsolete || r->local.odd_dots || r->local.dot || r->local.blanks ||
		      (r->local.quoted && (r->local.atom || r->local.dots));
	buf_release(&spec);
}

static bool read_domain(struct reader *r)
{
	bool blanks;
	const char *fault = domain_read(&r->lx, &r->t, &r->domain, &blanks);
	r->obsolete |= blanks;
	return fault ? refuse(r, fault) : true;
}

/* "@a,@b:" before the mailbox (RFC 5322 4.4): passed over. */
static bool skip_route(struct reader *r)
{
	r->obsolete = true;
	while (!lex_is(&r->t, ':')) {
		bool part = r->t.type == LEX_ATOM || r->t.type == LEX_LITERAL ||
			    lex_is(&r->t, '@') || lex_is(&r->t, ',') || lex_is(&r->t, '.');
		if (!part)
			return refuse(r, "a route without its end");
		next(r);
	}
	next(r);
	return true;
}

/* Behind the '<'. */
static bool read_angle(struct reader *r)
{
	size_t max = (size_t)(r->lx.end - r->lx.p) + 1;
	next(r);
	if (lex_is(&r->t, '@') && !skip_route(r))
		return false;
	local_part_reset(&r->local, max);
	buf_reset(&r->domain);
	while (!lex_is(&r->t, '@') && !lex_is(&r->t, '>') && !is_separator(&r->t)) {
		if (!local_part_add(&r->local, &r->t))
			return refuse(r, "no addr-spec between < and >");
		next(r);
	}
	const char *fault = local_part_fault(&r->local);
	if (fault)
		return refuse(r, fault);
	if (lex_is(&r->t, '@')) {
		r->local.blanks |= r->t.blank;
		next(r);
		if (!read_domain(r))
			return false;
	}
	if (lex_is(&r->t, '>'))
		next(r);
	else if (is_separator(&r->t) && r->domain.len)
		r->obsolete = true; /* the '>' was forgotten */
	else
		return refuse(r, "no > after the address");
	return true;
}

static void phrase_add(struct reader *r)
{
	if (r->phrase.len && r->t.blank)
		buf_addc(&r->phrase, ' ');
	if (r->t.type == LEX_QUOTED)
		lex_unquote(&r->phrase, r->t.text);
	else
		buf_add(&r->phrase, r->t.text);
}

/* After a whole mailbox: nothing may follow but a separator; what does is passed over and counted. */
static void finish(struct reader *r)
{
	if (is_separator(&r->t))
		return;
	r->bad++;
	refuse(r, "something follows the address");
	while (!is_separator(&r->t))
		next(r);
}

static void angle_element(struct reader *r)
{
	struct span name = make_name(r, buf_span(&r->phrase));
	if (read_angle(r)) {
		add_mailbox(r, name);
	} else {
		r->bad++;
		while (!is_separator(&r->t))
			next(r);
		return;
	}
	finish(r);
}

/* On the '@' behind the words: a bare addr-spec, or, against the rules, a name with an @ in it. False: no address. */
static bool bare_element(struct reader *r, bool is_local)
{
	struct buf name = BUF_INIT(r->phrase.max + 2);
	buf_add(&name, buf_span(&r->phrase));
	const char *fault =
	    is_local ? local_part_fault(&r->local) : "blanks or specials before the @";
	const char *start = r->t.text.ptr;
	r->local.blanks |= r->t.blank;
	next(r);
	bool good = read_domain(r) && !fault;
	if (fault)
		refuse(r, fault);
	if (lex_is(&r->t, '<')) { /* bob@example.org <bob@example.org> */
		buf_add(&name, span_trim(span_make(start, (size_t)(r->t.text.ptr - start))));
		buf_reset(&r->phrase);
		buf_add(&r->phrase, buf_span(&name));
		r->obsolete = true;
		angle_element(r);
		good = true;
	} else if (good) {
		add_mailbox(r, r->lx.comment.ptr ? comment_name(r) : SPAN(""));
		if (!is_separator(&r->t) && !r->t.blank) { /* a@b@c: neither */
			r->n--;
			r->members--;
		}
		finish(r);
	}
	buf_release(&name);
	return good;
}

static void group_start(struct reader *r)
{
	r->group = make_name(r, buf_span(&r->phrase));
	r->in_group = true;
	r->members = 0;
	next(r);
}

static void group_end(struct reader *r)
{
	if (r->in_group && !r->members)
		add(r);
	r->in_group = false;
	r->group = SPAN("");
}

/* One element up to, not including, its separator. */
static void read_element(struct reader *r)
{
	bool is_local = true;
	buf_reset(&r->phrase);
	buf_reset(&r->domain);
	local_part_reset(&r->local, (size_t)(r->lx.end - r->t.text.ptr) + 1);
	r->obsolete = false;
	while (!is_separator(&r->t)) {
		if (lex_is(&r->t, '<')) {
			angle_element(r);
			return;
		}
		if (lex_is(&r->t, '@') && (r->phrase.len || r->local.words)) {
			if (bare_element(r, is_local))
				return;
			is_local = false;
			break;
		}
		if (lex_is(&r->t, ':') && !r->in_group && r->phrase.len) {
			group_start(r);
			return;
		}
		is_local = is_local && local_part_add(&r->local, &r->t);
		phrase_add(r);
		next(r);
		if (!is_local && r->t.type == LEX_END)
			refuse(r, "no @ in it");
	}
	if (is_separator(&r->t) && is_local && r->local.atom && !r->local.dots &&
	    !local_part_fault(&r->local)) {
		add_mailbox(r, SPAN("")); /* "To: root" */
		return;
	}
	if (!r->why)
		refuse(r, "no @ in it");
	r->bad++;
	while (!is_separator(&r->t))
		next(r);
}

static void read_list(struct reader *r)
{
	next(r);
	while (r->n <= MAX_ADDRESSES) {
		if (lex_is(&r->t, ';'))
			group_end(r);
		if (r->t.type == LEX_END)
			break;
		if (is_separator(&r->t)) {
			r->lx.comment = span_make(NULL, 0);
			next(r);
		} else {
			read_element(r);
		}
	}
	group_end(r);
}

static void reader_release(struct reader *r)
{
	buf_release(&r->phrase);
	buf_release(&r->domain);
	buf_release(&r->local.text);
	free(r->v);
}

static struct reader reader_make(struct arena *a, struct span value)
{
	struct reader r = {.arena = a,
	    .phrase = BUF_INIT(2 * value.len + 2),
	    .domain = BUF_INIT(value.len + 2),
	    .group = SPAN("")};
	lex_init(&r.lx, value);
	return r;
}

static int reader_result(struct reader *r, struct address_list *out, struct err *e)
{
	if (r->n > MAX_ADDRESSES)
		return err_set(e, EX_DATAERR, "more than %d addresses in one field", MAX_ADDRESSES);
	struct address *v = r->n ? arena_new(r->arena, r->n, sizeof(*v)) : NULL;
	if (r->arena->over)
		return err_set(
		    e, EX_DATAERR, "the addresses take more than %zu bytes", r->arena->max);
	if (r->n)
		memcpy(v, r->v, r->n * sizeof(*v));
	*out = (struct address_list){.v = v, .n = r->n, .bad = r->bad};
	return 0;
}

int address_list_parse(struct arena *a, struct span value, struct address_list *out, struct err *e)
{
	struct reader r = reader_make(a, value);
	read_list(&r);
	int rc = reader_result(&r, out, e);
	reader_release(&r);
	return rc;
}

static const char *one_fault(const struct reader *r, const struct address_list *l)
{
	if (l->bad)
		return r->why;
	if (l->n != 1)
		return l->n ? "more than one address" : "empty";
	if (l->v[0].in_group)
		return "a group";
	if (!l->v[0].domain.len)
		return "no @ in it";
	if (r->local.odd_dots || r->local.dot)
		return "a dot at an end, or two in a row";
	for (size_t i = 0; i < l->v[0].spec.len; i++)
		if (lex_is_control(
			l->v[0]
			    .spec
			    .ptr[i])) /* a tab between words is a blank, in quotes it is none */
			return "a control character in it";
	return NULL;
}

int address_parse_one(struct arena *a, struct span text, struct address *out, struct err *e)
{
	struct address_list l;
	for (size_t i = 0; i < text.len; i++)
		if (lex_is_control(text.ptr[i]) && text.ptr[i] != '\t')
			return err_set(e, EX_DATAERR, "\"%.*s\": a control character in an address",
			    SPAN_ARG(text));
	struct reader r = reader_make(a, text);
	read_list(&r);
	int rc = reader_result(&r, &l, e);
	const char *fault = rc == 0 ? one_fault(&r, &l) : NULL;
	reader_release(&r);
	if (rc < 0)
		return -1;
	if (fault)
		return err_set(e, EX_DATAERR, "\"%.*s\" is no address: %s", SPAN_ARG(text), fault);
	*out = l.v[0];
	return 0;
}
