/* Out: the messages leave the spool before the archive gets its name, so that nobody has a letter that is still tried here. */
#include "base/alloc.h"
#include "base/intl.h"
#include "base/random.h"
#include "io/child.h"
#include "io/file.h"
#include "io/sys.h"
#include "queue/claim.h"
#include "queue/moving.h"
#include "queue/scan.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char stage[] = "surat-queue";

struct exporting {
	struct moving m;
	struct queue inside; /* the stage's folder */
	struct queue_run_lock lock;
	const struct queue_moving *how;
	struct queue_moved *result;
};

static void tell(struct exporting *x, const char *id, const char *why)
{
	x->result->skipped++;
	if (x->how->told)
		x->how->told(x->how->ctx, id, why);
}

/* --- into the folder --- */

static int copy_octets(struct queue *q, struct queue *inside, const char *name, struct err *e)
{
	struct source_fd from;
	struct file_new f;
	int fd = file_open_strict(q->dirfd, name, e);
	if (fd < 0)
		return -1;
	source_fd_init(&from, fd);
	int r = file_new_open(&f, inside->dirfd, 0600, e);
	if (r == 0 && (r = sink_pump(&f.out.sink, &from.source, e)) < 0)
		file_new_abort(&f);
	else if (r == 0)
		r = file_new_commit(&f, name, FILE_REPLACE, e);
	sys_close(fd);
	return r;
}

/* Claimed by us. The journal goes as a copy, which is durable first: at no time is the message anywhere without what is known of its recipients. */
static int move_out(struct exporting *x, const struct queue_name *was, struct queue_name *n,
    bool journal, struct err *e)
{
	struct queue *q = x->m.q;
	char log[QUEUE_NAME_SIZE], from[QUEUE_NAME_SIZE], to[QUEUE_NAME_SIZE];
	snprintf(log, sizeof(log), "%s.log", n->id);
	queue_name_write(from, n);
	queue_name_write(to, was);
	if (journal && copy_octets(q, &x->inside, log, e) < 0)
		return -1;
	if (sys_renameat(q->dirfd, from, x->inside.dirfd, to) < 0)
		return err_sys(e, EX_IOERR, "%s/%s", q->path, from);
	x->result->messages++;
	return 0;
}

static int export_claimed(
    struct exporting *x, const struct queue_name *was, struct queue_name *n, struct err *e)
{
	struct queue_message m;
	struct err why = ERR_INIT;
	struct queue_name back = *n;
	int got = queue_message_open(x->m.q, n, &m, &why);
	if (got > 0) {
		bool journal = m.has_journal;
		queue_message_close(&m);
		got = move_out(x, was, n, journal, e);
	} else if (got < 0 && why.code != EX_DATAERR && why.code != EX_UNAVAILABLE) {
		err_copy(e, &why);
	} else if (got < 0) {
		tell(x, n->id, why.text); /* a run puts it into quarantine */
		got = 0;
	}
	/* what is no longer under that name has moved */
	return queue_rename(x->m.q, &back, was, got < 0 ? NULL : e) < 0 ? -1 : got;
}

static int export_one(struct exporting *x, const struct queue_name *found, struct err *e)
{
	struct queue_name n = *found;
	int got = n.claim == QUEUE_FREE ? queue_claim(x->m.q, &x->lock, &n, e) : 0;
	if (got < 0)
		return -1;
	if (got > 0)
		return export_claimed(x, found, &n, e);
	tell(x, n.id, _("it is being tried just now"));
	return 0;
}

/* Only when both folders are durable: a message still in the spool must have it. */
static int remove_journals(struct exporting *x, struct err *e)
{
	struct moving_names l = {0};
	char log[QUEUE_NAME_SIZE];
	int r = moving_gather(&x->inside, &l, e);
	for (size_t i = 0; r == 0 && i < l.n; i++) {
		snprintf(log, sizeof(log), "%s.log", l.v[i].id);
		sys_unlinkat(x->m.q->dirfd, log, 0);
	}
	free(l.v);
	return r;
}

static int export_all(struct exporting *x, struct err *e)
{
	struct moving_names l = {0};
	int r = moving_gather(x->m.q, &l, e);
	for (size_t i = 0; r == 0 && i < l.n; i++)
		r = export_one(x, &l.v[i], e);
	free(l.v);
	if (r < 0 || dir_sync(x->inside.dirfd, x->inside.path, e) < 0 || queue_sync(x->m.q, e) < 0)
		return -1;
	return remove_journals(x, e);
}

/* --- back --- */

static int bring_all_back(struct queue *q, struct queue *inside, struct err *e)
{
	struct moving_names l = {0};
	int r = moving_gather(inside, &l, e);
	if (r == 0)
		r = moving_bring(q, inside, &l, e);
	free(l.v);
	return r;
}

int export_undo(struct moving *m, const char *run, struct err *e)
{
	struct queue inside;
	if (moving_open(m, stage, run, &inside, e) < 0)
		return -1;
	int r = bring_all_back(m->q, &inside, e);
	queue_close(&inside);
	return r < 0 ? -1 : moving_remove(m, stage, run, e);
}

/* --- the archive --- */

static int start_helper(struct exporting *x, struct child *c, struct err *e)
{
	char *full = realpath(x->inside.path, NULL);
	if (!full)
		return err_sys(e, EX_IOERR, "%s", x->inside.path);
	char *format = str_dup(x->how->format);
	char *argv[] = {(char[]){"surat-archive"}, (char[]){"create"}, (char[]){"--format"}, format,
	    (char[]){"--"}, full, NULL};
	int r = child_start(c, argv, NULL, CHILD_STDOUT, e);
	free(format);
	free(full);
	return r;
}

/* Its archive is good only if it says so. */
static int write_archive(struct exporting *x, struct sink *to, struct err *e)
{
	struct source_fd from;
	struct child c;
	int status;
	if (start_helper(x, &c, e) < 0)
		return -1;
	source_fd_init(&from, c.out);
	int r = sink_pump(to, &from.source, e);
	if (child_wait(&c, r < 0 ? 0 : -1, &status, r < 0 ? NULL : e) < 0 || r < 0)
		return -1;
	return status ? err_set(e, EX_IOERR, _("making the archive failed")) : 0;
}

static int to_stdout(struct exporting *x, struct err *e)
{
	struct sink_fd out;
	sink_fd_init(&out, STDOUT_FILENO);
	if (write_archive(x, &out.sink, e) < 0 || sink_end(&out.sink, e) < 0)
		return -1;
	return moving_step(&x->m, stage, "exported", x->result->run, e);
}

/* From the moment it has its name somebody may import it: before that, the messages are out of reach here. */
static int finish_file(struct exporting *x, struct file_done *f, const char *name, struct err *e)
{
	if (files_sync(f, 1, e) < 0 ||
	    moving_step(&x->m, stage, "exported", x->result->run, e) < 0) {
		file_done_abort(f);
		return -1;
	}
	if (file_done_name(f, name, 0, e) == 0)
		return dir_sync(f->dirfd, name, e);
	if (e->sys == EEXIST)
		err_set(e, EX_CANTCREAT, _("%s: is there already"), name);
	moving_step(&x->m, "exported", stage, x->result->run, NULL);
	return -1;
}

static int write_file(struct exporting *x, int dirfd, const char *name, struct err *e)
{
	struct file_new f;
	struct file_done done;
	struct stat there;
	if (sys_fstatat(dirfd, name, &there, AT_SYMLINK_NOFOLLOW) == 0)
		return err_set(e, EX_CANTCREAT, _("%s: is there already"), name);
	if (file_new_open(&f, dirfd, 0600, e) < 0)
		return -1;
	if (write_archive(x, &f.out.sink, e) < 0) {
		file_new_abort(&f);
		return -1;
	}
	return file_new_finish(&f, &done, e) < 0 ? -1 : finish_file(x, &done, name, e);
}

static int to_file(struct exporting *x, struct err *e)
{
	const char *path = x->how->path, *slash = strrchr(path, '/');
	char *folder =
	    !slash ? str_dup(".") : mem_dup(path, slash == path ? 1 : (size_t)(slash - path));
	int dirfd = dir_open(AT_FDCWD, folder, e), r = -1;
	free(folder);
	if (dirfd >= 0) {
		r = write_file(x, dirfd, slash ? slash + 1 : path, e);
		sys_close(dirfd);
	} else {
		e->code = EX_CANTCREAT;
	}
	return r;
}

/* --- all of it --- */

static int export_into(struct exporting *x, struct err *e)
{
	int r = export_all(x, e);
	if (r == 0 && !x->result->messages)
		r = err_set(e, EX_NOINPUT, _("%s: nothing to export"), x->m.q->path);
	if (r == 0)
		r = x->how->path ? to_file(x, e) : to_stdout(x, e);
	return r;
}

static int export_locked(struct exporting *x, struct err *e)
{
	char name[MOVING_NAME_SIZE];
	struct err why = ERR_INIT;
	random_name(x->result->run, QUEUE_RUN_SIZE - 1);
	moving_name(name, stage, x->result->run);
	if (sys_mkdirat(x->m.dirfd, name, 0700) < 0)
		return err_sys(e, EX_CANTCREAT, "%s/moved/%s", x->m.q->path, name);
	if (dir_sync(x->m.dirfd, "moved", e) < 0 ||
	    moving_open(&x->m, stage, x->result->run, &x->inside, e) < 0)
		return -1;
	int r = export_into(x, e);
	queue_close(&x->inside);
	if (r < 0 && export_undo(&x->m, x->result->run, &why) < 0)
		err_prefix(e, _("the messages are still in %s/moved: "), x->m.q->path);
	return r;
}

int queue_export(
    struct queue *q, const struct queue_moving *how, struct queue_moved *result, struct err *e)
{
	struct exporting x = {.how = how, .result = result};
	*result = (struct queue_moved){0};
	if (moving_begin(&x.m, q, e) < 0)
		return -1;
	int r = queue_run_begin(q, &x.lock, e);
	if (r == 0) {
		r = export_locked(&x, e);
		queue_run_end(q, &x.lock, r < 0 && queue_run_has_claims(q, &x.lock));
	}
	moving_end(&x.m);
	return r;
}
