/*
 * list.h - what is in an archive that came from outside: names and sizes, one JSON object an entry, nothing unpacked to disk.
 *
 * libarchive reads it under limits: so many entries, so many bytes unpacked, so much processor time (it hangs on some damaged files), so that
 * whoever started this gets an answer or a dead child, and never more memory than that.
 */
#ifndef SURAT_ARCHIVE_LIST_H
#define SURAT_ARCHIVE_LIST_H

#include "base/err.h"

struct list_limits;
/* From standard input. EX_DATAERR: no archive, damaged, encrypted names, or over a limit: what was listed before stands. */
int list(const struct list_limits *limits, struct err *e);
/* The same, and behind the object of each file its octets, as many as "size" says; whoever reads them decides where they go. An entry whose size is not known in
 * advance, or that is encrypted, is damage. */
int unpack(const struct list_limits *limits, struct err *e);

#endif
