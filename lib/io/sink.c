#include "io/sink.h"

#include "base/alloc.h"
#include "base/intl.h"
#include "io/file.h"

#include <string.h>

int sink_put(struct sink *s, struct span bytes, struct err *e)
{
	return bytes.len ? s->put(s, bytes, e) : 0;
}

int sink_puts(struct sink *s, const char *text, struct err *e)
{
	return sink_put(s, span_of(text), e);
}

int sink_end(struct sink *s, struct err *e)
{
	return s->end ? s->end(s, e) : 0;
}

/* --- a descriptor --- */

static int fd_end(struct sink *sink, struct err *e)
{
	struct sink_fd *s = (struct sink_fd *)sink;
	size_t n = s->len;
	s->len = 0;
	return fd_write_all(s->fd, span_make(s->bytes, n), e);
}

static int fd_put(struct sink *sink, struct span bytes, struct err *e)
{
	struct sink_fd *s = (struct sink_fd *)sink;
	if (bytes.len > sizeof(s->bytes) - s->len && fd_end(sink, e) < 0)
		return -1;
	if (bytes.len >= sizeof(s->bytes))
		return fd_write_all(s->fd, bytes, e);
	memcpy(s->bytes + s->len, bytes.ptr, bytes.len);
	s->len += bytes.len;
	return 0;
}

void sink_fd_init(struct sink_fd *s, int fd)
{
	s->sink = (struct sink){fd_put, fd_end};
	s->fd = fd;
	s->len =
	    0; /* the bytes are not cleared: 64 KiB for every small file would cost more than writing it */
}

struct sink_fd *sink_fd_new(int fd)
{
	struct sink_fd *s = mem_resize(NULL, 1, sizeof(*s));
	sink_fd_init(s, fd);
	return s;
}

/* --- a buffer --- */

static int buf_put(struct sink *sink, struct span bytes, struct err *e)
{
	struct sink_buf *s = (struct sink_buf *)sink;
	buf_add(s->buf, bytes);
	return s->buf->over ? err_set(e, EX_DATAERR, _("larger than %zu bytes"), s->buf->max) : 0;
}

void sink_buf_init(struct sink_buf *s, struct buf *b)
{
	*s = (struct sink_buf){.sink = {.put = buf_put}, .buf = b};
}

/* --- at most so much --- */

static int limit_put(struct sink *sink, struct span bytes, struct err *e)
{
	struct filter_limit *f = (struct filter_limit *)sink;
	if (bytes.len > f->left) {
		f->left = 0;
		return err_set(
		    e, EX_DATAERR, _("larger than %llu bytes"), (unsigned long long)f->max);
	}
	f->left -= bytes.len;
	return sink_put(f->next, bytes, e);
}

static int limit_end(struct sink *sink, struct err *e)
{
	return sink_end(((struct filter_limit *)sink)->next, e);
}

void filter_limit_init(struct filter_limit *f, struct sink *next, uint64_t max)
{
	*f = (struct filter_limit){
	    .sink = {limit_put, limit_end}, .next = next, .left = max, .max = max};
}

/* --- to both --- */

static int tee_put(struct sink *sink, struct span bytes, struct err *e)
{
	struct filter_tee *f = (struct filter_tee *)sink;
	return sink_put(f->one, bytes, e) < 0 ? -1 : sink_put(f->two, bytes, e);
}

static int tee_end(struct sink *sink, struct err *e)
{
	struct filter_tee *f = (struct filter_tee *)sink;
	return sink_end(f->one, e) < 0 ? -1 : sink_end(f->two, e);
}

void filter_tee_init(struct filter_tee *f, struct sink *one, struct sink *two)
{
	*f = (struct filter_tee){.sink = {tee_put, tee_end}, .one = one, .two = two};
}
