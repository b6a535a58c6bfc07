/* In: all of the archive is unpacked and durable before the first message is given to the spool, so that an archive that is damaged changes nothing. */
#include "base/alloc.h"
#include "base/intl.h"
#include "io/child.h"
#include "io/file.h"
#include "io/sys.h"
#include "queue/claim.h"
#include "queue/moving.h"
#include "queue/scan.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char prefix[] = "surat-queue-";

/* --- names --- */

/* "surat-queue-RUN/ID.NEXT" and nothing else: what is made of it is made from what was understood, never from the text. *folder: it is the folder itself. */
static bool take_name(
    struct span name, char run[QUEUE_RUN_SIZE], char file[QUEUE_NAME_SIZE], bool *folder)
{
	struct span first;
	struct queue_name n;
	char text[QUEUE_NAME_SIZE], lock[QUEUE_NAME_SIZE];
	if (!span_starts(name, prefix))
		return false;
	name = span_skip(name, sizeof(prefix) - 1);
	span_cut(&name, '/', &first);
	/* RUN is what the name of a run's lock may have in it */
	if (first.len != QUEUE_RUN_SIZE - 1)
		return false;
	snprintf(lock, sizeof(lock), "run-%.*s.lock", SPAN_ARG(first));
	if (queue_name_parse(lock, &n) != QUEUE_FILE_LOCK)
		return false;
	memcpy(run, n.run, QUEUE_RUN_SIZE);
	*folder = name.len == 0;
	if (*folder || name.len >= sizeof(text) || memchr(name.ptr, '\0', name.len))
		return *folder;
	memcpy(text, name.ptr, name.len);
	text[name.len] = '\0';
	switch (queue_name_parse(text, &n)) {
	case QUEUE_FILE_MESSAGE:
		if (n.claim != QUEUE_FREE)
			return false;
		queue_name_write(file, &n);
		return true;
	case QUEUE_FILE_JOURNAL: snprintf(file, QUEUE_NAME_SIZE, "%s.log", n.id); return true;
	default: return false;
	}
}

bool import_name(
    const char *name, char run[QUEUE_RUN_SIZE], char file[QUEUE_NAME_SIZE], bool *folder)
{
	return take_name(span_of(name), run, file, folder);
}

/* --- what the helper says --- */

enum { GROUP = 64, LINE = 65536 };
struct importing {
	struct moving m;
	struct queue inside; /* the stage's folder */
	const struct queue_moving *how;
	struct queue_moved *result;
	struct child helper;
	struct buf in;
	struct file_done files[GROUP]; /* written, not yet durable */
	size_t file_count;
	bool begun, before; /* before: this archive has been imported */
	bool said;          /* the helper, what is wrong */
};

/* 1; 0 at its end. */
static int read_more(struct importing *x, struct err *e)
{
	size_t room = x->in.max - x->in.len;
	if (!room)
		return err_set(e, EX_DATAERR, _("a name in it is too long"));
	ssize_t n = sys_read(x->helper.out, buf_room(&x->in, room), room);
	if (n < 0)
		return err_sys(e, EX_IOERR, "surat-archive");
	buf_grew(&x->in, (size_t)n);
	return n > 0;
}

struct entry {
	char name[256];
	bool file, folder;
	int64_t size;
};

static bool parse_entry(struct span line, struct entry *entry)
{
	json_t *o = json_loadb(line.ptr, line.len, JSON_ALLOW_NUL, NULL);
	const json_t *text = json_object_get(o, "name"), *size = json_object_get(o, "size");
	const char *name = json_string_value(text),
		   *type = json_string_value(json_object_get(o, "type"));
	bool good = name && type && strlen(name) == json_string_length(text) &&
		    strlen(name) < sizeof(entry->name);
	if (good) {
		*entry = (struct entry){.file = strcmp(type, "file") == 0,
		    .folder = strcmp(type, "folder") == 0,
		    .size = json_integer_value(size)};
		memcpy(entry->name, name, strlen(name) + 1);
	}
	json_decref(o);
	return good;
}

/* What is no object is what the helper complains of; its exit code tells which kind of fault that is. */
static int bad_line(struct importing *x, struct span line, struct err *e)
{
	static const char helper[] = "surat-archive: ";
	x->said = span_starts(line, helper);
	if (!x->said)
		return err_set(e, EX_DATAERR, _("a name in it that is none of a queue's"));
	line = span_skip(line, strlen(helper));
	return err_set(e, EX_DATAERR, "%.*s", SPAN_ARG(line));
}

static int next_entry(struct importing *x, struct entry *entry, struct err *e)
{
	struct span rest, line;
	int got;
	while (!memchr(x->in.ptr ? x->in.ptr : "", '\n', x->in.len))
		if ((got = read_more(x, e)) <= 0)
			return got;
	rest = buf_span(&x->in);
	span_cut(&rest, '\n', &line);
	int r = parse_entry(line, entry) ? 1 : bad_line(x, line, e);
	buf_drop(&x->in, line.len + 1);
	return r;
}

/* --- into the folder --- */

static int sync_group(struct importing *x, struct err *e)
{
	int r = x->file_count ? files_sync(x->files, x->file_count, e) : 0;
	x->file_count = 0;
	return r;
}

static int write_octets(struct importing *x, int fd, int64_t left, struct err *e)
{
	while (left > 0) {
		int got = x->in.len ? 1 : read_more(x, e);
		if (got <= 0)
			return got < 0 ? -1 : err_set(e, EX_DATAERR, _("it is cut off"));
		size_t n = (int64_t)x->in.len < left ? x->in.len : (size_t)left;
		if (fd_write_all(fd, span_make(x->in.ptr, n), e) < 0)
			return -1;
		buf_drop(&x->in, n);
		left -= (int64_t)n;
	}
	return 0;
}

static int write_entry(struct importing *x, const char *file, int64_t size, struct err *e)
{
	int fd = sys_openat(x->inside.dirfd, file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
	if (fd < 0 && errno == EEXIST)
		return err_set(e, EX_DATAERR, _("%s: twice in it"), file);
	if (fd < 0)
		return err_sys(e, EX_CANTCREAT, "%s/%s", x->inside.path, file);
	x->files[x->file_count++] = (struct file_done){.dirfd = x->inside.dirfd, .fd = fd};
	if (write_octets(x, fd, size, e) < 0)
		return -1;
	return x->file_count == GROUP ? sync_group(x, e) : 0;
}

/* The archive's name is in its first entry. */
static int begin(struct importing *x, const char *run, struct err *e)
{
	char name[MOVING_NAME_SIZE];
	struct stat st;
	memcpy(x->result->run, run, QUEUE_RUN_SIZE);
	moving_name(name, "imported", run);
	if (sys_fstatat(x->m.dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		x->before = true;
		return 0;
	}
	moving_name(name, "staging", run);
	if (sys_mkdirat(x->m.dirfd, name, 0700) < 0)
		return err_sys(e, EX_CANTCREAT, "%s/moved/%s", x->m.q->path, name);
	x->begun = true;
	return moving_open(&x->m, "staging", run, &x->inside, e);
}

static int take_entry(struct importing *x, const struct entry *entry, struct err *e)
{
	char run[QUEUE_RUN_SIZE], file[QUEUE_NAME_SIZE];
	bool folder = false;
	if (!entry->file && !entry->folder)
		return err_set(e, EX_DATAERR, _("%s: a link, or something stranger"), entry->name);
	if (!import_name(entry->name, run, file, &folder) || folder != entry->folder ||
	    (x->begun && strcmp(run, x->result->run) != 0))
		return err_set(e, EX_DATAERR, _("%s: no file of an exported queue"), entry->name);
	if (!x->begun && begin(x, run, e) < 0)
		return -1;
	return folder || x->before ? 0 : write_entry(x, file, entry->size, e);
}

static int unpack(struct importing *x, struct err *e)
{
	struct entry entry;
	int got;
	while (!x->before && (got = next_entry(x, &entry, e)) > 0)
		if (take_entry(x, &entry, e) < 0)
			return -1;
	if (x->before)
		return 0;
	if (got < 0 || sync_group(x, e) < 0)
		return -1;
	return x->begun ? dir_sync(x->inside.dirfd, x->inside.path, e) : 0;
}

/* What it says of an archive that is none comes where the archive would, as the reason of our one line; its exit code is what counts. */
static int run_helper(struct importing *x, struct err *e)
{
	char bytes[24];
	snprintf(bytes, sizeof(bytes), "%llu", (unsigned long long)x->how->max_bytes);
	char *argv[] = {(char[]){"surat-archive"}, (char[]){"unpack"}, (char[]){"--max-bytes"},
	    bytes, (char[]){"--max-entries"}, (char[]){"4000000"}, NULL};
	int status = 0;
	if (child_start(&x->helper, argv, NULL,
		CHILD_INHERIT_STDIN | CHILD_STDOUT | CHILD_STDERR_STDOUT, e) < 0)
		return -1;
	buf_init(&x->in, LINE);
	int r = unpack(x, e);
	buf_release(&x->in);
	bool early = (r < 0 && !x->said) || x->before;
	if (early)
		child_kill(&x->helper);
	else if (child_wait(&x->helper, -1, &status, e) < 0)
		r = -1;
	if (r == 0 && status)
		r = err_set(e, 0, _("it cannot be unpacked"));
	if (!early && status)
		e->code = status == EX_DATAERR ? EX_DATAERR : EX_IOERR;
	for (size_t i = 0; i < x->file_count; i++)
		sys_close(x->files[i].fd);
	return r;
}

/* --- from there into the spool --- */

static void tell(
    const struct queue_moving *how, const struct queue_name *n, const char *why, size_t *count)
{
	++*count;
	if (how && how->told)
		how->told(how->ctx, n->id, why);
}

static int drop(struct queue *inside, const struct queue_name *n, struct err *e)
{
	char file[QUEUE_NAME_SIZE];
	queue_name_write(file, n);
	if (sys_unlinkat(inside->dirfd, file, 0) < 0)
		return err_sys(e, EX_IOERR, "%s/%s", inside->path, file);
	snprintf(file, sizeof(file), "%s.log", n->id);
	sys_unlinkat(inside->dirfd, file, 0);
	return 0;
}

struct arriving {
	struct moving *m;
	struct queue inside;
	const struct queue_moving *how;
	struct queue_moved *result;
	struct moving_names there; /* of the spool, by ID */
};

static int by_id(const void *a, const void *b)
{
	const struct queue_name *x = a, *y = b;
	return strcmp(x->id, y->id);
}

/* What a message from elsewhere may say of its way. Other options run commands, read files of ours and write some, or say whom we trust; and a server of
 * its own would get an account's password. */
static bool is_harmless(const struct queue_route *r)
{
	static const char *const known[] = {
	    "bind", "dnssec", "fingerprint", "smtp-port", "timeout"};
	json_t *all = r->options ? json_loads(r->options, 0, NULL) : NULL, *value;
	const char *name;
	bool good = !(r->account && r->server) && (!r->options || json_is_object(all));
	json_object_foreach(all, name, value)
	{
		size_t i = 0;
		while (i < ARRAY_LEN(known) && strcmp(known[i], name) != 0)
			i++;
		good = good && i < ARRAY_LEN(known);
	}
	json_decref(all);
	return good;
}

/* Only a person can tell whether the archive is to be believed. */
static int hold(struct arriving *a, struct queue_name *n, struct err *e)
{
	struct queue_name held = *n;
	size_t untold = 0;
	held.held = true;
	tell(a->how, n, _("held: it brings options of its own; look before you release it"),
	    &untold);
	if (!n->held && queue_rename(&a->inside, n, &held, e) < 0)
		return -1;
	*n = held;
	return 1;
}

/* 1: it may go into the spool; 0: it has gone elsewhere. */
static int look_at(struct arriving *a, struct queue_name *n, struct err *e)
{
	bool harmless = true;
	struct queue_message m;
	struct err why = ERR_INIT;
	if (a->there.n && bsearch(n, a->there.v, a->there.n, sizeof(*n), by_id)) {
		tell(a->how, n, _("is in the spool already"), &a->result->skipped);
		return drop(&a->inside, n, e);
	}
	int got = queue_message_open(&a->inside, n, &m, &why);
	if (got > 0) {
		harmless = is_harmless(&m.envelope.route);
		queue_message_close(&m);
	}
	if (!harmless)
		return hold(a, n, e);
	if (got >= 0 ||
	    why.code == EX_UNAVAILABLE) /* of a later version: a program that knows it comes */
		return got != 0;
	if (why.code != EX_DATAERR)
		return err_copy(e, &why);
	tell(a->how, n, why.text, &a->result->damaged);
	return queue_quarantine_from(a->m->q, &a->inside, n, e) < 0 ? -1 : 0;
}

static int arrive_all(struct arriving *a, struct moving_names *l, struct err *e)
{
	size_t kept = 0;
	if (moving_gather(a->m->q, &a->there, e) < 0)
		return -1;
	if (a->there.n)
		qsort(a->there.v, a->there.n, sizeof(*a->there.v), by_id);
	for (size_t i = 0; i < l->n; i++) {
		int got = look_at(a, &l->v[i], e);
		if (got < 0)
			return -1;
		if (got > 0)
			l->v[kept++] = l->v[i];
	}
	l->n = kept;
	a->result->messages += kept;
	return moving_bring(a->m->q, &a->inside, l, e);
}

/* The folder is made anew, empty, as the mark of what has been imported. */
static int leave_mark(struct moving *m, const char *run, struct err *e)
{
	char name[MOVING_NAME_SIZE];
	moving_name(name, "imported", run);
	if (sys_mkdirat(m->dirfd, name, 0700) < 0 && errno != EEXIST)
		return err_sys(e, EX_CANTCREAT, "%s/moved/%s", m->q->path, name);
	return dir_sync(m->dirfd, "moved", e);
}

/* An archive that comes back to where it was made: what was kept there of it must not be given back by hand a second time. */
static int forget_export(struct moving *m, const char *run, struct err *e)
{
	char name[MOVING_NAME_SIZE];
	struct stat st;
	moving_name(name, "exported", run);
	if (sys_fstatat(m->dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	return moving_remove(m, "exported", run, e);
}

int import_arrive(struct moving *m, const char *run, const struct queue_moving *how,
    struct queue_moved *r, struct err *e)
{
	struct queue_moved unasked = {0};
	struct arriving a = {.m = m, .how = how, .result = r ? r : &unasked};
	struct moving_names l = {0};
	if (moving_open(m, "arriving", run, &a.inside, e) < 0)
		return -1;
	int got = moving_gather(&a.inside, &l, e);
	if (got == 0)
		got = arrive_all(&a, &l, e);
	free(l.v);
	free(a.there.v);
	queue_close(&a.inside);
	if (got < 0 || leave_mark(m, run, e) < 0 || moving_remove(m, "arriving", run, e) < 0)
		return -1;
	return forget_export(m, run, e);
}

/* --- all of it --- */

static int import_locked(struct importing *x, struct err *e)
{
	int r = run_helper(x, e);
	const char *run = x->result->run;
	if (r == 0 && !x->before && !x->begun)
		r = err_set(e, EX_DATAERR, _("no exported queue is in it"));
	if (x->begun) {
		queue_close(&x->inside);
		if (r < 0)
			moving_remove(&x->m, "staging", run, NULL);
	}
	if (r < 0 || x->before)
		return r;
	if (moving_step(&x->m, "staging", "arriving", run, e) < 0)
		return -1;
	return import_arrive(&x->m, run, x->how, x->result, e);
}

int queue_import(
    struct queue *q, const struct queue_moving *how, struct queue_moved *result, struct err *e)
{
	struct importing x = {.how = how, .result = result};
	*result = (struct queue_moved){0};
	if (moving_begin(&x.m, q, e) < 0)
		return -1;
	int r = import_locked(&x, e);
	moving_end(&x.m);
	return r;
}
