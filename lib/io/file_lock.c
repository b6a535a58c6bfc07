#include "base/intl.h"
#include "io/child.h"
#include "io/file.h"
#include "io/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* Locks of the open file, where there are any: those of the process (POSIX) would be lost when anybody in it closes the file. */
static int set_lock(int fd, short type, int64_t at, int64_t len, bool wait)
{
	struct flock l = {
	    .l_type = type, .l_whence = SEEK_SET, .l_start = (off_t)at, .l_len = (off_t)len};
#ifdef F_OFD_SETLK
	int r = sys_lock(fd, wait ? F_OFD_SETLKW : F_OFD_SETLK, &l);
	if (r == 0 || errno != EINVAL)
		return r;
#endif
	return sys_lock(fd, wait ? F_SETLKW : F_SETLK, &l);
}

static int lock(int fd, int64_t at, int64_t len, bool exclusive, bool wait, struct err *e)
{
	while (set_lock(fd, exclusive ? F_WRLCK : F_RDLCK, at, len, wait) < 0) {
		if (!wait && (errno == EAGAIN || errno == EACCES))
			return 0;
		if (errno != EINTR)
			return err_sys(e, EX_IOERR, _("cannot lock"));
		if (signals_stop())
			return err_set(
			    e, EX_TEMPFAIL, _("stopped by a signal while waiting for a lock"));
	}
	return 1;
}

int file_lock(int fd, bool exclusive, bool wait, struct err *e)
{
	return lock(fd, 0, 0, exclusive, wait, e);
}

int file_lock_byte(int fd, int64_t at, bool exclusive, bool wait, struct err *e)
{
	return lock(fd, at, 1, exclusive, wait, e);
}

int file_unlock(int fd, struct err *e)
{
	return set_lock(fd, F_UNLCK, 0, 0, false) < 0 ? err_sys(e, EX_IOERR, _("cannot unlock"))
						      : 0;
}

void file_unlock_byte(int fd, int64_t at)
{
	set_lock(fd, F_UNLCK, at, 1, false);
}
