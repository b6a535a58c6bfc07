#include "crypto/digest.h"

#include "../tap.h"

static void is_hex(const unsigned char *sum, size_t n, const char *want, const char *what)
{
	struct buf b = BUF_INIT(1024);
	digest_hex(&b, sum, n);
	is_str(buf_cstr(&b), want, what);
	buf_release(&b);
}

static void test_known(void)
{
	unsigned char sum[DIGEST_MAX];
	struct span abc = SPAN("abc"), none = SPAN("");
	is_hex(sum, digest_of(DIGEST_SHA256, abc, sum),
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
	    "SHA-256 of FIPS 180");
	is_hex(sum, digest_of(DIGEST_SHA1, abc, sum), "a9993e364706816aba3e25717850c26c9cd0d89d",
	    "SHA-1");
	is_hex(sum, digest_of(DIGEST_MD5, none, sum), "d41d8cd98f00b204e9800998ecf8427e",
	    "MD5 of nothing, RFC 1321");
	is_int((long long)digest_of(DIGEST_SHA512, abc, sum), 64, "SHA-512 is 64 bytes");
}

static void test_streamed(void)
{
	struct span text = SPAN("The quick brown fox jumps over the lazy dog");
	unsigned char whole[DIGEST_MAX], cut[DIGEST_MAX];
	size_t n = digest_of(DIGEST_SHA256, text, whole);
	for (size_t chunk = 1; chunk < 8; chunk += 3) {
		struct digest d;
		digest_init(&d, DIGEST_SHA256);
		for (struct span rest = text; rest.len; rest = span_skip(rest, chunk))
			d.sink.put(&d.sink, span_take(rest, chunk), NULL);
		is_mem(cut, digest_final(&d, cut), whole, n, "the same in pieces");
		digest_release(&d);
	}
}

static void test_hmac(void)
{
	unsigned char sum[DIGEST_MAX];
	is_hex(sum,
	    digest_hmac(DIGEST_MD5, SPAN("Jefe"), SPAN("what do ya want for nothing?"), sum),
	    "750c783e6ab0b503eaa86e310a5db738", "HMAC-MD5 of RFC 2104");
	is_hex(sum,
	    digest_hmac(DIGEST_SHA256, SPAN("Jefe"), SPAN("what do ya want for nothing?"), sum),
	    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
	    "HMAC-SHA-256 of RFC 4231");
	is_hex(sum, digest_hmac(DIGEST_SHA1, SPAN(""), SPAN(""), sum),
	    "fbdb1d1b18aa6c08324b7d64b71fb76370690e1d", "an empty key");
	is_hex(sum, digest_pbkdf2(DIGEST_SHA1, SPAN("password"), SPAN("salt"), 2, sum),
	    "ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957", "PBKDF2 of RFC 6070");
}

static void test_hex(void)
{
	unsigned char out[4];
	is_int(digest_unhex(SPAN("00ffA0"), out, 4), 3, "three bytes");
	ok(out[0] == 0 && out[1] == 255 && out[2] == 0xa0, "are right");
	is_int(digest_unhex(SPAN("00:ff:a0"), out, 4), 3, "colons are fine");
	is_int(digest_unhex(SPAN("00f"), out, 4), -1, "half a byte is not");
	is_int(digest_unhex(SPAN("00:"), out, 4), -1, "nor a colon at the end");
	is_int(digest_unhex(SPAN("0g"), out, 4), -1, "nor a letter");
	is_int(digest_unhex(SPAN("0011223344"), out, 4), -1, "nor too much");
	ok(digest_equal(SPAN("ab"), SPAN("ab")), "equal");
	ok(!digest_equal(SPAN("ab"), SPAN("ac")) && !digest_equal(SPAN("ab"), SPAN("abc")),
	    "not equal");
}

int main(void)
{
	test_known();
	test_streamed();
	test_hmac();
	test_hex();
	return tap_done();
}
