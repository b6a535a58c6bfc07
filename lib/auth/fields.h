/*
 * fields.h - the fields of a message's header as they were written, to the octet: what signatures cover.
 *
 *	struct auth_fields f = {0};
 *	auth_fields_split(&f, header, e);	// "header" is all of it, without the empty line, and stays
 *	for (size_t i = 0; i < f.n; i++) ... f.v[i].name, f.v[i].raw ...
 *
 * A line that is no field ends the header, as it does for those who read the message (mime/): what stands behind it is body. At most 10,000 fields.
 */
#ifndef SURAT_AUTH_FIELDS_H
#define SURAT_AUTH_FIELDS_H

#include "base/err.h"
#include "base/span.h"

enum { AUTH_FIELDS_MAX = 10000, AUTH_HEADER_MAX = 4 << 20 };
struct auth_field {
	struct span name, value; /* value: from behind the colon, with its folds */
	struct span raw;         /* all of it, without the last line end */
};
struct auth_fields {
	struct auth_field *v;
	size_t n;
};
/* Fields up to the first line that is none; *used: how many octets they are. EX_DATAERR: too many. */
int auth_fields_split(struct auth_fields *f, struct span header, size_t *used, struct err *e);
void auth_fields_release(struct auth_fields *f);
/* Can this line belong to a header, as a field's first or as one that continues it? */
bool auth_fields_line(struct span line);
/* How many of that name. */
size_t auth_fields_count(const struct auth_fields *f, struct span name);
/* The first of that name at or behind this place, or NULL. */
const struct auth_field *auth_fields_find(
    const struct auth_fields *f, const char *name, size_t from);

/* The input of a signature, RFC 6376 3.7: walks a list of names ("h=") and takes each field once, from the last one up. */
enum { AUTH_PICKER_SLOTS = 256 };
struct auth_picker {
	const struct auth_fields *fields;
	size_t *next; /* of each field: one of the same bucket above it, + 1; 0: none */
	size_t last
	    [AUTH_PICKER_SLOTS]; /* of each bucket of names: the lowest field not taken yet, + 1 */
};
void auth_picker_init(struct auth_picker *p, const struct auth_fields *f);
void auth_picker_release(struct auth_picker *p);
/* NULL: there is no further one, which is fine: so none can be added. */
const struct auth_field *auth_picker_take(struct auth_picker *p, struct span name);

#endif
