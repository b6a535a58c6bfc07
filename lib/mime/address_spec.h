/*
 * address_spec.h - local part and domain from tokens: what address.c (lists, forgiving) and address_check.c (levels, strict) share.
 * Private to this room.
 */
#ifndef SURAT_MIME_ADDRESS_SPEC_H
#define SURAT_MIME_ADDRESS_SPEC_H

#include "mime/lex.h"

struct local_part {
	struct buf text; /* unquoted */
	size_t words;    /* tokens taken, dots too */
	bool dot;        /* the last one was a dot (or nothing came yet) */
	bool dots, odd_dots, quoted, atom, blanks, control;
};
void local_part_reset(struct local_part *l, size_t max);
/* False: this token makes it a phrase. */
bool local_part_add(struct local_part *l, const struct lex_token *t);
/* NULL, or why it is none. */
const char *local_part_fault(const struct local_part *l);
/* From the token behind the '@'; afterwards *t is the first that is not of the domain. NULL, or why it is none. */
const char *domain_read(struct lex *lx, struct lex_token *t, struct buf *out, bool *blanks);
/* local@domain, quoted where it must be. */
void address_spec_write(struct buf *b, struct span local, struct span domain);

#endif
