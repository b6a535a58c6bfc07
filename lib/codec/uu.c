#include "codec/uu.h"

enum { BEFORE, INSIDE, AFTER };
enum {
	CHECK = 2,       /* some encoders add a character that sums up the line */
	BLANKS_LOST = 16 /* at the end of a line that is data still */
};

bool uu_is_begin(struct span line, struct span *name)
{
	if (!span_starts(line, "begin "))
		return false;
	struct span s = span_skip(line, 6);
	size_t digits = 0;
	while (digits < s.len && s.ptr[digits] >= '0' && s.ptr[digits] <= '7')
		digits++;
	*name = span_trim(span_skip(s, digits));
	return digits >= 3 && digits < s.len && s.ptr[digits] == ' ';
}

/* ' ' and '`' are both 0. Blanks at a line's end were lost on the way: they are 0 too. */
static unsigned value_at(struct span s, size_t i)
{
	return i < s.len ? ((unsigned char)s.ptr[i] - 32u) & 63 : 0;
}

static bool is_of_alphabet(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] < ' ' || s.ptr[i] > '`')
			return false;
	return true;
}

bool uu_is_data(struct span line)
{
	size_t whole = 1 + (value_at(line, 0) + 2) / 3 * 4;
	return line.len && line.len <= whole + CHECK && line.len + BLANKS_LOST >= whole &&
	       is_of_alphabet(line);
}

size_t uu_decode_line(char out[UU_LINE_MAX], struct span line)
{
	size_t len = value_at(line, 0), have = 0;
	for (size_t i = 1; have < len; i += 4) {
		unsigned a = value_at(line, i), b = value_at(line, i + 1),
			 c = value_at(line, i + 2), d = value_at(line, i + 3);
		out[have++] = (char)(a << 2 | b >> 4);
		out[have++] = (char)(b << 4 | c >> 2);
		out[have++] = (char)(c << 6 | d);
	}
	return len;
}

static int data_line(struct uu_decoder *f, struct span s, struct err *e)
{
	char out[UU_LINE_MAX];
	size_t len = uu_decode_line(out, s);
	f->saw_bad |= !is_of_alphabet(s);
	return len ? sink_put(f->next, span_make(out, len), e) : 0;
}

static int end_line(struct uu_decoder *f, struct err *e)
{
	struct span s = span_chomp(span_make(f->line, f->held)), name;
	f->held = 0;
	if (f->state == BEFORE && uu_is_begin(s, &name)) {
		f->state = INSIDE;
		return 0;
	}
	f->passed |= f->state != INSIDE && span_trim(s).len > 0;
	if (f->state == BEFORE)
		return 0;
	if (f->state == AFTER || !s.len)
		return 0;
	if (span_is(s, "end")) {
		f->state = AFTER;
		return 0;
	}
	return data_line(f, s, e);
}

static int decoder_put(struct sink *s, struct span bytes, struct err *e)
{
	struct uu_decoder *f = (struct uu_decoder *)s;
	for (size_t i = 0; i < bytes.len; i++) {
		if (f->held < sizeof f->line)
			f->line[f->held++] = bytes.ptr[i];
		if (bytes.ptr[i] == '\n' && end_line(f, e) < 0)
			return -1;
	}
	return 0;
}

static int decoder_end(struct sink *s, struct err *e)
{
	struct uu_decoder *f = (struct uu_decoder *)s;
	if (f->held && end_line(f, e) < 0)
		return -1;
	f->saw_bad |= f->state != AFTER;
	return sink_end(f->next, e);
}

void uu_decoder_init(struct uu_decoder *f, struct sink *next)
{
	*f = (struct uu_decoder){.sink = {decoder_put, decoder_end}, .next = next};
}
