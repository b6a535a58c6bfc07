/*
 * spf_macro.h - macros in SPF records, RFC 7208 section 7: their grammar, and what they stand for.
 */
#ifndef SURAT_AUTH_SPF_MACRO_H
#define SURAT_AUTH_SPF_MACRO_H

#include "base/buf.h"

#include <stdint.h>

bool spf_is_macro_string(struct span s);
/* A macro string that ends in a macro or in ".toplabel". c, r and t are for the text of exp only. */
bool spf_is_domain_spec(struct span s);

/* What the letters stand for. */
struct spf_values {
	bool six;             /* the client has an IPv6 address */
	unsigned char ip[16]; /* of IPv4 the first four */
	const char *local, *sender_domain, *domain, *helo;
	const char *validated; /* p: the client's name, or "unknown" */
	const char *receiver;  /* r */
	int64_t now_s;
};
/* Does it use this letter? */
bool spf_macro_uses(struct span s, char letter);
/* Expands a macro string. text: the text of exp, where blanks and c, r and t are allowed. False: it is none. */
bool spf_expand(const struct spf_values *v, struct span s, bool text, struct buf *out);
/* The same for a name to be asked for: from the left, labels are dropped until it has at most 253 octets; no final dot. malloc'ed. */
char *spf_expand_domain(const struct spf_values *v, struct span s);

#endif
