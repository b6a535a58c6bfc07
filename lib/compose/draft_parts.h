/*
 * draft_parts.h - what draft.c, draft_address.c and draft_field.c share. Private to this room.
 */
#ifndef SURAT_COMPOSE_DRAFT_PARTS_H
#define SURAT_COMPOSE_DRAFT_PARTS_H

#include "compose/draft.h"

/* "From", "To"... */
extern const char *const draft_field_names[DRAFT_ADDRESS_FIELDS];
/* Good for an envelope; its domain made ASCII. EX_DATAERR says why not. */
int draft_check_address(struct draft *d, struct address *a, struct err *e);
/* Its address counts as a recipient from now on. */
void draft_push_address(struct draft *d, enum draft_field field, const struct address *a);

enum { DRAFT_TOKEN_MAX = 900 }; /* a longer word has no room on a line of 998 */

#endif
