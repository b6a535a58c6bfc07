#include "base/alloc.h"
#include "base/intl.h"
#include "query/room.h"

#include <stdlib.h>

/* expr := all ("or" all)*;  all := one (["and"] one)*;  one := "not" one | "(" expr ")" | term */

enum token_type { TOKEN_END, TOKEN_OPEN, TOKEN_CLOSE, TOKEN_AND, TOKEN_OR, TOKEN_NOT, TOKEN_TERM };
struct parser {
	struct query *q;
	struct span rest;
	query_flag_fn *flags;
	unsigned depth, open, terms;
	enum token_type type;
	struct buf value; /* of a term, without quotes and key */
	struct span key;  /* ptr NULL: none */
};

static enum token_type operator_of(struct span word)
{
	if (span_is_nocase(word, "and"))
		return TOKEN_AND;
	if (span_is_nocase(word, "or"))
		return TOKEN_OR;
	return span_is_nocase(word, "not") ? TOKEN_NOT : TOKEN_TERM;
}

/* Up to a blank, or the parenthesis that closes one; quotes take blanks in. *plain: without quotes. */
static int take_word(struct parser *p, bool *plain, struct err *e)
{
	bool quoted = false;
	size_t i = 0;
	*plain = true;
	for (; i < p->rest.len; i++) {
		char c = p->rest.ptr[i];
		if (!quoted && (is_space(c) || (c == ')' && p->open)))
			break;
		if (quoted && c == '\\' && i + 1 < p->rest.len) {
			buf_addc(&p->value, p->rest.ptr[++i]);
		} else if (c == '"') {
			quoted = !quoted;
			*plain = false;
		} else {
			buf_addc(&p->value, c);
		}
	}
	p->rest = span_skip(p->rest, i);
	return quoted ? err_set(e, EX_USAGE, _("query: a quote is not closed")) : 0;
}

static int next_token(struct parser *p, struct err *e)
{
	bool plain;
	while (p->rest.len && is_space(*p->rest.ptr))
		p->rest = span_skip(p->rest, 1);
	buf_reset(&p->value);
	p->key = (struct span){0};
	if (!p->rest.len || *p->rest.ptr == '(' || (*p->rest.ptr == ')' && p->open)) {
		p->type = !p->rest.len ? TOKEN_END : *p->rest.ptr == '(' ? TOKEN_OPEN : TOKEN_CLOSE;
		p->rest = span_skip(p->rest, 1);
		return 0;
	}
	size_t key = query_key_length(p->rest);
	p->key.ptr = key ? p->rest.ptr : NULL;
	p->key.len = key ? key - 1 : 0;
	p->rest = span_skip(p->rest, key);
	if (take_word(p, &plain, e) < 0)
		return -1;
	p->type = plain && !key ? operator_of(buf_span(&p->value)) : TOKEN_TERM;
	return 0;
}

static struct query_node *node_new(struct parser *p, enum query_kind kind)
{
	struct query_node *n = arena_new(&p->q->arena, 1, sizeof(*n));
	if (n)
		n->kind = kind;
	return n;
}

static struct query_node *too_long(struct err *e)
{
	err_set(e, EX_USAGE, _("query: more than %d terms"), QUERY_TERMS_MAX);
	return NULL;
}

static void append(struct query_node *to, struct query_node *child)
{
	if (to->last)
		to->last->next = child;
	else
		to->first = child;
	to->last = child;
}

static struct query_node *parse_or(struct parser *p, struct err *e);
static struct query_node *parse_one(struct parser *p, struct err *e);

static struct query_node *parse_term(struct parser *p, struct err *e)
{
	struct query_node *n = node_new(p, QUERY_TERM);
	if (!n || p->terms++ >= QUERY_TERMS_MAX)
		return too_long(e);
	if (query_term_set(p->q, n, p->key, buf_span(&p->value), p->flags, e) < 0)
		return NULL;
	return next_token(p, e) < 0 ? NULL : n;
}

static struct query_node *parse_group(struct parser *p, struct err *e)
{
	p->open++;
	struct query_node *n = next_token(p, e) < 0 ? NULL : parse_or(p, e);
	p->open--;
	if (n && p->type != TOKEN_CLOSE) {
		err_set(e, EX_USAGE, _("query: a parenthesis is not closed"));
		return NULL;
	}
	return n && next_token(p, e) < 0 ? NULL : n;
}

static struct query_node *parse_not(struct parser *p, struct err *e)
{
	struct query_node *n = node_new(p, QUERY_NOT), *child = NULL;
	if (!n)
		return too_long(e);
	if (next_token(p, e) < 0)
		return NULL;
	if (p->type == TOKEN_NOT)
		child = parse_one(p, e); /* which counts the levels */
	else if (p->type == TOKEN_OPEN)
		child = parse_group(p, e);
	else if (p->type == TOKEN_TERM)
		child = parse_term(p, e);
	else
		err_set(e, EX_USAGE, _("query: something must follow \"not\""));
	if (!child)
		return NULL;
	append(n, child);
	return n;
}

static struct query_node *parse_one(struct parser *p, struct err *e)
{
	struct query_node *n = NULL;
	if (p->depth >= QUERY_DEPTH_MAX) {
		err_set(e, EX_USAGE, _("query: more than %d levels"), QUERY_DEPTH_MAX);
		return NULL;
	}
	p->depth++;
	switch (p->type) {
	case TOKEN_NOT: n = parse_not(p, e); break;
	case TOKEN_OPEN: n = parse_group(p, e); break;
	case TOKEN_TERM: n = parse_term(p, e); break;
	case TOKEN_AND:
		err_set(e, EX_USAGE, _("query: something must stand before \"and\""));
		break;
	case TOKEN_OR: err_set(e, EX_USAGE, _("query: something must stand before \"or\"")); break;
	default: err_set(e, EX_USAGE, _("query: something is missing at its end")); break;
	}
	p->depth--;
	return n;
}

static struct query_node *parse_and(struct parser *p, struct err *e)
{
	struct query_node *all = node_new(p, QUERY_AND), *n;
	if (!all)
		return too_long(e);
	for (;;) {
		if (!(n = parse_one(p, e)))
			return NULL;
		append(all, n);
		if (p->type == TOKEN_AND && next_token(p, e) < 0)
			return NULL;
		else if (p->type != TOKEN_NOT && p->type != TOKEN_OPEN && p->type != TOKEN_TERM)
			return all;
	}
}

static struct query_node *parse_or(struct parser *p, struct err *e)
{
	struct query_node *any = node_new(p, QUERY_OR), *n;
	if (!any)
		return too_long(e);
	for (;;) {
		if (!(n = parse_and(p, e)))
			return NULL;
		append(any, n);
		if (p->type != TOKEN_OR)
			return any;
		if (next_token(p, e) < 0)
			return NULL;
	}
}

int query_parse(struct query **out, struct span text, query_flag_fn *flags, struct err *e)
{
	struct query *q = mem_new(1, sizeof(*q));
	struct parser p = {.q = q, .rest = text, .flags = flags};
	arena_init(&q->arena, 4u << 20);
	buf_init(&p.value, text.len);
	int r = next_token(&p, e);
	if (r == 0 && p.type == TOKEN_END)
		q->top = node_new(&p, QUERY_AND);
	else if (r == 0)
		q->top = parse_or(&p, e);
	r = q->top ? 0 : -1;
	if (r == 0 && p.type != TOKEN_END)
		r = err_set(e, EX_USAGE, _("query: a term is missing"));
	buf_release(&p.value);
	if (r < 0)
		query_free(q);
	else
		*out = q;
	return r;
}

void query_free(struct query *q)
{
	if (q)
		arena_release(&q->arena);
	free(q);
}

bool query_has_in(const struct query *q)
{
	return q->has_in;
}

bool query_wants_more(struct span operand)
{
	operand = span_trim(operand);
	return operator_of(operand) != TOKEN_TERM ||
	       (operand.len && operand.ptr[operand.len - 1] == '(');
}

bool query_is_term(struct span operand)
{
	operand = span_trim(operand);
	if (!operand.len || strchr("(\"", *operand.ptr) || span_is(operand, ")"))
		return operand.len != 0;
	return operator_of(operand) != TOKEN_TERM || query_key_length(operand) > 0;
}
