/*
 * alloc.h - memory that is never NULL.
 *
 * Programs here are short: running out of memory ends the process with EX_OSERR (71) and one line. Hostile size is
 * another matter and must be bounded before it comes here (see buf.h). BUG() ends with EX_SOFTWARE (70).
 *
 *	char *copy = mem_dup(line.ptr, line.len);	// NUL added behind the bytes
 */
#ifndef SURAT_BASE_ALLOC_H
#define SURAT_BASE_ALLOC_H

#include <stddef.h>

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* n bytes, zeroed; n * size is checked for overflow. Freed with free(). */
void *mem_new(size_t n, size_t size) __attribute__((malloc, returns_nonnull));
/* Like realloc, for n elements of size bytes. */
void *mem_resize(void *p, size_t n, size_t size) __attribute__((returns_nonnull));
/* A copy of len bytes with a NUL behind them. */
char *mem_dup(const void *p, size_t len) __attribute__((malloc, returns_nonnull));
char *str_dup(const char *s) __attribute__((malloc, returns_nonnull));
char *str_printf(const char *fmt, ...)
    __attribute__((format(printf, 1, 2), malloc, returns_nonnull));
/* Overwrites a secret in a way the compiler keeps. */
void mem_wipe(void *p, size_t len);
/* Wipes and frees a secret string; NULL is fine. */
void str_wipe_free(char *s);

void bug_at(const char *file, int line, const char *what) __attribute__((noreturn));
#define BUG(what) bug_at(__FILE__, __LINE__, what)
#define ENSURE(cond)                                                                               \
	do {                                                                                       \
		if (!(cond))                                                                       \
			BUG(#cond);                                                                \
	} while (0)

#endif
