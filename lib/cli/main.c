#include "base/intl.h"
#include "cli/internal.h"
#include "codec/inert.h"
#include "io/child.h"
#include "io/file.h"
#include "io/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define VERSION_LINE "%s (surat) " PACKAGE_VERSION "\n"

/* A file must never be opened as descriptor 0, 1 or 2 because the caller had closed it: what is read or written there by
 * mistake would be that file. What holds the place can be neither read (0) nor written (1), so a program that tries says so. */
static void hold_standard_descriptors(void)
{
	static const int modes[] = {O_WRONLY, O_RDONLY, O_RDWR};
	for (int fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF)
			continue;
		int null = sys_openat(AT_FDCWD, "/dev/null", modes[fd], 0);
		if (null == fd) /* the lowest that was free; children get it too */
			fcntl(fd, F_SETFD, 0);
	}
}

/* One write, so that lines of processes that run side by side do not mix. */
static void say(const struct cli_program *p, struct span text)
{
	struct buf b = BUF_INIT(8192);
	buf_addf(&b, "%s: ", p->name);
	inert_add(&b, text, 0);
	buf_addc(&b, '\n');
	fd_write_all(STDERR_FILENO, buf_span(&b), NULL);
	buf_release(&b);
}

int cli_fail(const struct cli_program *p, const struct err *e)
{
	say(p, span_of(e->text));
	return e->code;
}

void cli_warn(const struct cli_program *p, const struct cli_common *c, const char *fmt, ...)
{
	if (c && c->quiet)
		return;
	struct buf text = BUF_INIT(2048);
	va_list ap;
	va_start(ap, fmt);
	buf_vaddf(&text, fmt, ap);
	va_end(ap);
	say(p, buf_span(&text));
	buf_release(&text);
}

int cli_end(struct err *e)
{
	err_set(e, CLI_ENDED, "%s", "");
	return -1;
}

/* --help and its like. 1: that was all. */
static int answer(
    const struct cli_program *p, const struct cli_common *c, int command, struct err *e)
{
	struct buf b = BUF_INIT(256 * 1024);
	int r = 1;
	if (c->help)
		cli_help_text(p, command, &b);
	else if (c->version)
		buf_addf(&b, VERSION_LINE, p->name);
	else if (c->list_options || c->list_keys)
		cli_list_text(p, c->list_keys, &b);
	else if (c->completion)
		r = cli_completion_text(p, c->completion, &b, e) < 0 ? -1 : 1;
	else
		r = 0;
	if (r > 0 && fd_write_all(STDOUT_FILENO, buf_span(&b), e) < 0)
		r = err_prefix(e, "%s: ", _("standard output"));
	buf_release(&b);
	return r;
}

/* A disk that is full may say so only now. */
static int finish_stdout(struct err *e)
{
	if (fflush(stdout) != 0 || ferror(stdout))
		return err_sys(e, EX_IOERR, _("standard output"));
	if (sys_close(STDOUT_FILENO) < 0 && errno != EBADF)
		return err_sys(e, EX_IOERR, _("standard output"));
	return 0;
}

static int work(const struct cli_program *p, int argc, char **argv, void *opts,
    struct cli_args *args, int (*run)(void *, struct cli_args *, struct err *), struct err *e)
{
	if (cli_parse(p, argc, argv, opts, args, e) < 0)
		return -1;
	int r = answer(p, cli_common_of(p, opts), args->command, e);
	if (r == 0)
		r = run(opts, args, e);
	else if (r > 0)
		r = 0;
	return r;
}

/* Whoever read our output has seen enough ("| head"): no news for a person, though the exit code says that not all was written. */
static bool reader_left(const struct err *e)
{
	return e->sys == EPIPE && span_starts(span_of(e->text), _("standard output"));
}

int cli_main(const struct cli_program *p, int argc, char **argv, void *opts,
    int (*run)(void *opts, struct cli_args *args, struct err *e))
{
	struct err e = ERR_INIT, late = ERR_INIT;
	struct cli_args args = {-1, {0}};
	hold_standard_descriptors();
	child_init_self(argv[0]);
	signals_init();
	int code = work(p, argc, argv, opts, &args, run, &e);
	if (code < 0 && e.code == CLI_ENDED) {
		code = 0;
	} else if (code < 0) {
		if (e.code == 0)
			err_set(&e, EX_SOFTWARE, _("it failed without saying why"));
		code = reader_left(&e) ? e.code : cli_fail(p, &e);
	}
	if (finish_stdout(&late) < 0) {
		cli_fail(p, &late);
		code = code ? code : late.code;
	}
	cli_value_release(p, opts);
	strv_release(&args.operands);
	return code;
}
