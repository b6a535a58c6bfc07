/*
 * input.h - an archive on standard input, opened under limits: a file is read in place, a pipe goes through a spool, as some formats keep their list at the end.
 */
#ifndef SURAT_ARCHIVE_INPUT_H
#define SURAT_ARCHIVE_INPUT_H

#include "io/spool.h"

#include <archive.h>

struct list_limits {
	unsigned entries;
	unsigned long long bytes; /* of the archive, and of what is unpacked */
};
struct input {
	struct archive *a;
	const struct list_limits *limits;
	struct spool spool;
	int fd; /* the file read in place, or -1: the spool */
	uint64_t at, size, unpacked;
	unsigned entries;
	struct err *e; /* of the reading underneath */
	char bytes[65536];
};
/* EX_DATAERR: no archive, or larger than the limit. */
int input_open(struct input *in, const struct list_limits *limits, struct err *e);
void input_close(struct input *in);
/* 1: *entry; 0 the end; -1: EX_DATAERR damaged, or over a limit. */
int input_next(struct input *in, struct archive_entry **entry, struct err *e);
/* Up to n octets of the entry; 0 at its end. */
ssize_t input_read(struct input *in, char *p, size_t n, struct err *e);
/* "file", "folder", "link" (hard ones too), "other". */
const char *input_type(struct archive_entry *entry);
/* The entry's name, "" where it has none. */
const char *input_name(struct archive_entry *entry);

#endif
