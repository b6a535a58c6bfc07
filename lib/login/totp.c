#include "login/totp.h"

#include "base/alloc.h"
#include "base/intl.h"
#include "codec/base32.h"
#include "login/form.h"

#include <stdio.h>
#include <stdlib.h>

enum { URI_MAX = 4096, DIGITS = 6, PERIOD_S = 30 };

static int set_secret(struct totp *t, struct span text, struct err *e)
{
	if (base32_decode(&t->secret, text, e) < 0)
		return err_prefix(e, _("the secret: "));
	if (t->secret.over)
		return err_set(
		    e, EX_DATAERR, _("the secret is longer than %d bytes"), TOTP_SECRET_MAX);
	return t->secret.len ? 0 : err_set(e, EX_DATAERR, _("there is no secret"));
}

static int set_digest(struct totp *t, struct span name, struct err *e)
{
	static const struct {
		const char *name;
		enum digest_kind kind;
	} kinds[] = {{"SHA1", DIGEST_SHA1}, {"SHA256", DIGEST_SHA256}, {"SHA512", DIGEST_SHA512}};
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (span_is_nocase(name, kinds[i].name)) {
			t->digest = kinds[i].kind;
			return 0;
		}
	return err_set(e, EX_DATAERR, _("an algorithm that is none of SHA1, SHA256 and SHA512"));
}

static int set_number(
    unsigned *out, struct span text, unsigned min, unsigned max, const char *what, struct err *e)
{
	uint64_t n;
	if (!span_to_u64(text, max, &n) || n < min)
		return err_set(e, EX_DATAERR, _("%s: not from %u to %u"), what, min, max);
	*out = (unsigned)n;
	return 0;
}

static int set_one(struct totp *t, struct span name, struct span value, struct err *e)
{
	if (span_is_nocase(name, "secret"))
		return set_secret(t, value, e);
	if (span_is_nocase(name, "algorithm"))
		return set_digest(t, value, e);
	if (span_is_nocase(name, "digits"))
		return set_number(&t->digits, value, 6, TOTP_DIGITS_MAX, "digits", e);
	if (span_is_nocase(name, "period"))
		return set_number(&t->period_s, value, 5, 3600, "period", e);
	return 0; /* issuer, image, whatever is new */
}

/* "otpauth://totp/LABEL?secret=...&digits=8": the label names it for people. */
static int parse_uri(struct totp *t, struct span uri, struct err *e)
{
	struct span query = uri, path;
	struct form_reader r;
	int found;
	span_cut(&query, '?', &path);
	if (!span_starts_nocase(path, "otpauth://totp/"))
		return err_set(e, EX_DATAERR, _("an otpauth: URI, but none of a clock (totp)"));
	form_reader_init(&r, query, URI_MAX);
	while ((found = form_next(&r, e)) > 0)
		if (set_one(t, buf_span(&r.name), buf_span(&r.value), e) < 0) {
			found = -1;
			break;
		}
	form_reader_release(&r);
	if (found == 0 && !t->secret.len)
		return err_set(e, EX_DATAERR, _("the otpauth: URI has no secret"));
	return found;
}

int totp_parse(struct totp *out, struct span text, struct err *e)
{
	struct totp t = {.secret = BUF_INIT(TOTP_SECRET_MAX),
	    .digest = DIGEST_SHA1,
	    .digits = DIGITS,
	    .period_s = PERIOD_S};
	t.secret.secret = true;
	text = span_trim(text);
	int r =
	    span_starts_nocase(text, "otpauth:") ? parse_uri(&t, text, e) : set_secret(&t, text, e);
	if (r < 0) {
		totp_release(&t);
		return -1;
	}
	*out = t;
	return 0;
}

void totp_release(struct totp *t)
{
	buf_wipe(&t->secret);
}

/* RFC 4226 5.3: 31 bits from a place that the last four bits name. */
static uint32_t truncated(const unsigned char *mac, size_t len)
{
	const unsigned char *p = mac + (mac[len - 1] & 15);
	return (uint32_t)(p[0] & 0x7f) << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

void totp_code(const struct totp *t, int64_t now_s, char out[TOTP_SIZE])
{
	unsigned char mac[DIGEST_MAX];
	uint64_t step = (uint64_t)now_s / t->period_s, modulus = 1;
	char counter[8];
	for (int i = 7; i >= 0; i--, step >>= 8)
		counter[i] = (char)(step & 0xff);
	size_t n =
	    digest_hmac(t->digest, buf_span(&t->secret), span_make(counter, sizeof(counter)), mac);
	for (unsigned i = 0; i < t->digits; i++)
		modulus *= 10;
	snprintf(out, TOTP_SIZE, "%0*llu", (int)t->digits,
	    (unsigned long long)(truncated(mac, n) % modulus));
	mem_wipe(mac, sizeof(mac));
}

int64_t totp_until_s(const struct totp *t, int64_t now_s)
{
	return (now_s / t->period_s + 1) * t->period_s;
}
