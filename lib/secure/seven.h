/*
 * seven.h - an entity that no transport has a reason to change (RFC 8551 3.1.3, RFC 3156 3): what is to be signed in the clear. Private to this room.
 *
 * Leaves with bytes over 127, NULs, stray CRs, lines over 998, blanks at a line's end or "From " at its beginning become quoted-printable or base64; the
 * 8bit and binary of what they are in goes. All else stays byte for byte. Header fields with UTF-8 (RFC 6532) stay as they are: such mail only goes where
 * that is understood.
 */
#ifndef SURAT_SECURE_SEVEN_H
#define SURAT_SECURE_SEVEN_H

#include "io/spool.h"

/* in: an entity with LF lines. 0: it is safe as it stands, nothing is written; 1: what is appended to out is. EX_DATAERR where a part's header is broken and its body needs encoding. */
int seven_make(const struct spool *in, struct sink *out, struct err *e);

#endif
