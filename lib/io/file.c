#include "io/file.h"

#include "base/intl.h"
#include "io/sys.h"

#include <errno.h>
#include <fcntl.h>

/* Non-blocking: a FIFO in a mail folder must not stop us. A regular file does not care. */
int file_open_strict(int dirfd, const char *name, struct err *e)
{
	struct stat st;
	int fd = sys_openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0);
	if (fd < 0)
		return err_sys(e, EX_NOINPUT, "%s", name);
	if (sys_fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fd;
	sys_close(fd);
	return err_set(e, EX_NOINPUT, _("%s: not a regular file"), name);
}

int file_open(const char *path, struct err *e)
{
	struct stat st;
	int fd = sys_openat(AT_FDCWD, path, O_RDONLY | O_NOCTTY, 0);
	if (fd < 0)
		return err_sys(e, EX_NOINPUT, "%s", path);
	if (sys_fstat(fd, &st) < 0 || !S_ISDIR(st.st_mode))
		return fd;
	sys_close(fd);
	errno = EISDIR;
	return err_sys(e, EX_NOINPUT, "%s", path);
}

int file_read(const char *path, struct buf *b, struct err *e)
{
	struct source_fd from;
	struct sink_buf to;
	int fd = file_open(path, e);
	if (fd < 0)
		return -1;
	source_fd_init(&from, fd);
	sink_buf_init(&to, b);
	int r = sink_pump(&to.sink, &from.source, e);
	sys_close(fd);
	return r < 0 ? err_prefix(e, "%s: ", path) : 0;
}

/* A descriptor that somebody else made non-blocking (a shared terminal or pipe) is waited for. */
static int wait_writable(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};
	return sys_poll(&p, 1, -1) < 0 && errno != EINTR ? -1 : 0;
}

int fd_write_all(int fd, struct span bytes, struct err *e)
{
	while (bytes.len) {
		ssize_t n = sys_write(fd, bytes.ptr, bytes.len);
		if (n >= 0)
			bytes = span_skip(bytes, (size_t)n);
		else if (errno != EAGAIN || wait_writable(fd) < 0)
			return err_sys(e, EX_IOERR, _("cannot write"));
	}
	return 0;
}
