#include "crypto/digest.h"

#include "base/alloc.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

static const EVP_MD *kind_md(enum digest_kind kind)
{
	switch (kind) {
	case DIGEST_SHA256: return EVP_sha256();
	case DIGEST_SHA1: return EVP_sha1();
	case DIGEST_MD5: return EVP_md5();
	case DIGEST_SHA512: return EVP_sha512();
	}
	BUG("unknown digest");
}

static int digest_sink_put(struct sink *s, struct span bytes, struct err *e)
{
	(void)e;
	digest_add((struct digest *)(void *)s, bytes);
	return 0;
}

void digest_init(struct digest *d, enum digest_kind kind)
{
	*d = (struct digest){.sink = {.put = digest_sink_put}, .ctx = EVP_MD_CTX_new()};
	ENSURE(d->ctx && EVP_DigestInit_ex(d->ctx, kind_md(kind), NULL) == 1);
}

void digest_add(struct digest *d, struct span bytes)
{
	ENSURE(EVP_DigestUpdate(d->ctx, bytes.ptr, bytes.len) == 1);
}

size_t digest_final(struct digest *d, unsigned char out[DIGEST_MAX])
{
	unsigned len = 0;
	ENSURE(EVP_DigestFinal_ex(d->ctx, out, &len) == 1);
	digest_release(d);
	return len;
}

void digest_release(struct digest *d)
{
	EVP_MD_CTX_free(d->ctx);
	d->ctx = NULL;
}

size_t digest_of(enum digest_kind kind, struct span bytes, unsigned char out[DIGEST_MAX])
{
	struct digest d;
	digest_init(&d, kind);
	digest_add(&d, bytes);
	return digest_final(&d, out);
}

size_t digest_size(enum digest_kind kind)
{
	return (size_t)EVP_MD_get_size(kind_md(kind));
}

size_t digest_hmac(
    enum digest_kind kind, struct span key, struct span bytes, unsigned char out[DIGEST_MAX])
{
	unsigned len = 0;
	/* an empty key is allowed by RFC 2104, a NULL one means "as before" to OpenSSL */
	const char *k = key.len ? key.ptr : "";
	ENSURE(HMAC(kind_md(kind), k, (int)key.len, (const unsigned char *)bytes.ptr, bytes.len,
	    out, &len));
	return len;
}

size_t digest_pbkdf2(enum digest_kind kind, struct span password, struct span salt,
    unsigned iterations, unsigned char out[DIGEST_MAX])
{
	size_t len = digest_size(kind);
	ENSURE(PKCS5_PBKDF2_HMAC(password.len ? password.ptr : "", (int)password.len,
		   (const unsigned char *)salt.ptr, (int)salt.len, (int)iterations, kind_md(kind),
		   (int)len, out) == 1);
	return len;
}

void digest_hex(struct buf *out, const unsigned char *bytes, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < n; i++) {
		buf_addc(out, digits[bytes[i] >> 4]);
		buf_addc(out, digits[bytes[i] & 15]);
	}
}

ptrdiff_t digest_unhex(struct span text, unsigned char *out, size_t max)
{
	size_t n = 0;
	while (text.len > 0) {
		if (text.len < 2 || n == max)
			return -1;
		int high = hex_value(text.ptr[0]), low = hex_value(text.ptr[1]);
		if (high < 0 || low < 0)
			return -1;
		out[n++] = (unsigned char)(high << 4 | low);
		text = span_skip(text, 2);
		if (text.len > 1 && text.ptr[0] == ':')
			text = span_skip(text, 1);
	}
	return (ptrdiff_t)n;
}

bool digest_equal(struct span a, struct span b)
{
	return a.len == b.len && CRYPTO_memcmp(a.ptr, b.ptr, a.len) == 0;
}
