#include "compose/file.h"

#include "base/alloc.h"
#include "base/intl.h"
#include "io/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	HEAD = 4096,
	SEPARATOR = '\x1f',
	TEXT_MAX = 1 << 20, /* a larger text is not measured: base64 */
	CHECK_MAX = 4096,
	CHECK_TIMEOUT_MS = 600000
};

static const char *const formats[] = {"zip", "tar.gz", "tar.xz", "tar.zst", "7z"};

/* --- "FILE;type=...;name=..." --------------------------------------------------- */

static bool one_of_formats(struct span s)
{
	for (size_t i = 0; i < ARRAY_LEN(formats); i++)
		if (span_is(s, formats[i]))
			return true;
	return false;
}

/* "image/png": tokens on both sides. */
static bool is_type(struct span s)
{
	struct span rest = s, major;
	if (!span_cut(&rest, '/', &major) || !major.len || !rest.len || s.len > 120)
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] <= 32 || s.ptr[i] >= 127 || strchr("()<>@,;:\\\"[]?=", s.ptr[i]))
			return false;
	return span_index(rest, '/') < 0 && !span_is_nocase(major, "multipart") &&
	       (!span_is_nocase(major, "message") || span_is_nocase(rest, "rfc822"));
}

static bool is_cid(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] <= 32 || s.ptr[i] >= 127 || strchr("<>\"\\()", s.ptr[i]))
			return false;
	return s.len > 0 && s.len < 200;
}

static int set_option(struct draft *d, struct compose_file *f, struct span option, struct err *e)
{
	struct span value = option, key;
	span_cut(&value, '=', &key);
	const char *text = arena_str(&d->arena, value);
	if (span_is(key, "name") && value.len)
		f->name = text;
	else if (span_is(key, "type") && f->use != FILE_ARCHIVE && is_type(value))
		f->type = text;
	else if (span_is(key, "cid") && f->use == FILE_INLINE && is_cid(value))
		f->cid = text;
	else if (span_is(key, "format") && f->use == FILE_ARCHIVE && one_of_formats(value))
		f->format = text;
	else
		return err_set(e, EX_USAGE, _("%s: \"%.*s\" is not an option of a file here"),
		    f->path, SPAN_ARG(option));
	return 0;
}

/* Where the options begin: at the first ";word=" of a word that is known. */
static size_t path_length(struct span spec)
{
	static const char *const words[] = {";type=", ";name=", ";cid=", ";format="};
	size_t first = spec.len;
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		ptrdiff_t at = span_find(spec, span_of(words[i]));
		if (at >= 0 && (size_t)at < first)
			first = (size_t)at;
	}
	return first;
}

static int read_spec(struct draft *d, struct compose_file *f, const char *spec, struct err *e)
{
	struct span s = span_of(spec), rest, option;
	ptrdiff_t separator = span_index(s, SEPARATOR);
	size_t n = separator >= 0            ? (size_t)separator
		   : access(spec, F_OK) == 0 ? s.len
					     : path_length(s);
	f->path = arena_str(&d->arena, span_take(s, n));
	if (!*f->path)
		return err_set(e, EX_USAGE, _("\"%s\": no file is named"), spec);
	rest = span_skip(s, n);
	if (rest.len)
		rest = span_skip(rest, 1);
	while (rest.len) {
		ptrdiff_t end = span_index(rest, separator >= 0 ? SEPARATOR : ';');
		/* a name may have semicolons */
		if (separator < 0 && span_starts(rest, "name="))
			end = (ptrdiff_t)path_length(rest);
		size_t len = end < 0 ? rest.len : (size_t)end;
		option = span_take(rest, len);
		rest = span_skip(rest, len + 1);
		if (set_option(d, f, option, e) < 0)
			return -1;
	}
	return 0;
}

/* --- opening ---------------------------------------------------------------------- */

static const char *base_name(struct draft *d, const char *path)
{
	char full[PATH_MAX];
	struct span s = span_of(path);
	while (s.len > 1 && s.ptr[s.len - 1] == '/')
		s.len--;
	const char *slash = memrchr(s.ptr, '/', s.len);
	struct span base = slash ? span_skip(s, (size_t)(slash - s.ptr) + 1) : s;
	if ((span_is(base, ".") || span_is(base, "..") || !base.len) && realpath(path, full))
		return base_name(d, strcmp(full, "/") == 0 ? "root" : full);
	return arena_str(&d->arena, base);
}

static int check_readable(struct compose_file *f, struct err *e)
{
	if (access(f->path, R_OK) < 0)
		return err_sys(e, EX_NOINPUT, "%s", f->path);
	return 0;
}

static int open_file(struct compose_file *f, struct err *e)
{
	struct stat st;
	bool standard = strcmp(f->path, "-") == 0;
	f->fd = standard ? dup(STDIN_FILENO) : sys_openat(AT_FDCWD, f->path, O_RDONLY, 0);
	if (f->fd < 0 || sys_fstat(f->fd, &st) < 0)
		return err_sys(e, EX_NOINPUT, "%s", f->path);
	if (S_ISDIR(st.st_mode))
		return err_set(
		    e, EX_NOINPUT, _("%s: a folder; --attach-archive takes these"), f->path);
	/* files of /proc say 0 */
	f->regular = S_ISREG(st.st_mode) && st.st_size > 0 && !standard;
	f->left = (uint64_t)st.st_size;
	source_fd_init(&f->in, f->fd);
	return 0;
}

static ssize_t read_fd(struct compose_file *f, char *p, size_t n, struct err *e)
{
	if (signals_stop())
		return err_set(e, EX_TEMPFAIL, "%s", _("stopped by a signal"));
	if (f->regular && n > f->left)
		n = (size_t)f->left;
	ssize_t r = n ? f->in.source.read(&f->in.source, p, n, e) : 0;
	if (r < 0)
		return err_prefix(e, "%s: ", f->path);
	if (f->regular && r == 0 && n)
		return err_set(e, EX_IOERR, _("%s: became shorter while it was read"), f->path);
	f->left -= f->regular ? (uint64_t)r : 0;
	return r;
}

/* The archive's end is good only if its maker says so. */
static int end_child(struct compose_file *f, struct err *e)
{
	int status;
	f->is_child = false;
	f->fd = -1;
	if (child_wait(&f->child, CHECK_TIMEOUT_MS, &status, e) < 0)
		return -1;
	return status ? err_set(e, EX_IOERR, _("%s: making the archive failed"), f->path) : 0;
}

static ssize_t file_read(struct source *source, char *p, size_t n, struct err *e)
{
	struct compose_file *f = (struct compose_file *)source;
	struct span head = span_skip(buf_span(&f->head), f->head_taken);
	if (head.len) {
		head = span_take(head, n);
		memcpy(p, head.ptr, head.len);
		f->head_taken += head.len;
		return (ssize_t)head.len;
	}
	ssize_t r = f->fd < 0 ? 0 : read_fd(f, p, n, e);
	if (r == 0 && f->is_child && end_child(f, e) < 0)
		return -1;
	return r;
}

/* The first bytes, as many as there are up to HEAD. */
static int read_head(struct compose_file *f, struct err *e)
{
	buf_init(&f->head, HEAD);
	for (;;) {
		char bytes[HEAD];
		ssize_t n = read_fd(f, bytes, HEAD - f->head.len, e);
		if (n <= 0)
			return n < 0 ? -1 : 0;
		buf_addn(&f->head, bytes, (size_t)n);
		if (f->head.len == HEAD)
			return 0;
	}
}

static struct compose_file *new_file(struct draft *d, enum file_use use)
{
	struct compose_file *f = mem_new(1, sizeof(*f));
	f->source.read = file_read;
	f->use = use;
	f->fd = -1;
	*d->files_end = f;
	d->files_end = &f->next;
	return f;
}

int file_add(struct draft *d, enum file_use use, const char *spec, struct err *e)
{
	struct compose_file *f = new_file(d, use);
	if (read_spec(d, f, spec, e) < 0)
		return -1;
	if (!f->name) {
		bool standard = strcmp(f->path, "-") == 0;
		f->name = standard ? "stdin" : base_name(d, f->path);
	}
	return use == FILE_ARCHIVE ? check_readable(f, e) : open_file(f, e);
}

void file_add_spool(struct draft *d, enum file_use use, const char *type, struct span name,
    struct span cid, struct spool *bytes)
{
	struct compose_file *f = new_file(d, use);
	f->path = f->name = arena_str(&d->arena, name);
	f->type = arena_str(&d->arena, span_of(type));
	f->cid = cid.len ? arena_str(&d->arena, cid) : NULL;
	f->spool = *bytes;
	f->spooled = true;
	spool_init(bytes);
}

void file_release(struct compose_file *f)
{
	if (f->is_child)
		child_kill(&f->child);
	else if (f->fd >= 0)
		sys_close(f->fd);
	if (f->spooled)
		spool_release(&f->spool);
	buf_release(&f->head);
	free(f);
}

/* --- settling --------------------------------------------------------------------- */

static const char *format_of(const struct compose_file *f)
{
	for (size_t i = 0; !f->format && i < ARRAY_LEN(formats); i++)
		if (span_ends_nocase(span_of(f->name), formats[i]))
			return formats[i];
	return f->format ? f->format : "zip";
}

/* What cannot be read in the folder is known before a byte is written. */
static int check_archive(const struct compose_file *f, struct err *e)
{
	char *argv[] = {(char[]){"surat-archive"}, (char[]){"check"}, (char[]){"--"},
	    (char *)(uintptr_t)f->path, NULL};
	struct child c;
	char bytes[CHECK_MAX];
	size_t len = 0;
	int status;
	if (child_start(&c, argv, NULL, CHILD_STDOUT | CHILD_STDERR_NULL, e) < 0)
		return -1;
	for (ssize_t n = 1; n > 0 && len<sizeof(bytes); len += n> 0 ? (size_t)n : 0)
		n = sys_read(c.out, bytes + len, sizeof(bytes) - len);
	if (child_wait(&c, CHECK_TIMEOUT_MS, &status, e) < 0)
		return -1;
	if (status == 0)
		return 0;
	struct span why = span_trim(span_make(bytes, len));
	if (!why.len)
		return err_set(e, EX_NOINPUT, _("%s: cannot be archived"), f->path);
	return err_set(e, EX_NOINPUT, "%.*s", SPAN_ARG(why));
}

static int start_archive(struct draft *d, struct compose_file *f, int64_t time_s, struct err *e)
{
	char when[32];
	f->format = format_of(f);
	if (check_archive(f, e) < 0)
		return -1;
	snprintf(when, sizeof(when), "%lld", (long long)time_s);
	char *argv[] = {(char[]){"surat-archive"}, (char[]){"create"}, (char[]){"--format"},
	    (char *)(uintptr_t)f->format, (char[]){"--time"}, when, (char[]){"--"},
	    (char *)(uintptr_t)f->path, NULL};
	if (child_start(&f->child, argv, NULL, CHILD_STDOUT | CHILD_STDERR_NULL, e) < 0)
		return -1;
	f->is_child = true;
	f->fd = f->child.out;
	source_fd_init(&f->in, f->fd);
	if (!span_ends_nocase(span_of(f->name), f->format)) {
		char *name = str_printf("%s.%s", f->name, f->format);
		f->name = arena_str(&d->arena, span_of(name));
		free(name);
	}
	return 0;
}

static int spool_all(struct compose_file *f, struct err *e)
{
	spool_init(&f->spool);
	f->spooled = true;
	return sink_pump(&f->spool.sink, &f->source, e);
}

static bool is_message(const struct compose_file *f)
{
	return strcasecmp(f->type, "message/rfc822") == 0;
}

int file_settle(struct draft *d, struct compose_file *f, int64_t time_s, struct err *e)
{
	if (f->spooled)
		return 0;
	if (f->use == FILE_ARCHIVE && start_archive(d, f, time_s, e) < 0)
		return -1;
	if (read_head(f, e) < 0)
		return -1;
	if (f->is_child && !f->head.len && end_child(f, e) < 0)
		return -1;
	if (!f->type)
		f->type = file_type(span_of(f->name), buf_span(&f->head));
	if (f->use == FILE_INLINE && !f->cid)
		f->cid = f->name;
	bool small = f->regular && f->left <= TEXT_MAX;
	bool text = strncasecmp(f->type, "text/", 5) == 0;
	return is_message(f) || (small && text) ? spool_all(f, e) : 0;
}

/* --- building --------------------------------------------------------------------- */

static void add_content_id(struct build_part *p, const char *cid)
{
	struct buf id = BUF_INIT(1024);
	buf_addc(&id, '<');
	for (; *cid; cid++)
		buf_addc(&id, *cid > 32 && *cid < 127 && !strchr("<>\"\\()", *cid) ? *cid : '_');
	buf_addc(&id, '>');
	header_add_tokens(&p->fields, "Content-ID", buf_span(&id));
	buf_release(&id);
}

void file_build(struct build *b, struct build_part *parent, struct compose_file *f)
{
	struct build_part *p;
	if (!f->spooled)
		p = build_stream(b, parent, f->type, &f->source);
	else if (is_message(f))
		p = build_message(b, parent, "message/rfc822", &f->spool);
	else
		p = build_bytes(b, parent, f->type, &f->spool);
	build_disposition(p, f->use == FILE_INLINE ? "inline" : "attachment", span_of(f->name));
	if (f->use == FILE_INLINE)
		add_content_id(p, f->cid);
}
