/*
 * err.h - what went wrong, said once where it is known best.
 *
 * lib/ never prints, logs or exits. A function that can fail takes a last argument `struct err *e` and returns 0 or -1
 * (1/0/-1 for item/end/failure); on failure its out-parameters are untouched. Each layer adds, with err_prefix, only
 * what it alone knows, so that a person reads: who: where: what.
 *
 *	if (fd < 0)
 *		return err_sys(e, EX_NOINPUT, "%s", path);
 *	...
 *	if (smtp_client_rcpt(c, to, e) < 0)
 *		return err_prefix(e, "RCPT TO <%s>: ", to);
 *
 * The text is data until it is shown: whoever prints it makes it inert (codec/inert.h; cli_fail does).
 */
#ifndef SURAT_BASE_ERR_H
#define SURAT_BASE_ERR_H

#include <sysexits.h>

struct err {
	int code;          /* a sysexits value; 0: nothing went wrong */
	int smtp;          /* a three-digit reply code, or 0 */
	char enhanced[12]; /* RFC 3463 status such as "5.1.1", or "" */
	int sys;           /* errno behind it, or 0 */
	char text[512];    /* one line, no newline at its end */
};

#define ERR_INIT                                                                                   \
	{                                                                                          \
		0                                                                                  \
	}

/* Sets code and text (too long is cut with "..."), forgets what was there. Returns -1. e may be NULL. */
int err_set(struct err *e, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* Like err_set, with ": " and strerror(errno) behind it; keeps errno in sys. Returns -1. */
int err_sys(struct err *e, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* Puts text before what is there. Returns -1. */
int err_prefix(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Sets the reply code and the enhanced status ("" for none). Returns -1. */
int err_reply(struct err *e, int smtp, const char *enhanced);
void err_clear(struct err *e);
/* Copies all of from into e (either may be NULL). Returns -1. */
int err_copy(struct err *e, const struct err *from);
/* The compiler is told that the answer is always -1: it then sees that nothing goes on behind a failure, and what it says about values that were never set
 * is true. */
#define err_set(...) ERR_FAILED((err_set)(__VA_ARGS__))
#define err_sys(...) ERR_FAILED((err_sys)(__VA_ARGS__))
#define err_prefix(...) ERR_FAILED((err_prefix)(__VA_ARGS__))
#define err_reply(...) ERR_FAILED((err_reply)(__VA_ARGS__))
#define err_copy(...) ERR_FAILED((err_copy)(__VA_ARGS__))
#define ERR_FAILED(call)                                                                           \
	__extension__({                                                                            \
		call;                                                                              \
		-1;                                                                                \
	})
/* 1 when trying again later may help: EX_TEMPFAIL, EX_OSERR, EX_IOERR. */
int err_is_temporary(const struct err *e);

#endif
