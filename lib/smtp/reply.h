/*
 * reply.h - SMTP replies (RFC 5321 4.2): read with suspicion, written within the rules.
 *
 *	struct smtp_reply r = SMTP_REPLY_INIT;
 *	stream_timeout(&stream, 60000);
 *	if (smtp_reply_read(&r, &stream, e) < 0) ...
 *	if (r.code / 100 != 2)
 *		return smtp_reply_err(&r, e);	// "550 5.1.1 no such user", EX_NOUSER
 *	smtp_reply_release(&r);
 *
 * A reply is data: at most 512 lines of 16 KiB and 64 KiB together, no NUL, one code for all lines, 2xx to 5xx; anything else is EX_PROTOCOL.
 * Bare LF line ends are accepted, as some servers write them. Text is inert when it leaves this room.
 */
#ifndef SURAT_SMTP_REPLY_H
#define SURAT_SMTP_REPLY_H

#include "base/buf.h"
#include "base/err.h"
#include "io/stream.h"

enum {
	SMTP_REPLY_LINE = 16 << 10, /* RFC 4954 4 lets a challenge be 12288 octets long */
	SMTP_REPLY_BYTES = 64 << 10,
	SMTP_REPLY_LINES = 512,
	SMTP_ENHANCED_SIZE = 12, /* "5.123.123" and its NUL */
};

struct smtp_reply {
	int code;                          /* 0: no line was seen yet */
	char enhanced[SMTP_ENHANCED_SIZE]; /* RFC 3463, of the first line that has one; or "" */
	struct buf text; /* each line without its code and status, LF between them; as it came */
	unsigned lines;
};
#define SMTP_REPLY_INIT                                                                            \
	{                                                                                          \
		.text = BUF_INIT(SMTP_REPLY_BYTES)                                                 \
	}
void smtp_reply_init(struct smtp_reply *r);
void smtp_reply_reset(struct smtp_reply *r);
void smtp_reply_release(struct smtp_reply *r);
/* Takes one line without its line end: 1 it was the last, 0 more follow, -1. */
int smtp_reply_line(struct smtp_reply *r, struct span line, struct err *e);
/* Flushes the stream and reads one whole reply within the stream's deadline: 0. EX_TEMPFAIL where the connection ends first. */
int smtp_reply_read(struct smtp_reply *r, struct stream *s, struct err *e);
/* The same, but nothing is flushed while a reply is there already: what was written meanwhile goes out with what is written next. */
int smtp_reply_next(struct smtp_reply *r, struct stream *s, struct err *e);

/* The words alone, in one line, inert. */
void smtp_reply_words(const struct smtp_reply *r, struct buf *out);
/* What a reply code means to a script: 0 for 2xx and 3xx, EX_TEMPFAIL for 4xx; for 5xx EX_NOUSER (x.1.1), EX_NOHOST (x.1.2) or EX_UNAVAILABLE. */
int smtp_reply_exit(int code, const char *enhanced);
/* Makes an error of it: "550 5.1.1 no such user", with smtp and enhanced set. A 2xx or 3xx here is one that was not expected: EX_PROTOCOL.
 * Returns -1. */
int smtp_reply_err(const struct smtp_reply *r, struct err *e);

/* "5.1.1" at the start of *text with a class that fits the code (RFC 2034 4): taken off with its blanks. */
bool smtp_enhanced_cut(struct span *text, int code, char out[SMTP_ENHANCED_SIZE]);

/* The server's side: appends a reply, each line with code and status (NULL or "": none), text's lines (LF) become lines of at most
 * 512 octets; what is neither printable ASCII nor UTF-8 becomes "?". */
void smtp_reply_write(struct buf *out, int code, const char *enhanced, struct span text);

#endif
