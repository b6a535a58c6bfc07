#include "queue/claim.h"

#include "base/intl.h"
#include "base/random.h"
#include "io/file.h"
#include "io/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

static void lock_name(char out[QUEUE_NAME_SIZE], const char *run)
{
	snprintf(out, QUEUE_NAME_SIZE, "run-%s.lock", run);
}

/* Between the making of the file and its locking a recovering run may have taken it for a dead one's and removed it. */
static bool still_named(struct queue *q, const char *name, int fd)
{
	struct stat ours, there;
	return sys_fstat(fd, &ours) == 0 &&
	       sys_fstatat(q->dirfd, name, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
	       ours.st_ino == there.st_ino && ours.st_dev == there.st_dev;
}

/* 1 locked, 0 try another name. */
static int begin_with(struct queue *q, const char *name, int *fd, struct err *e)
{
	int opened = sys_openat(q->dirfd, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
	if (opened < 0)
		return errno == EEXIST ? 0 : err_sys(e, EX_CANTCREAT, "%s/%s", q->path, name);
	int r = file_lock(opened, true, false, e);
	if (r > 0 && still_named(q, name, opened)) {
		/* our transports inherit it: while one of them lives, what we handed over must not be handed over again */
		fcntl(opened, F_SETFD, 0);
		*fd = opened;
		return 1;
	}
	sys_close(opened);
	return r < 0 ? err_prefix(e, "%s/%s: ", q->path, name) : 0;
}

int queue_run_begin(struct queue *q, struct queue_run_lock *l, struct err *e)
{
	char name[QUEUE_NAME_SIZE];
	int r = 0;
	for (int tries = 0; r == 0 && tries < 16; tries++) {
		random_name(l->run, QUEUE_RUN_SIZE - 1);
		lock_name(name, l->run);
		r = begin_with(q, name, &l->fd, e);
	}
	return r > 0 ? 0 : r < 0 ? -1 : err_set(e, EX_CANTCREAT, _("%s: cannot lock"), q->path);
}

void queue_run_end(struct queue *q, struct queue_run_lock *l, bool keep)
{
	char name[QUEUE_NAME_SIZE];
	lock_name(name, l->run);
	if (!keep)
		sys_unlinkat(q->dirfd, name, 0);
	sys_close(l->fd);
	l->fd = -1;
}

int queue_rename(
    struct queue *q, struct queue_name *from, const struct queue_name *to, struct err *e)
{
	char old[QUEUE_NAME_SIZE], new[QUEUE_NAME_SIZE];
	queue_name_write(old, from);
	queue_name_write(new, to);
	if (sys_renameat(q->dirfd, old, q->dirfd, new) < 0)
		return errno == ENOENT ? 0 : err_sys(e, EX_IOERR, "%s/%s", q->path, old);
	*from = *to;
	return 1;
}

int queue_claim(
    struct queue *q, const struct queue_run_lock *l, struct queue_name *n, struct err *e)
{
	struct queue_name to = *n;
	if (n->claim != QUEUE_FREE)
		return 0;
	to.claim = QUEUE_CLAIMED;
	memcpy(to.run, l->run, sizeof(to.run));
	return queue_rename(q, n, &to, e);
}

int queue_remove(struct queue *q, const struct queue_name *n, bool has_journal, struct err *e)
{
	char file[QUEUE_NAME_SIZE];
	queue_name_write(file, n);
	if (sys_unlinkat(q->dirfd, file, 0) < 0)
		return errno == ENOENT ? 0 : err_sys(e, EX_IOERR, "%s/%s", q->path, file);
	snprintf(file, sizeof(file), "%s.log", n->id);
	if (has_journal && sys_unlinkat(q->dirfd, file, 0) < 0 && errno != ENOENT)
		return err_sys(e, EX_IOERR, "%s/%s", q->path, file);
	return 1;
}

int queue_sync(struct queue *q, struct err *e)
{
	return dir_sync(q->dirfd, q->path, e);
}

int queue_run_lives(struct queue *q, const char *run, struct err *e)
{
	char name[QUEUE_NAME_SIZE];
	lock_name(name, run);
	int fd = sys_openat(q->dirfd, name, O_RDWR | O_NOFOLLOW, 0);
	if (fd < 0)
		return errno == ENOENT ? 0 : err_sys(e, EX_IOERR, "%s/%s", q->path, name);
	int r = file_lock(fd, true, false, e);
	sys_close(fd);
	return r < 0 ? -1 : r == 0;
}
