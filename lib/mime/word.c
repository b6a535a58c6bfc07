#include "mime/word.h"

#include "codec/base64.h"
#include "codec/charset.h"
#include "codec/utf8.h"
#include "mime/header.h"
#include "mime/lex.h"

/* --- reading ------------------------------------------------------------------ */

/* The bytes of adjacent encoded words of one charset, not converted yet: some cut characters in two. */
struct pending {
	struct buf bytes;
	struct span charset;
};

static void flush(struct buf *out, struct pending *p)
{
	if (p->bytes.len)
		charset_to_utf8(out, p->charset, buf_span(&p->bytes));
	buf_reset(&p->bytes);
	p->charset = SPAN("");
}

static void decode_q(struct buf *out, struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		if (c == '=' && i + 2 < text.len && hex_value(text.ptr[i + 1]) >= 0 &&
		    hex_value(text.ptr[i + 2]) >= 0) {
			c = (char)(hex_value(text.ptr[i + 1]) * 16 + hex_value(text.ptr[i + 2]));
			i += 2;
		} else if (c == '_') {
			c = ' ';
		}
		buf_addc(out, c);
	}
}

static void decode_b(struct buf *out, struct span text)
{
	struct sink_buf to;
	struct base64_decoder d;
	sink_buf_init(&to, out);
	base64_decoder_init(&d, &to.sink);
	sink_put(&d.sink, text, NULL);
	sink_end(&d.sink, NULL);
}

static void take_word(
    struct buf *out, struct pending *p, struct span charset, char encoding, struct span text)
{
	ptrdiff_t language = span_index(charset, '*'); /* RFC 2231 5 */
	if (language >= 0)
		charset = span_take(charset, (size_t)language);
	if (!span_eq_nocase(charset, p->charset))
		flush(out, p);
	p->charset = charset;
	if (encoding == 'b')
		decode_b(&p->bytes, text);
	else
		decode_q(&p->bytes, text);
}

static bool is_blank(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!is_wsp(s.ptr[i]))
			return false;
	return true;
}

static void take_text(struct buf *out, struct pending *p, struct span text)
{
	flush(out, p);
	if (is_ascii(text))
		buf_add(out, text);
	else
		charset_to_utf8(out, SPAN(""), text);
}

static void decode_unfolded(struct buf *out, struct span value)
{
	struct pending p = {.bytes = BUF_INIT(value.len + 4), .charset = SPAN("")};
	const char *at = value.ptr, *end = value.ptr + value.len, *plain = at;
	bool after_word = false;
	while (at < end && (at = memchr(at, '=', (size_t)(end - at)))) {
		struct span charset, text, before = span_make(plain, (size_t)(at - plain));
		char encoding;
		const char *q = lex_encoded_word(at, end, &charset, &encoding, &text);
		if (!q) {
			at++;
			continue;
		}
		/* blanks between two encoded words are not text (RFC 2047 6.2) */
		if (before.len && !(after_word && is_blank(before)))
			take_text(out, &p, before);
		take_word(out, &p, charset, encoding, text);
		plain = at = q;
		after_word = true;
	}
	flush(out, &p);
	if (plain < end)
		take_text(out, &p, span_make(plain, (size_t)(end - plain)));
	buf_release(&p.bytes);
}

struct span word_utf8(struct buf *tmp, struct span value, struct span charset)
{
	if (!charset.len || utf8_valid(value) || !charset_known(charset))
		return value;
	buf_reset(tmp);
	charset_to_utf8(tmp, charset, value);
	return tmp->over ? value : buf_span(tmp);
}

void word_decode(struct buf *out, struct span value)
{
	struct buf flat = BUF_INIT(value.len + 1);
	size_t start = out->len;
	header_unfold(&flat, value);
	struct span s = span_trim(buf_span(&flat));
	if (s.len)
		decode_unfolded(out, s);
	buf_release(&flat);
	/* a header's value is one line, whatever was encoded in it */
	for (size_t i = start; i < out->len; i++)
		if (out->ptr[i] == '\n' || out->ptr[i] == '\r' || out->ptr[i] == '\0')
			out->ptr[i] = ' ';
}
