/* The whole queue to another host and from there. */
#include "base/alloc.h"
#include "base/intl.h"
#include "io/child.h"
#include "io/file.h"
#include "io/sys.h"
#include "mail_queue.h"
#include "queue/moved.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static void told(void *ctx, const char *id, const char *why)
{
	const struct options *o = ctx;
	cli_warn(o->program, &o->common, "%s: %s", id, why);
}

static int print_moved(const struct options *o, const struct queue_moved *m, struct err *e)
{
	static const struct report_column columns[] = {{"archive", NULL, 0}, {"messages", NULL, 0},
	    {"skipped", NULL, 0}, {"damaged", NULL, 0}};
	struct report *r = report_new(columns, ARRAY_LEN(columns), REPORT_JSON, o->common.color);
	report_text(r, 0, span_of(m->run));
	report_number(r, 1, (int64_t)m->messages);
	report_number(r, 2, (int64_t)m->skipped);
	report_number(r, 3, (int64_t)m->damaged);
	int got = report_row(r, e);
	return report_close(r, got < 0 ? NULL : e) < 0 || got < 0 ? -1 : 0;
}

static const char *format_of(const char *path)
{
	static const char *const formats[] = {"tar.zst", "tar.gz", "tar.xz", "zip", "7z"};
	for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
		size_t n = strlen(path), k = strlen(formats[i]);
		if (n > k && path[n - k - 1] == '.' && strcmp(path + n - k, formats[i]) == 0)
			return formats[i];
	}
	return NULL;
}

static bool is_stdio(const char *path)
{
	return strcmp(path, "-") == 0;
}

int export_queue(struct options *o, const struct strv *paths, struct err *e)
{
	struct queue q;
	struct queue_moved moved;
	struct queue_moving how = {.told = told, .ctx = o, .format = "tar.zst"};
	if (paths->n != 1)
		return err_set(e, EX_USAGE, _("one archive, or - for standard output"));
	if (!is_stdio(paths->v[0])) {
		how.path = paths->v[0];
		how.format = format_of(how.path);
	}
	if (!how.format)
		return err_set(e, EX_USAGE,
		    _("%s: the name ends in .tar.zst, .tar.gz, .tar.xz, .zip or .7z"), how.path);
	if (!how.path && o->common.json)
		return err_set(
		    e, EX_USAGE, _("standard output has the archive, no room for --json"));
	if (open_spool(o, 0, &q, e) < 0)
		return -1;
	int r = queue_export(&q, &how, &moved, e);
	queue_close(&q);
	if (r == 0 && o->common.json)
		r = print_moved(o, &moved, e);
	else if (r == 0 && o->common.verbose)
		cli_warn(o->program, &o->common, _("%zu messages are in it"), moved.messages);
	return r < 0 ? -1 : moved.skipped ? EX_TEMPFAIL : 0;
}

/* The helper reads standard input. */
static int open_input(const char *path, struct err *e)
{
	if (is_stdio(path))
		return 0;
	int fd = file_open(path, e);
	if (fd < 0)
		return -1;
	int r = dup2(fd, STDIN_FILENO) < 0 ? err_sys(e, EX_OSERR, "%s", path) : 0;
	sys_close(fd);
	return r;
}

static int finish(struct options *o, const struct queue_moved *moved, struct err *e)
{
	if (!moved->messages && !moved->skipped && !moved->damaged)
		cli_warn(o->program, &o->common,
		    _("this archive was imported here before; nothing is done"));
	else if (o->common.verbose)
		cli_warn(o->program, &o->common, _("%zu messages came"), moved->messages);
	if (o->common.json && print_moved(o, moved, e) < 0)
		return -1;
	return moved->damaged ? EX_DATAERR : 0;
}

int import_queue(struct options *o, const struct strv *paths, struct err *e)
{
	struct queue q;
	struct queue_moved moved;
	struct queue_moving how = {.told = told, .ctx = o, .max_bytes = (uint64_t)o->max_archive};
	if (paths->n != 1)
		return err_set(e, EX_USAGE, _("one archive, or - for standard input"));
	if (open_input(paths->v[0], e) < 0 || open_spool(o, QUEUE_CREATE, &q, e) < 0)
		return -1;
	int r = queue_import(&q, &how, &moved, e);
	queue_close(&q);
	if (r < 0)
		return err_prefix(
		    e, "%s: ", is_stdio(paths->v[0]) ? _("standard input") : paths->v[0]);
	return finish(o, &moved, e);
}
