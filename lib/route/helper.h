/*
 * helper.h - route/'s own: the other end of surat-https, which has the cache of MTA-STS policies and fetches what is not in it.
 *
 * It is started with the first question, answers many at once, and is ended when it is silent for longer than it was given.
 */
#ifndef SURAT_ROUTE_HELPER_H
#define SURAT_ROUTE_HELPER_H

#include "base/err.h"
#include "base/strv.h"
#include "route/route.h"

#include <jansson.h>

struct helper;
struct helper *helper_new(const struct route_web *o);
void helper_free(struct helper *h);
/* id NULL: only what is kept. owner comes back with the answer. */
void helper_ask(struct helper *h, const char *domain, const char *id, const struct strv *addresses,
    int64_t deadline_ms, void *owner);
/* What to wait for: its descriptor or -1, and until when, or 0. */
int helper_fd(const struct helper *h);
int64_t helper_until_ms(const struct helper *h);
/* The next answer that is there: true, and *owner; *answer is NULL with e where it failed, else the caller's to free. Never waits long. */
bool helper_take(struct helper *h, void **owner, json_t **answer, struct err *e);

#endif
