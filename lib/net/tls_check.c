#include "net/tls_check.h"

#include "base/intl.h"
#include "crypto/digest.h"
#include "net/addr.h"

#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

static int config_error(struct err *e, const char *file)
{
	const char *why = ERR_reason_error_string(ERR_peek_error());
	return err_set(e, EX_CONFIG, "%s: %s", file, why ? why : _("cannot be read"));
}

int tls_check_own_cert(SSL_CTX *ctx, const char *cert_file, const char *key_file, struct err *e)
{
	if (!key_file)
		key_file = cert_file;
	ERR_clear_error();
	if (SSL_CTX_use_certificate_chain_file(ctx, cert_file) != 1)
		return config_error(e, cert_file);
	if (SSL_CTX_use_PrivateKey_file(ctx, key_file, SSL_FILETYPE_PEM) != 1)
		return config_error(e, key_file);
	if (SSL_CTX_check_private_key(ctx) != 1)
		return err_set(e, EX_CONFIG, _("%s: not the key of %s"), key_file, cert_file);
	return 0;
}

/* The system's certificates are a folder with hashed names: nothing is loaded before one is needed. */
static int trust_store(SSL_CTX *ctx, const char *ca_file, struct err *e)
{
	ERR_clear_error();
	if (!ca_file)
		return SSL_CTX_set_default_verify_paths(ctx) == 1
			   ? 0
			   : config_error(e, _("the system's certificates"));
	return SSL_CTX_load_verify_file(ctx, ca_file) == 1 ? 0 : config_error(e, ca_file);
}

int tls_check_context(SSL_CTX *ctx, const struct tls_options *o, struct err *e)
{
	if (o->cert_file && tls_check_own_cert(ctx, o->cert_file, o->key_file, e) < 0)
		return -1;
	switch (o->verify) {
	case TLS_VERIFY_NONE:
		/* where nobody's identity is checked, an old key is still better than no encryption at all */
		SSL_CTX_set_security_level(ctx, 0);
		return 0;
	case TLS_VERIFY_FINGERPRINT: return 0;
	case TLS_VERIFY_CA:
		SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
		return trust_store(ctx, o->ca_file, e);
	case TLS_VERIFY_DANE:
		SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
		SSL_CTX_dane_enable(ctx);
		/* RFC 7672 3.1.1: with DANE-EE(3) neither names nor dates count, the record does */
		SSL_CTX_dane_set_flags(ctx, DANE_FLAG_NO_DANE_EE_NAMECHECKS);
		return 0;
	}
	return 0;
}

static int expect_names(SSL *ssl, const struct tls_options *o, struct err *e)
{
	struct net_addr ignored;
	if (!o->host || !*o->host)
		return err_set(
		    e, EX_CONFIG, _("a certificate cannot be verified without a host name"));
	SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	if (net_addr_parse(span_of(o->host), 0, &ignored)) {
		if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), o->host) != 1)
			return err_set(e, EX_CONFIG, _("%s: cannot be verified"), o->host);
	} else if (SSL_set1_host(ssl, o->host) != 1) {
		return err_set(e, EX_CONFIG, _("%s: no host name to verify"), o->host);
	}
	for (size_t i = 0; i < sizeof(o->names) / sizeof(o->names[0]) && o->names[i]; i++)
		SSL_add1_host(ssl, o->names[i]);
	return 0;
}

/* RFC 7672 3.1.3: usages 0 and 1 are not for SMTP; what OpenSSL cannot use it skips by itself (0). */
static int expect_pins(SSL *ssl, const struct tls_options *o, struct err *e)
{
	int usable = 0;
	const char *base = o->names[0] ? o->names[0] : o->host;
	if (!base || SSL_dane_enable(ssl, base) != 1)
		return err_set(e, EX_CONFIG, _("DANE needs the server's host name"));
	SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	if (o->host && o->names[0])
		SSL_add1_host(ssl, o->host);
	for (size_t i = 1; i < sizeof(o->names) / sizeof(o->names[0]) && o->names[i]; i++)
		SSL_add1_host(ssl, o->names[i]);
	for (size_t i = 0; i < o->pin_count; i++) {
		const struct tls_pin *p = &o->pins[i];
		if (p->usage != 2 && p->usage != 3)
			continue;
		int r = SSL_dane_tlsa_add(ssl, p->usage, p->selector, p->matching,
		    (const unsigned char *)p->data.ptr, p->data.len);
		usable += r > 0;
	}
	ERR_clear_error();
	return usable > 0 ? 0 : err_set(e, EX_PROTOCOL, _("no usable TLSA record"));
}

static int offer_protocol(SSL *ssl, const char *name, struct err *e)
{
	unsigned char wire[256];
	size_t len = strlen(name);
	if (len == 0 || len > 255)
		return err_set(e, EX_SOFTWARE, "ALPN name of %zu bytes", len);
	wire[0] = (unsigned char)len;
	memcpy(wire + 1, name, len);
	SSL_set_alpn_protos(ssl, wire, (unsigned)len + 1);
	return 0;
}

int tls_check_setup(SSL *ssl, const struct tls_options *o, struct err *e)
{
	struct net_addr ignored;
	if (o->verify == TLS_VERIFY_FINGERPRINT && (!o->fingerprints || !o->fingerprints[0]))
		return err_set(e, EX_CONFIG, _("no fingerprint to compare with"));
	if (o->alpn && offer_protocol(ssl, o->alpn, e) < 0)
		return -1;
	if (o->verify == TLS_VERIFY_DANE)
		return expect_pins(ssl, o,
		    e); /* sets the server name too: RFC 7672 8.1 wants the TLSA base domain */
	if (o->host && *o->host && !net_addr_parse(span_of(o->host), 0, &ignored))
		SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
		    (void *)(uintptr_t)o->host); /* the macro casts const away */
	return o->verify == TLS_VERIFY_CA ? expect_names(ssl, o, e) : 0;
}

static void sum_of(unsigned char *der, int len, unsigned char sum[DIGEST_MAX])
{
	memset(sum, 0, DIGEST_MAX);
	if (len > 0)
		digest_of(DIGEST_SHA256, span_make((const char *)der, (size_t)len), sum);
	OPENSSL_free(der);
}

static bool fingerprint_matches(
    const char *wanted, const unsigned char *cert, const unsigned char *key)
{
	unsigned char sum[32];
	struct span text = span_of(wanted);
	if (span_starts_nocase(text, "sha256:"))
		text = span_skip(text, 7);
	if (digest_unhex(text, sum, sizeof(sum)) != sizeof(sum))
		return false;
	return memcmp(sum, cert, sizeof(sum)) == 0 || memcmp(sum, key, sizeof(sum)) == 0;
}

static int check_fingerprint(SSL *ssl, const struct tls_options *o, struct err *e)
{
	unsigned char cert_sum[DIGEST_MAX], key_sum[DIGEST_MAX], *der = NULL;
	X509 *cert = SSL_get0_peer_certificate(ssl);
	if (!cert)
		return err_set(e, EX_PROTOCOL, _("the server showed no certificate"));
	int len = i2d_X509(cert, &der);
	sum_of(der, len, cert_sum);
	der = NULL;
	len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &der);
	sum_of(der, len, key_sum);
	for (size_t i = 0; o->fingerprints[i]; i++)
		if (fingerprint_matches(o->fingerprints[i], cert_sum, key_sum))
			return 0;
	struct buf hex = BUF_INIT(256);
	digest_hex(&hex, cert_sum, 32);
	err_set(e, EX_PROTOCOL, _("the certificate is another one: its fingerprint is sha256:%s"),
	    buf_cstr(&hex));
	buf_release(&hex);
	return -1;
}

int tls_check_peer(SSL *ssl, const struct tls_options *o, struct err *e)
{
	switch (o->verify) {
	case TLS_VERIFY_NONE: return 0;
	case TLS_VERIFY_FINGERPRINT: return check_fingerprint(ssl, o, e);
	case TLS_VERIFY_CA:
	case TLS_VERIFY_DANE: break;
	}
	/* the handshake would have failed already; this is the belt to those braces */
	if (!SSL_get0_peer_certificate(ssl) || SSL_get_verify_result(ssl) != X509_V_OK)
		return err_set(e, EX_PROTOCOL, _("the server's certificate is not verified"));
	if (o->verify == TLS_VERIFY_DANE && SSL_get0_dane_authority(ssl, NULL, NULL) < 0)
		return err_set(e, EX_PROTOCOL, _("no TLSA record matched"));
	return 0;
}

enum tls_failure tls_check_failure(SSL *ssl)
{
	switch (SSL_get_verify_result(ssl)) {
	case X509_V_OK:
	case X509_V_ERR_DANE_NO_MATCH: return TLS_FAILURE_OTHER;
	case X509_V_ERR_HOSTNAME_MISMATCH:
	case X509_V_ERR_IP_ADDRESS_MISMATCH: return TLS_FAILURE_NAME;
	case X509_V_ERR_CERT_HAS_EXPIRED:
	case X509_V_ERR_CERT_NOT_YET_VALID: return TLS_FAILURE_EXPIRED;
	default: return TLS_FAILURE_UNTRUSTED;
	}
}

/* OpenSSL's last reason, as a person may read it. */
static const char *reason(void)
{
	const char *text = ERR_reason_error_string(ERR_peek_last_error());
	return text ? text : _("unknown reason");
}

int tls_check_explain(SSL *ssl, struct err *e)
{
	long why = SSL_get_verify_result(ssl);
	if (why == X509_V_OK)
		return err_set(e, EX_PROTOCOL, _("TLS handshake failed: %s"), reason());
	const char *host = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
	if (why == X509_V_ERR_DANE_NO_MATCH)
		return err_set(e, EX_PROTOCOL, _("TLS: the certificate matches no TLSA record"));
	if (why == X509_V_ERR_HOSTNAME_MISMATCH && host)
		return err_set(e, EX_PROTOCOL, _("TLS: the certificate is not for %s"), host);
	return err_set(e, EX_PROTOCOL, _("TLS: the certificate is not trusted: %s"),
	    X509_verify_cert_error_string(why));
}
