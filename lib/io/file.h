/*
 * file.h - files that are whole or not there, folders, locks.
 *
 * The order that survives a power failure: write, fsync the file, rename or link, fsync the folder, and only then say it is done.
 * Nothing here follows a symbolic link in the last component (O_NOFOLLOW) unless the name says so.
 */
#ifndef SURAT_IO_FILE_H
#define SURAT_IO_FILE_H

#include "base/buf.h"
#include "base/err.h"
#include "io/sink.h"

#include <sys/stat.h>

/* Opens a folder. -1: EX_NOINPUT. AT_FDCWD may be the base: then the path is a person's own and links are followed. */
int dir_open(int base, const char *path, struct err *e);
/* mkdir -p with this mode for what is missing (made durable). */
int dir_make(const char *path, mode_t mode, struct err *e);
/* fsync of a folder: the names in it are durable then. EX_IOERR. */
int dir_sync(int dirfd, const char *name_for_errors, struct err *e);

/* Opens for reading, O_NOFOLLOW, and only a regular file: EX_NOINPUT. file_open follows links (a person's own path). */
int file_open_strict(int dirfd, const char *name, struct err *e);
int file_open(const char *path, struct err *e);
/* The whole file (at most b->max, else EX_DATAERR). "-" is not special. */
int file_read(const char *path, struct buf *b, struct err *e);
/* n bytes, all of them, restarted. EX_IOERR; EX_CANTCREAT for ENOSPC and EDQUOT would be wrong: the file was there. */
int fd_write_all(int fd, struct span bytes, struct err *e);

/* A file in the making. Whatever happens before file_new_commit, nothing is at its final name. */
struct file_new {
	struct sink_fd out; /* write here: file_new.out.sink */
	int dirfd, fd;
	char tmp[64];
	bool made;
};
/* Creates a temporary name (".surat-XXXX.tmp") in the folder dirfd (not owned, must stay open). EX_CANTCREAT. */
int file_new_open(struct file_new *f, int dirfd, mode_t mode, struct err *e);
enum {
	FILE_REPLACE = 1,
	FILE_NO_SYNC = 2
}; /* without REPLACE an existing name is EX_CANTCREAT, e->sys EEXIST */
/* Flush, fsync, rename (without REPLACE an exclusive one, or link and unlink), fsync of the folder. On failure the temporary file is gone and an error says
 * which step. */
int file_new_commit(struct file_new *f, const char *name, int flags, struct err *e);
/* Removes it; does nothing after commit. */
void file_new_abort(struct file_new *f);
/* Many at once: each is finished (flushed, no longer in need of its buffer), then all are made durable together, which costs little more than one, then each gets
 * its name, then the folder is synced (dir_sync). On failure file_new_finish and file_done_name have removed the file; files_sync has not. */
struct file_done {
	int dirfd, fd; /* -1: closed */
	char tmp[64];
};
int file_new_finish(struct file_new *f, struct file_done *d, struct err *e);
/* fsyncs and closes them, several at a time in threads. EX_IOERR: then none counts as durable. */
int files_sync(struct file_done *v, size_t n, struct err *e);
/* Not durable before the folder is synced. */
int file_done_name(struct file_done *d, const char *name, int flags, struct err *e);
void file_done_abort(struct file_done *d);
/* tmp becomes name: as rename, with FILE_REPLACE, else EEXIST where it is. errno. */
int file_give_name(int dirfd, const char *tmp, const char *name, int flags);
/* All of the above for a small file. */
int file_write(const char *path, struct span bytes, mode_t mode, int flags, struct err *e);

/* Kernel locks that belong to the open file (OFD where there are any, else POSIX): a dead holder frees them. 1 locked, 0 somebody else
 * holds it (only when !wait), -1. */
int file_lock(int fd, bool exclusive, bool wait, struct err *e);
/* The same for one byte of it, which need not be there: so one file serves as many locks. */
int file_lock_byte(int fd, int64_t at, bool exclusive, bool wait, struct err *e);
int file_unlock(int fd, struct err *e);
void file_unlock_byte(int fd, int64_t at);

#endif
