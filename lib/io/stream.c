#include "io/stream.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "io/child.h"
#include "io/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	IN_STEP = 32 << 10,   /* room for one read: a TLS record and more */
	IN_MAX = 1 << 20,     /* unless the caller says otherwise */
	OUT_HIGH = 256 << 10, /* written bytes go out by themselves past this */
	OUT_PIECE = 64 << 10,
	SLICE_MS = 1000, /* a signal that comes just before the poll is seen at the latest then */
};

/* --- plain descriptors, the lowest layer --- */

struct plain {
	int rfd, wfd;
	bool socket;
};

static ssize_t plain_result(const struct plain *p, const char *what, struct err *e)
{
	if (errno == EAGAIN || errno == EWOULDBLOCK)
		return STREAM_WANT_READ;
	err_sys(e, p->socket ? EX_TEMPFAIL : EX_IOERR, "%s", what);
	return STREAM_FAIL;
}

static ssize_t plain_read(void *ctx, char *p, size_t n, struct err *e)
{
	struct plain *d = ctx;
	ssize_t got = sys_read(d->rfd, p, n);
	return got >= 0 ? got : plain_result(d, d->socket ? _("connection lost") : _("reading"), e);
}

static ssize_t plain_write(void *ctx, const char *p, size_t n, struct err *e)
{
	struct plain *d = ctx;
	ssize_t put = sys_write(d->wfd, p, n);
	if (put >= 0)
		return put;
	put = plain_result(d, d->socket ? _("connection lost") : _("writing"), e);
	return put == STREAM_WANT_READ ? STREAM_WANT_WRITE : put;
}

static void plain_close(void *ctx)
{
	free(ctx);
}

static ssize_t plain_send_file(void *ctx, int fd, off_t *offset, size_t n, struct err *e)
{
	struct plain *d = ctx;
	ssize_t put = sys_sendfile(d->wfd, fd, offset, n);
	if (put >= 0 || errno == EINVAL || errno == ENOSYS)
		return put;
	put = plain_result(d, _("connection lost"), e);
	return put == STREAM_WANT_READ ? STREAM_WANT_WRITE : put;
}

static const struct stream_ops plain_ops = {plain_read, plain_write, plain_close, plain_send_file};

static bool is_kind(int fd, mode_t kind)
{
	struct stat st;
	return fd >= 0 && fstat(fd, &st) == 0 && (st.st_mode & S_IFMT) == kind;
}

/* The flags as they were, or -1 where nothing was changed. */
static int unblock(int fd)
{
	if (!is_kind(fd, S_IFIFO) && !is_kind(fd, S_IFSOCK))
		return -1;
	int flags = fcntl(fd, F_GETFL);
	if (flags < 0 || (flags & O_NONBLOCK) || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
		return -1;
	return flags;
}

/* --- life --- */

void stream_init_ops(struct stream *s, const struct stream_ops *ops, void *ctx, int rfd, int wfd)
{
	*s = (struct stream){.ops = ops, .ctx = ctx, .rfd = rfd, .wfd = wfd, .in_max = IN_MAX};
	s->rflags = s->wflags = -1;
	buf_init(&s->in, SIZE_MAX / 2); /* bounded by in_max, which the caller may change */
	buf_init(&s->out, OUT_HIGH + OUT_PIECE);
}

void stream_init_fd(struct stream *s, int rfd, int wfd)
{
	struct plain *p = mem_new(1, sizeof(*p));
	*p = (struct plain){rfd, wfd, is_kind(rfd >= 0 ? rfd : wfd, S_IFSOCK)};
	stream_init_ops(s, &plain_ops, p, rfd, wfd);
	s->may_block = rfd >= 0 && !is_kind(rfd, S_IFIFO) && !is_kind(rfd, S_IFSOCK);
	s->rflags = unblock(rfd);
	s->wflags = rfd == wfd ? -1 : unblock(wfd);
}

int stream_push_ops(struct stream *s, const struct stream_ops *ops, void *ctx, struct err *e)
{
	if (stream_peek(s).len > 0)
		return err_set(
		    e, EX_PROTOCOL, _("bytes arrived before the layer that should carry them"));
	s->ops->close(s->ctx);
	s->ops = ops;
	s->ctx = ctx;
	return 0;
}

static void give_back(int fd, int flags)
{
	if (fd >= 0 && flags >= 0)
		fcntl(fd, F_SETFL, flags);
}

void stream_release(struct stream *s)
{
	if (s->ops)
		s->ops->close(s->ctx);
	if (s->own_fds) {
		if (s->rfd >= 0)
			sys_close(s->rfd);
		if (s->wfd >= 0 && s->wfd != s->rfd)
			sys_close(s->wfd);
	} else {
		give_back(s->rfd, s->rflags);
		give_back(s->wfd, s->wflags);
	}
	buf_wipe(&s->in); /* passwords and letters went through here */
	buf_wipe(&s->out);
	*s = (struct stream){.rfd = -1, .wfd = -1, .rflags = -1, .wflags = -1};
}

void stream_timeout(struct stream *s, int64_t ms)
{
	s->deadline_ms = ms ? clock_mono_ms() + ms : 0;
	if (s->end_ms && (!s->deadline_ms || s->deadline_ms > s->end_ms))
		s->deadline_ms = s->end_ms;
}

/* --- waiting --- */

static int failed(const struct stream *s, struct err *e)
{
	return err_copy(e, &s->err);
}

static int wait_ms(const struct stream *s)
{
	int64_t left = s->deadline_ms ? s->deadline_ms - clock_mono_ms() : SLICE_MS;
	return left < 0 ? 0 : left < SLICE_MS ? (int)left : SLICE_MS;
}

/* Until one of the events, the deadline, or a signal. Returns the events of rfd and wfd, or -1 with the sticky error. */
static int wait_for(struct stream *s, bool read, bool write)
{
	struct pollfd p[2] = {{.fd = read ? s->rfd : -1, .events = POLLIN},
	    {.fd = write ? s->wfd : -1, .events = POLLOUT}};
	for (;;) {
		if (signals_stop())
			return err_set(&s->err, EX_TEMPFAIL, _("stopped by a signal"));
		if (s->deadline_ms && clock_mono_ms() >= s->deadline_ms)
			return err_set(&s->err, EX_TEMPFAIL, _("no answer in time"));
		int r = sys_poll(p, 2, wait_ms(s));
		if (r > 0)
			return (p[0].revents ? POLLIN : 0) | (p[1].revents ? POLLOUT : 0);
		if (r < 0 && errno != EINTR)
			return err_sys(&s->err, EX_OSERR, "poll");
	}
}

/* --- reading --- */

static bool in_full(const struct stream *s)
{
	return s->in.len - s->in_at >= s->in_max;
}

/* Keeps appends linear: what was taken goes when it is at least as much as what is kept. */
static char *in_room(struct stream *s, size_t *size)
{
	size_t kept = s->in.len - s->in_at;
	if (s->in_at >= kept) {
		buf_drop(&s->in, s->in_at);
		s->in_at = 0;
	}
	char *room = buf_room(&s->in, IN_STEP);
	*size = s->in.cap - s->in.len - 1;
	return room;
}

/* One read that does not wait: what the layer answered. A failure is sticky. */
static ssize_t read_once(struct stream *s)
{
	size_t size;
	char *room = in_room(s, &size);
	ssize_t n = s->ops->read(s->ctx, room, size, &s->err);
	if (n > 0) {
		if (s->trace)
			s->trace(s->trace_ctx, false, span_make(room, (size_t)n));
		buf_grew(&s->in, (size_t)n);
	} else if (n == STREAM_EOF) {
		s->eof = true;
	}
	return n;
}

int stream_fill(struct stream *s, struct err *e)
{
	if (s->err.code)
		return failed(s, e);
	if (s->eof)
		return 0;
	if (in_full(s)) {
		err_set(&s->err, EX_PROTOCOL, _("more than %zu bytes wait to be read"), s->in_max);
		return failed(s, e);
	}
	size_t had = s->in.len - s->in_at;
	if (s->out.len && stream_flush(s, e) < 0)
		return -1;
	if (s->in.len - s->in_at > had)
		return 1;
	/* who sends faster than we read never makes us wait, and would never meet the deadline */
	if (s->deadline_ms && clock_mono_ms() >= s->deadline_ms) {
		err_set(&s->err, EX_TEMPFAIL, _("no answer in time"));
		return failed(s, e);
	}
	if (s->may_block && wait_for(s, true, false) < 0)
		return failed(s, e);
	for (;;) {
		ssize_t n = read_once(s);
		if (n >= 0)
			return n > 0;
		if (n == STREAM_FAIL ||
		    wait_for(s, n == STREAM_WANT_READ, n == STREAM_WANT_WRITE) < 0)
			return failed(s, e);
	}
}

struct span stream_peek(const struct stream *s)
{
	return span_skip(buf_span(&s->in), s->in_at);
}

void stream_take(struct stream *s, size_t n)
{
	size_t have = s->in.len - s->in_at;
	s->in_at += n < have ? n : have;
}

ssize_t stream_read(struct stream *s, void *p, size_t n, struct err *e)
{
	if (!stream_peek(s).len) {
		int r = stream_fill(s, e);
		if (r <= 0)
			return r;
	}
	struct span got = span_take(stream_peek(s), n);
	memcpy(p, got.ptr, got.len);
	stream_take(s, got.len);
	return (ssize_t)got.len;
}

int stream_read_all(struct stream *s, void *p, size_t n, struct err *e)
{
	for (size_t have = 0; have < n;) {
		ssize_t r = stream_read(s, (char *)p + have, n - have, e);
		if (r <= 0)
			return (int)r;
		have += (size_t)r;
	}
	return 1;
}

static int line_too_long(struct stream *s, size_t max, struct err *e)
{
	err_set(&s->err, EX_PROTOCOL, _("a line of more than %zu bytes"), max);
	s->in_at = s->in.len; /* nothing behind it is trusted */
	return failed(s, e);
}

int stream_line(struct stream *s, struct span *line, size_t max, struct err *e)
{
	for (size_t seen = 0;;) {
		struct span have = stream_peek(s);
		const char *lf =
		    have.len > seen ? memchr(have.ptr + seen, '\n', have.len - seen) : NULL;
		size_t len = lf ? (size_t)(lf - have.ptr) : have.len;
		size_t text = len && have.ptr[len - 1] == '\r' ? len - 1 : len;
		if (text > max)
			return line_too_long(s, max, e);
		if (lf || s->eof) {
			if (!lf && !have.len)
				return s->err.code ? failed(s, e) : 0;
			*line = span_make(have.ptr, lf ? text : len);
			stream_take(s, lf ? len + 1 : len);
			return 1;
		}
		seen = have.len;
		if (stream_fill(s, e) < 0)
			return -1;
	}
}

int stream_ready(struct stream *s, struct err *e)
{
	if (stream_peek(s).len || s->eof)
		return 1;
	if (s->err.code)
		return failed(s, e);
	if (s->may_block) {
		struct pollfd p = {.fd = s->rfd, .events = POLLIN};
		if (sys_poll(&p, 1, 0) <= 0)
			return 0;
	}
	ssize_t n = read_once(s);
	return n == STREAM_FAIL ? failed(s, e) : n >= 0;
}

/* --- writing --- */

void stream_write(struct stream *s, struct span bytes)
{
	if (s->trace && bytes.len)
		s->trace(s->trace_ctx, true, bytes);
	while (bytes.len && !s->err.code) {
		struct span piece = span_take(bytes, OUT_PIECE);
		buf_add(&s->out, piece);
		bytes = span_skip(bytes, piece.len);
		if (s->out.len >= OUT_HIGH)
			stream_flush(s, NULL);
	}
}

uint64_t stream_written(const struct stream *s)
{
	return s->sent + s->out.len;
}

void stream_writen(struct stream *s, const void *p, size_t n)
{
	stream_write(s, span_make(p, n));
}

void stream_puts(struct stream *s, const char *text)
{
	stream_write(s, span_of(text));
}

void stream_printf(struct stream *s, const char *fmt, ...)
{
	struct buf b = BUF_INIT(1 << 20);
	b.secret = true; /* maybe */
	va_list ap;
	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	if (b.over && !s->err.code)
		err_set(&s->err, EX_SOFTWARE, _("a line of more than 1 MiB to write"));
	stream_write(s, buf_span(&b));
	buf_wipe(&b);
}

/* The other side may wait for us to take its answers before it takes more: read whatever is there, up to the bound. */
static int wait_writable(struct stream *s, ssize_t want)
{
	bool read = s->rfd >= 0 && !s->eof && !in_full(s) && !s->may_block;
	int events = wait_for(s, read || want == STREAM_WANT_READ, want == STREAM_WANT_WRITE);
	if (events < 0)
		return -1;
	if ((events & POLLIN) && read && read_once(s) == STREAM_FAIL)
		return -1;
	return 0;
}

/* Who hangs up on us has often said why: that stays readable although the write failed. */
static void hear_last_words(struct stream *s)
{
	struct err why = s->err;
	while (s->rfd >= 0 && !s->eof && !s->may_block && !in_full(s) && read_once(s) > 0)
		;
	s->err = why;
}

int stream_flush(struct stream *s, struct err *e)
{
	size_t sent = 0;
	while (sent < s->out.len && !s->err.code) {
		ssize_t n = s->ops->write(s->ctx, s->out.ptr + sent, s->out.len - sent, &s->err);
		if (n > 0) {
			sent += (size_t)n;
			s->sent += (uint64_t)n;
		} else if (n == 0)
			err_set(&s->err, EX_IOERR, _("nothing could be written"));
		else if (n != STREAM_FAIL)
			wait_writable(s, n);
	}
	if (s->err.code) {
		buf_reset(&s->out);
		hear_last_words(s);
		return failed(s, e);
	}
	buf_drop(&s->out, sent);
	return 0;
}

int stream_send_file(struct stream *s, int fd, int64_t offset, uint64_t len, struct err *e)
{
	off_t at = (off_t)offset;
	const off_t end = (off_t)(offset + (int64_t)len);
	if (!s->ops->send_file)
		return 0;
	if (stream_flush(s, e) < 0)
		return -1;
	while (at < end && !s->err.code) {
		ssize_t n = s->ops->send_file(s->ctx, fd, &at, (size_t)(end - at), &s->err);
		if (n > 0)
			s->sent += (uint64_t)n;
		else if (n == 0)
			err_set(&s->err, EX_IOERR, _("the file became shorter while it was sent"));
		else if (n == STREAM_WANT_WRITE)
			wait_writable(s, n);
		else if (!s->err.code && at == offset)
			return 0; /* this kind of file, or of system, cannot */
		else if (!s->err.code)
			err_sys(&s->err, EX_IOERR, _("sending the file"));
	}
	if (!s->err.code)
		return 1;
	hear_last_words(s);
	return failed(s, e);
}
