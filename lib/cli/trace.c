#include "cli/trace.h"

#include "base/alloc.h"
#include "codec/inert.h"
#include "io/file.h"
#include "io/sys.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { LONGEST = 4096 }; /* of a line; a server may send without end */

struct cli_trace {
	int fd;
	bool own;
};

struct cli_trace *cli_trace_open(const char *where, struct err *e)
{
	int fd = STDERR_FILENO;
	if (*where)
		fd = sys_openat(AT_FDCWD, where, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0600);
	if (fd < 0) {
		err_sys(e, EX_CANTCREAT, "--trace: %s", where);
		return NULL;
	}
	struct cli_trace *t = mem_new(1, sizeof(*t));
	*t = (struct cli_trace){fd, *where != '\0'};
	return t;
}

void cli_trace_line(void *ctx, bool ours, struct span line)
{
	struct cli_trace *t = ctx;
	if (!t)
		return;
	struct buf b = BUF_INIT(16 * LONGEST);
	buf_adds(&b, ours ? "-> " : "<- ");
	line = span_chomp(line);
	inert_add(&b, span_take(line, LONGEST), 0);
	if (line.len > LONGEST)
		buf_addf(&b, "... (%zu bytes)", line.len);
	buf_addc(&b, '\n');
	fd_write_all(t->fd, buf_span(&b), NULL);
	buf_release(&b);
}

void cli_trace_close(struct cli_trace *t)
{
	if (!t)
		return;
	if (t->own)
		sys_close(t->fd);
	free(t);
}
