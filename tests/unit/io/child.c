#include "../tap.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "io/child.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void output(void)
{
	struct buf b = BUF_INIT(4096);
	struct err e = ERR_INIT;
	char greeting[] = "GREETING=hello there";
	char *env[] = {greeting, NULL};
	is_int(child_output("printf '%s:' \"$GREETING\"; cat", env, SPAN("in"), &b, 10000, &e), 0,
	    "a command");
	is_str(buf_cstr(&b), "hello there:in", "its output, with our environment and input");
	buf_reset(&b);
	is_int(child_output("exit 3", NULL, SPAN(""), &b, 10000, &e), -1, "a command that fails");
	is_int(e.code, EX_TEMPFAIL, "is temporary");
	is_str(e.text, "ended with exit code 3", "and says how");
	is_int(child_output("head -c 5000 /dev/zero", NULL, SPAN(""), &b, 10000, &e), -1,
	    "too much output");
	is_int(e.code, EX_DATAERR, "is bad data");
	buf_release(&b);
}

/* More than a pipe holds, to a command that echoes it, and to one that does not care. */
static void large(void)
{
	enum { N = 1 << 20 };
	struct buf b = BUF_INIT(2 * N);
	struct err e = ERR_INIT;
	char *p = mem_new(N, 1);
	memset(p, 'x', N);
	is_int(child_output("cat", NULL, span_make(p, N), &b, 30000, &e), 0, "1 MiB through cat");
	is_int((long long)b.len, N, "all of it");
	buf_reset(&b);
	is_int(child_output("exec 0<&-; echo done", NULL, span_make(p, N), &b, 30000, &e), 0,
	    "a command that does not read");
	is_str(buf_cstr(&b), "done\n", "is no error");
	free(p);
	buf_release(&b);
}

static void late(void)
{
	struct child c;
	struct err e = ERR_INIT;
	int status = 0;
	char sleep_[] = "sleep", ten[] = "10";
	char *argv[] = {sleep_, ten, NULL};
	is_int(child_start(&c, argv, NULL, 0, &e), 0, "started");
	pid_t pid = c.pid;
	int64_t began = clock_mono_ms();
	is_int(child_wait(&c, 20, &status, &e), -1, "it did not end in time");
	is_int(status, 128 + SIGTERM, "and was ended");
	ok(clock_mono_ms() - began < 9000, "before its own time");
	is_int(kill(pid, 0), -1, "nothing is left of it");
}

static void missing(void)
{
	struct child c;
	struct err e = ERR_INIT;
	char name[] = "surat-there-is-no-such-program";
	char *argv[] = {name, NULL};
	is_int(child_start(&c, argv, NULL, CHILD_STDIN | CHILD_STDOUT, &e), -1,
	    "a program that is not there");
	is_int(e.code, EX_UNAVAILABLE, "is unavailable");
	is_str(e.text, "surat-there-is-no-such-program: No such file or directory", "and named");
}

static void filter(void)
{
	struct buf b = BUF_INIT(100);
	struct err e = ERR_INIT;
	char tr[] = "tr", from[] = "a-z", to[] = "A-Z", no[] = "surat-nothing", no_code[] = "false";
	char *argv[] = {tr, from, to, NULL}, *missing_argv[] = {no, NULL},
	     *failing[] = {no_code, NULL};
	is_int(
	    child_filter(argv, NULL, SPAN("surat"), &b, 10000, &e), 0, "a filter without a shell");
	is_str(buf_cstr(&b), "SURAT", "its output");
	is_int(
	    child_filter(missing_argv, NULL, SPAN(""), &b, 10000, &e), -1, "one that is missing");
	is_int(e.code, EX_UNAVAILABLE, "is unavailable");
	is_int(child_filter(failing, NULL, SPAN(""), &b, 10000, &e), -1, "one that fails");
	is_str(e.text, "false: ended with exit code 1", "is named");
	buf_release(&b);
}

/* A child has 0, 1, 2 and nothing of ours; it is not deaf to SIGPIPE. */
static void inheritance(void)
{
	struct buf b = BUF_INIT(4096);
	struct err e = ERR_INIT;
	int loose = open("/dev/null", O_RDONLY); /* not close-on-exec, as from a careless parent */
	signals_init();
	is_int(child_output("ls /proc/self/fd | wc -l", NULL, SPAN(""), &b, 10000, &e), 0,
	    "a look at descriptors");
	is_int(atoi(buf_cstr(&b)), 4, "0, 1, 2 and the folder ls reads");
	buf_reset(&b);
	is_int(child_output("kill -PIPE $$; echo deaf", NULL, SPAN(""), &b, 10000, &e), -1,
	    "SIGPIPE ends a child");
	is_str(buf_cstr(&b), "", "at once");
	close(loose);
	buf_release(&b);
}

static void talk(void)
{
	struct child c;
	struct err e = ERR_INIT;
	int status = -1;
	char b[8] = "";
	is_int(child_shell(&c, "read x; echo got $x", NULL, CHILD_SOCKET, &e), 0,
	    "over a socket pair");
	is_int(c.in == c.out, 1, "one descriptor");
	is_int(write(c.in, "it\n", 3), 3, "said");
	is_int(read(c.out, b, 7), 7, "answered");
	is_str(b, "got it\n", "as expected");
	is_int(child_wait(&c, 10000, &status, &e), 0, "ended");
	is_int(status, 0, "well");
}

int main(void)
{
	signals_init();
	child_init_self("../io/child");
	ok(strstr(child_self_dir(), "io/") != NULL, "our folder is known: %s", child_self_dir());
	output();
	large();
	late();
	missing();
	filter();
	inheritance();
	talk();
	return tap_done();
}
