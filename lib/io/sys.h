/*
 * sys.h - the seam: every system call that can fail and matters goes through here.
 *
 * Each sys_X is X, restarted on EINTR (except sys_poll, sys_connect and sys_lock). Built with --enable-faults, $SURAT_FAULT makes chosen calls fail:
 *
 *	SURAT_FAULT='fsync:1:EIO'		the first fsync fails with EIO
 *	SURAT_FAULT='write:3+:ENOSPC'		the third and every later write
 *	SURAT_FAULT='rename:2:KILL'		the process kills itself instead of the second rename
 *	SURAT_FAULT='any:17:EIO'		the 17th call of any kind
 *
 * The names are those of the calls without "at": open close read pread write sendfile pwrite fsync fdatasync ftruncate rename link unlink mkdir
 * fstat stat lock poll socket connect accept. A unit test sets the same with sys_fault_set(), in every build. sys_fault_count() tells how many
 * calls of the named kind there were since (without a fault: all calls), so that a test can walk k from 1 to the end.
 */
#ifndef SURAT_IO_SYS_H
#define SURAT_IO_SYS_H

#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>

int sys_openat(int dirfd, const char *path, int flags, mode_t mode); /* always adds O_CLOEXEC */
int sys_close(int fd);                                               /* EINTR counts as closed */
ssize_t sys_read(int fd, void *p, size_t n);
ssize_t sys_pread(int fd, void *p, size_t n, off_t off);
ssize_t sys_write(int fd, const void *p, size_t n);
ssize_t sys_sendfile(int to, int from, off_t *offset, size_t n);
ssize_t sys_pwrite(int fd, const void *p, size_t n, off_t off);
int sys_fsync(int fd);
int sys_fdatasync(int fd);
int sys_ftruncate(int fd, off_t len);
int sys_renameat(int fromdir, const char *from, int todir, const char *to);
int sys_rename_new(int fromdir, const char *from, int todir,
    const char *to); /* EEXIST where `to` is; EINVAL where the file system cannot */
int sys_linkat(int fromdir, const char *from, int todir, const char *to);
int sys_unlinkat(int dirfd, const char *name, int flags);
int sys_mkdirat(int dirfd, const char *name, mode_t mode);
int sys_fstat(int fd, struct stat *st);
int sys_fstatat(int dirfd, const char *name, struct stat *st, int flags);
int sys_lock(int fd, int command, struct flock *lock); /* fcntl; not restarted */
int sys_poll(struct pollfd *p, nfds_t n, int timeout_ms);
int sys_socket(int domain, int type, int protocol); /* always SOCK_CLOEXEC | SOCK_NONBLOCK */
int sys_connect(int fd, const struct sockaddr *sa, socklen_t len);
int sys_accept(int fd, struct sockaddr *sa, socklen_t *len); /* CLOEXEC | NONBLOCK */

void sys_fault_set(const char *spec); /* NULL: none; counts start again */
unsigned long sys_fault_count(void);

#endif
