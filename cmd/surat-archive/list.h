/*
 * list.h - what is in an archive that came from outside: names and sizes, one JSON object an entry, nothing unpacked to disk.
 *
 * libarchive reads it under limits: so many entries, so many bytes unpacked, so much processor time (it hangs on some damaged files), so that
 * whoever started this gets an answer or a dead child, and never more memory than that.
 */
#ifndef SURAT_ARCHIVE_LIST_H
#define SURAT_ARCHIVE_LIST_H

#include "base/err.h"

struct list_limits {
	unsigned entries;
	unsigned long long bytes; /* of the archive, and of what is unpacked to get at the names */
};
/* From standard input. EX_DATAERR: no archive, damaged, encrypted names, or over a limit: what was listed before stands. */
int list(const struct list_limits *limits, struct err *e);

#endif
