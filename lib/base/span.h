/*
 * span.h - a view of bytes that somebody else owns; never relies on a NUL.
 *
 *	struct span line = SPAN("Subject: hi"), name;
 *	if (span_cut(&line, ':', &name))	// name = "Subject", line = " hi"
 *		value = span_trim(line);
 *
 * Case-insensitive means ASCII only, and never asks the locale.
 */
#ifndef SURAT_BASE_SPAN_H
#define SURAT_BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct span {
	const char *ptr;
	size_t len;
};

#define SPAN(literal) ((struct span){"" literal "", sizeof(literal) - 1})
/* For printf("%.*s", SPAN_ARG(s)). */
#define SPAN_ARG(s) (int)(s).len, (s).ptr

static inline struct span span_of(const char *s)
{
	return (struct span){s, s ? strlen(s) : 0};
}

static inline struct span span_make(const char *p, size_t len)
{
	return (struct span){p, len};
}

static inline bool is_wsp(char c)
{
	return c == ' ' || c == '\t';
}
static inline bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}
static inline bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}
static inline bool is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
static inline char to_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}
static inline char to_upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
}
/* 0..15, or -1. */
int hex_value(char c);

bool span_eq(struct span a, struct span b);
bool span_eq_nocase(struct span a, struct span b);
bool span_is(struct span a, const char *s);
bool span_is_nocase(struct span a, const char *s);
bool span_starts(struct span a, const char *prefix);
bool span_starts_nocase(struct span a, const char *prefix);
bool span_ends_nocase(struct span a, const char *suffix);
/* <0, 0, >0 as memcmp, the shorter first. */
int span_cmp(struct span a, struct span b);
/* Index of the first c, or -1. */
ptrdiff_t span_index(struct span a, char c);
/* Index of the first occurrence of needle (or nocase), or -1. */
ptrdiff_t span_find(struct span a, struct span needle);
ptrdiff_t span_find_nocase(struct span a, struct span needle);
/* Drops n bytes in front (at most all). */
struct span span_skip(struct span a, size_t n);
/* The first n bytes (at most all). */
struct span span_take(struct span a, size_t n);
/* Without blanks, tabs and line ends at both ends. */
struct span span_trim(struct span a);
/* Without one CRLF or LF at the end. */
struct span span_chomp(struct span a);
/* Takes what is before the first c off *rest into *head, c dropped. False, all in *head and *rest empty, without c. */
bool span_cut(struct span *rest, char c, struct span *head);
/* The next word (not blank or tab) of *rest; false when there is none. */
bool span_word(struct span *rest, struct span *word);
/* The next line of *rest, without its LF or CRLF; false at the end. */
bool span_line(struct span *rest, struct span *line);
/* Decimal digits only, all of them, no overflow past max: true and *out, else false. */
bool span_to_u64(struct span a, uint64_t max, uint64_t *out);
/* malloc'ed, with a NUL behind it. */
char *span_dup(struct span a);

#endif
