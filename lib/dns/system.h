/*
 * system.h - dns/'s own: what this machine says of resolvers and of the root's key.
 */
#ifndef SURAT_DNS_SYSTEM_H
#define SURAT_DNS_SYSTEM_H

#include "base/err.h"
#include "base/strv.h"

/* "192.0.2.53", "fe80::1%eth0@5353": true when it is an address with maybe a port. */
bool dns_resolver_check(const char *text);
/* The nameserver lines of a resolv.conf(5), at most 8; without any, or without the file, 127.0.0.1, as libc does. EX_CONFIG when it
 * cannot be read. */
int dns_resolvers_read(const char *path, struct strv *out, struct err *e);

/* DS and DNSKEY records as one-line text. path NULL: the root key that Debian's dns-root-data keeps up to date, and without that
 * file the two keys IANA published in 2017 and 2024. EX_CONFIG. */
int dns_anchors_read(const char *path, struct strv *out, struct err *e);

#endif
