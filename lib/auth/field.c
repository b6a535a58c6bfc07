#include "auth/field.h"

#include "mime/lex.h"

enum { ID_MAX = 1024, LINE = 78, PIECE_MAX = 4096, REASON_MAX = 200, VALUE_MAX = 900 };

/* --- writing --- */

/* RFC 2045 token, and what else values have without quotes: "@" and "/" (RFC 8601 2.2). */
static bool is_plain(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] <= ' ' || s.ptr[i] >= 0x7f || strchr("()<>,;:\\\"[]?=", s.ptr[i]))
			return false;
	return s.len > 0;
}

static void add_quoted(struct buf *b, struct span s)
{
	buf_addc(b, '"');
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		if (c == '"' || c == '\\')
			buf_addc(b, '\\');
		/* octets above 127 stay: RFC 8616 wants U-labels and UTF-8 as they are */
		buf_addc(b, (unsigned char)c < ' ' || c == 0x7f ? '?' : c);
	}
	buf_addc(b, '"');
}

static void add_value(struct buf *b, struct span s)
{
	if (is_plain(s))
		buf_add(b, s);
	else
		add_quoted(b, s);
}

struct folded {
	struct buf *out;
	size_t column;
};

/* A piece behind a blank, on a new line where it does not fit. */
static void put_piece(struct folded *f, struct span piece)
{
	if (f->column + 1 + piece.len > LINE) {
		buf_adds(f->out, "\n\t");
		f->column = 8;
	} else {
		buf_addc(f->out, ' ');
		f->column++;
	}
	buf_add(f->out, piece);
	f->column += piece.len;
}

/* A quoted text that is longer than a line is folded at its blanks, where a fold means no more than they do. */
static void put(struct folded *f, struct span piece)
{
	struct span word;
	if (piece.len <= LINE - 8) {
		put_piece(f, piece);
		return;
	}
	for (bool more = true; more;) {
		more = span_cut(&piece, ' ', &word);
		put_piece(f, word);
	}
}

static void put_pair(struct folded *f, const char *name, struct span value)
{
	struct buf b = BUF_INIT(PIECE_MAX);
	buf_adds(&b, name);
	buf_addc(&b, '=');
	add_value(&b, value);
	put(f, buf_span(&b));
	buf_release(&b);
}

/* What a reason quotes may be in any charset, or cut in the middle of a letter. */
static void put_reason(struct folded *f, const char *reason)
{
	struct buf b = BUF_INIT(PIECE_MAX);
	for (; *reason && b.len < REASON_MAX; reason++)
		buf_addc(&b, (unsigned char)*reason > 127 ? '?' : *reason);
	put_pair(f, "reason", buf_span(&b));
	buf_release(&b);
}

/* Each result on a line of its own. */
static void put_result(struct folded *f, const struct auth_result *r)
{
	buf_adds(f->out, ";\n\t");
	buf_addf(f->out, "%s=%s", r->method, auth_code_word(r->code));
	f->column = 8 + strlen(r->method) + 1 + strlen(auth_code_word(r->code));
	if (r->reason)
		put_reason(f, r->reason);
	/* what fits on no line (RFC 5322 2.1.1) is left out: half of an address would be another one's, half of a quoted text would take what follows into it */
	for (size_t i = 0; i < r->n; i++)
		if (strlen(r->v[i].value) <= VALUE_MAX)
			put_pair(f, r->v[i].name, span_of(r->v[i].value));
}

void auth_field_write(struct buf *out, const char *authserv_id, const struct auth_results *all)
{
	struct folded f = {.out = out};
	buf_adds(out, "Authentication-Results: ");
	add_value(out, span_of(authserv_id));
	if (!all->n)
		buf_adds(out, "; none");
	for (size_t i = 0; i < all->n; i++)
		put_result(&f, all->v[i]);
	buf_addc(out, '\n');
}

/* --- reading --- */

static const char *skip_blanks(const char *p, const char *end)
{
	while (p < end) {
		const char *after = *p == '(' ? lex_comment_end(p, end) : NULL;
		if (after)
			p = after;
		else if (is_space(*p))
			p++;
		else
			break;
	}
	return p;
}

/* The next word: a quoted string without its quotes, or what goes up to a blank or one of these. */
static const char *take_word(const char *p, const char *end, const char *stop, struct buf *out)
{
	if (p < end && *p == '"') {
		const char *after = lex_quoted_end(p, end);
		if (after) {
			lex_unquote(out, span_make(p + 1, (size_t)(after - p) - 2));
			return after;
		}
	}
	while (p < end && !is_space(*p) && *p != '(' && !strchr(stop, *p))
		buf_addc(out, *p++);
	return p;
}

void auth_field_read(struct auth_field_parts *p, struct span value)
{
	*p = (struct auth_field_parts){.id = BUF_INIT(ID_MAX)};
	if (!value.len)
		return;
	const char *at = value.ptr, *end = value.ptr + value.len;
	at = take_word(skip_blanks(at, end), end, ";", &p->id);
	/* a version may stand behind it */
	struct buf version = BUF_INIT(ID_MAX);
	at = skip_blanks(at, end);
	at = skip_blanks(take_word(at, end, ";", &version), end);
	buf_release(&version);
	if (at < end && *at == ';')
		p->results = span_make(at + 1, (size_t)(end - at) - 1);
}

void auth_field_release(struct auth_field_parts *p)
{
	buf_release(&p->id);
}

bool auth_field_is_of(struct span value, const char *authserv_id)
{
	struct auth_field_parts p;
	auth_field_read(&p, value);
	struct span id = buf_span(&p.id);
	/* whoever compares domains takes "mx.example." for "mx.example" */
	while (id.len && id.ptr[id.len - 1] == '.')
		id.len--;
	bool is = !id.len || p.id.over || span_is_nocase(id, authserv_id);
	auth_field_release(&p);
	return is;
}

/* Behind the next ";" that is in no comment and no quotes. */
static const char *next_result(const char *p, const char *end)
{
	while (p < end) {
		const char *after = *p == '('   ? lex_comment_end(p, end)
				    : *p == '"' ? lex_quoted_end(p, end)
						: NULL;
		if (!after && *p == ';')
			return p + 1;
		p = after ? after : p + 1;
	}
	return end;
}

/* "method/version=result": what stands behind it, or NULL where it is another method. */
static const char *read_result(const char *p, const char *end, const char *method, struct buf *out)
{
	struct buf name = BUF_INIT(ID_MAX);
	p = skip_blanks(take_word(skip_blanks(p, end), end, "=/;", &name), end);
	bool is = span_is_nocase(buf_span(&name), method);
	buf_release(&name);
	if (is && p < end && *p == '/') {
		p = skip_blanks(p + 1, end);
		while (p < end && is_digit(*p))
			p++;
		p = skip_blanks(p, end);
	}
	if (!is || p >= end || *p != '=')
		return NULL;
	return take_word(skip_blanks(p + 1, end), end, ";", out);
}

/* The first mention of a method, and what stands behind its result. */
static const char *find_method(
    const struct auth_field_parts *p, const char *method, struct buf *result)
{
	if (!p->results.len)
		return NULL;
	const char *at = p->results.ptr, *end = at + p->results.len, *behind = NULL;
	while (at < end && !(behind = read_result(at, end, method, result)))
		at = next_result(at, end);
	return behind;
}

void auth_field_result(struct span value, const char *method, struct buf *out)
{
	struct auth_field_parts p;
	auth_field_read(&p, value);
	find_method(&p, method, out);
	auth_field_release(&p);
}

void auth_field_property(struct span value, const char *method, const char *name, struct buf *out)
{
	struct auth_field_parts p;
	struct buf word = BUF_INIT(ID_MAX);
	auth_field_read(&p, value);
	const char *at = find_method(&p, method, &word);
	const char *end = at ? p.results.ptr + p.results.len : NULL;
	while (at && (at = skip_blanks(at, end)) < end && *at != ';') {
		buf_reset(&word);
		const char *before = at;
		at = skip_blanks(take_word(at, end, "=;", &word), end);
		bool is = span_is_nocase(buf_span(&word), name);
		buf_reset(&word);
		if (at < end && *at == '=')
			at = take_word(skip_blanks(at + 1, end), end, ";", is ? out : &word);
		if (is || at == before)
			break;
	}
	buf_release(&word);
	auth_field_release(&p);
}
