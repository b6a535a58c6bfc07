/*
 * mx.h - mail-mx: options (main.c), names in and results out in their order (input.c, work.c), how a plan is shown (show.c,
 * explain.c), what is asked beside it (probe.c, policy.c), records that are only read (check.c).
 */
#ifndef SURAT_CMD_MAIL_MX_MX_H
#define SURAT_CMD_MAIL_MX_MX_H

#include "cli/cli.h"
#include "dns/dns.h"
#include "policy/policy.h"
#include "report/report.h"
#include "route/route.h"

struct mx_options {
	struct cli_common common;
	struct cli_network network;
	const struct cli_program *program;
	bool brief, explain, plan, unordered, probe, policy, lint, require_tls;
	struct strv selectors; /* of DKIM keys */
	int64_t expires_days;  /* 0: not asked */
	int64_t jobs;
	int tls;
	struct strv self;
	struct strv check_spf, check_dkim, check_dmarc, check_sts_record, check_sts_policy;
};
struct mx_work;
/* Who asked a question beside the plans. */
struct mx_owner {
	struct mx_item *item;
	struct mx_work *work; /* NULL: the item's check */
};
/* A name on its way from the input to the output. */
struct mx_item {
	struct mx_item *next, **link; /* all that are not shown yet */
	struct mx_owner owner;
	size_t number;
	struct route_plan *plan;
	struct policy_check *check; /* --policy, --lint */
	struct mx_work *probe;      /* --probe: its addresses */
	size_t probe_count;
	json_t *probes;            /* what it saw: for each host an array of addresses */
	struct mx_item *next_done; /* in the pool */
	size_t waiting;            /* addresses that are still probed */
	bool checking;             /* answers for the check are still under way */
	bool unusable;             /* nobody of those that were probed would take mail */
	int64_t deadline_ms;       /* of all that is asked beside the plan */
};
struct mx {
	const struct mx_options *o;
	struct dns *dns;
	struct route_options route;
	struct route_web web;
	struct policy_options policy;
	char *cache;
	struct route_batch *batch;
	struct mx_pool *pool;  /* addresses to probe, of all domains */
	struct report *report; /* rows of all domains, where that is no table */
	int64_t deadline_ms;   /* of the whole run, 0: none */
	int worst;             /* exit code so far */
	bool notice_said;
	int64_t progress_ms, started_ms;
	bool progress_shown;
};

/* All operands ("-": names from standard input); returns the exit code or -1. */
int mx_work(struct mx *m, const struct strv *operands, struct err *e);

/* --check-...: each record that is wrong is said; the worst code. Nothing is looked up. */
bool mx_has_checks(const struct mx_options *o);
int mx_check(const struct mx_options *o);

/* One domain on stdout, what is wrong with it on stderr. */
int mx_show(struct mx *m, const struct mx_item *item, struct err *e);
int mx_show_end(struct mx *m, struct err *e);
void mx_explain(const struct route_plan *p);
/* "dane", "opportunistic", "undeliverable: why"... */
void mx_verdict(const struct route_host *h, struct buf *out);
/* A certificate from an authority, and who wants it: "sts-enforced" or "verified". */
const char *mx_verified_word(const struct route_host *h);
/* As foreign text should be seen: inert, A-labels with what they mean behind them. */
void mx_domain_text(const struct route_plan *p, struct buf *out);

/* probe.c: what each address of each host shows, as it was seen. It says EHLO, STARTTLS, EHLO and QUIT. The addresses of all domains stand in
 * one line; so many are talked to at once. */
struct mx_pool *mx_pool_new(void);
void mx_pool_free(struct mx_pool *pool); /* NULL is fine */
/* Puts the item's addresses into the line; item->waiting says how many are not done. */
void mx_probe_begin(struct mx *m, struct mx_item *item);
/* Starts whom there is room for, and takes what they say: to be called whenever something happened. */
int mx_pool_work(struct mx *m, struct err *e);
/* What to wait for. */
void mx_pool_watch(const struct mx_pool *pool, struct dns_watch *w);
/* An item whose addresses are all done, or NULL. */
struct mx_item *mx_pool_done(struct mx_pool *pool);
/* The answer to a question of the probe's, which is freed. */
void mx_probe_answered(struct mx *m, struct mx_work *work, struct dns_question *q);
/* All of it is there: item->probes with a verdict in each cell, and item->unusable. */
void mx_probe_end(struct mx_item *item);
void mx_probe_release(struct mx_item *item);
/* Puts a verdict into each cell; *usable: somebody would take mail as the plan demands. */
void mx_probe_judge(json_t *all, const struct route_plan *p, bool *usable);
/* A line for each cell. */
int mx_probe_show(struct mx *m, const struct route_plan *p, const json_t *all, struct err *e);

/* What is published beside the MX, and what is wrong with it. */
int mx_policy_show(
    struct mx *m, const struct route_plan *p, const struct policy *found, struct err *e);
json_t *mx_policy_json(const struct mx *m, const struct policy *found);

/* A line on stderr that is written over and over, where that is a terminal and stdout is none. */
void mx_progress(struct mx *m, size_t done, size_t active);
void mx_progress_end(struct mx *m);
const char *mx_match_word(enum route_match m);

#endif
