#include "base/alloc.h"
#include "base/intl.h"
#include "full.h"
#include "io/file.h"
#include "io/sys.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { NAME_MAX_BYTES = 64 * 1024, RANGE_MAX = 1000000 };

bool stdin_is_offered(void)
{
	struct stat st;
	return sys_fstat(STDIN_FILENO, &st) == 0 &&
	       (S_ISFIFO(st.st_mode) || S_ISREG(st.st_mode) || S_ISSOCK(st.st_mode));
}

/* "maildir:", "mh:", "mbox:" without a message's place, "+Name", a folder. */
bool is_mailbox_operand(const char *name)
{
	struct stat st;
	struct span s = span_of(name);
	if (span_starts(s, "maildir:") || span_starts(s, "mh:") || *name == '+')
		return true;
	if (span_starts(s, "mbox:"))
		return !strchr(name, '#');
	return sys_fstatat(AT_FDCWD, name, &st, 0) == 0 && S_ISDIR(st.st_mode);
}

int need_names(struct read *r, const struct strv *operands, struct err *e)
{
	if (operands->n || r->o->names)
		return 0;
	return err_set(e, EX_USAGE, _("no message is named; see --help"));
}

int refuse_name(const char *name, enum name_kind kind, struct err *e)
{
	return err_set(e, EX_USAGE,
	    kind == NAME_STDIN ? _("%s: not a stored message")
			       : _("%s: a mailbox, where messages must be named"),
	    name);
}

/* "5-8": numbers of the last list. False when it is none. */
static bool is_range(const char *name, uint64_t *from, uint64_t *to)
{
	struct span rest = span_of(name), first;
	return span_cut(&rest, '-', &first) && span_to_u64(first, UINT32_MAX, from) &&
	       span_to_u64(rest, UINT32_MAX, to);
}

bool is_person_operand(const char *name)
{
	uint64_t n;
	return span_to_u64(span_of(name), UINT32_MAX, &n) || is_range(name, &n, &n) ||
	       span_starts_nocase(span_of(name), "id:") || is_mailbox_operand(name);
}

/* What a person typed for a message: one that cannot be found is said, and the others go on. */
static int visit_person(
    struct read *r, const char *operand, visit_name *visit, void *ctx, struct err *e)
{
	struct err why = ERR_INIT;
	char *name;
	if (full_message_name(r, operand, &name, &why) < 0) {
		if (!r->several || why.code == EX_USAGE)
			return err_copy(e, &why);
		note_failure(r, &why);
		return 0;
	}
	int code = visit(ctx, name, NAME_MESSAGE, e);
	free(name);
	return code;
}

static int visit_range(struct read *r, const char *operand, uint64_t from, uint64_t to,
    visit_name *visit, void *ctx, struct err *e)
{
	char number[32];
	int code = 0;
	if (from > to || to - from >= RANGE_MAX)
		return err_set(e, EX_USAGE, _("%s: not a range of numbers"), operand);
	r->several = true;
	for (; code == 0 && from <= to; from++) {
		snprintf(number, sizeof(number), "%llu", (unsigned long long)from);
		code = visit_person(r, number, visit, ctx, e);
	}
	return code;
}

static int visit_operand(
    struct read *r, const char *operand, visit_name *visit, void *ctx, struct err *e)
{
	uint64_t from, to;
	if (strcmp(operand, "-") == 0)
		return visit(ctx, operand, NAME_STDIN, e);
	if (is_mailbox_operand(operand))
		return visit(ctx, operand, NAME_MAILBOX, e);
	if (is_range(operand, &from, &to))
		return visit_range(r, operand, from, to, visit, ctx, e);
	if (is_person_operand(operand))
		return visit_person(r, operand, visit, ctx, e);
	return visit(ctx, operand, NAME_MESSAGE, e);
}

/* --- names from a file or a pipe: acted upon as they come --- */

struct lines {
	int fd;
	char end;
	struct buf buf;
	size_t taken;
	bool eof;
};

static int lines_open(struct lines *l, struct read *r, struct err *e)
{
	bool is_stdin = strcmp(r->o->names, "-") == 0;
	*l = (struct lines){.fd = is_stdin ? STDIN_FILENO : file_open(r->o->names, e),
	    .end = r->o->zero ? '\0' : '\n'};
	buf_init(&l->buf, 2 * NAME_MAX_BYTES);
	return l->fd < 0 ? -1 : 0;
}

static void lines_close(struct lines *l)
{
	if (l->fd != STDIN_FILENO)
		sys_close(l->fd);
	buf_release(&l->buf);
}

static int lines_fill(struct lines *l, struct err *e)
{
	struct source_fd in;
	char *room;
	buf_drop(&l->buf, l->taken);
	l->taken = 0;
	if (l->buf.len > NAME_MAX_BYTES || !(room = buf_room(&l->buf, NAME_MAX_BYTES)))
		return err_set(
		    e, EX_DATAERR, _("--names: a name is longer than %d bytes"), NAME_MAX_BYTES);
	source_fd_init(&in, l->fd);
	ssize_t n = in.source.read(&in.source, room, NAME_MAX_BYTES, e);
	if (n < 0)
		return err_prefix(e, "--names: ");
	buf_grew(&l->buf, (size_t)n);
	l->eof = n == 0;
	return 0;
}

/* 1, 0 at the end, -1. The name is of the buffer, until the next call. */
static int lines_next(struct lines *l, const char **name, struct err *e)
{
	for (;;) {
		char *start = l->buf.ptr ? l->buf.ptr + l->taken : NULL;
		size_t left = l->buf.len - l->taken;
		char *end = left ? memchr(start, l->end, left) : NULL;
		if (!end && !l->eof) {
			if (lines_fill(l, e) < 0)
				return -1;
			continue;
		}
		if (!left)
			return 0;
		size_t len = end ? (size_t)(end - start) : left;
		l->taken += len + (end != NULL);
		start[len] = '\0';
		if (memchr(start, '\0', len))
			return err_set(
			    e, EX_DATAERR, _("--names: a NUL in a name; -0 is for such lists"));
		if (!len)
			continue;
		*name = start;
		return 1;
	}
}

static int visit_lines(struct read *r, visit_name *visit, void *ctx, struct err *e)
{
	struct lines l;
	const char *name = NULL;
	int code;
	if (lines_open(&l, r, e) < 0)
		return -1;
	while ((code = lines_next(&l, &name, e)) > 0)
		if ((code = visit(ctx, name, NAME_MESSAGE, e)) != 0)
			break;
	lines_close(&l);
	return code;
}

int names_each(
    struct read *r, const struct strv *operands, visit_name *visit, void *ctx, struct err *e)
{
	int code = 0;
	r->several = operands->n > 1 || r->o->names;
	for (size_t i = 0; code == 0 && i < operands->n; i++)
		code = visit_operand(r, operands->v[i], visit, ctx, e);
	if (code == 0 && r->o->names)
		code = visit_lines(r, visit, ctx, e);
	return code < 0 ? code : 0;
}
