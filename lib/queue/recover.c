/* What a run that died left behind. */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "io/file.h"
#include "io/sys.h"
#include "queue/claim.h"
#include "queue/moved.h"
#include "queue/scan.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

/* A name in the folder of somebody whose process is gone is never removed by its name alone: who holds the dead run's lock may act for it, so that two recovering
 * runs do not both. 1 we hold it (*fd), 0 it lives or another is at it. A lock file that is missing is made again. */
static int take_over(struct queue *q, const char *run, int *fd, struct err *e)
{
	char name[QUEUE_NAME_SIZE];
	struct stat ours, there;
	snprintf(name, sizeof(name), "run-%s.lock", run);
	int opened = sys_openat(q->dirfd, name, O_RDWR | O_CREAT | O_NOFOLLOW, 0600);
	if (opened < 0)
		return err_sys(e, EX_CANTCREAT, "%s/%s", q->path, name);
	int r = file_lock(opened, true, false, e);
	if (r > 0 && (sys_fstat(opened, &ours) < 0 ||
			 sys_fstatat(q->dirfd, name, &there, AT_SYMLINK_NOFOLLOW) < 0 ||
			 ours.st_ino != there.st_ino))
		r = 0; /* another has recovered it meanwhile */
	if (r > 0)
		*fd = opened;
	else
		sys_close(opened);
	return r;
}

/* Handed over, and nothing settled by that run: nobody can know. */
static bool is_lost(const struct queue_message *m, const struct queue_progress *p)
{
	bool by_that_run = strcmp(p->run, m->name.run) == 0;
	if (m->name.claim == QUEUE_CLAIMED)
		return p->status == QUEUE_HANDED && by_that_run;
	return !queue_status_is_final(p->status) && (!by_that_run || p->status == QUEUE_HANDED);
}

static int note_unknown(struct queue *q, struct queue_message *m, size_t *unknowns, struct err *e)
{
	const struct queue_answer lost = {
	    .host = "", .text = _("the run that had handed it over died before it was settled")};
	size_t *v = mem_new(m->envelope.recipient_count, sizeof(*v)), n = 0;
	bool new_name = false;
	struct journal j;
	for (size_t i = 0; i < m->envelope.recipient_count; i++)
		if (is_lost(m, &m->progress[i]))
			v[n++] = i;
	journal_init(&j, m->name.id, m->name.run, &m->journal, m->has_journal);
	journal_status(&j, QUEUE_UNKNOWN, &lost, v, n);
	int r = journal_flush(q, &j, &new_name, e);
	if (r == 0 && new_name)
		r = queue_sync(q, e);
	journal_release(&j);
	free(v);
	*unknowns = n;
	return r;
}

/* First the journal, then the name: dying in between it is found again and finds all noted. */
static int give_back(
    struct queue *q, struct queue_name *n, const struct queue_recovery *rec, struct err *e)
{
	struct queue_message m;
	size_t unknowns = 0;
	struct err why = ERR_INIT;
	int r = queue_message_open(q, n, &m, &why);
	if (r == 0)
		return 0;
	if (r < 0) {
		if (why.code == EX_DATAERR && rec->damaged) {
			rec->damaged(rec->ctx, n, &why);
			return 0;
		}
		return why.code == EX_DATAERR || why.code == EX_UNAVAILABLE ? 0 : err_copy(e, &why);
	}
	r = note_unknown(q, &m, &unknowns, e);
	queue_message_close(&m);
	if (r < 0)
		return -1;
	struct queue_name to = *n;
	to.claim = QUEUE_FREE;
	to.run[0] = '\0';
	to.held |= rec->hold && unknowns;
	if (queue_rename(q, n, &to, e) < 0)
		return -1;
	if (rec->found)
		rec->found(rec->ctx, n->id, unknowns);
	return 0;
}

static int give_all_back(
    struct queue *q, const char *run, const struct queue_recovery *rec, struct err *e)
{
	struct queue_scan s;
	struct queue_name n;
	int r;
	if (queue_scan_open(&s, q, e) < 0)
		return -1;
	while ((r = queue_scan_next(&s, &n, e)) > 0)
		if (n.claim != QUEUE_FREE && strcmp(n.run, run) == 0 &&
		    give_back(q, &n, rec, e) < 0) {
			r = -1;
			break;
		}
	queue_scan_close(&s);
	return r < 0 ? -1 : queue_sync(q, e);
}

static int recover_run(
    struct queue *q, const char *run, const struct queue_recovery *rec, struct err *e)
{
	char name[QUEUE_NAME_SIZE];
	int fd = -1, r = take_over(q, run, &fd, e);
	if (r <= 0)
		return r;
	r = give_all_back(q, run, rec, e);
	snprintf(name, sizeof(name), "run-%s.lock", run);
	if (r == 0)
		sys_unlinkat(q->dirfd, name, 0);
	sys_close(fd);
	return r;
}

/* Names of runs first: recovering renames, and a scan that renames may see things twice. */
int queue_recover(struct queue *q, const struct queue_recovery *rec, struct err *e)
{
	struct queue_scan s;
	struct queue_name n;
	struct strv runs = {0};
	int r;
	struct err why = ERR_INIT;
	/* what is stuck in moved/ must not stop the rest */
	if (queue_moved_recover(q, &why) < 0 && rec->trouble)
		rec->trouble(rec->ctx, &why);
	if (queue_scan_open(&s, q, e) < 0)
		return -1;
	while ((r = queue_scan_any(&s, &n, e)) > 0)
		if ((s.kind == QUEUE_FILE_LOCK ||
			(s.kind == QUEUE_FILE_MESSAGE && n.claim != QUEUE_FREE)) &&
		    !strv_has(&runs, n.run))
			strv_add(&runs, n.run);
	queue_scan_close(&s);
	for (size_t i = 0; r == 0 && i < runs.n; i++)
		r = recover_run(q, runs.v[i], rec, e);
	strv_release(&runs);
	return r < 0 ? -1 : 0;
}

/* --- what is left over --- */

bool queue_file_is_older(struct queue *q, const char *file, int64_t age_s)
{
	struct stat st;
	return sys_fstatat(q->dirfd, file, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       clock_real_s() - (int64_t)st.st_mtime > age_s;
}

int queue_others_live(struct queue *q, const char *run, struct err *e)
{
	struct queue_scan s;
	struct queue_name n;
	int got = 0, alive = 0;
	if (queue_scan_open(&s, q, e) < 0)
		return -1;
	while (alive == 0 && (got = queue_scan_any(&s, &n, e)) > 0)
		if (s.kind == QUEUE_FILE_LOCK && (!run || strcmp(n.run, run) != 0))
			alive = queue_run_lives(q, n.run, e);
	queue_scan_close(&s);
	return got < 0 || alive < 0 ? -1 : alive;
}

bool queue_run_has_claims(struct queue *q, const struct queue_run_lock *l)
{
	struct queue_scan s;
	struct queue_name n;
	bool found = false;
	int got;
	if (queue_scan_open(&s, q, NULL) < 0)
		return true;
	while (!found && (got = queue_scan_next(&s, &n, NULL)) > 0)
		found = n.claim != QUEUE_FREE && strcmp(n.run, l->run) == 0;
	queue_scan_close(&s);
	return found || got < 0;
}

int queue_journal_is_orphan(struct queue *q, const char *file, struct queue_name *n, struct err *e)
{
	enum { HOUR = 3600 };
	if (!queue_file_is_older(q, file, HOUR))
		return 0;
	int got = queue_find_again(q, n, e);
	return got < 0 ? -1 : got == 0;
}
