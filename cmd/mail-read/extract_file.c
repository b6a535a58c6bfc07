#include "extract_file.h"

#include "base/intl.h"
#include "extract_name.h"
#include "io/sys.h"
#include "mime/shape.h"

#include <errno.h>
#include <fcntl.h>

enum { TRIES = 10000 };

/* --- a name that is free --- */

static unsigned *number_of(struct extract_target *t, struct span name)
{
	uint64_t h = 14695981039346656037u;
	for (size_t i = 0; i < name.len; i++)
		h = (h ^ (unsigned char)name.ptr[i]) * 1099511628211u;
	size_t slot = (size_t)(h ^ h >> 32) % NUMBERS_KNOWN;
	if (t->known[slot].hash != h) {
		t->known[slot].hash = h;
		t->known[slot].next = 1;
	}
	return &t->known[slot].next;
}

/* O_EXCL and O_NOFOLLOW: neither over a file nor through a link that somebody planted. */
static int create(struct extract_target *t, struct span plain, struct buf *name, struct err *e)
{
	unsigned *number = number_of(t, plain);
	for (unsigned tries = 0; tries < TRIES; tries++) {
		buf_reset(name);
		if (*number == 1)
			buf_add(name, plain);
		else
			extract_name_numbered(name, plain, *number);
		++*number;
		int fd = sys_openat(t->fd, buf_cstr(name),
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_NOCTTY, 0666);
		if (fd >= 0)
			return fd;
		if (errno != EEXIST)
			break;
	}
	return err_sys(e, EX_CANTCREAT, "%s/%s", t->dir, buf_cstr(name));
}

/* --- its bytes --- */

static int count_put(struct sink *s, struct span bytes, struct err *e)
{
	struct extract_file *f =
	    (struct extract_file *)(void *)((char *)s - offsetof(struct extract_file, count));
	f->bytes += bytes.len;
	struct sink *to = f->fd < 0 ? &f->target->out->fd.sink : &f->file.sink;
	if (sink_put(to, bytes, e) == 0)
		return 0;
	f->write_failed = true;
	return -1;
}

int extract_file_open(
    struct extract_file *f, struct extract_target *t, struct mime_part *part, struct err *e)
{
	struct buf plain = BUF_INIT(4096);
	f->target = t;
	f->count = (struct sink){.put = count_put};
	f->bytes = 0;
	f->fd = -1;
	f->write_failed = false;
	buf_init(&f->name, 4096);
	if (t->fd >= 0) {
		extract_name(&plain, part, mime_part_number(part));
		f->fd = create(t, buf_span(&plain), &f->name, e);
		buf_release(&plain);
		if (f->fd < 0) {
			buf_release(&f->name);
			return -1;
		}
		sink_fd_init(&f->file, f->fd);
	}
	f->part = part;
	mime_decoder_init(&f->decoder, part, MIME_DECODE_BYTES, &f->count);
	return 0;
}

/* Of a source nothing is said here: whoever reads it names it. */
static int say_failure(const struct extract_file *f, struct err *e)
{
	if (!f->write_failed)
		return -1;
	return f->fd < 0 ? out_failed(e)
			 : err_prefix(e, "%s/%s: ", f->target->dir, buf_cstr(&f->name));
}

int extract_file_put(struct extract_file *f, struct span bytes, struct err *e)
{
	return sink_put(mime_decoder_sink(&f->decoder), bytes, e) == 0 ? 0 : say_failure(f, e);
}

/* A file that is not whole goes. */
static void drop(struct extract_file *f)
{
	if (f->fd < 0)
		return;
	sys_close(f->fd);
	sys_unlinkat(f->target->fd, buf_cstr(&f->name), 0);
	f->fd = -1;
}

static int flush(struct extract_file *f, struct err *e)
{
	if (f->fd < 0 || sink_end(&f->file.sink, e) == 0)
		return 0;
	f->write_failed = true;
	return -1;
}

int extract_file_close(struct extract_file *f, struct err *e)
{
	struct mime_part *part = f->part;
	f->part = NULL;
	int code = mime_decoder_end(&f->decoder, part, e);
	if (code < 0 || flush(f, e) < 0) {
		code = say_failure(f, e);
		drop(f);
		return code;
	}
	if (f->fd < 0)
		return 0;
	int fd = f->fd;
	f->fd = -1;
	if (sys_close(fd) == 0)
		return 0;
	err_sys(e, EX_IOERR, "%s/%s", f->target->dir, buf_cstr(&f->name));
	sys_unlinkat(f->target->fd, buf_cstr(&f->name), 0);
	return -1;
}

void extract_file_release(struct extract_file *f)
{
	if (f->part) {
		struct mime_part ignored = *f->part;
		mime_decoder_end(&f->decoder, &ignored, NULL);
		f->part = NULL;
		drop(f);
	}
	buf_release(&f->name);
}
