#include "walk.h"

#include "base/alloc.h"
#include "base/intl.h"
#include "base/strv.h"
#include "io/file.h"
#include "io/sys.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

enum { DEPTH_MAX = 200 };

struct walker {
	walk_visit *visit;
	void *ctx;
};

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names in a folder, sorted. Closes fd. */
static int read_names(int fd, const char *name, struct strv *names, struct err *e)
{
	DIR *dir = fdopendir(fd);
	if (!dir) {
		sys_close(fd);
		return err_sys(e, EX_NOINPUT, "%s", name);
	}
	struct dirent *d;
	for (errno = 0; (d = readdir(dir)); errno = 0)
		if (strcmp(d->d_name, ".") && strcmp(d->d_name, ".."))
			strv_add(names, d->d_name);
	int error = errno;
	closedir(dir);
	if (error) {
		errno = error;
		return err_sys(e, EX_NOINPUT, "%s", name);
	}
	if (names->n)
		qsort(names->v, names->n, sizeof(*names->v), by_bytes);
	return 0;
}

static int walk_one(struct walker *w, int dirfd, const char *base, const char *name, int flags,
    unsigned depth, struct err *e);

static int walk_names(struct walker *w, int fd, const char *name, const struct strv *names,
    unsigned depth, struct err *e)
{
	int r = 0;
	for (size_t i = 0; r == 0 && i < names->n; i++) {
		char *below = str_printf("%s/%s", name, names->v[i]);
		r = walk_one(w, fd, names->v[i], below, AT_SYMLINK_NOFOLLOW, depth + 1, e);
		free(below);
	}
	return r;
}

static int walk_folder(struct walker *w, int dirfd, const char *base, const char *name, int flags,
    unsigned depth, struct err *e)
{
	struct strv names = {0};
	if (depth == DEPTH_MAX)
		return err_set(e, EX_DATAERR, _("%s: folders are nested too deeply"), name);
	int follow = flags & AT_SYMLINK_NOFOLLOW ? O_NOFOLLOW : 0;
	int fd = sys_openat(dirfd, base, O_RDONLY | O_DIRECTORY | follow, 0);
	if (fd < 0)
		return err_sys(e, EX_NOINPUT, "%s", name);
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	int r = copy < 0 ? err_sys(e, EX_NOINPUT, "%s", name) : read_names(copy, name, &names, e);
	if (r == 0)
		r = walk_names(w, fd, name, &names, depth, e);
	strv_release(&names);
	sys_close(fd);
	return r;
}

static int walk_one(struct walker *w, int dirfd, const char *base, const char *name, int flags,
    unsigned depth, struct err *e)
{
	struct stat st;
	if (sys_fstatat(dirfd, base, &st, flags) < 0)
		return err_sys(e, EX_NOINPUT, "%s", name);
	if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode) && !S_ISLNK(st.st_mode))
		return 0;
	if (w->visit(w->ctx, name, dirfd, base, &st, e) < 0)
		return -1;
	return S_ISDIR(st.st_mode) ? walk_folder(w, dirfd, base, name, flags, depth, e) : 0;
}

/* "photos" of "/home/ana/photos/"; of "." the folder's real name. malloc'ed. */
static char *own_name(const char *path)
{
	char full[PATH_MAX];
	struct span s = span_of(path);
	while (s.len > 1 && s.ptr[s.len - 1] == '/')
		s.len--;
	const char *slash = memrchr(s.ptr, '/', s.len);
	struct span base = slash ? span_skip(s, (size_t)(slash - s.ptr) + 1) : s;
	if (base.len && !span_is(base, ".") && !span_is(base, ".."))
		return span_dup(base);
	if (!realpath(path, full) || strcmp(full, "/") == 0)
		return str_dup("root");
	return own_name(full);
}

int walk(const char *path, walk_visit *visit, void *ctx, struct err *e)
{
	struct walker w = {visit, ctx};
	struct stat st;
	if (sys_fstatat(AT_FDCWD, path, &st, 0) < 0)
		return err_sys(e, EX_NOINPUT, "%s", path);
	char *name = own_name(path);
	int r = walk_one(&w, AT_FDCWD, path, name, 0, 0, e);
	free(name);
	return r;
}
