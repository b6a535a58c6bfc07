#include "base/alloc.h"
#include "base/intl.h"
#include "extract_name.h"
#include "io/file.h"
#include "io/sys.h"
#include "json.h"
#include "mime/decode.h"
#include "mime/shape.h"
#include "parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { TRIES = 10000 };
enum { PATH, PART, TYPE, FILENAME, BYTES, MESSAGE, COLUMNS };
static const struct report_column columns[COLUMNS] = {{"path", NULL}, {"part", NULL},
    {"type", NULL}, {"filename", NULL}, {"bytes", NULL}, {"message", NULL}};

struct extract {
	struct read *r;
	const char *dir;
	int dirfd;           /* -1: to standard output */
	struct strv numbers; /* of the parts wanted; none: what is attached, or --all */
	size_t found;
	struct out out;
	struct report *report; /* --json */
	const char *message;
};

/* One part on its way into its file. */
struct writing {
	struct mime_part *part; /* NULL: none is open */
	struct mime_decoder decoder;
	struct sink_fd file;
	struct sink count;
	uint64_t bytes;
	struct sink *to;
	int fd; /* -1: standard output */
	struct buf name;
	bool out_failed;
};

static bool wanted(const struct extract *x, const struct mime_part *part)
{
	for (size_t i = 0; i < x->numbers.n; i++)
		if (strcmp(x->numbers.v[i], part_number(part)) == 0 &&
		    (part->leaf || part->is_message))
			return true;
	if (x->numbers.n)
		return false;
	return x->r->o->all ? part->leaf : mime_part_is_attachment(part);
}

/* --- the file: a name that is free, in that folder and nowhere else --- */

static int create(
    const struct extract *x, const struct mime_part *part, struct buf *name, struct err *e)
{
	struct buf plain = BUF_INIT(4096);
	int fd = -1;
	extract_name(&plain, part, part_number(part));
	for (unsigned i = 1; fd < 0 && i < TRIES; i++) {
		buf_reset(name);
		if (i == 1)
			buf_add(name, buf_span(&plain));
		else
			extract_name_numbered(name, buf_span(&plain), i);
		fd = sys_openat(x->dirfd, buf_cstr(name),
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_NOCTTY, 0666);
		if (fd < 0 && errno != EEXIST)
			break;
	}
	if (fd < 0)
		err_sys(e, EX_CANTCREAT, "%s/%s", x->dir, buf_cstr(name));
	buf_release(&plain);
	return fd;
}

static int count_put(struct sink *s, struct span bytes, struct err *e)
{
	struct writing *w = (struct writing *)(void *)((char *)s - offsetof(struct writing, count));
	w->bytes += bytes.len;
	if (sink_put(w->to, bytes, e) == 0)
		return 0;
	w->out_failed = true;
	return -1;
}

static int begin(struct extract *x, struct writing *w, struct mime_part *part, struct err *e)
{
	w->count = (struct sink){.put = count_put};
	w->bytes = 0;
	w->fd = -1;
	w->to = &x->out.fd.sink;
	buf_init(&w->name, 4096);
	if (x->dirfd >= 0) {
		w->fd = create(x, part, &w->name, e);
		if (w->fd < 0) {
			buf_release(&w->name);
			return -1;
		}
		sink_fd_init(&w->file, w->fd);
		w->to = &w->file.sink;
	}
	w->part = part;
	x->found++;
	mime_decoder_init(&w->decoder, part, MIME_DECODE_BYTES, &w->count);
	return 0;
}

/* A file that is not whole goes. */
static void drop(struct extract *x, struct writing *w)
{
	struct mime_part ignored = *w->part;
	mime_decoder_end(&w->decoder, &ignored, NULL);
	w->part = NULL;
	if (w->fd >= 0) {
		sys_close(w->fd);
		sys_unlinkat(x->dirfd, buf_cstr(&w->name), 0);
	}
	buf_release(&w->name);
}

static int report_file(
    struct extract *x, const struct writing *w, const struct mime_part *part, struct err *e)
{
	char *path = str_printf(
	    "%s%s%s", x->dir, x->dir[strlen(x->dir) - 1] == '/' ? "" : "/", buf_cstr(&w->name));
	int code;
	if (!x->report) {
		code = out_name(x->r, &x->out, path, e);
	} else {
		struct buf type = BUF_INIT(1024);
		buf_addf(&type, "%s/%s", part->type, part->subtype);
		report_text(x->report, PATH, span_of(path));
		report_text(x->report, PART, span_of(part_number(part)));
		report_text(x->report, TYPE, buf_span(&type));
		report_text(x->report, FILENAME, part->filename);
		report_bytes(x->report, BYTES, w->bytes);
		report_text(x->report, MESSAGE, span_of(x->message));
		code = out_row(x->report, e);
		buf_release(&type);
	}
	free(path);
	return code;
}

static int failed_at(const struct extract *x, const struct writing *w, struct err *e)
{
	return w->fd < 0 ? out_failed(e) : err_prefix(e, "%s/%s: ", x->dir, buf_cstr(&w->name));
}

static int finish(struct extract *x, struct writing *w, struct err *e)
{
	struct mime_part *part = w->part;
	if (mime_decoder_end(&w->decoder, part, e) < 0 ||
	    (w->fd >= 0 && sink_end(&w->file.sink, e) < 0)) {
		int code = failed_at(x, w, e);
		if (w->fd >= 0) {
			sys_close(w->fd);
			sys_unlinkat(x->dirfd, buf_cstr(&w->name), 0);
		}
		w->part = NULL;
		buf_release(&w->name);
		return code;
	}
	w->part = NULL;
	int code = 0;
	if (w->fd >= 0 && sys_close(w->fd) < 0) {
		code = err_sys(e, EX_IOERR, "%s/%s", x->dir, buf_cstr(&w->name));
		sys_unlinkat(x->dirfd, buf_cstr(&w->name), 0);
	}
	if (code == 0 && x->dirfd >= 0)
		code = report_file(x, w, part, e);
	buf_release(&w->name);
	return code;
}

/* --- the message --- */

/* Messages within the message are taken whole, in a second reading: here their places are noted. */
struct inner {
	struct mime_part **v;
	size_t n, cap;
};

static void inner_add(struct inner *in, struct mime_part *part)
{
	if (in->n == in->cap) {
		in->cap = in->cap ? 2 * in->cap : 8;
		in->v = mem_resize(in->v, in->cap, sizeof(*in->v));
	}
	in->v[in->n++] = part;
}

static int on_event(struct extract *x, struct writing *w, struct inner *in,
    const struct mime_event *ev, struct err *e)
{
	switch (ev->type) {
	case MIME_FIELD: return 0;
	case MIME_HEADERS_END:
		if (!wanted(x, ev->part))
			return 0;
		if (ev->part->leaf)
			return begin(x, w, ev->part, e);
		inner_add(in, ev->part);
		return 0;
	case MIME_BODY:
		if (w->part != ev->part || ev->where != MIME_IN_BODY ||
		    sink_put(mime_decoder_sink(&w->decoder), ev->body, e) == 0)
			return 0;
		return failed_at(x, w, e);
	case MIME_PART_END: return w->part == ev->part ? finish(x, w, e) : 0;
	}
	return 0;
}

/* Where it lies is counted in the bytes of the message only if nothing around it is encoded. */
static bool is_plain(const struct mime_part *part)
{
	for (part = part->parent; part; part = part->parent)
		if (part->is_message && part->encoding > MIME_BINARY)
			return false;
	return true;
}

static int skip(struct source *in, uint64_t n, struct err *e)
{
	char bytes[16384];
	while (n) {
		ssize_t got = in->read(in, bytes, n < sizeof(bytes) ? (size_t)n : sizeof(bytes), e);
		if (got <= 0)
			return got < 0 ? -1
				       : err_set(e, EX_IOERR, _("it became shorter meanwhile"));
		n -= (uint64_t)got;
	}
	return 0;
}

static int copy(struct writing *w, struct source *in, uint64_t n, struct err *e)
{
	char bytes[16384];
	while (n) {
		ssize_t got = in->read(in, bytes, n < sizeof(bytes) ? (size_t)n : sizeof(bytes), e);
		if (got <= 0)
			return got < 0 ? -1
				       : err_set(e, EX_IOERR, _("it became shorter meanwhile"));
		if (sink_put(mime_decoder_sink(&w->decoder), span_make(bytes, (size_t)got), e) < 0)
			return -1;
		n -= (uint64_t)got;
	}
	return 0;
}

static int extract_inner(
    struct extract *x, struct content *c, struct mime_part *part, struct err *e)
{
	struct writing w = {.part = NULL};
	if (!is_plain(part))
		return err_set(e, EX_UNAVAILABLE,
		    _("part %s is inside an encoded message: extract that first"),
		    part_number(part));
	if (content_rewind(c, e) < 0 || skip(c->source, part->body, e) < 0 ||
	    begin(x, &w, part, e) < 0)
		return -1;
	if (copy(&w, c->source, part->end - part->body, e) == 0)
		return finish(x, &w, e);
	int code = w.out_failed ? failed_at(x, &w, e) : -1;
	drop(x, &w);
	return code;
}

static int visit(void *ctx, struct content *c, struct err *e)
{
	struct extract *x = ctx;
	struct mime_parser p;
	struct mime_event ev;
	struct writing w = {.part = NULL};
	struct inner in = {0};
	int code;
	x->message = c->name;
	mime_parser_init(&p, c->source, NULL);
	while ((code = mime_next(&p, &ev, e)) > 0)
		if ((code = on_event(x, &w, &in, &ev, e)) < 0)
			break;
	if (w.part)
		drop(x, &w);
	for (size_t i = 0; code == 0 && i < in.n; i++)
		code = extract_inner(x, c, in.v[i], e);
	mime_parser_release(&p);
	free(in.v);
	return code;
}

/* --- the command line: MSG [PART...], or sets with --names --- */

static bool is_part_number(const char *s)
{
	return *s && strspn(s, "0123456789.") == strlen(s);
}

static int open_target(struct extract *x, struct err *e)
{
	const char *dir = x->r->o->dir;
	x->dir = dir ? dir : ".";
	if (strcmp(x->dir, "-") != 0) {
		if (dir && dir_make(dir, 0777, e) < 0)
			return -1;
		x->dirfd = dir_open(AT_FDCWD, x->dir, e);
		return x->dirfd < 0 ? -1 : 0;
	}
	x->dirfd = -1;
	if (x->numbers.n != 1 || x->r->o->common.json)
		return err_set(e, EX_USAGE, _("--dir - is for one part: extract MSG PART --dir -"));
	return 0;
}

/* The first operand is the message, all others are parts of it; without any, standard input. */
static int split_operands(
    struct extract *x, const struct strv *operands, struct strv *messages, struct err *e)
{
	size_t first = x->r->o->names ? 0 : 1;
	for (size_t i = 0; i < operands->n; i++) {
		const char *word = operands->v[i];
		if (i < first)
			strv_add(messages, word);
		else if (is_part_number(word))
			strv_add(&x->numbers, word);
		else
			return err_set(e, EX_USAGE,
			    _("%s: not the number of a part; several messages come with --names"),
			    word);
	}
	return 0;
}

static int extract_all(struct extract *x, const struct strv *messages, struct err *e)
{
	struct err late = ERR_INIT;
	out_init(&x->out);
	if (x->r->o->common.json)
		x->report = report_new(columns, COLUMNS, REPORT_JSON, 0);
	int code = contents_each(x->r, messages, CONTENT_TWICE, visit, x, e);
	int end = x->report ? report_close(x->report, &late) : out_end(&x->out, &late);
	if (x->dirfd >= 0)
		sys_close(x->dirfd);
	if (code < 0)
		return code;
	if (end < 0)
		return err_copy(e, &late);
	if (!x->found && x->numbers.n)
		return err_set(e, EX_NOINPUT, _("there is no part %s"), x->numbers.v[0]);
	return x->found == 0;
}

int run_extract(struct read *r, struct strv *operands, struct err *e)
{
	struct extract x = {.r = r, .dirfd = -1};
	struct strv messages = {0};
	int code = split_operands(&x, operands, &messages, e);
	if (code == 0)
		code = open_target(&x, e);
	if (code == 0)
		code = extract_all(&x, &messages, e);
	strv_release(&messages);
	strv_release(&x.numbers);
	return code;
}
