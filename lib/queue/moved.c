#include "queue/moved.h"

#include "base/alloc.h"
#include "base/intl.h"
#include "io/file.h"
#include "io/sys.h"
#include "queue/claim.h"
#include "queue/moving.h"
#include "queue/scan.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

static int open_lock(struct moving *m, struct err *e)
{
	m->lock_fd = sys_openat(m->dirfd, "lock", O_RDWR | O_CREAT | O_NOFOLLOW, 0600);
	return m->lock_fd < 0 ? err_sys(e, EX_CANTCREAT, "%s/moved/lock", m->q->path)
			      : file_lock(m->lock_fd, true, false, e);
}

/* moved/ is there: locks it. 1; 0 another is at it; -1 */
static int begin_in(struct moving *m, struct queue *q, int dirfd, struct err *e)
{
	*m = (struct moving){.q = q, .dirfd = dirfd, .lock_fd = -1};
	int r = open_lock(m, e);
	if (r <= 0)
		moving_end(m);
	return r;
}

int moving_begin(struct moving *m, struct queue *q, struct err *e)
{
	const struct queue_recovery quietly = {0};
	if (queue_recover(q, &quietly, e) < 0)
		return -1;
	if (sys_mkdirat(q->dirfd, "moved", 0700) == 0) {
		if (queue_sync(q, e) < 0)
			return -1;
	} else if (errno != EEXIST) {
		return err_sys(e, EX_CANTCREAT, "%s/moved", q->path);
	}
	int fd = dir_open(q->dirfd, "moved", e);
	if (fd < 0)
		return err_prefix(e, "%s/", q->path);
	int r = begin_in(m, q, fd, e);
	if (r == 0)
		return err_set(e, EX_TEMPFAIL, _("another export or import is at it"));
	return r < 0 ? -1 : 0;
}

void moving_end(struct moving *m)
{
	if (m->lock_fd >= 0)
		sys_close(m->lock_fd);
	sys_close(m->dirfd);
	m->lock_fd = m->dirfd = -1;
}

void moving_name(char out[MOVING_NAME_SIZE], const char *stage, const char *run)
{
	snprintf(out, MOVING_NAME_SIZE, "%s-%s", stage, run);
}

int moving_step(struct moving *m, const char *from, const char *to, const char *run, struct err *e)
{
	char old[MOVING_NAME_SIZE], new[MOVING_NAME_SIZE];
	moving_name(old, from, run);
	moving_name(new, to, run);
	if (sys_renameat(m->dirfd, old, m->dirfd, new) < 0)
		return err_sys(e, EX_IOERR, "%s/moved/%s", m->q->path, old);
	return dir_sync(m->dirfd, "moved", e);
}

int moving_open(
    struct moving *m, const char *stage, const char *run, struct queue *inside, struct err *e)
{
	char name[MOVING_NAME_SIZE];
	moving_name(name, stage, run);
	int fd = dir_open(m->dirfd, name, e);
	if (fd < 0)
		return err_prefix(e, "%s/moved/", m->q->path);
	*inside = (struct queue){
	    .path = str_printf("%s/moved/%s", m->q->path, name), .dirfd = fd, .uid = m->q->uid};
	return 0;
}

static int remove_files(struct queue *inside, struct err *e)
{
	struct queue_scan s;
	struct queue_name n;
	int r;
	if (queue_scan_open(&s, inside, e) < 0)
		return -1;
	while ((r = queue_scan_any(&s, &n, e)) > 0)
		if (sys_unlinkat(inside->dirfd, s.file, 0) < 0 && errno != ENOENT) {
			r = err_sys(e, EX_IOERR, "%s/%s", inside->path, s.file);
			break;
		}
	queue_scan_close(&s);
	return r;
}

int moving_remove(struct moving *m, const char *stage, const char *run, struct err *e)
{
	char name[MOVING_NAME_SIZE];
	struct queue inside;
	if (moving_open(m, stage, run, &inside, e) < 0)
		return -1;
	int r = remove_files(&inside, e);
	queue_close(&inside);
	moving_name(name, stage, run);
	if (r == 0 && sys_unlinkat(m->dirfd, name, AT_REMOVEDIR) < 0)
		r = err_sys(e, EX_IOERR, "%s/moved/%s", m->q->path, name);
	return r < 0 ? -1 : dir_sync(m->dirfd, "moved", e);
}

int moving_gather(struct queue *inside, struct moving_names *l, struct err *e)
{
	struct queue_scan s;
	struct queue_name n;
	int r;
	if (queue_scan_open(&s, inside, e) < 0)
		return -1;
	while ((r = queue_scan_next(&s, &n, e)) > 0) {
		if (l->n == l->cap) {
			l->cap = l->cap ? 2 * l->cap : 64;
			l->v = mem_resize(l->v, l->cap, sizeof(*l->v));
		}
		l->v[l->n++] = n;
	}
	queue_scan_close(&s);
	return r;
}

static int bring_journals(
    struct queue *q, struct queue *inside, const struct moving_names *l, struct err *e)
{
	char log[QUEUE_NAME_SIZE];
	for (size_t i = 0; i < l->n; i++) {
		snprintf(log, sizeof(log), "%s.log", l->v[i].id);
		/* over one that lies there: it is what an export that died left, and no younger */
		if (sys_renameat(inside->dirfd, log, q->dirfd, log) < 0 && errno != ENOENT)
			return err_sys(e, EX_IOERR, "%s/%s", inside->path, log);
	}
	return queue_sync(q, e);
}

/* Never over what is there. Where the file system has no such rename, a look before must do: nobody else makes a name with this ID. */
static int move_file(struct queue *inside, struct queue *q, const char *file, struct err *e)
{
	struct stat st;
	if (sys_rename_new(inside->dirfd, file, q->dirfd, file) == 0)
		return 0;
	if ((errno != EINVAL && errno != ENOSYS) ||
	    sys_fstatat(q->dirfd, file, &st, AT_SYMLINK_NOFOLLOW) == 0 ||
	    sys_renameat(inside->dirfd, file, q->dirfd, file) < 0)
		return err_sys(e, EX_IOERR, "%s/%s", inside->path, file);
	return 0;
}

int moving_bring(struct queue *q, struct queue *inside, const struct moving_names *l, struct err *e)
{
	char file[QUEUE_NAME_SIZE];
	if (bring_journals(q, inside, l, e) < 0)
		return -1;
	for (size_t i = 0; i < l->n; i++) {
		queue_name_write(file, &l->v[i]);
		if (move_file(inside, q, file, e) < 0)
			return -1;
	}
	return queue_sync(q, e) < 0 ? -1 : dir_sync(inside->dirfd, inside->path, e);
}

/* --- what was left --- */

static bool is_stage(const char *file, const char *stage, char run[QUEUE_RUN_SIZE])
{
	size_t n = strlen(stage);
	if (strncmp(file, stage, n) != 0 || file[n] != '-' ||
	    strlen(file + n + 1) != QUEUE_RUN_SIZE - 1)
		return false;
	memcpy(run, file + n + 1, QUEUE_RUN_SIZE);
	return true;
}

static int recover_one(struct moving *m, const char *file, struct err *e)
{
	char run[QUEUE_RUN_SIZE];
	if (is_stage(file, "surat-queue", run))
		return export_undo(m, run, e);
	if (is_stage(file, "staging", run))
		return moving_remove(m, "staging", run, e);
	if (is_stage(file, "arriving", run))
		return import_arrive(m, run, NULL, NULL, e);
	return 0;
}

static int recover_all(struct moving *m, struct err *e)
{
	struct queue inside = {.path = m->q->path, .dirfd = m->dirfd};
	struct queue_scan s;
	struct queue_name n;
	struct strv files = {0};
	int r;
	if (queue_scan_open(&s, &inside, e) < 0)
		return -1;
	while ((r = queue_scan_any(&s, &n, e)) > 0)
		strv_add(&files, s.file);
	queue_scan_close(&s);
	for (size_t i = 0; r == 0 && i < files.n; i++)
		r = recover_one(m, files.v[i], e);
	strv_release(&files);
	return r;
}

int queue_moved_recover(struct queue *q, struct err *e)
{
	struct moving m;
	int fd = sys_openat(q->dirfd, "moved", O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
	if (fd < 0)
		return 0; /* nothing ever moved here */
	int r = begin_in(&m, q, fd, e);
	if (r <= 0)
		return r;
	r = recover_all(&m, e);
	moving_end(&m);
	return r;
}
