#include "base/alloc.h"
#include "base/intl.h"
#include "io/child.h"
#include "io/sys.h"
#include "store/room.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

/* --- which kind --- */

static bool is_folder(const char *path)
{
	struct stat st;
	return sys_fstatat(AT_FDCWD, path, &st, 0) == 0 && S_ISDIR(st.st_mode);
}

static bool holds(const char *folder, const char *name)
{
	struct stat st;
	char *path = str_printf("%s/%s", folder, name);
	bool there = sys_fstatat(AT_FDCWD, path, &st, 0) == 0;
	free(path);
	return there;
}

/* A bare path: a folder is what its contents say, a missing one named with a slash at its end a Maildir, everything else an mbox. */
static int guess_kind(struct span path, enum store_kind *kind, struct err *e)
{
	char *name = span_dup(path);
	bool folder = is_folder(name), slash = path.ptr[path.len - 1] == '/';
	int r = 0;
	if (folder && holds(name, "cur"))
		*kind = STORE_MAILDIR;
	else if (folder && holds(name, ".mh_sequences"))
		*kind = STORE_MH;
	else if (slash)
		*kind = STORE_MAILDIR;
	else if (folder)
		r = err_set(e, EX_NOINPUT, _("%s: a folder without cur/ is no Maildir"), name);
	else
		*kind = STORE_MBOX;
	free(name);
	return r;
}

static int parse_name(struct span mailbox, enum store_kind *kind, struct span *path, struct err *e)
{
	*path = mailbox;
	if (span_starts(mailbox, "maildir:")) {
		*kind = STORE_MAILDIR;
		*path = span_skip(mailbox, 8);
	} else if (span_starts(mailbox, "mbox:")) {
		*kind = STORE_MBOX;
		*path = span_skip(mailbox, 5);
	} else if (span_starts(mailbox, "mh:")) {
		*kind = STORE_MH;
		*path = span_skip(mailbox, 3);
	}
	if (!path->len)
		return err_set(e, EX_USAGE, _("a mailbox needs a path"));
	if (memchr(path->ptr, '\0', path->len) || memchr(path->ptr, '\n', path->len))
		return err_set(e, EX_USAGE, _("a control character in a mailbox's path"));
	return path->len == mailbox.len ? guess_kind(mailbox, kind, e) : 0;
}

int store_open(struct store **out, struct span mailbox, int flags, struct err *e)
{
	static const struct store_ops *const kinds[] = {[STORE_MAILDIR] = &store_maildir_ops,
	    [STORE_MBOX] = &store_mbox_ops,
	    [STORE_MH] = &store_mh_ops};
	enum store_kind kind = STORE_MBOX;
	struct span path;
	if (parse_name(mailbox, &kind, &path, e) < 0)
		return -1;
	while (path.len > 1 && path.ptr[path.len - 1] == '/')
		path.len--;
	struct store *s = mem_new(1, sizeof(*s));
	*s = (struct store){
	    .kind = kind, .path = span_dup(path), .flags = flags, .ops = kinds[kind]};
	if (s->ops->open(s, e) < 0) {
		free(s->path);
		free(s);
		return -1;
	}
	*out = s;
	return 0;
}

void store_free(struct store *s)
{
	if (!s)
		return;
	s->ops->abort(s);
	s->ops->close(s);
	free(s->path);
	free(s);
}

enum store_kind store_kind_of(const struct store *s)
{
	return s->kind;
}

const char *store_path(const struct store *s)
{
	return s->path;
}

/* --- delivering --- */

/* Drops a leading "From " line: the envelope of a mailbox it came from, no field (and taken for a header's end by many programs). */
struct from_filter {
	struct sink sink, *next;
	size_t matched;
	bool past, skip;
};

static const char from_[] = "From ";

static int from_put(struct sink *sink, struct span s, struct err *e)
{
	struct from_filter *f = (struct from_filter *)sink;
	for (; s.len && !f->past && !f->skip; s = span_skip(s, 1)) {
		if (s.ptr[0] != from_[f->matched]) {
			f->past = true;
			if (sink_put(f->next, span_make(from_, f->matched), e) < 0)
				return -1;
			break;
		}
		f->skip = ++f->matched == 5;
	}
	if (f->skip) {
		ptrdiff_t lf = span_index(s, '\n');
		f->skip = lf < 0;
		f->past = !f->skip;
		s = lf < 0 ? SPAN("") : span_skip(s, (size_t)lf + 1);
	}
	return s.len ? sink_put(f->next, s, e) : 0;
}

static int from_end(struct sink *sink, struct err *e)
{
	struct from_filter *f = (struct from_filter *)sink;
	if (!f->past && !f->skip && sink_put(f->next, span_make(from_, f->matched), e) < 0)
		return -1;
	return 0;
}

/* What cannot be written now may be writable later; what cannot be read is the reader's to judge. */
static int later(struct err *e)
{
	if (e && e->code != EX_SOFTWARE)
		e->code = EX_TEMPFAIL;
	return -1;
}

static int pump(struct sink *to, struct source *from, struct err *e)
{
	char *block = mem_new(65536, 1);
	ssize_t n;
	while ((n = from->read(from, block, 65536, e)) > 0)
		if (signals_stop()) {
			n = err_set(e, EX_TEMPFAIL, _("stopped by a signal"));
			break;
		} else if (sink_put(to, span_make(block, (size_t)n), e) < 0) {
			n = later(e);
			break;
		}
	free(block);
	return n < 0 ? -1 : 0;
}

int store_write(
    struct sink *to, struct source *message, const struct store_delivery *d, struct err *e)
{
	struct filter_crlf lf;
	struct filter_tee tee;
	struct from_filter from = {.sink = {from_put, from_end}};
	struct sink *next = to;
	if (d->copy) {
		filter_tee_init(&tee, to, d->copy);
		next = &tee.sink;
	}
	filter_crlf_init(&lf, next, CRLF_LOCAL);
	from.next = &lf.sink;
	if (sink_put(next, d->prepend, e) < 0)
		return later(e);
	if (pump(&from.sink, message, e) < 0)
		return -1;
	return sink_end(&from.sink, e) < 0 || sink_end(&lf.sink, e) < 0 ? later(e) : 0;
}

static int commit(struct store *s, struct err *e)
{
	if (s->ops->commit(s, e) < 0)
		return -1;
	s->ops->end(s);
	return 0;
}

/* The message is all there: finishes it, and safe it is unless a group is open. */
int store_settle(struct store *s, struct store_receipt *r, struct err *e)
{
	struct store_receipt done;
	if (s->ops->finish(s, &done, e) < 0) {
		s->ops->drop(s);
		if (!s->group)
			s->ops->abort(s);
		return later(e);
	}
	if (!s->group && commit(s, e) < 0) {
		free(done.name);
		return later(e);
	}
	*r = done;
	return 0;
}

int store_deliver(struct store *s, struct source *message, const struct store_delivery *d,
    struct store_receipt *r, struct err *e)
{
	static const struct store_delivery plain = {0};
	struct store_receipt receipt;
	struct sink *to;
	d = d ? d : &plain;
	if (s->flags & STORE_READ_ONLY)
		BUG("delivery to a mailbox opened for reading");
	if (s->ops->begin(s, d, &to, e) < 0)
		return later(e);
	if (store_write(to, message, d, e) < 0) {
		s->ops->drop(s);
		if (!s->group)
			s->ops->abort(s);
		return -1;
	}
	if (store_settle(s, &receipt, e) < 0)
		return -1;
	if (r)
		*r = receipt;
	else
		free(receipt.name);
	return 0;
}

void store_group(struct store *s)
{
	s->group = true;
}

bool store_group_full(const struct store *s)
{
	return s->ops->full(s);
}

int store_group_commit(struct store *s, struct err *e)
{
	s->group = false;
	return commit(s, e);
}

int store_group_settle(struct store *s, struct err *e)
{
	s->group = false;
	return s->ops->commit(s, e);
}

void store_group_end(struct store *s)
{
	s->ops->end(s);
}

void store_group_abort(struct store *s)
{
	s->group = false;
	s->ops->abort(s);
}

int store_total(struct store *s, uint64_t *bytes, struct err *e)
{
	struct store_scan *sc;
	struct stat st;
	if (s->kind == STORE_MBOX) {
		bool there = sys_fstatat(AT_FDCWD, s->path, &st, 0) == 0;
		if (!there && errno != ENOENT)
			return err_sys(e, EX_TEMPFAIL, "%s", s->path);
		*bytes = there ? (uint64_t)st.st_size : 0;
		return 0;
	}
	if (store_scan_open(s, &sc, e) < 0)
		return -1;
	*bytes = 0;
	for (size_t i = 0; i < sc->n; i++)
		*bytes += sc->v[i].size;
	store_scan_free(sc);
	return 0;
}
