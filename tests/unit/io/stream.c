#include "../script.h"
#include "../tap.h"

#include "base/alloc.h"
#include "io/child.h"
#include "io/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* Lines come out the same however the bytes were cut. */
static void lines(void)
{
	static const size_t chunks[] = {1, 2, 3, 7, 0};
	for (size_t i = 0; i < 5; i++) {
		struct script sc = {.says = "one\r\ntwo\n\r\n\nlast \r kept", .chunk = chunks[i]};
		struct stream s;
		struct span l;
		struct err e = ERR_INIT;
		static const char *const want[] = {"one", "two", "", "", "last \r kept"};
		script_open(&sc, &s);
		size_t n = 0;
		while (n < 6 && stream_line(&s, &l, 100, &e) > 0)
			is_span(l, want[n], "the line"), n++;
		is_int((long long)n, 5, "five lines");
		is_int(stream_line(&s, &l, 100, &e), 0, "then the end");
		stream_release(&s);
		buf_release(&sc.heard);
	}
}

static void limits(void)
{
	struct stream s;
	struct span l;
	struct err e = ERR_INIT;
	struct script fits = {.says = "12345\r\n"}, over = {.says = "123456\r\n"},
		      endless = {.says = "1234567890"};
	script_open(&fits, &s);
	is_int(stream_line(&s, &l, 5, &e), 1, "a line of exactly the limit");
	stream_release(&s);
	script_open(&over, &s);
	is_int(stream_line(&s, &l, 5, &e), -1, "one byte more");
	is_int(e.code, EX_PROTOCOL, "is a protocol error");
	is_int(stream_line(&s, &l, 50, &e), -1, "and stays one");
	stream_release(&s);
	script_open(&endless, &s);
	is_int(
	    stream_line(&s, &l, 5, &e), -1, "a line that does not end is refused before its end");
	stream_release(&s);
}

static void deadline(void)
{
	int fd[2];
	struct stream s;
	struct span l;
	struct err e = ERR_INIT;
	ENSURE(socketpair(AF_UNIX, SOCK_STREAM, 0, fd) == 0);
	stream_init_fd(&s, fd[0], fd[0]);
	stream_timeout(&s, 30);
	/* a byte does not extend it */
	ENSURE(write(fd[1], "x", 1) == 1);
	is_int(stream_line(&s, &l, 100, &e), -1, "a peer that says nothing more");
	is_int(e.code, EX_TEMPFAIL, "is a temporary failure");
	is_str(e.text, "no answer in time", "and says so");
	stream_release(&s);
	ok(!(fcntl(fd[0], F_GETFL) & O_NONBLOCK), "the descriptor's mode is given back");
	close(fd[0]);
	close(fd[1]);
}

/* Both sides write more than the kernel holds before they read: only a flush that reads gets through. */
static void no_deadlock(void)
{
	int fd[2];
	enum { N = 4 << 20 };
	ENSURE(socketpair(AF_UNIX, SOCK_STREAM, 0, fd) == 0);
	pid_t pid = fork();
	if (pid == 0) {
		char *p = calloc(1, N);
		size_t at = 0;
		while (at < N) {
			ssize_t n = write(fd[1], p + at, N - at);
			if (n <= 0)
				_exit(1);
			at += (size_t)n;
		}
		for (at = 0; at < N;) {
			ssize_t n = read(fd[1], p, N);
			if (n <= 0)
				_exit(2);
			at += (size_t)n;
		}
		_exit(0);
	}
	close(fd[1]);
	struct stream s;
	struct err e = ERR_INIT;
	stream_init_fd(&s, fd[0], fd[0]);
	s.in_max = N + 1;
	stream_timeout(&s, 30000);
	char *p = mem_new(N, 1);
	stream_writen(&s, p, N);
	is_int(stream_flush(&s, &e), 0, "a flush against a peer that writes first");
	size_t got = 0;
	while (got < N && stream_peek(&s).len + got < N && stream_fill(&s, &e) > 0)
		;
	got = stream_peek(&s).len;
	is_int((long long)got, N, "and what it wrote is all there");
	int status = -1;
	waitpid(pid, &status, 0);
	is_int(status, 0, "the peer got everything");
	free(p);
	stream_release(&s);
	close(fd[0]);
}

static void last_words(void)
{
	int fd[2];
	struct stream s;
	struct span l;
	struct err e = ERR_INIT;
	ENSURE(socketpair(AF_UNIX, SOCK_STREAM, 0, fd) == 0);
	stream_init_fd(&s, fd[0], fd[0]);
	ENSURE(write(fd[1], "421 go away\r\n", 13) == 13);
	close(fd[1]);
	stream_puts(&s, "EHLO me\r\n");
	is_int(stream_flush(&s, &e), -1, "writing to who has hung up fails");
	is_int(stream_line(&s, &l, 100, &e), 1, "but what was said is readable");
	is_span(l, "421 go away", "to the word");
	is_int(stream_line(&s, &l, 100, &e), -1, "then comes the failure");
	stream_release(&s);
	close(fd[0]);
}

static void before_tls(void)
{
	struct script sc = {.says = "220 go\r\n250 injected\r\n"}, layer = {.says = ""};
	static const struct stream_ops none = {script_read, script_write, script_close};
	struct stream s;
	struct span l;
	struct err e = ERR_INIT;
	script_open(&sc, &s);
	is_int(stream_line(&s, &l, 100, &e), 1, "the answer to STARTTLS");
	is_int(stream_push_ops(&s, &none, &layer, &e), -1, "what stands behind it is fatal");
	is_int(e.code, EX_PROTOCOL, "as a protocol error");
	stream_release(&s);
}

static void asked_before_waiting(void)
{
	int fd[2];
	struct stream s;
	struct err e = ERR_INIT;
	char b[8] = "";
	ENSURE(socketpair(AF_UNIX, SOCK_STREAM, 0, fd) == 0);
	stream_init_fd(&s, fd[0], fd[0]);
	stream_timeout(&s, 20);
	stream_puts(&s, "hello");
	is_int(stream_fill(&s, &e), -1, "no answer comes");
	is_int(read(fd[1], b, 5), 5, "but the question was sent before the waiting");
	stream_release(&s);
	close(fd[0]);
	close(fd[1]);
}

static void stopped(void)
{
	int fd[2];
	struct stream s;
	struct err e = ERR_INIT;
	ENSURE(socketpair(AF_UNIX, SOCK_STREAM, 0, fd) == 0);
	stream_init_fd(&s, fd[0], fd[0]);
	signals_init();
	raise(SIGTERM);
	is_int(signals_stop(), SIGTERM, "the signal is remembered");
	is_int(stream_fill(&s, &e), -1, "and ends a wait");
	is_int(e.code, EX_TEMPFAIL, "as a temporary failure");
	stream_release(&s);
	close(fd[0]);
	close(fd[1]);
}

static void files(void)
{
	int fd[2], file = fileno(tmpfile());
	struct stream s;
	struct err e = ERR_INIT;
	char b[64] = "";
	ENSURE(socketpair(AF_UNIX, SOCK_STREAM, 0, fd) == 0 && write(file, "0123456789", 10) == 10);
	stream_init_fd(&s, fd[0], fd[0]);
	stream_timeout(&s, 5000);
	stream_puts(&s, "<");
	is_int(stream_send_file(&s, file, 2, 5, &e), 1, "a part of a file");
	is_int(stream_written(&s) - s.out.len, 6, "is counted");
	is_int(read(fd[1], b, sizeof(b)), 6, "came");
	is_str(b, "<23456", "behind what was written");
	sys_fault_set("sendfile:1:EINVAL");
	is_int(stream_send_file(&s, file, 0, 5, &e), 0, "where the kernel cannot, it says so");
	sys_fault_set(NULL);
	is_int(s.err.code, 0, "and nothing is broken");
	is_int(stream_send_file(&s, file, 5, 6, &e), -1, "a file that became shorter");
	is_int(e.code, EX_IOERR, "is an error");
	stream_release(&s);
	close(fd[0]);
	close(fd[1]);
}

int main(void)
{
	files();
	signal(SIGPIPE, SIG_IGN);
	lines();
	limits();
	deadline();
	no_deadlock();
	last_words();
	before_tls();
	asked_before_waiting();
	stopped();
	return tap_done();
}
