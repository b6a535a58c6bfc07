#include "mime/write.h"

#include "mime/date.h"
#include "mime/fold.h"
#include "mime/lex.h"
#include "mime/param.h"
#include "mime/word.h"

enum { TOKEN_MAX = 900 }; /* a longer one cannot stand on a line of 998 with what is around it */

void header_out_release(struct header_out *h)
{
	buf_release(&h->b);
}

bool header_name_valid(struct span name)
{
	for (size_t i = 0; i < name.len; i++)
		if (name.ptr[i] <= 32 || name.ptr[i] >= 127 || name.ptr[i] == ':')
			return false;
	return name.len > 0 && name.len <= 76;
}

static size_t begin(struct header_out *h, const char *name)
{
	size_t start = h->b.len;
	buf_adds(&h->b, name);
	buf_addn(&h->b, ": ", 2);
	return h->b.len - start;
}

void header_end(struct header_out *h)
{
	while (h->b.len && is_wsp(h->b.ptr[h->b.len - 1]))
		buf_cut(&h->b, h->b.len - 1);
	buf_addc(&h->b, '\n');
}

void header_add_text(struct header_out *h, const char *name, struct span text)
{
	size_t column = begin(h, name);
	word_encode(&h->b, &column, text, h->utf8);
	header_end(h);
}

/* Nothing of a token may end the line, whatever the caller checked. */
static void add_clean(struct buf *b, struct span s, bool utf8)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		bool bad = lex_is_control(c) || (!utf8 && (unsigned char)c >= 128);
		buf_addc(b, bad ? '?' : c);
	}
}

static void add_token(struct header_out *h, size_t *column, struct span word, size_t blanks)
{
	struct buf piece = BUF_INIT(TOKEN_MAX);
	add_clean(&piece, word, h->utf8);
	if (blanks && *column + blanks + piece.len > FOLD_LINE) {
		fold_break(&h->b, column);
	} else if (blanks) {
		buf_addc(&h->b, ' ');
		++*column;
	}
	buf_add(&h->b, buf_span(&piece));
	*column += piece.len;
	buf_release(&piece);
}

static bool next_token(struct span *rest, struct span *word)
{
	while (rest->len && is_space(*rest->ptr))
		*rest = span_skip(*rest, 1);
	size_t n = 0;
	while (n < rest->len && !is_space(rest->ptr[n]))
		n++;
	*word = span_take(*rest, n);
	*rest = span_skip(*rest, n);
	return n > 0;
}

static void add_tokens(struct header_out *h, size_t *column, struct span value)
{
	struct span word;
	for (size_t n = 0; next_token(&value, &word);)
		if (word.len < TOKEN_MAX)
			add_token(h, column, word, n++ ? 1 : 0);
}

void header_add_tokens(struct header_out *h, const char *name, struct span value)
{
	size_t column = begin(h, name);
	add_tokens(h, &column, value);
	header_end(h);
}

/* "Name:" of a group before its first member. */
static void open_group(struct header_out *h, size_t *column, struct span group)
{
	word_encode_phrase(&h->b, column, group, h->utf8);
	buf_addc(&h->b, ':');
	++*column;
}

static bool same_group(const struct address *a, const struct address *b)
{
	return a->in_group && b->in_group && a->group.ptr == b->group.ptr &&
	       a->group.len == b->group.len;
}

void header_add_addresses(struct header_out *h, const char *name, const struct address *v, size_t n)
{
	size_t column = n ? begin(h, name) : 0;
	for (size_t i = 0; i < n; i++) {
		bool first = !i || !same_group(&v[i - 1], &v[i]);
		if (v[i].in_group && first)
			open_group(h, &column, v[i].group);
		if (v[i].in_group && first && v[i].spec.len) {
			buf_addc(&h->b, ' ');
			column++;
		}
		if (v[i].spec.len)
			address_write(&h->b, &column, v[i].name, v[i].spec, h->utf8);
		bool last = i + 1 == n || !same_group(&v[i], &v[i + 1]);
		if (v[i].in_group && last)
			buf_addc(&h->b, ';');
		if (i + 1 < n)
			buf_addn(&h->b, ", ", 2);
		column += (v[i].in_group && last) + 2;
	}
	if (n)
		header_end(h);
}

void header_add_date(struct header_out *h, const char *name, int64_t s, int offset_min)
{
	begin(h, name);
	date_write(&h->b, s, offset_min);
	header_end(h);
}

void header_begin(struct header_out *h, const char *name, struct span main, size_t *column)
{
	*column = begin(h, name);
	add_tokens(h, column, main);
}

void header_add_param(struct header_out *h, size_t *column, const char *name, struct span value)
{
	mime_param_write(&h->b, column, name, value);
}
