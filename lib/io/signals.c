#include "io/child.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

/* The one global: a signal can reach us in no other way. */
static volatile sig_atomic_t stop;

static void on_stop(int sig)
{
	stop = sig;
}

int signals_stop(void)
{
	return stop;
}

/* What a caller had ignored (nohup) stays ignored. No SA_RESTART: a wait must come back to look at the flag. */
static void stop_on(int sig)
{
	struct sigaction was, now = {.sa_handler = on_stop};
	sigemptyset(&now.sa_mask);
	if (sigaction(sig, NULL, &was) == 0 && was.sa_handler != SIG_IGN)
		sigaction(sig, &now, NULL);
}

/* Opened the wrong way round, so that reading 0 or writing 1 or 2 fails as it would have on the closed one. */
static void fill_closed(int fd)
{
	if (fcntl(fd, F_GETFD) >= 0)
		return;
	int got = open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY);
	if (got >= 0 && got != fd) {
		dup2(got, fd);
		close(got);
	}
}

static void close_on_exec_all(void)
{
#if defined(HAVE_CLOSE_RANGE) && defined(CLOSE_RANGE_CLOEXEC)
	if (close_range(3, ~0u, CLOSE_RANGE_CLOEXEC) == 0)
		return;
#endif
	for (int fd = 3; fd < 256; fd++)
		fcntl(fd, F_SETFD, FD_CLOEXEC);
}

void signals_catch(void)
{
	stop_on(SIGTERM);
	stop_on(SIGINT);
	stop_on(SIGHUP);
}

void signals_init(void)
{
	for (int fd = 0; fd <= 2; fd++)
		fill_closed(fd);
	close_on_exec_all();
	signal(SIGPIPE, SIG_IGN);
	signal(
	    SIGCHLD, SIG_DFL); /* an ignored one, inherited, would take our children's exit codes */
	signals_catch();
}
