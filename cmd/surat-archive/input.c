#include "input.h"

#include "base/intl.h"
#include "io/sys.h"

#include <archive_entry.h>
#include <unistd.h>

static la_ssize_t read_some(struct archive *a, void *ctx, const void **bytes)
{
	struct input *in = ctx;
	ssize_t n;
	(void)a;
	if (in->fd >= 0) {
		n = sys_pread(in->fd, in->bytes, sizeof(in->bytes), (off_t)in->at);
		if (n < 0)
			err_sys(in->e, EX_IOERR, _("standard input"));
	} else {
		n = spool_pread(&in->spool, in->bytes, sizeof(in->bytes), in->at, in->e);
	}
	*bytes = in->bytes;
	in->at += n > 0 ? (uint64_t)n : 0;
	return n;
}

static la_int64_t seek_to(struct archive *a, void *ctx, la_int64_t offset, int whence)
{
	struct input *in = ctx;
	int64_t from = whence == SEEK_END   ? (int64_t)in->size
		       : whence == SEEK_CUR ? (int64_t)in->at
					    : 0;
	(void)a;
	if (offset < -from || offset > (int64_t)in->size - from)
		return ARCHIVE_FATAL;
	in->at = (uint64_t)(from + offset);
	return (la_int64_t)in->at;
}

static int open_archive(struct input *in, struct err *e)
{
	struct archive *a = archive_read_new();
	archive_read_support_filter_all(a);
	archive_read_support_format_zip(a);
	archive_read_support_format_tar(a);
	archive_read_support_format_7zip(a);
	archive_read_support_format_rar(a);
	archive_read_support_format_rar5(a);
	archive_read_support_format_cab(a);
	archive_read_support_format_cpio(a);
	archive_read_support_format_ar(a);
	archive_read_support_format_iso9660(a);
	archive_read_set_seek_callback(a, seek_to);
	if (archive_read_open(a, in, NULL, read_some, NULL) == ARCHIVE_OK) {
		in->a = a;
		return 0;
	}
	archive_read_free(a);
	return in->e->code ? -1
			   : err_set(e, EX_DATAERR, "%s", _("not an archive that is known here"));
}

static int read_stdin(struct input *in, struct err *e)
{
	struct source_fd from;
	struct filter_limit limit;
	source_fd_init(&from, STDIN_FILENO);
	filter_limit_init(&limit, &in->spool.sink, in->limits->bytes);
	if (sink_pump(&limit.sink, &from.source, e) < 0)
		return -1;
	in->size = in->spool.size;
	return 0;
}

/* A file is read where it is, from its start. */
static int find_stdin(struct input *in, struct err *e)
{
	struct stat st;
	if (sys_fstat(STDIN_FILENO, &st) < 0 || !S_ISREG(st.st_mode))
		return read_stdin(in, e);
	in->fd = STDIN_FILENO;
	in->size = (uint64_t)st.st_size;
	return in->size <= in->limits->bytes
		   ? 0
		   : err_set(e, EX_DATAERR, _("larger than %llu bytes"), in->limits->bytes);
}

int input_open(struct input *in, const struct list_limits *limits, struct err *e)
{
	in->a = NULL;
	in->limits = limits;
	in->fd = -1;
	in->at = in->size = in->unpacked = 0;
	in->entries = 0;
	in->e = e;
	spool_init(&in->spool);
	if (find_stdin(in, e) == 0 && open_archive(in, e) == 0)
		return 0;
	spool_release(&in->spool);
	return -1;
}

void input_close(struct input *in)
{
	archive_read_free(in->a);
	spool_release(&in->spool);
}

static int damaged(const struct input *in, struct err *e)
{
	const char *why = archive_error_string(in->a);
	if (e->code)
		return -1; /* the disk's fault, not the archive's */
	return err_set(e, EX_DATAERR, _("damaged: %s"), why ? why : _("cannot be read"));
}

/* What the filters around the archive gave, and what the archive itself unpacked. */
static int check_bytes(const struct input *in, struct err *e)
{
	bool over = in->unpacked > in->limits->bytes;
	for (int f = 0; f < archive_filter_count(in->a); f++)
		over |= archive_filter_bytes(in->a, f) > (la_int64_t)in->limits->bytes;
	return over
		   ? err_set(e, EX_DATAERR, _("unpacks to more than %llu bytes"), in->limits->bytes)
		   : 0;
}

int input_next(struct input *in, struct archive_entry **entry, struct err *e)
{
	int code = archive_read_next_header(in->a, entry);
	if (code == ARCHIVE_EOF)
		return 0;
	if (code < ARCHIVE_WARN)
		return damaged(in, e);
	if (in->entries++ == in->limits->entries)
		return err_set(e, EX_DATAERR, _("more than %u entries"), in->limits->entries);
	return check_bytes(in, e) < 0 ? -1 : 1;
}

ssize_t input_read(struct input *in, char *p, size_t n, struct err *e)
{
	la_ssize_t got = archive_read_data(in->a, p, n);
	if (got < 0)
		return damaged(in, e);
	in->unpacked += (uint64_t)got;
	return check_bytes(in, e) < 0 ? -1 : (ssize_t)got;
}

const char *input_type(struct archive_entry *entry)
{
	if (archive_entry_hardlink(entry))
		return "link";
	switch (archive_entry_filetype(entry)) {
	case AE_IFREG: return "file";
	case AE_IFDIR: return "folder";
	case AE_IFLNK: return "link";
	default: return "other";
	}
}

const char *input_name(struct archive_entry *entry)
{
	const char *name = archive_entry_pathname(entry);
	if (!name)
		name = archive_entry_pathname_utf8(entry);
	return name ? name : "";
}
