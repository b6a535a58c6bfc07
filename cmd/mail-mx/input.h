/*
 * input.h - mail-mx: the names that are asked about.
 */
#ifndef SURAT_CMD_MAIL_MX_INPUT_H
#define SURAT_CMD_MAIL_MX_INPUT_H

#include "base/buf.h"
#include "base/err.h"
#include "base/strv.h"

struct names {
	struct strv operands;
	size_t next;
	bool reading; /* "-" is at work */
	bool eof;
	bool too_long; /* the rest of a line that was cut is dropped */
	struct buf in;
	size_t at;
};
/* Without operands standard input is read where it is a pipe or a file, or whatever it is with `wait`; else EX_USAGE. */
int names_init(struct names *n, const struct strv *given, bool wait, struct err *e);
void names_release(struct names *n);
/* The next name that is there without waiting. *line is good until the next call. */
bool names_next(struct names *n, bool keep_empty, struct span *line);
/* More may come from standard input. */
bool names_want_input(const struct names *n);
/* Reads once. EX_IOERR. */
int names_fill(struct names *n, struct err *e);

#endif
