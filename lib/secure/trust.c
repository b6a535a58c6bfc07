#include "secure/trust.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "codec/time.h"
#include "io/file.h"
#include "io/sys.h"
#include "secure/names.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { CRL_FILE_MAX = 64 << 20 };

/* --- opening --- */

static void take_crl(struct trust *t, X509_CRL *crl, size_t *n)
{
	X509_STORE_add_crl(t->store, crl);
	X509_CRL_free(crl);
	++*n;
}

/* PEM, any number of them, or one in DER. */
static int add_crl_file(struct trust *t, const char *path, size_t *n, struct err *e)
{
	struct buf b = BUF_INIT(CRL_FILE_MAX);
	int r = file_read(path, &b, e);
	if (r == 0) {
		BIO *in = BIO_new_mem_buf(b.len ? b.ptr : "", (int)b.len);
		const unsigned char *p = (const unsigned char *)b.ptr;
		size_t before = *n;
		X509_CRL *crl;
		ENSURE(in);
		while ((crl = PEM_read_bio_X509_CRL(in, NULL, NULL, NULL)))
			take_crl(t, crl, n);
		BIO_free(in);
		if (*n == before && b.len && (crl = d2i_X509_CRL(NULL, &p, (long)b.len)))
			take_crl(t, crl, n);
		ERR_clear_error();
	}
	buf_release(&b);
	return r;
}

static int add_crl_folder(struct trust *t, const char *path, int fd, size_t *n, struct err *e)
{
	struct strv names = {0};
	int r = folder_names(fd, &names, e);
	for (size_t i = 0; r == 0 && i < names.n; i++) {
		char *file = str_printf("%s/%s", path, names.v[i]);
		r = add_crl_file(t, file, n, e);
		free(file);
	}
	strv_release(&names);
	return r;
}

static int add_crls(struct trust *t, const char *path, struct err *e)
{
	size_t n = 0;
	int fd = dir_open(AT_FDCWD, path, NULL);
	int r = fd >= 0 ? add_crl_folder(t, path, fd, &n, e) : add_crl_file(t, path, &n, e);
	if (fd >= 0)
		sys_close(fd);
	t->revocation = true;
	return r == 0 && !n
		   ? err_set(e, EX_DATAERR, _("%s: no certificate revocation list in it"), path)
		   : r;
}

static int add_roots(struct trust *t, const char *ca_file, struct err *e)
{
	struct cert_list roots = {0};
	if (!ca_file) {
		X509_STORE_set_default_paths(t->store);
		ERR_clear_error();
		return 0;
	}
	int r = cert_file(&roots, ca_file, e);
	for (size_t i = 0; r == 0 && i < roots.n; i++)
		X509_STORE_add_cert(t->store, roots.v[i]);
	cert_list_release(&roots);
	return r;
}

int trust_open(struct trust *t, const struct trust_files *files, struct err *e)
{
	*t = (struct trust){.store = X509_STORE_new()};
	ENSURE(t->store);
	int r = add_roots(t, files->ca_file, e);
	for (size_t i = 0; r == 0 && files->intermediates && i < files->intermediates->n; i++)
		r = cert_file(&t->intermediates, files->intermediates->v[i], e);
	for (size_t i = 0; r == 0 && files->crls && i < files->crls->n; i++)
		r = add_crls(t, files->crls->v[i], e);
	if (r < 0)
		trust_close(t);
	return r;
}

void trust_close(struct trust *t)
{
	X509_STORE_free(t->store);
	cert_list_release(&t->intermediates);
	*t = (struct trust){0};
}

/* --- a chain --- */

static STACK_OF(X509) * untrusted(const struct trust *t, STACK_OF(X509) * sent_along)
{
	STACK_OF(X509) *all = sk_X509_new_null();
	ENSURE(all);
	for (int i = 0; i < sk_X509_num(sent_along); i++)
		sk_X509_push(all, sk_X509_value(sent_along, i));
	for (size_t i = 0; i < t->intermediates.n; i++)
		sk_X509_push(all, t->intermediates.v[i]);
	return all;
}

/* What has expired is looked at once more afterwards, against the time of signing; an authority above the issuer need not have published a CRL. */
static int tolerate(int ok, X509_STORE_CTX *c)
{
	int error = X509_STORE_CTX_get_error(c);
	if (ok)
		return 1;
	if (error == X509_V_ERR_CERT_HAS_EXPIRED ||
	    (error == X509_V_ERR_UNABLE_TO_GET_CRL && X509_STORE_CTX_get_error_depth(c) > 0)) {
		X509_STORE_CTX_set_error(c, X509_V_OK);
		return 1;
	}
	return 0;
}

static void say(struct trust_answer *a, enum secure_result r, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
static void say(struct trust_answer *a, enum secure_result r, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(a->reason, sizeof(a->reason), fmt, ap);
	va_end(ap);
	a->result = r;
}

/* Why there is no chain. */
static void refused(int error, struct trust_answer *a)
{
	const char *text = X509_verify_cert_error_string(error);
	switch (error) {
	case X509_V_ERR_CERT_REVOKED:
		say(a, SECURE_FAIL, "%s", _("the certificate was revoked"));
		return;
	case X509_V_ERR_CERT_NOT_YET_VALID:
		say(a, SECURE_FAIL, "%s", _("the certificate is not valid yet"));
		return;
	case X509_V_ERR_UNABLE_TO_GET_CRL:
		say(a, SECURE_TEMPERROR, "%s", _("there is no revocation list of the issuer"));
		return;
	case X509_V_ERR_CRL_HAS_EXPIRED:
	case X509_V_ERR_CRL_NOT_YET_VALID:
		say(a, SECURE_TEMPERROR, _("the issuer's revocation list cannot be used: %s"),
		    text);
		return;
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
		say(a, SECURE_POLICY, "%s",
		    _("the certificate vouches for itself, and is not in the CA file"));
		return;
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
		say(a, SECURE_POLICY, _("nobody trusted vouches for the certificate: %s"), text);
		return;
	default: say(a, SECURE_FAIL, _("the certificate's chain does not hold: %s"), text);
	}
}

/* A certificate of the chain that was not valid at s. */
static const X509 *invalid_at(STACK_OF(X509) * chain, int64_t s)
{
	for (int i = 0; i < sk_X509_num(chain); i++) {
		const X509 *cert = sk_X509_value(chain, i);
		if (s < cert_begins_s(cert) || s > cert_ends_s(cert))
			return cert;
	}
	return NULL;
}

/* The chain holds but for its dates. */
static void dates(STACK_OF(X509) * chain, int64_t signed_s, struct trust_answer *a)
{
	struct buf when = BUF_INIT(64);
	const X509 *now = invalid_at(chain, clock_real_s());
	a->trusted = true;
	if (now)
		date_write_rfc3339(&when, cert_ends_s(now));
	if (signed_s && invalid_at(chain, signed_s))
		say(a, SECURE_FAIL, "%s", _("the certificate was not valid when this was signed"));
	else if (!now)
		a->result = SECURE_PASS;
	else if (signed_s)
		say(a, SECURE_POLICY,
		    _("the certificate expired on %s, after this was signed by the signer's own "
		      "clock"),
		    buf_cstr(&when));
	else
		say(a, SECURE_FAIL, _("the certificate expired on %s"), buf_cstr(&when));
	buf_release(&when);
}

void trust_chain(const struct trust *t, X509 *cert, STACK_OF(X509) * sent_along, int64_t signed_s,
    struct trust_answer *a)
{
	STACK_OF(X509) *others = untrusted(t, sent_along);
	X509_STORE_CTX *c = X509_STORE_CTX_new();
	*a = (struct trust_answer){0};
	ENSURE(c && X509_STORE_CTX_init(c, t->store, cert, others) == 1);
	unsigned long flags = X509_V_FLAG_PARTIAL_CHAIN;
	if (t->revocation)
		flags |= X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL;
	X509_STORE_CTX_set_flags(c, flags);
	X509_STORE_CTX_set_time(c, 0, (time_t)clock_real_s());
	X509_STORE_CTX_set_purpose(c, X509_PURPOSE_SMIME_SIGN);
	X509_STORE_CTX_set_verify_cb(c, tolerate);
	if (X509_verify_cert(c) == 1)
		dates(X509_STORE_CTX_get0_chain(c), signed_s, a);
	else
		refused(X509_STORE_CTX_get_error(c), a);
	X509_STORE_CTX_free(c);
	sk_X509_free(others);
	ERR_clear_error();
}
