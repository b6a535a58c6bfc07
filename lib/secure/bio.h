/*
 * bio.h - our sources and sinks as OpenSSL sees them. Private to this room.
 *
 *	struct bio_ends ends = {.source = &src.source, .sink = NULL};
 *	BIO *in = bio_of(&ends);		// reads from source, writes to sink
 *	if (CMS_final(cms, in, NULL, flags) != 1)
 *		return ends.err.code ? err_copy(e, &ends.err) : secure_openssl_err(...);
 *	BIO_free(in);
 */
#ifndef SURAT_SECURE_BIO_H
#define SURAT_SECURE_BIO_H

#include "io/sink.h"

#include <openssl/bio.h>

struct bio_ends {
	struct source *source; /* or NULL: nothing to read */
	struct sink *sink;     /* or NULL: what is written is dropped */
	struct err err;        /* the first of the source or the sink */
};
/* ends must stay; the sink is not ended. Never NULL. */
BIO *bio_of(struct bio_ends *ends);

#endif
