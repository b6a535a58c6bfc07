/*
 * mx.h - mail-mx: options (main.c), names in and plans out in their order (work.c), how a plan is shown (show.c,
 * explain.c), records that are only read (check.c).
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
	bool brief, explain, plan, unordered, probe, policy, lint;
	struct strv selectors; /* of DKIM keys */
	int64_t expires_days;  /* 0: not asked */
	int64_t jobs;
	int tls;
	struct strv self;
	struct strv check_spf, check_dkim, check_dmarc, check_sts_record, check_sts_policy;
};
struct mx {
	const struct mx_options *o;
	struct dns *dns, *reverse; /* reverse: for names of addresses, made when needed */
	struct route_options route;
	struct route_web web;
	char *cache;
	struct route_batch *batch;
	struct report *report; /* rows of all domains, where that is no table */
	int64_t deadline_ms;   /* of the whole run, 0: none */
	int worst;             /* exit code so far */
	bool notice_said;
};

int mx_open_dns(const struct mx_options *o, enum dns_dnssec mode, struct dns **out, struct err *e);
/* All operands ("-": names from standard input); returns the exit code or -1. */
int mx_work(struct mx *m, const struct strv *operands, struct err *e);

/* --check-...: each record that is wrong is said; the worst code. Nothing is looked up. */
bool mx_has_checks(const struct mx_options *o);
int mx_check(const struct mx_options *o);

/* One plan on stdout, what is wrong with it on stderr. */
int mx_show(struct mx *m, const struct route_plan *p, struct err *e);
int mx_show_end(struct mx *m, struct err *e);
void mx_explain(const struct route_plan *p);
/* "dane", "opportunistic", "undeliverable: why"... */
void mx_verdict(const struct route_host *h, struct buf *out);
/* As foreign text should be seen: inert, A-labels with what they mean behind them. */
void mx_domain_text(const struct route_plan *p, struct buf *out);

/* What each address of each host shows, as it was seen: an array for the hosts, of arrays of objects. It says EHLO, STARTTLS, EHLO and QUIT. */
json_t *mx_probe(struct mx *m, const struct route_plan *p, struct err *e);
/* Puts a verdict into each cell; *usable: somebody would take mail as the plan demands. */
void mx_probe_judge(json_t *all, const struct route_plan *p, bool *usable);
/* A line for each cell. */
int mx_probe_show(struct mx *m, const struct route_plan *p, const json_t *all, struct err *e);
/* What is published beside the MX, and what is wrong with it. */
int mx_policy(struct mx *m, const struct route_plan *p, struct policy *out, struct err *e);
int mx_policy_show(
    const struct mx *m, const struct route_plan *p, const struct policy *found, struct err *e);
json_t *mx_policy_json(const struct mx *m, const struct policy *found);
const char *mx_match_word(enum route_match m);

#endif
