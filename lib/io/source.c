#include "base/alloc.h"
#include "base/intl.h"
#include "io/child.h"
#include "io/sink.h"
#include "io/sys.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { SLICE_MS = 1000 }; /* a signal that comes just before the poll is seen at the latest then */

/* A person's Ctrl-C must end a program that waits for a pipe or a terminal; sys_read itself goes on after a signal. */
static int wait_readable(int fd, struct err *e)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	for (;;) {
		if (signals_stop())
			return err_set(e, EX_TEMPFAIL, _("stopped by a signal"));
		int r = sys_poll(&p, 1, SLICE_MS);
		if (r > 0)
			return 0;
		if (r < 0 && errno != EINTR)
			return err_sys(e, EX_IOERR, _("cannot read"));
	}
}

static ssize_t fd_read(struct source *source, char *p, size_t n, struct err *e)
{
	struct source_fd *s = (struct source_fd *)source;
	for (;;) {
		if (s->waits && wait_readable(s->fd, e) < 0)
			return -1;
		ssize_t r = sys_read(s->fd, p, n);
		if (r >= 0)
			return r;
		/* somebody else may have made it non-blocking: a terminal and a pipe are shared */
		if (errno != EAGAIN)
			return err_sys(e, EX_IOERR, _("cannot read"));
		s->waits = true;
	}
}

void source_fd_init(struct source_fd *s, int fd)
{
	struct stat st;
	bool regular = sys_fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
	*s = (struct source_fd){.source = {fd_read}, .fd = fd, .waits = !regular};
}

static ssize_t mem_read(struct source *source, char *p, size_t n, struct err *e)
{
	struct source_mem *s = (struct source_mem *)source;
	(void)e;
	struct span piece = span_take(s->rest, s->chunk && s->chunk < n ? s->chunk : n);
	if (piece.len)
		memcpy(p, piece.ptr, piece.len);
	s->rest = span_skip(s->rest, piece.len);
	return (ssize_t)piece.len;
}

void source_mem_init(struct source_mem *s, struct span bytes)
{
	*s = (struct source_mem){.source = {mem_read}, .rest = bytes};
}

static ssize_t range_read(struct source *source, char *p, size_t n, struct err *e)
{
	struct source_range *s = (struct source_range *)source;
	if (s->at >= s->end)
		return 0;
	if ((uint64_t)(s->end - s->at) < n)
		n = (size_t)(s->end - s->at);
	ssize_t r = sys_pread(s->fd, p, n, (off_t)s->at);
	if (r < 0)
		return err_sys(e, EX_IOERR, _("cannot read"));
	/* what was promised and is gone must not look like a shorter message */
	if (r == 0 && n > 0)
		return err_set(e, EX_IOERR, _("the file became shorter while it was read"));
	s->at += r;
	return r;
}

void source_range_init(struct source_range *s, int fd, int64_t offset, int64_t len)
{
	*s = (struct source_range){
	    .source = {range_read}, .fd = fd, .at = offset, .end = offset + len};
}

static ssize_t replay_read(struct source *source, char *p, size_t n, struct err *e)
{
	struct source_replay *s = (struct source_replay *)source;
	struct span kept = span_skip(buf_span(&s->seen), s->at);
	if (s->again && kept.len) {
		kept = span_take(kept, n);
		memcpy(p, kept.ptr, kept.len);
		s->at += kept.len;
		return (ssize_t)kept.len;
	}
	ssize_t r = s->in->read(s->in, p, n, e);
	if (r > 0 && !s->again)
		buf_addn(&s->seen, p, (size_t)r);
	return r;
}

void source_replay_init(struct source_replay *s, struct source *in, size_t max)
{
	*s = (struct source_replay){.source = {replay_read}, .in = in};
	buf_init(&s->seen, max);
}

int source_replay_rewind(struct source_replay *s, struct err *e)
{
	if (s->seen.over || s->again)
		return err_set(
		    e, EX_DATAERR, _("more than %zu bytes would have to be kept"), s->seen.max);
	s->again = true;
	return 0;
}

void source_replay_release(struct source_replay *s)
{
	buf_release(&s->seen);
}

int sink_pump(struct sink *to, struct source *from, struct err *e)
{
	enum { PIECE = 65536 };
	/* not on the stack, of which every page is touched (-fstack-clash-protection): most of what is pumped is small */
	char *bytes = mem_resize(NULL, PIECE, 1);
	ssize_t n;
	int r = 0;
	while (r == 0 && (n = from->read(from, bytes, PIECE, e)) != 0)
		r = n < 0 ? -1 : sink_put(to, span_make(bytes, (size_t)n), e);
	free(bytes);
	return r < 0 ? -1 : 0;
}
