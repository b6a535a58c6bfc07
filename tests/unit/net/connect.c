/* Connections on loopback: some addresses answer, some refuse, some are silent (a listener whose queue is full drops what comes). */
#include "net/connect.h"

#include "../tap.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <unistd.h>

enum { SILENT_TRIES = 16 };

/* A listening socket on a free port; *at is its address. */
static int listener(const char *host, int backlog, struct net_addr *at)
{
	int fd = net_listen(span_of(host), NULL);
	at->len = sizeof(at->sa);
	if (fd >= 0 &&
	    (listen(fd, backlog) < 0 || getsockname(fd, (struct sockaddr *)&at->sa, &at->len) < 0))
		return -1;
	return fd;
}

/* Fills the queue of a listener that accepts nobody. */
static void silence(const struct net_addr *at, int held[SILENT_TRIES])
{
	for (int i = 0; i < SILENT_TRIES; i++) {
		held[i] = socket(at->sa.ss_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
		if (connect(held[i], (const struct sockaddr *)&at->sa, at->len) < 0)
			continue;
	}
}

static void refused_at(struct net_addr *at)
{
	int fd = listener("127.0.0.1:0", 1, at);
	close(fd);
}

static void expect(const struct net_addr *v, size_t n, int64_t timeout_ms, int want,
    const char *why, const char *what)
{
	struct net_addrs to = {0};
	struct net_connect_options o = {.timeout_ms = timeout_ms};
	struct err e = ERR_INIT;
	size_t which = 99;
	for (size_t i = 0; i < n; i++)
		net_addrs_add(&to, &v[i]);
	int fd = net_connect(&to, &o, &which, &e);
	if (want >= 0)
		ok(fd >= 0 && (int)which == want, "%s%s", what, e.text);
	else
		ok(fd < 0 && e.code == EX_TEMPFAIL && strstr(e.text, why), "%s: %s", what, e.text);
	if (fd >= 0) {
		ok(fcntl(fd, F_GETFL) & O_NONBLOCK, "it does not block");
		close(fd);
	}
	net_addrs_release(&to);
}

int main(void)
{
	struct net_addr good, silent, refused, six;
	int held[SILENT_TRIES], a = listener("127.0.0.1:0", 16, &good),
				b = listener("127.0.0.1:0", 0, &silent);
	int c = listener("[::1]:0", 16, &six);
	ok(a >= 0 && b >= 0, "two listeners");
	refused_at(&refused);
	silence(&silent, held);
	expect(&good, 1, 5000, 0, NULL, "one that answers");
	expect(&refused, 1, 5000, -1, "refused", "one that refuses");
	expect((struct net_addr[]){refused, good}, 2, 5000, 1, NULL, "the second one");
	expect((struct net_addr[]){silent, good}, 2, 60000, 1, NULL, "the first one is silent");
	expect((struct net_addr[]){refused, silent, refused, good}, 4, 60000, 3, NULL,
	    "the last of four");
	expect((struct net_addr[]){refused, silent}, 2, 300, -1, "no answer in time",
	    "nobody answers");
	expect((struct net_addr[]){refused, silent}, 2, 300, -1, "refused", "each is named");
	if (c >= 0) {
		expect((struct net_addr[]){silent, silent, silent, six}, 4, 60000, 3, NULL,
		    "families take turns");
		expect(
		    (struct net_addr[]){six, good}, 2, 5000, 0, NULL, "the first one comes first");
		close(c);
	}
	struct net_addrs none = {0};
	struct net_connect_options o = {.timeout_ms = 100};
	struct err e = ERR_INIT;
	ok(net_connect(&none, &o, NULL, &e) < 0 && e.code == EX_NOHOST, "no address at all: %s",
	    e.text);
	ok(net_connect_unix("/nonexistent/socket", &e) < 0 && e.code == EX_TEMPFAIL,
	    "a socket that is not there: %s", e.text);
	for (int i = 0; i < SILENT_TRIES; i++)
		close(held[i]);
	close(a);
	close(b);
	return tap_done();
}
