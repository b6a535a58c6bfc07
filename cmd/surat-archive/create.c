#include "create.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/intl.h"
#include "io/file.h"
#include "io/sys.h"
#include "walk.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

const char *const create_formats[] = {"zip", "tar.gz", "tar.xz", "tar.zst", "7z", NULL};
enum { ZIP, TAR_GZ, TAR_XZ, TAR_ZST, SEVEN_ZIP };

enum { OUT = 65536, PIECE = 65536 };

struct maker {
	struct archive *a;
	int64_t time_s;
	struct buf out;
	bool broken; /* nothing more goes out: closing must not make it look whole */
	struct err *e;
};

/* --- output -------------------------------------------------------------------- */

static int flush(struct maker *m)
{
	int r = fd_write_all(STDOUT_FILENO, buf_span(&m->out), m->e);
	buf_reset(&m->out);
	return r;
}

static la_ssize_t write_out(struct archive *a, void *ctx, const void *bytes, size_t n)
{
	struct maker *m = ctx;
	if (m->broken)
		return -1;
	size_t take = n < OUT - m->out.len ? n : OUT - m->out.len;
	buf_addn(&m->out, bytes, take);
	if (m->out.len == OUT && flush(m) < 0) {
		archive_set_error(a, EIO, "%s", "standard output");
		return -1;
	}
	return (la_ssize_t)take;
}

static int failed(struct maker *m, const char *name)
{
	if (m->e->code)
		return -1;
	const char *why = archive_error_string(m->a);
	return err_set(m->e, EX_IOERR, "%s: %s", name, why ? why : _("the archive cannot be made"));
}

/* No name of this machine, no time of this minute in it. */
static int set_format(struct archive *a, int format)
{
	switch (format) {
	case ZIP:
		return archive_write_set_format_zip(a) == ARCHIVE_OK &&
			       archive_write_set_options(a, "zip:hdrcharset=UTF-8") == ARCHIVE_OK
			   ? 0
			   : -1;
	case SEVEN_ZIP: return archive_write_set_format_7zip(a) == ARCHIVE_OK ? 0 : -1;
	case TAR_GZ:
		if (archive_write_add_filter_gzip(a) != ARCHIVE_OK ||
		    archive_write_set_options(a, "gzip:!timestamp") != ARCHIVE_OK)
			return -1;
		break;
	case TAR_XZ:
		if (archive_write_add_filter_xz(a) != ARCHIVE_OK)
			return -1;
		break;
	default:
		if (archive_write_add_filter_zstd(a) != ARCHIVE_OK)
			return -1;
	}
	return archive_write_set_format_pax_restricted(a) == ARCHIVE_OK ? 0 : -1;
}

/* --- entries ------------------------------------------------------------------- */

static int copy_bytes(struct maker *m, int fd, const char *name, int64_t left)
{
	char bytes[PIECE];
	while (left > 0) {
		size_t want = left < PIECE ? (size_t)left : PIECE;
		ssize_t n = sys_read(fd, bytes, want);
		if (n < 0)
			return err_sys(m->e, EX_IOERR, "%s", name);
		if (n == 0)
			return err_set(
			    m->e, EX_IOERR, _("%s: became shorter while it was read"), name);
		if (archive_write_data(m->a, bytes, (size_t)n) != n)
			return failed(m, name);
		left -= n;
	}
	return 0;
}

static int set_link(
    struct archive_entry *entry, int dirfd, const char *base, const char *name, struct err *e)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(dirfd, base, target, sizeof(target) - 1);
	if (n < 0)
		return err_sys(e, EX_NOINPUT, "%s", name);
	target[n] = 0;
	archive_entry_copy_symlink(entry, target);
	return 0;
}

static void describe(
    struct maker *m, struct archive_entry *entry, const char *name, const struct stat *st)
{
	bool folder = S_ISDIR(st->st_mode);
	archive_entry_copy_pathname(entry, name);
	archive_entry_set_filetype(entry, st->st_mode & S_IFMT);
	archive_entry_set_perm(entry, folder || st->st_mode & 0100 ? 0755 : 0644);
	archive_entry_set_mtime(entry, m->time_s >= 0 ? m->time_s : st->st_mtime, 0);
	if (S_ISREG(st->st_mode))
		archive_entry_set_size(entry, st->st_size);
}

static int add_entry(
    struct maker *m, struct archive_entry *entry, int fd, const char *name, const struct stat *st)
{
	/* a warning: a name that is not UTF-8 is stored as its bytes */
	if (archive_write_header(m->a, entry) < ARCHIVE_WARN)
		return failed(m, name);
	if (fd >= 0 && copy_bytes(m, fd, name, st->st_size) < 0)
		return -1;
	return archive_write_finish_entry(m->a) < ARCHIVE_WARN ? failed(m, name) : 0;
}

static int add(
    void *ctx, const char *name, int dirfd, const char *base, const struct stat *st, struct err *e)
{
	struct maker *m = ctx;
	struct stat now = *st;
	int fd = -1, r = 0;
	if (S_ISREG(st->st_mode)) {
		fd = sys_openat(dirfd, base, O_RDONLY, 0);
		if (fd < 0 || sys_fstat(fd, &now) < 0)
			r = err_sys(e, EX_NOINPUT, "%s", name);
	}
	struct archive_entry *entry = archive_entry_new();
	describe(m, entry, name, &now);
	if (r == 0 && S_ISLNK(st->st_mode))
		r = set_link(entry, dirfd, base, name, e);
	if (r == 0)
		r = add_entry(m, entry, fd, name, &now);
	archive_entry_free(entry);
	if (fd >= 0)
		sys_close(fd);
	return r;
}

int create(const struct strv *paths, int format, int64_t time_s, struct err *e)
{
	struct maker m = {.a = archive_write_new(), .time_s = time_s, .out = BUF_INIT(OUT), .e = e};
	int r = set_format(m.a, format);
	if (r == 0)
		r = archive_write_set_bytes_per_block(m.a, 0) == ARCHIVE_OK &&
			    archive_write_open(m.a, &m, NULL, write_out, NULL) == ARCHIVE_OK
			? 0
			: -1;
	if (r < 0)
		failed(&m, create_formats[format]);
	for (size_t i = 0; r == 0 && i < paths->n; i++)
		r = walk(paths->v[i], add, &m, e);
	m.broken = r < 0;
	if (archive_write_close(m.a) != ARCHIVE_OK && r == 0)
		r = failed(&m, create_formats[format]);
	if (r == 0)
		r = flush(&m);
	archive_write_free(m.a);
	buf_release(&m.out);
	return r;
}

static int can_read(
    void *ctx, const char *name, int dirfd, const char *base, const struct stat *st, struct err *e)
{
	(void)ctx;
	if (!S_ISREG(st->st_mode) || faccessat(dirfd, base, R_OK, 0) == 0)
		return 0;
	return err_sys(e, EX_NOINPUT, "%s", name);
}

int create_check(const struct strv *paths, struct err *e)
{
	for (size_t i = 0; i < paths->n; i++)
		if (walk(paths->v[i], can_read, NULL, e) < 0)
			return -1;
	return 0;
}
