#include "store/mbox.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "io/child.h"
#include "io/file.h"
#include "io/sys.h"
#include "store/room.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const uint64_t group_bytes_max = 32u << 20;
enum { GROUP_MAX = 2000 };

/* An mbox while messages are appended. */
struct appender {
	struct mbox_lock lock;
	bool locked;
	uint64_t was, size,
	    began; /* the file's length before the group, now, and before this message */
	size_t n;
	/* message -> status filter -> (count) -> writer -> (size) -> file */
	struct mbox_status_filter status;
	struct sink count, length;
	struct mbox_writer writer;
	struct sink_fd out;
	uint64_t bytes;
};

static int mbox_open(struct store *s, struct err *e)
{
	struct stat st;
	if (sys_fstatat(AT_FDCWD, s->path, &st, 0) < 0) {
		if (errno != ENOENT)
			return err_sys(e, EX_TEMPFAIL, "%s", s->path);
		if (!(s->flags & STORE_CREATE))
			return err_sys(e, EX_NOINPUT, "%s", s->path);
	} else if (!S_ISREG(st.st_mode)) {
		return err_set(e, EX_NOINPUT, _("%s: not a regular file"), s->path);
	}
	s->state = mem_new(1, sizeof(struct appender));
	return 0;
}

static void mbox_close(struct store *s)
{
	free(s->state);
}

/* --- appending --- */

static int count_put(struct sink *sink, struct span bytes, struct err *e)
{
	struct appender *a = (struct appender *)((char *)sink - offsetof(struct appender, count));
	a->bytes += bytes.len;
	return sink_put(&a->writer.sink, bytes, e);
}

static int count_end(struct sink *sink, struct err *e)
{
	struct appender *a = (struct appender *)((char *)sink - offsetof(struct appender, count));
	return sink_end(&a->writer.sink, e);
}

static int length_put(struct sink *sink, struct span bytes, struct err *e)
{
	struct appender *a = (struct appender *)((char *)sink - offsetof(struct appender, length));
	a->size += bytes.len;
	return sink_put(&a->out.sink, bytes, e);
}

/* An mbox, and what must stand between its end and a From_ line: "" "\n" or "\n\n". */
static int check_ends(int fd, const char *path, uint64_t size, const char **gap, struct err *e)
{
	char head[5], tail[3] = {0};
	size_t n = size < sizeof(tail) ? (size_t)size : sizeof(tail);
	*gap = "";
	if (size == 0)
		return 0;
	ssize_t got = sys_pread(fd, head, sizeof(head), 0);
	if (got < 0 || sys_pread(fd, tail + sizeof(tail) - n, n, (off_t)(size - n)) != (ssize_t)n)
		return err_sys(e, EX_TEMPFAIL, "%s", path);
	if (!span_is(span_make(head, (size_t)got), "From "))
		return err_set(
		    e, EX_CANTCREAT, _("%s: not an mbox, nothing is appended to it"), path);
	if (tail[2] != '\n')
		*gap = "\n\n";
	else if (tail[1] != '\n' && !(tail[1] == '\r' && tail[0] == '\n'))
		*gap = "\n";
	return 0;
}

/* Locked, at its end, what must stand before a From_ line in *gap. Nothing is written. */
static int lock_and_look(struct store *s, struct appender *a, const char **gap, struct err *e)
{
	struct stat st;
	if (mbox_lock(&a->lock, s->path, s->flags & STORE_CREATE, e) < 0)
		return -1;
	a->locked = true;
	if (sys_fstat(a->lock.fd, &st) < 0)
		return err_sys(e, EX_TEMPFAIL, "%s", s->path);
	a->was = a->size = a->began = (uint64_t)st.st_size;
	a->n = 0;
	if (check_ends(a->lock.fd, s->path, a->was, gap, e) < 0)
		return -1;
	if (lseek(a->lock.fd, (off_t)a->was, SEEK_SET) < 0)
		return err_sys(e, EX_TEMPFAIL, "%s", s->path);
	sink_fd_init(&a->out, a->lock.fd);
	a->length = (struct sink){length_put, NULL};
	return 0;
}

/* Back to the length it had at `to`. */
static int cut_back(struct appender *a, uint64_t to)
{
	a->size = to;
	sink_fd_init(&a->out, a->lock.fd);
	return sys_ftruncate(a->lock.fd, (off_t)to) == 0 &&
		       lseek(a->lock.fd, (off_t)to, SEEK_SET) >= 0
		   ? 0
		   : -1;
}

static void unlock(struct appender *a)
{
	if (a->locked)
		mbox_unlock(&a->lock);
	a->locked = false;
	a->n = 0;
}

static void mbox_abort(struct store *s)
{
	struct appender *a = s->state;
	if (!a->locked)
		return;
	if (cut_back(a, a->was) == 0)
		(void)sys_fsync(a->lock.fd);
	unlock(a);
}

static int begin_group(struct store *s, struct appender *a, struct err *e)
{
	const char *gap;
	if (lock_and_look(s, a, &gap, e) < 0) {
		unlock(a); /* nothing was written yet; its length may not even be known */
		return -1;
	}
	/* written at once: where a message begins, the file ends */
	if (sink_puts(&a->length, gap, e) == 0 && sink_end(&a->out.sink, e) == 0)
		return 0;
	mbox_abort(s);
	return -1;
}

static int mbox_begin(
    struct store *s, const struct store_delivery *d, struct sink **to, struct err *e)
{
	struct appender *a = s->state;
	struct buf status = BUF_INIT(200);
	if (!a->locked && begin_group(s, a, e) < 0)
		return -1;
	a->began = a->size;
	a->bytes = 0;
	mbox_writer_init(
	    &a->writer, &a->length, d->sender, d->received_s ? d->received_s : clock_real_s());
	mbox_status_lines(d->flags, d->in_cur, &status);
	/* into the buffer, which is empty: this cannot fail */
	int r = sink_put(&a->writer.sink, buf_span(&status), e);
	buf_release(&status);
	a->count = (struct sink){count_put, count_end};
	mbox_status_filter_init(&a->status, &a->count);
	*to = &a->status.sink;
	return r;
}

static void mbox_drop(struct store *s)
{
	struct appender *a = s->state;
	if (cut_back(a, a->began) < 0)
		mbox_abort(s);
}

static int mbox_finish(struct store *s, struct store_receipt *r, struct err *e)
{
	struct appender *a = s->state;
	if (sink_end(&a->out.sink, e) < 0)
		return -1;
	a->n++;
	*r = (struct store_receipt){
	    .name = str_printf("mbox:%s#%llu", s->path, (unsigned long long)a->began),
	    .bytes = a->bytes};
	return 0;
}

/* The name of a new file is durable only with its folder. */
static int sync_folder_of(const char *path, struct err *e)
{
	const char *slash = strrchr(path, '/');
	char *dir = !slash          ? str_dup(".")
		    : slash == path ? str_dup("/")
				    : mem_dup(path, (size_t)(slash - path));
	int fd = dir_open(AT_FDCWD, dir, e);
	int r = fd < 0 ? -1 : dir_sync(fd, dir, e);
	if (fd >= 0)
		sys_close(fd);
	free(dir);
	return r;
}

static int mbox_commit(struct store *s, struct err *e)
{
	struct appender *a = s->state;
	if (!a->locked)
		return 0;
	int r = signals_stop()              ? err_set(e, EX_TEMPFAIL, _("stopped by a signal"))
		: sys_fsync(a->lock.fd) < 0 ? err_sys(e, EX_TEMPFAIL, "%s", s->path)
		: a->lock.created           ? sync_folder_of(s->path, e)
					    : 0;
	if (r < 0) {
		if (e)
			e->code = EX_TEMPFAIL;
		mbox_abort(s);
	}
	return r;
}

static void mbox_end(struct store *s)
{
	unlock(s->state);
}

static bool mbox_full(const struct store *s)
{
	const struct appender *a = s->state;
	return a->n >= GROUP_MAX || a->size - a->was >= group_bytes_max;
}

/* --- listing --- */

static int scan_messages(struct mbox_reader *r, struct store_scan *sc, struct err *e)
{
	struct source *message;
	int got;
	while ((got = mbox_reader_next(r, &message, e)) > 0) {
		struct scan_item it = {.from_at = mbox_reader_offset(r),
		    .offset = mbox_reader_start(r),
		    .time_s = mbox_reader_time(r)};
		if (mbox_reader_drain(r, &it.size, e) < 0)
			return -1;
		it.length = mbox_reader_end(r) - it.offset;
		it.flags = mbox_reader_flags(r);
		*scan_add(sc) = it;
	}
	return got;
}

static int mbox_scan(struct store *s, struct store_scan *sc, struct err *e)
{
	struct source_fd in;
	int fd = mbox_open_read(s->path, e);
	if (fd < 0)
		return -1;
	source_fd_init(&in, fd);
	struct mbox_reader *r = mbox_reader_new_how(&in.source, MBOX_LENIENT | MBOX_HIDE_STATUS);
	int got = scan_messages(r, sc, e);
	mbox_reader_free(r);
	sys_close(fd);
	return got < 0 ? err_prefix(e, "%s: ", s->path) : 0;
}

const struct store_ops store_mbox_ops = {
    .open = mbox_open,
    .begin = mbox_begin,
    .finish = mbox_finish,
    .drop = mbox_drop,
    .commit = mbox_commit,
    .end = mbox_end,
    .abort = mbox_abort,
    .full = mbox_full,
    .scan = mbox_scan,
    .close = mbox_close,
};
