/* message.c - one message from standard input to its recipients, or each of a stream. */
#include "base/alloc.h"
#include "base/intl.h"
#include "send.h"
#include "store/store.h"
#include "submit/keep.h"

#include <stdlib.h>
#include <unistd.h>

/* --- recipients --- */

static int read_recipients(struct send *s, const struct strv *operands, struct submit_message *m,
    struct submit_recipients *to, struct err *e)
{
	for (size_t i = 0; i < operands->n; i++)
		if (submit_recipients_add(to, span_of(operands->v[i]), e) < 0)
			return -1;
	if (!s->o->submit.read_recipients)
		return 0;
	if (submit_recipients_header(to, &m->header, e) < 0)
		return -1;
	return to->list.n ? 0 : err_set(e, EX_DATAERR, _("no recipient in To, Cc or Bcc"));
}

static void forget_recipients(struct queue_envelope *env)
{
	for (size_t i = 0; i < env->recipient_count; i++) {
		free(env->recipients[i].address);
		free(env->recipients[i].notify);
		free(env->recipients[i].orcpt);
	}
	free(env->recipients);
	env->recipients = NULL;
	env->recipient_count = 0;
}

static int set_recipients(
    struct send *s, const struct strv *operands, struct submit_message *m, struct err *e)
{
	struct submit_recipients to = {0};
	send_know_locals(s, &to);
	int r = read_recipients(s, operands, m, &to, e);
	for (size_t i = 0; r == 0 && i < to.list.n; i++)
		submit_envelope_add(&s->o->submit, &s->env, to.list.v[i]);
	submit_recipients_release(&to);
	return r;
}

/* --- what is left goes to the spool --- */

struct kept {
	char queued[QUEUE_ID_SIZE], held[QUEUE_ID_SIZE], unknown[QUEUE_ID_SIZE];
};

static int keep(struct send *s, const struct submit_message *m, const struct submit_result *results,
    enum smtp_status status, bool held, char *id, struct err *e)
{
	struct submit_keep k = {.spool = s->o->spool,
	    .env = &s->env,
	    .message = m,
	    .results = results,
	    .status = status,
	    .held = held};
	return submit_keep(&k, id, e);
}

static void say_kept(struct send *s, const char *id, const char *what)
{
	if (*id)
		cli_warn(s->o->program, &s->o->common, "%s %s", id, what);
}

static void keep_those(struct send *s, const struct submit_message *m,
    const struct submit_result *results, enum smtp_status status, bool held, char *id)
{
	struct err e = ERR_INIT;
	if (keep(s, m, results, status, held, id, &e) < 0)
		send_note_code(s, cli_fail(s->o->program, &e));
}

/* After a try: with --queue all that is left; else, held, what nobody else has. The unknown are not to be tried again by themselves, whatever was
 * asked for. */
static void keep_rest(struct send *s, const struct submit_message *m,
    const struct submit_result *results, struct kept *k)
{
	bool held = !s->o->queue;
	if (s->o->dry_run || s->o->stop_after || (held && (!m->piped || s->o->no_keep)))
		return;
	keep_those(s, m, results, SMTP_DEFERRED, held, held ? k->held : k->queued);
	keep_those(s, m, results, SMTP_UNKNOWN, true, k->unknown);
}

/* Behind the reasons: what was kept, and why it was not sent, in the order in which a person asks. */
static void tell(struct send *s, const struct submit_result *results, const struct kept *k)
{
	send_tell(s, results, *k->queued ? k->queued : NULL);
	say_kept(s, k->held, _("is kept in the spool, held: mail-queue release sends it"));
	say_kept(s, k->unknown,
	    _("is kept in the spool, held: it may have arrived, mail-queue release sends it "
	      "again"));
}

/* --- one message --- */

static int report(struct send *s, const struct submit_message *m,
    const struct submit_result *results, const char *queued, struct err *e)
{
	struct span id = span_trim(header_get(&m->header, "Message-ID"));
	if (!s->report)
		return 0;
	for (size_t i = 0; i < s->env.recipient_count; i++) {
		bool waits = queued && results[i].answer.status == SMTP_DEFERRED;
		if (submit_report(s->report, s->env.recipients[i].address, &results[i],
			waits ? queued : NULL, s->index, id, e) < 0)
			return -1;
	}
	return 0;
}

/* What waits in the spool counts as done. */
static int code_of(struct submit_result *results, size_t n, bool queued)
{
	struct submit_result *counted = mem_new(n, sizeof(*counted));
	for (size_t i = 0; i < n; i++) {
		counted[i] = results[i];
		if (queued && counted[i].answer.status == SMTP_DEFERRED)
			counted[i].answer = (struct smtp_answer){.status = SMTP_SENT};
	}
	int code = submit_exit_code(counted, n);
	free(counted);
	return code;
}

static int open_submit(struct send *s, struct err *e)
{
	struct submit_settings settings;
	if (s->open)
		return 0;
	send_settings(s, &settings);
	if (submit_open(&s->submit, &settings, e) < 0)
		return -1;
	s->open = true;
	return 0;
}

/* No password to be had now: the same as a server that cannot be reached. -1: the command line or the configuration is wrong. */
static int cannot_even_try(struct send *s, struct submit_result *results, struct err *e)
{
	struct smtp_answer a;
	if (e->code == EX_USAGE || e->code == EX_CONFIG)
		return -1;
	smtp_answer_err(&a, SMTP_CONNECT, e);
	a.status = SMTP_DEFERRED;
	for (size_t i = 0; i < s->env.recipient_count; i++)
		results[i].answer = a;
	return 0;
}

static void try_it(struct send *s, const struct submit_message *m, struct submit_result *results)
{
	struct submit_job job = {.env = &s->env,
	    .message = m,
	    .results = results,
	    .ask = s->o->dry_run,
	    .stop = (enum submit_stop)s->o->stop_after,
	    .progress = send_shows_progress(s, m) ? send_progress : NULL,
	    .ctx = s};
	s->progress_size = m->wire_size;
	submit_deliver(&s->submit, &job);
	send_progress_end(s);
}

static int deliver(struct send *s, const struct submit_message *m, struct err *e)
{
	struct submit_result *results = mem_new(s->env.recipient_count, sizeof(*results));
	if (open_submit(s, e) == 0) {
		try_it(s, m, results);
	} else if (cannot_even_try(s, results, e) < 0) {
		free(results);
		return -1;
	}
	struct kept k = {"", "", ""};
	keep_rest(s, m, results, &k);
	tell(s, results, &k);
	send_note_code(s, code_of(results, s->env.recipient_count, *k.queued != '\0'));
	int r = report(s, m, results, *k.queued ? k.queued : NULL, e);
	free(results);
	return r;
}

/* --queue=always, or a time that has not come: nobody is connected to. */
static int only_queue(struct send *s, const struct submit_message *m, struct err *e)
{
	char id[QUEUE_ID_SIZE];
	struct submit_result *none = mem_new(s->env.recipient_count, sizeof(*none));
	int r = keep(s, m, NULL, SMTP_DEFERRED, false, id, e);
	for (size_t i = 0; r > 0 && i < s->env.recipient_count; i++)
		none[i].answer.status = SMTP_DEFERRED;
	if (r > 0 && s->o->common.verbose)
		say_kept(s, id, _("waits in the spool"));
	if (r > 0)
		r = report(s, m, none, id, e);
	free(none);
	return r < 0 ? -1 : 0;
}

static int dispatch(struct send *s, const struct submit_message *m, struct err *e)
{
	bool always = s->o->queue && strcmp(s->o->queue, "always") == 0;
	if (always || (s->o->queue && s->env.hold_until_s))
		return only_queue(s, m, e);
	return deliver(s, m, e);
}

static int one(struct send *s, const struct strv *operands, struct submit_message *m, struct err *e)
{
	if (s->o->sendmail)
		send_complete(s, s->env.sender, m);
	int r = submit_message_ready(m, e);
	if (r == 0)
		r = send_sign(s, m, e);
	if (r == 0)
		r = set_recipients(s, operands, m, e);
	if (r == 0)
		r = dispatch(s, m, e);
	forget_recipients(&s->env);
	return r;
}

static int single(struct send *s, const struct strv *operands, struct err *e)
{
	struct submit_message m;
	if (submit_message_fd(&m, STDIN_FILENO, e) < 0)
		return e->code == EX_IOERR ? err_prefix(e, _("standard input: ")) : -1;
	int r = one(s, operands, &m, e);
	submit_message_release(&m);
	return r;
}

/* --- a stream --- */

/* A bad message does not stop the others; a route that cannot be taken would stop them all. */
static int in_stream(
    struct send *s, const struct strv *operands, struct source *from, struct err *e)
{
	struct submit_message m;
	struct err why = ERR_INIT;
	s->index++;
	int r = submit_message_source(&m, from, &why);
	if (r == 0) {
		r = one(s, operands, &m, &why);
		submit_message_release(&m);
	}
	if (r == 0)
		return 0;
	if (why.code != EX_DATAERR)
		return err_copy(e, &why);
	err_prefix(&why, _("message %u: "), s->index);
	send_note_code(s, cli_fail(s->o->program, &why));
	return 0;
}

static int stream(struct send *s, const struct strv *operands, struct err *e)
{
	struct source_fd in;
	struct source *message;
	source_fd_init(&in, STDIN_FILENO);
	struct mbox_reader *box = mbox_reader_new(&in.source);
	int r;
	while ((r = mbox_reader_next(box, &message, e)) > 0)
		if (in_stream(s, operands, message, e) < 0) {
			r = -1;
			break;
		}
	mbox_reader_free(box);
	return r;
}

int send_messages(struct send *s, const struct strv *operands, struct err *e)
{
	int r = s->o->mbox ? stream(s, operands, e) : single(s, operands, e);
	return r < 0 ? -1 : s->code;
}
