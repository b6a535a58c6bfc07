#include "login/totp.h"

#include "../tap.h"
#include "codec/base32.h"

static void is_code(const char *uri, int64_t at_s, const char *want)
{
	struct totp t;
	struct err e = ERR_INIT;
	char code[TOTP_SIZE];
	if (!ok(totp_parse(&t, span_of(uri), &e) == 0, "%.60s", uri))
		return;
	totp_code(&t, at_s, code);
	is_str(code, want, "its code");
	totp_release(&t);
}

/* RFC 6238 appendix B: the secrets are the ASCII digits, as long as the digest. */
static void test_vectors(void)
{
#define SHA1_URI "otpauth://totp/x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&digits=8"
#define SHA256_URI                                                                                 \
	"otpauth://totp/x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZA===="         \
	"&algorithm=SHA256&digits=8"
#define SHA512_URI                                                                                 \
	"otpauth://totp/x?algorithm=sha512&digits=8&period=30&issuer=Example&secret="              \
	"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNB"  \
	"VGY3TQOJQGEZDGNA"
	static const struct {
		const char *uri;
		int64_t at_s;
		const char *code;
	} all[] = {
	    {SHA1_URI, 59, "94287082"},
	    {SHA256_URI, 59, "46119246"},
	    {SHA512_URI, 59, "90693936"},
	    {SHA1_URI, 1111111109, "07081804"},
	    {SHA256_URI, 1111111109, "68084774"},
	    {SHA512_URI, 1111111109, "25091201"},
	    {SHA1_URI, 1111111111, "14050471"},
	    {SHA256_URI, 1111111111, "67062674"},
	    {SHA512_URI, 1111111111, "99943326"},
	    {SHA1_URI, 1234567890, "89005924"},
	    {SHA256_URI, 1234567890, "91819424"},
	    {SHA512_URI, 1234567890, "93441116"},
	    {SHA1_URI, 2000000000, "69279037"},
	    {SHA256_URI, 2000000000, "90698825"},
	    {SHA512_URI, 2000000000, "38618901"},
	    {SHA1_URI, 20000000000, "65353130"},
	    {SHA256_URI, 20000000000, "77737706"},
	    {SHA512_URI, 20000000000, "47863826"},
	    /* RFC 4226 appendix D: six digits, the counter as the number of a step */
	    {"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", 0, "755224"},
	    {"gezd gnbv-gy3t qojq gezd gnbv gy3t qojq\n", 30, "287082"},
	    {"otpauth://totp/A%3Ab?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&period=60", 9 * 60,
		"520489"},
	};
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		is_code(all[i].uri, all[i].at_s, all[i].code);
}

static void test_until(void)
{
	struct totp t;
	ok(totp_parse(&t, SPAN("GEZDGNBV"), NULL) == 0, "(a secret)");
	is_int(totp_until_s(&t, 59), 60, "a code ends with its step");
	is_int(totp_until_s(&t, 60), 90, "and the next one begins there");
	totp_release(&t);
}

static void test_refused(void)
{
	static const char *const bad[] = {
	    "",
	    "   ",
	    "not base32!",
	    "GEZDGNBV1",
	    "A",
	    "GEZDGNBVG",
	    "GB",
	    "otpauth://hotp/x?secret=GEZDGNBV&counter=1",
	    "otpauth://totp/x",
	    "otpauth://totp/x?secret=",
	    "otpauth://totp/x?secret=GEZDGNBV&digits=5",
	    "otpauth://totp/x?secret=GEZDGNBV&digits=11",
	    "otpauth://totp/x?secret=GEZDGNBV&digits=six",
	    "otpauth://totp/x?secret=GEZDGNBV&period=0",
	    "otpauth://totp/x?secret=GEZDGNBV&period=99999999999999999999",
	    "otpauth://totp/x?secret=GEZDGNBV&algorithm=MD5",
	    "otpauth://totp/x?secret=GEZDGNBV%0",
	    "otpauth://totp/x?secret=GEZDGNBV%00",
	    "otpauth:totp?secret=GEZDGNBV",
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct totp t;
		struct err e = ERR_INIT;
		is_int(totp_parse(&t, span_of(bad[i]), &e), -1, bad[i]);
		is_int(e.code, EX_DATAERR, "is bad data");
		ok(!strstr(e.text, "GEZD"), "and the secret is not told");
	}
	struct totp t;
	struct err e = ERR_INIT;
	static char large[8192];
	memset(large, 'A', sizeof(large));
	is_int(totp_parse(&t, span_make(large, sizeof(large)), &e), -1, "a secret without end");
}

/* RFC 4648 10 */
static void test_base32(void)
{
	static const char *const pairs[][2] = {{"", ""}, {"MY======", "f"}, {"MZXQ====", "fo"},
	    {"MZXW6===", "foo"}, {"MZXW6YQ=", "foob"}, {"MZXW6YTB", "fooba"},
	    {"MZXW6YTBOI======", "foobar"}, {"mzxw 6ytb oi", "foobar"}};
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct buf b = BUF_INIT(100);
		struct err e = ERR_INIT;
		is_int(base32_decode(&b, span_of(pairs[i][0]), &e), 0, pairs[i][0]);
		is_str(buf_cstr(&b), pairs[i][1], "is decoded");
		buf_release(&b);
	}
}

int main(void)
{
	test_vectors();
	test_until();
	test_refused();
	test_base32();
	return tap_done();
}
