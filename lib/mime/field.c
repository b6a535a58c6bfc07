#include "mime/field.h"

#include "codec/utf8.h"

enum { LINE_MAX_STANDARD = 998, PEEK = 1000 };

#define BIT(t) (UINT32_C(1) << (t))

static bool has_bare_cr(struct span s)
{
	const char *p = s.ptr, *end = p + s.len;
	while (p < end && (p = memchr(p, '\r', (size_t)(end - p)))) {
		if (++p == end || *p != '\n')
			return true;
	}
	return false;
}

uint32_t field_odd_bytes(struct span s, uint32_t known)
{
	uint32_t found = 0;
	if (!(known & BIT(MIME_T_NUL)) && s.len && memchr(s.ptr, 0, s.len))
		found |= BIT(MIME_T_NUL);
	if (!(known & BIT(MIME_T_BARE_CR)) && has_bare_cr(s))
		found |= BIT(MIME_T_BARE_CR);
	return found;
}

static uint32_t odd_field(struct span s, uint32_t known)
{
	uint32_t found = field_odd_bytes(s, known);
	if (!is_ascii(s))
		found |= BIT(MIME_T_EIGHT_BIT_HEADER);
	struct span line;
	while (s.len > LINE_MAX_STANDARD && span_line(&s, &line))
		if (line.len > LINE_MAX_STANDARD)
			found |= BIT(MIME_T_LONG_LINE);
	return found;
}

/* RFC 5322 2.2: printable ASCII but the colon. Blanks before the colon are obsolete (4.5), and real. Where the colon is, or -1. */
static ptrdiff_t field_colon(struct span s, size_t *name_len)
{
	size_t i = 0;
	while (i < s.len && s.ptr[i] > ' ' && s.ptr[i] < 127 && s.ptr[i] != ':')
		i++;
	*name_len = i;
	while (i < s.len && is_wsp(s.ptr[i]))
		i++;
	return *name_len && i < s.len && s.ptr[i] == ':' ? (ptrdiff_t)i : -1;
}

static int too_large(struct field_reader *r, struct err *e)
{
	return err_set(
	    e, EX_DATAERR, "a header field is larger than %zu bytes", r->limits->field_bytes);
}

/* The first line in the window with its line end, or as much of it as a field may have. */
static int first_line(struct field_reader *r, struct span *line, struct err *e)
{
	for (size_t from = 0;;) {
		struct span s = window_rest(r->win);
		const char *lf = s.len > from ? memchr(s.ptr + from, '\n', s.len - from) : NULL;
		if (lf || r->win->eof || s.len > r->limits->field_bytes) {
			*line = span_take(s, lf ? (size_t)(lf - s.ptr) + 1 : s.len);
			return 0;
		}
		from = s.len;
		if (window_want(r->win, s.len + 1, e) < 0)
			return -1;
	}
}

/* The length of a field of which the first line is known: lines that begin with a blank belong to it. */
static int measure(struct field_reader *r, size_t first, size_t *len, struct err *e)
{
	for (size_t from = first - 1;;) {
		struct span s = window_rest(r->win);
		const char *lf = s.len > from ? memchr(s.ptr + from, '\n', s.len - from) : NULL;
		size_t next = lf ? (size_t)(lf - s.ptr) + 1 : s.len;
		if (lf && next < s.len && !is_wsp(s.ptr[next])) {
			*len = next;
			return 0;
		}
		if (lf && next < s.len) {
			from = next;
			continue;
		}
		if (r->win->eof) {
			*len = s.len;
			return 0;
		}
		from = lf ? next - 1 : next;
		if (s.len > r->limits->field_bytes)
			return too_large(r, e);
		if (window_want(r->win, s.len + 1, e) < 0)
			return -1;
	}
}

/* Without its line end; "\r\r\n" is seen too. */
static struct span bare_line(struct span s)
{
	while (s.len && (s.ptr[s.len - 1] == '\n' || s.ptr[s.len - 1] == '\r'))
		s.len--;
	return s;
}

/* A line that is no field is passed over when a field follows it (a fold without its blank, junk), else the body begins with it (the empty line was
 * forgotten). Moves the window. */
static int is_skipped(struct field_reader *r, struct span line, bool *skip, struct err *e)
{
	size_t name_len;
	*skip = false;
	if (!r->message && !r->fields && !is_wsp(*line.ptr))
		return 0;
	if (r->fields &&
	    span_starts(line, "--")) /* a boundary, and behind it the header of a part */
		return 0;
	*skip = window_offset(r->win) < r->field_at;
	if (*skip) /* seen from a line before this one */
		return 0;
	if (window_want(r->win, line.len + PEEK, e) < 0)
		return -1;
	struct span next = span_take(span_skip(window_rest(r->win), line.len), PEEK), fold;
	const char *begin = next.ptr;
	while (next.len && is_wsp(*next.ptr) && span_cut(&next, '\n', &fold))
		;
	*skip = field_colon(next, &name_len) >= 0;
	if (*skip)
		r->field_at = window_offset(r->win) + line.len + (uint64_t)(next.ptr - begin);
	return 0;
}

static int count(struct field_reader *r, size_t len, struct err *e)
{
	const struct mime_limits *l = r->limits;
	r->bytes += len;
	*r->total += len;
	if (len > l->field_bytes)
		return too_large(r, e);
	if (r->bytes > l->header_bytes)
		return err_set(e, EX_DATAERR, "a header is larger than %zu bytes", l->header_bytes);
	if (*r->total > l->total_header_bytes)
		return err_set(e, EX_DATAERR, "the headers together are larger than %zu bytes",
		    l->total_header_bytes);
	if (r->fields > l->fields)
		return err_set(e, EX_DATAERR, "a header has more than %u fields", l->fields);
	return 0;
}

static int ended(struct field_reader *r, enum field_end how)
{
	r->end = how;
	return 0;
}

static void take_field(
    struct field_reader *r, size_t len, size_t name_len, size_t colon, struct field *f)
{
	f->offset = window_offset(r->win);
	f->length = len;
	f->blank = colon > name_len;
	struct span all = window_take(r->win, len);
	f->name = span_take(all, name_len);
	f->value = span_chomp(span_skip(all, colon + 1));
	r->tolerated |= odd_field(all, r->tolerated);
	if (f->blank)
		r->tolerated |= BIT(MIME_T_BLANK_BEFORE_COLON);
}

/* A line that is no field: 1 it was passed over, 0 the header ends before it. */
static int odd_line(struct field_reader *r, struct span line, struct err *e)
{
	bool skip = span_starts(line, "From ") || span_starts(line, ">From ");
	r->tolerated |= BIT(skip ? MIME_T_FROM_LINE : MIME_T_BAD_FIELD);
	if (!skip && is_skipped(r, line, &skip, e) < 0)
		return -1;
	if (!skip)
		return ended(r, FIELD_END_BODY);
	window_take(r->win, line.len);
	return count(r, line.len, e) < 0 ? -1 : 1;
}

int field_next(struct field_reader *r, struct field *f, struct err *e)
{
	for (;;) {
		struct span line;
		if (first_line(r, &line, e) < 0)
			return -1;
		struct span bare = bare_line(line);
		if (!bare.len) {
			bool whole = line.len && line.ptr[line.len - 1] == '\n';
			window_take(r->win, line.len);
			return ended(r, whole ? FIELD_END_LINE : FIELD_END_EOF);
		}
		if (r->is_end && r->is_end(r->ctx, bare))
			return ended(r, FIELD_END_STOP);
		size_t name_len, len = 0;
		ptrdiff_t colon = field_colon(line, &name_len);
		if (colon < 0) {
			int more = odd_line(r, line, e);
			if (more <= 0)
				return more;
			continue;
		}
		r->fields++;
		if (measure(r, line.len, &len, e) < 0 || count(r, len, e) < 0)
			return -1;
		take_field(r, len, name_len, (size_t)colon, f);
		return 1;
	}
}
