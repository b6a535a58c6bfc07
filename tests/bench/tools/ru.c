/*
 * ru OUT SECONDS COMMAND [ARG...]: runs one command and writes "wall user sys maxrss_kib status" to a file.
 *
 * vfork, so that the least memory seen is this small program's. The command gets a process group of its own; when its time is over that group, and
 * nothing else, is ended (status 124).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static pid_t child;
static volatile sig_atomic_t alarms;

static void on_alarm(int signal)
{
	(void)signal;
	kill(-child, alarms++ ? SIGKILL : SIGTERM);
	alarm(2);
}

static double elapsed(const struct timespec *a, const struct timespec *b)
{
	return (double)(b->tv_sec - a->tv_sec) + (double)(b->tv_nsec - a->tv_nsec) / 1e9;
}

int main(int argc, char **argv)
{
	struct timespec begin, end;
	struct rusage use = {0};
	int status = 0;
	if (argc < 4)
		return 64;
	signal(SIGALRM, on_alarm);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	child = vfork();
	if (child == 0) {
		setpgid(0, 0);
		execvp(argv[3], argv + 3);
		_exit(127);
	}
	alarm((unsigned)atoi(argv[2]));
	while (wait4(child, &status, 0, &use) < 0 && errno == EINTR)
		;
	clock_gettime(CLOCK_MONOTONIC, &end);
	FILE *out = fopen(argv[1], "w");
	if (!out)
		return 73;
	fprintf(out, "%.6f %ld.%06ld %ld.%06ld %ld %d\n", elapsed(&begin, &end),
	    (long)use.ru_utime.tv_sec, (long)use.ru_utime.tv_usec, (long)use.ru_stime.tv_sec,
	    (long)use.ru_stime.tv_usec, use.ru_maxrss,
	    alarms              ? 124
	    : WIFEXITED(status) ? WEXITSTATUS(status)
				: 128 + WTERMSIG(status));
	return fclose(out) ? 74 : 0;
}
