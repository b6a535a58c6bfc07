/* ride.c - jobs that ride behind one another on the connection that is open. Whatever does not fit goes the long way, submit_deliver's. */
#include "base/alloc.h"
#include "base/clock.h"
#include "submit/host.h"

#include <stdlib.h>

struct submit_ride {
	struct submit_ride *next;
	struct submit_job *job;
	struct submit_host_mail out;
	struct smtp_rcpt *to;
	const struct submit_via *via;
	int64_t began_ms;
};

/* --- whose connection is it? --- */

static bool one_domain(const struct queue_envelope *env)
{
	struct span first = submit_domain_of(env->recipients[0].address);
	for (size_t i = 1; i < env->recipient_count; i++)
		if (!span_eq_nocase(first, submit_domain_of(env->recipients[i].address)))
			return false;
	return true;
}

void submit_ride_where(struct submit_work *w)
{
	struct submit *s = w->s;
	const struct queue_envelope *env = w->job->env;
	free(s->ride_domain);
	s->ride_domain = NULL;
	if (!s->session.open || !env->recipient_count)
		return;
	if (!s->settings.route->use_mx || env->route.mx)
		s->ride_domain = str_dup("");
	else if (one_domain(env))
		s->ride_domain = span_dup(submit_domain_of(env->recipients[0].address));
}

static bool is_whose(const struct submit *s, const struct queue_envelope *env)
{
	if (!s->ride_domain || !*s->ride_domain)
		return s->ride_domain != NULL;
	return one_domain(env) && span_eq_nocase(span_of(s->ride_domain),
				      submit_domain_of(env->recipients[0].address));
}

/* --- off --- */

/* What is alive cannot be asked while answers are on their way. */
static bool may_ride(struct submit *s, const struct submit_job *job)
{
	const struct submit_session *on = &s->session;
	const struct queue_envelope *env = job->env;
	if (s->no_rides || !on->open || job->ask || job->stop || !job->message ||
	    !env->recipient_count || !is_whose(s, env))
		return false;
	if (submit_session_is_full(on))
		return false;
	return s->rides || submit_session_alive(&s->session);
}

static void ride_free(struct submit_ride *r)
{
	free(r->to);
	free(r);
}

static void add_last(struct submit *s, struct submit_ride *r)
{
	struct submit_ride **at = &s->rides;
	while (*at)
		at = &(*at)->next;
	*at = r;
	s->ride_count++;
}

static void all_of(size_t *which, size_t n)
{
	for (size_t i = 0; i < n; i++)
		which[i] = i;
}

/* As it is, or not at all. */
static bool fits(struct submit_work *w, struct submit_ride *r, size_t n)
{
	size_t *which = mem_new(n, sizeof(*which));
	all_of(which, n);
	bool good = submit_host_slice(w->s, w->job->env, which, n) == n &&
		    submit_host_mail(w, which, r->to, n, &r->out, NULL) == 0 && !w->seven;
	free(which);
	if (w->seven) {
		submit_message_release(w->seven);
		free(w->seven);
	}
	return good;
}

bool submit_ride_begin(struct submit *s, struct submit_job *job)
{
	size_t n = job->env->recipient_count;
	struct submit_work w = {.s = s, .job = job};
	if (!may_ride(s, job))
		return false;
	struct submit_ride *r = mem_new(1, sizeof(*r));
	*r = (struct submit_ride){.job = job,
	    .to = mem_new(n, sizeof(*r->to)),
	    .via = s->via,
	    .began_ms = clock_mono_ms()};
	int under_way =
	    fits(&w, r, n) ? smtp_client_start(&s->session.client, &r->out.mail, NULL) : 0;
	if (under_way == 0) {
		ride_free(r);
		return false;
	}
	if (under_way < 0) /* everybody was settled: submit_ride_end tells */
		submit_session_drop(&s->session);
	r->out.mail.message = NULL; /* is read, and may go */
	r->out.mail.ranges = NULL;
	r->out.mail.range_count = 0;
	for (size_t i = 0; i < n; i++)
		job->results[i] = (struct submit_result){.via = NULL};
	s->session.mails++;
	add_last(s, r);
	return true;
}

/* --- home --- */

/* The answers as results; those that are final are told. Is there one that is not? */
static bool arrive(struct submit *s, struct submit_ride *r)
{
	struct submit_work w = {
	    .s = s, .job = r->job, .began_ms = r->began_ms, .transaction_ms = r->began_ms};
	size_t n = r->job->env->recipient_count, left = 0, sent = 0;
	if (submit_host_was_stale(r->to, n))
		return true; /* as if it had never been tried */
	for (size_t i = 0; i < n; i++)
		sent += r->to[i].answer.status == SMTP_SENT;
	for (size_t i = 0; i < n; i++) {
		struct submit_result *result = &r->job->results[i];
		submit_answer(&w, i, &r->to[i].answer, r->via);
		bool again = s->settings.route->use_mx && submit_host_is_open(result);
		if (sent && submit_host_was_too_many(result)) {
			submit_host_forget(result);
			again = true;
		}
		if (!again)
			submit_settled(&w, i);
		left += again;
	}
	return left > 0;
}

struct submit_job *submit_ride_end(struct submit *s, bool *again)
{
	struct submit_ride *r = s->rides;
	struct submit_job *job = r->job;
	struct err e = ERR_INIT;
	if (s->session.client.in_flight && smtp_client_settle(&s->session.client, &e) < 0) {
		s->no_rides = s->no_rides || e.smtp != 421;
		submit_session_drop(&s->session);
	}
	s->rides = r->next;
	s->ride_count--;
	*again = arrive(s, r);
	ride_free(r);
	return job;
}

void submit_ride_release(struct submit *s)
{
	while (s->rides) {
		struct submit_ride *next = s->rides->next;
		ride_free(s->rides);
		s->rides = next;
	}
	free(s->ride_domain);
	s->ride_domain = NULL;
}
