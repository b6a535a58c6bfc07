#include "secure/cert.h"

#include "base/alloc.h"
#include "base/intl.h"
#include "io/file.h"
#include "secure/secure.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MAX = 4 << 20, LIST_MAX = 1000 };

void cert_list_take(struct cert_list *l, X509 *cert)
{
	if (l->n == l->cap) {
		l->cap = l->cap ? 2 * l->cap : 4;
		l->v = mem_resize(l->v, l->cap, sizeof(X509 *));
	}
	l->v[l->n++] = cert;
}

void cert_list_release(struct cert_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		X509_free(l->v[i]);
	free(l->v);
	*l = (struct cert_list){0};
}

/* Nobody is asked on the terminal: what needs a passphrase and has none fails. */
static int give_passphrase(char *to, int size, int writing, void *ctx)
{
	const char *passphrase = ctx;
	(void)writing;
	size_t len = passphrase ? strlen(passphrase) : 0;
	if (!passphrase || len > (size_t)size)
		return -1;
	memcpy(to, passphrase, len);
	return (int)len;
}

int cert_bytes(struct cert_list *l, struct span bytes, const char *name, struct err *e)
{
	size_t before = l->n;
	BIO *in = BIO_new_mem_buf(bytes.len ? bytes.ptr : "", (int)bytes.len);
	X509 *cert;
	ENSURE(in);
	while (
	    l->n - before < LIST_MAX && (cert = PEM_read_bio_X509(in, NULL, give_passphrase, NULL)))
		cert_list_take(l, cert);
	BIO_free(in);
	const unsigned char *p = (const unsigned char *)bytes.ptr;
	if (l->n == before && bytes.len && (cert = d2i_X509(NULL, &p, (long)bytes.len)))
		cert_list_take(l, cert);
	ERR_clear_error();
	return l->n > before ? 0 : err_set(e, EX_DATAERR, _("%s: no certificate in it"), name);
}

int cert_file(struct cert_list *l, const char *path, struct err *e)
{
	struct buf b = BUF_INIT(FILE_MAX);
	int r = file_read(path, &b, e);
	if (r == 0)
		r = cert_bytes(l, buf_span(&b), path, e);
	buf_release(&b);
	return r;
}

static EVP_PKEY *read_key(struct span bytes, const char *passphrase)
{
	BIO *in = BIO_new_mem_buf(bytes.len ? bytes.ptr : "", (int)bytes.len);
	const unsigned char *p = (const unsigned char *)bytes.ptr;
	ENSURE(in);
	/* what PEM_read hands to the callback it does not change */
	EVP_PKEY *key =
	    PEM_read_bio_PrivateKey(in, NULL, give_passphrase, (void *)(uintptr_t)passphrase);
	if (!key && bytes.len && ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE)
		key = d2i_AutoPrivateKey(NULL, &p, (long)bytes.len);
	BIO_free(in);
	return key;
}

int cert_key_file(EVP_PKEY **key, const char *path, const char *passphrase, struct err *e)
{
	struct buf b = BUF_INIT(FILE_MAX);
	b.secret = true;
	int r = file_read(path, &b, e);
	if (r == 0 && !(*key = read_key(buf_span(&b), passphrase))) {
		bool locked = span_find(buf_span(&b), SPAN("ENCRYPTED")) >= 0;
		if (locked)
			r = err_set(e, EX_NOPERM,
			    passphrase ? _("%s: the passphrase is wrong")
				       : _("%s: the key needs its passphrase"),
			    path);
		else
			r = err_set(e, EX_DATAERR, _("%s: no private key in it"), path);
	}
	ERR_clear_error();
	buf_wipe(&b);
	return r;
}

int cert_key_fits(X509 *cert, EVP_PKEY *key, struct err *e)
{
	int fits = X509_check_private_key(cert, key);
	ERR_clear_error();
	return fits == 1 ? 0 : err_set(e, EX_CONFIG, _("the key is not the certificate's"));
}
