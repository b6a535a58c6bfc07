#include "codec/base64.h"

#include "../tap.h"
#include "base/alloc.h"
#include "codec/base64_vector.h"

#include <stdlib.h>

/* Written from the RFC and nothing else: what both ways are held against. */
static void simple_encode(struct buf *out, const unsigned char *p, size_t n, bool lines)
{
	static const char letters[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t column = 0;
	for (size_t i = 0; i < n; i += 3) {
		unsigned v = (unsigned)p[i] << 16 | (unsigned)(i + 1 < n ? p[i + 1] : 0) << 8 |
			     (i + 2 < n ? p[i + 2] : 0);
		for (int k = 0; k < 4; k++)
			buf_addc(out, (size_t)k > n - i ? '=' : letters[v >> (18 - 6 * k) & 63]);
		column += 4;
		if (lines && (column == 76 || i + 3 >= n)) {
			buf_addc(out, '\n');
			column = 0;
		}
	}
}

static void put_cut(struct sink *s, const char *p, size_t n, unsigned *seed)
{
	while (n) {
		size_t take = 1 + (size_t)rand_r(seed) % (rand_r(seed) % 3 ? n : n < 9 ? n : 9);
		sink_put(s, span_make(p, take), NULL);
		p += take;
		n -= take;
	}
	sink_end(s, NULL);
}

/* Bytes of many lengths through the encoder and back through the decoder, cut anywhere, with LF and CRLF. */
static void test_round_trips(void)
{
	unsigned seed = 5;
	int wrong_text = 0, wrong_bytes = 0, flagged = 0;
	for (int round = 0; round < 3000; round++) {
		size_t n = (size_t)rand_r(&seed) % (round % 20 ? 400 : 70000);
		char *bytes = mem_new(n + 1, 1);
		for (size_t i = 0; i < n; i++)
			bytes[i] = (char)rand_r(&seed);
		struct buf want = BUF_INIT(1 << 20), text = BUF_INIT(1 << 20),
			   back = BUF_INIT(1 << 20), crlf = BUF_INIT(1 << 20);
		struct sink_buf to, to_back;
		struct base64_encoder enc;
		struct base64_decoder dec;
		simple_encode(&want, (unsigned char *)bytes, n, true);
		sink_buf_init(&to, &text);
		base64_encoder_init(&enc, &to.sink);
		put_cut(&enc.sink, bytes, n, &seed);
		wrong_text += !span_eq(buf_span(&want), buf_span(&text));
		for (size_t i = 0; i < text.len; i++) {
			if (text.ptr[i] == '\n' && round & 1)
				buf_addc(&crlf, '\r');
			buf_addc(&crlf, text.ptr[i]);
		}
		sink_buf_init(&to_back, &back);
		base64_decoder_init(&dec, &to_back.sink);
		put_cut(&dec.sink, buf_cstr(&crlf), crlf.len, &seed);
		wrong_bytes += !span_eq(buf_span(&back), span_make(bytes, n));
		flagged += dec.saw_junk || dec.saw_truncated || dec.saw_data_after_padding;
		buf_release(&want);
		buf_release(&text);
		buf_release(&back);
		buf_release(&crlf);
		free(bytes);
	}
	printf("# vectors: %s\n", base64_has_vectors() ? "yes" : "no");
	is_int(wrong_text, 0, "3000 texts are as the RFC says");
	is_int(wrong_bytes, 0, "and are read as they were");
	is_int(flagged, 0, "without a complaint");
}

/* Each byte in each place of a line: whole lines are taken only when all of them is of the alphabet. */
static void test_every_byte(void)
{
	char line[160], out[200];
	size_t used, wrong = 0;
	if (!base64_has_vectors())
		return;
	memset(line, 'Q', sizeof(line));
	line[76] = line[153] = '\n';
	for (size_t at = 0; at < 76; at++)
		for (int c = 0; c < 256; c++) {
			line[at] = (char)c;
			bool letter =
			    is_alpha((char)c) || is_digit((char)c) || c == '+' || c == '/';
			size_t n =
			    base64_decode_lines(out, (unsigned char *)line, sizeof(line), 1, &used);
			struct buf one = BUF_INIT(200);
			if (n)
				simple_encode(&one, (unsigned char *)out, 57, false);
			wrong += (n == 1) != letter || (n && memcmp(one.ptr, line, 76) != 0);
			buf_release(&one);
			line[at] = 'Q';
		}
	is_int((long long)wrong, 0, "each byte in each place");
	/* nothing is read behind the end */
	for (size_t n = 0; n < 160; n++) {
		char *exact = mem_dup(line, n);
		base64_decode_lines(out, (unsigned char *)exact, n, 2, &used);
		base64_encode_lines(out, (unsigned char *)exact, n, 2);
		free(exact);
	}
	ok(true, "no byte too far");
}

static void strict(const char *text, const char *want)
{
	struct buf b = BUF_INIT(100);
	struct err e = ERR_INIT;
	int r = base64_decode(&b, span_of(text), &e);
	if (want)
		is_span(buf_span(&b), want, text);
	else
		ok(r < 0 && e.code == EX_DATAERR, "\"%s\" is refused (%s)", text, e.text);
	buf_release(&b);
}

static void test_strict(void)
{
	strict("", "");
	strict("SGk=", "Hi");
	strict("SA==", "H");
	strict("SGkh", "Hi!");
	strict("SGk", NULL);
	strict("SG k", NULL);
	strict("S===", NULL);
	strict("SGk=SGk=", NULL);
	strict("=", NULL);
	strict("SG-_", NULL);
}

static void tolerant(const char *text, const char *want, const char *flags)
{
	struct buf b = BUF_INIT(1000);
	struct sink_buf to;
	struct base64_decoder d;
	char got[4] = "";
	sink_buf_init(&to, &b);
	base64_decoder_init(&d, &to.sink);
	sink_put(&d.sink, span_of(text), NULL);
	sink_end(&d.sink, NULL);
	snprintf(got, sizeof(got), "%s%s%s", d.saw_junk ? "j" : "", d.saw_truncated ? "t" : "",
	    d.saw_data_after_padding ? "p" : "");
	is_span(buf_span(&b), want, text);
	is_str(got, flags, "what it met");
	buf_release(&b);
}

static void test_tolerant(void)
{
	tolerant(" S G\tk = ", "Hi", "");
	tolerant("S!Gk=", "Hi", "j");
	tolerant("SGk", "Hi", "t");
	tolerant("SGkhS", "Hi!", "t");
	tolerant("SGk=SGk=", "HiHi", "p");
	tolerant("=SGkh", "Hi!", "jp");
}

int main(void)
{
	test_round_trips();
	test_every_byte();
	test_strict();
	test_tolerant();
	return tap_done();
}
