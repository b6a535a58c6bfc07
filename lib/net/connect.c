#include "net/connect.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "io/child.h"
#include "io/sys.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/un.h>

enum { STAGGER_MS = 250, SLICE_MS = 1000, MAX_ATTEMPTS = 64 };

struct attempt {
	size_t which; /* index in the caller's list */
	int fd;       /* -1: not under way */
	int error;    /* errno of its failure, 0: none yet */
};
struct race {
	const struct net_addrs *to;
	const struct net_connect_options *o;
	struct attempt v[MAX_ATTEMPTS];
	size_t n, started;
};

/* RFC 8305 section 4: families take turns, beginning with that of the first address; the order within each stays. */
static void race_order(struct race *r)
{
	size_t next[2] = {0, 0};
	int first = r->to->v[0].sa.ss_family;
	r->n = r->to->n < MAX_ATTEMPTS ? r->to->n : MAX_ATTEMPTS;
	for (size_t i = 0, turn = 0; i < r->n; turn ^= 1) {
		size_t *at = &next[turn];
		while (*at < r->to->n && (r->to->v[*at].sa.ss_family == first) != (turn == 0))
			(*at)++;
		if (*at < r->to->n)
			r->v[i++] = (struct attempt){.which = (*at)++, .fd = -1};
	}
}

/* Begins one attempt: 1 connected at once, 0 under way, -1 failed (error says why). */
static int attempt_start(struct attempt *a, const struct race *r)
{
	const struct net_addr *to = &r->to->v[a->which];
	const struct net_addr *bind_to = r->o->bind;
	int one = 1;
	if (bind_to && bind_to->sa.ss_family != to->sa.ss_family) {
		a->error = EAFNOSUPPORT;
		return -1;
	}
	a->fd = sys_socket(to->sa.ss_family, SOCK_STREAM, 0);
	if (a->fd < 0) {
		a->error = errno;
		return -1;
	}
	/* a command waits for no more than its reply: 40 ms a flight are lost to Nagle and delayed ACK otherwise */
	setsockopt(a->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (bind_to && bind(a->fd, (const struct sockaddr *)&bind_to->sa, bind_to->len) < 0)
		goto fail;
	if (sys_connect(a->fd, (const struct sockaddr *)&to->sa, to->len) == 0)
		return 1;
	if (errno == EINPROGRESS || errno == EINTR)
		return 0;
fail:
	a->error = errno;
	sys_close(a->fd);
	a->fd = -1;
	return -1;
}

/* What became of an attempt whose descriptor is ready: 1 connected, -1 failed. */
static int attempt_result(struct attempt *a)
{
	socklen_t len = sizeof(a->error);
	if (getsockopt(a->fd, SOL_SOCKET, SO_ERROR, &a->error, &len) < 0)
		a->error = errno;
	if (a->error == 0)
		return 1;
	sys_close(a->fd);
	a->fd = -1;
	return -1;
}

/* Waits until something happens or `until`: the index of a connected attempt, -1 none yet, -2 stopped. */
static int race_wait(struct race *r, int64_t until)
{
	struct pollfd p[MAX_ATTEMPTS];
	size_t of[MAX_ATTEMPTS];
	nfds_t n = 0;
	for (size_t i = 0; i < r->started; i++)
		if (r->v[i].fd >= 0) {
			p[n] = (struct pollfd){.fd = r->v[i].fd, .events = POLLOUT};
			of[n++] = i;
		}
	if (signals_stop())
		return -2;
	int64_t left = until - clock_mono_ms();
	if (left > SLICE_MS)
		left = SLICE_MS; /* a signal that came just before the poll is seen then */
	if (sys_poll(p, n, left > 0 ? (int)left : 0) < 0)
		return errno == EINTR && !signals_stop() ? -1 : -2;
	for (nfds_t i = 0; i < n; i++)
		if (p[i].revents && attempt_result(&r->v[of[i]]) == 1)
			return (int)of[i];
	return -1;
}

static bool race_pending(const struct race *r)
{
	for (size_t i = 0; i < r->started; i++)
		if (r->v[i].fd >= 0)
			return true;
	return false;
}

/* The index of the winner in r->v, or -1 when all failed or time is up, -2 when stopped by a signal. */
static int race_run(struct race *r)
{
	int64_t end = clock_mono_ms() + r->o->timeout_ms, next_start = 0;
	for (;;) {
		int64_t now = clock_mono_ms();
		if (now >= end)
			return -1;
		if (r->started < r->n && (now >= next_start || !race_pending(r))) {
			size_t i = r->started++;
			next_start = now + STAGGER_MS;
			if (attempt_start(&r->v[i], r) == 1)
				return (int)i;
			continue;
		}
		if (!race_pending(r))
			return -1;
		int winner = race_wait(r, r->started < r->n && next_start < end ? next_start : end);
		if (winner != -1)
			return winner;
	}
}

/* "192.0.2.1: Connection refused; 2001:db8::1: timed out": the last ones first, as the text is cut at its end. */
static int race_error(const struct race *r, struct err *e)
{
	struct buf b = BUF_INIT(sizeof(e->text));
	for (size_t i = r->n; i-- > 0;) {
		char host[64];
		net_addr_text(&r->to->v[r->v[i].which], host, sizeof(host));
		const char *why = r->v[i].error ? strerror(r->v[i].error) : _("no answer in time");
		if (r->n == 1)
			buf_adds(&b, why);
		else
			buf_addf(&b, "%s%s: %s", b.len ? "; " : "", host, why);
	}
	err_set(e, EX_TEMPFAIL, _("cannot connect: %s"), buf_cstr(&b));
	buf_release(&b);
	return -1;
}

int net_connect(
    const struct net_addrs *to, const struct net_connect_options *o, size_t *which, struct err *e)
{
	struct race r = {.to = to, .o = o};
	int winner, fd = -1;
	if (to->n == 0)
		return err_set(e, EX_NOHOST, _("no address to connect to"));
	race_order(&r);
	winner = race_run(&r);
	for (size_t i = 0; i < r.started; i++) {
		if ((int)i == winner)
			fd = r.v[i].fd;
		else if (r.v[i].fd >= 0)
			sys_close(r.v[i].fd);
	}
	if (winner == -2)
		return err_set(e, EX_TEMPFAIL, _("stopped by a signal"));
	if (winner < 0)
		return race_error(&r, e);
	if (which)
		*which = r.v[winner].which;
	return fd;
}

int net_connect_unix(const char *path, struct err *e)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof(sa.sun_path))
		return err_set(e, EX_USAGE, _("%s: too long for a socket's path"), path);
	memcpy(sa.sun_path, path, strlen(path));
	int fd = sys_socket(AF_UNIX, SOCK_STREAM, 0);
	if (fd < 0)
		return err_sys(e, EX_OSERR, _("cannot make a socket"));
	if (sys_connect(fd, (const struct sockaddr *)&sa, sizeof(sa)) < 0) {
		err_sys(e, EX_TEMPFAIL, "%s", path);
		sys_close(fd);
		return -1;
	}
	return fd;
}

static int listen_at(const struct net_addr *at, struct err *e)
{
	int one = 1, fd = sys_socket(at->sa.ss_family, SOCK_STREAM, 0);
	if (fd < 0)
		return err_sys(e, EX_UNAVAILABLE, _("cannot make a socket"));
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (const struct sockaddr *)&at->sa, at->len) < 0 || listen(fd, 128) < 0) {
		err_sys(e, EX_UNAVAILABLE, _("cannot listen"));
		sys_close(fd);
		return -1;
	}
	return fd;
}

int net_listen(struct span address, struct err *e)
{
	size_t at = address.len;
	uint64_t port;
	while (at > 0 && address.ptr[at - 1] != ':')
		at--;
	if (at < 2 || !span_to_u64(span_skip(address, at), 65535, &port))
		return err_set(
		    e, EX_USAGE, _("\"%.*s\": it should read ADDRESS:PORT"), SPAN_ARG(address));
	char *host = span_dup(span_take(address, at - 1));
	struct net_addrs all = {0};
	int fd = net_lookup(host, (unsigned)port, AF_UNSPEC, &all, e);
	if (fd == 0)
		fd = listen_at(&all.v[0], e);
	if (fd < 0) {
		err_prefix(e, "%.*s: ", SPAN_ARG(address));
		if (e)
			e->code = EX_UNAVAILABLE;
	}
	net_addrs_release(&all);
	free(host);
	return fd;
}
