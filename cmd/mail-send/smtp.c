/*
 * smtp.c - sendmail -bs: SMTP on standard input and output, for callers that speak it. Each message goes to the spool, and when the session is over
 * mail-queue is started for those that came.
 */
#include "base/alloc.h"
#include "base/intl.h"
#include "io/child.h"
#include "send.h"
#include "smtp/server.h"
#include "submit/keep.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct intake {
	struct send *s;
	struct spool spool;
	bool begun;
	struct strv ids; /* of what was accepted */
};

static int sender(void *ctx, const struct smtp_server *server, const char *address, struct err *e)
{
	(void)ctx, (void)server;
	return address_envelope_check(span_of(address), true, e);
}

static int recipient(
    void *ctx, const struct smtp_server *server, const char *address, struct err *e)
{
	const struct intake *in = ctx;
	struct submit_recipients to = {0};
	(void)server;
	send_know_locals(in->s, &to);
	int r = submit_recipients_add(&to, span_of(address), e);
	submit_recipients_release(&to);
	return r;
}

static struct sink *begin(void *ctx, const struct smtp_server *server, struct err *e)
{
	struct intake *in = ctx;
	(void)server, (void)e;
	spool_init(&in->spool);
	in->begun = true;
	return &in->spool.sink;
}

static void reset(void *ctx)
{
	struct intake *in = ctx;
	if (in->begun)
		spool_release(&in->spool);
	in->begun = false;
}

static int fill(struct send *s, const struct smtp_server_envelope *from, struct queue_envelope *env,
    struct err *e)
{
	struct submit_recipients to = {0};
	int r = 0;
	env->sender = str_dup(from->sender);
	send_know_locals(s, &to);
	for (size_t i = 0; r == 0 && i < from->recipients.n; i++)
		r = submit_recipients_add(&to, span_of(from->recipients.v[i]), e);
	for (size_t i = 0; r == 0 && i < to.list.n; i++)
		submit_envelope_add(&s->o->submit, env, to.list.v[i]);
	submit_recipients_release(&to);
	return r;
}

/* The route is the session's; everything else is this message's. */
static int accept_one(struct intake *in, const struct smtp_server_envelope *from,
    char id[QUEUE_ID_SIZE], struct err *e)
{
	struct queue_envelope env = {.route = in->s->env.route};
	struct submit_message m;
	struct source_spool source;
	source_spool_init(&source, &in->spool);
	if (submit_message_source(&m, &source.source, e) < 0)
		return -1;
	send_complete(in->s, from->sender, &m);
	struct submit_keep k = {.spool = in->s->o->spool, .env = &env, .message = &m};
	int r = submit_message_ready(&m, e);
	if (r == 0)
		r = fill(in->s, from, &env, e);
	if (r == 0)
		r = submit_keep(&k, id, e);
	submit_message_release(&m);
	env.route = (struct queue_route){.account = NULL};
	queue_envelope_release(&env);
	return r < 0 ? -1 : 0;
}

static void end(void *ctx, const struct smtp_server *server, struct err *results, size_t n)
{
	struct intake *in = ctx;
	char id[QUEUE_ID_SIZE];
	for (size_t i = 0; i < n; i++)
		err_clear(&results[i]);
	if (accept_one(in, &server->envelope, id, &results[0]) < 0)
		return;
	strv_add(&in->ids, id);
	snprintf(results[0].text, sizeof(results[0].text), "queued as %s", id);
}

static int start_queue(const struct intake *in, struct err *e)
{
	struct strv argv = {0};
	struct child c;
	int status;
	if (!in->ids.n)
		return 0;
	strv_add(&argv, "mail-queue");
	strv_add(&argv, "run");
	strv_add(&argv, "--quiet");
	if (in->s->o->spool)
		strv_take(&argv, str_printf("--spool=%s", in->s->o->spool));
	for (size_t i = 0; i < in->ids.n; i++)
		strv_add(&argv, in->ids.v[i]);
	int r = child_start(&c, argv.v, NULL, 0, e);
	if (r == 0)
		r = child_wait(&c, -1, &status, e);
	strv_release(&argv);
	return r; /* what could not be sent now waits: no failure of the session */
}

int send_smtp(struct send *s, struct err *e)
{
	static const struct smtp_server_hooks hooks = {sender, recipient, begin, end, reset};
	struct smtp_server_options o = {.name = "localhost", .local_names = s->know_locals};
	struct intake in = {.s = s};
	struct smtp_server server;
	struct stream stream;
	stream_init_fd(&stream, STDIN_FILENO, STDOUT_FILENO);
	smtp_server_init(&server, &stream, &o, &hooks, &in);
	int r = smtp_server_run(&server, e);
	smtp_server_release(&server);
	stream_release(&stream);
	if (start_queue(&in, r < 0 ? NULL : e) < 0 && r == 0)
		r = -1;
	strv_release(&in.ids);
	return r;
}
