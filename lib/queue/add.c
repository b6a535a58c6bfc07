#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "io/file.h"
#include "io/sys.h"
#include "queue/claim.h"
#include "queue/envelope.h"
#include "queue/name.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

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

/* A message that is written and has no name yet, or the name it was accepted under. */
struct pending {
	struct file_done file;
	struct queue_name name;
	uint64_t inode;
	bool accepted;
};

struct queue_group {
	struct queue *q;
	struct pending v[QUEUE_GROUP_MAX];
	size_t n;
};

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

static int write_pending(
    struct queue *q, struct pending *p, struct span head, struct upstream *message, struct err *e)
{
	struct file_new f;
	if (file_new_open(&f, q->dirfd, 0600, e) < 0)
		return -1;
	if (write_file(&f, head, &message->source, &p->inode, e) == 0)
		return file_new_finish(&f, &p->file, e);
	file_new_abort(&f);
	return -1;
}

/* What went wrong, and where: the message's own faults and those of its source are not the spool's. */
static int failed(const struct queue *q, const struct upstream *u, struct err *why, struct err *e)
{
	if (!u->failed && why->code != EX_DATAERR)
		err_prefix(why, "%s: ", q->path);
	return err_copy(e, why);
}

static int write_one(struct queue *q, struct pending *p, const struct queue_envelope *env,
    struct source *message, struct err *e)
{
	struct buf head = BUF_INIT(ENVELOPE_MAX);
	struct upstream upstream = {{read_upstream}, message, false};
	struct err why = ERR_INIT;
	int64_t now = clock_real_s();
	*p = (struct pending){.name = {.held = env->held,
				  .next_s = env->hold_until_s > now ? env->hold_until_s : now}};
	int r = envelope_write(&head, env, now, &why);
	if (r == 0)
		r = write_pending(q, p, buf_span(&head), &upstream, &why);
	buf_release(&head);
	return r < 0 ? failed(q, &upstream, &why, e) : 0;
}

/* After a failure that may have come behind the rename (the folder could not be synced): who is told "not accepted" will try again, so the files must go. */
static void take_back(struct queue *q, struct pending *v, size_t n)
{
	bool any = false;
	for (size_t i = 0; i < n; i++) {
		char name[QUEUE_NAME_SIZE];
		struct stat st;
		queue_name_write(name, &v[i].name);
		if (!v[i].accepted || sys_fstatat(q->dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
		    st.st_ino != v[i].inode)
			continue;
		v[i].accepted = false;
		sys_unlinkat(q->dirfd, name, 0);
		any = true;
	}
	if (any)
		sys_fsync(q->dirfd);
}

static int give_names(struct queue *q, struct pending *v, size_t n, struct err *e)
{
	char name[QUEUE_NAME_SIZE];
	for (size_t i = 0; i < n; i++) {
		if (choose_id(q, v[i].inode, v[i].name.id, e) < 0)
			return -1;
		queue_name_write(name, &v[i].name);
		if (file_done_name(&v[i].file, name, 0, e) < 0)
			return -1;
		v[i].accepted = true;
	}
	return queue_sync(q, e);
}

static int sync_files(struct pending *v, size_t n, struct err *e)
{
	struct file_done files[QUEUE_GROUP_MAX];
	for (size_t i = 0; i < n; i++)
		files[i] = v[i].file;
	int r = files_sync(files, n, e);
	for (size_t i = 0; i < n; i++)
		v[i].file.fd = files[i].fd;
	return r;
}

static void abort_rest(struct pending *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!v[i].accepted)
			file_done_abort(&v[i].file);
}

/* All of them or none. */
static int accept_all(struct queue *q, struct pending *v, size_t n, struct err *e)
{
	if (n && sync_files(v, n, e) == 0 && give_names(q, v, n, e) == 0)
		return 0;
	abort_rest(v, n);
	take_back(q, v, n);
	return n ? err_prefix(e, "%s: ", q->path) : 0;
}

int queue_add(struct queue *q, const struct queue_envelope *env, struct source *message,
    char id[QUEUE_ID_SIZE], struct err *e)
{
	struct pending p;
	if (write_one(q, &p, env, message, e) < 0 || accept_all(q, &p, 1, e) < 0)
		return -1;
	memcpy(id, p.name.id, QUEUE_ID_SIZE);
	return 0;
}

/* --- many at once --- */

struct queue_group *queue_group_new(struct queue *q)
{
	struct queue_group *g = mem_new(1, sizeof(*g));
	g->q = q;
	return g;
}

void queue_group_free(struct queue_group *g)
{
	if (g)
		abort_rest(g->v, g->n);
	free(g);
}

int queue_group_add(
    struct queue_group *g, const struct queue_envelope *env, struct source *message, struct err *e)
{
	ENSURE(g->n < QUEUE_GROUP_MAX);
	if (write_one(g->q, &g->v[g->n], env, message, e) < 0)
		return -1;
	g->n++;
	return 0;
}

int queue_group_accept(struct queue_group *g, struct err *e)
{
	if (accept_all(g->q, g->v, g->n, e) == 0)
		return 0;
	g->n = 0;
	return -1;
}

bool queue_group_is_full(const struct queue_group *g)
{
	long most = sysconf(_SC_OPEN_MAX);
	return g->n == QUEUE_GROUP_MAX || (most > 0 && g->n >= (size_t)most / 2);
}

size_t queue_group_count(const struct queue_group *g)
{
	return g->n;
}

const char *queue_group_id(const struct queue_group *g, size_t i)
{
	return g->v[i].name.id;
}

void queue_group_take_back(struct queue_group *g, size_t first)
{
	take_back(g->q, g->v + first, g->n - first);
	g->n = first;
}

void queue_group_clear(struct queue_group *g)
{
	g->n = 0;
}
