/*
 * fixed.h - an identity made from nothing, the same each time, so that what was encrypted for it once can be decrypted by every test: the private key is 7.
 */
#ifndef SURAT_TESTS_SECURE_FIXED_H
#define SURAT_TESTS_SECURE_FIXED_H

#include "secure/smime.h"

#include "base/alloc.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>
#include <openssl/x509v3.h>

static EVP_PKEY *fixed_key(void)
{
	unsigned char public[65];
	EC_GROUP *g = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
	EC_POINT *point = EC_POINT_new(g);
	BIGNUM *private = BN_new();
	BN_set_word(private, 7);
	EC_POINT_mul(g, point, private, NULL, NULL, NULL);
	EC_POINT_point2oct(g, point, POINT_CONVERSION_UNCOMPRESSED, public, sizeof(public), NULL);
	OSSL_PARAM_BLD *b = OSSL_PARAM_BLD_new();
	OSSL_PARAM_BLD_push_utf8_string(b, OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0);
	OSSL_PARAM_BLD_push_BN(b, OSSL_PKEY_PARAM_PRIV_KEY, private);
	OSSL_PARAM_BLD_push_octet_string(b, OSSL_PKEY_PARAM_PUB_KEY, public, sizeof(public));
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(b);
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	EVP_PKEY *key = NULL;
	ENSURE(EVP_PKEY_fromdata_init(c) == 1 &&
	       EVP_PKEY_fromdata(c, &key, EVP_PKEY_KEYPAIR, params) == 1);
	EVP_PKEY_CTX_free(c);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(b);
	BN_free(private);
	EC_POINT_free(point);
	EC_GROUP_free(g);
	return key;
}

static void fixed_extension(X509 *cert, int nid, const char *value)
{
	X509_EXTENSION *x = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
	ENSURE(x && X509_add_ext(cert, x, -1) == 1);
	X509_EXTENSION_free(x);
}

/* alice@example.org, from 2020 to 2099, who vouches for herself. */
static void fixed_identity(struct smime_identity *id)
{
	X509 *cert = X509_new();
	*id = (struct smime_identity){.key = fixed_key()};
	ENSURE(cert);
	X509_set_version(cert, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
	ASN1_TIME_set_string(X509_getm_notBefore(cert), "20200101000000Z");
	ASN1_TIME_set_string(X509_getm_notAfter(cert), "20991231000000Z");
	X509_NAME *name = X509_get_subject_name(cert);
	X509_NAME_add_entry_by_txt(
	    name, "CN", MBSTRING_ASC, (const unsigned char *)"fixed", -1, -1, 0);
	X509_set_issuer_name(cert, name);
	X509_set_pubkey(cert, id->key);
	fixed_extension(cert, NID_subject_alt_name, "email:alice@example.org");
	fixed_extension(cert, NID_key_usage, "digitalSignature,keyAgreement");
	fixed_extension(cert, NID_ext_key_usage, "emailProtection");
	ENSURE(X509_sign(cert, id->key, EVP_sha256()) > 0);
	cert_list_take(&id->chain, cert);
}

/* Who believes that certificate alone. */
static void fixed_trust(struct trust *t, const struct smime_identity *id)
{
	*t = (struct trust){.store = X509_STORE_new()};
	ENSURE(t->store && X509_STORE_add_cert(t->store, id->chain.v[0]) == 1);
}

#endif
