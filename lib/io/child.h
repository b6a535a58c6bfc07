/*
 * child.h - other programs, and signals: the one written policy.
 *
 * Signals: signals_init() once at a program's start: SIGPIPE ignored (writes fail with EPIPE and are reported), SIGTERM, SIGINT and SIGHUP set a
 * flag that stream and child waits look at (EX_TEMPFAIL "stopped by a signal") and loops ask by signals_stop(): what was begun is finished or
 * undone, nothing is left half. SIGCHLD stays default: whoever starts a child waits for it, so there are no zombies.
 * Descriptors: all of ours are close-on-exec, and signals_init() makes those so that we were started with; a child gets 0, 1, 2 and nothing else. It
 * starts with default signals and an empty mask, in our process group. Where 0, 1 or 2 is closed at our start, signals_init() puts a descriptor there that
 * fails each use, so that no file of ours is taken for it.
 */
#ifndef SURAT_IO_CHILD_H
#define SURAT_IO_CHILD_H

#include "base/buf.h"
#include "base/err.h"

#include <sys/types.h>

void signals_init(void);
/* The flag again, for who had set these three to default meanwhile. */
void signals_catch(void);
/* The signal that asked us to stop, or 0. */
int signals_stop(void);

struct child {
	pid_t pid;
	int in;  /* write here: its stdin; -1 where none was asked for */
	int out; /* read here: its stdout */
};
enum {
	CHILD_STDIN = 1,  /* a pipe to its stdin (else /dev/null) */
	CHILD_STDOUT = 2, /* a pipe from its stdout (else ours) */
	CHILD_SOCKET =
	    4, /* one socket pair as its stdin and stdout: in and out are the same descriptor */
	CHILD_STDERR_NULL = 8,
	CHILD_INHERIT_STDIN = 16,
	CHILD_STDOUT_NULL = 64,    /* what it says is for nobody */
	CHILD_STDERR_STDOUT = 128, /* what it complains of goes where its answer would */
	CHILD_GROUP =
	    32, /* a process group of its own, to be ended with all it started: kill(-pid) */
};
/* argv[0] is looked up in PATH, our own programs first: beside the running one, then libexec for names that start with "surat-".
 * env: extra "NAME=value" strings, NULL-terminated, or NULL. EX_UNAVAILABLE when it cannot be started. */
int child_start(struct child *c, char *const argv[], char *const env[], int flags, struct err *e);
/* `sh -c command` with the folder of our programs in front of PATH. Nothing of a message may be part of the command. */
int child_shell(struct child *c, const char *command, char *const env[], int flags, struct err *e);
/* Becomes another program of ours, found the same way; argv[0] stays as it is given. Comes back only when that failed: EX_UNAVAILABLE. */
int child_become(const char *program, char *const argv[], struct err *e);
/* Closes in/out, waits until the deadline (ms from now, <0: for ever), then ends it (TERM, 2 s, KILL): EX_TEMPFAIL. The same when a signal asks us to
 * stop. *status: exit code, or 128 + signal; set in every case, as the child is always reaped. */
int child_wait(struct child *c, int64_t timeout_ms, int *status, struct err *e);
/* Ends it and reaps it. */
void child_kill(struct child *c);
/* Runs a shell command with `input` on its stdin, all its output into b (past its maximum: EX_DATAERR). A non-zero exit is EX_TEMPFAIL with the code
 * in the text. A command that does not read its input is no error. */
int child_output(const char *command, char *const env[], struct span input, struct buf *b,
    int64_t timeout_ms, struct err *e);
/* The same without a shell, for our helpers: argv[0] as in child_start, named in the error; what it says on stderr is dropped. */
int child_filter(char *const argv[], char *const env[], struct span input, struct buf *b,
    int64_t timeout_ms, struct err *e);
/* The same, and how it ended, in *status: what it says on stderr comes too. -1 only where it could not be run, or did not end. */
int child_ask(char *const argv[], char *const env[], struct span input, struct buf *b,
    int64_t timeout_ms, int *status, struct err *e);
/* This process once more, for a piece of work: run's return is its exit code. Only where no threads are about. The caller reaps it. EX_OSERR. */
int child_fork(pid_t *pid, int (*run)(void *ctx), void *ctx, struct err *e);
/* Reaps one child that has ended: 1 (*status as in child_wait), 0 none has yet, -1 there is none. */
int child_reap(pid_t *pid, int *status);
/* Asks it to stop (SIGTERM). */
void child_stop(pid_t pid);
/* The folder the running program is in, with a slash, or "" (from argv[0] and /proc/self/exe); argv0 stays: it is asked for when the folder is. */
void child_init_self(const char *argv0);
const char *child_self_dir(void);

#endif
