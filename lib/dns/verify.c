#include "dns/verify.h"

#include "base/alloc.h"
#include "dns/dns.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>

enum { DNSKEY_REVOKED = 0x80, DNSKEY_ZONE = 0x100, DNSKEY_PROTOCOL = 3 };
enum { P256_POINT = 64, P256_NUMBER = 32, ED25519_BYTES = 32, SIGNED_MAX = 65535 };

static EVP_PKEY *from_params(const char *type, OSSL_PARAM_BLD *build)
{
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	EVP_PKEY *pkey = NULL;
	if (!params || !ctx || EVP_PKEY_fromdata_init(ctx) <= 0 ||
	    EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params) <= 0)
		pkey = NULL;
	EVP_PKEY_CTX_free(ctx);
	OSSL_PARAM_free(params);
	return pkey;
}

/* RFC 6605 4: x and y. */
static EVP_PKEY *read_p256(const unsigned char *p, size_t len)
{
	unsigned char point[1 + P256_POINT] = {POINT_CONVERSION_UNCOMPRESSED};
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	EVP_PKEY *pkey = NULL;
	ENSURE(build);
	memcpy(point + 1, p, len == P256_POINT ? len : 0);
	if (len == P256_POINT &&
	    OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) &&
	    OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point)))
		pkey = from_params("EC", build);
	OSSL_PARAM_BLD_free(build);
	return pkey;
}

/* RFC 3110 2: the length of the exponent in one octet or three, the exponent, the modulus. */
static EVP_PKEY *read_rsa(const unsigned char *p, size_t len)
{
	size_t head = len && p[0] ? 1 : 3;
	size_t n = len < 3 ? 0 : head == 1 ? p[0] : (size_t)(p[1] << 8 | p[2]);
	if (!n || len <= head + n || n > 8 || len - head - n > 512)
		return NULL;
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	BIGNUM *exponent = BN_bin2bn(p + head, (int)n, NULL);
	BIGNUM *modulus = BN_bin2bn(p + head + n, (int)(len - head - n), NULL);
	EVP_PKEY *pkey = NULL;
	ENSURE(build && exponent && modulus);
	if (OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, modulus) &&
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, exponent))
		pkey = from_params("RSA", build);
	OSSL_PARAM_BLD_free(build);
	BN_free(exponent);
	BN_free(modulus);
	return pkey;
}

static EVP_PKEY *read_key(unsigned algorithm, const ldns_rdf *key)
{
	const unsigned char *p = ldns_rdf_data(key);
	size_t len = ldns_rdf_size(key);
	switch (algorithm) {
	case LDNS_ECDSAP256SHA256: return read_p256(p, len);
	case LDNS_RSASHA256: return read_rsa(p, len);
	case LDNS_ED25519:
		return len == ED25519_BYTES
			   ? EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, p, len)
			   : NULL;
	default: return NULL;
	}
}

bool verify_key_init(struct verify_key *k, const ldns_rr *dnskey)
{
	if (ldns_rr_get_type(dnskey) != LDNS_RR_TYPE_DNSKEY || ldns_rr_rd_count(dnskey) < 4)
		return false;
	/* RFC 4034 2.1.1, 2.1.2; RFC 5011 2.1 */
	unsigned flags = ldns_rdf2native_int16(ldns_rr_rdf(dnskey, 0));
	if (!(flags & DNSKEY_ZONE) || (flags & DNSKEY_REVOKED) ||
	    ldns_rdf2native_int8(ldns_rr_rdf(dnskey, 1)) != DNSKEY_PROTOCOL)
		return false;
	*k = (struct verify_key){.algorithm = ldns_rdf2native_int8(ldns_rr_rdf(dnskey, 2)),
	    .tag = ldns_calc_keytag(dnskey)};
	k->pkey = read_key(k->algorithm, ldns_rr_rdf(dnskey, 3));
	return k->pkey != NULL;
}

void verify_key_release(struct verify_key *k)
{
	EVP_PKEY_free(k->pkey);
	k->pkey = NULL;
}

/* RFC 4034 3.1.5: numbers that go round, so that 2038 is no end. */
static bool is_in_time(const ldns_rr *sig, int64_t now_s)
{
	uint32_t now = (uint32_t)now_s, from = ldns_rdf2native_int32(ldns_rr_rrsig_inception(sig)),
		 until = ldns_rdf2native_int32(ldns_rr_rrsig_expiration(sig));
	return now - from < 0x80000000u && until - now < 0x80000000u;
}

/* RFC 4034 3.1.8.1: the signature's own fields, then the records as they were when they were signed, in their order (6.2, 6.3). */
static ldns_buffer *signed_data(const ldns_rr_list *records, const ldns_rr *sig)
{
	ldns_buffer *b = ldns_buffer_new(SIGNED_MAX);
	ldns_rr *fields = ldns_rr_clone(sig);
	ldns_rr_list *list = ldns_rr_list_clone(records);
	ENSURE(b && fields && list);
	ldns_dname2canonical(ldns_rr_rrsig_signame(fields));
	for (size_t i = 0; i < ldns_rr_list_rr_count(list); i++) {
		ldns_rr *rr = ldns_rr_list_rr(list, i);
		ldns_rr_set_ttl(rr, ldns_rdf2native_int32(ldns_rr_rrsig_origttl(sig)));
		ldns_rr2canonical(rr);
	}
	ldns_rr_list_sort(list);
	bool whole = ldns_rrsig2buffer_wire(b, fields) == LDNS_STATUS_OK &&
		     ldns_rr_list2buffer_wire(b, list) == LDNS_STATUS_OK;
	ldns_rr_free(fields);
	ldns_rr_list_deep_free(list);
	if (whole)
		return b;
	ldns_buffer_free(b);
	return NULL;
}

/* RFC 6605 4 has the two numbers of an ECDSA signature as they are, OpenSSL wants them in DER. -1: they are none. */
static int p256_signature(const unsigned char *p, size_t len, unsigned char **der)
{
	if (len != 2 * P256_NUMBER)
		return -1;
	ECDSA_SIG *s = ECDSA_SIG_new();
	BIGNUM *r = BN_bin2bn(p, P256_NUMBER, NULL),
	       *t = BN_bin2bn(p + P256_NUMBER, P256_NUMBER, NULL);
	ENSURE(s && r && t && ECDSA_SIG_set0(s, r, t) == 1);
	int n = i2d_ECDSA_SIG(s, der);
	ECDSA_SIG_free(s);
	return n;
}

static bool verify(
    const struct verify_key *k, const ldns_buffer *data, const unsigned char *sig, size_t sig_len)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	const EVP_MD *digest = k->algorithm == LDNS_ED25519 ? NULL : EVP_sha256();
	ENSURE(ctx);
	bool good = EVP_DigestVerifyInit(ctx, NULL, digest, NULL, k->pkey) == 1 &&
		    EVP_DigestVerify(ctx, sig, sig_len, ldns_buffer_begin(data),
			ldns_buffer_position(data)) == 1;
	EVP_MD_CTX_free(ctx);
	return good;
}

bool verify_records(
    const struct verify_key *k, const ldns_rr_list *records, const ldns_rr *sig, int64_t now_s)
{
	const ldns_rdf *bytes = ldns_rr_rrsig_sig(sig);
	const unsigned char *p = ldns_rdf_data(bytes);
	size_t len = ldns_rdf_size(bytes);
	unsigned char *der = NULL;
	if (ldns_rdf2native_int8(ldns_rr_rrsig_algorithm(sig)) != k->algorithm ||
	    ldns_rdf2native_int16(ldns_rr_rrsig_keytag(sig)) != k->tag || !is_in_time(sig, now_s))
		return false;
	if (k->algorithm == LDNS_ECDSAP256SHA256) {
		int n = p256_signature(p, len, &der);
		if (n <= 0)
			return false;
		p = der;
		len = (size_t)n;
	}
	ldns_buffer *data = signed_data(records, sig);
	bool good = data && verify(k, data, p, len);
	ldns_buffer_free(data);
	OPENSSL_free(der);
	return good;
}
