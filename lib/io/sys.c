#include "io/sys.h"

#include "base/alloc.h"
#include "base/span.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <unistd.h>

/* The one piece of state of this room: what shall fail. Atomic, as threads read files too. */
static struct {
	char call[16]; /* "": nothing fails, "any": each call counts */
	unsigned long nth;
	bool onward; /* the nth and all later ones */
	int error;   /* 0: kill */
	atomic_ulong count;
} fault;

static const struct {
	const char *name;
	int value;
} errors[] = {{"KILL", 0}, {"EIO", EIO}, {"ENOSPC", ENOSPC}, {"EDQUOT", EDQUOT}, {"EMFILE", EMFILE},
    {"ENFILE", ENFILE}, {"EACCES", EACCES}, {"EPERM", EPERM}, {"ENOENT", ENOENT},
    {"EEXIST", EEXIST}, {"EROFS", EROFS}, {"EXDEV", EXDEV}, {"EAGAIN", EAGAIN}, {"EINVAL", EINVAL},
    {"ENOSYS", ENOSYS}, {"EOPNOTSUPP", EOPNOTSUPP}, {"ELOOP", ELOOP}, {"EPIPE", EPIPE},
    {"ECONNRESET", ECONNRESET}, {"ECONNREFUSED", ECONNREFUSED}, {"ENETUNREACH", ENETUNREACH},
    {"ETIMEDOUT", ETIMEDOUT}, {"ENOMEM", ENOMEM}};

static void parse_fault(struct span spec)
{
	struct span call, nth;
	uint64_t n = 0;
	span_cut(&spec, ':', &call);
	span_cut(&spec, ':', &nth);
	fault.onward = nth.len && nth.ptr[nth.len - 1] == '+';
	nth.len -= fault.onward;
	size_t i = 0;
	while (i < ARRAY_LEN(errors) && !span_is(spec, errors[i].name))
		i++;
	/* a misspelt fault would be a test that tests nothing */
	if (!call.len || call.len >= sizeof(fault.call) || i == ARRAY_LEN(errors) ||
	    !span_to_u64(nth, UINT32_MAX, &n) || n == 0)
		BUG("SURAT_FAULT is not CALL:N[+]:ERROR");
	snprintf(fault.call, sizeof(fault.call), "%.*s", SPAN_ARG(call));
	fault.nth = n;
	fault.error = errors[i].value;
}

void sys_fault_set(const char *spec)
{
	fault.call[0] = '\0';
	atomic_store(&fault.count, 0);
	if (spec)
		parse_fault(span_of(spec));
}

unsigned long sys_fault_count(void)
{
	return atomic_load(&fault.count);
}

#ifdef SURAT_FAULTS
__attribute__((constructor)) static void fault_from_environment(void)
{
	const char *spec = getenv("SURAT_FAULT");
	if (spec && *spec)
		sys_fault_set(spec);
}
#endif

/* True, with errno, when this call is the one that shall fail. */
static bool fails(const char *call)
{
	if (fault.call[0] && strcmp(fault.call, "any") != 0 && strcmp(fault.call, call) != 0)
		return false;
	unsigned long now = atomic_fetch_add(&fault.count, 1) + 1;
	if (!fault.call[0] || now < fault.nth || (now > fault.nth && !fault.onward))
		return false;
	if (fault.error == 0)
		raise(SIGKILL);
	errno = fault.error;
	return true;
}

#define RESTARTED(call, result, expression)                                                        \
	do {                                                                                       \
		if (fails(call))                                                                   \
			return -1;                                                                 \
		do                                                                                 \
			(result) = (expression);                                                   \
		while ((result) < 0 && errno == EINTR);                                            \
	} while (0)

int sys_openat(int dirfd, const char *path, int flags, mode_t mode)
{
	int fd;
	RESTARTED("open", fd, openat(dirfd, path, flags | O_CLOEXEC, mode));
	return fd;
}

/* Linux has closed it whatever it answers: a second try could close somebody else's. */
int sys_close(int fd)
{
	bool failing = fails("close");
	int saved = errno, r = close(fd);
	if (failing)
		errno = saved;
	return failing || (r < 0 && errno != EINTR) ? -1 : 0;
}

ssize_t sys_read(int fd, void *p, size_t n)
{
	ssize_t r;
	RESTARTED("read", r, read(fd, p, n));
	return r;
}

ssize_t sys_pread(int fd, void *p, size_t n, off_t off)
{
	ssize_t r;
	RESTARTED("pread", r, pread(fd, p, n, off));
	return r;
}

ssize_t sys_write(int fd, const void *p, size_t n)
{
	ssize_t r;
	RESTARTED("write", r, write(fd, p, n));
	return r;
}

ssize_t sys_sendfile(int to, int from, off_t *offset, size_t n)
{
	ssize_t r;
	RESTARTED("sendfile", r, sendfile(to, from, offset, n));
	return r;
}

ssize_t sys_pwrite(int fd, const void *p, size_t n, off_t off)
{
	ssize_t r;
	RESTARTED("pwrite", r, pwrite(fd, p, n, off));
	return r;
}

int sys_fsync(int fd)
{
	int r;
	RESTARTED("fsync", r, fsync(fd));
	return r;
}

int sys_fdatasync(int fd)
{
	int r;
	RESTARTED("fdatasync", r, fdatasync(fd));
	return r;
}

int sys_ftruncate(int fd, off_t len)
{
	int r;
	RESTARTED("ftruncate", r, ftruncate(fd, len));
	return r;
}

int sys_renameat(int fromdir, const char *from, int todir, const char *to)
{
	int r;
	RESTARTED("rename", r, renameat(fromdir, from, todir, to));
	return r;
}

int sys_rename_new(int fromdir, const char *from, int todir, const char *to)
{
	int r;
	RESTARTED("rename", r, renameat2(fromdir, from, todir, to, RENAME_NOREPLACE));
	return r;
}

int sys_linkat(int fromdir, const char *from, int todir, const char *to)
{
	int r;
	RESTARTED("link", r, linkat(fromdir, from, todir, to, 0));
	return r;
}

int sys_unlinkat(int dirfd, const char *name, int flags)
{
	int r;
	RESTARTED("unlink", r, unlinkat(dirfd, name, flags));
	return r;
}

int sys_mkdirat(int dirfd, const char *name, mode_t mode)
{
	int r;
	RESTARTED("mkdir", r, mkdirat(dirfd, name, mode));
	return r;
}

int sys_fstat(int fd, struct stat *st)
{
	int r;
	RESTARTED("fstat", r, fstat(fd, st));
	return r;
}

int sys_fstatat(int dirfd, const char *name, struct stat *st, int flags)
{
	int r;
	RESTARTED("stat", r, fstatat(dirfd, name, st, flags));
	return r;
}

int sys_lock(int fd, int command, struct flock *lock)
{
	return fails("lock") ? -1 : fcntl(fd, command, lock);
}

int sys_poll(struct pollfd *p, nfds_t n, int timeout_ms)
{
	return fails("poll") ? -1 : poll(p, n, timeout_ms);
}

int sys_socket(int domain, int type, int protocol)
{
	int fd;
	RESTARTED("socket", fd, socket(domain, type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol));
	return fd;
}

int sys_connect(int fd, const struct sockaddr *sa, socklen_t len)
{
	return fails("connect") ? -1 : connect(fd, sa, len);
}

int sys_accept(int fd, struct sockaddr *sa, socklen_t *len)
{
	int r;
	RESTARTED("accept", r, accept4(fd, sa, len, SOCK_CLOEXEC | SOCK_NONBLOCK));
	return r;
}
