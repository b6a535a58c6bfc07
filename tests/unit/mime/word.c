#include "mime/word.h"

#include "../tap.h"
#include "base/alloc.h"
#include "codec/utf8.h"
#include "mime/header.h"

#include <stdlib.h>
#include <time.h>

static void decodes(const char *value, const char *want)
{
	struct buf b = BUF_INIT(1 << 16);
	char *copy = mem_dup(value, strlen(value));
	word_decode(&b, span_make(copy, strlen(value)));
	is_str(buf_cstr(&b), want, value);
	buf_release(&b);
	free(copy);
}

static void test_decode(void)
{
	decodes("", "");
	decodes(" Hi there\r\n\tyou ", "Hi there\tyou");
	decodes("=?utf-8?q?a?=", "a");
	/* the examples of RFC 2047 8 */
	decodes("(=?ISO-8859-1?Q?a?=)", "(a)");
	decodes("(=?ISO-8859-1?Q?a?= b)", "(a b)");
	decodes("(=?ISO-8859-1?Q?a?=  =?ISO-8859-1?Q?b?=)", "(ab)");
	decodes("(=?ISO-8859-1?Q?a?=\r\n\t=?ISO-8859-1?Q?b?=)", "(ab)");
	decodes("(=?ISO-8859-1?Q?a_b?=)", "(a b)");
	decodes("(=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=)", "(a b)");
	decodes("=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?=\n "
		"=?ISO-8859-2?B?dSB1bmRlcnN0YW5kIHRoZSBleGFtcGxlLg==?=",
	    "If you can read this you understand the example.");
	decodes("=?utf-8?q?=E2=82?= =?UTF-8?q?=AC?=", "\xe2\x82\xac"); /* a character cut in two */
	decodes("=?utf-8?b?4oI=?= =?utf-8?q?=AC?=", "\xe2\x82\xac");
	decodes("=?utf-8*en?q?a?=", "a");
	decodes("x=?utf-8?q?a?=y", "xay");
	decodes("=?utf-8?q?a b?=", "a b"); /* blanks are not allowed, and come */
	decodes("=?utf-8?q?what?\?=", "what?");
	decodes("=?utf-8?q?a=0Ab=00c?=", "a b c");
	decodes("=?utf-8?q?=4?= =?utf-8?q?=ZZ?=", "=4=ZZ");
	decodes("=?utf-8?x?a?=", "=?utf-8?x?a?=");
	decodes("=?utf-8?q?a", "=?utf-8?q?a");
	decodes("=?utf-8?q?a =?utf-8?q?b?=", "=?utf-8?q?a b");
	decodes("=?nonsense-7?q?a=FF?=", "a\xef\xbf\xbd");
	decodes("J\xf6rg", "J\xc3\xb6rg");
	decodes("J\xc3\xb6rg", "J\xc3\xb6rg");
	decodes("=?iso-8859-1?q?J=F6rg?= J\xc3\xb6rg", "J\xc3\xb6rg J\xc3\xb6rg");
	decodes("=?iso-2022-jp?b?GyRCRnxLXBsoQg==?=", "\xe6\x97\xa5\xe6\x9c\xac");
	decodes("a\rb", "a b");
}

static void encodes(const char *text, size_t column, bool utf8, const char *want)
{
	struct buf b = BUF_INIT(1 << 16);
	word_encode(&b, &column, span_of(text), utf8);
	is_str(buf_cstr(&b), want, text);
	buf_release(&b);
}

static void test_encode(void)
{
	encodes("Hello, world", 9, false, "Hello, world");
	encodes("a\r\nBcc: x@y", 9, false, "a  Bcc: x@y");
	encodes("a\001b", 9, false, "=?utf-8?q?a=01b?=");
	encodes("Gr\xc3\xbc\xc3\x9f"
		"e aus K",
	    9, false, "=?utf-8?q?Gr=C3=BC=C3=9Fe?= aus K");
	encodes("J\xc3\xb6 \xc3\xb6x y", 9, false, "=?utf-8?q?J=C3=B6_=C3=B6x?= y");
	encodes("J\xc3\xb6", 9, true, "J\xc3\xb6");
	encodes("=?x", 9, false, "=?utf-8?b?PT94?=");
	encodes("word word word", 70, false, "word\n word word");
	encodes("\xff", 9, true, "\xef\xbf\xbd");
}

static struct span random_text(struct buf *b, unsigned *seed)
{
	static const uint32_t tops[] = {0x20, 0x7f, 0x7f, 0x7f, 0x17f, 0x7ff, 0xffff, 0x10ffff};
	buf_reset(b);
	for (int n = rand_r(seed) % 200; n > 0; n--) {
		uint32_t c = (uint32_t)rand_r(seed) % tops[(size_t)rand_r(seed) % ARRAY_LEN(tops)];
		if (rand_r(seed) % 6 == 0)
			c = ' ';
		if (c >= 0xd800 && c < 0xe000)
			c = '=';
		/* line ends become blanks, and NUL is not text */
		if (c == 0 || c == '\n' || c == '\r')
			c = '?';
		utf8_put(b, c);
	}
	return span_trim(buf_span(b));
}

static unsigned encoded_word_longer_than_75(struct span line)
{
	unsigned n = 0;
	ptrdiff_t at;
	while ((at = span_find(line, SPAN("=?utf-8?"))) >= 0) {
		line = span_skip(line, (size_t)at + 10);
		ptrdiff_t end = span_find(line, SPAN("?="));
		n += end < 0 || end + 12 > 75;
	}
	return n;
}

static void test_round_trip(void)
{
	unsigned seed = 7, wrong = 0, long_lines = 0, long_words = 0, blank_lines = 0;
	struct buf text = BUF_INIT(1 << 16), out = BUF_INIT(1 << 16), back = BUF_INIT(1 << 16);
	for (int round = 0; round < 30000; round++) {
		struct span want = random_text(&text, &seed), line;
		size_t start = (size_t)rand_r(&seed) % 40, column = start;
		bool utf8 = rand_r(&seed) % 4 == 0;
		buf_reset(&out);
		buf_reset(&back);
		word_encode(&out, &column, want, utf8);
		word_decode(&back, buf_span(&out));
		if (!span_eq(buf_span(&back), want) && !wrong++)
			printf("# %.*s\n# %s\n# %s\n", SPAN_ARG(want), buf_cstr(&out),
			    buf_cstr(&back));
		for (struct span rest = buf_span(&out); span_line(&rest, &line); start = 0) {
			long_lines += start + line.len > 78;
			long_words += encoded_word_longer_than_75(line);
			blank_lines += start == 0 && span_trim(line).len == 0;
		}
	}
	is_int(wrong, 0, "30,000 random texts come back as they were");
	is_int(long_lines, 0, "no line longer than 78");
	is_int(long_words, 0, "no encoded word longer than 75");
	is_int(blank_lines, 0, "no line of blanks");
	buf_release(&text);
	buf_release(&out);
	buf_release(&back);
}

static void fast(const char *unit, size_t n, const char *what)
{
	struct buf b = BUF_INIT(64u << 20), out = BUF_INIT(256u << 20);
	for (size_t i = 0; i < n; i++)
		buf_adds(&b, unit);
	clock_t start = clock();
	word_decode(&out, buf_span(&b));
	double s = (double)(clock() - start) / CLOCKS_PER_SEC;
	ok(s < 3, "%s: decoded in linear time (%.2f s)", what, s);
	start = clock();
	size_t column = 9;
	buf_reset(&out);
	word_encode(&out, &column, buf_span(&b), false);
	s = (double)(clock() - start) / CLOCKS_PER_SEC;
	ok(s < 5, "%s: encoded in linear time (%.2f s)", what, s);
	buf_release(&b);
	buf_release(&out);
}

int main(void)
{
	test_decode();
	test_encode();
	test_round_trip();
	fast("=?utf-8?q?a?= ", 300000, "300,000 encoded words");
	fast("=?utf-8?b?4oI=?=\r\n ", 300000, "300,000 in base64");
	fast("=?a?q?=FF?= =?b?q?=FF?= ", 50000, "charsets in turn");
	fast("=?a?q?", 300000, "open words");
	fast("=", 1000000, "equals signs");
	fast("\xc3\xb6 ", 200000, "letters");
	return tap_done();
}
