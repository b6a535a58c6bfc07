/* input.c - names, from operands and from standard input: a line each, whenever it is there. */
#include "input.h"
#include "base/alloc.h"
#include "base/intl.h"
#include "io/sys.h"

#include <stdlib.h>
#include <unistd.h>

enum { INPUT_CHUNK = 65536, LINE_MAX_BYTES = 8192 };

int names_init(struct names *n, const struct strv *given, bool wait, struct err *e)
{
	struct stat st;
	*n = (struct names){.in = BUF_INIT(2 * INPUT_CHUNK)};
	for (size_t i = 0; i < given->n; i++)
		strv_add(&n->operands, given->v[i]);
	if (n->operands.n)
		return 0;
	/* nobody waits at a terminal for a program that waits for him */
	bool piped = sys_fstat(STDIN_FILENO, &st) == 0 &&
		     (S_ISFIFO(st.st_mode) || S_ISREG(st.st_mode) || S_ISSOCK(st.st_mode));
	if (!piped && !wait)
		return err_set(e, EX_USAGE, _("no domain given"));
	strv_add(&n->operands, "-");
	return 0;
}

void names_release(struct names *n)
{
	buf_release(&n->in);
	strv_release(&n->operands);
}

/* A line out of the buffer. At the end of input a last one without its newline counts. */
static bool buffered_line(struct names *n, struct span *line)
{
	struct span rest = span_skip(buf_span(&n->in), n->at);
	ptrdiff_t end = span_index(rest, '\n');
	if (end < 0 && !(n->eof && rest.len) && rest.len < LINE_MAX_BYTES)
		return false;
	*line = end < 0 ? rest : span_take(rest, (size_t)end);
	n->at += end < 0 ? rest.len : (size_t)end + 1;
	bool drop = n->too_long;
	n->too_long = end < 0 && !n->eof;
	*line = span_trim(*line);
	return drop ? buffered_line(n, line) : true;
}

bool names_next(struct names *n, bool keep_empty, struct span *line)
{
	for (;;) {
		while (n->reading && buffered_line(n, line))
			if (line->len || keep_empty)
				return true;
		if (n->reading && !n->eof)
			return false;
		n->reading = false;
		if (n->next == n->operands.n)
			return false;
		const char *operand = n->operands.v[n->next++];
		if (strcmp(operand, "-") != 0 || n->eof) {
			*line = span_of(operand);
			return true;
		}
		n->reading = true;
	}
}

bool names_want_input(const struct names *n)
{
	return n->reading && !n->eof;
}

int names_fill(struct names *n, struct err *e)
{
	buf_drop(&n->in, n->at);
	n->at = 0;
	char *room = buf_room(&n->in, INPUT_CHUNK);
	ENSURE(room);
	ssize_t got = sys_read(STDIN_FILENO, room, INPUT_CHUNK);
	if (got < 0)
		return err_sys(e, EX_IOERR, _("standard input"));
	buf_grew(&n->in, (size_t)got);
	n->eof = got == 0;
	return 0;
}
