/*
 * stub.h - dns/'s own: questions to resolvers and their answers, as they are; nobody validates here.
 *
 * What libunbound does for one question that needs no validation (a thread, a pipe, a socket and twenty system calls) takes several times as long as
 * the question itself, and bulk look-ups and scripts ask many. This asks over few UDP sockets, each with a port of the kernel's choice that is changed
 * after some questions, and a random id for each (RFC 5452); over TCP what was cut; and of each resolver in turn. Answers are kept for
 * as long as they may be.
 *
 * A resolver has 60 ms for an answer, more where it is slow, and twice as long each time; a question goes out eight times to each resolver.
 */
#ifndef SURAT_DNS_STUB_H
#define SURAT_DNS_STUB_H

#include "dns/engine.h"

#include <poll.h>

struct dns_stub;
/* resolvers: those that dns_resolver_check() takes. with_signatures: they come too, and nothing is held back that a resolver thinks bogus; q->wire is
 * the packet while `done` is called. EX_USAGE. */
int dns_stub_new(struct dns_stub **out, const struct strv *resolvers, bool with_signatures,
    dns_engine_done *done, struct err *e);
void dns_stub_free(struct dns_stub *s);
/* Sets q->pending. The answer may be there, and `done` called, before this returns. */
void dns_stub_ask(struct dns_stub *s, struct dns_question *q);
/* It is not answered any more. */
void dns_stub_cancel(struct dns_question *q);
/* What to wait for: at most STUB_POLLS_MAX; and until when (clock_mono_ms(); 0: no matter). */
enum { STUB_POLLS_MAX = 256 };
nfds_t dns_stub_polls(const struct dns_stub *s, struct pollfd *fds);
int64_t dns_stub_until_ms(const struct dns_stub *s);
/* How many questions were not answered at the first try: they burden nobody while they wait. */
size_t dns_stub_late(const struct dns_stub *s);
/* Takes what has come, as poll said of them, and asks again where it took too long. */
void dns_stub_process(struct dns_stub *s, const struct pollfd *fds, nfds_t n);

#endif
