/*
 * Copies of this process: for a server that serves each connection in one of its own.
 */
#include "base/intl.h"
#include "io/child.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

int child_fork(pid_t *pid, int (*run)(void *ctx), void *ctx, struct err *e)
{
	pid_t got = fork();
	if (got < 0)
		return err_sys(e, EX_OSERR, _("cannot start a process"));
	if (got == 0)
		_exit(
		    run(ctx)); /* what its parent still holds in buffers is the parent's to write */
	*pid = got;
	return 0;
}

int child_reap(pid_t *pid, int *status)
{
	int raw;
	pid_t got;
	do
		got = waitpid(-1, &raw, WNOHANG);
	while (got < 0 && errno == EINTR);
	if (got <= 0)
		return got == 0 ? 0 : -1;
	*pid = got;
	*status = WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw);
	return 1;
}

void child_stop(pid_t pid)
{
	kill(pid, SIGTERM);
}
