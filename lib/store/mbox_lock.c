/*
 * Locking an mbox: the kernel's lock (fcntl) and PATH.lock, since half of the programs know only the one or the other. Both without
 * waiting, then again, so that no two programs can each hold one and wait for ever.
 */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "base/random.h"
#include "io/child.h"
#include "io/file.h"
#include "io/sys.h"
#include "store/mbox.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { WAIT_MS = 30000, POLL_MS = 50, STALE_S = 5 * 60 };

/* --- opening --- */

/* Somebody else's link in a folder that everybody may write to must not choose the file. */
static int check_link(const char *path, struct err *e)
{
	struct stat st;
	if (sys_fstatat(AT_FDCWD, path, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISLNK(st.st_mode))
		return 0;
	if (st.st_uid != geteuid() && st.st_uid != 0)
		return err_set(
		    e, EX_CANTCREAT, _("%s: a symbolic link that belongs to somebody else"), path);
	return 0;
}

static int check_file(int fd, const char *path, struct err *e)
{
	struct stat st;
	if (sys_fstat(fd, &st) < 0)
		return err_sys(e, EX_TEMPFAIL, "%s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(e, EX_CANTCREAT, _("%s: not a regular file"), path);
	if (st.st_nlink > 1 && st.st_uid != geteuid())
		return err_set(
		    e, EX_CANTCREAT, _("%s: a hard link that belongs to somebody else"), path);
	return 0;
}

/* *created tells whether it is new. */
static int open_file(const char *path, bool create, bool *created, struct err *e)
{
	if (check_link(path, e) < 0)
		return -1;
	*created = false;
	/* O_NONBLOCK: a FIFO in its place would keep us waiting for ever */
	int fd = sys_openat(AT_FDCWD, path, O_RDWR | O_NONBLOCK | O_NOCTTY, 0);
	if (fd < 0 && errno == ENOENT && create) {
		fd = sys_openat(AT_FDCWD, path, O_RDWR | O_NONBLOCK | O_CREAT | O_EXCL, 0600);
		*created = fd >= 0;
	}
	if (fd < 0)
		return err_sys(
		    e, errno == ENOENT && !create ? EX_NOINPUT : EX_TEMPFAIL, "%s", path);
	if (check_file(fd, path, e) < 0) {
		sys_close(fd);
		return -1;
	}
	return fd;
}

/* --- the dotlock --- */

/* The time of a new file beside it: the file server's, which is the one that dates locks (and --now does not move it). */
static int64_t server_time(const char *path)
{
	char salt[9];
	struct stat st;
	int64_t now = 0;
	random_name(salt, sizeof(salt) - 1);
	char *name = str_printf("%s.lock.%s", path, salt);
	int fd = sys_openat(AT_FDCWD, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
	if (fd >= 0) {
		now = sys_fstat(fd, &st) == 0 ? st.st_mtime : 0;
		sys_close(fd);
		sys_unlinkat(AT_FDCWD, name, 0);
	}
	free(name);
	return now;
}

/* Its holder is dead when it is five minutes old: ours never live that long. Two who break it at once are kept apart by the kernel's lock. */
static bool break_if_stale(const char *path, const char *lock)
{
	struct stat st;
	return sys_fstatat(AT_FDCWD, lock, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       server_time(path) - st.st_mtime > STALE_S && sys_unlinkat(AT_FDCWD, lock, 0) == 0;
}

static int create_lock(const char *name)
{
	return sys_openat(AT_FDCWD, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0644);
}

/* 1: we have it (or may have none: *lock NULL), 0: somebody else has. */
static int dotlock(const char *path, char **lock)
{
	char pid[32], *name = str_printf("%s.lock", path);
	int fd = create_lock(name);
	if (fd < 0 && errno == EEXIST && break_if_stale(path, name))
		fd = create_lock(name);
	if (fd < 0) {
		bool busy = errno == EEXIST;
		free(name);
		*lock = NULL;
		return !busy;
	}
	/* for people who wonder whose it is */
	(void)!sys_write(fd, pid, (size_t)snprintf(pid, sizeof(pid), "%ld\n", (long)getpid()));
	sys_close(fd);
	*lock = name;
	return 1;
}

/* --- both --- */

/* Is the file we locked still the one of that name? Programs that rewrite an mbox put a new file in its place. */
static bool still_there(int fd, const char *path)
{
	struct stat a, b;
	return sys_fstat(fd, &a) == 0 && sys_fstatat(AT_FDCWD, path, &b, 0) == 0 &&
	       a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

static void close_lock(struct mbox_lock *l)
{
	if (l->dot)
		sys_unlinkat(AT_FDCWD, l->dot, 0);
	free(l->dot);
	l->dot = NULL;
	if (l->fd >= 0)
		sys_close(l->fd);
	l->fd = -1;
}

/* 1 locked, 0 not now, -1. */
static int try_lock(struct mbox_lock *l, const char *path, bool create, struct err *e)
{
	bool created;
	l->fd = open_file(path, create, &created, e);
	l->dot = NULL;
	if (l->fd < 0)
		return -1;
	int r = file_lock(l->fd, true, false, e);
	if (r > 0)
		r = dotlock(path, &l->dot);
	if (r > 0)
		r = still_there(l->fd, path);
	l->created |= created;
	if (r <= 0)
		close_lock(l);
	return r < 0 ? err_prefix(e, "%s: ", path) : r;
}

/* Somebody else has it: a little later, unless it has been too long. */
static int wait_a_little(int64_t end, const char *path, struct err *e)
{
	if (clock_mono_ms() >= end)
		return err_set(e, EX_TEMPFAIL, _("%s: locked by another program"), path);
	sys_poll(NULL, 0, POLL_MS);
	return signals_stop() ? err_set(e, EX_TEMPFAIL, _("stopped by a signal")) : 0;
}

int mbox_lock(struct mbox_lock *l, const char *path, bool create, struct err *e)
{
	int64_t end = clock_mono_ms() + WAIT_MS;
	*l = (struct mbox_lock){.fd = -1};
	for (;;) {
		int r = try_lock(l, path, create, e);
		if (r)
			return r < 0 ? -1 : 0;
		if (wait_a_little(end, path, e) < 0)
			return -1;
	}
}

void mbox_unlock(struct mbox_lock *l)
{
	close_lock(l);
}

/* 1 locked, 0 not now, -1. */
static int try_read_lock(int *fd, const char *path, struct err *e)
{
	*fd = file_open(path, e);
	if (*fd < 0)
		return -1;
	int r = file_lock(*fd, false, false, e);
	if (r > 0)
		r = still_there(*fd, path);
	if (r <= 0)
		sys_close(*fd);
	return r < 0 ? err_prefix(e, "%s: ", path) : r;
}

int mbox_open_read(const char *path, struct err *e)
{
	int64_t end = clock_mono_ms() + WAIT_MS;
	int fd;
	for (;;) {
		int r = try_read_lock(&fd, path, e);
		if (r)
			return r < 0 ? -1 : fd;
		if (wait_a_little(end, path, e) < 0)
			return -1;
	}
}
