#include "imap/lex.h"

#include "base/intl.h"

void imap_lex_init(struct imap_lex *l, struct stream *s)
{
	*l = (struct imap_lex){.stream = s, .literal_max = LEX_STRING};
	buf_init(&l->text, LEX_STRING);
}

void imap_lex_release(struct imap_lex *l)
{
	buf_release(&l->text);
}

/* --- bytes --- */

/* The next byte, not taken; -1 with e. */
static int peek(struct imap_lex *l, struct err *e)
{
	for (;;) {
		struct span s = stream_peek(l->stream);
		if (s.len)
			return (unsigned char)s.ptr[0];
		int r = stream_fill(l->stream, e);
		if (r < 0)
			return -1;
		if (r == 0)
			return err_set(e, EX_TEMPFAIL, _("connection closed by the server"));
	}
}

static void take(struct imap_lex *l)
{
	stream_take(l->stream, 1);
}

static int keep(struct imap_lex *l, int c, struct err *e)
{
	buf_addc(&l->text, (char)c);
	take(l);
	if (l->text.over)
		return err_set(e, EX_PROTOCOL, _("a word longer than %d bytes"), LEX_STRING);
	return 0;
}

/* LF after an optional CR that was taken already. */
static int line_end(struct imap_lex *l, struct imap_token *t, struct err *e)
{
	int c = peek(l, e);
	if (c == '\r') {
		take(l);
		c = peek(l, e);
	}
	if (c < 0)
		return -1;
	if (c != '\n')
		return err_set(e, EX_PROTOCOL, _("a CR in the middle of a response"));
	take(l);
	if (l->depth)
		return err_set(e, EX_PROTOCOL, _("the line ends inside a list"));
	t->kind = IMAP_END;
	return 0;
}

/* --- tokens --- */

static int lex_quoted(struct imap_lex *l, struct imap_token *t, struct err *e)
{
	int c;
	take(l);
	while ((c = peek(l, e)) != '"') {
		if (c == '\\') {
			take(l);
			c = peek(l, e);
		}
		if (c < 0)
			return -1;
		if (c == '\r' || c == '\n' || c == 0)
			return err_set(e, EX_PROTOCOL, _("a quoted string that does not end"));
		if (keep(l, c, e) < 0)
			return -1;
	}
	take(l);
	t->kind = IMAP_QUOTED;
	t->text = buf_span(&l->text);
	return 0;
}

static int literal_length(struct imap_lex *l, uint64_t *n, struct err *e)
{
	int c;
	take(l);
	while ((c = peek(l, e)) >= 0 && c != '}') {
		bool plus = c == '+' && l->text.len > 0;
		if (!is_digit((char)c) && !plus)
			return err_set(e, EX_PROTOCOL, _("a literal without a length"));
		if (plus)
			take(l);
		else if (keep(l, c, e) < 0)
			return -1;
	}
	if (c < 0)
		return -1;
	take(l);
	if (!span_to_u64(buf_span(&l->text), UINT64_MAX / 2, n))
		return err_set(e, EX_PROTOCOL, _("a literal without a length"));
	return 0;
}

static int lex_literal(struct imap_lex *l, struct imap_token *t, struct err *e)
{
	uint64_t n;
	if (literal_length(l, &n, e) < 0)
		return -1;
	if (n > l->literal_max)
		return err_set(e, EX_PROTOCOL, _("a literal of %llu bytes; the limit here is %llu"),
		    (unsigned long long)n, (unsigned long long)l->literal_max);
	struct imap_token end;
	int depth = l->depth;
	l->depth = 0; /* a line may end here, whatever is open */
	int r = line_end(l, &end, e);
	l->depth = depth;
	if (r < 0)
		return -1;
	l->literal_left = n;
	t->kind = IMAP_LITERAL;
	t->number = n;
	t->text = (struct span){"", 0};
	return 0;
}

static bool ends_atom(int c)
{
	return c == ' ' || c == '(' || c == ')' || c == '\r' || c == '\n' || c == '"';
}

/* What stands in brackets belongs to the atom, blanks and parentheses too: BODY[HEADER.FIELDS (SUBJECT)]<0>. */
static int lex_atom(struct imap_lex *l, struct imap_token *t, struct err *e)
{
	int c, brackets = 0;
	while ((c = peek(l, e)) >= 0 && (brackets || !ends_atom(c))) {
		if (c == '\r' || c == '\n')
			return err_set(e, EX_PROTOCOL, _("the line ends inside brackets"));
		brackets += c == '[';
		brackets -= c == ']' && brackets;
		if (keep(l, c, e) < 0)
			return -1;
	}
	if (c < 0)
		return -1;
	t->kind = IMAP_ATOM;
	t->text = buf_span(&l->text);
	return 0;
}

static int lex_list(struct imap_lex *l, int c, struct imap_token *t, struct err *e)
{
	take(l);
	l->depth += c == '(' ? 1 : -1;
	if (l->depth > LEX_DEPTH)
		return err_set(e, EX_PROTOCOL, _("lists more than %d deep"), LEX_DEPTH);
	if (l->depth < 0)
		return err_set(e, EX_PROTOCOL, _("a closing parenthesis too many"));
	t->kind = c == '(' ? IMAP_OPEN : IMAP_CLOSE;
	return 0;
}

int imap_lex_next(struct imap_lex *l, struct imap_token *t, struct err *e)
{
	int c;
	if (l->literal_left && imap_lex_literal(l, NULL, e) < 0)
		return -1;
	buf_reset(&l->text);
	*t = (struct imap_token){.text = {"", 0}};
	while ((c = peek(l, e)) == ' ')
		take(l);
	switch (c) {
	case -1: return -1;
	case '\r':
	case '\n': return line_end(l, t, e);
	case '(':
	case ')': return lex_list(l, c, t, e);
	case '"': return lex_quoted(l, t, e);
	case '{': return lex_literal(l, t, e);
	case '~': /* literal8, RFC 9051; else an atom */
		take(l);
		c = peek(l, e);
		if (c < 0)
			return -1;
		if (c == '{')
			return lex_literal(l, t, e);
		buf_addc(&l->text, '~');
		return lex_atom(l, t, e);
	default: return lex_atom(l, t, e);
	}
}

/* --- values --- */

int imap_lex_literal(struct imap_lex *l, struct sink *to, struct err *e)
{
	uint64_t since = 0;
	int result = 0;
	while (l->literal_left) {
		if (peek(l, e) < 0)
			return -1;
		struct span s = span_take(stream_peek(l->stream), l->literal_left);
		if (to && result == 0 && sink_put(to, s, e) < 0)
			result = 1;
		since += s.len;
		l->literal_left -= s.len;
		stream_take(l->stream, s.len);
		if (to && l->timeout_ms && since >= 64 << 10) {
			stream_timeout(l->stream, l->timeout_ms);
			since = 0;
		}
	}
	return result;
}

int imap_lex_string(
    struct imap_lex *l, const struct imap_token *t, struct buf *out, size_t max, struct err *e)
{
	if (t->kind == IMAP_OPEN || t->kind == IMAP_CLOSE || t->kind == IMAP_END)
		return err_set(e, EX_PROTOCOL, _("a string was expected"));
	if ((t->kind == IMAP_LITERAL ? t->number : t->text.len) > max)
		return err_set(e, EX_PROTOCOL, _("a string longer than %zu bytes"), max);
	if (t->kind != IMAP_LITERAL) {
		if (!imap_token_is(t, "NIL"))
			buf_add(out, t->text);
		return 0;
	}
	struct sink_buf to;
	sink_buf_init(&to, out);
	return imap_lex_literal(l, &to.sink, e) ? -1 : 0;
}

int imap_lex_line(struct imap_lex *l, struct span *line, struct err *e)
{
	int c;
	buf_reset(&l->text);
	while ((c = peek(l, e)) >= 0 && c != '\n') {
		buf_addc(&l->text, (char)c);
		take(l);
		if (l->text.len > LEX_TEXT)
			return err_set(e, EX_PROTOCOL, _("a line longer than %d bytes"), LEX_TEXT);
	}
	if (c < 0)
		return -1;
	take(l);
	l->depth = 0;
	*line = span_trim(buf_span(&l->text));
	return 0;
}

int imap_lex_skip(struct imap_lex *l, struct err *e)
{
	struct imap_token t;
	do {
		if (imap_lex_next(l, &t, e) < 0)
			return -1;
	} while (t.kind != IMAP_END);
	return 0;
}

int imap_lex_skip_value(struct imap_lex *l, const struct imap_token *t, struct err *e)
{
	struct imap_token next = *t;
	int outside = l->depth - (t->kind == IMAP_OPEN);
	while (l->depth > outside)
		if (imap_lex_next(l, &next, e) < 0)
			return -1;
	return imap_lex_literal(l, NULL, e);
}

bool imap_token_is(const struct imap_token *t, const char *word)
{
	return t->kind == IMAP_ATOM && span_is_nocase(t->text, word);
}

bool imap_token_number(const struct imap_token *t, uint64_t max, uint64_t *out)
{
	return t->kind == IMAP_ATOM && span_to_u64(t->text, max, out);
}

bool imap_token_is_string(const struct imap_token *t)
{
	return t->kind == IMAP_ATOM || t->kind == IMAP_QUOTED || t->kind == IMAP_LITERAL;
}

int imap_lex_expect(
    struct imap_lex *l, enum imap_token_kind kind, struct imap_token *t, struct err *e)
{
	static const char *const names[] = {"word", "string", "literal", "(", ")", "end of line"};
	if (imap_lex_next(l, t, e) < 0)
		return -1;
	if (t->kind != kind)
		return err_set(
		    e, EX_PROTOCOL, _("%s where %s was expected"), names[t->kind], names[kind]);
	return 0;
}
