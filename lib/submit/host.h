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

/* mx.c: each domain, each of its hosts. */
void submit_by_mx(struct submit_work *w);
/* The named server, with what the plan for [host] says of its addresses and pins. */
void submit_by_dane(struct submit_work *w, const size_t *which, size_t n);

#endif
