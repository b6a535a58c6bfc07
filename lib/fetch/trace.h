/*
 * trace.h - fetch/'s own: what goes over a stream, made lines for --trace. Secrets are masked, messages are told by their size only.
 *
 * The stream gives pieces as they come; this file puts lines together, and knows as much of the two protocols as it takes to tell a message from
 * the dialogue.
 */
#ifndef SURAT_FETCH_TRACE_H
#define SURAT_FETCH_TRACE_H

#include "base/buf.h"

struct fetch_trace;
struct fetch_trace *fetch_trace_new(
    bool pop3, void (*line)(void *ctx, bool ours, struct span line), void *ctx);
void fetch_trace_free(struct fetch_trace *t); /* NULL is accepted */
void fetch_trace_put(struct fetch_trace *t, bool ours, bool secret, struct span bytes);

#endif
