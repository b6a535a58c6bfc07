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

/* A loop that the compiler turns into vectors. */
static void fold_case_bytes(struct buf *b, struct span text)
{
	char *to = buf_room(b, text.len);
	if (!to)
		return;
	for (size_t i = 0; i < text.len; i++)
		to[i] = (char)(text.ptr[i] | ((unsigned char)(text.ptr[i] - 'A') < 26 ? 32 : 0));
	buf_grew(b, text.len);
}

static void fold_case(struct buf *b, struct span text)
{
	if (is_ascii(text))
		fold_case_bytes(b, text);
	else
		utf8_fold(b, text);
}

/* Characters that fold to ASCII letters. */
static const struct {
	const char *utf8, *ascii;
} to_ascii[] = {{"\303\237", "ss"}, {"\305\277", "s"}, {"\342\204\252", "k"},
    {"\341\272\236", "ss"}, {"\357\254\200", "ff"}, {"\357\254\201", "fi"}, {"\357\254\202", "fl"},
    {"\357\254\203", "ffi"}, {"\357\254\204", "ffl"}, {"\357\254\205", "st"},
    {"\357\254\206", "st"}};

static bool may_begin(char c)
{
	switch ((unsigned char)c) {
	case 0303:
	case 0305:
	case 0341:
	case 0342:
	case 0357: return true;
	default: return false;
	}
}

static size_t letters_of(struct span text, const char **ascii)
{
	for (size_t i = 0; i < sizeof(to_ascii) / sizeof(*to_ascii); i++) {
		if (!span_starts(text, to_ascii[i].utf8))
			continue;
		*ascii = to_ascii[i].ascii;
		return strlen(to_ascii[i].utf8);
	}
	return 0;
}

/* Where only ASCII is looked for other letters stay as they are: full folding costs ten times the decoding. */
static void fold_to_ascii(struct buf *b, struct span text)
{
	while (text.len) {
		size_t n = 0;
		const char *ascii;
		while (n < text.len && !may_begin(text.ptr[n]))
			n++;
		fold_case_bytes(b, span_take(text, n));
		text = span_skip(text, n);
		n = text.len ? letters_of(text, &ascii) : 0;
		if (n)
			buf_adds(b, ascii);
		else if (text.len)
			buf_addc(b, *text.ptr);
		text = span_skip(text, n ? n : 1);
	}
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
	if (s->ascii && !is_ascii(text))
		fold_to_ascii(&s->folded, text);
	else
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
	s->ascii = true;
	for (; *terms; terms++) {
		s->blanks = s->blanks || span_index((*terms)->text, ' ') >= 0;
		s->ascii = s->ascii && is_ascii((*terms)->text);
	}
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
