#include "login/pkce.h"

#include "base/alloc.h"
#include "codec/base64.h"
#include "crypto/digest.h"

#include <openssl/rand.h>

/* From OpenSSL, not base/random: that one can be fixed for tests, and this is a key. */
char *pkce_secret(void)
{
	unsigned char bytes[PKCE_BYTES];
	struct buf b = BUF_INIT(64);
	b.secret = true;
	ENSURE(RAND_bytes(bytes, sizeof(bytes)) == 1);
	base64url_encode(&b, span_make((const char *)bytes, sizeof(bytes)));
	mem_wipe(bytes, sizeof(bytes));
	return buf_detach(&b);
}

void pkce_challenge(struct buf *out, const char *verifier)
{
	unsigned char sum[DIGEST_MAX];
	size_t n = digest_of(DIGEST_SHA256, span_of(verifier), sum);
	base64url_encode(out, span_make((const char *)sum, n));
}
