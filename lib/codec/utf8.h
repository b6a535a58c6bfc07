/*
 * utf8.h - UTF-8 (RFC 3629): checked, walked, repaired, measured.
 *
 * Overlong forms, surrogates and what lies beyond U+10FFFF are invalid; each invalid byte counts alone. Measuring and folding
 * come from libunistring and live in a file of their own: a program that only checks does not load it.
 *
 *	for (int32_t c; (c = utf8_next(&s)) != -2;)
 *		...
 */
#ifndef SURAT_CODEC_UTF8_H
#define SURAT_CODEC_UTF8_H

#include "base/buf.h"

#include <stdint.h>

bool utf8_valid(struct span s);
/* How many bytes at the start are whole, valid characters. */
size_t utf8_valid_len(struct span s);
bool is_ascii(struct span s);
/* Takes one code point off the front: its value; -1 for one invalid byte (taken); -2 at the end. */
int32_t utf8_next(struct span *s);
/* How many bytes at the end of s begin a character that is cut there (0 to 3): hold them back and put what comes next behind. */
size_t utf8_cut_tail(struct span s);
void utf8_put(struct buf *b, uint32_t code_point);
/* Appends s with each invalid byte as U+FFFD. */
void utf8_repair(struct buf *b, struct span s);
/* Columns on a terminal (wide characters 2, combining marks 0). */
int utf8_width(struct span s);
/* The longest prefix of at most `columns`, cut between characters. */
struct span utf8_cut(struct span s, int columns);
/* Case folding and NFC for comparing what people typed. */
void utf8_fold(struct buf *b, struct span s);

#endif
