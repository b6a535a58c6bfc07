/*
 * MH: a folder of files named by numbers. A delivery is written under a hidden name, made durable, and linked to the next free number while .mh_sequences is locked, so that
 * programs of ours do not reach for the same one; one of others that took it meanwhile keeps it.
 */
#include "base/alloc.h"
#include "base/intl.h"
#include "base/random.h"
#include "io/child.h"
#include "io/file.h"
#include "io/sys.h"
#include "store/mh_sequences.h"
#include "store/room.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

enum { GROUP_MAX = 200 };

struct waiting { /* written, not yet seen by anybody */
	int fd;
	bool published;
	unsigned flags;
	uint64_t number;
	char tmp[32];
};
struct mh {
	int dir;
	/* while numbers are given out */
	int lock; /* -1: not locked */
	struct mh_sequences sequences;
	uint64_t next;
	struct waiting *v;
	size_t n, cap;
	/* the message being written */
	struct sink count;
	struct sink_fd *out;
	uint64_t bytes;
	int64_t received_s;
};

/* --- opening --- */

static void mh_close(struct store *s)
{
	struct mh *m = s->state;
	sys_close(m->dir);
	free(m->v);
	free(m->out);
	free(m);
	s->state = NULL;
}

static int open_folder(const char *path, int flags, struct err *e)
{
	struct err first = ERR_INIT;
	int fd = dir_open(AT_FDCWD, path, &first);
	if (fd >= 0 || first.sys != ENOENT || !(flags & STORE_CREATE))
		return fd >= 0 ? fd : err_copy(e, &first);
	return dir_make(path, 0700, e) < 0 ? -1 : dir_open(AT_FDCWD, path, e);
}

static int mh_open(struct store *s, struct err *e)
{
	int dir = open_folder(s->path, s->flags, e);
	if (dir < 0)
		return -1;
	struct mh *m = s->state = mem_new(1, sizeof(*m));
	m->dir = dir;
	m->lock = -1;
	return 0;
}

/* --- numbers --- */

/* "17"; not "017", nor a backup ",17". */
static bool parse_number(struct span name, uint64_t *number)
{
	return name.len && name.ptr[0] != '0' && span_to_u64(name, UINT32_MAX, number);
}

static int each_number(
    int dirfd, int (*each)(void *ctx, uint64_t number, struct err *e), void *ctx, struct err *e)
{
	int fd = sys_openat(dirfd, ".", O_RDONLY | O_DIRECTORY, 0), r = 0;
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir) {
		err_sys(e, EX_NOINPUT, _("the folder"));
		if (fd >= 0)
			sys_close(fd);
		return -1;
	}
	while (r == 0) {
		uint64_t number;
		errno = 0;
		struct dirent *d = readdir(dir);
		if (!d)
			break;
		if (d->d_type != DT_DIR && parse_number(span_of(d->d_name), &number))
			r = each(ctx, number, e);
	}
	if (r == 0 && errno)
		r = err_sys(e, EX_IOERR, _("the folder"));
	closedir(dir);
	return r;
}

static int note_highest(void *ctx, uint64_t number, struct err *e)
{
	uint64_t *highest = ctx;
	(void)e;
	if (number > *highest)
		*highest = number;
	return 0;
}

static void unlock(struct mh *m)
{
	if (m->lock >= 0)
		sys_close(m->lock);
	m->lock = -1;
	mh_sequences_release(&m->sequences);
}

static int lock_numbers(struct mh *m, struct err *e)
{
	uint64_t highest = 0;
	if (m->lock >= 0)
		return 0;
	m->lock = mh_sequences_lock(m->dir, true, true, &m->sequences, e);
	if (m->lock < 0) {
		mh_sequences_release(&m->sequences);
		return -1;
	}
	if (each_number(m->dir, note_highest, &highest, e) < 0) {
		unlock(m);
		return -1;
	}
	m->next = highest + 1;
	return 0;
}

/* --- delivering --- */

static int count_put(struct sink *sink, struct span bytes, struct err *e)
{
	struct mh *m = (struct mh *)((char *)sink - offsetof(struct mh, count));
	m->bytes += bytes.len;
	return sink_put(&m->out->sink, bytes, e);
}

static int mh_begin(
    struct store *s, const struct store_delivery *d, struct sink **to, struct err *e)
{
	struct mh *m = s->state;
	char salt[17];
	if (m->n == m->cap) {
		m->cap = m->cap ? m->cap * 2 : 4;
		m->v = mem_resize(m->v, m->cap, sizeof(*m->v));
	}
	struct waiting *w = &m->v[m->n];
	*w = (struct waiting){.flags = d->flags};
	random_name(salt, sizeof(salt) - 1);
	snprintf(w->tmp, sizeof(w->tmp), ".surat-%s", salt);
	w->fd = sys_openat(m->dir, w->tmp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
	if (w->fd < 0)
		return err_sys(e, EX_TEMPFAIL, _("%s: cannot create a file"), s->path);
	m->n++;
	m->bytes = 0;
	m->received_s = d->received_s;
	if (m->out)
		sink_fd_init(m->out, w->fd);
	else
		m->out = sink_fd_new(w->fd);
	m->count = (struct sink){count_put, NULL};
	*to = &m->count;
	return 0;
}

static void drop(struct mh *m, struct waiting *w)
{
	char name[32];
	if (w->fd >= 0)
		sys_close(w->fd);
	snprintf(name, sizeof(name), "%llu", (unsigned long long)w->number);
	sys_unlinkat(m->dir, w->published ? name : w->tmp, 0);
}

static void mh_drop(struct store *s)
{
	struct mh *m = s->state;
	drop(m, &m->v[--m->n]);
}

static int mh_finish(struct store *s, struct store_receipt *r, struct err *e)
{
	struct mh *m = s->state;
	struct waiting *w = &m->v[m->n - 1];
	if (sink_end(&m->out->sink, e) < 0 || lock_numbers(m, e) < 0)
		return -1;
	if (m->received_s) {
		const struct timespec t[2] = {{.tv_sec = m->received_s}, {.tv_sec = m->received_s}};
		(void)futimens(w->fd, t);
	}
	w->number = m->next++;
	*r = (struct store_receipt){
	    .name = str_printf("%s/%llu", s->path, (unsigned long long)w->number),
	    .bytes = m->bytes};
	return 0;
}

static int sync_waiting(struct mh *m, struct err *e)
{
	for (size_t i = 0; i < m->n; i++) {
		int fd = m->v[i].fd;
		if (sys_fsync(fd) < 0)
			return err_sys(e, EX_TEMPFAIL, "%s", m->v[i].tmp);
		m->v[i].fd = -1;
		if (sys_close(fd) < 0)
			return err_sys(e, EX_TEMPFAIL, "%s", m->v[i].tmp);
	}
	return 0;
}

static int publish(struct mh *m, struct waiting *w, struct err *e)
{
	char name[32];
	snprintf(name, sizeof(name), "%llu", (unsigned long long)w->number);
	if (sys_linkat(m->dir, w->tmp, m->dir, name) < 0)
		return err_sys(e, EX_TEMPFAIL, "%s", name);
	w->published = true;
	sys_unlinkat(m->dir, w->tmp, 0);
	return 0;
}

/* Before there is a message of that number: one that is there and not known to be unseen would be overlooked. */
static int announce(struct mh *m, struct err *e)
{
	if (!m->n)
		return 0;
	for (size_t i = 0; i < m->n; i++)
		mh_sequences_put_flags(&m->sequences, m->v[i].number, m->v[i].flags);
	return mh_sequences_store(m->lock, &m->sequences, e);
}

static void mh_abort(struct store *s)
{
	struct mh *m = s->state;
	while (m->n)
		drop(m, &m->v[--m->n]);
	unlock(m);
}

static int mh_commit(struct store *s, struct err *e)
{
	struct mh *m = s->state;
	int r = m->n && signals_stop() ? err_set(e, EX_TEMPFAIL, _("stopped by a signal"))
				       : sync_waiting(m, e);
	if (r == 0)
		r = announce(m, e);
	for (size_t i = 0; r == 0 && i < m->n; i++)
		r = publish(m, &m->v[i], e);
	if (r == 0 && m->n)
		r = dir_sync(m->dir, s->path, e);
	if (r < 0) {
		mh_abort(s);
		if (e)
			e->code = EX_TEMPFAIL;
	}
	return r;
}

static void mh_end(struct store *s)
{
	struct mh *m = s->state;
	m->n = 0;
	unlock(m);
}

static bool mh_full(const struct store *s)
{
	return ((const struct mh *)s->state)->n >= GROUP_MAX;
}

/* --- listing --- */

struct listing {
	struct store_scan *sc;
	const struct mh_sequences *sequences;
	int dir;
};

static int list_number(void *ctx, uint64_t number, struct err *e)
{
	struct listing *l = ctx;
	struct stat st;
	char name[32];
	snprintf(name, sizeof(name), "%llu", (unsigned long long)number);
	if (sys_fstatat(l->dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode))
		return 0; /* gone meanwhile, or no message */
	struct scan_item *it = scan_add(l->sc);
	it->base = arena_str(&l->sc->names, span_of(name));
	if (!it->base)
		return err_set(e, EX_DATAERR, _("more messages than can be listed"));
	it->us = (int64_t)number;
	it->size = (uint64_t)st.st_size;
	it->time_s = st.st_mtime;
	it->flags = mh_sequences_flags(l->sequences, number);
	return 0;
}

static int by_number(const void *a, const void *b)
{
	const struct scan_item *x = a, *y = b;
	return x->us < y->us ? -1 : x->us > y->us;
}

static int mh_scan(struct store *s, struct store_scan *sc, struct err *e)
{
	struct mh *m = s->state;
	struct mh_sequences sequences = {0};
	struct err why = ERR_INIT;
	int fd = mh_sequences_lock(m->dir, false, false, &sequences, &why);
	if (fd < 0 && why.sys != ENOENT)
		return err_copy(e, &why);
	if (fd >= 0)
		sys_close(fd);
	struct listing l = {sc, &sequences, m->dir};
	int r = each_number(m->dir, list_number, &l, e);
	if (sc->n)
		qsort(sc->v, sc->n, sizeof(*sc->v), by_number);
	mh_sequences_release(&sequences);
	return r < 0 ? err_prefix(e, "%s: ", s->path) : 0;
}

const struct store_ops store_mh_ops = {
    .open = mh_open,
    .begin = mh_begin,
    .finish = mh_finish,
    .drop = mh_drop,
    .commit = mh_commit,
    .end = mh_end,
    .abort = mh_abort,
    .full = mh_full,
    .scan = mh_scan,
    .close = mh_close,
};

/* --- one message --- */

void mh_place_release(struct mh_place *p)
{
	if (p->dir >= 0)
		sys_close(p->dir);
	p->dir = -1;
}

bool mh_place_parse(struct span path, struct mh_place *p)
{
	size_t slash = path.len;
	struct stat st;
	while (slash > 0 && path.ptr[slash - 1] != '/')
		slash--;
	*p = (struct mh_place){.dir = -1};
	if (!parse_number(span_skip(path, slash), &p->number))
		return false;
	char *folder = slash ? span_dup(span_take(path, slash)) : str_dup(".");
	p->dir = dir_open(AT_FDCWD, folder, NULL);
	free(folder);
	/* a file whose name happens to be a number is no message of an MH folder */
	if (p->dir >= 0 && sys_fstatat(p->dir, ".mh_sequences", &st, AT_SYMLINK_NOFOLLOW) == 0)
		return true;
	mh_place_release(p);
	return false;
}

int mh_place_flags(const struct mh_place *p, unsigned *flags, struct err *e)
{
	struct mh_sequences s = {0};
	int fd = mh_sequences_lock(p->dir, false, false, &s, e);
	if (fd < 0)
		return -1;
	sys_close(fd);
	*flags = mh_sequences_flags(&s, p->number);
	mh_sequences_release(&s);
	return 0;
}

static int change(
    const struct mh_place *p, unsigned add, unsigned remove, bool erase, struct err *e)
{
	struct mh_sequences s = {0};
	struct stat st;
	char name[32];
	snprintf(name, sizeof(name), "%llu", (unsigned long long)p->number);
	int fd = mh_sequences_lock(p->dir, true, false, &s, e);
	if (fd < 0)
		return -1;
	int r = erase ? sys_unlinkat(p->dir, name, 0)
		      : sys_fstatat(p->dir, name, &st, AT_SYMLINK_NOFOLLOW);
	if (r < 0)
		err_sys(e, errno == ENOENT ? EX_NOINPUT : EX_TEMPFAIL, "%s", name);
	else if (erase)
		mh_sequences_forget(&s, p->number);
	else
		mh_sequences_put_flags(
		    &s, p->number, (mh_sequences_flags(&s, p->number) | add) & ~remove);
	/* that a number stands for nothing any more harms nobody */
	if (r == 0 && mh_sequences_store(fd, &s, e) < 0 && !erase)
		r = -1;
	sys_close(fd);
	mh_sequences_release(&s);
	return r;
}

int mh_flag(const struct mh_place *p, unsigned add, unsigned remove, struct err *e)
{
	return change(p, add, remove, false, e);
}

int mh_erase(const struct mh_place *p, struct err *e)
{
	return change(p, 0, 0, true, e);
}
