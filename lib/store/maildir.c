#include "store/maildir.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "base/random.h"
#include "io/child.h"
#include "io/file.h"
#include "io/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { GROUP_MAX = 200, NAME_TRIES = 10 };
static const uint64_t group_bytes_max = 32u << 20;

/* --- opening --- */

static int open_folder(struct maildir *m, const char *root, int which, int flags, struct err *e)
{
	char *path = str_printf("%s/%s", root, maildir_folders[which]);
	struct err first = ERR_INIT;
	int fd = dir_open(AT_FDCWD, path, &first);
	if (fd < 0 && first.sys == ENOENT && (flags & STORE_CREATE)) {
		if (dir_make(path, 0700, e) < 0) {
			free(path);
			return -1;
		}
		fd = dir_open(AT_FDCWD, path, &first);
	}
	free(path);
	if (fd < 0)
		return err_copy(e, &first);
	m->dir[which] = fd;
	return 0;
}

static void maildir_close(struct store *s)
{
	struct maildir *m = s->state;
	if (!m)
		return;
	for (int i = 0; i < 3; i++)
		if (m->dir[i] >= 0)
			sys_close(m->dir[i]);
	free(m->pending);
	free(m->out);
	free(m);
	s->state = NULL;
}

static int maildir_open(struct store *s, struct err *e)
{
	struct maildir *m = s->state = mem_new(1, sizeof(*m));
	m->dir[0] = m->dir[1] = m->dir[2] = -1;
	/* cur/ last: a folder counts as a Maildir from then on */
	for (int i = 0; i < 3; i++) {
		if (i == MAILDIR_TMP && (s->flags & STORE_READ_ONLY))
			continue;
		if (open_folder(m, s->path, i, s->flags, e) < 0) {
			maildir_close(s);
			return -1;
		}
	}
	return 0;
}

/* --- names --- */

/* "1700000000.M123456P4711Q1Rabcdefabcdefabcd.host": https://cr.yp.to/proto/maildir.html, its "alternatives" for time, process and sequence. */
static void unique_name(struct maildir *m, char out[MAILDIR_UNIQUE])
{
	char host[65], salt[13];
	int64_t us = clock_real_us();
	if (gethostname(host, sizeof(host)) < 0)
		snprintf(host, sizeof(host), "localhost");
	host[sizeof(host) - 1] = '\0';
	for (char *p = host; *p; p++)
		if (!is_alpha(*p) && !is_digit(*p) && *p != '.' && *p != '-')
			*p = '_';
	random_name(salt, sizeof(salt) - 1);
	snprintf(out, MAILDIR_UNIQUE, "%lld.M%06lldP%ldQ%uR%s.%s", (long long)(us / 1000000),
	    (long long)(us % 1000000), (long)getpid(), ++m->sequence, salt, host);
}

/* A new file in tmp/, under a name nobody has. */
static int create_tmp(struct maildir *m, struct maildir_pending *p, struct err *e)
{
	for (int i = 0; i < NAME_TRIES; i++) {
		unique_name(m, p->tmp);
		p->fd = sys_openat(
		    m->dir[MAILDIR_TMP], p->tmp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
		if (p->fd >= 0)
			return 0;
		if (errno != EEXIST)
			break;
	}
	return err_sys(e, EX_TEMPFAIL, _("cannot create a file in tmp"));
}

/* --- writing --- */

/* Counts what Dovecot calls the physical and the virtual size: a LF that stands without a CR is two bytes on the wire. */
static int count_put(struct sink *sink, struct span bytes, struct err *e)
{
	struct maildir *m = (struct maildir *)((char *)sink - offsetof(struct maildir, count));
	const char *p = bytes.ptr, *end = bytes.ptr + bytes.len, *lf;
	m->bytes += bytes.len;
	for (; (lf = memchr(p, '\n', (size_t)(end - p))); p = lf + 1)
		m->bare_lf += !(lf > bytes.ptr ? lf[-1] == '\r' : m->last == '\r');
	if (bytes.len)
		m->last = end[-1];
	return sink_put(&m->out->sink, bytes, e);
}

static struct maildir_pending *add_pending(struct maildir *m)
{
	if (m->n == m->cap) {
		m->cap = m->cap ? m->cap * 2 : 4;
		m->pending = mem_resize(m->pending, m->cap, sizeof(*m->pending));
	}
	m->pending[m->n] = (struct maildir_pending){.fd = -1};
	return &m->pending[m->n++];
}

static int maildir_begin(
    struct store *s, const struct store_delivery *d, struct sink **to, struct err *e)
{
	struct maildir *m = s->state;
	struct maildir_pending *p = add_pending(m);
	if (create_tmp(m, p, e) < 0) {
		m->n--;
		return -1;
	}
	p->in_cur = d->in_cur || (d->flags & ~(unsigned)STORE_RECENT);
	m->flags = d->flags;
	m->received_s = d->received_s;
	m->bytes = m->bare_lf = 0;
	m->last = 0;
	if (m->out)
		sink_fd_init(m->out, p->fd);
	else
		m->out = sink_fd_new(p->fd);
	m->count = (struct sink){count_put, NULL};
	*to = &m->count;
	return 0;
}

static void drop_pending(struct maildir *m, struct maildir_pending *p)
{
	if (p->fd >= 0)
		sys_close(p->fd);
	p->fd = -1;
	if (p->published)
		sys_unlinkat(m->dir[p->in_cur ? MAILDIR_CUR : MAILDIR_NEW], p->name, 0);
	else
		sys_unlinkat(m->dir[MAILDIR_TMP], p->tmp, 0);
}

static void maildir_drop(struct store *s)
{
	struct maildir *m = s->state;
	drop_pending(m, &m->pending[--m->n]);
}

static void info(char *out, size_t size, const struct maildir_pending *p, unsigned flags)
{
	char letters[8];
	store_flags_letters(flags, letters);
	snprintf(out, size, "%s%s", p->in_cur ? ":2," : "", p->in_cur ? letters : "");
}

static void receipt(
    const struct store *s, const struct maildir_pending *p, uint64_t bytes, struct store_receipt *r)
{
	*r = (struct store_receipt){
	    .name = str_printf("%s/%s/%s", s->path, p->in_cur ? "cur" : "new", p->name),
	    .bytes = bytes};
}

static int maildir_finish(struct store *s, struct store_receipt *r, struct err *e)
{
	struct maildir *m = s->state;
	struct maildir_pending *p = &m->pending[m->n - 1];
	char flags[16];
	if (sink_end(&m->out->sink, e) < 0)
		return -1;
	if (m->received_s) {
		/* the internal date IMAP shows; that it cannot be set is no reason to lose the message */
		const struct timespec t[2] = {{.tv_sec = m->received_s}, {.tv_sec = m->received_s}};
		(void)futimens(p->fd, t);
	}
	info(flags, sizeof(flags), p, m->flags);
	snprintf(p->name, sizeof(p->name), "%s,S=%llu,W=%llu%s", p->tmp,
	    (unsigned long long)m->bytes, (unsigned long long)(m->bytes + m->bare_lf), flags);
	p->bytes = m->bytes;
	receipt(s, p, m->bytes, r);
	return 0;
}

bool maildir_take_link(
    struct store *s, const char *from, const struct store_message *msg, struct store_receipt *r)
{
	struct maildir *m = s->state;
	struct maildir_pending *p = add_pending(m);
	struct maildir_place place;
	uint64_t size;
	char flags[16];
	unique_name(m, p->tmp);
	if (!maildir_place_parse(span_of(from), &place)) {
		m->n--;
		return false;
	}
	struct span base = span_of(place.base), extra = span_skip(base, maildir_unique(base).len);
	ptrdiff_t colon = span_index(extra, ':');
	extra = colon < 0 ? extra : span_take(extra, (size_t)colon);
	/* a wrong S= would be believed at its new place as well: such a one is copied and counted */
	bool good = maildir_size(base, &size) && size == msg->entry.size && extra.len < 64 &&
		    sys_linkat(AT_FDCWD, from, m->dir[MAILDIR_TMP], p->tmp) == 0;
	if (good) {
		p->in_cur = !(msg->entry.flags & STORE_RECENT);
		info(flags, sizeof(flags), p, msg->entry.flags);
		snprintf(p->name, sizeof(p->name), "%s%.*s%s", p->tmp, SPAN_ARG(extra), flags);
		receipt(s, p, size, r);
	} else {
		m->n--;
	}
	maildir_place_release(&place);
	return good;
}

/* --- making it safe --- */

/* link() never replaces a file, as rename() would. Not every file system has it. */
static int publish(struct maildir *m, struct maildir_pending *p, struct err *e)
{
	int to = m->dir[p->in_cur ? MAILDIR_CUR : MAILDIR_NEW];
	struct stat st;
	if (sys_linkat(m->dir[MAILDIR_TMP], p->tmp, to, p->name) == 0) {
		p->published = true;
		/* a second name left in tmp/ harms nobody: readers remove old files there */
		sys_unlinkat(m->dir[MAILDIR_TMP], p->tmp, 0);
		return 0;
	}
	if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS)
		return err_sys(e, EX_TEMPFAIL, "%s", p->name);
	if (sys_fstatat(to, p->name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return err_set(e, EX_TEMPFAIL, _("%s exists already"), p->name);
	if (sys_renameat(m->dir[MAILDIR_TMP], p->tmp, to, p->name) < 0)
		return err_sys(e, EX_TEMPFAIL, "%s", p->name);
	p->published = true;
	return 0;
}

static int sync_pending(struct maildir *m, struct err *e)
{
	/* all on their way before the first is waited for: one journal commit then serves many */
	for (size_t i = 0; m->n > 1 && i < m->n; i++)
		if (m->pending[i].fd >= 0)
			(void)sync_file_range(m->pending[i].fd, 0, 0, SYNC_FILE_RANGE_WRITE);
	for (size_t i = 0; i < m->n; i++) {
		struct maildir_pending *p = &m->pending[i];
		if (p->fd < 0)
			continue; /* a link to a file that was safe before */
		if (sys_fsync(p->fd) < 0)
			return err_sys(e, EX_TEMPFAIL, "%s", p->tmp);
		int fd = p->fd;
		p->fd = -1;
		/* NFS and quotas say so only here */
		if (sys_close(fd) < 0)
			return err_sys(e, EX_TEMPFAIL, "%s", p->tmp);
	}
	return 0;
}

static int publish_pending(struct maildir *m, struct err *e)
{
	bool used[3] = {false};
	for (size_t i = 0; i < m->n; i++) {
		used[m->pending[i].in_cur ? MAILDIR_CUR : MAILDIR_NEW] = true;
		if (publish(m, &m->pending[i], e) < 0)
			return -1;
	}
	for (int i = MAILDIR_NEW; i <= MAILDIR_CUR; i++)
		if (used[i] && dir_sync(m->dir[i], maildir_folders[i], e) < 0)
			return -1;
	return 0;
}

static void maildir_abort(struct store *s)
{
	struct maildir *m = s->state;
	while (m->n)
		drop_pending(m, &m->pending[--m->n]);
}

static int maildir_commit(struct store *s, struct err *e)
{
	struct maildir *m = s->state;
	if (signals_stop() && m->n)
		err_set(e, EX_TEMPFAIL, _("stopped by a signal"));
	else if (sync_pending(m, e) == 0 && publish_pending(m, e) == 0)
		return 0;
	maildir_abort(s);
	if (e)
		e->code = EX_TEMPFAIL;
	return -1;
}

static void maildir_end(struct store *s)
{
	struct maildir *m = s->state;
	m->n = 0;
}

static bool maildir_full(const struct store *s)
{
	const struct maildir *m = s->state;
	uint64_t bytes = 0;
	for (size_t i = 0; i < m->n; i++)
		bytes += m->pending[i].bytes;
	return m->n >= GROUP_MAX || bytes >= group_bytes_max;
}

const struct store_ops store_maildir_ops = {
    .open = maildir_open,
    .begin = maildir_begin,
    .finish = maildir_finish,
    .drop = maildir_drop,
    .commit = maildir_commit,
    .end = maildir_end,
    .abort = maildir_abort,
    .full = maildir_full,
    .scan = maildir_scan,
    .close = maildir_close,
};
