/*
 * stub_net.h - dns/'s own: the sockets of stub.c.
 *
 * A question goes by a `way`: a UDP socket that it shares with others, told apart by their ids, or a TCP connection of its own. UDP sockets are
 * connected, so that the kernel passes over what comes from elsewhere, and tells when nobody is there.
 */
#ifndef SURAT_DNS_STUB_NET_H
#define SURAT_DNS_STUB_NET_H

#include "base/err.h"
#include "base/strv.h"

#include <sys/socket.h>

enum { STUB_SERVERS_MAX = 8, STUB_SOCKETS_MAX = 40, STUB_RECEIVE_MAX = 65535 };

struct stub_server {
	struct sockaddr_storage sa;
	socklen_t len;
	int64_t smooth_us, varies_us; /* how long it takes, and by how much that differs */
	bool known;                   /* it has answered */
	bool no_edns, no_tcp;
	unsigned silent; /* questions in a row that it did not answer in time */
};
struct stub_socket {
	int fd;                     /* -1: free */
	unsigned server, uses, out; /* out: questions under way */
};
struct stub_net {
	struct stub_server servers[STUB_SERVERS_MAX];
	unsigned n;
	char *names; /* of all, for people */
	struct stub_socket sockets[STUB_SOCKETS_MAX];
	bool with_signatures;
};
enum stub_kind { STUB_NONE, STUB_UDP, STUB_TCP };
struct stub_tcp;
struct stub_way {
	enum stub_kind kind;
	size_t socket; /* UDP: an index */
	unsigned id;
	struct stub_tcp *tcp;
};

/* EX_USAGE: what is no address. At most STUB_SERVERS_MAX of them count. */
int stub_net_init(struct stub_net *n, const struct strv *resolvers, struct err *e);
void stub_net_release(struct stub_net *n);

/* On its way, by UDP or TCP. -1: errno. */
int stub_send(struct stub_net *n, struct stub_way *w, unsigned server, bool tcp, const char *name,
    unsigned type);
void stub_way_close(struct stub_net *n, struct stub_way *w);
/* A datagram: its length, 0 there is none now, -1 errno (nobody listens there). */
ssize_t stub_receive(const struct stub_net *n, size_t socket, unsigned char out[STUB_RECEIVE_MAX]);
int stub_tcp_fd(const struct stub_way *w);
bool stub_tcp_wants_write(const struct stub_way *w);
/* Goes on with it: 1 *wire is the whole answer, 0 not yet, -1 errno. */
int stub_tcp_work(struct stub_way *w, struct span *wire);

void stub_server_answered(struct stub_server *s, int64_t took_ms);
/* All its answers come within a few milliseconds. */
bool stub_is_quick(const struct stub_server *s);
/* How long to wait for it, in this round of tries. */
int64_t stub_patience_ms(const struct stub_server *s, unsigned round);

#endif
