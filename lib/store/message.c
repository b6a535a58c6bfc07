/*
 * Opening a message by its name.
 */
#include "base/alloc.h"
#include "base/intl.h"
#include "io/file.h"
#include "io/sys.h"
#include "store/mbox.h"
#include "store/room.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* --- opening --- */

struct opened {
	struct source source; /* of a file of its own */
	struct source_fd file;
	bool crlf, begun, cr;
	char spare; /* a byte for which there was no room */
	bool has_spare;
	struct mbox_reader *reader;
};

/* Without the CR of each CRLF, in place: how many are left. The first line's end tells whether the file has such. */
static size_t drop_crs(struct opened *o, char *p, size_t len, bool last)
{
	size_t kept = 0;
	for (size_t i = 0; i < len; i++) {
		bool crlf = p[i] == '\r' && i + 1 < len && p[i + 1] == '\n';
		if (!o->begun && (crlf || p[i] == '\n')) {
			o->begun = true;
			o->crlf = crlf;
		}
		if (o->begun && !o->crlf) {
			memmove(p + kept, p + i, len - i);
			return kept + len - i;
		}
		if (p[i] == '\r' && i + 1 == len && !last)
			o->cr = true;
		else if (!crlf)
			p[kept++] = p[i];
	}
	return kept;
}

/* A file with CRLF lines is read with LF; one with LF lines is read as it is. n: at least 2. */
static ssize_t read_lines(struct opened *o, char *p, size_t n, struct err *e)
{
	ssize_t got;
	size_t kept = 0;
	do {
		/* one byte stays free for a CR that was held back */
		got = o->file.source.read(&o->file.source, p + o->cr, n - o->cr, e);
		if (got < 0 || (o->begun && !o->crlf))
			return got;
		if (o->cr)
			p[0] = '\r';
		size_t len = (size_t)got + o->cr;
		o->cr = false;
		kept = drop_crs(o, p, len, got == 0);
	} while (kept == 0 && got > 0);
	return (ssize_t)kept;
}

static ssize_t file_source_read(struct source *s, char *p, size_t n, struct err *e)
{
	struct opened *o = (struct opened *)s;
	char two[2] = {0};
	if (o->has_spare && n) {
		*p = o->spare;
		o->has_spare = false;
		return 1;
	}
	if (n >= sizeof(two))
		return read_lines(o, p, n, e);
	ssize_t got = n ? read_lines(o, two, sizeof(two), e) : 0;
	if (got > 0)
		*p = two[0];
	o->has_spare = got > 1;
	o->spare = two[1];
	return got > 1 ? 1 : got;
}

static int open_by_path(
    const char *path, struct maildir_place *place, bool in_maildir, char **now, struct err *e)
{
	*now = str_dup(path);
	int fd = sys_openat(AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	for (int i = 0; fd < 0 && errno == ENOENT && in_maildir && i < 10; i++) {
		int r = maildir_place_again(place, e);
		if (r <= 0) {
			free(*now);
			return r < 0 ? -1 : err_set(e, EX_NOINPUT, _("%s: no such message"), path);
		}
		free(*now);
		*now = maildir_place_path(place);
		fd = sys_openat(AT_FDCWD, *now, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	}
	if (fd < 0) {
		err_sys(e, EX_NOINPUT, "%s", path);
		free(*now);
	}
	return fd;
}

/* What its place says of it. */
static int look_around(
    struct store_message *m, const char *path, const struct maildir_place *place, struct err *e)
{
	struct mh_place mh;
	int r = 0;
	m->kind = STORE_FILE;
	if (place->base) {
		m->kind = STORE_MAILDIR;
		m->entry.flags =
		    maildir_flags(span_of(place->base)) | (place->in_new ? STORE_RECENT : 0u);
	} else if (mh_place_parse(span_of(path), &mh)) {
		m->kind = STORE_MH;
		r = mh_place_flags(&mh, &m->entry.flags, e);
		mh_place_release(&mh);
	}
	return r;
}

static int open_file_message(struct store_message *m, const char *path, struct err *e)
{
	struct maildir_place place = {0};
	struct stat st;
	char *now;
	bool in_maildir = maildir_place_parse(span_of(path), &place);
	int fd = open_by_path(path, &place, in_maildir, &now, e);
	if (fd >= 0 && (sys_fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))) {
		sys_close(fd);
		free(now);
		fd = err_set(e, EX_NOINPUT, _("%s: not a regular file"), path);
	}
	int r = fd < 0 ? -1 : 0;
	if (r == 0) {
		struct opened *o = mem_new(1, sizeof(*o));
		source_fd_init(&o->file, fd);
		o->source.read = file_source_read;
		struct store_message got = {.source = &o->source,
		    .state = o,
		    .entry = {.name = now,
			.size = (uint64_t)st.st_size,
			.length = (uint64_t)st.st_size,
			.time_s = st.st_mtime}};
		r = look_around(&got, path, &place, e);
		if (r == 0)
			*m = got;
		else
			store_message_free(&got);
	}
	maildir_place_release(&place);
	return r;
}

static void opened_free(struct opened *o)
{
	mbox_reader_free(o->reader);
	sys_close(o->file.fd);
	free(o);
}

/* The reader stands at the From_ line; its flags and size are known only when it was read once. */
static int open_at(struct opened *o, uint64_t offset, struct source **source,
    struct store_entry *entry, struct err *e)
{
	if (lseek(o->file.fd, (off_t)offset, SEEK_SET) < 0)
		return err_sys(e, EX_IOERR, _("cannot seek"));
	mbox_reader_free(o->reader);
	o->reader = mbox_reader_new_how(&o->file.source, MBOX_LENIENT | MBOX_HIDE_STATUS);
	struct err why = ERR_INIT;
	int r = mbox_reader_next(o->reader, source, &why);
	if (r < 0 && why.code != EX_DATAERR)
		return err_copy(e, &why);
	if (r <= 0 || mbox_reader_offset(o->reader) != 0)
		return err_set(e, EX_NOINPUT, _("no message begins there"));
	entry->offset = offset + mbox_reader_start(o->reader);
	entry->time_s = mbox_reader_time(o->reader);
	return 0;
}

static int open_mbox_message(
    struct store_message *m, const char *path, uint64_t offset, struct span name, struct err *e)
{
	struct opened *o = mem_new(1, sizeof(*o));
	struct store_entry entry = {0};
	struct source *source;
	int fd = file_open(path, e);
	if (fd < 0) {
		free(o);
		return -1;
	}
	source_fd_init(&o->file, fd);
	int r = open_at(o, offset, &source, &entry, e);
	if (r == 0)
		r = mbox_reader_drain(o->reader, &entry.size, e);
	if (r == 0) {
		entry.flags = mbox_reader_flags(o->reader);
		entry.length = offset + mbox_reader_end(o->reader) - entry.offset;
		r = open_at(o, offset, &source, &entry, e);
	}
	if (r < 0) {
		opened_free(o);
		return err_prefix(e, "%.*s: ", SPAN_ARG(name));
	}
	entry.name = span_dup(name);
	*m = (struct store_message){
	    .source = source, .entry = entry, .kind = STORE_MBOX, .state = o};
	return 0;
}

int store_message_open(struct store_message *m, struct span name, struct err *e)
{
	char *path;
	uint64_t offset;
	int r;
	if (mbox_name_parse(name, &path, &offset)) {
		r = open_mbox_message(m, path, offset, name, e);
	} else if (!name.len || memchr(name.ptr, '\0', name.len)) {
		return err_set(e, EX_NOINPUT, _("\"%.*s\": no such message"), SPAN_ARG(name));
	} else {
		path = span_dup(name);
		r = open_file_message(m, path, e);
	}
	free(path);
	return r;
}

void store_message_free(struct store_message *m)
{
	if (m->state)
		opened_free(m->state);
	free(m->entry.name);
	*m = (struct store_message){0};
}
