/*
 * charset.h - any charset to UTF-8, through iconv, streamed; what cannot be converted becomes U+FFFD and is counted.
 */
#ifndef SURAT_CODEC_CHARSET_H
#define SURAT_CODEC_CHARSET_H

#include "io/sink.h"

#include <iconv.h>

/* As a person would say it: "ISO-2022-JP into text". A wrong or missing name never loses a message:
 *
 *	charset_filter_init(&f, &text.sink, span_of("windows-1252"));
 *	sink_put(&f.sink, bytes, e) ... sink_end(&f.sink, e);
 *	charset_filter_release(&f);
 */
enum { CHARSET_NAME = 64 };
struct charset_filter {
	struct sink sink;
	struct sink *next;
	int how;
	iconv_t cd;              /* (iconv_t)-1 where we do it ourselves */
	char name[CHARSET_NAME]; /* as iconv knows it */
	char hold[16];           /* the start of a character that was cut */
	size_t held;
	bool ascii;        /* an ASCII byte is one character, itself */
	bool unknown;      /* the charset is not known: ASCII passes, other bytes become U+FFFD */
	uint64_t replaced; /* how many bytes became U+FFFD */
};
/* name: as declared ("" or NULL: us-ascii, 8-bit tried as UTF-8 then windows-1252). Aliases and common misspellings are known. Never fails. */
void charset_filter_init(struct charset_filter *f, struct sink *next, struct span name);
void charset_filter_release(struct charset_filter *f);
/* Whole: appends UTF-8. Returns the number of replaced bytes. */
uint64_t charset_to_utf8(struct buf *out, struct span charset, struct span bytes);
/* Whether a charset of this name can be converted. */
bool charset_known(struct span charset);
/* The other way, strict: EX_DATAERR when a character is not in the charset. */
int charset_from_utf8(struct buf *out, struct span charset, struct span text, struct err *e);

#endif
