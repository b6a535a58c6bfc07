/*
 * Flags and deletions in an mbox: a new file is written beside it, made durable and put in its place, so that a kill leaves the old one or the
 * new one. That needs the right to create files there, and PATH.lock keeps away those who wait for the old file's kernel lock.
 */
#include "base/alloc.h"
#include "base/intl.h"
#include "io/file.h"
#include "io/sys.h"
#include "store/mbox.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

bool mbox_name_parse(struct span name, char **path, uint64_t *offset)
{
	size_t hash = name.len;
	if (!span_starts(name, "mbox:") || memchr(name.ptr, '\0', name.len))
		return false;
	while (hash > 5 && name.ptr[hash - 1] != '#')
		hash--;
	if (hash <= 6 || !span_to_u64(span_skip(name, hash), INT64_MAX, offset))
		return false;
	*path = span_dup(span_make(name.ptr + 5, hash - 6));
	return true;
}

/* A sink that counts, for the offsets of what follows. */
struct counted {
	struct sink sink, *next;
	uint64_t bytes;
	char last;
};

static int counted_put(struct sink *s, struct span bytes, struct err *e)
{
	struct counted *c = (struct counted *)s;
	c->bytes += bytes.len;
	if (bytes.len)
		c->last = bytes.ptr[bytes.len - 1];
	return sink_put(c->next, bytes, e);
}

/* The flags of the message at this offset: 1, 0 no message begins there, -1. */
static int read_flags(int fd, uint64_t offset, uint64_t size, unsigned *flags, struct err *e)
{
	struct source_range in;
	struct source *message;
	struct err ignored = ERR_INIT;
	if (offset >= size)
		return 0;
	source_range_init(&in, fd, (int64_t)offset, (int64_t)(size - offset));
	struct mbox_reader *r = mbox_reader_new_how(&in.source, MBOX_LENIENT | MBOX_HIDE_STATUS);
	int got = mbox_reader_next(r, &message, &ignored);
	if (got > 0 && mbox_reader_offset(r) != 0)
		got = 0; /* blank lines in front: not the place */
	if (got > 0 && mbox_reader_drain(r, NULL, e) < 0)
		got = -1;
	else if (got < 0)
		got = ignored.code == EX_DATAERR ? 0 : err_copy(e, &ignored);
	if (got > 0)
		*flags = mbox_reader_flags(r);
	mbox_reader_free(r);
	return got;
}

static int write_message(struct mbox_reader *r, struct source *message, const struct mbox_change *c,
    struct counted *to, struct err *e)
{
	struct buf head = BUF_INIT(2000);
	buf_add(&head, mbox_reader_from_line(r));
	buf_addc(&head, '\n');
	if (c)
		mbox_status_lines((c->flags | c->add) & ~c->remove, true, &head);
	int got = sink_put(&to->sink, buf_span(&head), e);
	buf_release(&head);
	uint64_t before = to->bytes;
	if (got < 0 || sink_pump(&to->sink, message, e) < 0)
		return -1;
	/* a last message without a line end, or without the empty line behind it, gets them */
	return sink_puts(&to->sink, to->bytes == before || to->last == '\n' ? "\n" : "\n\n", e);
}

static int write_all(
    int fd, uint64_t size, struct mbox_change *v, size_t n, struct sink *out, struct err *e)
{
	struct source_range in;
	struct source *message;
	struct counted to = {.sink = {counted_put, NULL}, .next = out};
	size_t at = 0;
	int got;
	source_range_init(&in, fd, 0, (int64_t)size);
	struct mbox_reader *r = mbox_reader_new_how(&in.source, MBOX_LENIENT | MBOX_RAW);
	while ((got = mbox_reader_next(r, &message, e)) > 0) {
		struct mbox_change *c = NULL;
		while (at < n && v[at].offset < mbox_reader_offset(r))
			at++;
		if (at < n && v[at].offset == mbox_reader_offset(r) && v[at].found)
			c = &v[at++];
		mbox_reader_how(r, MBOX_LENIENT | MBOX_RAW | (c ? MBOX_HIDE_STATUS : 0));
		if (c) {
			c->done = true;
			c->offset = to.bytes;
			if (c->erase)
				continue;
		}
		if (write_message(r, message, c, &to, e) < 0)
			break;
	}
	if (got > 0)
		got = -1;
	mbox_reader_free(r);
	return got;
}

/* The new file belongs to whom the old one did, where we may give it away. */
static void keep_owner(int from, int to)
{
	struct stat st;
	if (sys_fstat(from, &st) < 0)
		return;
	if (fchown(to, st.st_uid, st.st_gid) < 0)
		(void)!fchown(to, (uid_t)-1, st.st_gid);
	(void)!fchmod(to, st.st_mode & 07777);
}

static int replace(
    int dir, const char *base, int fd, struct mbox_change *v, size_t n, struct err *e)
{
	struct file_new f;
	struct stat st;
	if (sys_fstat(fd, &st) < 0)
		return err_sys(e, EX_TEMPFAIL, _("cannot be looked at"));
	uint64_t size = (uint64_t)st.st_size;
	for (size_t i = 0; i < n; i++) {
		int got = read_flags(fd, v[i].offset, size, &v[i].flags, e);
		if (got < 0)
			return -1;
		v[i].found = got > 0;
	}
	if (file_new_open(&f, dir, 0600, e) < 0)
		return -1;
	keep_owner(fd, f.fd);
	if (write_all(fd, size, v, n, &f.out.sink, e) < 0) {
		file_new_abort(&f);
		return -1;
	}
	return file_new_commit(&f, base, FILE_REPLACE, e);
}

int mbox_rewrite(const char *path, struct mbox_change *v, size_t n, struct err *e)
{
	struct mbox_lock l;
	char *real = realpath(path, NULL);
	if (!real)
		return err_sys(e, EX_NOINPUT, "%s", path);
	char *slash = strrchr(real, '/'),
	     *folder = mem_dup(real, slash == real ? 1 : (size_t)(slash - real));
	int r = mbox_lock(&l, real, false, e);
	if (r == 0) {
		int dir = dir_open(AT_FDCWD, folder, e);
		r = dir < 0 ? -1 : replace(dir, slash + 1, l.fd, v, n, e);
		if (r < 0)
			err_prefix(e, "%s: ", path);
		if (dir >= 0)
			sys_close(dir);
		mbox_unlock(&l);
	}
	free(folder);
	free(real);
	return r;
}
