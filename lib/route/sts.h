/*
 * sts.h - MTA-STS, RFC 8461: its TXT record and its policy, read as the grammar stands.
 */
#ifndef SURAT_ROUTE_STS_H
#define SURAT_ROUTE_STS_H

#include "base/err.h"
#include "base/strv.h"

enum sts_mode { STS_NONE, STS_TESTING, STS_ENFORCE };
enum { STS_POLICY_MAX = 64 * 1024, STS_MAX_AGE = 31557600 };
struct sts_policy {
	enum sts_mode mode;
	int64_t max_age_s;
	struct strv mx; /* "mx.example.org", "*.example.org" */
};

/* The text of _mta-sts.DOMAIN. *id: a view, 1 to 32 letters and digits. EX_DATAERR with why. */
int sts_record_parse(struct span text, struct span *id, struct err *e);
/* EX_DATAERR with the line and why. */
int sts_policy_parse(struct sts_policy *p, struct span text, struct err *e);
void sts_policy_release(struct sts_policy *p);
/* RFC 8461 4.1: a pattern's "*" stands for exactly one label, the first. */
bool sts_mx_matches(const struct strv *patterns, const char *host);

#endif
