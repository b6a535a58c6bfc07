#include "queue/scan.h"

#include "base/intl.h"
#include "io/file.h"
#include "io/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

int queue_scan_open(struct queue_scan *s, struct queue *q, struct err *e)
{
	/* a descriptor of its own: another scan of the same folder keeps its place */
	int fd = sys_openat(q->dirfd, ".", O_RDONLY | O_DIRECTORY, 0);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir) {
		err_sys(e, EX_IOERR, "%s", q->path);
		if (fd >= 0)
			sys_close(fd);
		return -1;
	}
	*s = (struct queue_scan){.q = q, .dir = dir};
	return 0;
}

void queue_scan_close(struct queue_scan *s)
{
	if (s->dir)
		closedir(s->dir);
	s->dir = NULL;
}

int queue_scan_any(struct queue_scan *s, struct queue_name *n, struct err *e)
{
	struct dirent *d;
	errno = 0;
	while ((d = readdir(s->dir))) {
		if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
			continue;
		snprintf(s->file, sizeof(s->file), "%s", d->d_name);
		s->kind = queue_name_parse(d->d_name, n);
		return 1;
	}
	return errno ? err_sys(e, EX_IOERR, "%s", s->q->path) : 0;
}

int queue_scan_next(struct queue_scan *s, struct queue_name *n, struct err *e)
{
	int r;
	while ((r = queue_scan_any(s, n, e)) > 0 && s->kind != QUEUE_FILE_MESSAGE)
		;
	return r;
}

/* How many have that prefix; the last of them, or the one that is exactly it. */
static int count_matches(struct queue *q, const char *prefix, struct queue_name *n, struct err *e)
{
	struct queue_scan s;
	struct queue_name each;
	size_t len = strlen(prefix);
	int found = 0, r;
	if (queue_scan_open(&s, q, e) < 0)
		return -1;
	while ((r = queue_scan_next(&s, &each, e)) > 0) {
		/* seen under its old and its new name */
		if (strncmp(each.id, prefix, len) != 0 || (found && strcmp(n->id, each.id) == 0))
			continue;
		*n = each;
		found++;
		if (strlen(each.id) == len) {
			found = 1;
			break;
		}
	}
	queue_scan_close(&s);
	return r < 0 ? -1 : found;
}

/* A rename during the scan can hide a message once, hardly three times. */
enum { LOOKS = 3 };

int queue_find(struct queue *q, const char *typed, struct queue_name *n, struct err *e)
{
	char prefix[QUEUE_ID_SIZE];
	struct queue_name found;
	int count = 0;
	bool possible = queue_id_read(typed, prefix);
	for (int i = 0; possible && i < LOOKS && count == 0; i++)
		count = count_matches(q, prefix, &found, e);
	if (count < 0)
		return -1;
	if (count > 1)
		return err_set(e, EX_USAGE, _("%s: more than one message begins so"), typed);
	if (count == 0) {
		err_set(e, EX_NOINPUT, _("%s: no such message in the queue"), typed);
		return 0;
	}
	*n = found;
	return 1;
}

int queue_find_again(struct queue *q, struct queue_name *n, struct err *e)
{
	struct queue_name found;
	int count = 0;
	for (int i = 0; i < LOOKS && count == 0; i++)
		count = count_matches(q, n->id, &found, e);
	if (count > 0)
		*n = found;
	return count > 0 ? 1 : count;
}
