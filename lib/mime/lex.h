/*
 * lex.h - the tokens of structured header fields (RFC 5322 3.2), the same for all who read them in this room.
 *
 * Blanks, line ends and nested comments (CFWS) are passed over; what is cut short ("unclosed, (unclosed) comes as single characters, so that the
 * rest of a damaged field is still read. One pass, no recursion, no copies: text points into the value.
 *
 *	struct lex lx;
 *	lex_init(&lx, value);
 *	while (lex_next(&lx, &t) != LEX_END) ...
 */
#ifndef SURAT_MIME_LEX_H
#define SURAT_MIME_LEX_H

#include "base/buf.h"

enum lex_type {
	LEX_END,
	LEX_ATOM,    /* atext and UTF-8, or one whole encoded word */
	LEX_QUOTED,  /* text: between the quotes, still escaped (lex_unquote) */
	LEX_LITERAL, /* text: with its brackets */
	LEX_SPECIAL, /* one of <>@,;:. */
	LEX_BAD      /* any other byte */
};
struct lex_token {
	enum lex_type type;
	struct span text;
	bool blank;   /* blanks, line ends or a comment before it */
	bool control; /* a control character in it (not the fold) */
};
struct lex {
	const char *p, *end;
	struct span
	    comment; /* the last one passed over, without its parentheses; ptr NULL: none since it was cleared */
	bool open_quote, open_comment, open_literal; /* no such thing closes any more */
};
void lex_init(struct lex *lx, struct span value);
enum lex_type lex_next(struct lex *lx, struct lex_token *t);
/* Is it this special? */
bool lex_is(const struct lex_token *t, char special);
/* Appends without backslashes and line ends. */
void lex_unquote(struct buf *b, struct span escaped);
/* p stands on an opening parenthesis: one past the closing one (nested, quoted pairs), or NULL. */
const char *lex_comment_end(const char *p, const char *end);
/* p stands on an opening quote: one past the closing one, or NULL. */
const char *lex_quoted_end(const char *p, const char *end);
/* p may stand on an encoded word, "=?charset?q?text?=" (RFC 2047): one past it, or NULL. The pieces, where not NULL, are set then. Linear
 * over a whole value: a search ends at the next "=?". */
const char *lex_encoded_word(
    const char *p, const char *end, struct span *charset, char *encoding, struct span *text);
/* RFC 5322 3.2.3, and every byte above 127. */
bool lex_is_atext(char c);
static inline bool lex_is_control(char c)
{
	return (unsigned char)c < 32 || c == 127;
}

#endif
