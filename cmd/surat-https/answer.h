/*
 * answer.h - a question for a domain's MTA-STS policy, from its line of JSON to its answer, out of the cache or from the domain's web server.
 *
 * Asked: {"v":1,"n":7,"domain":"example.org","now":1700000000,"id":"20240101","addresses":["192.0.2.80"],"timeout_ms":60000}
 * "id" from the TXT record; without it only the cache is asked, which counts even where the record is gone (RFC 8461 5.1).
 * Answered: {"n":7,"domain","id","mode","max_age","mx":[...],"fetched","expires","cached":true,"error":"why there is no newer one"}; without
 * "mode" there is no policy, and "error" says why, where there should be one.
 */
#ifndef SURAT_CMD_HTTPS_ANSWER_H
#define SURAT_CMD_HTTPS_ANSWER_H

#include "cache.h"
#include "fetch.h"
#include "io/stream.h"

struct answerer {
	struct cache *cache;
	struct fetch_all *all;
	struct stream *out;
};
/* EX_DATAERR: this is no question. The answer is written now, or by answer_fetched. */
int answer_line(struct answerer *a, struct span line, struct err *e);
void answer_fetched(struct answerer *a, struct fetch *f);

#endif
