#include "../tap.h"

#include "codec/charset.h"

/* Text in a charset, cut in two at each place and byte by byte, gives the same UTF-8. */
static bool gives(struct span charset, struct span bytes, size_t first, size_t step,
    const char *want, uint64_t replaced)
{
	struct buf got = BUF_INIT(100000);
	struct sink_buf to;
	struct charset_filter f;
	sink_buf_init(&to, &got);
	charset_filter_init(&f, &to.sink, charset);
	sink_put(&f.sink, span_take(bytes, first), NULL);
	for (bytes = span_skip(bytes, first); bytes.len; bytes = span_skip(bytes, step))
		sink_put(&f.sink, span_take(bytes, step), NULL);
	sink_end(&f.sink, NULL);
	bool good = f.replaced == replaced && strcmp(buf_cstr(&got), want) == 0;
	if (!good)
		printf(
		    "#   cut at %zu: %s (%d replaced)\n", first, buf_cstr(&got), (int)f.replaced);
	charset_filter_release(&f);
	buf_release(&got);
	return good;
}

static void is_text(const char *charset, struct span bytes, const char *want, uint64_t replaced)
{
	bool good = gives(span_of(charset), bytes, 0, 1, want, replaced);
	for (size_t i = 0; i <= bytes.len; i++)
		good = gives(span_of(charset), bytes, i, bytes.len + 1, want, replaced) && good;
	ok(good, "%s: %s", *charset ? charset : "none", want);
}

int main(void)
{
	is_text("utf-8", SPAN("caf\303\251 \360\237\223\254"), "café 📬", 0);
	is_text("UTF8", SPAN("a\377b"), "a\357\277\275b", 1);
	is_text("iso-8859-1", SPAN("caf\351 \200 \223x\224"), "café € “x”", 0);
	is_text("windows-1252", SPAN("\201\200"), "\357\277\275€", 1);
	is_text("", SPAN("caf\351 caf\303\251"), "café café", 0);
	is_text("us-ascii", SPAN("plain"), "plain", 0);
	is_text("iso-8859-15", SPAN("\244 euro"), "€ euro", 0);
	is_text("koi8-r", SPAN("\360\322\311\327\305\324 ascii"), "Привет ascii", 0);
	is_text("gb2312", SPAN("ascii \304\343\272\303"), "ascii 你好", 0);
	is_text("shift_jis", SPAN("\223\372\226{ x"), "日本 x", 0);
	is_text("iso-2022-jp", SPAN("a \033$BF|K\\\033(B b"), "a 日本 b", 0);
	is_text("utf-7", SPAN("a +ZeVnLA- b"), "a 日本 b", 0);
	is_text("no-such-thing", SPAN("a\351b"), "a\357\277\275b", 1);
	is_text("koi8-r//TRANSLIT", SPAN("a"), "a", 0);
	/* iconv takes the name for UTF-8 and lets pass what lies above U+10FFFF */
	is_text("utf-8+", SPAN("x\366\247\247\247y"),
	    "x\357\277\275\357\277\275\357\277\275\357\277\275y", 4);
	/* more charsets than are kept open, again and again, two of one at the same time */
	static const char *const many[] = {"iso-8859-2", "iso-8859-3", "iso-8859-4", "iso-8859-5",
	    "iso-8859-7", "iso-8859-10", "iso-8859-13", "iso-8859-14", "iso-8859-16", "koi8-u",
	    "cp1251", "iso-8859-2"};
	bool good = true;
	for (int round = 0; round < 20; round++)
		for (size_t i = 0; i < sizeof(many) / sizeof(*many); i++) {
			struct charset_filter f, g;
			charset_filter_init(&f, NULL, span_of(many[i]));
			charset_filter_init(&g, NULL, span_of(many[i]));
			good = good && !f.unknown && !g.unknown;
			charset_filter_release(&f);
			charset_filter_release(&g);
		}
	ok(good, "many charsets");
	/* a converter that was left in the middle of a shift starts anew */
	is_text("iso-2022-jp", SPAN("\033$BF|K\\"), "日本", 0);
	is_text("iso-2022-jp", SPAN("F|K\\"), "F|K\\", 0);
	ok(charset_known(SPAN("EUC-KR")) && !charset_known(SPAN("no-such-thing")),
	    "which are known");
	return tap_done();
}
