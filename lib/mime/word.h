/*
 * word.h - encoded words (RFC 2047), read and written.
 */
#ifndef SURAT_MIME_WORD_H
#define SURAT_MIME_WORD_H

#include "base/buf.h"

/* Appends the value as people should see it: unfolded, encoded words decoded (adjacent ones joined before their charset is converted, so that a
 * split character survives), raw 8-bit taken as UTF-8, else windows-1252. Linear time. Always valid UTF-8. */
void word_decode(struct buf *out, struct span value);
/* A raw value of which the 8-bit bytes are UTF-8: itself, or, where it is none and its message declares a charset, converted (into tmp). */
struct span word_utf8(struct buf *tmp, struct span value, struct span charset);
/* Appends unstructured text as a header value: encoded words only where needed, cut at character borders, folded at 78 with *column
 * kept (the column where the text begins; start with the length of "Subject: "). Newlines in text become blanks, other controls are encoded. */
void word_encode(struct buf *out, size_t *column, struct span text, bool utf8_headers);
/* The same for a phrase (display name): quoted-string where that is enough. */
void word_encode_phrase(struct buf *out, size_t *column, struct span text, bool utf8_headers);

#endif
