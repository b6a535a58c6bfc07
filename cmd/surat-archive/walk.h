/*
 * walk.h - a folder and all that is in it, in the order of the names' bytes, links not followed (but the one a person names).
 */
#ifndef SURAT_ARCHIVE_WALK_H
#define SURAT_ARCHIVE_WALK_H

#include "base/err.h"

#include <sys/stat.h>

/* name: below the folder's own name, "photos/a.jpg". The file is base in the open folder dirfd. */
typedef int walk_visit(
    void *ctx, const char *name, int dirfd, const char *base, const struct stat *st, struct err *e);
/* Files, folders and symbolic links; sockets, pipes and devices are passed over. EX_NOINPUT for what cannot be read. */
int walk(const char *path, walk_visit *visit, void *ctx, struct err *e);

#endif
