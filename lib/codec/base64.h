/*
 * base64.h - base64 (RFC 2045 6.8, RFC 4648), whole and streamed. Speed matters here: it is what mail is made of.
 */
#ifndef SURAT_CODEC_BASE64_H
#define SURAT_CODEC_BASE64_H

#include "io/sink.h"

/* Appends the encoding of bytes, with padding, no line ends. */
void base64_encode(struct buf *out, struct span bytes);
/* The alphabet for URLs and no padding (RFC 4648 5). */
void base64url_encode(struct buf *out, struct span bytes);
/* Strict, for protocols: exact padding, no blanks. EX_DATAERR. */
int base64_decode(struct buf *out, struct span text, struct err *e);

/* A filter: bytes in, lines of 76 characters (each with LF) out. */
struct base64_encoder {
	struct sink sink;
	struct sink *next;
	size_t held; /* bytes of the line in the making */
	unsigned char hold[57];
};
void base64_encoder_init(struct base64_encoder *f, struct sink *next);

/* A tolerant decoder for mail: skips what is not of the alphabet, goes on after padding, and says what it met. */
struct base64_decoder {
	struct sink sink;
	struct sink *next;
	uint32_t bits;
	int have;
	bool padded;
	bool ends_at_padding; /* set it where what follows is not to be decoded */
	bool saw_junk, saw_data_after_padding, saw_truncated;
};
void base64_decoder_init(struct base64_decoder *f, struct sink *next);

#endif
