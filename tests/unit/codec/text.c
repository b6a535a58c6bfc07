#include "../tap.h"
#include "base/alloc.h"
#include "codec/charset.h"
#include "codec/idna.h"
#include "codec/inert.h"
#include "codec/utf8.h"
#include "codec/uu.h"

#include <stdlib.h>

/* --- UTF-8 ----------------------------------------------------------------------- */

static void test_utf8(void)
{
	static const struct {
		const char *text;
		bool valid;
	} cases[] = {{"", true}, {"abc", true}, {"\xc3\xb6", true}, {"\xe2\x82\xac", true},
	    {"\xf0\x9f\x93\xac", true}, {"\xed\x9f\xbf", true}, {"\xee\x80\x80", true},
	    {"\xf4\x8f\xbf\xbf", true}, {"\xc0\x80", false}, {"\xc1\xbf", false},
	    {"\xe0\x9f\xbf", false}, {"\xed\xa0\x80", false}, {"\xf0\x8f\xbf\xbf", false},
	    {"\xf4\x90\x80\x80", false}, {"\xf5\x80\x80\x80", false}, {"\x80", false},
	    {"\xc3", false}, {"\xe2\x82", false}, {"a\xff", false}, {"\xc3(", false}};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		ok(utf8_valid(span_of(cases[i].text)) == cases[i].valid, "case %zu", i);
	is_int((long long)utf8_valid_len(SPAN("ab\xc3\xb6\xff"
					      "c")),
	    4, "as far as it is valid");
	is_int((long long)utf8_cut_tail(SPAN("a\xe2\x82")), 2, "a character that is cut");
	struct buf b = BUF_INIT(100);
	utf8_repair(&b, SPAN("a\xff\xc3\xb6\xe2\x82"));
	is_span(buf_span(&b), "a\xef\xbf\xbd\xc3\xb6\xef\xbf\xbd\xef\xbf\xbd",
	    "each invalid byte alone");
	buf_release(&b);
}

/* All code points, written and read. */
static void test_all_points(void)
{
	size_t wrong = 0;
	for (uint32_t c = 0; c <= 0x10ffff; c++) {
		if (c >= 0xd800 && c < 0xe000)
			continue;
		struct buf b = BUF_INIT(8);
		utf8_put(&b, c);
		struct span s = buf_span(&b);
		wrong += !utf8_valid(s) || utf8_next(&s) != (int32_t)c || s.len;
		buf_release(&b);
	}
	is_int((long long)wrong, 0, "all code points");
}

/* --- charsets --------------------------------------------------------------------- */

static void converts(
    const char *charset, const char *bytes, const char *want, bool unknown, unsigned replaced)
{
	for (size_t cut = 1; cut < 8; cut += 3) {
		struct buf b = BUF_INIT(4096);
		struct sink_buf to;
		struct charset_filter f;
		sink_buf_init(&to, &b);
		charset_filter_init(&f, &to.sink, span_of(charset));
		for (struct span rest = span_of(bytes); rest.len; rest = span_skip(rest, cut))
			sink_put(&f.sink, span_take(rest, cut), NULL);
		sink_end(&f.sink, NULL);
		is_span(buf_span(&b), want, charset);
		ok(f.unknown == unknown && f.replaced == replaced, "%s: %u replaced", charset,
		    (unsigned)f.replaced);
		charset_filter_release(&f);
		buf_release(&b);
	}
}

static void test_charsets(void)
{
	converts("utf-8", "a\xc3\xb6\xe2\x82\xac", "a\xc3\xb6\xe2\x82\xac", false, 0);
	converts("UTF8", "x\xff", "x\xef\xbf\xbd", false, 1);
	converts("iso-8859-1", "\xf6\x80", "\xc3\xb6\xe2\x82\xac", false, 0);
	converts("", "\xf6 \xc3\xb6", "\xc3\xb6 \xc3\xb6", false, 0);
	converts("us-ascii", "\xf6", "\xc3\xb6", false, 0);
	converts("koi8-r", "\xf0", "\xd0\x9f", false, 0);
	converts("iso-2022-jp", "\x1b$BF|K\\\x1b(B.", "\xe6\x97\xa5\xe6\x9c\xac.", false, 0);
	converts("shift_jis", "\x93\xfa", "\xe6\x97\xa5", false, 0);
	converts("gb2312", "\xc4\xe3", "\xe4\xbd\xa0", false, 0);
	converts("euc-kr", "\xc8\xb8", "\xed\x9a\x8c", false, 0);
	converts("windows-1251", "\xcf", "\xd0\x9f", false, 0);
	converts("utf-7", "+AOk-", "\xc3\xa9", false, 0);
	converts("x-none", "a\xf6", "a\xef\xbf\xbd", true, 1);
	converts("utf-8//IGNORE", "a\xf6", "a\xef\xbf\xbd", true, 1);
	struct buf b = BUF_INIT(100);
	struct err e = ERR_INIT;
	ok(charset_from_utf8(&b, SPAN("iso-8859-1"), SPAN("\xc3\xb6"), &e) == 0, "into ISO 8859-1");
	is_span(buf_span(&b), "\xf6", "a letter");
	ok(charset_from_utf8(&b, SPAN("iso-8859-2"), SPAN("\xe6\x97\xa5"), &e) < 0 &&
		e.code == EX_DATAERR,
	    "a letter it has not (%s)", e.text);
	is_int((long long)b.len, 1, "and nothing is added");
	ok(charset_known(SPAN("gb18030")) && !charset_known(SPAN("klingon")), "known and not");
	buf_release(&b);
}

/* --- uuencode, inert text, domains -------------------------------------------------- */

static void uu(const char *text, const char *want, bool bad)
{
	for (size_t cut = 1; cut < 8; cut += 3) {
		struct buf b = BUF_INIT(4096);
		struct sink_buf to;
		struct uu_decoder d;
		sink_buf_init(&to, &b);
		uu_decoder_init(&d, &to.sink);
		for (struct span rest = span_of(text); rest.len; rest = span_skip(rest, cut))
			sink_put(&d.sink, span_take(rest, cut), NULL);
		sink_end(&d.sink, NULL);
		is_span(buf_span(&b), want, "uuencode");
		ok(d.saw_bad == bad, "good or bad");
		buf_release(&b);
	}
}

static void test_uu(void)
{
	uu("text\nbegin 644 x y\n#2&DA\n`\nend\nmore\n", "Hi!", false);
	uu("begin 644 x\r\n#2&DA\r\n \r\nend\r\n", "Hi!", false);
	uu("begin 644 x\n#2&DA\n", "Hi!", true);
	uu("beginning\nno\n", "", true);
}

static void inert(const char *text, int flags, const char *want)
{
	struct buf b = BUF_INIT(1000);
	inert_add(&b, span_of(text), flags);
	is_span(buf_span(&b), want, want);
	buf_release(&b);
}

static void test_inert(void)
{
	inert("caf\xc3\xa9\n", INERT_LINES, "caf\xc3\xa9\n");
	inert("\x1b]52;c;x\x07", 0, "\\x1b]52;c;x\\x07");
	inert("a\xe2\x80\xaetxt", 0, "a\\u202etxt");
	inert("a\xc2\x9b"
	      "b",
	    0, "a\\u009bb");
	inert("a\xff", 0, "a\\xff");
}

static void test_idna(void)
{
	struct buf b = BUF_INIT(1000);
	struct err e = ERR_INIT;
	ok(idna_to_ascii(&b,
	       SPAN("B\xc3\xbc"
		    "cher.Example."),
	       &e) == 0,
	    "a domain in another script");
	is_span(buf_span(&b), "xn--bcher-kva.example", "as A-labels");
	ok(idna_to_ascii(&b, SPAN("a b"), &e) < 0 && e.code == EX_DATAERR, "what is none (%s)",
	    e.text);
	buf_reset(&b);
	idna_to_unicode(&b, SPAN("xn--bcher-kva.example"));
	is_span(buf_span(&b),
	    "b\xc3\xbc"
	    "cher.example",
	    "and back");
	buf_release(&b);
}

int main(void)
{
	test_utf8();
	test_all_points();
	test_charsets();
	test_uu();
	test_inert();
	test_idna();
	return tap_done();
}
