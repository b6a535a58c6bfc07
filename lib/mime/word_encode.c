#include "base/alloc.h"
#include "codec/base64.h"
#include "codec/utf8.h"
#include "mime/fold.h"
#include "mime/lex.h"
#include "mime/word.h"

enum {
	WORD_MAX = 75,      /* RFC 2047 2 */
	WORD_OVERHEAD = 12, /* "=?utf-8?q?" and "?=" */
	PLAIN_MAX = 76,     /* a longer run without a blank is encoded, so that it can be folded */
	PHRASE_MAX = 37,    /* in quotes each letter may need a backslash */
	BLANKS_MAX = 16     /* so are more blanks than these: a line of blanks is no line */
};

/* RFC 2047 5 (3): may stand for itself in a phrase's Q word, and so everywhere. */
static bool is_q_plain(char c)
{
	return is_alpha(c) || is_digit(c) || (c && strchr("!*+-/", c));
}

static size_t q_size(struct span s)
{
	size_t n = 0;
	for (size_t i = 0; i < s.len; i++)
		n += is_q_plain(s.ptr[i]) || s.ptr[i] == ' ' ? 1 : 3;
	return n;
}

static void q_add(struct buf *b, struct span s)
{
	static const char hex[] = "0123456789ABCDEF";
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];
		if (is_q_plain((char)c)) {
			buf_addc(b, (char)c);
		} else if (c == ' ') {
			buf_addc(b, '_');
		} else {
			char escape[3] = {'=', hex[c >> 4], hex[c & 15]};
			buf_addn(b, escape, 3);
		}
	}
}

static size_t b_size(size_t n)
{
	return (n + 2) / 3 * 4;
}

/* The longest run of whole characters in front of s whose encoding takes at most room bytes. */
static struct span fitting(struct span s, bool base64, size_t room)
{
	struct span rest = s;
	size_t taken = 0, used = 0;
	while (rest.len) {
		struct span before = rest;
		utf8_next(&rest);
		struct span one = span_make(before.ptr, before.len - rest.len);
		size_t size = base64 ? b_size(taken + one.len) : used + q_size(one);
		if (size > room)
			break;
		used = size;
		taken += one.len;
	}
	return span_take(s, taken);
}

/* text (valid UTF-8) as encoded words; *column stands where the first begins. */
static void add_encoded(struct buf *b, size_t *column, struct span text)
{
	/* mostly ASCII stays readable */
	bool base64 = b_size(text.len) * 3 / 2 < q_size(text);
	while (text.len) {
		size_t room = *column < FOLD_LINE ? FOLD_LINE - *column : 0;
		room = room > WORD_MAX ? WORD_MAX : room;
		struct span piece = {0};
		if (room > WORD_OVERHEAD)
			piece = fitting(text, base64, room - WORD_OVERHEAD);
		/* a whole line always holds one character, so this ends */
		if (!piece.len) {
			fold_break(b, column);
			continue;
		}
		size_t start = b->len;
		buf_adds(b, base64 ? "=?utf-8?b?" : "=?utf-8?q?");
		if (base64)
			base64_encode(b, piece);
		else
			q_add(b, piece);
		buf_adds(b, "?=");
		*column += b->len - start;
		text = span_skip(text, piece.len);
		if (b->over)
			return;
		if (text.len)
			fold_break(b, column);
	}
}

/* A word that cannot stand as it is. */
static bool is_special_word(struct span w, bool utf8_headers)
{
	if (w.len > PLAIN_MAX || span_find(w, SPAN("=?")) >= 0)
		return true;
	for (size_t i = 0; i < w.len; i++)
		if (lex_is_control(w.ptr[i]) || (!utf8_headers && (unsigned char)w.ptr[i] >= 128))
			return true;
	return false;
}

/* One line of valid UTF-8: line ends become blanks. Without blanks around it. */
static void make_line(struct buf *line, struct span text)
{
	utf8_repair(line, text);
	for (size_t i = 0; i < line->len; i++)
		if (line->ptr[i] == '\n' || line->ptr[i] == '\r')
			line->ptr[i] = ' ';
}

/* Splits "blanks word" off the front; of too many blanks for a line only the first counts as such, the
 * others are of the word. */
static void next_word(struct span *rest, struct span *blanks, struct span *word)
{
	size_t n = 0;
	while (n < rest->len && is_wsp(rest->ptr[n]))
		n++;
	size_t blank_len = n;
	while (n < rest->len && !is_wsp(rest->ptr[n]))
		n++;
	if (blank_len > BLANKS_MAX || (blank_len > 1 && n > FOLD_LINE))
		blank_len = 1;
	*blanks = span_take(*rest, blank_len);
	*word = span_make(rest->ptr + blank_len, n - blank_len);
	*rest = span_skip(*rest, n);
}

static bool needs_encoding(struct span word, bool utf8_headers)
{
	return is_special_word(word, utf8_headers) || (word.len && is_wsp(word.ptr[0]));
}

/* The new line begins with the blanks that were there: unfolding gives them back. */
static void add_blanks(struct buf *b, size_t *column, struct span blanks, bool fold)
{
	if (fold && blanks.len) {
		buf_addc(b, '\n');
		*column = 0;
	}
	buf_add(b, blanks);
	*column += blanks.len;
}

static void encode_line(struct buf *out, size_t *column, struct span rest, bool utf8_headers)
{
	struct span blanks, word, more_blanks, more;
	while (rest.len) {
		next_word(&rest, &blanks, &word);
		if (!needs_encoding(word, utf8_headers)) {
			/* a fold at the very start would leave a line with only the field's name: fine, when the word is long */
			bool fold = *column + blanks.len + word.len > FOLD_LINE;
			if (fold && !blanks.len && *column > 1)
				fold_break(out, column);
			add_blanks(out, column, blanks, fold);
			buf_add(out, word);
			*column += word.len;
			continue;
		}
		/* neighbours that need it too go into the same run, and the blanks between them */
		for (struct span ahead = rest; ahead.len;) {
			next_word(&ahead, &more_blanks, &more);
			if (!needs_encoding(more, utf8_headers))
				break;
			word.len = (size_t)(more.ptr + more.len - word.ptr);
			rest = ahead;
		}
		add_blanks(
		    out, column, blanks, *column + blanks.len + WORD_OVERHEAD + 12 > FOLD_LINE);
		add_encoded(out, column, word);
	}
}

void word_encode(struct buf *out, size_t *column, struct span text, bool utf8_headers)
{
	struct buf line = BUF_INIT(3 * text.len + 4);
	make_line(&line, text);
	encode_line(out, column, span_trim(buf_span(&line)), utf8_headers);
	buf_release(&line);
}

/* --- phrases ------------------------------------------------------------------ */

enum phrase_form { PHRASE_ATOMS, PHRASE_QUOTED, PHRASE_ENCODED };

static enum phrase_form phrase_form(struct span s, bool utf8_headers)
{
	struct span rest = s, blanks, word;
	enum phrase_form form = PHRASE_ATOMS;
	while (rest.len) {
		next_word(&rest, &blanks, &word);
		/* all of it may be escaped, and has a blank and quotes around it */
		if (needs_encoding(word, utf8_headers) || word.len > PHRASE_MAX)
			return PHRASE_ENCODED;
		if (blanks.len > 1 || (blanks.len && *blanks.ptr == '\t'))
			form = PHRASE_QUOTED;
		for (size_t i = 0; i < word.len; i++)
			if (!lex_is_atext(word.ptr[i]))
				form = PHRASE_QUOTED;
	}
	return form;
}

/* Words with their blanks, folded at these; quoted: escapes and quotes around all. */
static void add_phrase_words(struct buf *b, size_t *column, struct span rest, bool quoted)
{
	struct span blanks, word;
	struct buf piece = BUF_INIT(1024);
	for (bool first = true; rest.len; first = false) {
		next_word(&rest, &blanks, &word);
		buf_reset(&piece);
		if (quoted && first)
			buf_addc(&piece, '"');
		for (size_t i = 0; i < word.len; i++) {
			if (quoted && (word.ptr[i] == '"' || word.ptr[i] == '\\'))
				buf_addc(&piece, '\\');
			buf_addc(&piece, word.ptr[i]);
		}
		if (quoted && !rest.len)
			buf_addc(&piece, '"');
		bool fold = *column + blanks.len + piece.len > FOLD_LINE;
		if (fold && first && *column > 1)
			fold_break(b, column);
		add_blanks(b, column, blanks, fold);
		buf_add(b, buf_span(&piece));
		*column += piece.len;
	}
	buf_release(&piece);
}

void word_encode_phrase(struct buf *out, size_t *column, struct span text, bool utf8_headers)
{
	struct buf line = BUF_INIT(3 * text.len + 4);
	make_line(&line, text);
	struct span s = span_trim(buf_span(&line));
	enum phrase_form form = phrase_form(s, utf8_headers);
	if (form == PHRASE_ENCODED)
		add_encoded(out, column, s);
	else
		add_phrase_words(out, column, s, form == PHRASE_QUOTED);
	buf_release(&line);
}
