/*
 * planner.h - where a domain's mail goes: asked of `mail-mx --plan`, which runs beside us. The process that holds secrets reads no DNS.
 *
 *	struct submit_planner p = {.network = &opts.net, ...};
 *	const struct route_plan *plan;
 *	if (submit_plan(&p, "example.org", &plan, e) < 0) ...	// EX_NOHOST, EX_UNAVAILABLE (null MX), EX_TEMPFAIL, with the status
 *	submit_planner_release(&p);
 *
 * Plans are kept for the run. The child is started with the first question. Whoever knows what he will ask says so ahead
 * (submit_plan_ahead): then all are looked up at once.
 */
#ifndef SURAT_SUBMIT_PLANNER_H
#define SURAT_SUBMIT_PLANNER_H

#include "cli/cli.h"
#include "io/child.h"
#include "io/stream.h"
#include "route/plan.h"

struct submit_planner {
	const struct cli_network *network; /* passed on */
	const char *config;                /* --config FILE, or NULL */
	const char *tls;                   /* --tls, or NULL */
	unsigned port;                     /* of the mail exchangers */
	bool require_tls;                  /* the message has REQUIRETLS (RFC 8689) */
	int64_t deadline_ms;               /* clock_mono_ms, 0: none */
	/* its own */
	struct child child;
	struct stream stream;
	bool running;
	struct strv asked; /* of this child, in order */
	size_t answered;   /* how many of them */
	struct submit_planned {
		char *domain;
		struct route_plan *plan;
	} * known;
	size_t known_count;
};
/* domain: as in an address, "[192.0.2.1]", or "[host]". *plan lives as long as the planner. A plan with an error is one: look at it. */
int submit_plan(
    struct submit_planner *p, struct span domain, const struct route_plan **plan, struct err *e);
/* What the network group says, spelled again for mail-mx. */
void submit_planner_options(const struct submit_planner *p, struct strv *argv);
/* Yesterday's TLS report of a domain (RFC 8460) as a message on standard output; *code: 0, 1 when there is nothing to report. EX_DATAERR, 1 where the domain
 * wants none. */
int submit_tlsrpt_report(
    const struct submit_planner *p, const char *domain, const char *from, int *code, struct err *e);
/* Only asks. */
void submit_plan_ahead(struct submit_planner *p, struct span domain);
void submit_planner_release(struct submit_planner *p);

#endif
