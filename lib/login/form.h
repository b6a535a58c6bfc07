/*
 * form.h - names and values as forms and queries of URLs carry them (application/x-www-form-urlencoded; RFC 6749 appendix B).
 *
 *	form_add(&b, "grant_type", "refresh_token");	// "grant_type=refresh_token", "&" before the next
 *
 *	struct form_reader r;
 *	form_reader_init(&r, query, 8192);
 *	while (form_next(&r, e) > 0) ... buf_span(&r.name), buf_span(&r.value)
 *	form_reader_release(&r);
 *
 * Values may be secrets: the buffers of a reader are wiped.
 */
#ifndef SURAT_LOGIN_FORM_H
#define SURAT_LOGIN_FORM_H

#include "base/buf.h"
#include "base/err.h"

/* value NULL: nothing is added. */
void form_add(struct buf *b, const char *name, const char *value);
/* A value alone, encoded. */
void form_escape(struct buf *b, struct span value);

struct form_reader {
	struct span rest;
	struct buf name, value; /* of the pair at hand, decoded; may hold any byte but NUL */
};
void form_reader_init(struct form_reader *r, struct span query, size_t max);
/* 1 a pair, 0 the end, -1 EX_DATAERR: a bad escape, a NUL, too long. */
int form_next(struct form_reader *r, struct err *e);
void form_reader_release(struct form_reader *r);

#endif
