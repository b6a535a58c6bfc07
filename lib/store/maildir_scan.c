/*
 * Which messages a Maildir holds: from names alone, whatever other programs do to them meanwhile.
 */
#include "base/alloc.h"
#include "base/intl.h"
#include "io/sys.h"
#include "store/maildir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

enum { PASSES_MAX = 5 };
const char *const maildir_folders[3] = {"tmp", "new", "cur"};

/* "1700000000.M123456P...": seconds and microseconds. 0 when it begins otherwise. */
static void name_time(struct span base, int64_t *s, int64_t *us)
{
	size_t n = 0;
	uint64_t v = 0;
	*s = *us = 0;
	while (n < base.len && is_digit(base.ptr[n]))
		n++;
	if (!span_to_u64(span_take(base, n), INT64_MAX, &v) || n >= base.len || base.ptr[n] != '.')
		return;
	*s = (int64_t)v;
	base = span_skip(base, n + 1);
	if (!span_starts(base, "M"))
		return;
	base = span_skip(base, 1);
	for (n = 0; n < base.len && is_digit(base.ptr[n]);)
		n++;
	if (span_to_u64(span_take(base, n), 999999, &v))
		*us = (int64_t)v;
}

/* What the name does not tell. False when it is gone or no message. */
static bool ask_file(struct maildir *m, struct scan_item *it)
{
	struct stat st;
	int dir = m->dir[it->in_new ? MAILDIR_NEW : MAILDIR_CUR];
	if (sys_fstatat(dir, it->base, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode))
		return false;
	it->size = (uint64_t)st.st_size;
	if (!it->time_s)
		it->time_s = st.st_mtime;
	return true;
}

static int add_name(struct maildir *m, struct store_scan *sc, const char *base, bool in_new,
    unsigned pass, struct err *e)
{
	struct scan_item *it = scan_add(sc);
	it->base = arena_str(&sc->names, span_of(base));
	if (!it->base)
		return err_set(e, EX_DATAERR, _("more messages than can be listed"));
	it->in_new = in_new;
	it->pass = pass;
	it->flags = maildir_flags(span_of(base)) | (in_new ? STORE_RECENT : 0u);
	name_time(span_of(base), &it->time_s, &it->us);
	if ((!maildir_size(span_of(base), &it->size) || !it->time_s) && !ask_file(m, it))
		sc->n--;
	return 0;
}

static int read_folder(
    struct maildir *m, struct store_scan *sc, bool in_new, unsigned pass, struct err *e)
{
	int which = in_new ? MAILDIR_NEW : MAILDIR_CUR, r = 0;
	/* a descriptor of its own: readdir keeps its place in it */
	int fd = sys_openat(m->dir[which], ".", O_RDONLY | O_DIRECTORY, 0);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir) {
		err_sys(e, EX_NOINPUT, "%s/%s", sc->store->path, maildir_folders[which]);
		if (fd >= 0)
			sys_close(fd);
		return -1;
	}
	while (r == 0) {
		errno = 0;
		struct dirent *d = readdir(dir);
		if (!d) {
			r = errno ? err_sys(e, EX_IOERR, "%s/%s", sc->store->path,
					maildir_folders[which])
				  : 0;
			break;
		}
		if (d->d_name[0] != '.' && d->d_type != DT_DIR)
			r = add_name(m, sc, d->d_name, in_new, pass, e);
	}
	closedir(dir);
	return r;
}

static bool folder_time(struct maildir *m, struct timespec *t)
{
	struct stat st;
	if (sys_fstat(m->dir[MAILDIR_CUR], &st) < 0)
		return false;
	*t = st.st_mtim;
	return true;
}

/* Arrival; copies of one message (seen under two names) side by side, the last reading first. */
static int by_arrival(const void *pa, const void *pb)
{
	const struct scan_item *a = pa, *b = pb;
	if (a->time_s != b->time_s)
		return a->time_s < b->time_s ? -1 : 1;
	if (a->us != b->us)
		return a->us < b->us ? -1 : 1;
	int r = span_cmp(maildir_unique(span_of(a->base)), maildir_unique(span_of(b->base)));
	if (r)
		return r;
	if (a->pass != b->pass)
		return a->pass > b->pass ? -1 : 1;
	if (a->in_new != b->in_new)
		return a->in_new ? 1 : -1;
	return strcmp(a->base, b->base);
}

static bool same(const struct scan_item *a, const struct scan_item *b)
{
	return span_eq(maildir_unique(span_of(a->base)), maildir_unique(span_of(b->base)));
}

/* One name a message; what only an earlier reading saw must still be there. */
static void settle(struct maildir *m, struct store_scan *sc, unsigned last)
{
	size_t n = 0;
	for (size_t i = 0; i < sc->n; i++) {
		struct scan_item it = sc->v[i];
		if (n && same(&sc->v[n - 1], &it))
			continue;
		if (it.pass == last || ask_file(m, &it))
			sc->v[n++] = it;
	}
	sc->n = n;
}

/* new/ before cur/: what moves meanwhile is seen twice rather than not at all. A rename within cur/ can hide a file from readdir, so
 * cur/ is read again until it stood still. */
int maildir_scan(struct store *s, struct store_scan *sc, struct err *e)
{
	struct maildir *m = s->state;
	unsigned pass = 1;
	for (;; pass++) {
		struct timespec before, after;
		bool told = folder_time(m, &before);
		if (read_folder(m, sc, true, pass, e) < 0 || read_folder(m, sc, false, pass, e) < 0)
			return -1;
		told = told && folder_time(m, &after);
		if (pass == PASSES_MAX || !told ||
		    (before.tv_sec == after.tv_sec && before.tv_nsec == after.tv_nsec))
			break;
	}
	if (sc->n)
		qsort(sc->v, sc->n, sizeof(*sc->v), by_arrival);
	settle(m, sc, pass);
	return 0;
}
