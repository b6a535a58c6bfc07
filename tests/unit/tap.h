/*
 * tap.h - unit tests that speak TAP. A test program calls ok/is_* and ends with `return tap_done();`. What failed is in the lines; an
 * exit code other than 0 means a crash or a leak.
 */
#ifndef SURAT_TESTS_TAP_H
#define SURAT_TESTS_TAP_H

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int tap_count, tap_failed;

__attribute__((format(printf, 2, 3), unused)) static bool ok(bool good, const char *fmt, ...)
{
	va_list ap;
	printf("%sok %d - ", good ? "" : "not ", ++tap_count);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	tap_failed += !good;
	return good;
}

__attribute__((unused)) static bool is_int(long long got, long long want, const char *what)
{
	bool good = ok(got == want, "%s", what);
	if (!good)
		printf("#   got %lld, want %lld\n", got, want);
	return good;
}

__attribute__((unused)) static bool is_mem(
    const void *got, size_t got_len, const void *want, size_t want_len, const char *what)
{
	bool good = ok(
	    got_len == want_len && (got_len == 0 || memcmp(got, want, got_len) == 0), "%s", what);
	if (!good) {
		printf("#   got  %zu bytes: ", got_len);
		for (size_t i = 0; i < got_len && i < 400; i++) {
			unsigned char c = ((const unsigned char *)got)[i];
			printf(c >= 32 && c < 127 ? "%c" : "\\x%02x", c);
		}
		printf("\n#   want %zu bytes: ", want_len);
		for (size_t i = 0; i < want_len && i < 400; i++) {
			unsigned char c = ((const unsigned char *)want)[i];
			printf(c >= 32 && c < 127 ? "%c" : "\\x%02x", c);
		}
		putchar('\n');
	}
	return good;
}

__attribute__((unused)) static bool is_str(const char *got, const char *want, const char *what)
{
	if (!got || !want)
		return ok(got == want, "%s (%s)", what, got ? got : "NULL");
	return is_mem(got, strlen(got), want, strlen(want), what);
}

/* For a struct span. */
#define is_span(got, want, what) is_mem((got).ptr, (got).len, (want), strlen(want), (what))

__attribute__((unused)) static int tap_done(void)
{
	printf("1..%d\n", tap_count);
	return 0;
}

#endif
