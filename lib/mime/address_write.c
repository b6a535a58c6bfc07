#include "base/alloc.h"
#include "mime/address.h"
#include "mime/fold.h"
#include "mime/lex.h"
#include "mime/word.h"

/* Nothing that could end the line gets through, whatever the caller checked. */
static void add_clean(struct buf *b, struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		buf_addc(b, lex_is_control(s.ptr[i]) ? '?' : s.ptr[i]);
}

void address_write(
    struct buf *b, size_t *column, struct span name, struct span spec, bool utf8_headers)
{
	struct buf piece = BUF_INIT(spec.len + 8);
	name = span_trim(name);
	buf_addc(&piece, '<');
	add_clean(&piece, spec);
	buf_addc(&piece, '>');
	struct span bracketed = buf_span(&piece);
	if (!name.len) {
		fold_add(b, column, span_make(bracketed.ptr + 1, spec.len), 1);
	} else {
		/* short ones stay whole on one line */
		size_t whole = name.len + 3 + bracketed.len;
		if (*column > 1 && *column + whole > FOLD_LINE && whole < FOLD_LINE)
			fold_break(b, column);
		word_encode_phrase(b, column, name, utf8_headers);
		buf_addc(b, ' ');
		++*column;
		fold_add(b, column, bracketed, 1);
	}
	buf_release(&piece);
}
