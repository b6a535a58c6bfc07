/*
 * file.h - what is attached: files, pictures an HTML text shows, folders as archives. Opened at once, read when the message is written.
 *
 *	report.pdf    report.pdf;type=application/pdf;name=Report.pdf    logo.png;cid=logo    photos;format=zip
 *
 * A name with a semicolon in it is taken whole when there is such a file. A program writes a unit separator (0x1f) instead of the semicolons, and
 * nothing is guessed.
 */
#ifndef SURAT_COMPOSE_FILE_H
#define SURAT_COMPOSE_FILE_H

#include "compose/draft.h"
#include "io/child.h"

enum file_use { FILE_ATTACH, FILE_INLINE, FILE_ARCHIVE };
struct compose_file {
	struct source source; /* read once; first, so that it is found again */
	struct compose_file *next;
	enum file_use use;
	const char *path, *type, *name, *cid, *format;
	int fd;
	struct source_fd in;
	uint64_t left; /* of a regular file: what was there when it was opened */
	bool regular;
	struct buf head; /* bytes that were read to see what it is */
	size_t head_taken;
	struct child child;
	bool is_child;
	bool spooled; /* read before: small texts, messages */
	struct spool spool;
};
/* EX_NOINPUT when it cannot be read, EX_USAGE for an option that is none. "-" is standard input. */
int file_add(struct draft *d, enum file_use use, const char *spec, struct err *e);
/* A part of another message: its decoded bytes, taken over. */
void file_add_spool(struct draft *d, enum file_use use, const char *type, struct span name,
    struct span cid, struct spool *bytes);
void file_release(struct compose_file *f);
/* Reads small texts, starts archives: what can fail has failed then. time_s: of what is in an archive. */
int file_settle(struct draft *d, struct compose_file *f, int64_t time_s, struct err *e);
void file_build(struct build *b, struct build_part *parent, struct compose_file *f);
/* What a name and first bytes say of the content: never NULL. */
const char *file_type(struct span name, struct span head);

#endif
