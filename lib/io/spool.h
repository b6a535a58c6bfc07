/*
 * spool.h - a message that must be read more than once: the first 256 KiB in memory, the rest in an unlinked temporary file.
 *
 *	struct spool sp;
 *	spool_init(&sp);
 *	sink_pump(&sp.sink, &in.source, e);
 *	struct source_spool src;
 *	source_spool_init(&src, &sp);		// from the start, as often as wanted
 *	spool_release(&sp);
 *
 * The file lies in $TMPDIR or /tmp, mode 0600, and has no name. EX_IOERR or EX_CANTCREAT when it cannot be written.
 */
#ifndef SURAT_IO_SPOOL_H
#define SURAT_IO_SPOOL_H

#include "io/sink.h"

struct spool {
	struct sink sink;       /* writing appends */
	struct buf head, tail;  /* the first bytes; the last ones, not in the file yet */
	int fd;                 /* -1: there is no file */
	uint64_t size, written; /* of all; of those in the file */
};
struct source_spool {
	struct source source;
	const struct spool *spool;
	uint64_t at, end;
};
void spool_init(struct spool *sp);
void spool_release(struct spool *sp);
/* Forgets what is in it. */
int spool_reset(struct spool *sp, struct err *e);
ssize_t spool_pread(const struct spool *sp, char *p, size_t n, uint64_t at, struct err *e);
void source_spool_init(struct source_spool *s, const struct spool *sp);
void source_spool_range(
    struct source_spool *s, const struct spool *sp, uint64_t from, uint64_t len);

#endif
