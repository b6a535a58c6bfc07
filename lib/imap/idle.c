/* idle.c - waiting for news: IDLE (RFC 2177), or asking now and then. */
#include "base/clock.h"
#include "base/intl.h"
#include "imap/client.h"
#include "io/child.h"
#include "io/sys.h"

/* A quiet connection is dropped by the server after 30 minutes (RFC 9051 5.4) and by many a router sooner. */
enum { IDLE_MS = 10 * 60000, ASK_MS = 60000, SLICE_MS = 1000 };

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Until something can be read: 1; 0 at that time or with a signal; -1. */
static int until_readable(struct imap_client *c, int64_t end_ms, struct err *e)
{
	for (;;) {
		int r = stream_ready(c->stream, e);
		int64_t left = end_ms - clock_mono_ms();
		if (r != 0)
			return r;
		if (left <= 0 || signals_stop())
			return 0;
		struct pollfd p = {.fd = c->stream->rfd, .events = POLLIN};
		sys_poll(&p, 1, (int)least(left, SLICE_MS));
	}
}

static int idle_once(struct imap_client *c, uint32_t before, int64_t end_ms, struct err *e)
{
	int r;
	if (imap_client_command(c, e, "IDLE") < 0)
		return -1;
	if ((r = imap_client_finish_or_more(c, e)) <= 0)
		return r < 0 ? -1 : err_set(e, EX_PROTOCOL, _("the server does not idle"));
	while (c->mailbox.exists <= before && (r = until_readable(c, end_ms, e)) > 0) {
		imap_client_progress(c);
		if (imap_client_one_untagged(c, e) < 0)
			return -1;
	}
	if (r < 0)
		return -1;
	stream_puts(c->stream, "DONE\r\n");
	return imap_client_finish(c, e);
}

static int ask_once(struct imap_client *c, int64_t end_ms, struct err *e)
{
	if (until_readable(c, end_ms, e) < 0)
		return -1;
	return imap_client_noop(c, e);
}

int imap_client_wait(struct imap_client *c, uint32_t before, int64_t wait_ms, struct err *e)
{
	int64_t end_ms = clock_mono_ms() + wait_ms;
	bool can_idle = imap_client_can(c, "IDLE") || imap_client_can(c, "IMAP4rev2");
	while (c->mailbox.exists <= before && clock_mono_ms() < end_ms && !signals_stop()) {
		int64_t now = clock_mono_ms();
		int r = can_idle ? idle_once(c, before, least(end_ms, now + IDLE_MS), e)
				 : ask_once(c, least(end_ms, now + ASK_MS), e);
		if (r < 0)
			return err_prefix(e, "IDLE: ");
		if (c->mailbox.exists < before)
			before = c->mailbox.exists; /* some were deleted */
	}
	return c->mailbox.exists > before;
}
