/*
 * param.h - "value; name=value; ..." of Content-Type and Content-Disposition: RFC 2045 5.1 and RFC 2231 (charsets, continuations in any order),
 * encoded words in values as real mail has them, quoted or not.
 */
#ifndef SURAT_MIME_PARAM_H
#define SURAT_MIME_PARAM_H

#include "base/arena.h"
#include "base/buf.h"

struct mime_param {
	struct span name; /* lower case */
	struct span
	    value;      /* UTF-8; of "boundary" the bytes as they came, since they are compared */
	bool duplicate; /* it came twice: the first counts */
};
struct mime_params {
	struct mime_param *v;
	size_t n;
	bool duplicate; /* some name came twice */
	bool bad;       /* something could not be read and was passed over */
};
/* value: a whole field's value. *main gets "text/plain" or "attachment", lower case (arena). At most 100 parameters and 100 segments of one;
 * more is `bad`. Never fails on content. */
void mime_params_parse(
    struct arena *a, struct span value, struct span *main, struct mime_params *out);
/* ptr NULL when there is none. */
struct span mime_params_get(const struct mime_params *p, const char *name);
/* Appends `; name=value` as it must be written: token, quoted-string, or RFC 2231 for what is not ASCII or too long; folded at 78
 * with *column kept. */
void mime_param_write(struct buf *b, size_t *column, const char *name, struct span value);

#endif
