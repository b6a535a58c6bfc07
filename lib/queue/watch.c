#include "queue/watch.h"

#include "base/clock.h"
#include "base/intl.h"
#include "io/child.h"
#include "io/sys.h"
#include "queue/scan.h"

#include <errno.h>
#include <sys/inotify.h>

int queue_watch_open(struct queue_watch *w, struct queue *q, struct err *e)
{
	int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (fd < 0)
		return err_sys(e, EX_OSERR, "inotify");
	if (inotify_add_watch(fd, q->path, IN_MOVED_TO | IN_CREATE | IN_ONLYDIR) < 0) {
		err_sys(e, EX_OSERR, "%s", q->path);
		sys_close(fd);
		return -1;
	}
	*w = (struct queue_watch){q, fd};
	return 0;
}

void queue_watch_close(struct queue_watch *w)
{
	if (w->fd >= 0)
		sys_close(w->fd);
	w->fd = -1;
}

static void forget_events(struct queue_watch *w)
{
	char events[4096];
	while (sys_read(w->fd, events, sizeof(events)) > 0)
		;
}

/* Seconds until the next message is due, at most most_s. One whose time is too far off to be believed is for a run to look at, now and then. */
static int next_due(struct queue_watch *w, const struct queue_schedule *s, int64_t most_s,
    int64_t *in_s, struct err *e)
{
	struct queue_scan scan;
	struct queue_name n;
	int64_t now = clock_real_s();
	int r;
	*in_s = most_s;
	if (queue_scan_open(&scan, w->q, e) < 0)
		return -1;
	while ((r = queue_scan_next(&scan, &n, e)) > 0)
		if (n.claim == QUEUE_FREE && !n.held && n.next_s - now < *in_s &&
		    !queue_schedule_far(s, n.next_s, now))
			*in_s = n.next_s - now;
	queue_scan_close(&scan);
	return r;
}

/* True when something came. */
static bool doze(struct queue_watch *w, int64_t ms, bool for_events)
{
	enum { SLICE_MS = 1000 };
	struct pollfd p = {.fd = for_events ? w->fd : -1, .events = POLLIN};
	int64_t end = clock_mono_ms() + ms, left;
	while ((left = end - clock_mono_ms()) > 0 && !signals_stop())
		if (sys_poll(&p, 1, (int)(left < SLICE_MS ? left : SLICE_MS)) > 0)
			return true;
	return false;
}

int queue_watch(struct queue_watch *w, const struct queue_schedule *s, int64_t least_s,
    int64_t most_s, struct err *e)
{
	int64_t in_s, end = clock_mono_ms() + most_s * 1000;
	doze(w, least_s * 1000, false);
	while (!signals_stop() && clock_mono_ms() < end) {
		/* first forget, then look: what comes in between is seen one way or the other */
		forget_events(w);
		if (next_due(w, s, most_s, &in_s, e) < 0)
			return -1;
		if (in_s <= 0)
			return 1;
		int64_t left = end - clock_mono_ms();
		doze(w, in_s * 1000 < left ? in_s * 1000 : left, true);
	}
	return signals_stop() ? 0 : 1;
}
