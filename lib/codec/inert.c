#include "codec/inert.h"

#include "codec/utf8.h"

static bool is_between(int32_t c, int32_t low, int32_t high)
{
	return c >= low && c <= high;
}

/* Characters that act on what is around them, or that nobody sees. */
static bool is_hidden(int32_t c)
{
	return c < 0x20 || is_between(c, 0x7f, 0x9f) || c == 0xad || c == 0x34f || c == 0x61c ||
	       is_between(c, 0x115f, 0x1160) || is_between(c, 0x17b4, 0x17b5) ||
	       is_between(c, 0x180b, 0x180f) || is_between(c, 0x200b, 0x200f) ||
	       is_between(c, 0x2028, 0x202e) || is_between(c, 0x2060, 0x206f) || c == 0x3164 ||
	       c == 0xfeff || c == 0xffa0 || is_between(c, 0xfff0, 0xfffb) ||
	       is_between(c, 0x1bca0, 0x1bca3) || is_between(c, 0x1d173, 0x1d17a) ||
	       is_between(c, 0xe0000, 0xe0fff);
}

static bool is_joiner_at_work(int32_t c, int32_t before)
{
	return (c == 0x200c || c == 0x200d) && before >= 0x600 && !is_hidden(before);
}

/* Binary shown as text is mostly this: printf would take a second for ten megabytes. */
static void add_hex(struct buf *b, char kind, uint32_t value, int digits)
{
	static const char hex[] = "0123456789abcdef";
	char text[10] = {'\\', kind};
	for (int i = 0; i < digits; i++)
		text[2 + i] = hex[value >> 4 * (digits - 1 - i) & 15];
	buf_addn(b, text, 2 + (size_t)digits);
}

static void add_char(struct buf *b, int32_t c, unsigned char byte, int32_t before, int flags)
{
	if (c < 0)
		add_hex(b, 'x', byte, 2);
	else if ((flags & INERT_LINES) && (c == '\n' || c == '\t'))
		buf_addc(b, (char)c);
	else if (!is_hidden(c) || is_joiner_at_work(c, before))
		utf8_put(b, (uint32_t)c);
	else if (c < 0x80)
		add_hex(b, 'x', (uint32_t)c, 2);
	else if (c < 0x10000)
		add_hex(b, 'u', (uint32_t)c, 4);
	else
		add_hex(b, 'U', (uint32_t)c, 8);
}

static void add_text(struct buf *b, struct span text, int32_t *before, int flags)
{
	while (text.len) {
		size_t plain = 0; /* printable ASCII goes at once */
		while (plain < text.len && text.ptr[plain] >= ' ' && text.ptr[plain] < 0x7f)
			plain++;
		if (plain) {
			buf_addn(b, text.ptr, plain);
			*before = text.ptr[plain - 1];
			text = span_skip(text, plain);
			continue;
		}
		unsigned char byte = (unsigned char)text.ptr[0];
		int32_t c = utf8_next(&text);
		add_char(b, c, byte, *before, flags);
		*before = c;
	}
}

void inert_add(struct buf *b, struct span text, int flags)
{
	int32_t before = 0;
	add_text(b, text, &before, flags);
}

/* Hands on in pieces, so that what is held in memory does not grow with what is put. */
static int pass(struct inert_filter *f, struct span text, struct err *e)
{
	for (struct span piece; text.len; text = span_skip(text, piece.len)) {
		piece = span_take(text, 4096);
		if (piece.len < text.len)
			piece.len -= utf8_cut_tail(piece);
		struct buf out = BUF_INIT(piece.len * 10);
		add_text(&out, piece, &f->before, f->flags);
		int r = sink_put(f->next, buf_span(&out), e);
		buf_release(&out);
		if (r < 0)
			return -1;
	}
	return 0;
}

static int inert_put(struct sink *s, struct span bytes, struct err *e)
{
	struct inert_filter *f = (struct inert_filter *)s;
	while (
	    f->held && bytes.len) { /* a cut character: one byte more until it is whole or wrong */
		f->hold[f->held++] = bytes.ptr[0];
		bytes = span_skip(bytes, 1);
		struct span held = span_make(f->hold, f->held);
		size_t tail = utf8_cut_tail(held);
		if (tail == held.len)
			continue;
		held.len -= tail;
		if (pass(f, held, e) < 0)
			return -1;
		memmove(f->hold, f->hold + held.len, tail);
		f->held = tail;
	}
	size_t tail = utf8_cut_tail(bytes);
	if (pass(f, span_take(bytes, bytes.len - tail), e) < 0)
		return -1;
	if (tail) {
		memcpy(f->hold, bytes.ptr + bytes.len - tail, tail);
		f->held = tail;
	}
	return 0;
}

static int inert_end(struct sink *s, struct err *e)
{
	struct inert_filter *f = (struct inert_filter *)s;
	if (f->held && pass(f, span_make(f->hold, f->held), e) < 0)
		return -1;
	f->held = 0;
	return sink_end(f->next, e);
}

void inert_filter_init(struct inert_filter *f, struct sink *next, int flags)
{
	*f = (struct inert_filter){.sink = {inert_put, inert_end}, .next = next, .flags = flags};
}
