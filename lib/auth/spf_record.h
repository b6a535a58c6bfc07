/*
 * spf_record.h - an SPF record taken apart: the whole grammar of RFC 7208 section 12. What it lets through is another matter.
 *
 *	struct spf_record r;
 *	if (spf_record_parse(&r, text, e) < 0) ...
 *	for (size_t i = 0; i < r.n; i++) ... r.v[i] ...
 *	spf_record_release(&r);
 */
#ifndef SURAT_AUTH_SPF_RECORD_H
#define SURAT_AUTH_SPF_RECORD_H

#include "base/err.h"
#include "base/span.h"

enum spf_kind {
	SPF_ALL,
	SPF_INCLUDE,
	SPF_A,
	SPF_MX,
	SPF_PTR,
	SPF_IP4,
	SPF_IP6,
	SPF_EXISTS,
	SPF_REDIRECT, /* modifiers from here on */
	SPF_EXP,
	SPF_UNKNOWN, /* a modifier nobody knows: passed over */
};
struct spf_term {
	enum spf_kind kind;
	char qualifier;            /* of a mechanism: '+', '-', '~', '?' */
	struct span domain;        /* macros not expanded; empty: the domain at hand */
	unsigned char address[16]; /* ip4: the first four */
	unsigned bits4, bits6;     /* prefix lengths, 32 and 128 unless given */
	struct span text;          /* the whole term */
};
struct spf_record {
	struct spf_term *v;
	size_t n;
};
/* EX_DATAERR: a permerror, with why. The spans are views of the text. */
int spf_record_parse(struct spf_record *r, struct span text, struct err *e);
void spf_record_release(struct spf_record *r);

#endif
