/*
 * idna.h - internationalised domain names (RFC 5890 to 5895, UTS 46 non-transitional) through libidn2.
 */
#ifndef SURAT_CODEC_IDNA_H
#define SURAT_CODEC_IDNA_H

#include "base/buf.h"
#include "base/err.h"

/* Any domain, UTF-8 or ASCII, to lower-case A-labels, a final dot dropped. EX_DATAERR when it is none. */
int idna_to_ascii(struct buf *out, struct span domain, struct err *e);
/* For people: A-labels to UTF-8; what cannot be converted stays as it is. */
void idna_to_unicode(struct buf *out, struct span domain);

#endif
