#include "submit/host.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "codec/utf8.h"
#include "submit/downgrade.h"
#include "submit/tlsrpt.h"

#include <stdio.h>
#include <stdlib.h>

enum { SLICE = 1000 }; /* recipients of one transaction, unless the server's LIMITS say less */

/* --- answers --- */

bool submit_host_is_open(const struct submit_result *r)
{
	return r->answer.status == SMTP_UNSETTLED || r->answer.status == SMTP_DEFERRED ||
	       (r->answer.status == SMTP_REFUSED && r->answer.phase < SMTP_MAIL);
}

/* Postfix: "queued as 4XyZ", Exim: "OK id=1abc-000-00", sendmail: "4Ab1 Message accepted for delivery". */
static void find_queue_id(struct submit_result *r)
{
	struct span text = span_of(r->answer.text), word;
	static const char *const before[] = {"queued as ", "id="};
	for (size_t i = 0; i < ARRAY_LEN(before); i++) {
		ptrdiff_t at = span_find_nocase(text, span_of(before[i]));
		struct span rest = span_skip(text, (size_t)at + strlen(before[i]));
		if (at >= 0 && span_word(&rest, &word) && word.len < sizeof(r->queue_id)) {
			snprintf(r->queue_id, sizeof(r->queue_id), "%.*s", SPAN_ARG(word));
			return;
		}
	}
	if (span_word(&text, &word) && span_starts_nocase(span_trim(text), "Message accepted") &&
	    word.len < sizeof(r->queue_id))
		snprintf(r->queue_id, sizeof(r->queue_id), "%.*s", SPAN_ARG(word));
}

static bool is_final(const struct smtp_answer *a)
{
	return a->status == SMTP_SENT || a->status == SMTP_UNKNOWN ||
	       (a->status == SMTP_REFUSED && a->phase >= SMTP_MAIL);
}

/* What a server said weighs more than that another one could not be reached; "later" more than a host that refuses to talk to us. */
static bool is_better(const struct smtp_answer *old, const struct smtp_answer *a)
{
	if (old->status == SMTP_UNSETTLED || is_final(a))
		return true;
	if (old->status == SMTP_DEFERRED)
		return a->status == SMTP_DEFERRED && (a->code || !old->code);
	return true;
}

void submit_answer(
    struct submit_work *w, size_t i, const struct smtp_answer *a, const struct submit_via *via)
{
	struct submit_result *r = &w->job->results[i];
	if (!is_better(&r->answer, a))
		return;
	r->answer = *a;
	r->via = via;
	r->ms = clock_mono_ms() - w->began_ms;
	r->transaction_ms = via && w->transaction_ms ? clock_mono_ms() - w->transaction_ms : -1;
	r->queue_id[0] = '\0';
	if (a->status == SMTP_SENT && a->phase == SMTP_DOT)
		find_queue_id(r);
}

void submit_settled(struct submit_work *w, size_t i)
{
	if (w->job->settled)
		w->job->settled(w->job->ctx, i);
}

static void answer_all(struct submit_work *w, const size_t *which, size_t n,
    const struct smtp_answer *a, const struct submit_via *via)
{
	for (size_t i = 0; i < n; i++)
		submit_answer(w, which[i], a, via);
}

/* --- the connection --- */

/* "TLSA 3 1 1 of mx.example.org", "MTA-STS policy 20260101": why the peer is believed. */
static void add_evidence(const struct submit *s, struct submit_via *v)
{
	const char *base = s->target.names[0] ? s->target.names[0] : v->host;
	if (*s->session.tls.tlsa)
		snprintf(v->evidence, sizeof(v->evidence), "TLSA %s of %.100s", s->session.tls.tlsa,
		    s->plan && s->plan_host->tlsa_base ? s->plan_host->tlsa_base : base);
	else if (strcmp(v->security, "sts") == 0 && s->plan)
		snprintf(v->evidence, sizeof(v->evidence), "MTA-STS policy %.64s",
		    s->plan->sts.id ? s->plan->sts.id : "");
}

static struct submit_via *add_via(struct submit *s)
{
	const struct submit_target *t = &s->target;
	struct submit_via *v = mem_new(1, sizeof(*v));
	v->next = s->vias;
	s->vias = v;
	v->host = str_dup(t->host ? t->host : t->socket);
	memcpy(v->ip, s->session.ip, sizeof(v->ip));
	v->port = s->session.port ? s->session.port : t->port;
	if (*s->session.tls.version)
		snprintf(
		    v->tls, sizeof(v->tls), "%s %s", s->session.tls.version, s->session.tls.cipher);
	snprintf(v->security, sizeof(v->security), "%s",
	    *s->session.tls.security ? s->session.tls.security : "none");
	if (t->sts && strcmp(v->security, "verified") == 0)
		snprintf(v->security, sizeof(v->security), "sts");
	v->resumed = s->session.tls.resumed;
	v->times = s->session.times;
	add_evidence(s, v);
	v->dsn = smtp_client_can(&s->session.client, SMTP_DSN);
	return v;
}

/* A session that could not be opened says nothing about the recipients yet, but for a server that refuses to talk. */
static void opening_failed(struct submit_work *w, const size_t *which, size_t n)
{
	struct smtp_answer a = w->s->session.failure;
	if (a.status == SMTP_REFUSED && !(a.code && a.phase <= SMTP_HELLO))
		a.status = SMTP_DEFERRED;
	answer_all(w, which, n, &a, add_via(w->s));
}

/* 0 ready, 1 nothing more is to be done, -1 failed; in both cases everybody has an answer. */
static int connected(struct submit_work *w, const size_t *which, size_t n, bool *reused)
{
	struct submit *s = w->s;
	struct err ignored = ERR_INIT;
	*reused = s->session.open;
	if (*reused && submit_session_alive(&s->session) && !submit_session_is_full(&s->session))
		return 0;
	*reused = false;
	submit_session_close(&s->session);
	int r = submit_session_open(&s->session, &s->target, &s->link, w->job->stop, &ignored);
	if (r <= 0)
		submit_tlsrpt_session(s, r == 0);
	if (r < 0) {
		opening_failed(w, which, n);
		return -1;
	}
	s->via = add_via(s);
	if (r == 0)
		return 0;
	struct smtp_answer reached = {.status = SMTP_SENT, .phase = SMTP_HELLO};
	snprintf(reached.text, sizeof(reached.text), "%s", _("reached, and left as asked"));
	answer_all(w, which, n, &reached, s->via);
	return 1;
}

/* --- one transaction --- */

static bool needs_utf8(const struct submit_work *w, const size_t *which, size_t n)
{
	const struct queue_envelope *env = w->job->env;
	if (w->s->utf8 == SUBMIT_UTF8_ALWAYS)
		return true;
	bool needs = address_is_utf8(span_of(env->sender));
	for (size_t i = 0; i < n; i++)
		needs = needs || address_is_utf8(span_of(env->recipients[which[i]].address));
	return needs;
}

static bool in_seven(struct submit_work *w, struct err *e)
{
	if (w->seven)
		return true;
	w->seven = mem_new(1, sizeof(*w->seven));
	if (submit_downgrade(w->job->message, w->seven, e) == 0)
		return true;
	free(w->seven);
	w->seven = NULL;
	return false;
}

/* The message as this server can take it: NULL with e where it cannot. */
static const struct submit_message *fitting(
    struct submit_work *w, struct smtp_mail *mail, struct err *e)
{
	const struct submit_message *m = w->job->message;
	const struct smtp_client *c = &w->s->session.client;
	bool header = m->utf8_header && !mail->utf8 && w->s->utf8 == SUBMIT_UTF8_AUTO;
	if (header && smtp_client_can(c, SMTP_SMTPUTF8)) {
		mail->utf8 = true;
		header = false;
	}
	bool must = header || (m->eight_bit && !smtp_client_can(c, SMTP_8BITMIME));
	if (!must && (m->longest_line <= SUBMIT_LINE_MAX || m->is_signed))
		return m;
	if (in_seven(w, e))
		return w->seven;
	return must ? NULL : m;
}

static void fill_recipients(
    const struct submit_work *w, const size_t *which, size_t n, struct smtp_rcpt *to)
{
	const struct queue_envelope *env = w->job->env;
	for (size_t i = 0; i < n; i++) {
		const struct queue_recipient *r = &env->recipients[which[i]];
		to[i] = (struct smtp_rcpt){
		    .address = r->address, .notify = r->notify, .orcpt = r->orcpt};
	}
}

/* A report asks for REQUIRETLS where it can be had, of a server that was proved to be the one, and is not lost where it cannot (RFC 8689 2, 5). */
static bool asks_for_tls(const struct submit_work *w)
{
	const struct queue_envelope *env = w->job->env;
	const struct submit_session *s = &w->s->session;
	if (!env->route.require_tls || *env->sender)
		return env->route.require_tls;
	return s->client.tls && smtp_client_can(&s->client, SMTP_REQUIRETLS) &&
	       (strcmp(s->tls.security, "dane") == 0 || strcmp(s->tls.security, "verified") == 0);
}

static struct smtp_mail mail_of(const struct submit_work *w, struct smtp_rcpt *to, size_t n)
{
	const struct queue_envelope *env = w->job->env;
	return (struct smtp_mail){.sender = env->sender,
	    .rcpts = to,
	    .rcpt_count = n,
	    .require_tls = asks_for_tls(w),
	    .envid = env->envid,
	    .ret = env->ret,
	    .hold_until_s = env->hold_until_s > clock_real_s() ? env->hold_until_s : 0,
	    .deliver_by = env->route.deliver_by,
	    .priority = env->route.priority,
	    .ask = w->job->ask || !w->job->message || w->job->stop == SUBMIT_STOP_RCPT,
	    .sending = w->job->sending,
	    .progress = w->job->progress,
	    .ctx = w->job->ctx};
}

int submit_host_mail(struct submit_work *w, const size_t *which, struct smtp_rcpt *to, size_t n,
    struct submit_host_mail *out, struct err *e)
{
	const struct submit_message *m = NULL;
	struct smtp_mail *mail = &out->mail;
	*mail = mail_of(w, to, n);
	fill_recipients(w, which, n, to);
	mail->utf8 = needs_utf8(w, which, n);
	if (w->job->message && !(m = fitting(w, mail, e)))
		return -1;
	if (m) {
		submit_source_init(&out->in, m);
		mail->message = &out->in.source;
		mail->wire_size = m->wire_size;
		mail->ranges = m->ranges;
		mail->range_count = m->range_count;
		mail->eight_bit = m->eight_bit;
	}
	return 0;
}

/* 0 the connection is good for more, -1 it is not. */
static int transaction(struct submit_work *w, struct smtp_rcpt *to, const size_t *which, size_t n)
{
	struct submit_host_mail out;
	struct err e = ERR_INIT;
	if (submit_host_mail(w, which, to, n, &out, &e) < 0) {
		struct smtp_answer a;
		smtp_answer_err(&a, SMTP_MAIL, &e);
		for (size_t i = 0; i < n; i++)
			to[i].answer = a;
		return 0;
	}
	w->s->session.mails++;
	w->transaction_ms = clock_mono_ms();
	return smtp_client_send(&w->s->session.client, &out.mail, &e);
}

bool submit_host_was_stale(const struct smtp_rcpt *to, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (to[i].answer.status != SMTP_DEFERRED ||
		    (to[i].answer.code && to[i].answer.code != 421))
			return false;
	return true;
}

static bool has_domain(
    const struct queue_envelope *env, const size_t *which, size_t n, struct span domain)
{
	for (size_t i = 0; i < n; i++)
		if (span_eq_nocase(submit_domain_of(env->recipients[which[i]].address), domain))
			return true;
	return false;
}

size_t submit_host_slice(
    const struct submit *s, const struct queue_envelope *env, const size_t *which, size_t n)
{
	const struct smtp_client *c = &s->session.client;
	size_t size = c->rcpt_max && c->rcpt_max < SLICE ? (size_t)c->rcpt_max : SLICE, domains = 0;
	size = n < size ? n : size;
	for (size_t i = 0; c->rcpt_domain_max && i < size; i++) {
		domains +=
		    !has_domain(env, which, i, submit_domain_of(env->recipients[which[i]].address));
		if (domains > c->rcpt_domain_max)
			return i;
	}
	return size;
}

/* One slice, on a connection that is opened for it where there is none. Returns how many have an answer now; 0: all. */
static size_t slice(struct submit_work *w, const size_t *which, size_t n)
{
	struct submit *s = w->s;
	bool reused;
	for (int attempt = 0;; attempt++) {
		if (connected(w, which, n, &reused) != 0)
			return 0;
		size_t size = submit_host_slice(s, w->job->env, which, n);
		struct smtp_rcpt *to = mem_new(size, sizeof(*to));
		int r = transaction(w, to, which, size);
		if (r < 0)
			submit_session_drop(&s->session);
		bool again = r < 0 && reused && attempt == 0 && submit_host_was_stale(to, size);
		for (size_t i = 0; i < size && !again; i++)
			submit_answer(w, which[i], &to[i].answer, s->via);
		free(to);
		if (!again)
			return size;
	}
}

bool submit_host_was_too_many(const struct submit_result *r)
{
	return r->answer.phase == SMTP_RCPT && r->answer.code / 100 == 4 &&
	       (strcmp(r->answer.enhanced, "4.5.3") == 0 ||
		   (r->answer.code == 452 && !r->answer.enhanced[0]));
}

void submit_host_forget(struct submit_result *r)
{
	r->answer = (struct smtp_answer){.status = SMTP_UNSETTLED};
}

/* So many went in, and no more: the next transactions on this connection do not try. */
static void learn_limit(struct smtp_client *c, const size_t *which, size_t first_left)
{
	size_t took = 0;
	while (which[took] != first_left)
		took++;
	if (took && (!c->rcpt_max || took < c->rcpt_max))
		c->rcpt_max = took;
}

/* The recipients that were too many, when others were accepted in the same transaction; into again, which has room. */
static size_t left_over(struct submit_work *w, const size_t *which, size_t n, size_t *again)
{
	size_t left = 0, sent = 0;
	for (size_t i = 0; i < n; i++) {
		const struct submit_result *r = &w->job->results[which[i]];
		sent += r->answer.status == SMTP_SENT;
		if (submit_host_was_too_many(r))
			again[left++] = which[i];
	}
	for (size_t i = 0; sent && i < left; i++)
		submit_host_forget(&w->job->results[again[i]]);
	if (sent && left)
		learn_limit(&w->s->session.client, which, again[0]);
	return sent ? left : 0;
}

static void tell(struct submit_work *w, const size_t *which, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!submit_host_is_open(&w->job->results[which[i]]))
			submit_settled(w, which[i]);
}

void submit_host_try(struct submit_work *w, const size_t *which, size_t n)
{
	size_t *again = mem_new(n, sizeof(*again));
	for (size_t at = 0; at < n;) {
		size_t done = slice(w, which + at, n - at);
		size_t size = done ? done : n - at;
		size_t left = done ? left_over(w, which + at, size, again) : 0;
		tell(w, which + at, size);
		at += size;
		if (left)
			submit_host_try(w, again, left);
	}
	free(again);
}
