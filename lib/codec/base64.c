/*
 * Encoding looks up two characters for every 12 bits, decoding takes four characters at a time while all are of the alphabet; whatever
 * else comes (line ends, junk, padding) goes through one careful step and back into the loop.
 */
#include "codec/base64.h"

#define ROW(a)                                                                                     \
	{a, 'A'}, {a, 'B'}, {a, 'C'}, {a, 'D'}, {a, 'E'}, {a, 'F'}, {a, 'G'}, {a, 'H'}, {a, 'I'},  \
	    {a, 'J'}, {a, 'K'}, {a, 'L'}, {a, 'M'}, {a, 'N'}, {a, 'O'}, {a, 'P'}, {a, 'Q'},        \
	    {a, 'R'}, {a, 'S'}, {a, 'T'}, {a, 'U'}, {a, 'V'}, {a, 'W'}, {a, 'X'}, {a, 'Y'},        \
	    {a, 'Z'}, {a, 'a'}, {a, 'b'}, {a, 'c'}, {a, 'd'}, {a, 'e'}, {a, 'f'}, {a, 'g'},        \
	    {a, 'h'}, {a, 'i'}, {a, 'j'}, {a, 'k'}, {a, 'l'}, {a, 'm'}, {a, 'n'}, {a, 'o'},        \
	    {a, 'p'}, {a, 'q'}, {a, 'r'}, {a, 's'}, {a, 't'}, {a, 'u'}, {a, 'v'}, {a, 'w'},        \
	    {a, 'x'}, {a, 'y'}, {a, 'z'}, {a, '0'}, {a, '1'}, {a, '2'}, {a, '3'}, {a, '4'},        \
	    {a, '5'}, {a, '6'}, {a, '7'}, {a, '8'}, {a, '9'}, {a, '+'},                            \
	{                                                                                          \
		a, '/'                                                                             \
	}

static const char pairs[4096][2] = {ROW('A'), ROW('B'), ROW('C'), ROW('D'), ROW('E'), ROW('F'),
    ROW('G'), ROW('H'), ROW('I'), ROW('J'), ROW('K'), ROW('L'), ROW('M'), ROW('N'), ROW('O'),
    ROW('P'), ROW('Q'), ROW('R'), ROW('S'), ROW('T'), ROW('U'), ROW('V'), ROW('W'), ROW('X'),
    ROW('Y'), ROW('Z'), ROW('a'), ROW('b'), ROW('c'), ROW('d'), ROW('e'), ROW('f'), ROW('g'),
    ROW('h'), ROW('i'), ROW('j'), ROW('k'), ROW('l'), ROW('m'), ROW('n'), ROW('o'), ROW('p'),
    ROW('q'), ROW('r'), ROW('s'), ROW('t'), ROW('u'), ROW('v'), ROW('w'), ROW('x'), ROW('y'),
    ROW('z'), ROW('0'), ROW('1'), ROW('2'), ROW('3'), ROW('4'), ROW('5'), ROW('6'), ROW('7'),
    ROW('8'), ROW('9'), ROW('+'), ROW('/')};

enum { BAD = 0x80, BLANK = 0x81, PAD = 0x82 }; /* in `values`: all have the top bit */
static const unsigned char values[256] = {
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BLANK,
    BLANK,
    BAD,
    BAD,
    BLANK,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BLANK,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    62,
    BAD,
    BAD,
    BAD,
    63,
    52,
    53,
    54,
    55,
    56,
    57,
    58,
    59,
    60,
    61,
    BAD,
    BAD,
    BAD,
    PAD,
    BAD,
    BAD,
    BAD,
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    9,
    10,
    11,
    12,
    13,
    14,
    15,
    16,
    17,
    18,
    19,
    20,
    21,
    22,
    23,
    24,
    25,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    26,
    27,
    28,
    29,
    30,
    31,
    32,
    33,
    34,
    35,
    36,
    37,
    38,
    39,
    40,
    41,
    42,
    43,
    44,
    45,
    46,
    47,
    48,
    49,
    50,
    51,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
    BAD,
};

/* n bytes become (n + 2) / 3 * 4 characters. */
static char *encode(char *to, const unsigned char *p, size_t n)
{
	for (; n >= 3; n -= 3, p += 3, to += 4) {
		memcpy(to, pairs[p[0] << 4 | p[1] >> 4], 2);
		memcpy(to + 2, pairs[(p[1] & 15) << 8 | p[2]], 2);
	}
	if (n == 0)
		return to;
	unsigned second = n == 2 ? p[1] : 0;
	memcpy(to, pairs[p[0] << 4 | second >> 4], 2);
	to[2] = n == 2 ? pairs[(second & 15) << 8][0] : '=';
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

/* Takes groups of four while all are of the alphabet and there is room; moves both pointers. */
static void decode_groups(
    const unsigned char **from, const unsigned char *end, char **to, const char *room)
{
	const unsigned char *p = *from;
	char *o = *to;
	for (; end - p >= 4 && room - o >= 3; p += 4, o += 3) {
		unsigned a = values[p[0]], b = values[p[1]], c = values[p[2]], d = values[p[3]];
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
		if (values[(unsigned char)text.ptr[i]] & 0x80)
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
		*to++ = (char)(values[p[0]] << 2 | values[p[1]] >> 4);
		if (pads == 1)
			*to = (char)(values[p[1]] << 4 | values[p[2]] >> 2);
	}
	buf_grew(out, len);
	return 0;
}

/* --- the encoder --- */

enum { LINE_BYTES = 57, LINE_TEXT = 77, LINES = 64 };

static int encoder_put(struct sink *s, struct span bytes, struct err *e)
{
	struct base64_encoder *f = (struct base64_encoder *)s;
	char out[LINES * LINE_TEXT], *to = out;
	while (f->held + bytes.len >= LINE_BYTES) {
		const unsigned char *line = (const unsigned char *)bytes.ptr;
		size_t take = LINE_BYTES - f->held;
		if (f->held) {
			memcpy(f->hold + f->held, bytes.ptr, take);
			line = f->hold;
		}
		to = encode(to, line, LINE_BYTES);
		*to++ = '\n';
		f->held = 0;
		bytes = span_skip(bytes, take);
		if (to == out + sizeof out) {
			if (sink_put(f->next, span_make(out, sizeof out), e) < 0)
				return -1;
			to = out;
		}
	}
	if (bytes.len)
		memcpy(f->hold + f->held, bytes.ptr, bytes.len);
	f->held += bytes.len;
	return to == out ? 0 : sink_put(f->next, span_make(out, (size_t)(to - out)), e);
}

static int encoder_end(struct sink *s, struct err *e)
{
	struct base64_encoder *f = (struct base64_encoder *)s;
	char out[LINE_TEXT], *to = out;
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
	unsigned v = values[c];
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
	if (f->padded)
		f->saw_data_after_padding = true;
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

static int decoder_put(struct sink *s, struct span bytes, struct err *e)
{
	struct base64_decoder *f = (struct base64_decoder *)s;
	char out[4096], *to = out, *room = out + sizeof out;
	const unsigned char *p = (const unsigned char *)bytes.ptr, *end = p + bytes.len;
	while (p < end) {
		if (!f->have && !f->padded)
			decode_groups(&p, end, &to, room);
		if (p < end && room - to >= 3)
			to = take_one(f, *p++, to);
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
