/* otpauth: URIs and bare secrets. */
#include "base/alloc.h"
#include "login/totp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct totp t;
	struct err e = ERR_INIT;
	char code[TOTP_SIZE];
	if (totp_parse(&t, span_make((const char *)data, size), &e) < 0) {
		ENSURE(e.code == EX_DATAERR);
		return 0;
	}
	ENSURE(t.secret.len && t.digits >= 6 && t.digits <= TOTP_DIGITS_MAX && t.period_s >= 5);
	totp_code(&t, 1111111109, code);
	ENSURE(strlen(code) == t.digits && strspn(code, "0123456789") == t.digits);
	ENSURE(totp_until_s(&t, 1111111109) > 1111111109);
	totp_release(&t);
	return 0;
}
