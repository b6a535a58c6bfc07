/*
 * sink PORT: an SMTP server on 127.0.0.1 that takes all and keeps nothing (PIPELINING, CHUNKING, 8BITMIME, SIZE), in one thread, so that whoever sends is
 * what is measured. On TERM it prints how many messages it took.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { IN = 1 << 18, OUT = 1 << 14, EVENTS = 64 };
struct peer {
	int fd, in_data, last;
	unsigned long long chunk; /* octets of a BDAT still to come */
	char in[IN], out[OUT];
	size_t n, out_n;
};
static volatile sig_atomic_t stop;
static unsigned long long messages;

static void on_term(int signal)
{
	(void)signal;
	stop = 1;
}

static void flush(struct peer *p)
{
	size_t at = 0;
	while (at < p->out_n) {
		ssize_t n = send(p->fd, p->out + at, p->out_n - at, MSG_NOSIGNAL);
		if (n <= 0)
			break;
		at += (size_t)n;
	}
	p->out_n = 0;
}

static void say(struct peer *p, const char *text)
{
	size_t n = strlen(text);
	if (p->out_n + n > OUT)
		flush(p);
	memcpy(p->out + p->out_n, text, n);
	p->out_n += n;
}

static void command(struct peer *p, char *line)
{
	if (strncasecmp(line, "EHLO", 4) == 0) {
		say(p,
		    "250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-CHUNKING\r\n250 SIZE 0\r\n");
	} else if (strncasecmp(line, "DATA", 4) == 0) {
		p->in_data = 1;
		say(p, "354 go on\r\n");
	} else if (strncasecmp(line, "BDAT", 4) == 0) {
		char *rest;
		p->chunk = strtoull(line + 4, &rest, 10);
		p->last = strcasestr(rest, "LAST") != NULL;
		if (p->chunk == 0)
			say(p, "250 2.0.0 taken\r\n"), messages += p->last;
	} else if (strncasecmp(line, "QUIT", 4) == 0) {
		say(p, "221 bye\r\n");
	} else {
		say(p, "250 2.0.0 ok\r\n");
	}
}

/* How many octets of p->in from `at` on are done with; 0: more must come first. */
static size_t step(struct peer *p, size_t at)
{
	char *from = p->in + at;
	size_t left = p->n - at;
	if (p->chunk) {
		size_t n = left < p->chunk ? left : (size_t)p->chunk;
		p->chunk -= n;
		if (!p->chunk) {
			messages += p->last;
			say(p, "250 2.0.0 taken\r\n");
		}
		return n;
	}
	if (p->in_data) {
		char *end = memmem(from, left, "\r\n.\r\n", 5);
		if (!end) /* the end may be cut in two */
			return left > 4 ? left - 4 : 0;
		p->in_data = 0;
		messages++;
		say(p, "250 2.0.0 taken\r\n");
		return (size_t)(end - from) + 5;
	}
	char *lf = memchr(from, '\n', left);
	if (!lf)
		return 0;
	*lf = '\0';
	command(p, from);
	return (size_t)(lf - from) + 1;
}

static int serve(struct peer *p)
{
	ssize_t got = recv(p->fd, p->in + p->n, IN - p->n, 0);
	if (got <= 0)
		return -1;
	p->n += (size_t)got;
	size_t at = 0, n;
	while (at < p->n && (n = step(p, at)) > 0)
		at += n;
	memmove(p->in, p->in + at, p->n - at);
	p->n -= at;
	flush(p);
	return 0;
}

static void greet(int poll_fd, int server)
{
	struct peer *p = calloc(1, sizeof(*p));
	int one = 1;
	p->fd = accept(server, NULL, NULL);
	setsockopt(p->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	struct epoll_event e = {.events = EPOLLIN, .data = {.ptr = p}};
	epoll_ctl(poll_fd, EPOLL_CTL_ADD, p->fd, &e);
	say(p, "220 sink ESMTP\r\n");
	flush(p);
}

int main(int argc, char **argv)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	int one = 1, server = socket(AF_INET, SOCK_STREAM, 0), poll_fd = epoll_create1(0);
	if (argc != 2)
		return 64;
	at.sin_port = htons((unsigned short)strtoul(argv[1], NULL, 10));
	setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(server, (struct sockaddr *)&at, sizeof(at)) < 0 || listen(server, 1000) < 0)
		return 71;
	struct sigaction term = {.sa_handler = on_term};
	sigaction(SIGTERM, &term, NULL);
	struct epoll_event e = {.events = EPOLLIN, .data = {.ptr = NULL}}, ready[EVENTS];
	epoll_ctl(poll_fd, EPOLL_CTL_ADD, server, &e);
	while (!stop) {
		int n = epoll_wait(poll_fd, ready, EVENTS, 1000);
		for (int i = 0; i < n; i++) {
			struct peer *p = ready[i].data.ptr;
			if (!p) {
				greet(poll_fd, server);
			} else if (serve(p) < 0) {
				close(p->fd);
				free(p);
			}
		}
	}
	printf("%llu\n", messages);
	return 0;
}
