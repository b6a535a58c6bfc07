/* A question on the terminal whose answer is not seen. */
#include "account/internal.h"
#include "base/alloc.h"
#include "base/intl.h"
#include "codec/inert.h"
#include "io/child.h"
#include "io/file.h"
#include "io/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <termios.h>

enum { LONGEST = 4096, SLICE_MS = 200 };

/* One line, a byte at a time: what is typed ahead for the shell stays there. A signal ends the wait. */
static int read_line(int fd, struct buf *b, struct err *e)
{
	for (;;) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		char c;
		/* in slices: a signal may come just before the wait */
		int ready = sys_poll(&p, 1, SLICE_MS);
		if (signals_stop())
			return err_set(e, EX_NOPERM, _("no password was typed"));
		if (ready == 0 || (ready < 0 && errno == EINTR))
			continue;
		ssize_t n = ready < 0 ? -1 : sys_read(fd, &c, 1);
		if (n < 0)
			return err_sys(e, EX_IOERR, _("the terminal"));
		if (n == 0 || c == '\n')
			break;
		buf_addc(b, c);
	}
	return b->over ? err_set(e, EX_NOPERM, _("what was typed is too long")) : 0;
}

static void write_question(int fd, const char *question)
{
	struct buf b = BUF_INIT(4096);
	inert_add(&b, span_of(question), 0);
	fd_write_all(fd, buf_span(&b), NULL);
	buf_release(&b);
}

int account_prompt(const char *question, char **out, struct err *e)
{
	struct termios was, silent;
	int fd = sys_openat(AT_FDCWD, "/dev/tty", O_RDWR | O_NOCTTY, 0);
	if (fd < 0)
		return 0;
	if (tcgetattr(fd, &was) < 0) {
		sys_close(fd);
		return 0;
	}
	silent = was;
	silent.c_lflag &= ~(tcflag_t)ECHO;
	tcsetattr(fd, TCSAFLUSH, &silent);
	write_question(fd, question);
	struct buf b = BUF_INIT(LONGEST);
	b.secret = true;
	int r = read_line(fd, &b, e);
	tcsetattr(fd, TCSAFLUSH, &was);
	fd_write_all(fd, SPAN("\n"), NULL);
	sys_close(fd);
	if (r == 0 && !b.len)
		r = err_set(e, EX_NOPERM, _("no password was typed"));
	if (r == 0)
		*out = mem_dup(b.ptr, b.len);
	buf_wipe(&b);
	return r < 0 ? -1 : 1;
}
