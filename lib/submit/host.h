/*
 * host.h - some recipients of a job, at one host. Private to this room.
 */
#ifndef SURAT_SUBMIT_HOST_H
#define SURAT_SUBMIT_HOST_H

#include "submit/submit.h"

struct submit_work {
	struct submit *s;
	struct submit_job *job;
	int64_t began_ms;
	int64_t transaction_ms;       /* when the last one began, clock_mono_ms; 0: none did */
	bool rest;                    /* some recipients have their answer already */
	struct submit_message *seven; /* the message in 7 bits, once a server wanted it; owned */
};
/* Tries the host s->target for the recipients which[0..n): an answer for each. Those that may be tried elsewhere (host_is_open) are not told
 * to job->settled. */
void submit_host_try(struct submit_work *w, const size_t *which, size_t n);
/* May another host do better? Deferred, or refused before anybody was named. */
bool submit_host_is_open(const struct submit_result *r);
/* An answer that is not from a host. */
void submit_answer(
    struct submit_work *w, size_t i, const struct smtp_answer *a, const struct submit_via *via);
/* It stays as it is. */
void submit_settled(struct submit_work *w, size_t i);

/* A transaction for the recipients which[0..n), to has room for n; the message as this server can take it. -1: it cannot. */
struct submit_host_mail {
	struct smtp_mail mail;
	struct submit_source in;
};
int submit_host_mail(struct submit_work *w, const size_t *which, struct smtp_rcpt *to, size_t n,
    struct submit_host_mail *out, struct err *e);
/* How many of the recipients which[0..n) one transaction may have there: LIMITS of the server (RFC 9422), and ours. At least 1. */
size_t submit_host_slice(
    const struct submit *s, const struct queue_envelope *env, const size_t *which, size_t n);
/* The server had hung up on a connection that was used before: nobody was answered, nothing was sent. */
bool submit_host_was_stale(const struct smtp_rcpt *to, size_t n);
/* RFC 5321 4.5.3.1.10: too many at once, so those that were too many come in the next transaction. */
bool submit_host_was_too_many(const struct submit_result *r);
void submit_host_forget(struct submit_result *r);

/* mx.c: each domain of the recipients which[0..n), each of its hosts; which is changed. */
void submit_by_mx(struct submit_work *w, size_t *which, size_t n);
struct span submit_domain_of(const char *address);
/* The named server, with what the plan for [host] says of its addresses and pins. */
void submit_by_dane(struct submit_work *w, const size_t *which, size_t n);

/* ride.c: after a delivery: for whom the connection that is open may be used without asking again. */
void submit_ride_where(struct submit_work *w);
void submit_ride_release(struct submit *s);

#endif
