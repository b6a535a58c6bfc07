/*
 * kept.h - dns/'s own: packets that came, for as long as their time to live says and the room allows; the oldest go first.
 */
#ifndef SURAT_DNS_KEPT_H
#define SURAT_DNS_KEPT_H

#include "base/span.h"

struct kept;
struct kept *kept_new(void);
void kept_free(struct kept *k);
void kept_add(struct kept *k, const char *name, unsigned type, struct span wire, uint32_t ttl);
/* An empty span: none. Good until the next kept_add. */
struct span kept_find(struct kept *k, const char *name, unsigned type);

#endif
