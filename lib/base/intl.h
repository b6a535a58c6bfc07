/*
 * intl.h - text meant for people passes through _(), ready for a message catalogue. Option names, JSON keys, protocol and
 * configuration words are not text.
 */
#ifndef SURAT_BASE_INTL_H
#define SURAT_BASE_INTL_H

#define _(text) (text)
#define N_(text) text

#endif
