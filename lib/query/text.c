#include "codec/utf8.h"
#include "query/room.h"

#include <string.h>

enum { WINDOW = 32 * 1024 };

static void squeeze_blanks(struct buf *b, size_t from)
{
	size_t to = from;
	for (size_t i = from; i < b->len; i++) {
		char c = b->ptr[i];
		if (!is_space(c))
			b->ptr[to++] = c;
		else if (to == from || b->ptr[to - 1] != ' ')
			b->ptr[to++] = ' ';
	}
	buf_cut(b, to);
}

/* Most text is ASCII: a loop that the compiler turns into vectors. */
static void fold_case(struct buf *b, struct span text)
{
	if (!is_ascii(text)) {
		utf8_fold(b, text);
		return;
	}
	char *to = buf_room(b, text.len);
	if (!to)
		return;
	for (size_t i = 0; i < text.len; i++)
		to[i] = (char)(text.ptr[i] | ((unsigned char)(text.ptr[i] - 'A') < 26 ? 32 : 0));
	buf_grew(b, text.len);
}

void query_fold(struct buf *b, struct span text)
{
	size_t from = b->len;
	fold_case(b, text);
	squeeze_blanks(b, from);
}

/* What is searched: all that is gathered but a character that is not complete yet. */
static void search(struct text_search *s, bool last)
{
	struct span text = buf_span(&s->window);
	if (!last)
		text.len -= utf8_cut_tail(text);
	buf_reset(&s->folded);
	fold_case(&s->folded, text);
	if (s->blanks)
		squeeze_blanks(&s->folded, 0);
	for (const struct query_node *const *t = s->terms; *t; t++) {
		if (s->hit[(*t)->index] ||
		    !memmem(buf_cstr(&s->folded), s->folded.len, (*t)->text.ptr, (*t)->text.len))
			continue;
		s->hit[(*t)->index] = true;
		s->hits++;
	}
}

/* The end of the window is kept, from the start of a character on: what is looked for may stand across. */
static void slide(struct text_search *s)
{
	size_t keep = s->keep < s->window.len ? s->keep : s->window.len;
	while (keep < s->window.len &&
	       ((unsigned char)s->window.ptr[s->window.len - keep] & 0xc0) == 0x80)
		keep++;
	buf_drop(&s->window, s->window.len - keep);
}

static int search_put(struct sink *sink, struct span bytes, struct err *e)
{
	struct text_search *s = (struct text_search *)sink;
	(void)e;
	while (bytes.len) {
		struct span piece = span_take(bytes, s->window.max - s->window.len);
		buf_add(&s->window, piece);
		bytes = span_skip(bytes, piece.len);
		if (s->window.len == s->window.max) {
			search(s, false);
			slide(s);
		}
	}
	return 0;
}

static int search_end(struct sink *sink, struct err *e)
{
	struct text_search *s = (struct text_search *)sink;
	(void)e;
	if (s->window.len)
		search(s, true);
	buf_reset(&s->window);
	return 0;
}

void text_search_init(
    struct text_search *s, const struct query_node *const *terms, size_t longest, bool *hit)
{
	*s = (struct text_search){.sink = {search_put, search_end}, .terms = terms, .hit = hit};
	for (; *terms; terms++)
		s->blanks = s->blanks || span_index((*terms)->text, ' ') >= 0;
	s->keep = 4 * longest; /* folding can make text shorter, and blanks are squeezed */
	buf_init(&s->window, WINDOW + 2 * s->keep);
	buf_init(&s->folded, 4 * s->window.max);
}

void text_search_reset(struct text_search *s)
{
	buf_reset(&s->window);
	s->hits = 0;
}

void text_search_release(struct text_search *s)
{
	buf_release(&s->window);
	buf_release(&s->folded);
}
