#include "base/alloc.h"
#include "base/intl.h"
#include "io/file.h"
#include "io/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

int dir_open(int base, const char *path, struct err *e)
{
	int follow = base == AT_FDCWD ? 0 : O_NOFOLLOW;
	int fd = sys_openat(base, path, O_RDONLY | O_DIRECTORY | follow, 0);
	return fd < 0 ? err_sys(e, EX_NOINPUT, "%s", path) : fd;
}

/* Some file systems (FUSE, CIFS) cannot sync a folder and say so with EINVAL: there is nothing more to do then. */
int dir_sync(int dirfd, const char *name, struct err *e)
{
	if (sys_fsync(dirfd) < 0 && errno != EINVAL)
		return err_sys(e, EX_IOERR, _("%s: cannot be made durable"), name);
	return 0;
}

static int sync_parent(const char *path, size_t slash, struct err *e)
{
	char *parent = slash ? mem_dup(path, slash) : str_dup(path[0] == '/' ? "/" : ".");
	int r = -1, fd = dir_open(AT_FDCWD, parent, e);
	if (fd >= 0) {
		r = dir_sync(fd, parent, e);
		sys_close(fd);
	}
	free(parent);
	return r;
}

/* One folder, whose parent is there. */
static int make_one(const char *path, mode_t mode, struct err *e)
{
	struct stat st;
	if (sys_mkdirat(AT_FDCWD, path, mode) == 0) {
		const char *slash = strrchr(path, '/');
		return sync_parent(path, slash ? (size_t)(slash - path) : 0, e);
	}
	int saved = errno;
	if (sys_fstatat(AT_FDCWD, path, &st, 0) == 0 && S_ISDIR(st.st_mode))
		return 0;
	errno = saved == EEXIST ? ENOTDIR : saved;
	return err_sys(e, EX_CANTCREAT, _("%s: cannot create the folder"), path);
}

int dir_make(const char *path, mode_t mode, struct err *e)
{
	char *p = str_dup(path);
	size_t len = strlen(p);
	while (len > 1 && p[len - 1] == '/')
		p[--len] = '\0';
	struct stat st;
	bool there = sys_fstatat(AT_FDCWD, p, &st, 0) == 0 && S_ISDIR(st.st_mode);
	int r = 0;
	for (size_t i = 1; i <= len && r == 0 && !there; i++) {
		if ((p[i] != '/' && p[i]) || p[i - 1] == '/')
			continue;
		char saved = p[i];
		p[i] = '\0';
		r = make_one(p, mode, e);
		p[i] = saved;
	}
	free(p);
	return r;
}
