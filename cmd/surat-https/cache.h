/*
 * cache.h - MTA-STS policies that are still good, in SQLite (RFC 8461 3.3).
 *
 * A cache that cannot be used is no reason to send no mail: what goes wrong is told once, by cache_problem, and from then on nothing is
 * found and nothing kept. path NULL: there is none.
 */
#ifndef SURAT_CMD_HTTPS_CACHE_H
#define SURAT_CMD_HTTPS_CACHE_H

#include "base/err.h"
#include "base/span.h"

struct cache;
struct cached {
	char *id, *text; /* the policy, as it was fetched */
	int64_t fetched_s, expires_s;
};
struct cache *cache_new(const char *path);
void cache_free(struct cache *c);
/* Once: why it is of no use, or NULL. */
const char *cache_problem(struct cache *c);
/* The domain's policy, if its time is not over. */
bool cache_find(struct cache *c, const char *domain, int64_t now_s, struct cached *out);
void cached_release(struct cached *p);
void cache_keep(struct cache *c, const char *domain, const struct cached *p);
/* RFC 8461 3.3: a policy of this id that could not be had is not asked for again for five minutes. */
void cache_keep_failure(
    struct cache *c, const char *domain, const char *id, int64_t now_s, const char *why);
/* Why it is not asked for now, malloc'ed, or NULL. */
char *cache_find_failure(struct cache *c, const char *domain, const char *id, int64_t now_s);

#endif
