#include "codec/qp.h"

#include "../tap.h"
#include "base/alloc.h"

#include <stdlib.h>

/* Decodes at several cuts. flags: "b" where a bad escape was seen. */
static void decodes(const char *text, const char *want, const char *flags)
{
	char name[80];
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(text, "\r\n#"), text);
	for (size_t cut = 1; cut <= 64; cut = cut < 4 ? cut + 1 : 2 * cut) {
		struct buf b = BUF_INIT(1 << 16);
		struct sink_buf to;
		struct qp_decoder d;
		sink_buf_init(&to, &b);
		qp_decoder_init(&d, &to.sink);
		for (struct span rest = span_of(text); rest.len; rest = span_skip(rest, cut))
			sink_put(&d.sink, span_take(rest, cut), NULL);
		sink_end(&d.sink, NULL);
		bool good = span_is(buf_span(&b), want) && d.saw_bad_escape == (*flags == 'b');
		if (cut == 1 || !good) {
			is_span(buf_span(&b), want, name);
			ok(d.saw_bad_escape == (*flags == 'b'), "%s: at a cut of %zu", name, cut);
		}
		buf_release(&b);
	}
}

static void test_decode(void)
{
	decodes("", "", "");
	decodes("a=3Db=3db", "a=b=b", "");
	decodes("a=\nb=\r\nc", "abc", "");
	decodes("a  \nb\t \r\nc ", "a\nb\r\nc", "");
	decodes("a = \t\nb", "a b", "");
	decodes("=C3=\n=B6", "\xc3\xb6", "");
	decodes("a=zb=4", "a=zb=4", "b");
	decodes("a==3D", "a==", "b");
	decodes("a= b", "a= b", "b");
	decodes("a=", "a", "");
	decodes("a\rb\r", "a\rb\r", "");
	decodes("a =20\n", "a  \n", "");
}

/* A run of 1024 blanks at a line's end is padding, a longer one is text: at every cut. */
static void test_runs(void)
{
	for (size_t n = 1023; n <= 1026; n++)
		for (int how = 0; how < 3; how++) {
			static const char *const ends[] = {"\n", "\r\n", "x"};
			struct buf text = BUF_INIT(4096), want = BUF_INIT(4096);
			buf_addc(&text, 'a');
			for (size_t i = 0; i < n; i++)
				buf_addc(&text, i % 3 ? ' ' : '\t');
			buf_add(&want, how == 2 || n > 1024 ? buf_span(&text) : SPAN("a"));
			buf_adds(&text, ends[how]);
			buf_adds(&want, ends[how]);
			decodes(buf_cstr(&text), buf_cstr(&want), "");
			buf_release(&text);
			buf_release(&want);
		}
}

static void encodes(const char *text, bool binary, const char *want)
{
	struct buf b = BUF_INIT(1 << 16);
	struct sink_buf to;
	struct qp_encoder enc;
	sink_buf_init(&to, &b);
	qp_encoder_init(&enc, &to.sink, binary);
	sink_put(&enc.sink, span_of(text), NULL);
	sink_end(&enc.sink, NULL);
	char name[80];
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(text, "\r\n#"), text);
	is_span(buf_span(&b), want, name);
	buf_release(&b);
}

static void test_encode(void)
{
	encodes("a=b\n", false, "a=3Db\n");
	encodes("a \nb\t\n", false, "a=20\nb=09\n");
	encodes("\xc3\xb6", false, "=C3=B6");
	encodes("From x\n.\nFrom", false, "=46rom x\n=2E\nFrom");
	encodes("a\r\nb\rc", false, "a\nb=0Dc");
	encodes("a\r\nb", true, "a=0D=0Ab");
	encodes("", false, "");
}

static void test_round_trips(void)
{
	static const char letters[] = "ab =\t.F\n\n\r\xc3\xb6";
	unsigned seed = 3, wrong = 0, longest = 0;
	for (int round = 0; round < 20000; round++) {
		char in[300];
		size_t n = (size_t)rand_r(&seed) % sizeof(in);
		for (size_t i = 0; i < n; i++)
			in[i] = letters[(size_t)rand_r(&seed) % (sizeof(letters) - 1)];
		struct buf text = BUF_INIT(1 << 16), back = BUF_INIT(1 << 16);
		struct sink_buf to, to_back;
		struct qp_encoder enc;
		struct qp_decoder dec;
		struct span line;
		sink_buf_init(&to, &text);
		qp_encoder_init(&enc, &to.sink, true);
		sink_put(&enc.sink, span_make(in, n), NULL);
		sink_end(&enc.sink, NULL);
		for (struct span rest = buf_span(&text); span_line(&rest, &line);)
			longest = line.len > longest ? (unsigned)line.len : longest;
		sink_buf_init(&to_back, &back);
		qp_decoder_init(&dec, &to_back.sink);
		sink_put(&dec.sink, buf_span(&text), NULL);
		sink_end(&dec.sink, NULL);
		wrong += !span_eq(buf_span(&back), span_make(in, n)) || dec.saw_bad_escape;
		buf_release(&text);
		buf_release(&back);
	}
	is_int(wrong, 0, "20,000 texts come back to the byte");
	ok(longest <= 76, "no line is longer than 76 (%u)", longest);
}

int main(void)
{
	test_decode();
	test_runs();
	test_encode();
	test_round_trips();
	return tap_done();
}
