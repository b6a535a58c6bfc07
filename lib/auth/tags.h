/*
 * tags.h - "tag=value; tag=value", RFC 6376 3.2: DKIM's signatures and key records, and DMARC's policy records.
 *
 *	struct auth_tags t;
 *	if (auth_tags_parse(&t, text, e) < 0) ...
 *	const struct auth_tag *k = auth_tags_get(&t, "k");
 *
 * Names are compared case-sensitively. A name that stands there twice makes the whole list invalid.
 */
#ifndef SURAT_AUTH_TAGS_H
#define SURAT_AUTH_TAGS_H

#include "base/err.h"
#include "base/span.h"

enum { AUTH_TAGS_MAX = 64 };
struct auth_tag {
	struct span name, value; /* without the blanks around */
};
struct auth_tags { /* views of the text */
	struct auth_tag v[AUTH_TAGS_MAX];
	size_t n;
};
/* EX_DATAERR. Values are ASCII; auth_tags_parse_utf8 takes octets above 127 too (RFC 8616). */
int auth_tags_parse_utf8(struct auth_tags *t, struct span text, struct err *e);
int auth_tags_parse(struct auth_tags *t, struct span text, struct err *e);
/* Or NULL. */
const struct auth_tag *auth_tags_get(const struct auth_tags *t, const char *name);
/* The next part of a list with this character between; blanks around it are dropped. False at the end. */
bool auth_list_next(struct span *rest, char between, struct span *part);

#endif
