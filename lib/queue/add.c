#include "base/clock.h"
#include "base/intl.h"
#include "io/file.h"
#include "io/sys.h"
#include "queue/envelope.h"
#include "queue/name.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

/* A journal left behind by a message long gone must not speak for a new one. */
static int choose_id(struct queue *q, uint64_t inode, char id[QUEUE_ID_SIZE], struct err *e)
{
	char journal[QUEUE_NAME_SIZE];
	struct stat st;
	do {
		queue_id_make(id, inode);
		snprintf(journal, sizeof(journal), "%s.log", id);
	} while (sys_fstatat(q->dirfd, journal, &st, AT_SYMLINK_NOFOLLOW) == 0);
	return errno == ENOENT ? 0 : err_sys(e, EX_IOERR, "%s", journal);
}

static int write_size(int fd, uint64_t size, struct err *e)
{
	char text[24];
	snprintf(text, sizeof(text), "%016llu", (unsigned long long)size);
	ssize_t n = sys_pwrite(fd, text, ENVELOPE_SIZE_DIGITS, ENVELOPE_SIZE_AT);
	if (n >= 0 && n != ENVELOPE_SIZE_DIGITS)
		errno = ENOSPC;
	return n == ENVELOPE_SIZE_DIGITS ? 0 : err_sys(e, EX_IOERR, _("cannot write"));
}

/* The message's source, and whether it was what failed: then the error is not the spool's. */
struct upstream {
	struct source source;
	struct source *from;
	bool failed;
};

static ssize_t read_upstream(struct source *s, char *p, size_t n, struct err *e)
{
	struct upstream *u = (struct upstream *)s;
	ssize_t got = u->from->read(u->from, p, n, e);
	u->failed = got < 0;
	return got;
}

/* Envelope and message; *inode: of the file. */
static int write_file(
    struct file_new *f, struct span head, struct source *message, uint64_t *inode, struct err *e)
{
	struct filter_crlf lf;
	struct stat st;
	filter_crlf_init(&lf, &f->out.sink, CRLF_LOCAL);
	if (sink_put(&f->out.sink, head, e) < 0 || sink_pump(&lf.sink, message, e) < 0 ||
	    sink_end(&lf.sink, e) < 0)
		return -1;
	if (sys_fstat(f->fd, &st) < 0)
		return err_sys(e, EX_IOERR, _("cannot be looked at"));
	if ((uint64_t)st.st_size <= head.len)
		return err_set(e, EX_DATAERR, _("the message is empty"));
	*inode = st.st_ino;
	return write_size(f->fd, (uint64_t)st.st_size - head.len, e);
}

/* After a failure that may have come behind the rename (the folder could not be synced): who is told "not accepted" will try again, so the file must go. */
static void take_back(struct queue *q, const char *name, uint64_t inode)
{
	struct stat st;
	if (sys_fstatat(q->dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || st.st_ino != inode)
		return;
	sys_unlinkat(q->dirfd, name, 0);
	sys_fsync(q->dirfd);
}

static int accept_file(
    struct queue *q, struct file_new *f, struct queue_name *n, uint64_t inode, struct err *e)
{
	char name[QUEUE_NAME_SIZE];
	if (choose_id(q, inode, n->id, e) < 0) {
		file_new_abort(f);
		return -1;
	}
	queue_name_write(name, n);
	if (file_new_commit(f, name, 0, e) == 0)
		return 0;
	take_back(q, name, inode);
	return -1;
}

static int add(struct queue *q, struct span head, struct upstream *message, struct queue_name *n,
    struct err *e)
{
	struct file_new f;
	uint64_t inode = 0;
	if (file_new_open(&f, q->dirfd, 0600, e) < 0)
		return -1;
	if (write_file(&f, head, &message->source, &inode, e) == 0)
		return accept_file(q, &f, n, inode, e);
	file_new_abort(&f);
	return -1;
}

int queue_add(struct queue *q, const struct queue_envelope *env, struct source *message,
    char id[QUEUE_ID_SIZE], struct err *e)
{
	struct buf head = BUF_INIT(ENVELOPE_MAX);
	struct upstream upstream = {{read_upstream}, message, false};
	struct err why = ERR_INIT;
	int64_t now = clock_real_s();
	struct queue_name n = {
	    .held = env->held, .next_s = env->hold_until_s > now ? env->hold_until_s : now};
	int r = envelope_write(&head, env, now, &why);
	if (r == 0)
		r = add(q, buf_span(&head), &upstream, &n, &why);
	buf_release(&head);
	if (r < 0) {
		if (!upstream.failed && why.code != EX_DATAERR)
			err_prefix(&why, "%s: ", q->path);
		return err_copy(e, &why);
	}
	memcpy(id, n.id, QUEUE_ID_SIZE);
	return 0;
}
