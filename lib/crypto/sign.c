#include "crypto/sign.h"

#include "base/alloc.h"
#include "base/intl.h"
#include "io/file.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdlib.h>

enum { FILE_MAX = 64 * 1024, ED25519_BYTES = 32, SEED_TEXT = 44, SIGNATURE_MAX = 2048 };

struct sign_key {
	EVP_PKEY *pkey;
	enum sign_kind kind;
};

/* Takes the key over; NULL where it is of another kind. */
static struct sign_key *wrap(EVP_PKEY *pkey)
{
	int id = pkey ? EVP_PKEY_get_base_id(pkey) : 0;
	ERR_clear_error();
	if (id != EVP_PKEY_RSA && id != EVP_PKEY_ED25519) {
		EVP_PKEY_free(pkey);
		return NULL;
	}
	struct sign_key *k = mem_new(1, sizeof(*k));
	*k = (struct sign_key){pkey, id == EVP_PKEY_RSA ? SIGN_RSA : SIGN_ED25519};
	return k;
}

void sign_key_free(struct sign_key *k)
{
	if (k)
		EVP_PKEY_free(k->pkey);
	free(k);
}

enum sign_kind sign_key_kind(const struct sign_key *k)
{
	return k->kind;
}

unsigned sign_key_bits(const struct sign_key *k)
{
	return (unsigned)EVP_PKEY_get_bits(k->pkey);
}

/* --- private keys --- */

/* Nobody is asked: who signs in a pipeline has no hand free. */
static int no_passphrase(char *text, int size, int writing, void *ctx)
{
	(void)text, (void)size, (void)writing, (void)ctx;
	return -1;
}

static EVP_PKEY *from_pem(struct span text)
{
	BIO *bio = BIO_new_mem_buf(text.ptr, (int)text.len);
	ENSURE(bio);
	EVP_PKEY *pkey = PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL);
	BIO_free(bio);
	return pkey;
}

/* base64 of the 32 octets; EVP_DecodeBlock counts the padding as an octet */
static EVP_PKEY *from_seed(struct span text)
{
	unsigned char seed[SEED_TEXT];
	EVP_PKEY *pkey = NULL;
	text = span_trim(text);
	if (text.len != SEED_TEXT || text.ptr[SEED_TEXT - 1] != '=')
		return NULL;
	if (EVP_DecodeBlock(seed, (const unsigned char *)text.ptr, SEED_TEXT) == ED25519_BYTES + 1)
		pkey = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, ED25519_BYTES);
	mem_wipe(seed, sizeof(seed));
	return pkey;
}

int sign_key_parse(struct sign_key **out, struct span text, struct err *e)
{
	EVP_PKEY *pkey = text.len ? from_pem(text) : NULL;
	struct sign_key *k = wrap(pkey ? pkey : from_seed(text));
	if (!k)
		return err_set(e, EX_CONFIG,
		    _("no private key that can be used: RSA or Ed25519, PEM, not encrypted"));
	*out = k;
	return 0;
}

int sign_key_read(struct sign_key **out, const char *path, struct err *e)
{
	struct buf text = {.max = FILE_MAX, .secret = true};
	int r = file_read(path, &text, e);
	if (r == 0 && sign_key_parse(out, buf_span(&text), e) < 0)
		r = err_prefix(e, "%s: ", path);
	buf_wipe(&text);
	return r;
}

int sign_key_generate(struct sign_key **out, enum sign_kind kind, unsigned bits, struct err *e)
{
	EVP_PKEY *pkey = kind == SIGN_RSA ? EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)bits)
					  : EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	struct sign_key *k = wrap(pkey);
	if (!k)
		return err_set(e, EX_SOFTWARE, _("no key could be made"));
	*out = k;
	return 0;
}

void sign_key_write(const struct sign_key *k, struct buf *pem)
{
	char *text;
	BIO *bio = BIO_new(BIO_s_secmem());
	ENSURE(bio && PEM_write_bio_PKCS8PrivateKey(bio, k->pkey, NULL, NULL, 0, NULL, NULL) == 1);
	long n = BIO_get_mem_data(bio, &text);
	buf_addn(pem, text, (size_t)n);
	BIO_free(bio);
}

/* --- public keys --- */

static EVP_PKEY *rsa_from_der(struct span der)
{
	const unsigned char *p = (const unsigned char *)der.ptr, *end = p + der.len;
	EVP_PKEY *pkey = d2i_PUBKEY(NULL, &p, (long)der.len);
	if (!pkey) {
		p = (const unsigned char *)der.ptr;
		pkey = d2i_PublicKey(EVP_PKEY_RSA, NULL, &p, (long)der.len);
	}
	if (pkey && p == end && EVP_PKEY_get_base_id(pkey) == EVP_PKEY_RSA)
		return pkey;
	EVP_PKEY_free(pkey);
	return NULL;
}

int sign_key_public(struct sign_key **out, enum sign_kind kind, struct span bytes, struct err *e)
{
	EVP_PKEY *pkey = kind == SIGN_RSA ? rsa_from_der(bytes)
					  : EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL,
						(const unsigned char *)bytes.ptr, bytes.len);
	struct sign_key *k = wrap(pkey);
	if (!k)
		return err_set(e, EX_DATAERR, _("the public key cannot be read"));
	*out = k;
	return 0;
}

void sign_key_write_public(const struct sign_key *k, struct buf *out)
{
	unsigned char raw[ED25519_BYTES], *der = NULL;
	size_t n = sizeof(raw);
	if (k->kind == SIGN_ED25519) {
		ENSURE(EVP_PKEY_get_raw_public_key(k->pkey, raw, &n) == 1);
		buf_addn(out, raw, n);
		return;
	}
	int len = i2d_PUBKEY(k->pkey, &der);
	ENSURE(len > 0);
	buf_addn(out, der, (size_t)len);
	OPENSSL_free(der);
}

/* --- signatures --- */

static const EVP_MD *md_of(enum digest_kind kind)
{
	return kind == DIGEST_SHA1 ? EVP_sha1() : EVP_sha256();
}

static EVP_PKEY_CTX *rsa_context(const struct sign_key *k, enum digest_kind kind, bool sign)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(k->pkey, NULL);
	ENSURE(ctx);
	if ((sign ? EVP_PKEY_sign_init(ctx) : EVP_PKEY_verify_init(ctx)) == 1 &&
	    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1 &&
	    EVP_PKEY_CTX_set_signature_md(ctx, md_of(kind)) == 1)
		return ctx;
	EVP_PKEY_CTX_free(ctx);
	return NULL;
}

static bool rsa_make(const struct sign_key *k, enum digest_kind kind, struct span digest,
    unsigned char *out, size_t *len)
{
	EVP_PKEY_CTX *ctx = rsa_context(k, kind, true);
	bool good =
	    ctx && EVP_PKEY_sign(ctx, out, len, (const unsigned char *)digest.ptr, digest.len) == 1;
	EVP_PKEY_CTX_free(ctx);
	return good;
}

static bool ed25519_make(
    const struct sign_key *k, struct span digest, unsigned char *out, size_t *len)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	ENSURE(ctx);
	bool good =
	    EVP_DigestSignInit(ctx, NULL, NULL, NULL, k->pkey) == 1 &&
	    EVP_DigestSign(ctx, out, len, (const unsigned char *)digest.ptr, digest.len) == 1;
	EVP_MD_CTX_free(ctx);
	return good;
}

int sign_make(const struct sign_key *k, enum digest_kind kind, struct span digest, struct buf *out,
    struct err *e)
{
	unsigned char bytes[SIGNATURE_MAX];
	size_t len = sizeof(bytes);
	bool good = k->kind == SIGN_RSA ? rsa_make(k, kind, digest, bytes, &len)
					: ed25519_make(k, digest, bytes, &len);
	ERR_clear_error();
	if (!good)
		return err_set(e, EX_SOFTWARE, _("the key does not sign"));
	buf_addn(out, bytes, len);
	return 0;
}

static bool rsa_check(const struct sign_key *k, enum digest_kind kind, struct span digest,
    const unsigned char *bytes, size_t len)
{
	EVP_PKEY_CTX *ctx = rsa_context(k, kind, false);
	bool good = ctx && EVP_PKEY_verify(
			       ctx, bytes, len, (const unsigned char *)digest.ptr, digest.len) == 1;
	EVP_PKEY_CTX_free(ctx);
	return good;
}

static bool ed25519_check(
    const struct sign_key *k, struct span digest, const unsigned char *bytes, size_t len)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	ENSURE(ctx);
	bool good =
	    EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, k->pkey) == 1 &&
	    EVP_DigestVerify(ctx, bytes, len, (const unsigned char *)digest.ptr, digest.len) == 1;
	EVP_MD_CTX_free(ctx);
	return good;
}

bool sign_check(
    const struct sign_key *k, enum digest_kind kind, struct span digest, struct span signature)
{
	const unsigned char *bytes = (const unsigned char *)signature.ptr;
	bool good =
	    signature.len && (k->kind == SIGN_RSA ? rsa_check(k, kind, digest, bytes, signature.len)
						  : ed25519_check(k, digest, bytes, signature.len));
	ERR_clear_error();
	return good;
}
