/*
 * Whole lines go through vectors where there are any (base64_vector.h). Else encoding takes three bytes at a time, and decoding four characters while all are of
 * the alphabet; whatever else comes (line ends, junk, padding) goes through one careful step and back into the loop.
 */
#include "codec/base64.h"

#include "codec/base64_vector.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* What each byte is worth; those with the top bit are none. One row for sixteen bytes. */
enum { BAD = 0x80, BLANK = 0x81, PAD = 0x82 };
static const char worth[257] = "\200\200\200\200\200\200\200\200\200\201\201\200\200\201\200\200"
			       "\200\200\200\200\200\200\200\200\200\200\200\200\200\200\200\200"
			       "\201\200\200\200\200\200\200\200\200\200\200\076\200\200\200\077"
			       "\064\065\066\067\070\071\072\073\074\075\200\200\200\202\200\200"
			       "\200\000\001\002\003\004\005\006\007\010\011\012\013\014\015\016"
			       "\017\020\021\022\023\024\025\026\027\030\031\200\200\200\200\200"
			       "\200\032\033\034\035\036\037\040\041\042\043\044\045\046\047\050"
			       "\051\052\053\054\055\056\057\060\061\062\063\200\200\200\200\200"
			       "\200\200\200\200\200\200\200\200\200\200\200\200\200\200\200\200"
			       "\200\200\200\200\200\200\200\200\200\200\200\200\200\200\200\200"
			       "\200\200\200\200\200\200\200\200\200\200\200\200\200\200\200\200"
			       "\200\200\200\200\200\200\200\200\200\200\200\200\200\200\200\200"
			       "\200\200\200\200\200\200\200\200\200\200\200\200\200\200\200\200"
			       "\200\200\200\200\200\200\200\200\200\200\200\200\200\200\200\200"
			       "\200\200\200\200\200\200\200\200\200\200\200\200\200\200\200\200"
			       "\200\200\200\200\200\200\200\200\200\200\200\200\200\200\200\200";

static inline unsigned value_of(unsigned char c)
{
	return (unsigned char)worth[c];
}

/* n bytes become (n + 2) / 3 * 4 characters. */
static char *encode(char *to, const unsigned char *p, size_t n)
{
	for (; n >= 3; n -= 3, p += 3, to += 4) {
		to[0] = alphabet[p[0] >> 2];
		to[1] = alphabet[(p[0] & 3) << 4 | p[1] >> 4];
		to[2] = alphabet[(p[1] & 15) << 2 | p[2] >> 6];
		to[3] = alphabet[p[2] & 63];
	}
	if (n == 0)
		return to;
	unsigned second = n == 2 ? p[1] : 0;
	to[0] = alphabet[p[0] >> 2];
	to[1] = alphabet[(p[0] & 3) << 4 | second >> 4];
	to[2] = n == 2 ? alphabet[(second & 15) << 2] : '=';
	to[3] = '=';
	return to + 4;
}

void base64_encode(struct buf *out, struct span bytes)
{
	size_t need = (bytes.len + 2) / 3 * 4;
	char *to = need ? buf_room(out, need) : NULL;
	if (!to)
		return;
	encode(to, (const unsigned char *)bytes.ptr, bytes.len);
	buf_grew(out, need);
}

void base64url_encode(struct buf *out, struct span bytes)
{
	size_t at = out->len;
	base64_encode(out, bytes);
	while (out->len > at && out->ptr[out->len - 1] == '=')
		buf_cut(out, out->len - 1);
	for (; at < out->len; at++)
		if (out->ptr[at] == '+')
			out->ptr[at] = '-';
		else if (out->ptr[at] == '/')
			out->ptr[at] = '_';
}

/* Takes groups of four while all are of the alphabet and there is room; moves both pointers. */
static void decode_groups(
    const unsigned char **from, const unsigned char *end, char **to, const char *room)
{
	const unsigned char *p = *from;
	char *o = *to;
	for (; end - p >= 4 && room - o >= 3; p += 4, o += 3) {
		unsigned a = value_of(p[0]), b = value_of(p[1]), c = value_of(p[2]),
			 d = value_of(p[3]);
		if ((a | b | c | d) & 0x80)
			break;
		o[0] = (char)(a << 2 | b >> 4);
		o[1] = (char)(b << 4 | c >> 2);
		o[2] = (char)(c << 6 | d);
	}
	*from = p;
	*to = o;
}

int base64_decode(struct buf *out, struct span text, struct err *e)
{
	size_t pads = 0;
	while (pads < 2 && pads < text.len && text.ptr[text.len - 1 - pads] == '=')
		pads++;
	if (text.len % 4)
		return err_set(
		    e, EX_DATAERR, "base64: %zu characters are not whole groups of four", text.len);
	for (size_t i = 0; i < text.len - pads; i++)
		if (value_of((unsigned char)text.ptr[i]) & 0x80)
			return err_set(
			    e, EX_DATAERR, "base64: a character that does not belong there");
	if (!text.len)
		return 0;
	size_t len = text.len / 4 * 3 - pads;
	char *to = buf_room(out, len + 2);
	if (!to)
		return err_set(e, EX_DATAERR, "base64: %zu bytes are too many", len);
	const unsigned char *p = (const unsigned char *)text.ptr,
			    *end = p + text.len - (pads ? 4 : 0);
	decode_groups(&p, end, &to, to + len + 2);
	if (pads) {
		*to++ = (char)(value_of(p[0]) << 2 | value_of(p[1]) >> 4);
		if (pads == 1)
			*to = (char)(value_of(p[1]) << 4 | value_of(p[2]) >> 2);
	}
	buf_grew(out, len);
	return 0;
}

/* --- the encoder --- */

enum { LINES = 256 };

/* The line in the making, whole now. */
static size_t finish_line(struct base64_encoder *f, char *to, struct span *bytes)
{
	size_t take = BASE64_LINE_BYTES - f->held;
	memcpy(f->hold + f->held, bytes->ptr, take);
	*bytes = span_skip(*bytes, take);
	encode(to, f->hold, BASE64_LINE_BYTES);
	to[BASE64_LINE_TEXT - 1] = '\n';
	f->held = 0;
	return BASE64_LINE_TEXT;
}

static size_t whole_lines(char *to, struct span *bytes)
{
	const unsigned char *p = (const unsigned char *)bytes->ptr;
	size_t most = bytes->len / BASE64_LINE_BYTES, lines = most < LINES ? most : LINES;
	size_t done = base64_encode_lines(to, p, bytes->len, lines);
	for (; done < lines; done++) {
		char *line = to + done * BASE64_LINE_TEXT;
		encode(line, p + done * BASE64_LINE_BYTES, BASE64_LINE_BYTES);
		line[BASE64_LINE_TEXT - 1] = '\n';
	}
	*bytes = span_skip(*bytes, lines * BASE64_LINE_BYTES);
	return lines * BASE64_LINE_TEXT;
}

static int encoder_put(struct sink *s, struct span bytes, struct err *e)
{
	struct base64_encoder *f = (struct base64_encoder *)s;
	char out[LINES * BASE64_LINE_TEXT + BASE64_SLACK];
	while (f->held + bytes.len >= BASE64_LINE_BYTES) {
		size_t n = f->held ? finish_line(f, out, &bytes) : whole_lines(out, &bytes);
		if (sink_put(f->next, span_make(out, n), e) < 0)
			return -1;
	}
	if (bytes.len)
		memcpy(f->hold + f->held, bytes.ptr, bytes.len);
	f->held += bytes.len;
	return 0;
}

static int encoder_end(struct sink *s, struct err *e)
{
	struct base64_encoder *f = (struct base64_encoder *)s;
	char out[BASE64_LINE_TEXT], *to = out;
	if (f->held) {
		to = encode(out, f->hold, f->held);
		*to++ = '\n';
		f->held = 0;
		if (sink_put(f->next, span_make(out, (size_t)(to - out)), e) < 0)
			return -1;
	}
	return sink_end(f->next, e);
}

void base64_encoder_init(struct base64_encoder *f, struct sink *next)
{
	*f = (struct base64_encoder){.sink = {encoder_put, encoder_end}, .next = next};
}

/* --- the decoder --- */

/* What is left of a group of which 2 or 3 characters came; one alone is less than a byte. */
static char *take_partial(struct base64_decoder *f, char *to)
{
	if (f->have == 1)
		f->saw_truncated = true;
	if (f->have == 2)
		*to++ = (char)(f->bits >> 4);
	if (f->have == 3) {
		*to++ = (char)(f->bits >> 10);
		*to++ = (char)(f->bits >> 2);
	}
	f->have = 0;
	f->bits = 0;
	return to;
}

static char *take_one(struct base64_decoder *f, unsigned char c, char *to)
{
	unsigned v = value_of(c);
	if (v == BLANK)
		return to;
	if (v == PAD) {
		if (!f->have && !f->padded)
			f->saw_junk = true;
		f->padded = true;
		return take_partial(f, to);
	}
	if (v == BAD) {
		f->saw_junk = true;
		return to;
	}
	f->saw_data_after_padding |= f->padded;
	if (f->padded && f->ends_at_padding)
		return to;
	f->bits = f->bits << 6 | v;
	if (++f->have < 4)
		return to;
	*to++ = (char)(f->bits >> 16);
	*to++ = (char)(f->bits >> 8);
	*to++ = (char)f->bits;
	f->have = 0;
	f->bits = 0;
	return to;
}

/* As many whole lines as there is room for, from the start of one on. */
static char *take_lines(
    const unsigned char **p, const unsigned char *end, char *to, const char *room)
{
	size_t lines = (size_t)(room - to) / BASE64_LINE_BYTES, used;
	size_t n = base64_decode_lines(to, *p, (size_t)(end - *p), lines, &used);
	*p += used;
	return to + n * BASE64_LINE_BYTES;
}

static int decoder_put(struct sink *s, struct span bytes, struct err *e)
{
	struct base64_decoder *f = (struct base64_decoder *)s;
	char out[16384 + BASE64_SLACK], *to = out, *room = out + 16384;
	const unsigned char *p = (const unsigned char *)bytes.ptr, *end = p + bytes.len;
	bool line = true; /* a line may begin here */
	while (p < end) {
		if (!f->have && !f->padded && line)
			to = take_lines(&p, end, to, room);
		if (!f->have && !f->padded)
			decode_groups(&p, end, &to, room);
		if (p < end && room - to >= 3) {
			line = *p == '\n';
			to = take_one(f, *p++, to);
		}
		if (room - to < 3) {
			if (sink_put(f->next, span_make(out, (size_t)(to - out)), e) < 0)
				return -1;
			to = out;
		}
	}
	return to == out ? 0 : sink_put(f->next, span_make(out, (size_t)(to - out)), e);
}

static int decoder_end(struct sink *s, struct err *e)
{
	struct base64_decoder *f = (struct base64_decoder *)s;
	char out[2];
	if (f->have)
		f->saw_truncated = true;
	size_t n = (size_t)(take_partial(f, out) - out);
	if (n && sink_put(f->next, span_make(out, n), e) < 0)
		return -1;
	return sink_end(f->next, e);
}

void base64_decoder_init(struct base64_decoder *f, struct sink *next)
{
	*f = (struct base64_decoder){.sink = {decoder_put, decoder_end}, .next = next};
}
