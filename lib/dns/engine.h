/*
 * engine.h - dns/'s own: libunbound, held so that it does only what we mean.
 *
 * It always forwards and never asks the root servers. Its work happens in a thread of its own that is started with the first question
 * and ends with dns_engine_free; answers come back through a descriptor and dns_engine_process, in our thread.
 */
#ifndef SURAT_DNS_ENGINE_H
#define SURAT_DNS_ENGINE_H

#include "dns/dns.h"

struct dns_engine;
/* Called by dns_engine_process for each answer that came: q->answer is filled. signatures: RRSIG records came with it
 * (told of DNSKEY only). */
typedef void dns_engine_done(struct dns_question *q, bool signatures);

/* anchors: as text, or NULL for an engine that validates nothing. EX_SOFTWARE, EX_CONFIG. */
int dns_engine_new(struct dns_engine **out, const struct strv *resolvers,
    const struct strv *anchors, dns_engine_done *done, struct err *e);
void dns_engine_free(struct dns_engine *n);
/* Sets q->engine and q->id. */
int dns_engine_ask(struct dns_engine *n, struct dns_question *q, struct err *e);
/* It is not answered any more. */
void dns_engine_cancel(const struct dns_question *q);
int dns_engine_fd(const struct dns_engine *n);
int dns_engine_process(struct dns_engine *n, struct err *e);

#endif
