/*
 * trace.h - --trace: a dialogue as a person reads it, "-> " ours, "<- " theirs, a line at a time, made inert.
 *
 * Secrets are masked and bodies left out by whoever speaks the protocol, before the line comes here.
 *
 *	struct cli_trace *t = cli_trace_open(net.trace, e);	// NULL: none was asked for, or failure
 *	client.trace = cli_trace_line; client.trace_ctx = t;
 *	cli_trace_close(t);
 */
#ifndef SURAT_CLI_TRACE_H
#define SURAT_CLI_TRACE_H

#include "base/err.h"
#include "base/span.h"

struct cli_trace;
/* "": standard error; else a file, made 0600 and appended to, since a run may start other programs of ours that trace into it too. EX_CANTCREAT. */
struct cli_trace *cli_trace_open(const char *where, struct err *e);
/* ctx: a struct cli_trace. Without its line end. A failing write is not an error of the run. */
void cli_trace_line(void *ctx, bool ours, struct span line);
void cli_trace_close(struct cli_trace *t);

#endif
