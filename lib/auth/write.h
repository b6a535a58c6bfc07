/*
 * write.h - signature fields written: tags in their sorted order, folded, and the signature put in. The same bytes from the same input.
 *
 *	struct auth_writer w;
 *	auth_write_begin(&w, "DKIM-Signature", 0, key, CANON_RELAXED);
 *	auth_write_tag(&w, "bh", hash); ...			// behind a= and b=, in their order
 *	auth_write_end(&w, fields, names, &out, e);		// appends the field with its line end (LF)
 */
#ifndef SURAT_AUTH_WRITE_H
#define SURAT_AUTH_WRITE_H

#include "auth/signature.h"

struct auth_writer {
	struct buf text;  /* b= empty */
	size_t column, b; /* b: where the signature goes */
	const struct sign_key *key;
	enum canon how; /* of the header */
};
/* instance: i= of ARC, which comes before all other tags (RFC 8617 4.1.2, 4.1.3); 0: none. */
void auth_write_begin(struct auth_writer *w, const char *name, unsigned instance,
    const struct sign_key *key, enum canon how);
/* A value is folded behind its colons and nowhere else. */
void auth_write_tag(struct auth_writer *w, const char *name, struct span value);
void auth_write_number(struct auth_writer *w, const char *name, int64_t value);
/* Signs these fields and the one in the making. Releases the writer. EX_SOFTWARE. */
int auth_write_end(struct auth_writer *w, const struct auth_fields *fields, struct span names,
    struct buf *out, struct err *e);
/* The same over a digest that was made from auth_write_text. */
struct span auth_write_text(const struct auth_writer *w);
int auth_write_signed(
    struct auth_writer *w, const unsigned char *digest, struct buf *out, struct err *e);

#endif
