/*
 * ask.h - the DNS as the checks of a message use it: questions that will come are asked ahead, all at once, and each is waited for where its answer is
 * needed. So the code of a check is straight, and the time of a message is that of its longest chain of questions.
 *
 *	struct auth_ask *ask = auth_ask_new(dns, 20000, 0);
 *	auth_ask_begin(ask);					// a new message
 *	auth_ask_expect(ask, "s._domainkey.example.org", DNS_TXT);
 *	...
 *	const struct dns_answer *a = auth_ask(ask, "s._domainkey.example.org", DNS_TXT, e);
 *	auth_ask_free(ask);
 *
 * Answers are kept for the next message as long as their TTL allows, at most 4,096. No other questions of the dns may be under way,
 * and behind auth_ask_free the dns is good for dns_free only: answers that nobody waited for may still come.
 */
#ifndef SURAT_AUTH_ASK_H
#define SURAT_AUTH_ASK_H

#include "dns/dns.h"

struct auth_ask;
/* timeout_ms: for all questions of a message together; end_ms: no question waits longer than until then (clock_mono_ms, 0: no such time). The dns stays
 * the caller's. */
struct auth_ask *auth_ask_new(struct dns *d, int64_t timeout_ms, int64_t end_ms);
void auth_ask_free(struct auth_ask *a);
void auth_ask_begin(struct auth_ask *a);
/* Back to a message that was begun before others: for what is asked from here on its time begins anew. */
void auth_ask_resume(struct auth_ask *a);
void auth_ask_expect(struct auth_ask *a, const char *name, unsigned type);
/* Sends what is expected, without waiting: for who has something else to do meanwhile. */
int auth_ask_start(struct auth_ask *a, struct err *e);
/* NULL: a signal asked us to stop, or the resolver library failed; everything else is an answer. Valid until auth_ask_begin. */
const struct dns_answer *auth_ask(
    struct auth_ask *a, const char *name, unsigned type, struct err *e);
/* What an answer was read into, kept beside it and released with it: keys are dear to read. NULL: nothing yet. */
void *auth_ask_kept(const struct dns_answer *a);
void auth_ask_keep(const struct dns_answer *a, void *p, void (*release)(void *p));
/* Is it for now that nothing is known? */
static inline bool auth_ask_failed(const struct dns_answer *a)
{
	return a->status == DNS_FAILED || a->status == DNS_BOGUS;
}
/* The text of a TXT record, its strings joined. */
static inline struct span auth_ask_text(const struct dns_record *r)
{
	return span_make((const char *)r->data, r->len);
}

#endif
