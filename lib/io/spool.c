#include "io/spool.h"

#include "base/intl.h"
#include "base/random.h"
#include "io/file.h"
#include "io/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	HEAD = 256 * 1024, /* stays in memory */
	TAIL = 64 * 1024   /* gathered before it is written */
};

/* --- the file without a name --- */

static int named_and_unlinked(int dir, struct err *e)
{
	char name[32] = ".surat-";
	for (int tries = 0; tries < 16; tries++) {
		random_name(name + 7, 16);
		int fd = sys_openat(dir, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
		if (fd >= 0) {
			sys_unlinkat(dir, name, 0);
			return fd;
		}
		if (errno != EEXIST)
			break;
	}
	return err_sys(e, EX_CANTCREAT, _("cannot create a temporary file"));
}

static int open_unnamed(const char *where, struct err *e)
{
	int fd = sys_openat(AT_FDCWD, where, O_TMPFILE | O_RDWR | O_EXCL, 0600);
	if (fd >= 0)
		return fd;
	if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)
		return err_sys(e, EX_CANTCREAT, _("cannot create a temporary file"));
	int dir = dir_open(AT_FDCWD, where, e);
	if (dir < 0)
		return -1;
	fd = named_and_unlinked(dir, e);
	sys_close(dir);
	return fd;
}

static const char *temporary_folder(void)
{
	const char *where = getenv("TMPDIR");
	return where && *where ? where : "/tmp";
}

/* --- writing --- */

/* sp->written counts only what is safe in the file: after a failed write nothing that was there is lost to readers. */
static int write_tail(struct spool *sp, struct err *e)
{
	const char *where = temporary_folder();
	if (sp->fd < 0) {
		int fd = open_unnamed(where, e);
		if (fd < 0)
			return err_prefix(e, "%s: ", where);
		sp->fd = fd;
	}
	while (sp->tail.len) {
		ssize_t n = sys_pwrite(sp->fd, sp->tail.ptr, sp->tail.len, (off_t)sp->written);
		if (n < 0)
			return err_sys(
			    e, EX_IOERR, _("%s: cannot write to a temporary file"), where);
		sp->written += (uint64_t)n;
		buf_drop(&sp->tail, (size_t)n);
	}
	return 0;
}

static int spool_put(struct sink *sink, struct span bytes, struct err *e)
{
	struct spool *sp = (struct spool *)sink;
	size_t room = sp->fd < 0 && !sp->tail.len ? sp->head.max - sp->head.len : 0;
	struct span first = span_take(bytes, room);
	buf_add(&sp->head, first);
	sp->size += first.len;
	bytes = span_skip(bytes, first.len);
	while (bytes.len) {
		if (sp->tail.len == sp->tail.max && write_tail(sp, e) < 0)
			return -1;
		struct span piece = span_take(bytes, sp->tail.max - sp->tail.len);
		buf_add(&sp->tail, piece);
		sp->size += piece.len;
		bytes = span_skip(bytes, piece.len);
	}
	return 0;
}

void spool_init(struct spool *sp)
{
	*sp = (struct spool){.sink = {.put = spool_put}, .fd = -1};
	buf_init(&sp->head, HEAD);
	buf_init(&sp->tail, TAIL);
}

void spool_release(struct spool *sp)
{
	buf_release(&sp->head);
	buf_release(&sp->tail);
	if (sp->fd >= 0)
		sys_close(sp->fd);
	sp->fd = -1;
	sp->size = sp->written = 0;
}

int spool_reset(struct spool *sp, struct err *e)
{
	buf_reset(&sp->head);
	buf_reset(&sp->tail);
	int fd = sp->fd;
	sp->fd = -1;
	sp->size = sp->written = 0;
	if (fd >= 0 && sys_close(fd) < 0)
		return err_sys(e, EX_IOERR, _("cannot close a temporary file"));
	return 0;
}

/* --- reading --- */

static ssize_t copy_from(const struct buf *b, char *p, size_t n, uint64_t at)
{
	struct span piece = span_take(span_skip(buf_span(b), (size_t)at), n);
	memcpy(p, piece.ptr, piece.len);
	return (ssize_t)piece.len;
}

ssize_t spool_pread(const struct spool *sp, char *p, size_t n, uint64_t at, struct err *e)
{
	if (at >= sp->size || n == 0)
		return 0;
	if (at < sp->head.len)
		return copy_from(&sp->head, p, n, at);
	at -= sp->head.len;
	if (at >= sp->written)
		return copy_from(&sp->tail, p, n, at - sp->written);
	if (n > sp->written - at)
		n = (size_t)(sp->written - at);
	ssize_t r = sys_pread(sp->fd, p, n, (off_t)at);
	if (r < 0)
		return err_sys(e, EX_IOERR, _("cannot read a temporary file"));
	return r ? r : err_set(e, EX_IOERR, _("a temporary file became shorter"));
}

static ssize_t source_read(struct source *source, char *p, size_t n, struct err *e)
{
	struct source_spool *s = (struct source_spool *)source;
	uint64_t end = s->end < s->spool->size ? s->end : s->spool->size;
	if (s->at >= end)
		return 0;
	ssize_t r = spool_pread(s->spool, p, n < end - s->at ? n : (size_t)(end - s->at), s->at, e);
	if (r > 0)
		s->at += (uint64_t)r;
	return r;
}

void source_spool_init(struct source_spool *s, const struct spool *sp)
{
	source_spool_range(s, sp, 0, UINT64_MAX);
}

void source_spool_range(struct source_spool *s, const struct spool *sp, uint64_t from, uint64_t len)
{
	*s = (struct source_spool){.source = {source_read}, .spool = sp, .at = from};
	s->end = len > UINT64_MAX - from ? UINT64_MAX : from + len;
}
