/*
 * zones.h - dns/'s own: zones whose keys libunbound has validated, and what these keys prove by themselves.
 *
 * In bulk most answers are records with a signature of a zone that is known already, and all that is left to do is to check that signature.
 * libunbound does that slowly (its cryptography is not OpenSSL's, and each answer crosses two threads), so the plain case is decided here: records of
 * exactly the name that was asked for, no alias, no wildcard, with a signature of a zone at or above it, by one of its validated keys, good now.
 * That proves the records; nothing else is proven here. Whatever is not so simple (no records, an alias, no signature, one that does not
 * fit) is asked of libunbound, and what it says counts: here nothing is ever found bogus or insecure.
 */
#ifndef SURAT_DNS_ZONES_H
#define SURAT_DNS_ZONES_H

#include "base/span.h"

struct zones;
struct zones *zones_new(void);
void zones_free(struct zones *z); /* NULL is fine */
/* The zone's keys: the packet of a DNSKEY answer that is secure. */
void zones_add(struct zones *z, const char *zone, struct span wire, uint32_t ttl);
/* Are the keys of a zone at or above the name known? Top-level domains do not count, since what is below them is seldom theirs. */
bool zones_cover(struct zones *z, const char *name);
/* True once for a zone whose keys are wanted. */
bool zones_want(struct zones *z, const char *zone);
/* The packet's records of this name and type are signed by such a zone. */
bool zones_prove(struct zones *z, struct span wire, const char *name, unsigned type);

#endif
