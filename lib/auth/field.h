/*
 * field.h - Authentication-Results, RFC 8601: written, and read as far as is needed to tell whose one is and what it says of a method.
 *
 *	auth_field_write(&out, "Authentication-Results", 0, "mx.example.org", &results);
 *	if (auth_field_is_of(field->value, "mx.example.org")) ... forged: it came with the message ...
 */
#ifndef SURAT_AUTH_FIELD_H
#define SURAT_AUTH_FIELD_H

#include "auth/fields.h"
#include "auth/result.h"
#include "base/buf.h"

/* Appends "Authentication-Results: ID; ...", folded, LF lines. */
void auth_field_write(struct buf *out, const char *authserv_id, const struct auth_results *all);
/* The name of who wrote it, and what it says; both empty where it cannot be read. */
struct auth_field_parts {
	struct buf id;       /* without quotes and comments */
	struct span results; /* behind the first ";", as written */
};
void auth_field_read(struct auth_field_parts *p, struct span value);
void auth_field_release(struct auth_field_parts *p);
/* Does it claim to be ours, or can nobody tell whose it is? ASCII case does not matter. */
bool auth_field_is_of(struct span value, const char *authserv_id);
/* The result of the first mention of a method: "pass"... Empty: it is not mentioned. */
void auth_field_result(struct span value, const char *method, struct buf *out);

/* A property of that mention, "header.from". */
void auth_field_property(struct span value, const char *method, const char *name, struct buf *out);

#endif
