#include "secure/cert.h"

#include "base/alloc.h"
#include "base/intl.h"
#include "codec/civil.h"
#include "crypto/digest.h"
#include "secure/secure.h"

#include <openssl/bn.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

bool cert_may(X509 *cert, enum cert_use use, const char **reason)
{
	uint32_t usage = X509_get_key_usage(cert), extended = X509_get_extended_key_usage(cert);
	uint32_t wanted = use == CERT_SIGN
			      ? KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION
			      : KU_KEY_ENCIPHERMENT | KU_KEY_AGREEMENT | KU_DATA_ENCIPHERMENT;
	const char *why = NULL;
	if (!(usage & wanted))
		why = use == CERT_SIGN ? _("the certificate's key may not sign (keyUsage)")
				       : _("the certificate's key may not encrypt (keyUsage)");
	/* anyExtendedKeyUsage serves as well, RFC 8550 4.4.4 */
	else if (!(extended & (XKU_SMIME | XKU_ANYEKU)))
		why = _("the certificate is not for mail (extendedKeyUsage)");
	*reason = why;
	return !why;
}

int64_t cert_time_s(const ASN1_TIME *t)
{
	struct tm tm;
	if (!t || ASN1_TIME_to_tm(t, &tm) != 1)
		return 0;
	return civil_s(tm.tm_year + 1900, tm.tm_mon, tm.tm_mday) + tm.tm_hour * 3600 +
	       tm.tm_min * 60 + tm.tm_sec;
}

int64_t cert_begins_s(const X509 *cert)
{
	return cert_time_s(X509_get0_notBefore(cert));
}

int64_t cert_ends_s(const X509 *cert)
{
	return cert_time_s(X509_get0_notAfter(cert));
}

static void name_text(const X509_NAME *name, struct buf *b)
{
	BIO *mem = BIO_new(BIO_s_mem());
	char *p;
	ENSURE(mem);
	X509_NAME_print_ex(mem, name, 0, XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB);
	long n = BIO_get_mem_data(mem, &p);
	buf_addn(b, p, (size_t)(n > 0 ? n : 0));
	BIO_free(mem);
}

void cert_subject(const X509 *cert, struct buf *b)
{
	name_text(X509_get_subject_name(cert), b);
}

void cert_issuer(const X509 *cert, struct buf *b)
{
	name_text(X509_get_issuer_name(cert), b);
}

void cert_serial(const X509 *cert, struct buf *b)
{
	BIGNUM *n = ASN1_INTEGER_to_BN(X509_get0_serialNumber(cert), NULL);
	char *hex = n ? BN_bn2hex(n) : NULL;
	for (const char *p = hex ? hex : ""; *p; p++)
		buf_addc(b, to_lower(*p));
	OPENSSL_free(hex);
	BN_free(n);
}

void cert_fingerprint(const X509 *cert, struct buf *b)
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned len = 0;
	if (X509_digest(cert, EVP_sha256(), sum, &len) == 1)
		digest_hex(b, sum, len);
}
