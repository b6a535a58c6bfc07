#include "secure/folder.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "io/file.h"
#include "io/sys.h"
#include "secure/names.h"

#include <errno.h>
#include <openssl/pem.h>
#include <stdlib.h>

enum { ADDRESS_MAX = 254, NAME_MAX_HEX = 16 };

/* "alice@example.org.", as names begin. Letters become small: it is one mailbox. */
static void name_of(struct span address, struct buf *b)
{
	for (size_t i = 0; i < address.len; i++) {
		char c = to_lower(address.ptr[i]);
		if (is_alpha(c) || is_digit(c) || (c && strchr("_+-@=", c)) || (c == '.' && i))
			buf_addc(b, c);
		else
			buf_addf(b, "%%%02x", (unsigned char)c);
	}
	buf_addc(b, '.');
}

static int write_pem(int dir, const char *name, X509 *cert, size_t *kept, struct err *e)
{
	BIO *mem = BIO_new(BIO_s_mem());
	char *p;
	struct file_new f;
	ENSURE(mem && PEM_write_bio_X509(mem, cert) == 1);
	long n = BIO_get_mem_data(mem, &p);
	int r = file_new_open(&f, dir, 0600, e);
	if (r == 0)
		r = sink_put(&f.out.sink, span_make(p, (size_t)n), e);
	if (r == 0)
		r = file_new_commit(&f, name, 0, e);
	else
		file_new_abort(&f);
	BIO_free(mem);
	if (r == 0)
		++*kept;
	else if (e->sys == EEXIST)
		r = 0;
	return r;
}

static int keep_address(int dir, const char *address, X509 *cert, size_t *kept, struct err *e)
{
	struct buf name = BUF_INIT(2048), print = BUF_INIT(128);
	struct err failed = ERR_INIT;
	struct stat st;
	int r = 0;
	name_of(span_of(address), &name);
	cert_fingerprint(cert, &print);
	buf_add(&name, span_take(buf_span(&print), NAME_MAX_HEX));
	buf_adds(&name, ".pem");
	if (name.len <= 255 && sys_fstatat(dir, buf_cstr(&name), &st, AT_SYMLINK_NOFOLLOW) < 0 &&
	    (r = write_pem(dir, buf_cstr(&name), cert, kept, &failed)) < 0)
		err_copy(e, &failed);
	buf_release(&name);
	buf_release(&print);
	return r;
}

int folder_keep(const char *path, X509 *cert, size_t *kept, struct err *e)
{
	struct strv addresses = {0};
	if (dir_make(path, 0700, e) < 0)
		return -1;
	int dir = dir_open(AT_FDCWD, path, e), r = dir < 0 ? -1 : 0;
	cert_addresses(cert, &addresses);
	for (size_t i = 0; r == 0 && i < addresses.n; i++)
		if (strlen(addresses.v[i]) <= ADDRESS_MAX)
			r = keep_address(dir, addresses.v[i], cert, kept, e);
	if (dir >= 0)
		sys_close(dir);
	strv_release(&addresses);
	return r < 0 ? err_prefix(e, "%s: ", path) : 0;
}

/* --- finding --- */

static int newest_first(const void *a, const void *b)
{
	int64_t x = cert_begins_s(*(X509 *const *)a), y = cert_begins_s(*(X509 *const *)b);
	return x < y ? 1 : x > y ? -1 : 0;
}

/* It is looked into: a name proves nothing. */
static bool serves(X509 *cert, struct span address)
{
	const char *why;
	int64_t now = clock_real_s();
	return cert_has_address(cert, address) && cert_may(cert, CERT_ENCRYPT, &why) &&
	       cert_begins_s(cert) <= now && now <= cert_ends_s(cert);
}

static int take_file(
    const char *path, const char *name, struct span address, struct cert_list *list, struct err *e)
{
	struct cert_list in = {0};
	char *file = str_printf("%s/%s", path, name);
	int r = cert_file(&in, file, e);
	for (size_t i = 0; r == 0 && i < in.n; i++)
		if (serves(in.v[i], address) && X509_up_ref(in.v[i]))
			cert_list_take(list, in.v[i]);
	cert_list_release(&in);
	free(file);
	return r;
}

int folder_find(const char *path, struct span address, struct cert_list *list, struct err *e)
{
	struct err none = ERR_INIT;
	struct strv names = {0};
	struct buf begin = BUF_INIT(2048);
	size_t before = list->n;
	int dir = dir_open(AT_FDCWD, path, &none);
	if (dir < 0)
		return none.sys == ENOENT ? 0 : err_copy(e, &none);
	int r = folder_names(dir, &names, e);
	name_of(address, &begin);
	for (size_t i = 0; r == 0 && i < names.n; i++)
		if (span_starts(span_of(names.v[i]), buf_cstr(&begin)))
			r = take_file(path, names.v[i], address, list, e);
	if (list->n > before)
		qsort(list->v + before, list->n - before, sizeof(X509 *), newest_first);
	sys_close(dir);
	strv_release(&names);
	buf_release(&begin);
	return r;
}
