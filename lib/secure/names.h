/*
 * names.h - what lies in a folder. Private to this room.
 */
#ifndef SURAT_SECURE_NAMES_H
#define SURAT_SECURE_NAMES_H

#include "base/err.h"
#include "base/strv.h"

/* Appends the names in a folder (not those that begin with a dot), sorted; at most 100,000. fd stays the caller's. EX_IOERR. */
int folder_names(int fd, struct strv *out, struct err *e);

#endif
