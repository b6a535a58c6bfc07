#include "list.h"

#include "base/intl.h"
#include "io/file.h"
#include "io/spool.h"
#include "report/report.h"

#include <archive.h>
#include <archive_entry.h>
#include <unistd.h>

enum { NAME, SIZE, TYPE, TIME, ENCRYPTED, COLUMNS };
static const struct report_column columns[COLUMNS] = {{"name", NULL, 0}, {"size", NULL, 0},
    {"type", NULL, 0}, {"time", NULL, 0}, {"encrypted", NULL, 0}};

/* A zip keeps its list at its end: the archive goes through a spool, which can be read at any place. */
struct reader {
	struct spool spool;
	uint64_t at;
	struct err *e;
	char bytes[65536];
};

static la_ssize_t read_some(struct archive *a, void *ctx, const void **bytes)
{
	struct reader *r = ctx;
	(void)a;
	ssize_t n = spool_pread(&r->spool, r->bytes, sizeof(r->bytes), r->at, r->e);
	*bytes = r->bytes;
	r->at += n > 0 ? (uint64_t)n : 0;
	return n;
}

static la_int64_t seek_to(struct archive *a, void *ctx, la_int64_t offset, int whence)
{
	struct reader *r = ctx;
	int64_t from = whence == SEEK_END   ? (int64_t)r->spool.size
		       : whence == SEEK_CUR ? (int64_t)r->at
					    : 0;
	(void)a;
	if (offset < -from || offset > (int64_t)r->spool.size - from)
		return ARCHIVE_FATAL;
	r->at = (uint64_t)(from + offset);
	return (la_int64_t)r->at;
}

static struct archive *open_archive(struct reader *r, struct err *e)
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
	if (archive_read_open(a, r, NULL, read_some, NULL) == ARCHIVE_OK)
		return a;
	err_set(e, EX_DATAERR, "%s", _("not an archive that is known here"));
	archive_read_free(a);
	return NULL;
}

static const char *type_of(struct archive_entry *entry)
{
	switch (archive_entry_filetype(entry)) {
	case AE_IFREG: return "file";
	case AE_IFDIR: return "folder";
	case AE_IFLNK: return "link";
	default: return "other";
	}
}

static int report_entry(struct report *r, struct archive_entry *entry, struct err *e)
{
	const char *name = archive_entry_pathname(entry);
	if (!name)
		name = archive_entry_pathname_utf8(entry);
	report_text(r, NAME, span_of(name ? name : ""));
	if (archive_entry_size_is_set(entry) && archive_entry_size(entry) >= 0)
		report_bytes(r, SIZE, (uint64_t)archive_entry_size(entry));
	report_text(r, TYPE, span_of(type_of(entry)));
	if (archive_entry_mtime_is_set(entry))
		report_time(r, TIME, archive_entry_mtime(entry));
	report_bool(r, ENCRYPTED, archive_entry_is_encrypted(entry) > 0);
	return report_row(r, e);
}

static int each_entry(
    struct archive *a, struct report *r, const struct list_limits *limits, struct err *e)
{
	struct archive_entry *entry;
	int code = ARCHIVE_EOF;
	for (unsigned n = 0;
	     (code = archive_read_next_header(a, &entry)) >= ARCHIVE_WARN && code != ARCHIVE_EOF;
	     n++) {
		if (n == limits->entries)
			return err_set(e, EX_DATAERR, _("more than %u entries"), limits->entries);
		if (report_entry(r, entry, e) < 0)
			return -1;
		for (int f = 0; f < archive_filter_count(a); f++)
			if (archive_filter_bytes(a, f) > (la_int64_t)limits->bytes)
				return err_set(e, EX_DATAERR, _("unpacks to more than %llu bytes"),
				    limits->bytes);
	}
	if (code == ARCHIVE_EOF)
		return 0;
	const char *why = archive_error_string(a);
	return err_set(e, EX_DATAERR, _("damaged: %s"), why ? why : _("cannot be read"));
}

static int read_stdin(struct reader *r, const struct list_limits *limits, struct err *e)
{
	struct source_fd in;
	struct filter_limit limit;
	source_fd_init(&in, STDIN_FILENO);
	filter_limit_init(&limit, &r->spool.sink, limits->bytes);
	return sink_pump(&limit.sink, &in.source, e);
}

int list(const struct list_limits *limits, struct err *e)
{
	struct reader reader = {.e = e};
	spool_init(&reader.spool);
	int r = read_stdin(&reader, limits, e);
	struct archive *a = r == 0 ? open_archive(&reader, e) : NULL;
	if (!a) {
		spool_release(&reader.spool);
		return -1;
	}
	struct report *report = report_new(columns, COLUMNS, REPORT_JSON, 0);
	r = each_entry(a, report, limits, e);
	if (report_close(report, r == 0 ? e : NULL) < 0)
		r = -1;
	archive_read_free(a);
	spool_release(&reader.spool);
	return r;
}
