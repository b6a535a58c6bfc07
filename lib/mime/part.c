#include "mime/part.h"

#include "mime/lex.h"

#include <stdio.h>

enum { BOUNDARY_MAX = 16384 };

#define BIT(t) (UINT32_C(1) << (t))

static void tolerate(struct part_reader *r, enum mime_tolerance t)
{
	r->part->tolerated |= BIT(t);
}

/* Two of a kind: the first counts, and others may think otherwise. True: it does not count. */
static bool is_second(struct part_reader *r, bool *has, enum mime_ambiguity a)
{
	if (*has)
		r->part->ambiguous |= BIT(a);
	bool second = *has;
	*has = true;
	return second && !(r->other & BIT(a));
}

static void set_type(struct mime_part *p, const char *type, const char *subtype)
{
	snprintf(p->type, sizeof(p->type), "%s", type);
	snprintf(p->subtype, sizeof(p->subtype), "%s", subtype);
}

static bool is_token(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] <= 32 || s.ptr[i] >= 127 || strchr("()<>@,;:\\\"/[]?=", s.ptr[i]))
			return false;
	return s.len > 0;
}

/* "multipart" alone is a multipart where it has a boundary; other halves of a type are text (RFC 2045 5.2). */
static void split_type(struct part_reader *r, struct span main)
{
	struct mime_part *p = r->part;
	struct span type, subtype = main;
	if (!span_cut(&subtype, '/', &type)) {
		tolerate(r, MIME_T_BAD_TYPE);
		if (span_is(main, "multipart") && r->boundary.len)
			set_type(p, "multipart", "mixed");
		return;
	}
	if (!is_token(type) || !is_token(subtype)) {
		tolerate(r, MIME_T_BAD_TYPE);
		return;
	}
	if (type.len >= sizeof(p->type) || subtype.len >= sizeof(p->subtype)) {
		tolerate(r, MIME_T_BAD_TYPE);
		set_type(p, "application", "octet-stream");
		return;
	}
	snprintf(p->type, sizeof(p->type), "%.*s", SPAN_ARG(type));
	snprintf(p->subtype, sizeof(p->subtype), "%.*s", SPAN_ARG(subtype));
}

/* Blanks at its end cannot be seen on a line, where they are padding (RFC 2046 5.1.1). */
static struct span read_boundary(struct part_reader *r)
{
	struct span b = mime_params_get(&r->part->params, "boundary");
	for (size_t i = 0; i < r->part->params.n; i++)
		if (r->part->params.v[i].duplicate &&
		    span_is(r->part->params.v[i].name, "boundary"))
			r->part->ambiguous |= BIT(MIME_A_DUPLICATE_BOUNDARY);
	bool given = b.ptr != NULL;
	while (b.len && is_space(b.ptr[b.len - 1]))
		b.len--;
	if (given && !b.len)
		r->part->ambiguous |= BIT(MIME_A_EMPTY_BOUNDARY);
	if (b.len > BOUNDARY_MAX) {
		tolerate(r, MIME_T_BAD_PARAMETER);
		b.len = 0;
	}
	return b.len ? b : SPAN("");
}

/* The boundary that those see for whom the last one counts: the value from its last mention on, behind the type. */
static struct span last_boundary(struct part_reader *r, struct span value)
{
	static const struct span word = {"boundary", 8};
	struct mime_params params;
	struct span main, rest = value, last = value;
	ptrdiff_t at;
	while ((at = span_find_nocase(rest, word)) >= 0) {
		last = span_skip(rest, (size_t)at);
		rest = span_skip(last, word.len);
	}
	struct buf again = BUF_INIT(value.len + 8);
	buf_adds(&again, "x/y; ");
	buf_add(&again, last);
	mime_params_parse(r->arena, buf_span(&again), &main, &params);
	struct span b = arena_dup(r->arena, mime_params_get(&params, "boundary"));
	buf_release(&again);
	return b.ptr ? b : SPAN("");
}

static struct span get_or_empty(const struct mime_params *p, const char *name)
{
	struct span s = mime_params_get(p, name);
	return s.ptr ? s : SPAN("");
}

static void read_type(struct part_reader *r, struct span value)
{
	struct mime_part *p = r->part;
	struct span main;
	mime_params_parse(r->arena, value, &main, &p->params);
	if (p->params.bad)
		tolerate(r, MIME_T_BAD_PARAMETER);
	r->boundary = read_boundary(r);
	if (r->other & r->part->ambiguous & BIT(MIME_A_DUPLICATE_BOUNDARY))
		r->boundary = last_boundary(r, value);
	split_type(r, main);
	p->charset = get_or_empty(&p->params, "charset");
	r->name = get_or_empty(&p->params, "name");
}

static enum mime_encoding encoding_of(struct span word)
{
	static const struct {
		const char *name;
		enum mime_encoding encoding;
	} known[] = {{"7bit", MIME_7BIT}, {"7-bit", MIME_7BIT}, {"8bit", MIME_8BIT},
	    {"8-bit", MIME_8BIT}, {"binary", MIME_BINARY}, {"quoted-printable", MIME_QP},
	    {"base64", MIME_BASE64}, {"x-uuencode", MIME_UUENCODE}, {"uuencode", MIME_UUENCODE},
	    {"x-uue", MIME_UUENCODE}, {"uue", MIME_UUENCODE}};
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (span_is_nocase(word, known[i].name))
			return known[i].encoding;
	return MIME_UNKNOWN_ENCODING;
}

static void read_encoding(struct part_reader *r, struct span value)
{
	struct lex lx;
	struct lex_token t;
	lex_init(&lx, value);
	lex_next(&lx, &t);
	r->part->encoding = t.type == LEX_QUOTED || t.type == LEX_ATOM ? encoding_of(t.text)
								       : MIME_UNKNOWN_ENCODING;
	if (r->part->encoding == MIME_UNKNOWN_ENCODING)
		tolerate(r, MIME_T_BAD_ENCODING);
}

/* What is not known is an attachment (RFC 2183 2.8). */
static void read_disposition(struct part_reader *r, struct span value)
{
	struct mime_params params;
	struct span main;
	mime_params_parse(r->arena, value, &main, &params);
	if (params.bad)
		tolerate(r, MIME_T_BAD_PARAMETER);
	r->part->disposition = span_is(main, "inline") ? MIME_INLINE : MIME_ATTACHMENT;
	r->part->filename = get_or_empty(&params, "filename");
}

static void read_id(struct part_reader *r, struct span value)
{
	struct span s = span_trim(value);
	if (s.len && *s.ptr == '<')
		s = span_skip(s, 1);
	ptrdiff_t close = span_index(s, '>');
	s = arena_dup(r->arena, close >= 0 ? span_take(s, (size_t)close) : s);
	if (s.ptr)
		r->part->content_id = s;
}

void part_field(struct part_reader *r, struct span name, struct span value, bool blank)
{
	if (name.len < 10 || !span_starts_nocase(name, "content-"))
		return;
	struct span what = span_skip(name, 8);
	bool type = span_is_nocase(what, "type");
	bool encoding = span_is_nocase(what, "transfer-encoding");
	bool disposition = span_is_nocase(what, "disposition");
	if (blank && (type || encoding || disposition))
		r->part->ambiguous |= BIT(MIME_A_BLANK_BEFORE_COLON);
	if (blank && r->other & BIT(MIME_A_BLANK_BEFORE_COLON))
		return;
	if (type && !is_second(r, &r->has_type, MIME_A_DUPLICATE_TYPE))
		read_type(r, value);
	if (encoding && !is_second(r, &r->has_encoding, MIME_A_DUPLICATE_ENCODING))
		read_encoding(r, value);
	if (disposition && !is_second(r, &r->has_disposition, MIME_A_DUPLICATE_DISPOSITION))
		read_disposition(r, value);
	if (span_is_nocase(what, "id") && !r->part->content_id.len)
		read_id(r, value);
}

static void settle_multipart(struct part_reader *r)
{
	struct mime_part *p = r->part;
	if (p->encoding > MIME_BINARY)
		tolerate(r, MIME_T_ENCODED_MULTIPART);
	p->leaf = !r->boundary.len;
	if (!p->leaf)
		return;
	tolerate(r, MIME_T_MISSING_BOUNDARY);
	set_type(p, "text", "plain");
}

void part_settle(struct part_reader *r, bool digest)
{
	struct mime_part *p = r->part;
	if (!p->type[0])
		digest &= !r->has_type;
	if (!p->type[0])
		set_type(p, digest ? "message" : "text", digest ? "rfc822" : "plain");
	if (!p->filename.len)
		p->filename = r->name;
	p->leaf = true;
	if (strcmp(p->type, "multipart") == 0)
		settle_multipart(r);
	else
		r->boundary = SPAN("");
	p->is_message = strcmp(p->type, "message") == 0 &&
			(strcmp(p->subtype, "rfc822") == 0 || strcmp(p->subtype, "global") == 0);
	p->leaf &= !p->is_message;
}
