/*
 * dmarc_record.h - the policy record at _dmarc.DOMAIN: RFC 9989 4.7 and 4.8, which replaced RFC 7489.
 *
 * Strict, as the grammar stands: a receiver forgives more (a value that makes no sense counts as absent), whoever publishes a record should not need that.
 * Tags that are not known, pct, rf and ri of RFC 7489 among them, are passed over.
 */
#ifndef SURAT_AUTH_DMARC_RECORD_H
#define SURAT_AUTH_DMARC_RECORD_H

#include "base/err.h"
#include "base/span.h"

enum dmarc_policy { DMARC_NONE, DMARC_QUARANTINE, DMARC_REJECT };
struct dmarc_record {
	enum dmarc_policy policy;           /* p; without one none, where there is an rua */
	enum dmarc_policy subdomains;       /* sp, else p */
	enum dmarc_policy unknown;          /* np, else sp */
	bool strict_dkim, strict_spf;       /* adkim=s, aspf=s */
	bool testing;                       /* t=y */
	char psd;                           /* 'y', 'n', 'u' */
	struct span rua, ruf;               /* URIs with commas between, or empty */
	bool fail_any, fail_dkim, fail_spf; /* fo has 1, d, s */
};
/* As a receiver reads it, RFC 9989 4.7: what makes no sense counts as absent. 1; 0 it is no DMARC record, or has no policy and nobody to report to. no_policy:
 * p, sp or np make no sense or p is missing, so that all are none. pct: it has the tag of RFC 7489 with another value than 100. */
struct dmarc_received {
	struct dmarc_record record;
	bool no_policy, pct;
};
int dmarc_record_receive(struct dmarc_received *r, struct span text);
/* EX_DATAERR with why. The spans are views of the text. */
int dmarc_record_parse(struct dmarc_record *r, struct span text, struct err *e);

#endif
