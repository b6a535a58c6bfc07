#include "base/alloc.h"
#include "codec/utf8.h"
#include "mime/fold.h"
#include "mime/lex.h"
#include "mime/param.h"

enum { LINE_ROOM = FOLD_LINE - 2 }; /* behind the blank that begins a line, before a semicolon */

enum form { FORM_TOKEN, FORM_QUOTED, FORM_EXTENDED };

/* RFC 2045 5.1 token; RFC 2231 7 attribute-char has fewer. */
static bool is_token_char(char c)
{
	return c > 32 && c < 127 && !strchr("()<>@,;:\\\"/[]?=", c);
}

static bool is_attribute_char(char c)
{
	return is_token_char(c) && !strchr("*'%", c);
}

static enum form form_of(struct span v)
{
	enum form f = v.len ? FORM_TOKEN : FORM_QUOTED;
	for (size_t i = 0; i < v.len; i++) {
		if (lex_is_control(v.ptr[i]) || (unsigned char)v.ptr[i] >= 128)
			return FORM_EXTENDED;
		if (!is_token_char(v.ptr[i]))
			f = FORM_QUOTED;
	}
	/* a reader that decodes encoded words here, or trims, must not change it */
	if (span_find(v, SPAN("=?")) >= 0 ||
	    (v.len && (is_wsp(v.ptr[0]) || is_wsp(v.ptr[v.len - 1]))))
		return FORM_EXTENDED;
	return f;
}

static void add_char(struct buf *b, struct span one, enum form f)
{
	static const char hex[] = "0123456789ABCDEF";
	for (size_t i = 0; i < one.len; i++) {
		unsigned char c = (unsigned char)one.ptr[i];
		if (f == FORM_EXTENDED && !is_attribute_char((char)c)) {
			char escape[3] = {'%', hex[c >> 4], hex[c & 15]};
			buf_addn(b, escape, 3);
		} else {
			if (f == FORM_QUOTED && (c == '"' || c == '\\'))
				buf_addc(b, '\\');
			buf_addc(b, (char)c);
		}
	}
}

/* Takes off the front of *v what fits into a piece of at most room bytes. */
static void add_piece(struct buf *b, struct span *v, enum form f, size_t room)
{
	struct buf one = BUF_INIT(16);
	size_t start = b->len;
	while (v->len) {
		struct span rest = *v;
		utf8_next(&rest);
		buf_reset(&one);
		add_char(&one, span_take(*v, v->len - rest.len), f);
		if (b->len > start && b->len - start + one.len > room)
			break;
		buf_add(b, buf_span(&one));
		*v = rest;
	}
	buf_release(&one);
}

static void put(struct buf *b, size_t *column, struct buf *piece)
{
	buf_addc(b, ';');
	++*column;
	if (*column + 1 + piece->len + 1 > FOLD_LINE) {
		fold_break(b, column);
	} else {
		buf_addc(b, ' ');
		++*column;
	}
	buf_add(b, buf_span(piece));
	*column += piece->len;
	buf_reset(piece);
}

static void write_segments(
    struct buf *b, size_t *column, const char *name, struct span v, enum form f)
{
	struct buf piece = BUF_INIT(4096);
	for (unsigned i = 0; v.len; i++) {
		buf_addf(&piece, f == FORM_EXTENDED ? "%s*%u*=%s" : "%s*%u=\"%s", name, i,
		    f == FORM_EXTENDED && i == 0 ? "utf-8''" : "");
		size_t used = piece.len + (f == FORM_EXTENDED ? 0 : 1);
		add_piece(&piece, &v, f, used < LINE_ROOM ? LINE_ROOM - used : 0);
		if (f != FORM_EXTENDED)
			buf_addc(&piece, '"');
		put(b, column, &piece);
	}
	buf_release(&piece);
}

static bool is_piece(struct buf *piece, const char *name, struct span v, enum form f)
{
	const char *before[] = {
	    [FORM_TOKEN] = "", [FORM_QUOTED] = "\"", [FORM_EXTENDED] = "utf-8''"};
	buf_addf(piece, "%s%s=%s", name, f == FORM_EXTENDED ? "*" : "", before[f]);
	for (struct span rest = v; rest.len; rest = span_skip(rest, 1))
		add_char(piece, span_take(rest, 1), f);
	if (f == FORM_QUOTED)
		buf_addc(piece, '"');
	return piece->len <= LINE_ROOM && !piece->over;
}

void mime_param_write(struct buf *b, size_t *column, const char *name, struct span value)
{
	struct buf clean = BUF_INIT(3 * value.len + 4), piece = BUF_INIT(3 * clean.max + 256);
	utf8_repair(&clean, value);
	enum form f = form_of(buf_span(&clean));
	if (is_piece(&piece, name, buf_span(&clean), f))
		put(b, column, &piece);
	else
		write_segments(b, column, name, buf_span(&clean), f);
	buf_release(&piece);
	buf_release(&clean);
}
