#include "base/alloc.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

static void out_of_memory(void) __attribute__((noreturn));

static void out_of_memory(void)
{
	fputs("out of memory\n", stderr);
	_exit(EX_OSERR);
}

void *mem_new(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size ? size : 1);
	if (!p)
		out_of_memory();
	return p;
}

void *mem_resize(void *p, size_t n, size_t size)
{
	size_t total;
	if (__builtin_mul_overflow(n, size, &total) || total > PTRDIFF_MAX)
		out_of_memory();
	p = realloc(p, total ? total : 1);
	if (!p)
		out_of_memory();
	return p;
}

char *mem_dup(const void *p, size_t len)
{
	char *copy = mem_resize(NULL, len + 1, 1);
	if (len)
		memcpy(copy, p, len);
	copy[len] = '\0';
	return copy;
}

char *str_dup(const char *s)
{
	return mem_dup(s, strlen(s));
}

char *str_printf(const char *fmt, ...)
{
	va_list ap;
	char *s = NULL;
	va_start(ap, fmt);
	int n = vasprintf(&s, fmt, ap);
	va_end(ap);
	if (n < 0 || !s)
		out_of_memory();
	return s;
}

void mem_wipe(void *p, size_t len)
{
	if (!p)
		return;
#ifdef HAVE_EXPLICIT_BZERO
	explicit_bzero(p, len);
#else
	volatile unsigned char *v = p;
	while (len--)
		*v++ = 0;
#endif
}

void str_wipe_free(char *s)
{
	if (s)
		mem_wipe(s, strlen(s));
	free(s);
}

void bug_at(const char *file, int line, const char *what)
{
	fprintf(stderr, "bug at %s:%d: %s\n", file, line, what);
#ifdef FUZZING
	abort(); /* so that libFuzzer keeps the input */
#endif
	_exit(EX_SOFTWARE);
}
