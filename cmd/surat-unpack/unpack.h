/*
 * unpack.h - what the files of surat-unpack share: the files of an archive, and of the archives in it, read and looked at one after the other.
 *
 * Bytes are pulled: a file's through its archive's, and those through the archive's it lies in. Only what must be read at any place (zip, 7z, documents) is held in memory as a
 * whole, under one limit for all levels. What is found is said at once (say.c), so that a limit of the system, which ends us, takes nothing of it.
 */
#ifndef SURAT_CMD_UNPACK_H
#define SURAT_CMD_UNPACK_H

#include "cli/cli.h"
#include "inspect/behind.h"
#include "inspect/ole.h"
#include "inspect/result.h"

struct unpack_limits {
	int64_t bytes, entry_bytes, entries, depth, ratio, memory;
};
struct unpack {
	const struct unpack_limits *limits;
	struct inspect_result result;
	size_t said; /* of its findings */
	bool list;   /* entries are listed too */
	uint64_t packed, bytes, entries;
	uint64_t held; /* in memory, on all levels */
	bool over;     /* a limit that ends it all */
};

/* A file: its bytes from the start, its head looked at already. */
struct content {
	struct source source;
	struct source *in;
	struct unpack *u;
	const struct inspect_place *place;
	struct span name;
	unsigned depth;
	const struct inspect_bytes *random; /* where it can be read at any place, or NULL */
	const struct inspect_format *format;
	struct buf head;
	struct inspect_behind behind;
	size_t at;
	bool cut; /* more than is looked at: the rest is left */
};
/* content.c: looks at a file of that name and all in it. -1 only where nothing more can be read at all. */
int unpack_content(struct unpack *u, const struct inspect_place *place, struct span name,
    unsigned depth, struct source *in, const struct inspect_bytes *random, struct err *e);
/* Bytes came out: 0, or -1 with u->over where a limit is passed, which is then found at `place`. */
int unpack_count(struct unpack *u, const struct inspect_place *place, size_t n, struct err *e);
void unpack_limit(const struct inspect_place *place, enum inspect_rule rule, int64_t limit);
/* The same, and nothing more is read: -1. */
int unpack_over(struct unpack *u, const struct inspect_place *place, enum inspect_rule rule,
    int64_t limit, struct err *e);
/* All of a content in memory, at most as much as there is left. NULL: a finding says why. free it with unpack_drop. */
struct inspect_bytes_mem *unpack_hold(struct content *c, struct buf *to, struct err *e);
void unpack_drop(struct unpack *u, struct buf *held);

/* archive.c */
int unpack_archive(struct content *c, struct err *e);
/* documents.c */
int unpack_pdf(struct content *c, struct err *e);
int unpack_ole(struct content *c, struct err *e);

/* say.c: on standard output, one JSON object a line. */
int say_findings(struct unpack *u, struct err *e);
struct said_entry {
	struct span path;
	const char *type; /* "file", "folder", "link", "other" */
	int64_t size;     /* -1: not known */
	int64_t time_s;   /* -1 */
	bool encrypted;
	unsigned depth;
};
int say_entry(struct unpack *u, const struct said_entry *entry, struct err *e);
int say_done(struct unpack *u, struct err *e);

#endif
