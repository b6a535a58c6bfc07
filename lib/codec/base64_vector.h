/*
 * base64_vector.h - whole lines of 76 characters at a time, where the processor has vectors (AVX2); base64.c does the rest, and all of it elsewhere. Private to this
 * room.
 */
#ifndef SURAT_CODEC_BASE64_VECTOR_H
#define SURAT_CODEC_BASE64_VECTOR_H

#include <stdbool.h>
#include <stddef.h>

enum {
	BASE64_LINE_BYTES = 57,
	BASE64_LINE_TEXT = 77, /* with its LF */
	BASE64_SLACK = 32      /* bytes behind the output that may be written */
};
/* Whether the two below do anything here. */
bool base64_has_vectors(void);
/* Encodes whole lines of p (n bytes, at most `lines` of them): how many. `to` has room for these and BASE64_SLACK more. */
size_t base64_encode_lines(char *to, const unsigned char *p, size_t n, size_t lines);
/* Decodes lines of exactly 76 characters of the alphabet and an LF or CRLF from the start of p on: how many, at most `lines`. *used: characters taken. */
size_t base64_decode_lines(char *to, const unsigned char *p, size_t n, size_t lines, size_t *used);

#endif
