/* What is left over from processes that died, and what does not belong into a spool. */
#include "base/intl.h"
#include "io/sys.h"
#include "queue/dispatch.h"

#include <fcntl.h>
#include <stdio.h>

enum { DAY = 24 * 3600 };

static int clean_journal(
    struct run *r, const char *file, struct queue_name *n, bool others, struct err *e)
{
	int got = others ? 0 : queue_journal_is_orphan(r->q, file, n, e);
	if (got > 0)
		sys_unlinkat(r->q->dirfd, file, 0);
	return got < 0 ? -1 : 0;
}

static int clean_strange(struct run *r, const char *file, struct err *e)
{
	struct stat st;
	/* hidden ones are a file system's or an editor's, folders are somebody's on purpose */
	if (file[0] == '.' || sys_fstatat(r->q->dirfd, file, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    S_ISDIR(st.st_mode))
		return 0;
	if (queue_quarantine_file(r->q, file, e) < 0)
		return -1;
	r->result->damaged++;
	run_event(
	    r, &(struct queue_event){
		   .kind = QUEUE_EVENT_DAMAGED, .id = file, .text = _("not a file of a spool")});
	return 0;
}

int queue_clean(struct run *r, struct err *e)
{
	struct queue_scan s;
	struct queue_name n;
	int got, others, result = 0;
	if ((others = queue_others_live(r->q, r->lock.run, e)) < 0 ||
	    queue_scan_open(&s, r->q, e) < 0)
		return -1;
	while (result == 0 && (got = queue_scan_any(&s, &n, e)) > 0) {
		if (s.kind == QUEUE_FILE_TEMPORARY && queue_file_is_older(r->q, s.file, DAY))
			sys_unlinkat(r->q->dirfd, s.file, 0);
		else if (s.kind == QUEUE_FILE_JOURNAL)
			result = clean_journal(r, s.file, &n, others > 0, e);
		else if (s.kind == QUEUE_FILE_STRANGE)
			result = clean_strange(r, s.file, e);
	}
	queue_scan_close(&s);
	return result < 0 || got < 0 ? -1 : 0;
}
