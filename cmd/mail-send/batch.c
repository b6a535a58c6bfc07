/*
 * batch.c - the transport of mail-queue: jobs come, each with the route it was queued with; a connection stays open for the next job on the
 * same route.
 */
#include "submit/batch.h"
#include "base/alloc.h"
#include "base/intl.h"
#include "io/file.h"
#include "io/sys.h"
#include "send.h"

#include <jansson.h>
#include <stdlib.h>
#include <unistd.h>

struct batch {
	const struct send_options *base; /* as mail-send was called */
	struct stream in, out;
	struct strv argv;      /* the route in use, as options */
	struct send_options o; /* and as it was parsed */
	struct send send;
	bool open;
	struct submit_batch_job *job; /* the one at hand */
	struct submit_result *results;
	struct err broken; /* the output is */
};

/* --- the route: the command line of mail-send --batch, and the job's options behind it --- */

static void option(struct strv *argv, const char *name, const char *value)
{
	if (value)
		strv_take(argv, str_printf("--%s=%s", name, value));
}

static int further_option(struct strv *argv, const char *name, const json_t *value, struct err *e)
{
	size_t n = json_is_array(value) ? json_array_size(value) : 1;
	for (size_t i = 0; i < n; i++) {
		const json_t *one = json_is_array(value) ? json_array_get(value, i) : value;
		const char *text = json_string_value(one);
		if (!text)
			return err_set(
			    e, EX_PROTOCOL, _("the option \"%.60s\" of a job is no text"), name);
		option(argv, name, text);
	}
	return 0;
}

static int further_options(struct strv *argv, const char *text, struct err *e)
{
	json_t *all = text ? json_loads(text, 0, NULL) : NULL, *value;
	const char *name;
	int r = 0;
	json_object_foreach(all, name, value)
	{
		if (r == 0)
			r = further_option(argv, name, value, e);
	}
	json_decref(all);
	return r;
}

static int route_argv(
    const struct batch *b, const struct queue_route *r, struct strv *argv, struct err *e)
{
	for (int i = 0; i < b->base->argc; i++)
		strv_add(argv, b->base->argv[i]);
	strv_add(argv, "--sender=<>"); /* each job has its own */
	option(argv, "account", r->account);
	option(argv, "server", r->server);
	if (r->use_mx)
		option(argv, "mx", r->mx ? r->mx : "");
	option(argv, "tls", r->tls);
	option(argv, "auth", r->auth);
	option(argv, "user", r->user);
	option(argv, "helo", r->helo);
	option(argv, "smtputf8", r->smtputf8);
	if (r->require_tls)
		strv_add(argv, "--require-tls");
	return further_options(argv, r->options, e);
}

static bool same(const struct strv *a, const struct strv *b)
{
	bool equal = a->n == b->n;
	for (size_t i = 0; equal && i < a->n; i++)
		equal = strcmp(a->v[i], b->v[i]) == 0;
	return equal;
}

static void close_route(struct batch *b)
{
	if (b->open)
		send_end(&b->send);
	b->open = false;
	if (b->o.program)
		cli_value_release(b->o.program, &b->o);
	b->o = (struct send_options){.program = NULL};
	strv_release(&b->argv);
}

static int parse_route(struct batch *b, struct err *e)
{
	struct cli_args args = {-1, {0}};
	struct submit_settings settings;
	b->o = (struct send_options){.program = b->base->program};
	cli_network_init(&b->o.network);
	int r = cli_parse(b->o.program, (int)b->argv.n, b->argv.v, &b->o, &args, e);
	strv_release(&args.operands);
	if (r < 0 || send_begin(&b->send, &b->o, e) < 0)
		return -1;
	b->open = true;
	send_settings(&b->send, &settings);
	if (submit_open(&b->send.submit, &settings, e) < 0)
		return -1;
	b->send.open = true;
	return 0;
}

static int take_route(struct batch *b, struct err *e)
{
	struct strv argv = {0};
	if (route_argv(b, &b->job->env.route, &argv, e) < 0) {
		strv_release(&argv);
		return -1;
	}
	if (b->open && same(&argv, &b->argv)) {
		strv_release(&argv);
		return 0;
	}
	close_route(b);
	b->argv = argv;
	if (parse_route(b, e) == 0)
		return 0;
	close_route(b);
	return -1;
}

/* --- one job --- */

static int sending(void *ctx, struct err *e)
{
	struct batch *b = ctx;
	return submit_batch_sending(&b->out, b->job->id, e);
}

static void settled(void *ctx, size_t i)
{
	struct batch *b = ctx;
	submit_batch_settled(&b->out, b->job->id, b->job->env.recipients[i].address, &b->results[i],
	    b->broken.code ? NULL : &b->broken);
}

/* The same answer for everybody: nothing could even be tried. */
static void all_failed(struct batch *b, const struct err *why)
{
	struct smtp_answer a;
	smtp_answer_err(&a, SMTP_CONNECT, why);
	if (why->code != EX_DATAERR)
		a.status = SMTP_DEFERRED;
	for (size_t i = 0; i < b->job->env.recipient_count; i++) {
		b->results[i].answer = a;
		settled(b, i);
	}
}

static int with_message(struct batch *b, struct submit_message *m, struct err *e)
{
	if (submit_message_ready(m, e) < 0)
		return -1;
	struct submit_job job = {.env = &b->job->env,
	    .message = m,
	    .results = b->results,
	    .sending = sending,
	    .settled = settled,
	    .ctx = b};
	submit_deliver(&b->send.submit, &job);
	return 0;
}

static int with_file(struct batch *b, struct err *e)
{
	struct submit_message m;
	int fd = file_open_strict(AT_FDCWD, b->job->path, e);
	if (fd < 0)
		return -1;
	int r = submit_message_range(&m, fd, b->job->offset, b->job->size, e);
	if (r == 0) {
		r = with_message(b, &m, e);
		submit_message_release(&m);
	}
	sys_close(fd);
	return r;
}

static int one(struct batch *b, struct err *e)
{
	struct err why = ERR_INIT;
	b->results = mem_new(b->job->env.recipient_count, sizeof(*b->results));
	if (take_route(b, &why) < 0 || with_file(b, &why) < 0)
		all_failed(b, &why);
	free(b->results);
	if (b->broken.code)
		return err_copy(e, &b->broken);
	return submit_batch_done(&b->out, b->job->id, e);
}

/* --- all of them --- */

/* A line that is no job concerns itself alone. */
static int bad_line(struct batch *b, char *id, struct err *e)
{
	if (e->code != EX_PROTOCOL)
		return -1;
	cli_fail(b->base->program, e);
	int r = id ? submit_batch_done(&b->out, id, e) : 0;
	free(id);
	return r;
}

static int all(struct batch *b, struct err *e)
{
	struct submit_batch_job job;
	char *id;
	int r;
	while ((r = submit_batch_read(&b->in, &job, &id, e)) != 0) {
		if (r < 0) {
			if (b->in.err.code || bad_line(b, id, e) < 0)
				return -1;
			continue;
		}
		b->job = &job;
		r = one(b, e);
		submit_batch_job_release(&job);
		if (r < 0)
			return -1;
	}
	return 0;
}

int send_batch(struct send_options *o, struct err *e)
{
	struct batch b = {.base = o};
	stream_init_fd(&b.in, STDIN_FILENO, -1);
	stream_init_fd(&b.out, -1, STDOUT_FILENO);
	b.in.in_max = SUBMIT_BATCH_LINE + 1;
	int r = all(&b, e);
	close_route(&b);
	stream_release(&b.in);
	stream_release(&b.out);
	return r;
}
