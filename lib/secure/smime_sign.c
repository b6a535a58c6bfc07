#include "secure/smime.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "secure/bio.h"

#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

int smime_identity_read(struct smime_identity *id, const char *cert, const char *key,
    const char *passphrase, struct err *e)
{
	*id = (struct smime_identity){0};
	if (cert_file(&id->chain, cert, e) == 0 &&
	    cert_key_file(&id->key, key, passphrase, e) == 0 &&
	    (cert_key_fits(id->chain.v[0], id->key, e) == 0 ||
		err_prefix(e, "%s, %s: ", cert, key) == 0))
		return 0;
	smime_identity_release(id);
	return -1;
}

void smime_identity_release(struct smime_identity *id)
{
	cert_list_release(&id->chain);
	EVP_PKEY_free(id->key);
	*id = (struct smime_identity){0};
}

static int is_valid_now(X509 *cert, int code, struct err *e)
{
	int64_t now = clock_real_s();
	if (now < cert_begins_s(cert))
		return err_set(e, code, _("the certificate is not valid yet"));
	return now > cert_ends_s(cert) ? err_set(e, code, _("the certificate has expired")) : 0;
}

int smime_may_sign(const struct smime_identity *id, struct err *e)
{
	const char *why;
	if (!cert_may(id->chain.v[0], CERT_SIGN, &why))
		return err_set(e, EX_CONFIG, "%s", why);
	return is_valid_now(id->chain.v[0], EX_CONFIG, e);
}

/* The digest of about the key's strength (RFC 5753 2.1.1 and 8551 2.2); OpenSSL 3.0's CMS knows no Ed25519 (RFC 8419). */
static const EVP_MD *digest_for(EVP_PKEY *key)
{
	enum { ONLY = 2 }; /* the key may be used with no other */
	int bits = EVP_PKEY_get_bits(key), nid;
	switch (EVP_PKEY_get_base_id(key)) {
	case EVP_PKEY_RSA: return EVP_sha256();
	case EVP_PKEY_RSA_PSS:
		if (EVP_PKEY_get_default_digest_nid(key, &nid) != ONLY || nid == NID_sha256)
			return EVP_sha256();
		return nid == NID_sha384 ? EVP_sha384() : nid == NID_sha512 ? EVP_sha512() : NULL;
	case EVP_PKEY_EC:
		return bits > 384 ? EVP_sha512() : bits > 256 ? EVP_sha384() : EVP_sha256();
	default: return NULL;
	}
}

const char *smime_micalg(const struct smime_identity *id)
{
	const EVP_MD *md = digest_for(id->key);
	int nid = md ? EVP_MD_get_type(md) : NID_sha256;
	return nid == NID_sha512 ? "sha-512" : nid == NID_sha384 ? "sha-384" : "sha-256";
}

/* What we can read, best first (RFC 8551 2.5.2). OpenSSL's own list ends with RC2. */
static int capabilities(CMS_SignerInfo *si)
{
	static const int ciphers[] = {
	    NID_aes_256_gcm, NID_aes_128_gcm, NID_aes_256_cbc, NID_aes_128_cbc};
	STACK_OF(X509_ALGOR) *list = NULL;
	int ok = 1;
	for (size_t i = 0; ok && i < ARRAY_LEN(ciphers); i++)
		ok = CMS_add_simple_smimecap(&list, ciphers[i], -1);
	ok = ok && CMS_add_smimecap(si, list);
	sk_X509_ALGOR_pop_free(list, X509_ALGOR_free);
	return ok;
}

static int signing_time(CMS_SignerInfo *si)
{
	ASN1_TIME *t = ASN1_TIME_set(NULL, (time_t)clock_real_s());
	int ok = t && CMS_signed_add1_attr_by_NID(si, NID_pkcs9_signingTime, t->type, t, -1);
	ASN1_TIME_free(t);
	return ok;
}

/* The signer's certificate and those above it, but for the root, which who trusts it has. */
static int add_chain(CMS_ContentInfo *cms, const struct cert_list *chain)
{
	for (size_t i = 0; i < chain->n; i++)
		if ((i == 0 || X509_check_issued(chain->v[i], chain->v[i]) != X509_V_OK) &&
		    !CMS_add1_cert(cms, chain->v[i]))
			return 0;
	return 1;
}

/* A key for RSASSA-PSS signs in no other way, which OpenSSL has to be told; the salt is as long as the digest (RFC 4056 3, 8551 2.2). The algorithm is
 * named when it has signed, and has to be there before that, where the content goes out first. */
static int settle_signer(CMS_SignerInfo *si, const EVP_PKEY *key)
{
	EVP_PKEY_CTX *c = CMS_SignerInfo_get0_pkey_ctx(si);
	X509_ALGOR *how;
	if (EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA_PSS)
		return 1;
	CMS_SignerInfo_get0_algs(si, NULL, NULL, NULL, &how);
	return EVP_PKEY_CTX_set_rsa_padding(c, RSA_PKCS1_PSS_PADDING) > 0 &&
	       EVP_PKEY_CTX_set_rsa_pss_saltlen(c, RSA_PSS_SALTLEN_DIGEST) > 0 &&
	       X509_ALGOR_set0(how, OBJ_nid2obj(NID_rsassaPss), V_ASN1_UNDEF, NULL);
}

static unsigned pss_flag(const EVP_PKEY *key)
{
	return EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA_PSS ? CMS_KEY_PARAM : 0;
}

/* CMS_CADES: signingCertificateV2, so that no other certificate of the same key can be put in its place (RFC 5035). */
static CMS_ContentInfo *new_signature(
    const struct smime_identity *id, const EVP_MD *md, unsigned flags)
{
	CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, NULL, flags);
	CMS_SignerInfo *si = NULL;
	if (cms && add_chain(cms, &id->chain))
		si = CMS_add1_signer(cms, id->chain.v[0], id->key, md,
		    flags | CMS_NOCERTS | CMS_NOSMIMECAP | CMS_CADES | pss_flag(id->key));
	if (si && settle_signer(si, id->key) && capabilities(si) && signing_time(si))
		return cms;
	CMS_ContentInfo_free(cms);
	return NULL;
}

int smime_sign(const struct smime_identity *id, bool detached, struct source *content,
    struct sink *der, struct err *e)
{
	const EVP_MD *md = digest_for(id->key);
	if (!md)
		return err_set(e, EX_CONFIG,
		    _("S/MIME signs with RSA and ECDSA keys only, and SHA-256 or more"));
	unsigned flags = CMS_BINARY | CMS_PARTIAL | CMS_STREAM | (detached ? CMS_DETACHED : 0);
	struct bio_ends in = {.source = content}, out = {.sink = der};
	BIO *from = bio_of(&in), *to = bio_of(&out);
	CMS_ContentInfo *cms = new_signature(id, md, flags);
	int ok = cms != NULL;
	if (ok && detached)
		ok = CMS_final(cms, from, NULL, flags) && i2d_CMS_bio(to, cms);
	else if (ok)
		ok = i2d_CMS_bio_stream(to, cms, from, (int)flags);
	CMS_ContentInfo_free(cms);
	BIO_free(from);
	BIO_free(to);
	if (in.err.code || out.err.code)
		return err_copy(e, in.err.code ? &in.err : &out.err);
	return ok ? 0 : secure_openssl_err(e, EX_SOFTWARE, _("cannot sign"));
}
