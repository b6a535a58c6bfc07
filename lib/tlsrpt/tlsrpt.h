/*
 * tlsrpt.h - SMTP TLS reporting (RFC 8460): what became of TLS with each domain's servers, counted by the day, and the report of a day.
 *
 *	state_open(&st, path, e);
 *	tlsrpt_open(st, e);
 *	tlsrpt_record(st, SPAN("{\"v\":1,\"time\":1795651200,\"domain\":\"example.org\",...}"), e);
 *	...
 *	struct tlsrpt_report r = {.domain = "example.org", .from = "tls@example.net", .rua = &addresses, .day_s = start};
 *	if (tlsrpt_json(st, &r, &json, e) == 1)		// 0: nothing happened that day
 *		tlsrpt_message(&r, json, &out.sink, e);
 *
 * A record: v (1), time (seconds), domain (the recipient's, as A-labels), policy_type ("tlsa", "sts", "no-policy-found"), policy (a list of texts),
 * mx_patterns (likewise), mx, ip, sending_ip, result ("" for success, else one of RFC 8460 4.3), reason. What is older than 30 days is forgotten.
 */
#ifndef SURAT_TLSRPT_TLSRPT_H
#define SURAT_TLSRPT_TLSRPT_H

#include "base/strv.h"
#include "io/sink.h"
#include "state/state.h"

#include <jansson.h>

enum { TLSRPT_LINE = 64 << 10, TLSRPT_DAY_S = 24 * 3600, TLSRPT_KEPT_DAYS = 30 };

/* Its tables. */
int tlsrpt_open(struct state *st, struct err *e);
/* One more session like this. EX_DATAERR for a line that is no record. */
int tlsrpt_record(struct state *st, struct span line, struct err *e);
/* What is older than that goes. */
int tlsrpt_forget(struct state *st, int64_t now_s, struct err *e);

struct tlsrpt_report {
	const char *domain;
	const char *from;       /* who reports; its domain is the organisation and the submitter */
	const struct strv *rua; /* mailto: addresses, without the scheme */
	int64_t day_s, now_s;   /* 00:00 UTC of the day; when the report is written */
};
/* 1: *out, the caller's; 0: there is nothing to report. */
int tlsrpt_json(struct state *st, const struct tlsrpt_report *r, json_t **out, struct err *e);
/* The report as a message (RFC 8460 5.3), LF lines; the sink is not ended. */
int tlsrpt_message(
    const struct tlsrpt_report *r, const json_t *json, struct sink *out, struct err *e);

/* The mailto: addresses of a record ("v=TLSRPTv1; rua=mailto:a@x,https://x/r"), each once, the first ten. EX_DATAERR where it is none, EX_UNAVAILABLE where nobody takes mail. */
int tlsrpt_addresses(struct span record, struct strv *out, struct err *e);

#endif
