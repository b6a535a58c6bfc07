/*
 * extract_file.h - one part, decoded into a file of its own: a name that is free in that folder, and never anything that is there already.
 */
#ifndef MAIL_READ_EXTRACT_FILE_H
#define MAIL_READ_EXTRACT_FILE_H

#include "mime/decode.h"
#include "read.h"

enum { NUMBERS_KNOWN = 1024 };
/* Where the files go. */
struct extract_target {
	const char *dir;
	int fd;          /* of the folder; -1: to standard output */
	struct out *out; /* standard output */
	/* which number a name has come to: ten thousand parts of one name are not tried from 1 each */
	struct {
		uint64_t hash;
		unsigned next;
	} known[NUMBERS_KNOWN];
};
/* One part on its way. */
struct extract_file {
	struct mime_part *part; /* NULL: none is open */
	struct mime_decoder decoder;
	uint64_t bytes;  /* decoded */
	struct buf name; /* of the file, in the folder */
	/* its own */
	struct extract_target *target;
	struct sink count;
	struct sink_fd file;
	int fd;
	bool write_failed;
};
/* EX_CANTCREAT. */
int extract_file_open(
    struct extract_file *f, struct extract_target *t, struct mime_part *part, struct err *e);
/* Encoded bytes; OUT_FAILED or -1. */
int extract_file_put(struct extract_file *f, struct span bytes, struct err *e);
/* All is there: closes. On failure the file is gone. The name stays until extract_file_release. */
int extract_file_close(struct extract_file *f, struct err *e);
/* Whatever was not closed goes. */
void extract_file_release(struct extract_file *f);

#endif
