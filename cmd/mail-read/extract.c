#include "base/alloc.h"
#include "base/intl.h"
#include "extract_file.h"
#include "full.h"
#include "io/file.h"
#include "io/sys.h"
#include "mime/embedded.h"
#include "mime/shape.h"

#include <fcntl.h>
#include <stdlib.h>

struct extract {
	struct read *r;
	struct extract_target target;
	struct strv numbers; /* of the parts wanted; none: what is attached, or --all */
	size_t found;
	struct out out;
	/* the message that is read */
	const char *message;
	struct extract_file file;
	struct arena arena;
	struct embedded embedded; /* of the leaf that is read, where there may be files in it */
	struct embedded_handler handler;
	struct extract_file embedded_file;
	struct mime_decoder decoder; /* of a leaf that is read for them alone */
	struct mime_part *embedding; /* the leaf, or NULL */
	int embedded_code;           /* how a file went wrong: filters only say that one did */
	struct mime_part *
	    *inner; /* messages within that are wanted whole: taken in a second reading */
	size_t n, cap;
};

static bool is_named(const struct extract *x, const struct mime_part *part)
{
	for (size_t i = 0; i < x->numbers.n; i++)
		if (strcmp(x->numbers.v[i], mime_part_number(part)) == 0)
			return true;
	return false;
}

static bool wanted(const struct extract *x, const struct mime_part *part)
{
	if (x->numbers.n)
		return (part->leaf || part->is_message) && is_named(x, part);
	return x->r->o->all ? part->leaf : mime_part_is_attachment(part);
}

/* May one of the files in it be wanted: "2:1"? */
static bool wants_embedded(const struct extract *x, const struct mime_part *part)
{
	size_t n = strlen(mime_part_number(part));
	if (!embedded_possible(part))
		return false;
	for (size_t i = 0; i < x->numbers.n; i++)
		if (strncmp(x->numbers.v[i], mime_part_number(part), n) == 0 &&
		    x->numbers.v[i][n] == ':')
			return true;
	return !x->numbers.n;
}

/* --- what was written --- */

static int finish(
    struct extract *x, struct extract_file *file, const struct mime_part *part, struct err *e)
{
	int code = extract_file_close(file, e);
	x->found++;
	if (code == 0 && x->target.fd >= 0) {
		const char *dir = x->target.dir, *slash = dir[strlen(dir) - 1] == '/' ? "" : "/";
		char *path = str_printf("%s%s%s", dir, slash, buf_cstr(&file->name));
		code = x->r->o->common.json
			   ? full_file_json(&x->out, path, part, file->bytes, x->message, e)
			   : out_name(x->r, &x->out, path, e);
		free(path);
	}
	extract_file_release(file);
	return code;
}

/* --- files within a leaf --- */

static struct extract *of_handler(struct embedded_handler *h)
{
	return (struct extract *)(void *)((char *)h - offsetof(struct extract, handler));
}

static int embedded_begin(struct embedded_handler *h, struct mime_part *file, struct err *e)
{
	struct extract *x = of_handler(h);
	if (x->numbers.n && !is_named(x, file))
		return 0;
	return x->embedded_code = extract_file_open(&x->embedded_file, &x->target, file, e);
}

static int embedded_put(
    struct embedded_handler *h, struct mime_part *file, struct span bytes, struct err *e)
{
	struct extract *x = of_handler(h);
	if (x->embedded_file.part != file)
		return 0;
	return x->embedded_code = extract_file_put(&x->embedded_file, bytes, e);
}

static int embedded_end(struct embedded_handler *h, struct mime_part *file, struct err *e)
{
	struct extract *x = of_handler(h);
	if (x->embedded_file.part != file)
		return 0;
	return x->embedded_code = finish(x, &x->embedded_file, file, e);
}

static int nowhere_put(struct sink *s, struct span bytes, struct err *e)
{
	(void)s, (void)bytes, (void)e;
	return 0;
}

static void begin_embedding(struct extract *x, struct mime_part *leaf)
{
	static struct sink nowhere = {.put = nowhere_put};
	arena_init(&x->arena, 64 << 20);
	x->handler = (struct embedded_handler){embedded_begin, embedded_put, embedded_end};
	embedded_init(&x->embedded, leaf, &x->handler, &x->arena);
	mime_decoder_init_tap(&x->decoder, leaf, MIME_DECODE_BYTES, &nowhere, &x->embedded.sink);
	x->embedding = leaf;
	x->embedded_code = 0;
}

/* e NULL: it is given up. */
static int end_embedding(struct extract *x, struct err *e)
{
	if (!x->embedding)
		return 0;
	int code = e ? mime_decoder_end(&x->decoder, x->embedding, e) : 0;
	extract_file_release(&x->embedded_file);
	embedded_release(&x->embedded);
	arena_release(&x->arena);
	x->embedding = NULL;
	return code < 0 && x->embedded_code ? x->embedded_code : code;
}

/* --- parts as they come --- */

static void inner_add(struct extract *x, struct mime_part *part)
{
	if (x->n == x->cap) {
		x->cap = x->cap ? 2 * x->cap : 8;
		x->inner = mem_resize(x->inner, x->cap, sizeof(*x->inner));
	}
	x->inner[x->n++] = part;
}

static int on_leaf(struct extract *x, struct mime_part *part, struct err *e)
{
	if (wants_embedded(x, part))
		begin_embedding(x, part);
	return wanted(x, part) ? extract_file_open(&x->file, &x->target, part, e) : 0;
}

static int on_body(struct extract *x, const struct mime_event *ev, struct err *e)
{
	if (ev->where != MIME_IN_BODY)
		return 0;
	if (x->file.part == ev->part && extract_file_put(&x->file, ev->body, e) < 0)
		return -1;
	if (x->embedding != ev->part || sink_put(mime_decoder_sink(&x->decoder), ev->body, e) == 0)
		return 0;
	return x->embedded_code ? x->embedded_code : -1;
}

static int on_part_end(struct extract *x, struct mime_part *part, struct err *e)
{
	if (x->file.part == part && finish(x, &x->file, part, e) < 0)
		return -1;
	return x->embedding == part ? end_embedding(x, e) : 0;
}

static int on_event(struct extract *x, const struct mime_event *ev, struct err *e)
{
	switch (ev->type) {
	case MIME_FIELD: return 0;
	case MIME_HEADERS_END:
		if (ev->part->leaf)
			return on_leaf(x, ev->part, e);
		if (wanted(x, ev->part))
			inner_add(x, ev->part);
		return 0;
	case MIME_BODY: return on_body(x, ev, e);
	case MIME_PART_END: return on_part_end(x, ev->part, e);
	}
	return 0;
}

/* --- messages within --- */

/* Where it lies is counted in the bytes of the message only if nothing around it is encoded. */
static bool is_plain(const struct mime_part *part)
{
	for (part = part->parent; part; part = part->parent)
		if (part->is_message && part->encoding > MIME_BINARY)
			return false;
	return true;
}

/* n bytes of the source, into the file or over them. */
static int take(struct extract *x, struct source *in, uint64_t n, bool keep, struct err *e)
{
	char bytes[16384];
	int code = 0;
	while (code == 0 && n) {
		ssize_t got = in->read(in, bytes, n < sizeof(bytes) ? (size_t)n : sizeof(bytes), e);
		if (got <= 0)
			return got < 0 ? -1
				       : err_set(e, EX_IOERR, _("it became shorter meanwhile"));
		if (keep)
			code = extract_file_put(&x->file, span_make(bytes, (size_t)got), e);
		n -= (uint64_t)got;
	}
	return code;
}

static int extract_inner(
    struct extract *x, struct content *c, struct mime_part *part, struct err *e)
{
	if (!is_plain(part))
		return err_set(e, EX_UNAVAILABLE,
		    _("part %s is inside an encoded message: extract that first"),
		    mime_part_number(part));
	if (content_rewind(c, e) < 0 || take(x, c->source, part->body, false, e) < 0 ||
	    extract_file_open(&x->file, &x->target, part, e) < 0)
		return -1;
	int code = take(x, c->source, part->end - part->body, true, e);
	return code == 0 ? finish(x, &x->file, part, e) : code;
}

static int visit(void *ctx, struct content *c, struct err *e)
{
	struct extract *x = ctx;
	struct mime_parser p;
	struct mime_event ev;
	int code;
	x->message = c->name;
	x->n = 0;
	mime_parser_init(&p, c->source, NULL);
	while ((code = mime_next(&p, &ev, e)) > 0)
		if ((code = on_event(x, &ev, e)) < 0)
			break;
	for (size_t i = 0; code == 0 && i < x->n; i++)
		code = extract_inner(x, c, x->inner[i], e);
	extract_file_release(&x->file);
	end_embedding(x, NULL);
	mime_parser_release(&p);
	return code;
}

/* --- the command line: MSG [PART...], or sets with --names --- */

static bool is_part_number(const char *s)
{
	return *s && strspn(s, "0123456789.:") == strlen(s);
}

static int open_target(struct extract *x, struct err *e)
{
	const char *dir = x->r->o->dir;
	x->target.dir = dir && *dir ? dir : ".";
	x->target.out = &x->out;
	if (strcmp(x->target.dir, "-") != 0) {
		if (dir && dir_make(x->target.dir, 0777, e) < 0)
			return -1;
		x->target.fd = dir_open(AT_FDCWD, x->target.dir, e);
		return x->target.fd < 0 ? -1 : 0;
	}
	if (x->numbers.n != 1 || x->r->o->common.json)
		return err_set(e, EX_USAGE, _("--dir - is for one part: extract MSG PART --dir -"));
	return 0;
}

/* The first operand is the message, all others are parts of it; with --names all are parts. */
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
	int code = contents_each(x->r, messages, CONTENT_TWICE, visit, x, e);
	int end = out_end(&x->out, &late);
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
	struct extract x = {.r = r, .target = {.fd = -1}};
	struct strv messages = {0};
	int code = split_operands(&x, operands, &messages, e);
	if (code == 0)
		code = open_target(&x, e);
	if (code == 0)
		code = extract_all(&x, &messages, e);
	if (x.target.fd >= 0)
		sys_close(x.target.fd);
	free(x.inner);
	strv_release(&messages);
	strv_release(&x.numbers);
	return code;
}
