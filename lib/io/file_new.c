#include "base/alloc.h"
#include "base/intl.h"
#include "base/random.h"
#include "io/file.h"
#include "io/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int file_new_open(struct file_new *f, int dirfd, mode_t mode, struct err *e)
{
	char name[sizeof(f->tmp)], random[17];
	int fd = -1;
	for (int tries = 0; fd < 0 && tries < 16; tries++) {
		random_name(random, sizeof(random) - 1);
		snprintf(name, sizeof(name), ".surat-%s.tmp", random);
		fd = sys_openat(dirfd, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
		if (fd < 0 && errno != EEXIST)
			break;
	}
	if (fd < 0)
		return err_sys(e, EX_CANTCREAT, _("cannot create a file"));
	sink_fd_init(&f->out, fd);
	f->dirfd = dirfd;
	f->fd = fd;
	memcpy(f->tmp, name, sizeof(name));
	f->made = true;
	return 0;
}

void file_new_abort(struct file_new *f)
{
	if (!f->made)
		return;
	f->made = false;
	if (f->fd >= 0)
		sys_close(f->fd);
	f->fd = -1;
	sys_unlinkat(f->dirfd, f->tmp, 0);
}

/* File systems without an exclusive rename (NFS) have link. */
static int link_and_unlink(int dirfd, const char *tmp, const char *name)
{
	if (sys_linkat(dirfd, tmp, dirfd, name) < 0)
		return -1;
	if (sys_unlinkat(dirfd, tmp, 0) == 0)
		return 0;
	int saved = errno;
	sys_unlinkat(dirfd, name, 0); /* a file with two names would not be taken for a sound one */
	errno = saved;
	return -1;
}

int file_give_name(int dirfd, const char *tmp, const char *name, int flags)
{
	if (flags & FILE_REPLACE)
		return sys_renameat(dirfd, tmp, dirfd, name);
	if (sys_rename_new(dirfd, tmp, dirfd, name) == 0)
		return 0;
	return errno == EINVAL || errno == ENOSYS ? link_and_unlink(dirfd, tmp, name) : -1;
}

/* Some errors are told at close only (NFS, quotas). */
static int finish_bytes(struct file_new *f, int flags, struct err *e)
{
	if (sink_end(&f->out.sink, e) < 0)
		return -1;
	if (!(flags & FILE_NO_SYNC) && sys_fsync(f->fd) < 0)
		return err_sys(e, EX_IOERR, _("cannot be made durable"));
	int fd = f->fd;
	f->fd = -1;
	return sys_close(fd) < 0 ? err_sys(e, EX_IOERR, _("cannot write")) : 0;
}

int file_new_commit(struct file_new *f, const char *name, int flags, struct err *e)
{
	int r = finish_bytes(f, flags, e);
	if (r == 0 && file_give_name(f->dirfd, f->tmp, name, flags) < 0)
		r = err_sys(e, EX_CANTCREAT, _("cannot get its name"));
	if (r < 0) {
		file_new_abort(f);
		return err_prefix(e, "%s: ", name);
	}
	f->made = false;
	return flags & FILE_NO_SYNC ? 0 : dir_sync(f->dirfd, name, e);
}

static int write_in(
    int dirfd, const char *name, struct span bytes, mode_t mode, int flags, struct err *e)
{
	struct file_new f;
	if (file_new_open(&f, dirfd, mode, e) < 0)
		return err_prefix(e, "%s: ", name);
	if (sink_put(&f.out.sink, bytes, e) < 0) {
		file_new_abort(&f);
		return err_prefix(e, "%s: ", name);
	}
	return file_new_commit(&f, name, flags, e);
}

int file_write(const char *path, struct span bytes, mode_t mode, int flags, struct err *e)
{
	const char *slash = strrchr(path, '/');
	char *folder =
	    !slash ? str_dup(".") : mem_dup(path, slash == path ? 1 : (size_t)(slash - path));
	int r, dir = dir_open(AT_FDCWD, folder, e);
	if (dir < 0) {
		r = -1;
		if (e)
			e->code = EX_CANTCREAT;
	} else {
		r = write_in(dir, slash ? slash + 1 : path, bytes, mode, flags, e);
		if (r < 0 && slash)
			err_prefix(e, "%s/", slash == path ? "" : folder);
		sys_close(dir);
	}
	free(folder);
	return r;
}
