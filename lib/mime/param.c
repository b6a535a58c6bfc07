#include "mime/param.h"

#include "base/alloc.h"
#include "codec/charset.h"
#include "mime/lex.h"
#include "mime/word.h"

#include <stdlib.h>

enum { MAX_PARAMS = 100, MAX_SEGMENTS = 100, PLAIN = -1 };

/* One "name*0*=value" as written. */
struct segment {
	struct segment *next; /* of the same parameter, by number */
	int number;           /* PLAIN: not numbered */
	bool extended;        /* percent-encoded */
	struct span value;    /* unquoted */
};
struct raw_param {
	struct span name;
	struct segment *plain, *numbered; /* plain: name= or name*= */
	size_t n;
	bool duplicate;
};
struct reader {
	struct arena *arena;
	const char *p, *end;
	struct raw_param v[MAX_PARAMS];
	size_t n;
	bool bad;
};

static void skip_blanks(struct reader *r)
{
	while (r->p < r->end) {
		const char *q = NULL;
		if (*r->p == '(')
			q = lex_comment_end(r->p, r->end);
		else if (is_space(*r->p))
			q = r->p + 1;
		if (!q && *r->p == '(') { /* an open comment takes the rest */
			r->bad = true;
			q = r->end;
		}
		if (!q)
			return;
		r->p = q;
	}
}

/* RFC 2045 5.1, but forgiving: any byte that does not end a piece. */
static bool is_name_char(char c)
{
	return !is_space(c) && c != ';' && c != '=' && c != '"' && c != '(' && c != ',' && c;
}

static struct span lower(struct arena *a, struct span s)
{
	char *p = arena_str(a, s);
	if (!p)
		return SPAN("");
	for (size_t i = 0; i < s.len; i++)
		p[i] = to_lower(p[i]);
	return span_make(p, s.len);
}

/* "text/plain": blanks around the slash are seen in real mail. */
static struct span read_main(struct reader *r)
{
	struct buf b = BUF_INIT(1024);
	bool slash = true;
	for (skip_blanks(r); r->p < r->end && is_name_char(*r->p); skip_blanks(r)) {
		const char *start = r->p;
		if (*start != '/' && !slash)
			break; /* the semicolon was forgotten */
		while (r->p < r->end && is_name_char(*r->p))
			r->p++;
		slash = r->p[-1] == '/';
		buf_addn(&b, start, (size_t)(r->p - start));
	}
	if (r->p < r->end && *r->p == '=') /* no value at all, only parameters */
		r->bad = true;
	struct span s = lower(r->arena, buf_span(&b));
	r->bad |= b.over;
	buf_release(&b);
	return s;
}

/* Does "name=" stand here? Then a semicolon was forgotten before it. */
static bool at_name(const char *p, const char *end)
{
	const char *start = p;
	while (p < end && (is_alpha(*p) || is_digit(*p) || *p == '*' || *p == '-'))
		p++;
	return p > start && p < end && *p == '=' && !(p + 1 < end && p[1] == '?');
}

/* Without quotes, as far as the semicolon: real mail has blanks in it. */
static struct span read_bare(struct reader *r)
{
	const char *start = r->p, *q = start;
	while (q < r->end && *q != ';') {
		bool gap = is_space(*q) && q + 1 < r->end;
		if (gap && (q[1] == '(' || at_name(q + 1, r->end)))
			break;
		q++;
	}
	r->p = q;
	return span_trim(span_make(start, (size_t)(q - start)));
}

/* keep: blanks inside the quotes at their ends are meant. */
static struct span read_value(struct reader *r, bool keep)
{
	skip_blanks(r);
	if (r->p == r->end || *r->p != '"')
		return arena_dup(r->arena, read_bare(r));
	const char *q = lex_quoted_end(r->p, r->end);
	size_t len = (size_t)((q ? q - 1 : r->end) - r->p - 1);
	struct buf b = BUF_INIT(len + 1);
	lex_unquote(&b, span_make(r->p + 1, len));
	struct span s = keep ? buf_span(&b) : span_trim(buf_span(&b));
	s = arena_dup(r->arena, s);
	buf_release(&b);
	r->bad |= !q;
	r->p = q ? q : r->end;
	return s;
}

/* "filename*0*": what is behind the first star goes into *s. False: not readable. */
static bool split_name(struct span *name, struct segment *s)
{
	struct span rest = *name, digits;
	s->number = PLAIN;
	if (!span_cut(&rest, '*', name))
		return name->len > 0;
	s->extended = !rest.len;
	if (s->extended)
		return name->len > 0;
	bool star = span_cut(&rest, '*', &digits);
	uint64_t number;
	if (!span_to_u64(digits, MAX_SEGMENTS - 1, &number) || rest.len)
		return false;
	s->extended = star;
	s->number = (int)number;
	return name->len > 0;
}

static struct raw_param *find_raw(struct reader *r, struct span name)
{
	for (size_t i = 0; i < r->n; i++)
		if (span_eq_nocase(r->v[i].name, name))
			return &r->v[i];
	if (r->n == MAX_PARAMS)
		return NULL;
	r->v[r->n].name = lower(r->arena, name);
	return &r->v[r->n++];
}

/* By number, at most MAX_SEGMENTS of them; one that is there already is not taken. */
static bool insert(struct raw_param *p, struct segment *s)
{
	struct segment **at = &p->numbered;
	if (s->number == PLAIN) {
		/* "filename" beside "filename*" is for old readers: the second kind counts */
		bool better = p->plain && s->extended && !p->plain->extended;
		bool second = p->plain && s->extended == p->plain->extended;
		if (!p->plain || better)
			p->plain = s;
		p->duplicate |= second;
		return true;
	}
	while (*at && (*at)->number < s->number)
		at = &(*at)->next;
	if (*at && (*at)->number == s->number) {
		p->duplicate = true;
		return true;
	}
	s->next = *at;
	*at = s;
	return true;
}

static void read_param(struct reader *r)
{
	struct segment s = {0};
	const char *start = r->p;
	while (r->p < r->end && is_name_char(*r->p))
		r->p++;
	struct span name = span_make(start, (size_t)(r->p - start));
	skip_blanks(r);
	if (!name.len || r->p == r->end || *r->p != '=') {
		r->bad = true;
		if (!name.len && r->p < r->end && *r->p != ';')
			r->p++;
		return;
	}
	r->p++;
	s.value = read_value(r, span_is_nocase(name, "boundary") || span_index(name, '*') >= 0);
	struct raw_param *p = split_name(&name, &s) ? find_raw(r, name) : NULL;
	struct segment *copy = p ? arena_new(r->arena, 1, sizeof(s)) : NULL;
	if (!copy) {
		r->bad = true;
		return;
	}
	*copy = s;
	insert(p, copy);
}

static void read_params(struct reader *r)
{
	for (bool semicolon = false;;) {
		skip_blanks(r);
		if (r->p == r->end)
			return;
		if (*r->p == ';') {
			r->p++;
			semicolon = true;
			continue;
		}
		r->bad |= !semicolon;
		semicolon = false;
		read_param(r);
	}
}

/* --- putting the segments together ---------------------------------------------- */

static void percent_decode(struct buf *b, struct span s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		if (c == '%' && i + 2 < s.len && hex_value(s.ptr[i + 1]) >= 0 &&
		    hex_value(s.ptr[i + 2]) >= 0) {
			c = (char)(hex_value(s.ptr[i + 1]) * 16 + hex_value(s.ptr[i + 2]));
			i += 2;
		}
		buf_addc(b, c);
	}
}

/* utf-8'en'text: the charset off the front. */
static struct span take_charset(struct span *s)
{
	struct span rest = *s, charset, language;
	if (!span_cut(&rest, '\'', &charset) || !span_cut(&rest, '\'', &language))
		return SPAN("");
	*s = rest;
	return charset;
}

static struct span finish(struct reader *r, struct buf *bytes, bool extended, struct span charset)
{
	struct buf text = BUF_INIT(bytes->len * 6 + 64);
	if (extended)
		charset_to_utf8(&text, charset, buf_span(bytes));
	else
		word_decode(&text, buf_span(bytes));
	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] == '\n' || text.ptr[i] == '\r' || text.ptr[i] == '\0')
			text.ptr[i] = ' ';
	struct span s = arena_dup(r->arena, buf_span(&text));
	buf_release(&text);
	return s;
}

static struct span assemble(struct reader *r, const struct raw_param *p)
{
	/* name*0 and on win over name, name* too when there is both */
	const struct segment *s = p->numbered ? p->numbered : p->plain;
	struct span charset = SPAN("");
	bool extended = false;
	int want = 0;
	size_t size = 1;
	if (span_is(p->name, "boundary") && s == p->plain && !s->extended)
		return s->value;
	for (const struct segment *t = s; t; t = t->next)
		size += t->value.len;
	struct buf bytes = BUF_INIT(size);
	for (; s; s = s->next) {
		struct span v = s->value;
		if (s->number != PLAIN && s->number != want++) {
			r->bad = true; /* one is missing: what is there is shown */
			want = s->number + 1;
		}
		if (s->extended && !extended) {
			charset = take_charset(&v);
			extended = true;
		}
		if (s->extended)
			percent_decode(&bytes, v);
		else
			buf_add(&bytes, v);
	}
	struct span out = finish(r, &bytes, extended, charset);
	buf_release(&bytes);
	return out;
}

void mime_params_parse(
    struct arena *a, struct span value, struct span *main, struct mime_params *out)
{
	struct reader *r = mem_new(1, sizeof(*r));
	*r = (struct reader){.arena = a, .p = value.ptr, .end = value.ptr + value.len};
	*out = (struct mime_params){0};
	*main = read_main(r);
	read_params(r);
	out->v = r->n ? arena_new(a, r->n, sizeof(*out->v)) : NULL;
	for (size_t i = 0; out->v && i < r->n; i++) {
		struct raw_param *p = &r->v[i];
		if (!p->plain && !p->numbered)
			continue;
		out->v[out->n++] = (struct mime_param){
		    .name = p->name, .value = assemble(r, p), .duplicate = p->duplicate};
		out->duplicate |= p->duplicate;
	}
	out->bad = r->bad || a->over;
	free(r);
}

struct span mime_params_get(const struct mime_params *p, const char *name)
{
	for (size_t i = 0; i < p->n; i++)
		if (span_is_nocase(p->v[i].name, name))
			return p->v[i].value;
	return span_make(NULL, 0);
}
