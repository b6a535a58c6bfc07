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

struct batch;
struct batch_job {
	struct batch_job *next;
	struct batch *batch;
	struct submit_batch_job job;
	struct submit_result *results;
	struct submit_job submit;
};
struct batch {
	const struct send_options *base; /* as mail-send was called */
	struct stream in, out;
	struct strv argv;      /* the route in use, as options */
	struct send_options o; /* and as it was parsed */
	struct send send;
	bool open;
	struct batch_job *again; /* those that rode and need another way */
	struct err broken;       /* the output is */
	bool nonsense;           /* a line was no job */
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

/* required: it must have what it asks for. A report asks for REQUIRETLS and is not lost without it (RFC 8689 5). */
static int route_argv(const struct batch *b, const struct queue_route *r, bool required,
    struct strv *argv, struct err *e)
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
	if (r->require_tls && required)
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

static void settle_all(struct batch *b);

static int take_route(struct batch *b, const struct queue_envelope *env, struct err *e)
{
	struct strv argv = {0};
	if (route_argv(b, &env->route, *env->sender, &argv, e) < 0) {
		strv_release(&argv);
		return -1;
	}
	if (b->open && same(&argv, &b->argv)) {
		strv_release(&argv);
		return 0;
	}
	settle_all(b);
	close_route(b);
	b->argv = argv;
	if (parse_route(b, e) == 0)
		return 0;
	close_route(b);
	return -1;
}

/* --- one job --- */

static struct batch_job *job_new(struct batch *b, struct submit_batch_job job)
{
	struct batch_job *j = mem_new(1, sizeof(*j));
	*j = (struct batch_job){.batch = b,
	    .job = job,
	    .results = mem_new(job.env.recipient_count, sizeof(*j->results))};
	return j;
}

static void job_free(struct batch_job *j)
{
	submit_batch_job_release(&j->job);
	free(j->results);
	free(j);
}

static int sending(void *ctx, struct err *e)
{
	struct batch_job *j = ctx;
	return submit_batch_sending(&j->batch->out, j->job.id, e);
}

static void settled(void *ctx, size_t i)
{
	struct batch_job *j = ctx;
	struct batch *b = j->batch;
	submit_batch_settled(&b->out, j->job.id, j->job.env.recipients[i].address, &j->results[i],
	    b->broken.code ? NULL : &b->broken);
}

static void done(struct batch_job *j)
{
	struct batch *b = j->batch;
	submit_batch_done(&b->out, j->job.id, b->broken.code ? NULL : &b->broken);
	job_free(j);
}

/* Whose answer was not told yet: by MX who is deferred waits for the next host. */
static bool is_untold(const struct batch_job *j, size_t i)
{
	enum smtp_status status = j->results[i].answer.status;
	return status == SMTP_UNSETTLED || (status == SMTP_DEFERRED && j->job.env.route.use_mx);
}

/* Nothing could even be tried, or nothing more. */
static void all_failed(struct batch_job *j, const struct err *why)
{
	struct smtp_answer a;
	smtp_answer_err(&a, SMTP_CONNECT, why);
	if (why->code != EX_DATAERR)
		a.status = SMTP_DEFERRED;
	for (size_t i = 0; i < j->job.env.recipient_count; i++)
		if (is_untold(j, i)) {
			if (j->results[i].answer.status == SMTP_UNSETTLED)
				j->results[i].answer = a;
			settled(j, i);
		}
}

/* What is done with the message once it is there. 1: it rides, and is settled later; 0: it is settled. */
typedef int deliverer(struct batch_job *j, struct submit *s);

static int ride_or_deliver(struct batch_job *j, struct submit *s)
{
	if (submit_ride_begin(s, &j->submit))
		return 1;
	settle_all(j->batch);
	submit_deliver(s, &j->submit);
	return 0;
}

static int deliver_rest(struct batch_job *j, struct submit *s)
{
	submit_deliver_rest(s, &j->submit);
	return 0;
}

static int with_message(
    struct batch_job *j, struct submit_message *m, deliverer *deliver, struct err *e)
{
	if (submit_message_ready(m, e) < 0)
		return -1;
	j->submit = (struct submit_job){.env = &j->job.env,
	    .message = m,
	    .results = j->results,
	    .sending = sending,
	    .settled = settled,
	    .ctx = j};
	int r = deliver(j, &j->batch->send.submit);
	j->submit.message = NULL;
	return r;
}

static int with_file(struct batch_job *j, deliverer *deliver, struct err *e)
{
	struct submit_message m;
	int fd = file_open_strict(AT_FDCWD, j->job.path, e);
	if (fd < 0)
		return -1;
	int r = submit_message_range(&m, fd, j->job.offset, j->job.size, e);
	if (r == 0) {
		r = with_message(j, &m, deliver, e);
		submit_message_release(&m);
	}
	sys_close(fd);
	return r;
}

/* --- those that ride --- */

static void settle_one(struct batch *b)
{
	bool again;
	struct submit_job *job = submit_ride_end(&b->send.submit, &again);
	struct batch_job *j = job->ctx;
	if (!again) {
		done(j);
		return;
	}
	struct batch_job **at = &b->again;
	while (*at)
		at = &(*at)->next;
	*at = j;
}

static void settle_all(struct batch *b)
{
	while (b->open && b->send.submit.rides)
		settle_one(b);
	while (b->again) {
		struct batch_job *j = b->again;
		struct err why = ERR_INIT;
		b->again = j->next;
		if (b->broken
			.code) { /* nobody hears what becomes of it, so nothing more is begun */
			job_free(j);
			continue;
		}
		if (with_file(j, deliver_rest, &why) < 0)
			all_failed(j, &why);
		done(j);
	}
}

/* As many under way as may be; where the connection broke, what it left over comes first. */
static void make_room(struct batch *b)
{
	size_t n = b->open ? b->send.submit.ride_count : 0;
	if (n >= SUBMIT_RIDES_MAX)
		settle_one(b);
	if (b->again)
		settle_all(b);
}

static int one(struct batch *b, struct submit_batch_job job, struct err *e)
{
	struct err why = ERR_INIT;
	struct batch_job *j = job_new(b, job);
	int r = take_route(b, &j->job.env, &why);
	if (r == 0) {
		make_room(b);
		r = with_file(j, ride_or_deliver, &why);
	}
	if (r < 0)
		all_failed(j, &why);
	if (r <= 0)
		done(j);
	return b->broken.code ? err_copy(e, &b->broken) : 0;
}

/* --- all of them --- */

/* A line that is no job concerns itself alone; in the end it is told by the exit code. */
static int bad_line(struct batch *b, char *id, struct err *e)
{
	if (e->code != EX_PROTOCOL)
		return -1;
	b->nonsense = true;
	cli_fail(b->base->program, e);
	int r = id ? submit_batch_done(&b->out, id, e) : 0;
	free(id);
	return r;
}

/* Is the next job there already? Else whoever gives us jobs may wait for what became of the last ones. */
static bool another_waits(struct batch *b)
{
	if (!stream_peek(&b->in).len)
		stream_ready(&b->in, NULL);
	return span_index(stream_peek(&b->in), '\n') >= 0;
}

static int all(struct batch *b, struct err *e)
{
	struct submit_batch_job job;
	char *id;
	for (;;) {
		if (!another_waits(b))
			settle_all(b);
		int r = submit_batch_read(&b->in, &job, &id, e);
		if (r == 0)
			return 0;
		if (r < 0 && (b->in.err.code || bad_line(b, id, e) < 0))
			return -1;
		if (r > 0 && one(b, job, e) < 0)
			return -1;
	}
}

int send_batch(struct send_options *o, struct err *e)
{
	struct batch b = {.base = o};
	stream_init_fd(&b.in, STDIN_FILENO, -1);
	stream_init_fd(&b.out, -1, STDOUT_FILENO);
	b.in.in_max = SUBMIT_BATCH_LINE + 1;
	int r = all(&b, e);
	settle_all(&b);
	close_route(&b);
	stream_release(&b.in);
	stream_release(&b.out);
	return r < 0 ? -1 : b.nonsense ? EX_DATAERR : 0;
}
