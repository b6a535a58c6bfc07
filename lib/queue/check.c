#include "queue/check.h"

#include "base/clock.h"
#include "base/intl.h"
#include "io/file.h"
#include "io/sys.h"
#include "queue/claim.h"
#include "queue/moving.h"
#include "queue/scan.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { DAY = 24 * 3600 };

static void tell(
    struct queue_check *c, enum queue_fault fault, const char *file, const char *why, bool repaired)
{
	bool is_fault = fault != QUEUE_FAULT_DEAD_RUN && fault != QUEUE_FAULT_TEMPORARY &&
			fault != QUEUE_FAULT_QUARANTINE && fault != QUEUE_FAULT_EXPORTED;
	c->faults += is_fault && !repaired;
	if (c->found)
		c->found(c->ctx, &(struct queue_finding){fault, file, why, repaired});
}

static int check_mode(struct queue *q, struct queue_check *c, const char *file, struct err *e)
{
	struct stat st;
	if (sys_fstatat(q->dirfd, file, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode) ||
	    !(st.st_mode & 077))
		return 0;
	bool repaired = false;
	if (c->repair) {
		int fd = file_open_strict(q->dirfd, file, e);
		if (fd < 0)
			return -1;
		repaired = fchmod(fd, 0600) == 0;
		sys_close(fd);
	}
	tell(c, QUEUE_FAULT_MODE, file, _("others may read it"), repaired);
	return 0;
}

static int check_message(struct queue *q, struct queue_check *c, const char *file,
    const struct queue_name *n, struct err *e)
{
	struct queue_message m;
	struct err why = ERR_INIT;
	int lives = 1, got = queue_message_open(q, n, &m, &why), r = 0;
	if (got > 0) {
		c->messages++;
		queue_message_close(&m);
		if (n->claim != QUEUE_FREE)
			lives = queue_run_lives(q, n->run, e);
		if (lives == 0)
			tell(c, QUEUE_FAULT_DEAD_RUN, file,
			    _("the run that took it died; the next run gives it back"), false);
		return lives < 0 ? -1 : check_mode(q, c, file, e);
	}
	if (got == 0)
		return 0;
	if (why.code == EX_UNAVAILABLE) {
		tell(c, QUEUE_FAULT_LATER, file, why.text, false);
		return 0;
	}
	if (why.code != EX_DATAERR)
		return err_copy(e, &why);
	if (c->repair && (r = queue_quarantine(q, n, e)) < 0)
		return -1;
	tell(c, QUEUE_FAULT_DAMAGED, file, why.text, r > 0);
	return 0;
}

static int check_journal(
    struct queue *q, struct queue_check *c, const char *file, struct queue_name *n, struct err *e)
{
	int r = c->others ? 0 : queue_journal_is_orphan(q, file, n, e);
	if (r <= 0)
		return r < 0 ? -1 : check_mode(q, c, file, e);
	/* not removed: whoever wants to know what became of the message finds it there */
	r = c->repair ? queue_quarantine_file(q, file, e) : 0;
	if (r < 0)
		return -1;
	tell(c, QUEUE_FAULT_ORPHAN, file, _("a journal without its message"), r > 0);
	return 0;
}

static int check_strange(struct queue *q, struct queue_check *c, const char *file, struct err *e)
{
	int r = 0;
	if (file[0] == '.')
		return 0;
	if (c->repair && (r = queue_quarantine_file(q, file, e)) < 0)
		return -1;
	tell(c, QUEUE_FAULT_STRANGE, file, _("not a file of a spool"), r > 0);
	return 0;
}

static void check_temporary(struct queue *q, struct queue_check *c, const char *file)
{
	struct stat st;
	if (sys_fstatat(q->dirfd, file, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    clock_real_s() - (int64_t)st.st_mtime > DAY)
		tell(c, QUEUE_FAULT_TEMPORARY, file, _("never accepted; a run removes it"), false);
}

static int check_quarantine(struct queue *q, struct queue_check *c, struct err *e)
{
	struct queue_scan s;
	struct queue_name n;
	int r;
	struct queue inside = {
	    .path = q->path, .dirfd = dir_open(q->dirfd, "quarantine", NULL), .uid = q->uid};
	if (inside.dirfd < 0)
		return 0;
	if ((r = queue_scan_open(&s, &inside, e)) == 0) {
		while ((r = queue_scan_any(&s, &n, e)) > 0)
			tell(c, QUEUE_FAULT_QUARANTINE, s.file, _("in quarantine"), false);
		queue_scan_close(&s);
	}
	sys_close(inside.dirfd);
	return r;
}

static int tell_exported(
    struct queue *moved, struct queue_check *c, const char *file, struct err *e)
{
	struct queue inside = {.path = moved->path, .dirfd = dir_open(moved->dirfd, file, e)};
	struct moving_names l = {0};
	char name[300], why[80];
	if (inside.dirfd < 0)
		return -1;
	int r = moving_gather(&inside, &l, e);
	snprintf(name, sizeof(name), "moved/%s", file);
	snprintf(why, sizeof(why), _("%zu messages, which are in an archive"), l.n);
	if (r == 0)
		tell(c, QUEUE_FAULT_EXPORTED, name, why, false);
	free(l.v);
	sys_close(inside.dirfd);
	return r;
}

static int check_moved(struct queue *q, struct queue_check *c, struct err *e)
{
	struct queue_scan s;
	struct queue_name n;
	int r;
	struct queue moved = {.path = q->path, .dirfd = dir_open(q->dirfd, "moved", NULL)};
	if (moved.dirfd < 0)
		return 0;
	if ((r = queue_scan_open(&s, &moved, e)) == 0) {
		while ((r = queue_scan_any(&s, &n, e)) > 0)
			if (strncmp(s.file, "exported-", 9) == 0 &&
			    tell_exported(&moved, c, s.file, e) < 0) {
				r = -1;
				break;
			}
		queue_scan_close(&s);
	}
	sys_close(moved.dirfd);
	return r;
}

static int check_one(struct queue *q, struct queue_check *c, struct queue_scan *s,
    struct queue_name *n, struct err *e)
{
	switch (s->kind) {
	case QUEUE_FILE_MESSAGE: return check_message(q, c, s->file, n, e);
	case QUEUE_FILE_JOURNAL: return check_journal(q, c, s->file, n, e);
	case QUEUE_FILE_STRANGE: return check_strange(q, c, s->file, e);
	case QUEUE_FILE_TEMPORARY: check_temporary(q, c, s->file); return 0;
	default: return 0;
	}
}

int queue_check(struct queue *q, struct queue_check *c, struct err *e)
{
	struct queue_scan s;
	struct queue_name n;
	int got, r = 0;
	c->messages = c->faults = 0;
	if ((got = queue_others_live(q, NULL, e)) < 0)
		return -1;
	c->others = got > 0;
	if (queue_scan_open(&s, q, e) < 0)
		return -1;
	while (r == 0 && (got = queue_scan_any(&s, &n, e)) > 0)
		r = check_one(q, c, &s, &n, e);
	queue_scan_close(&s);
	return r < 0 || got < 0 || check_quarantine(q, c, e) < 0 ? -1 : check_moved(q, c, e);
}
