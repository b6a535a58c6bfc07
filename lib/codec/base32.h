/*
 * base32.h - base32 (RFC 4648 6), as shared secrets are written for people to type.
 */
#ifndef SURAT_CODEC_BASE32_H
#define SURAT_CODEC_BASE32_H

#include "base/buf.h"
#include "base/err.h"

/* Appends what the text stands for. Either case, blanks and "-" between groups, and missing padding are fine: that is how it is shown to people. A character
 * of another alphabet, or bits behind the last byte that are not zero: EX_DATAERR. */
int base32_decode(struct buf *out, struct span text, struct err *e);

#endif
