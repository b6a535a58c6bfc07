/*
 * charset_iconv.h - converters to UTF-8, kept open for the next text in that charset. Private to this room.
 *
 * glibc loads a shared object for each charset and drops it when its last converter closes: for a folder of short texts in several
 * charsets that took most of the time.
 */
#ifndef SURAT_CODEC_CHARSET_ICONV_H
#define SURAT_CODEC_CHARSET_ICONV_H

#include "codec/charset.h"

/* In its initial state; (iconv_t)-1 where iconv does not know the charset. */
iconv_t charset_iconv_take(const char *name);
/* Gives it back: it is kept, or closed. */
void charset_iconv_give(const char *name, iconv_t cd);

#endif
