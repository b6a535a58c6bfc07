#include "secure/smime.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "secure/bio.h"

#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

int smime_may_encrypt(X509 *cert, struct err *e)
{
	const char *why;
	int64_t now = clock_real_s();
	if (!cert_may(cert, CERT_ENCRYPT, &why))
		return err_set(e, EX_DATAERR, "%s", why);
	if (now < cert_begins_s(cert))
		return err_set(e, EX_DATAERR, _("the certificate is not valid yet"));
	return now > cert_ends_s(cert) ? err_set(e, EX_DATAERR, _("the certificate has expired"))
				       : 0;
}

/* RSA-OAEP with SHA-256 (RFC 8551 2.3, RFC 4055), as PKCS #1 v1.5 has been an oracle too often; ECDH with a KDF of the curve's strength (RFC 5753 7.1.4). */
static int settle_recipient(CMS_RecipientInfo *ri, X509 *cert)
{
	EVP_PKEY *key = X509_get0_pubkey(cert);
	EVP_PKEY_CTX *c = CMS_RecipientInfo_get0_pkey_ctx(ri);
	int bits = EVP_PKEY_get_bits(key);
	if (!c)
		return 1;
	switch (EVP_PKEY_get_base_id(key)) {
	case EVP_PKEY_RSA:
		return EVP_PKEY_CTX_set_rsa_padding(c, RSA_PKCS1_OAEP_PADDING) > 0 &&
		       EVP_PKEY_CTX_set_rsa_oaep_md(c, EVP_sha256()) > 0 &&
		       EVP_PKEY_CTX_set_rsa_mgf1_md(c, EVP_sha256()) > 0;
	case EVP_PKEY_EC:
		return EVP_PKEY_CTX_set_ecdh_kdf_md(c, bits > 384   ? EVP_sha512()
						       : bits > 256 ? EVP_sha384()
								    : EVP_sha256()) > 0;
	default: return 1;
	}
}

static CMS_ContentInfo *new_envelope(const struct cert_list *to, enum smime_cipher cipher)
{
	CMS_ContentInfo *cms = cipher == SMIME_GCM ? CMS_AuthEnvelopedData_create(EVP_aes_256_gcm())
						   : CMS_EnvelopedData_create(EVP_aes_256_cbc());
	for (size_t i = 0; cms && i < to->n; i++) {
		CMS_RecipientInfo *ri = CMS_add1_recipient_cert(cms, to->v[i], CMS_KEY_PARAM);
		if (ri && settle_recipient(ri, to->v[i]))
			continue;
		CMS_ContentInfo_free(cms);
		return NULL;
	}
	return cms;
}

int smime_encrypt(const struct cert_list *recipients, enum smime_cipher cipher,
    struct source *content, struct sink *der, struct err *e)
{
	const unsigned flags = CMS_BINARY | CMS_PARTIAL | CMS_STREAM;
	struct bio_ends in = {.source = content}, out = {.sink = der};
	BIO *from = bio_of(&in), *to = bio_of(&out);
	CMS_ContentInfo *cms = new_envelope(recipients, cipher);
	int ok = cms && i2d_CMS_bio_stream(to, cms, from, (int)flags);
	CMS_ContentInfo_free(cms);
	BIO_free(from);
	BIO_free(to);
	if (in.err.code || out.err.code)
		return err_copy(e, in.err.code ? &in.err : &out.err);
	return ok ? 0 : secure_openssl_err(e, EX_SOFTWARE, _("cannot encrypt"));
}
