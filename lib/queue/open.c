#include "base/alloc.h"
#include "base/intl.h"
#include "io/file.h"
#include "io/sys.h"
#include "queue/queue.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* Whoever may enter the folder can plant names in it: nobody but its owner may. */
static int check_folder(int fd, struct err *e)
{
	struct stat st;
	if (sys_fstat(fd, &st) < 0)
		return err_sys(e, EX_IOERR, _("cannot be looked at"));
	if (st.st_uid != geteuid())
		return err_set(e, EX_NOPERM, _("the spool belongs to another user"));
	if (st.st_mode & 077)
		return err_set(
		    e, EX_CONFIG, _("others may enter the spool; make it yours alone: chmod 700"));
	return 0;
}

int queue_open(struct queue *q, const char *path, int flags, struct err *e)
{
	if ((flags & QUEUE_CREATE) && dir_make(path, 0700, e) < 0)
		return -1;
	int fd = dir_open(AT_FDCWD, path, e);
	if (fd < 0) {
		if (e && e->sys == EACCES)
			e->code = EX_NOPERM;
		return -1;
	}
	if (check_folder(fd, e) < 0) {
		sys_close(fd);
		return err_prefix(e, "%s: ", path);
	}
	*q = (struct queue){.path = str_dup(path), .dirfd = fd, .uid = geteuid()};
	return 0;
}

void queue_close(struct queue *q)
{
	if (q->path)
		sys_close(q->dirfd);
	free(q->path);
	*q = (struct queue){.dirfd = -1};
}
