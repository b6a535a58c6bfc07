#include "list.h"

#include "base/intl.h"
#include "input.h"
#include "io/file.h"
#include "report/report.h"

#include <archive_entry.h>
#include <string.h>
#include <unistd.h>

enum { NAME, SIZE, TYPE, TIME, ENCRYPTED, COLUMNS };
static const struct report_column columns[COLUMNS] = {{"name", NULL, 0}, {"size", NULL, 0},
    {"type", NULL, 0}, {"time", NULL, 0}, {"encrypted", NULL, 0}};

static int report_entry(struct report *r, struct archive_entry *entry, struct err *e)
{
	report_text(r, NAME, span_of(input_name(entry)));
	if (archive_entry_size_is_set(entry) && archive_entry_size(entry) >= 0)
		report_bytes(r, SIZE, (uint64_t)archive_entry_size(entry));
	report_text(r, TYPE, span_of(input_type(entry)));
	if (archive_entry_mtime_is_set(entry))
		report_time(r, TIME, archive_entry_mtime(entry));
	report_bool(r, ENCRYPTED, archive_entry_is_encrypted(entry) > 0);
	return report_row(r, e);
}

static int copy_octets(struct input *in, struct archive_entry *entry, struct err *e)
{
	char bytes[65536];
	int64_t left = archive_entry_size(entry);
	while (left > 0) {
		size_t want = left < (int64_t)sizeof(bytes) ? (size_t)left : sizeof(bytes);
		ssize_t n = input_read(in, bytes, want, e);
		if (n < 0)
			return -1;
		if (n == 0)
			return err_set(
			    e, EX_DATAERR, _("%s: shorter than it says"), input_name(entry));
		if (fd_write_all(STDOUT_FILENO, span_make(bytes, (size_t)n), e) < 0)
			return -1;
		left -= n;
	}
	return 0;
}

static int unpack_entry(
    struct input *in, struct report *r, struct archive_entry *entry, struct err *e)
{
	if (strcmp(input_type(entry), "file") != 0)
		return 0;
	if (archive_entry_is_encrypted(entry) > 0)
		return err_set(e, EX_DATAERR, _("%s: encrypted"), input_name(entry));
	if (!archive_entry_size_is_set(entry) || archive_entry_size(entry) < 0)
		return err_set(
		    e, EX_DATAERR, _("%s: its size is not told in advance"), input_name(entry));
	return report_flush(r, e) < 0 ? -1 : copy_octets(in, entry, e);
}

static int each_entry(struct input *in, struct report *r, bool octets, struct err *e)
{
	struct archive_entry *entry;
	int got;
	while ((got = input_next(in, &entry, e)) > 0)
		if (report_entry(r, entry, e) < 0 || (octets && unpack_entry(in, r, entry, e) < 0))
			return -1;
	return got;
}

static int each(const struct list_limits *limits, bool octets, struct err *e)
{
	struct input in;
	if (input_open(&in, limits, e) < 0)
		return -1;
	struct report *report = report_new(columns, COLUMNS, REPORT_JSON, 0);
	int r = each_entry(&in, report, octets, e);
	if (report_close(report, r == 0 ? e : NULL) < 0)
		r = -1;
	input_close(&in);
	return r;
}

int list(const struct list_limits *limits, struct err *e)
{
	return each(limits, false, e);
}

int unpack(const struct list_limits *limits, struct err *e)
{
	return each(limits, true, e);
}
