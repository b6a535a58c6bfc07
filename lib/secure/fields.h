/*
 * fields.h - which header fields are what, for header protection (RFC 9788). Private to this room.
 */
#ifndef SURAT_SECURE_FIELDS_H
#define SURAT_SECURE_FIELDS_H

#include "mime/header.h"

/* Says what the body is: MIME-Version and Content-... (RFC 9788 1.4, "structural"). */
bool field_is_structural(struct span name);
/* Written by those who carry or keep a message, never by its author for its readers. */
bool field_is_trace(struct span name);
/* That, and what a list or a server may write as well as the author: what came outside counts (RFC 9788 7). */
bool field_is_transport(struct span name);
/* What people are shown, and act on: From, Subject, Reply-To... (RFC 9788 1.4, "user-facing"). */
bool field_is_shown(struct span name);
/* Our own record of what was protected: one that arrives is a lie. */
#define FIELD_RECORD "Surat-Protection"

/* Of a message that is to be protected: copied into what is signed and encrypted, and named in HP-Outer, all that its author wrote (RFC 9788 2.2, 5.2.1). */
bool field_is_composed(struct span name);
/* Believed when it comes from there: what is neither structural, nor transport, nor about the protection itself. */
bool field_is_protectable(struct span name);
/* About the protection: never taken over from a message. */
bool field_is_about(struct span name);

/* "Name: value" as it stands, folds in it, line ends LF. */
int field_copy(struct sink *out, const char *prefix, const struct header_field *f, struct err *e);
/* The same value but for folds and blanks? */
bool field_same(struct span a, struct span b);
/* A raw value on one line, trimmed, appended. */
void field_line(struct buf *b, struct span raw);

#endif
