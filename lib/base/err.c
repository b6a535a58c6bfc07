#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#undef err_set
#undef err_sys
#undef err_prefix
#undef err_reply
#undef err_copy

/* A text that does not fit ends in dots, so that nobody takes the part for the whole. */
__attribute__((format(printf, 3, 0))) static void fill(
    char *text, size_t size, const char *fmt, va_list ap)
{
	int n = vsnprintf(text, size, fmt, ap);
	if (n < 0)
		text[0] = '\0';
	else if ((size_t)n >= size)
		memcpy(text + size - 4, "...", 4);
}

int err_set(struct err *e, int code, const char *fmt, ...)
{
	if (!e)
		return -1;
	char text[sizeof(e->text)]; /* an argument may point into e->text */
	va_list ap;
	va_start(ap, fmt);
	fill(text, sizeof(text), fmt, ap);
	va_end(ap);
	memset(e, 0, sizeof(*e));
	e->code = code;
	memcpy(e->text, text, sizeof(text));
	return -1;
}

int err_sys(struct err *e, int code, const char *fmt, ...)
{
	int sys = errno;
	if (!e)
		return -1;
	char what[sizeof(e->text)];
	va_list ap;
	va_start(ap, fmt);
	fill(what, sizeof(what), fmt, ap);
	va_end(ap);
	err_set(e, code, "%s: %s", what, strerror(sys));
	e->sys = sys;
	return -1;
}

int err_prefix(struct err *e, const char *fmt, ...)
{
	if (!e)
		return -1;
	char text[sizeof(e->text)], old[sizeof(e->text)];
	memcpy(old, e->text, sizeof(old));
	va_list ap;
	va_start(ap, fmt);
	fill(text, sizeof(text), fmt, ap);
	va_end(ap);
	size_t n = strlen(text), room = sizeof(e->text) - n;
	memcpy(e->text, text, n + 1);
	if ((size_t)snprintf(e->text + n, room, "%s", old) >= room)
		memcpy(e->text + sizeof(e->text) - 4, "...", 4);
	return -1;
}

int err_reply(struct err *e, int smtp, const char *enhanced)
{
	if (!e)
		return -1;
	e->smtp = smtp;
	snprintf(e->enhanced, sizeof(e->enhanced), "%s", enhanced);
	return -1;
}

void err_clear(struct err *e)
{
	if (e)
		memset(e, 0, sizeof(*e));
}

int err_copy(struct err *e, const struct err *from)
{
	if (e && from && e != from)
		*e = *from;
	return -1;
}

int err_is_temporary(const struct err *e)
{
	return e->code == EX_TEMPFAIL || e->code == EX_OSERR || e->code == EX_IOERR;
}
