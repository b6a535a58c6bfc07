/* tell.c - what a person reads on standard error: a line for each recipient that was not served, those with the same fate together. */
#include "base/clock.h"
#include "base/intl.h"
#include "send.h"

#include <stdio.h>
#include <unistd.h>

enum { PROGRESS_FROM = 1 << 20, PROGRESS_MS = 200 };

static bool same_fate(const struct submit_result *a, const struct submit_result *b)
{
	return a->via == b->via && a->answer.status == b->answer.status &&
	       a->answer.phase == b->answer.phase && a->answer.phase != SMTP_RCPT &&
	       a->answer.code == b->answer.code && strcmp(a->answer.text, b->answer.text) == 0;
}

static bool is_told(const struct send *s, const struct submit_result *r)
{
	return r->answer.status != SMTP_SENT || s->o->common.verbose;
}

/* "sent", "queued as ABC": what it means for the message. */
static void add_status(struct buf *b, const struct submit_result *r, size_t n, const char *queued)
{
	if (n > 1)
		buf_addf(b, _(" (%zu recipients)"), n);
	if (r->answer.status == SMTP_DEFERRED && queued)
		buf_addf(b, _(" (queued as %s)"), queued);
	else if (r->answer.status == SMTP_UNKNOWN)
		buf_adds(b, _(" (unknown whether it arrived)"));
	else if (r->answer.status == SMTP_SENT && r->via && *r->via->tls)
		buf_addf(b, " (%s, %s)", r->via->tls, r->via->security);
}

static void line(struct send *s, const struct submit_result *r, const char *address, size_t n,
    const char *queued)
{
	struct buf b = BUF_INIT(8192);
	submit_explain(r, n > 1 ? NULL : address, &b);
	add_status(&b, r, n, queued);
	bool is_error =
	    r->answer.status != SMTP_SENT && !(r->answer.status == SMTP_DEFERRED && queued);
	struct err e = ERR_INIT;
	if (is_error) {
		err_set(&e, r->answer.exit, "%s", buf_cstr(&b));
		cli_fail(s->o->program, &e);
	} else {
		cli_warn(s->o->program, &s->o->common, "%s", buf_cstr(&b));
	}
	buf_release(&b);
}

void send_tell(struct send *s, const struct submit_result *results, const char *queued)
{
	size_t n = s->env.recipient_count;
	for (size_t i = 0, k; i < n; i += k) {
		for (k = 1; i + k < n && same_fate(&results[i], &results[i + k]); k++)
			;
		if (is_told(s, &results[i]))
			line(s, &results[i], s->env.recipients[i].address, k, queued);
	}
}

/* --- progress --- */

bool send_shows_progress(const struct send *s, const struct submit_message *m)
{
	return m->wire_size >= PROGRESS_FROM && !s->o->common.quiet && isatty(STDERR_FILENO);
}

/* A line that is written over again and again, and gone in the end. */
void send_progress(void *ctx, uint64_t octets)
{
	struct send *s = ctx;
	int64_t now = clock_mono_ms();
	if (now - s->progress_ms < PROGRESS_MS)
		return;
	s->progress_ms = now;
	fprintf(stderr, _("\r%s: %.1f of %.1f MB sent"), s->o->program->name, (double)octets / 1e6,
	    (double)s->progress_size / 1e6);
	fflush(stderr);
	s->progress_shown = true;
}

void send_progress_end(struct send *s)
{
	if (s->progress_shown)
		fputs("\r\033[K", stderr);
	s->progress_shown = false;
}
