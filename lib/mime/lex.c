#include "mime/lex.h"

void lex_init(struct lex *lx, struct span value)
{
	*lx = (struct lex){.p = value.ptr, .end = value.ptr + value.len};
}

bool lex_is_atext(char c)
{
	if (is_alpha(c) || is_digit(c) || (unsigned char)c >= 128)
		return true;
	return c && strchr("!#$%&'*+-/=?^_`{|}~", c);
}

bool lex_is(const struct lex_token *t, char special)
{
	return t->type == LEX_SPECIAL && *t->text.ptr == special;
}

const char *lex_comment_end(const char *p, const char *end)
{
	size_t depth = 0;
	for (; p < end; p++) {
		if (*p == '\\' && p + 1 < end)
			p++;
		else if (*p == '(')
			depth++;
		else if (*p == ')' && --depth == 0)
			return p + 1;
	}
	return NULL;
}

static const char *closing(const char *p, const char *end, char close)
{
	for (p++; p < end; p++) {
		if (*p == '\\' && p + 1 < end)
			p++;
		else if (*p == close)
			return p + 1;
	}
	return NULL;
}

const char *lex_quoted_end(const char *p, const char *end)
{
	return closing(p, end, '"');
}

static bool is_charset_char(char c)
{
	return is_alpha(c) || is_digit(c) || (c && strchr("-_.:+*()'", c));
}

const char *lex_encoded_word(
    const char *p, const char *end, struct span *charset, char *encoding, struct span *text)
{
	if (end - p < 8 || p[0] != '=' || p[1] != '?')
		return NULL;
	const char *cs = p + 2, *q = cs;
	while (q < end && is_charset_char(*q))
		q++;
	/* what follows the charset: ?q?, ?B? */
	if (q == cs || end - q < 5 || q[0] != '?' || q[2] != '?' || !strchr("bBqQ", q[1]) || !q[1])
		return NULL;
	const char *body = q + 3, *s = body;
	while ((s = memchr(s, '?', (size_t)(end - s)))) {
		if (s + 1 < end && s[1] == '=')
			break;
		/* another word begins here: this one never closed. A lone '?' stands for itself, as some write it. */
		if (s > body && s[-1] == '=')
			return NULL;
		s++;
	}
	if (!s)
		return NULL;
	if (charset)
		*charset = span_make(cs, (size_t)(q - cs));
	if (encoding)
		*encoding = to_lower(q[1]);
	if (text)
		*text = span_make(body, (size_t)(s - body));
	return s + 2;
}

void lex_unquote(struct buf *b, struct span escaped)
{
	for (size_t i = 0; i < escaped.len; i++) {
		char c = escaped.ptr[i];
		if (c == '\\' && i + 1 < escaped.len)
			c = escaped.ptr[++i];
		if (c != '\r' && c != '\n')
			buf_addc(b, c);
	}
}

/* Passes over CFWS; true when there was any. */
static bool skip_blanks(struct lex *lx)
{
	const char *start = lx->p, *q;
	while (lx->p < lx->end) {
		if (is_wsp(*lx->p) || *lx->p == '\r' || *lx->p == '\n') {
			lx->p++;
		} else if (*lx->p == '(' && !lx->open_comment) {
			q = lex_comment_end(lx->p, lx->end);
			lx->open_comment = !q;
			if (!q)
				break;
			lx->comment = span_make(lx->p + 1, (size_t)(q - lx->p - 2));
			lx->p = q;
		} else {
			break;
		}
	}
	return lx->p > start;
}

static bool has_control(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (lex_is_control(s.ptr[i]) && !is_wsp(s.ptr[i]) && s.ptr[i] != '\r' &&
		    s.ptr[i] != '\n')
			return true;
	return false;
}

/* "..." or [...]: its end, or NULL, and then it is not looked for again (that would be quadratic). */
static const char *enclosed(const struct lex *lx, bool *open, char close)
{
	const char *q = *open ? NULL : closing(lx->p, lx->end, close);
	*open = !q;
	return q;
}

enum lex_type lex_next(struct lex *lx, struct lex_token *t)
{
	*t = (struct lex_token){.blank = skip_blanks(lx)};
	const char *start = lx->p, *q = NULL;
	if (start == lx->end)
		return t->type = LEX_END;
	char c = *start;
	t->type = LEX_BAD;
	if (c == '"' && (q = enclosed(lx, &lx->open_quote, '"'))) {
		t->type = LEX_QUOTED;
		t->text = span_make(start + 1, (size_t)(q - start - 2));
	} else if (c == '[' && (q = enclosed(lx, &lx->open_literal, ']'))) {
		t->type = LEX_LITERAL;
	} else if ((q = lex_encoded_word(start, lx->end, NULL, NULL, NULL))) {
		t->type = LEX_ATOM;
	} else if (lex_is_atext(c)) {
		t->type = LEX_ATOM;
		for (q = start; q < lx->end && lex_is_atext(*q);)
			q++;
	} else {
		q = start + 1;
		if (c && strchr("<>@,;:.", c))
			t->type = LEX_SPECIAL;
	}
	if (t->type != LEX_QUOTED)
		t->text = span_make(start, (size_t)(q - start));
	t->control = has_control(t->text);
	lx->p = q;
	return t->type;
}
