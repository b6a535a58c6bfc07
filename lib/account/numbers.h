/*
 * numbers.h - what the numbers of a list stand for, kept for each terminal session: `mail-read list`, then `mail-read show 3`.
 *
 * A file of names, one a line, below the state folder; its own name holds the session, when that began and this start of the machine, so that numbers
 * never mean the messages of somebody else's list. Written only when a list was shown on a terminal. Files a month old go.
 */
#ifndef SURAT_ACCOUNT_NUMBERS_H
#define SURAT_ACCOUNT_NUMBERS_H

#include "base/err.h"
#include "base/strv.h"

/* Names in the order of their numbers, from 1; relative paths are made absolute. */
int account_numbers_keep(const struct strv *names, struct err *e);
/* All of this session's last list. EX_USAGE: there is none. */
int account_numbers_get(struct strv *names, struct err *e);

#endif
