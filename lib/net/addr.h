/*
 * addr.h - network addresses and the URLs that name servers. No DNS beyond getaddrinfo (net_lookup); MX and DANE are route/'s.
 */
#ifndef SURAT_NET_ADDR_H
#define SURAT_NET_ADDR_H

#include "base/err.h"
#include "base/span.h"
#include "base/strv.h"

#include <sys/socket.h>

struct net_addr {
	struct sockaddr_storage sa;
	socklen_t len;
};
struct net_addrs {
	struct net_addr *v;
	size_t n;
};
/* "192.0.2.1", "2001:db8::1", "[2001:db8::1]", an optional port given apart. False when it is no address. */
bool net_addr_parse(struct span text, unsigned port, struct net_addr *out);
/* "192.0.2.1" or "2001:db8::1", at most 64 bytes with the NUL. */
void net_addr_text(const struct net_addr *a, char *out, size_t size);
unsigned net_addr_port(const struct net_addr *a);
bool net_addr_is_loopback(const struct net_addr *a);
void net_addrs_add(struct net_addrs *l, const struct net_addr *a);
void net_addrs_release(struct net_addrs *l);
/* /etc/hosts, then DNS, through getaddrinfo. family AF_UNSPEC, AF_INET, AF_INET6. EX_NOHOST no such host, EX_TEMPFAIL. */
int net_lookup(const char *host, unsigned port, int family, struct net_addrs *out, struct err *e);

/* scheme://[user@]host[:port][/path] or scheme:/path/to/socket. User and path may be percent-encoded; what is before the last "@" is the
 * user, so that smtp://ana@example.org@mail.example.org needs no encoding. A password in it is refused: process lists show it. path
 * has no leading slash. */
struct net_url {
	char scheme[16];                   /* lower case */
	char *user, *host, *path, *socket; /* NULL when absent; owned; host without [] */
	unsigned port;                     /* 0: not given */
};
/* EX_USAGE with why. A bare "host[:port]" gets default_scheme when that is not NULL. Control characters are refused. */
int net_url_parse(struct net_url *u, struct span text, const char *default_scheme, struct err *e);
void net_url_release(struct net_url *u);
/* The address that --connect (HOST=ADDR:PORT, for laboratories) gives a host, added to `to`: 1; 0 when none names it; -1 EX_USAGE. connects may be NULL. */
int net_connects_find(
    const struct strv *connects, const char *host, struct net_addrs *to, struct err *e);

#endif
