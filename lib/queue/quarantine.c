#include "base/intl.h"
#include "io/file.h"
#include "io/sys.h"
#include "queue/message.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

static int open_quarantine(struct queue *q, struct err *e)
{
	if (sys_mkdirat(q->dirfd, "quarantine", 0700) < 0 && errno != EEXIST)
		return err_sys(e, EX_CANTCREAT, "%s/quarantine", q->path);
	int fd = dir_open(q->dirfd, "quarantine", e);
	return fd < 0 ? err_prefix(e, "%s/", q->path) : fd;
}

/* Never over what lies there already: then a number goes behind. 1; 0 gone. */
static int move(struct queue *from, int to, const char *file, struct err *e)
{
	char name[280];
	snprintf(name, sizeof(name), "%s", file);
	for (int i = 2; sys_rename_new(from->dirfd, file, to, name) < 0; i++) {
		if (errno == ENOENT)
			return 0;
		if (errno != EEXIST || i > 1000)
			return err_sys(e, EX_CANTCREAT, _("%s: cannot go into quarantine as %s"),
			    from->path, name);
		snprintf(name, sizeof(name), "%s.%d", file, i);
	}
	return 1;
}

static int sync_both(struct queue *q, int quarantine, struct err *e)
{
	return dir_sync(quarantine, "quarantine", e) < 0 ? -1 : dir_sync(q->dirfd, q->path, e);
}

int queue_quarantine_file(struct queue *q, const char *file, struct err *e)
{
	int to = open_quarantine(q, e);
	if (to < 0)
		return -1;
	int r = move(q, to, file, e);
	if (r > 0 && sync_both(q, to, e) < 0)
		r = -1;
	sys_close(to);
	return r;
}

int queue_quarantine(struct queue *q, const struct queue_name *n, struct err *e)
{
	return queue_quarantine_from(q, q, n, e);
}

int queue_quarantine_from(
    struct queue *q, struct queue *from, const struct queue_name *n, struct err *e)
{
	char file[QUEUE_NAME_SIZE], journal[QUEUE_NAME_SIZE];
	int to = open_quarantine(q, e);
	if (to < 0)
		return -1;
	queue_name_write(file, n);
	snprintf(journal, sizeof(journal), "%s.log", n->id);
	/* the message first: without it the journal is an orphan, which is harmless; the other way round all would be sent again */
	int r = move(from, to, file, e);
	if (r > 0 && (move(from, to, journal, e) < 0 || sync_both(q, to, e) < 0))
		r = -1;
	sys_close(to);
	return r;
}
