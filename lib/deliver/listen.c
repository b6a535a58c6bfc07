#include "deliver/listen.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "io/child.h"
#include "io/sys.h"
#include "net/addr.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>

enum { SLICE_MS = 1000, FULL_MS = 20, ENOUGH_MS = 100 };

struct listener {
	const struct deliver_listen *o;
	pid_t *children;
	size_t n, max;
	/* of the connection at hand */
	int fd;
	char client[64];
};

static void forget(struct listener *l, pid_t pid)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->children[i] == pid)
			l->children[i--] = l->children[--l->n];
}

static void reap(struct listener *l)
{
	pid_t pid;
	int status;
	while (child_reap(&pid, &status) > 0)
		forget(l, pid);
}

static int in_child(void *ctx)
{
	struct listener *l = ctx;
	sys_close(l->o->fd);
	return l->o->serve(l->o->ctx, l->fd, l->client);
}

/* The connection is a child's, or closed. */
static int start(struct listener *l, const struct net_addr *peer, struct err *e)
{
	pid_t pid;
	int one = 1;
	net_addr_text(peer, l->client, sizeof(l->client));
	/* a reply is one write: held back by Nagle it would wait for an acknowledgement */
	setsockopt(l->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	int r = child_fork(&pid, in_child, l, e);
	sys_close(l->fd);
	if (r == 0)
		l->children[l->n++] = pid;
	return r;
}

/* 1 accepted, 0 nobody there (any more), -1. */
static int accept_one(struct listener *l, struct net_addr *peer, struct err *e)
{
	*peer = (struct net_addr){.len = sizeof(peer->sa)};
	l->fd = sys_accept(l->o->fd, (struct sockaddr *)&peer->sa, &peer->len);
	if (l->fd >= 0)
		return 1;
	switch (errno) {
	case EAGAIN:
	case ECONNABORTED: /* it left before we came */
	case EPROTO:
	case ENETDOWN:
	case ENETUNREACH:
	case EHOSTUNREACH: return 0;
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
	case ENOMEM: /* passes when others have ended; not at once */
		sys_poll(NULL, 0, ENOUGH_MS);
		return 0;
	default: return err_sys(e, EX_OSERR, _("cannot accept connections"));
	}
}

static int serve_next(struct listener *l, struct err *e)
{
	struct pollfd p = {.fd = l->o->fd, .events = POLLIN};
	struct net_addr peer;
	bool full = l->n == l->max;
	int r = sys_poll(&p, full ? 0 : 1, full ? FULL_MS : SLICE_MS);
	if (r < 0 && errno != EINTR)
		return err_sys(e, EX_OSERR, "poll");
	reap(l);
	if (r <= 0)
		return 0;
	r = accept_one(l, &peer, e);
	struct err why = ERR_INIT;
	/* no process for it now: the client sees a closed connection and comes again */
	if (r > 0 && start(l, &peer, &why) < 0)
		sys_poll(NULL, 0, ENOUGH_MS);
	return r < 0 ? -1 : 0;
}

static void end_all(struct listener *l)
{
	for (size_t i = 0; i < l->n; i++)
		child_stop(l->children[i]);
	while (l->n) {
		sys_poll(NULL, 0, FULL_MS);
		reap(l);
	}
}

int deliver_listen(const struct deliver_listen *o, struct err *e)
{
	struct listener l = {.o = o, .max = o->max ? o->max : DELIVER_CLIENTS};
	int r = 0;
	l.children = mem_new(l.max, sizeof(*l.children));
	while (r == 0 && !signals_stop())
		r = serve_next(&l, e);
	end_all(&l);
	free(l.children);
	return r;
}

void deliver_listen_name(int fd, char *out, size_t size)
{
	struct net_addr a = {.len = sizeof(a.sa)};
	char text[64] = "?";
	if (getsockname(fd, (struct sockaddr *)&a.sa, &a.len) == 0)
		net_addr_text(&a, text, sizeof(text));
	snprintf(out, size, strchr(text, ':') ? "[%s]:%u" : "%s:%u", text, net_addr_port(&a));
}
