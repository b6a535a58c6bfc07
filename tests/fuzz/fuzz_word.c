/* Any text: as a header's value it decodes to one line of UTF-8; encoded and decoded it is what it was. */
#include "base/alloc.h"
#include "codec/utf8.h"
#include "mime/word.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_line(const struct buf *b)
{
	ENSURE(utf8_valid(buf_span(b)) && !b->over);
	ENSURE(span_index(buf_span(b), '\n') < 0 && span_index(buf_span(b), '\r') < 0);
}

/* What goes in, as far as a header can hold it: line ends and NUL are blanks, blanks at the ends go. */
static void expected(struct buf *b, struct span text)
{
	struct buf repaired = BUF_INIT(3 * text.len + 4);
	utf8_repair(&repaired, text);
	for (size_t i = 0; i < repaired.len; i++)
		if (repaired.ptr[i] == '\n' || repaired.ptr[i] == '\r')
			repaired.ptr[i] = ' ';
	buf_add(b, span_trim(buf_span(&repaired)));
	for (size_t i = 0; i < b->len; i++)
		if (!b->ptr[i])
			b->ptr[i] = ' ';
	buf_release(&repaired);
}

static void round_trip(struct span text, bool phrase, bool utf8)
{
	struct buf out = BUF_INIT(64u << 20), back = BUF_INIT(64u << 20),
		   want = BUF_INIT(64u << 20);
	size_t column = 9;
	struct span line;
	if (phrase)
		word_encode_phrase(&out, &column, text, utf8);
	else
		word_encode(&out, &column, text, utf8);
	for (struct span rest = buf_span(&out); span_line(&rest, &line);) {
		ENSURE(line.len <= 998);
		ENSURE(!rest.len || is_wsp(*rest.ptr)); /* every further line is a fold */
	}
	word_decode(&back, buf_span(&out));
	check_line(&back);
	expected(&want, text);
	if (!phrase)
		ENSURE(span_eq(span_trim(buf_span(&back)), span_trim(buf_span(&want))));
	buf_release(&out);
	buf_release(&back);
	buf_release(&want);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span value = span_make((const char *)data, size);
	struct buf text = BUF_INIT(64u << 20);
	word_decode(&text, value);
	check_line(&text);
	buf_release(&text);
	for (int i = 0; i < 4; i++)
		round_trip(value, i & 1, i & 2);
	return 0;
}
