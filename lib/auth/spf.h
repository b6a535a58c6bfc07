/*
 * spf.h - may this client send for that domain? check_host() of RFC 7208, all of it, with its limits; RFC 8616 for internationalised senders.
 *
 *	struct spf_question q = {.client_ip = "192.0.2.1", .helo = "mx.example.org", .sender = "ana@example.org"};
 *	spf_expect(ask, &q);
 *	spf_check(ask, &q, result, e);
 *
 * Ten terms that ask the DNS, two answers without records, ten MX and PTR names: past them permerror, as 4.6.4 demands.
 */
#ifndef SURAT_AUTH_SPF_H
#define SURAT_AUTH_SPF_H

#include "auth/ask.h"
#include "auth/result.h"

struct spf_question {
	const char *client_ip; /* NULL: not known, and the result is none */
	const char *helo;      /* or NULL */
	const char *sender;    /* "" or NULL: the HELO name counts, RFC 7208 2.4 */
	const char *receiver;  /* our name, for explanations; or NULL */
	int64_t now_s;
};
void spf_expect(struct auth_ask *ask, const struct spf_question *q);
/* -1: the run must end. */
int spf_check(
    struct auth_ask *ask, const struct spf_question *q, struct auth_result *r, struct err *e);

#endif
