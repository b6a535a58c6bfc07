#include "net/tls_look.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "crypto/digest.h"
#include "net/tls_check.h"
#include "net/tls_look_room.h"

#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { DANE_SECURITY_LEVEL = 2 }; /* Debian's, and what OpenSSL 3.2 has */

/* Signatures of one kind of key only: the server shows the chain it has for such clients, or none. */
static const char *const signatures[] = {
    [TLS_LOOK_RSA] = "rsa_pss_rsae_sha256:rsa_pss_rsae_sha384:rsa_pss_rsae_sha512:"
		     "rsa_pss_pss_sha256:rsa_pss_pss_sha384:rsa_pss_pss_sha512:"
		     "RSA+SHA256:RSA+SHA384:RSA+SHA512:RSA+SHA1",
    [TLS_LOOK_ECDSA] = "ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512:ECDSA+SHA1:ed25519:ed448",
};
static const char *const ciphers[] = {
    [TLS_LOOK_RSA] = "aRSA:!aNULL:!eNULL", [TLS_LOOK_ECDSA] = "aECDSA:!aNULL:!eNULL"};

static int restrict_to(SSL *ssl, enum tls_look_algorithm a, struct err *e)
{
	uintptr_t list = (uintptr_t)signatures[a]; /* the macro casts const away */
	if (SSL_set1_sigalgs_list(ssl, list) != 1 || SSL_set_cipher_list(ssl, ciphers[a]) != 1)
		return err_set(
		    e, EX_SOFTWARE, "OpenSSL: %s", ERR_reason_error_string(ERR_peek_last_error()));
	return 0;
}

/* DANE's verdict without its consequences: the result is there after the handshake. */
static int add_pins(SSL *ssl, const struct tls_options *o)
{
	int usable = 0;
	SSL_CTX *ctx = SSL_get_SSL_CTX(ssl);
	SSL_CTX_dane_enable(ctx);
	/* as mail-send has it where pins decide */
	SSL_set_security_level(ssl, DANE_SECURITY_LEVEL);
	if (SSL_dane_enable(ssl, o->names[0] ? o->names[0] : o->host) != 1)
		return 0;
	/* RFC 7672 3.1.1: with DANE-EE(3) the record decides, and no name. The connection has its own flags, those of the context came too late. */
	SSL_dane_set_flags(ssl, DANE_FLAG_NO_DANE_EE_NAMECHECKS);
	SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	for (size_t i = 0; i < ARRAY_LEN(o->names) && o->names[i]; i++)
		SSL_add1_host(ssl, o->names[i]);
	for (size_t i = 0; i < o->pin_count; i++) {
		const struct tls_pin *p = &o->pins[i];
		usable += SSL_dane_tlsa_add(ssl, p->usage, p->selector, p->matching,
			      (const unsigned char *)p->data.ptr, p->data.len) > 0;
	}
	ERR_clear_error();
	return usable;
}

int tls_look_prepare(SSL *ssl, const struct tls_options *o, struct err *e)
{
	struct tls_look *l = o->look;
	if (l->version_max == TLS_LOOK_1_2)
		SSL_set_max_proto_version(ssl, TLS1_2_VERSION);
	if (l->algorithm != TLS_LOOK_ANY && restrict_to(ssl, l->algorithm, e) < 0)
		return -1;
	SSL_set_tlsext_status_type(ssl, TLSEXT_STATUSTYPE_ocsp);
	if (o->pin_count && !add_pins(ssl, o))
		snprintf(l->dane_why, sizeof(l->dane_why), "%s", _("no usable TLSA record"));
	return 0;
}

/* --- certificates --- */

static void name_text(const X509_NAME *name, char *out, size_t size)
{
	char *p = NULL;
	BIO *b = BIO_new(BIO_s_mem());
	ENSURE(b);
	X509_NAME_print_ex(b, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
	long n = BIO_get_mem_data(b, &p);
	snprintf(out, size, "%.*s", n > 0 && n < 4096 ? (int)n : 0, p ? p : "");
	BIO_free(b);
}

static int64_t seconds(const ASN1_TIME *t)
{
	struct tm tm = {0};
	return ASN1_TIME_to_tm(t, &tm) == 1 ? (int64_t)timegm(&tm) : 0;
}

static void take_names(X509 *x, struct tls_look_cert *c)
{
	GENERAL_NAMES *all = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
	for (int i = 0; i < sk_GENERAL_NAME_num(all) && i < TLS_LOOK_NAMES_MAX; i++) {
		const GENERAL_NAME *g = sk_GENERAL_NAME_value(all, i);
		if (g->type != GEN_DNS)
			continue;
		const ASN1_IA5STRING *s = g->d.dNSName;
		size_t n = (size_t)ASN1_STRING_length(s);
		if (n && n < 256 && !memchr(ASN1_STRING_get0_data(s), '\0', n))
			strv_add_span(
			    &c->names, span_make((const char *)ASN1_STRING_get0_data(s), n));
	}
	GENERAL_NAMES_free(all);
}

static void take_key(X509 *x, struct tls_look_cert *c)
{
	char group[24] = "";
	EVP_PKEY *key = X509_get0_pubkey(x);
	if (!key)
		return;
	c->bits = EVP_PKEY_get_bits(key);
	const char *type = EVP_PKEY_get0_type_name(key);
	EVP_PKEY_get_group_name(key, group, sizeof(group), NULL);
	ERR_clear_error();
	snprintf(
	    c->key, sizeof(c->key), "%.7s%s%.23s", type ? type : "?", *group ? " " : "", group);
}

static void digest_der(unsigned char *der, int len, unsigned char out[32])
{
	unsigned char sum[DIGEST_MAX] = {0};
	if (len > 0)
		digest_of(DIGEST_SHA256, span_make((const char *)der, (size_t)len), sum);
	memcpy(out, sum, 32);
	OPENSSL_free(der);
}

static void take_cert(X509 *x, struct tls_look_cert *c)
{
	unsigned char *der = NULL;
	name_text(X509_get_subject_name(x), c->subject, sizeof(c->subject));
	name_text(X509_get_issuer_name(x), c->issuer, sizeof(c->issuer));
	c->not_before_s = seconds(X509_get0_notBefore(x));
	c->not_after_s = seconds(X509_get0_notAfter(x));
	OBJ_obj2txt(c->signature, sizeof(c->signature), OBJ_nid2obj(X509_get_signature_nid(x)), 0);
	take_names(x, c);
	take_key(x, c);
	int len = i2d_X509(x, &der);
	digest_der(der, len, c->sha256);
	der = NULL;
	len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &der);
	digest_der(der, len, c->key_sha256);
}

static void take_chain(const STACK_OF(X509) * chain, struct tls_look *l)
{
	int n = sk_X509_num(chain);
	if (n <= 0)
		return;
	l->chain_len = n < TLS_LOOK_CHAIN_MAX ? (size_t)n : TLS_LOOK_CHAIN_MAX;
	l->chain = mem_new(l->chain_len, sizeof(*l->chain));
	for (size_t i = 0; i < l->chain_len; i++)
		take_cert(sk_X509_value(chain, (int)i), &l->chain[i]);
}

/* --- verdicts --- */

static void take_dane(SSL *ssl, const struct tls_options *o)
{
	struct tls_look *l = o->look;
	uint8_t usage, selector, matching;
	long result = SSL_get_verify_result(ssl);
	if (!o->pin_count || *l->dane_why)
		return;
	l->dane_depth = SSL_get0_dane_authority(ssl, NULL, NULL);
	l->dane_matches = result == X509_V_OK && l->dane_depth >= 0;
	if (!l->dane_matches) {
		snprintf(l->dane_why, sizeof(l->dane_why), "%s",
		    result == X509_V_ERR_DANE_NO_MATCH || result == X509_V_OK
			? _("matches no TLSA record")
			: X509_verify_cert_error_string(result));
		return;
	}
	SSL_get0_dane_tlsa(ssl, &usage, &selector, &matching, NULL, NULL);
	l->usage = usage;
	l->selector = selector;
	l->matching = matching;
}

static X509_STORE *trusted(const char *ca_file)
{
	X509_STORE *store = X509_STORE_new();
	ENSURE(store);
	if (ca_file)
		X509_STORE_load_file(store, ca_file);
	else
		X509_STORE_set_default_paths(store);
	ERR_clear_error();
	return store;
}

/* The same chain, as an authority's: RFC 8461 4.1 wants the host's name in it. */
static void take_pkix(STACK_OF(X509) * chain, const struct tls_options *o)
{
	struct tls_look *l = o->look;
	X509_STORE *store = trusted(l->ca_file);
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	ENSURE(ctx);
	if (sk_X509_num(chain) <= 0 ||
	    !X509_STORE_CTX_init(ctx, store, sk_X509_value(chain, 0), chain)) {
		snprintf(l->pkix_why, sizeof(l->pkix_why), "%s", _("no certificate"));
	} else {
		X509_VERIFY_PARAM *p = X509_STORE_CTX_get0_param(ctx);
		X509_STORE_CTX_set_default(ctx, "ssl_server");
		X509_VERIFY_PARAM_set_hostflags(p, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
		X509_VERIFY_PARAM_set1_host(p, o->host, 0);
		l->pkix_good = X509_verify_cert(ctx) == 1;
		if (!l->pkix_good)
			snprintf(l->pkix_why, sizeof(l->pkix_why), "%s",
			    X509_verify_cert_error_string(X509_STORE_CTX_get_error(ctx)));
	}
	ERR_clear_error();
	X509_STORE_CTX_free(ctx);
	X509_STORE_free(store);
}

static const char *staple(SSL *ssl)
{
	const unsigned char *p = NULL;
	long n = SSL_get_tlsext_status_ocsp_resp(ssl, &p);
	const char *word = "broken";
	if (n <= 0 || !p)
		return "";
	OCSP_RESPONSE *r = d2i_OCSP_RESPONSE(NULL, &p, n);
	OCSP_BASICRESP *basic = r ? OCSP_response_get1_basic(r) : NULL;
	OCSP_SINGLERESP *one = basic ? OCSP_resp_get0(basic, 0) : NULL;
	int status = one ? OCSP_single_get0_status(one, NULL, NULL, NULL, NULL) : -1;
	if (status == V_OCSP_CERTSTATUS_GOOD)
		word = "good";
	else if (status == V_OCSP_CERTSTATUS_REVOKED)
		word = "revoked";
	else if (status == V_OCSP_CERTSTATUS_UNKNOWN)
		word = "unknown";
	OCSP_BASICRESP_free(basic);
	OCSP_RESPONSE_free(r);
	ERR_clear_error();
	return word;
}

void tls_look_take(SSL *ssl, const struct tls_options *o)
{
	struct tls_look *l = o->look;
	STACK_OF(X509) *chain = SSL_get_peer_cert_chain(ssl);
	const char *cipher = SSL_get_cipher_name(ssl);
	int group = (int)SSL_get_negotiated_group(ssl);
	const char *group_name = group ? SSL_group_to_name(ssl, group) : NULL;
	snprintf(l->version, sizeof(l->version), "%s", SSL_get_version(ssl));
	snprintf(l->cipher, sizeof(l->cipher), "%s", cipher ? cipher : "");
	snprintf(l->group, sizeof(l->group), "%s", group_name ? group_name : "");
	snprintf(l->ocsp, sizeof(l->ocsp), "%s", staple(ssl));
	take_chain(chain, l);
	take_dane(ssl, o);
	take_pkix(chain, o);
}

void tls_look_release(struct tls_look *l)
{
	for (size_t i = 0; i < l->chain_len; i++)
		strv_release(&l->chain[i].names);
	free(l->chain);
	l->chain = NULL;
	l->chain_len = 0;
}
