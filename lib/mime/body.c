/*
 * Bodies are passed on in pieces as large as the window; what is looked for is a line that begins with "--" and is a boundary of an open part.
 * A line end is held back until the line behind it is known, as the one before a boundary belongs to the boundary (RFC 2046 5.1.1).
 */
#include "mime/state.h"

enum { LINE_MAX_STANDARD = 998 };
enum found { NOT_FOUND, FOUND, NEED_MORE };

static size_t top_of(const struct mime_state *st, const struct layer *l)
{
	return l == st->layer ? st->n : l->top;
}

static struct mime_part *part_of(const struct mime_state *st, const struct layer *l)
{
	return st->frames[top_of(st, l) - 1].part;
}

static bool is_blank(struct span s)
{
	while (s.len && is_space(s.ptr[s.len - 1]))
		s.len--;
	return s.len == 0;
}

/* How much of a line is a boundary: "--boundary" or "--boundary--" and blanks; with text behind the blanks (RFC 2046 5.1.1 lets it count, many parsers
 * do not); or more letters, and then it is another's boundary or none. */
enum match { NO_MATCH, MATCH_LETTERS, MATCH_TEXT, MATCH_WHOLE };

/* line begins with "--" and the boundary. */
static enum match match(struct span line, struct span boundary, bool *closing)
{
	struct span rest = span_skip(line, boundary.len + 2);
	*closing = span_starts(rest, "--");
	if (*closing)
		rest = span_skip(rest, 2);
	if (is_blank(rest))
		return MATCH_WHOLE;
	/* "--boundary --": of a boundary that was declared with a blank at its end */
	if (span_is(span_trim(rest), "--"))
		*closing = true;
	return is_wsp(*rest.ptr) ? MATCH_TEXT : MATCH_LETTERS;
}

/* Of the frames of one text the innermost counts, unless it is closed: then the next one, if it was to be a boundary. Only the innermost of all frames
 * can be closed, as a boundary of another ends it. BOUNDARY_NONE: none. */
static int open_one(struct mime_state *st, struct layer *l, int i, enum match m, bool closing)
{
	const struct boundary *v = l->boundaries.v;
	struct frame *f = &st->frames[v[i].frame];
	if (m < MATCH_TEXT || !f->closed)
		return i;
	if (!closing)
		f->part->ambiguous |= BIT(MIME_A_BOUNDARY_AFTER_CLOSE);
	return i > 0 && span_eq(v[i - 1].text, v[i].text) ? i - 1 : BOUNDARY_NONE;
}

/* The innermost frame whose boundary it is; one that matches as a whole wins over one that is followed by text. */
static enum match find_frame(struct mime_state *st, struct layer *l, struct span line)
{
	const struct boundary *v = l->boundaries.v;
	enum match best = NO_MATCH;
	for (int i = boundaries_find(&l->boundaries, span_skip(line, 2)); i >= 0;
	     i = v[i].shorter) {
		bool closing;
		enum match m = match(line, v[i].text, &closing);
		int k = open_one(st, l, i, m, closing);
		if (k < 0 || m < best || (m == best && v[k].frame < l->frame))
			continue;
		best = m;
		l->closing = closing;
		l->frame = v[k].frame;
	}
	return best;
}

bool body_boundary(struct mime_state *st, struct layer *l, struct span line)
{
	if (line.len < 3 || line.ptr[0] != '-' || line.ptr[1] != '-')
		return false;
	enum match m = find_frame(st, l, line);
	if (m == MATCH_LETTERS || m == MATCH_TEXT)
		st->frames[l->frame].part->ambiguous |= BIT(MIME_A_BOUNDARY_TEXT);
	if (st->other & BIT(MIME_A_BOUNDARY_TEXT))
		return m == MATCH_LETTERS || m == MATCH_WHOLE;
	return m >= MATCH_TEXT;
}

/* Could the line of which this is the beginning be a boundary? */
static bool could_be(struct mime_state *st, struct layer *l, struct span start)
{
	start = span_skip(start, 2);
	for (size_t k = l->floor; k < top_of(st, l); k++) {
		struct span b = st->frames[k].boundary;
		size_t n = b.len < start.len ? b.len : start.len;
		if (b.len && !st->frames[k].closed && memcmp(b.ptr, start.ptr, n) == 0)
			return true;
	}
	return false;
}

/* s begins with a line. */
static enum found at_line(struct mime_state *st, struct layer *l, struct span s)
{
	if (s.len < 2)
		return l->win.eof || (s.len && *s.ptr != '-') ? NOT_FOUND : NEED_MORE;
	if (s.ptr[0] != '-' || s.ptr[1] != '-')
		return NOT_FOUND;
	const char *lf = memchr(s.ptr, '\n', s.len);
	size_t len = lf ? (size_t)(lf - s.ptr) : s.len;
	if (len > st->limits.line_bytes)
		return NOT_FOUND;
	if (!lf && !l->win.eof)
		return could_be(st, l, s) ? NEED_MORE : NOT_FOUND;
	if (!body_boundary(st, l, span_take(s, len)))
		return NOT_FOUND;
	l->skip = len + (lf != NULL);
	return FOUND;
}

static void note_line(struct mime_state *st, struct layer *l, size_t len)
{
	if (len > LINE_MAX_STANDARD)
		part_of(st, l)->tolerated |= BIT(MIME_T_LONG_LINE);
}

/* *cut: how much of s, the window, is body for certain. FOUND: the boundary is there, skip bytes with the line end before it. */
static enum found look(struct mime_state *st, struct layer *l, struct span s, size_t *cut)
{
	const char *p = s.ptr, *end = p + s.len, *lf;
	enum found found = l->line_start ? at_line(st, l, s) : NOT_FOUND;
	*cut = 0;
	if (found != NOT_FOUND)
		return found;
	for (; p < end && (lf = memchr(p, '\n', (size_t)(end - p))); p = lf + 1) {
		const char *line_end = lf > s.ptr && lf[-1] == '\r' ? lf - 1 : lf;
		note_line(st, l, (size_t)(line_end - p) + (p == s.ptr ? l->column : 0));
		found = at_line(st, l, span_make(lf + 1, (size_t)(end - lf - 1)));
		if (found == NOT_FOUND)
			continue;
		*cut = (size_t)(line_end - s.ptr);
		l->skip += (size_t)(lf + 1 - line_end);
		l->column = 0;
		return found;
	}
	*cut = s.len;
	if (*cut && end[-1] == '\r' && !l->win.eof)
		--*cut;
	l->column = (size_t)(s.ptr + *cut - p) + (p == s.ptr ? l->column : 0);
	note_line(st, l, l->column);
	return NEED_MORE;
}

static void take(
    struct mime_state *st, struct layer *l, size_t n, struct span *piece, uint64_t *offset)
{
	struct mime_part *part = part_of(st, l);
	*offset = window_offset(&l->win);
	*piece = window_take(&l->win, n);
	l->line_start = false;
	part->tolerated |= field_odd_bytes(*piece, part->tolerated);
}

int body_next(
    struct mime_state *st, struct layer *l, struct span *piece, uint64_t *offset, struct err *e)
{
	for (;;) {
		size_t cut, left = window_left(&l->win);
		enum found found = look(st, l, window_rest(&l->win), &cut);
		if (cut) {
			take(st, l, cut, piece, offset);
			return 1;
		}
		l->hit = found == FOUND;
		if (l->hit || (l->win.eof && !left))
			return 0;
		if (window_want(&l->win, left + 1, e) < 0)
			return -1;
	}
}
