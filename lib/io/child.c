#include "io/child.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "base/strv.h"
#include "io/stream.h"
#include "io/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { GRACE_MS = 2000, SLICE_MS = 1000 };

/* --- where our own programs are --- */

static char self_dir[4096];
static const char *self_name; /* argv[0], until the folder is asked for: most runs start nothing */

void child_init_self(const char *argv0)
{
	self_name = argv0;
}

static void find_self(const char *argv0)
{
	ssize_t n = readlink("/proc/self/exe", self_dir, sizeof(self_dir) - 1);
	if (n <= 0 && strchr(argv0, '/')) /* no /proc: as we were called */
		n = (ssize_t)strlen(strncpy(self_dir, argv0, sizeof(self_dir) - 1));
	self_dir[n > 0 ? n : 0] = '\0';
	char *slash = strrchr(self_dir, '/');
	if (slash)
		slash[1] = '\0';
	else
		self_dir[0] = '\0';
}

const char *child_self_dir(void)
{
	if (self_name)
		find_self(self_name);
	self_name = NULL;
	return self_dir;
}

static char *executable_in(const char *dir, const char *name)
{
	char *path = str_printf("%s%s", dir, name);
	if (access(path, X_OK) == 0)
		return path;
	free(path);
	return NULL;
}

/* Ours are found beside us (and helpers in libexec) before PATH is asked. */
static char *find_program(const char *name)
{
	char *found = NULL;
	bool helper = strncmp(name, "surat-", 6) == 0;
	const char *dir = child_self_dir();
	if (*dir && (helper || strncmp(name, "mail-", 5) == 0))
		found = executable_in(dir, name);
	if (!found && helper)
		found = executable_in(SURAT_LIBEXECDIR "/", name);
	return found ? found : str_dup(name);
}

/* --- environment --- */

static bool same_name(const char *a, const char *b)
{
	size_t n = strcspn(a, "=");
	return strncmp(a, b, n) == 0 && b[n] == '=';
}

static bool overridden(const char *entry, char *const extra[])
{
	for (size_t i = 0; extra && extra[i]; i++)
		if (same_name(extra[i], entry))
			return true;
	return false;
}

static void make_env(struct strv *env, char *const extra[])
{
	for (char **p = environ; p && *p; p++)
		if (!overridden(*p, extra))
			strv_add(env, *p);
	for (size_t i = 0; extra && extra[i]; i++)
		strv_add(env, extra[i]);
	if (!env->n)
		strv_add(env, "PATH=/usr/bin:/bin");
}

/* --- starting --- */

struct ends { /* ours and the child's */
	int in, out, child_in, child_out;
};

static void close_fd(int *fd)
{
	if (*fd >= 0)
		sys_close(*fd);
	*fd = -1;
}

static void close_ends(struct ends *d)
{
	if (d->out == d->in)
		d->out = -1;
	if (d->child_out == d->child_in)
		d->child_out = -1;
	close_fd(&d->in);
	close_fd(&d->out);
	close_fd(&d->child_in);
	close_fd(&d->child_out);
}

static int make_pipe(int *read_end, int *write_end, struct err *e)
{
	int fd[2];
	if (pipe2(fd, O_CLOEXEC) < 0)
		return err_sys(e, EX_OSERR, "pipe");
	*read_end = fd[0];
	*write_end = fd[1];
	return 0;
}

static int make_ends(struct ends *d, int flags, struct err *e)
{
	*d = (struct ends){-1, -1, -1, -1};
	if (flags & CHILD_SOCKET) {
		int fd[2];
		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) < 0)
			return err_sys(e, EX_OSERR, "socketpair");
		*d = (struct ends){fd[0], fd[0], fd[1], fd[1]};
		return 0;
	}
	if ((flags & CHILD_STDIN) && make_pipe(&d->child_in, &d->in, e) < 0)
		return -1;
	if ((flags & CHILD_STDOUT) && make_pipe(&d->out, &d->child_out, e) < 0) {
		close_ends(d);
		return -1;
	}
	return 0;
}

static void make_actions(posix_spawn_file_actions_t *a, const struct ends *d, int flags)
{
	posix_spawn_file_actions_init(a);
	if (d->child_in >= 0)
		posix_spawn_file_actions_adddup2(a, d->child_in, 0);
	else if (!(flags & CHILD_INHERIT_STDIN))
		posix_spawn_file_actions_addopen(a, 0, "/dev/null", O_RDONLY, 0);
	if (d->child_out >= 0)
		posix_spawn_file_actions_adddup2(a, d->child_out, 1);
	else if (flags & CHILD_STDOUT_NULL)
		posix_spawn_file_actions_addopen(a, 1, "/dev/null", O_WRONLY, 0);
	if (flags & CHILD_STDERR_STDOUT)
		posix_spawn_file_actions_adddup2(a, 1, 2);
	if (flags & CHILD_STDERR_NULL)
		posix_spawn_file_actions_addopen(a, 2, "/dev/null", O_WRONLY, 0);
}

static void make_attributes(posix_spawnattr_t *a, int flags)
{
	sigset_t none, usual;
	sigemptyset(&none);
	sigemptyset(&usual);
	int ours[] = {SIGPIPE, SIGTERM, SIGINT, SIGHUP, SIGCHLD, SIGALRM};
	for (size_t i = 0; i < ARRAY_LEN(ours); i++) {
		struct sigaction was;
		/* what our caller ignores (nohup) the child ignores too */
		if (ours[i] == SIGPIPE || sigaction(ours[i], NULL, &was) < 0 ||
		    was.sa_handler != SIG_IGN)
			sigaddset(&usual, ours[i]);
	}
	posix_spawnattr_init(a);
	posix_spawnattr_setsigdefault(a, &usual);
	posix_spawnattr_setsigmask(a, &none);
	posix_spawnattr_setpgroup(a, 0);
	posix_spawnattr_setflags(a, (short)(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK |
					    (flags & CHILD_GROUP ? POSIX_SPAWN_SETPGROUP : 0)));
}

static int spawn(pid_t *pid, const char *program, char *const argv[], const struct ends *d,
    char *const env[], int flags)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	struct strv all = {0};
	make_actions(&actions, d, flags);
	make_attributes(&attributes, flags);
	make_env(&all, env);
	int error = posix_spawnp(pid, program, &actions, &attributes, argv, all.v);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	strv_release(&all);
	return error;
}

int child_start(struct child *c, char *const argv[], char *const env[], int flags, struct err *e)
{
	struct ends d;
	if (make_ends(&d, flags, e) < 0)
		return err_prefix(e, "%s: ", argv[0]);
	char *program = find_program(argv[0]);
	pid_t pid;
	int error = spawn(&pid, program, argv, &d, env, flags);
	free(program);
	if (error) {
		close_ends(&d);
		errno = error;
		return err_sys(e, EX_UNAVAILABLE, "%s", argv[0]);
	}
	*c = (struct child){pid, d.in, d.out};
	d.in = d.out = -1;
	close_ends(&d);
	return 0;
}

/* signals_init has marked what we were started with, so that children do not get it; the one we become is no child. */
static void keep_inherited(void)
{
	enum { INHERITED = 256 };
	for (int fd = 3; fd < INHERITED; fd++) {
		int flags = fcntl(fd, F_GETFD);
		if (flags >= 0)
			fcntl(fd, F_SETFD, flags & ~FD_CLOEXEC);
	}
}

int child_become(const char *program, char *const argv[], struct err *e)
{
	char *path = find_program(program);
	keep_inherited();
	execvp(path, argv);
	free(path);
	return err_sys(e, EX_UNAVAILABLE, "%s", program);
}

int child_shell(struct child *c, const char *command, char *const env[], int flags, struct err *e)
{
	char sh[] = "/bin/sh", dash_c[] = "-c", *copy = str_dup(command);
	char *argv[] = {sh, dash_c, copy, NULL};
	const char *path = getenv("PATH");
	struct strv all = {0};
	for (size_t i = 0; env && env[i]; i++)
		strv_add(&all, env[i]);
	if (*child_self_dir())
		strv_take(&all,
		    str_printf("PATH=%s:%s", child_self_dir(), path ? path : "/usr/bin:/bin"));
	int r = child_start(c, argv, all.v, flags, e);
	strv_release(&all);
	free(copy);
	return r;
}

/* --- ending --- */

static void close_pipes(struct child *c)
{
	if (c->out == c->in)
		c->out = -1;
	close_fd(&c->in);
	close_fd(&c->out);
}

static int exit_code(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int open_pidfd(pid_t pid)
{
#ifdef SYS_pidfd_open
	return (int)syscall(SYS_pidfd_open, pid, 0);
#else
	(void)pid;
	return -1;
#endif
}

/* Sleeps until the child may have ended, at most ms. Where the system has no descriptor for a process we look often instead. */
static void doze(int pidfd, int64_t ms)
{
	struct pollfd p = {.fd = pidfd, .events = POLLIN};
	int64_t most = pidfd >= 0 ? SLICE_MS : 10;
	sys_poll(&p, 1, (int)(ms < 0 || ms > most ? most : ms));
}

/* 1 and *status when it ended in that time (<0: for ever); 0 not yet; heed: come back when a signal asks us to stop. */
static int await(pid_t pid, int64_t ms, bool heed, int *status)
{
	int64_t end = ms < 0 ? -1 : clock_mono_ms() + ms;
	int pidfd = open_pidfd(pid), raw = 0, r;
	while ((r = waitpid(pid, &raw, WNOHANG)) == 0 || (r < 0 && errno == EINTR)) {
		int64_t left = end < 0 ? -1 : end - clock_mono_ms();
		if ((end >= 0 && left <= 0) || (heed && signals_stop()))
			break;
		doze(pidfd, left);
	}
	if (pidfd >= 0)
		sys_close(pidfd);
	if (r == pid)
		*status = exit_code(raw);
	else if (r < 0)
		*status = 128 + SIGKILL; /* reaped by somebody else: not by our doing */
	return r != 0;
}

static void end_it(pid_t pid, int *status)
{
	kill(pid, SIGTERM);
	if (await(pid, GRACE_MS, false, status) > 0)
		return;
	kill(pid, SIGKILL);
	await(pid, -1, false, status);
}

int child_wait(struct child *c, int64_t timeout_ms, int *status, struct err *e)
{
	int code = 0;
	close_pipes(c);
	bool ended = await(c->pid, timeout_ms, true, &code) > 0;
	if (!ended)
		end_it(c->pid, &code);
	c->pid = -1;
	if (status)
		*status = code;
	if (ended)
		return 0;
	return err_set(e, EX_TEMPFAIL, "%s",
	    signals_stop() ? _("stopped by a signal") : _("did not end in time and was stopped"));
}

void child_kill(struct child *c)
{
	int status;
	close_pipes(c);
	if (c->pid > 0)
		end_it(c->pid, &status);
	c->pid = -1;
}

/* --- a command's output --- */

/* The stream's flush reads too, so neither side can wait for the other. */
static int converse(
    struct child *c, struct span input, struct buf *b, int64_t timeout_ms, struct err *e)
{
	struct stream s;
	struct err why = ERR_INIT;
	int r = 0;
	stream_init_fd(&s, c->out, c->in);
	stream_timeout(&s, timeout_ms < 0 ? 0 : timeout_ms);
	s.in_max = b->max + 1;
	stream_write(&s, input);
	if (stream_flush(&s, &why) < 0 && why.sys == EPIPE)
		err_clear(&s.err); /* it does not want its input, or not all */
	s.wfd = -1;
	close_fd(&c->in);
	while ((r = stream_fill(&s, &why)) > 0 && stream_peek(&s).len <= b->max)
		;
	buf_add(b, stream_peek(&s));
	if (b->over)
		r = err_set(&why, EX_DATAERR, _("its output is larger than %zu bytes"), b->max);
	stream_release(&s);
	return r < 0 ? err_copy(e, &why) : 0;
}

static int finish(struct child *c, struct span input, struct buf *b, int64_t timeout_ms,
    int *status, struct err *e)
{
	if (converse(c, input, b, timeout_ms, e) < 0) {
		child_kill(c);
		return -1;
	}
	return child_wait(c, timeout_ms, status, e);
}

static int finish_output(
    struct child *c, struct span input, struct buf *b, int64_t timeout_ms, struct err *e)
{
	int status;
	if (finish(c, input, b, timeout_ms, &status, e) < 0)
		return -1;
	if (status)
		return err_set(e, EX_TEMPFAIL, _("ended with exit code %d"), status);
	return 0;
}

int child_output(const char *command, char *const env[], struct span input, struct buf *b,
    int64_t timeout_ms, struct err *e)
{
	struct child c;
	if (child_shell(&c, command, env, CHILD_STDIN | CHILD_STDOUT, e) < 0)
		return -1;
	return finish_output(&c, input, b, timeout_ms, e);
}

int child_filter(char *const argv[], char *const env[], struct span input, struct buf *b,
    int64_t timeout_ms, struct err *e)
{
	struct child c;
	if (child_start(&c, argv, env, CHILD_STDIN | CHILD_STDOUT | CHILD_STDERR_NULL, e) < 0)
		return -1;
	return finish_output(&c, input, b, timeout_ms, e) < 0 ? err_prefix(e, "%s: ", argv[0]) : 0;
}

int child_ask(char *const argv[], char *const env[], struct span input, struct buf *b,
    int64_t timeout_ms, int *status, struct err *e)
{
	struct child c;
	if (child_start(&c, argv, env, CHILD_STDIN | CHILD_STDOUT | CHILD_STDERR_STDOUT, e) < 0)
		return -1;
	return finish(&c, input, b, timeout_ms, status, e) < 0 ? err_prefix(e, "%s: ", argv[0]) : 0;
}
