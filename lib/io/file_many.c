/* Files that are made durable together: a disk has one flush for all that wait for one. */
#include "base/alloc.h"
#include "base/intl.h"
#include "io/file.h"
#include "io/sys.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

enum { SYNCERS = 16 };

int file_new_finish(struct file_new *f, struct file_done *d, struct err *e)
{
	if (sink_end(&f->out.sink, e) < 0) {
		file_new_abort(f);
		return -1;
	}
	d->dirfd = f->dirfd;
	d->fd = f->fd;
	memcpy(d->tmp, f->tmp, sizeof(d->tmp));
	f->made = false;
	return 0;
}

/* Some errors are told at close only (NFS, quotas). 0, or what went wrong. */
static int sync_and_close(struct file_done *d)
{
	int error = sys_fsync(d->fd) < 0 ? errno : 0, fd = d->fd;
	d->fd = -1;
	if (sys_close(fd) < 0 && !error)
		error = errno;
	return error;
}

struct syncing {
	struct file_done *v;
	size_t n;
	atomic_size_t next;
	atomic_int error;
};

static void *sync_some(void *ctx)
{
	struct syncing *s = ctx;
	size_t i;
	while ((i = atomic_fetch_add(&s->next, 1)) < s->n) {
		int error = sync_and_close(&s->v[i]);
		if (error)
			atomic_store(&s->error, error);
	}
	return NULL;
}

/* Where no thread can be had, this one does all. */
int files_sync(struct file_done *v, size_t n, struct err *e)
{
	struct syncing s = {.v = v, .n = n};
	pthread_t thread[SYNCERS];
	size_t started = 0, most = n > 1 ? n - 1 : 0;
	while (started < SYNCERS && started < most &&
	       pthread_create(&thread[started], NULL, sync_some, &s) == 0)
		started++;
	sync_some(&s);
	for (size_t i = 0; i < started; i++)
		pthread_join(thread[i], NULL);
	errno = atomic_load(&s.error);
	return errno ? err_sys(e, EX_IOERR, _("cannot be made durable")) : 0;
}

int file_done_name(struct file_done *d, const char *name, int flags, struct err *e)
{
	if (file_give_name(d->dirfd, d->tmp, name, flags) == 0)
		return 0;
	err_sys(e, EX_CANTCREAT, _("%s: cannot get its name"), name);
	file_done_abort(d);
	return -1;
}

void file_done_abort(struct file_done *d)
{
	if (d->fd >= 0)
		sys_close(d->fd);
	d->fd = -1;
	sys_unlinkat(d->dirfd, d->tmp, 0);
}
