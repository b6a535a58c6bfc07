/*
 * connect.h - a connection to one of several addresses: happy eyeballs (RFC 8305: families interleaved, 250 ms apart), TCP_NODELAY,
 * or a Unix socket.
 *
 * Takes addresses, never names. With one address it waits for that one. EX_TEMPFAIL; the error says each address's reason, the last
 * ones first when they do not all fit.
 */
#ifndef SURAT_NET_CONNECT_H
#define SURAT_NET_CONNECT_H

#include "io/stream.h"
#include "net/addr.h"

struct net_connect_options {
	const struct net_addr *bind; /* or NULL */
	int64_t timeout_ms;          /* all attempts together */
};
/* A connected, non-blocking descriptor; *which is the index of the address that answered. */
int net_connect(
    const struct net_addrs *to, const struct net_connect_options *o, size_t *which, struct err *e);
int net_connect_unix(const char *path, struct err *e);
/* Listens; "127.0.0.1:2525", "[::1]:2525", "localhost:2525". EX_UNAVAILABLE. Port 0 lets the kernel choose: ask net_addr of getsockname. */
int net_listen(struct span address, struct err *e);

#endif
