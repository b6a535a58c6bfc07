#include "codec/uu.h"

enum { BEFORE, INSIDE, AFTER };

/* "begin 644 name" */
static bool is_begin(struct span s)
{
	if (!span_starts(s, "begin "))
		return false;
	s = span_skip(s, 6);
	size_t digits = 0;
	while (digits < s.len && s.ptr[digits] >= '0' && s.ptr[digits] <= '7')
		digits++;
	return digits >= 3 && digits < s.len && s.ptr[digits] == ' ';
}

/* ' ' and '`' are both 0. Blanks at a line's end were lost on the way: they are 0 too. */
static unsigned value_at(struct span s, size_t i)
{
	return i < s.len ? ((unsigned char)s.ptr[i] - 32u) & 63 : 0;
}

static int data_line(struct uu_decoder *f, struct span s, struct err *e)
{
	char out[64];
	size_t len = value_at(s, 0), have = 0;
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] < ' ' || s.ptr[i] > '`')
			f->saw_bad = true;
	for (size_t i = 1; have < len; i += 4) {
		unsigned a = value_at(s, i), b = value_at(s, i + 1), c = value_at(s, i + 2),
			 d = value_at(s, i + 3);
		out[have++] = (char)(a << 2 | b >> 4);
		out[have++] = (char)(b << 4 | c >> 2);
		out[have++] = (char)(c << 6 | d);
	}
	return len ? sink_put(f->next, span_make(out, len), e) : 0;
}

static int end_line(struct uu_decoder *f, struct err *e)
{
	struct span s = span_chomp(span_make(f->line, f->held));
	f->held = 0;
	if (f->state == BEFORE) {
		f->state = is_begin(s) ? INSIDE : BEFORE;
		return 0;
	}
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
