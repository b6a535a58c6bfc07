/*
 * create.h - archives of folders, the same bytes for the same content: order, owners, modes and times do not depend on the machine.
 */
#ifndef SURAT_ARCHIVE_CREATE_H
#define SURAT_ARCHIVE_CREATE_H

#include "base/err.h"
#include "base/strv.h"

#include <stdint.h>

/* zip, tar.gz, tar.xz, tar.zst, 7z; NULL-terminated. */
extern const char *const create_formats[];
/* On standard output. time_s: of all entries; negative: each file's own. */
int create(const struct strv *paths, int format, int64_t time_s, struct err *e);
/* Can all of it be read? */
int create_check(const struct strv *paths, struct err *e);

#endif
