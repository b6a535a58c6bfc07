#include "secure/bio.h"

#include "base/alloc.h"

#include <limits.h>
#include <string.h>

static int ends_read(BIO *b, char *p, int n)
{
	struct bio_ends *ends = BIO_get_data(b);
	BIO_clear_retry_flags(b);
	if (!ends->source || n <= 0)
		return 0;
	ssize_t r = ends->source->read(ends->source, p, (size_t)n, &ends->err);
	if (r == 0)
		BIO_set_flags(b, BIO_FLAGS_IN_EOF);
	return (int)r;
}

static int ends_write(BIO *b, const char *p, int n)
{
	struct bio_ends *ends = BIO_get_data(b);
	BIO_clear_retry_flags(b);
	if (n <= 0)
		return 0;
	if (!ends->sink)
		return n;
	if (ends->err.code || sink_put(ends->sink, span_make(p, (size_t)n), &ends->err) < 0)
		return -1;
	return n;
}

static int ends_puts(BIO *b, const char *text)
{
	return ends_write(b, text, (int)strlen(text));
}

static long ends_ctrl(BIO *b, int cmd, long n, void *p)
{
	(void)n;
	(void)p;
	switch (cmd) {
	case BIO_CTRL_EOF: return BIO_test_flags(b, BIO_FLAGS_IN_EOF) != 0;
	case BIO_CTRL_FLUSH:
	case BIO_CTRL_DUP: return 1;
	default: return 0;
	}
}

BIO *bio_of(struct bio_ends *ends)
{
	static BIO_METHOD *method; /* one for all, as OpenSSL's own are */
	if (!method) {
		method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "surat");
		ENSURE(method);
		BIO_meth_set_read(method, ends_read);
		BIO_meth_set_write(method, ends_write);
		BIO_meth_set_puts(method, ends_puts);
		BIO_meth_set_ctrl(method, ends_ctrl);
	}
	BIO *b = BIO_new(method);
	ENSURE(b);
	BIO_set_data(b, ends);
	BIO_set_init(b, 1);
	return b;
}
