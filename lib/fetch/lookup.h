/*
 * lookup.h - fetch/'s own: the addresses of a server, and with DANE its pins (RFC 7673 in the manner of 7672).
 *
 * Like any host's: a literal, --connect, /etc/hosts and DNS. Where link.network asks for more (its own name servers, records from a file, DNSSEC, DANE)
 * `mail-mx --plan` looks the host up: the process that holds secrets reads no DNS.
 */
#ifndef SURAT_FETCH_LOOKUP_H
#define SURAT_FETCH_LOOKUP_H

#include "fetch/fetch.h"
#include "net/addr.h"
#include "route/plan.h"

/* *plan is NULL unless mail-mx was asked; the caller frees it, and it must live as long as pins made of it. */
int fetch_lookup(const struct fetch_server *sv, const struct fetch_link *link, struct net_addrs *to,
    struct route_plan **plan, struct err *e);

#endif
