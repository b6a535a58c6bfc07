/* Accepts messages: what mail-send would send, kept instead. */
#include "base/alloc.h"
#include "base/intl.h"
#include "io/file.h"
#include "io/sys.h"
#include "mail_queue.h"
#include "queue/claim.h"
#include "queue/scan.h"
#include "store/store.h"
#include "submit/message.h"
#include "submit/server.h"

#include <stdio.h>
#include <unistd.h>

struct adding {
	struct options *o;
	struct queue q;
	struct queue_envelope env; /* without recipients */
	struct submit_recipients to;
	struct queue_group *group;          /* of a stream */
	size_t recipients[QUEUE_GROUP_MAX]; /* of each of the group, for who asks */
};

static int print_id(const struct options *o, const char *id, size_t recipients, struct err *e)
{
	static const struct report_column columns[] = {{"id", NULL, 0}, {"recipients", NULL, 0}};
	if (o->common.json) {
		struct report *r =
		    report_new(columns, ARRAY_LEN(columns), REPORT_JSON, o->common.color);
		report_text(r, 0, span_of(id));
		report_number(r, 1, (int64_t)recipients);
		int got = report_row(r, e);
		return report_close(r, got < 0 ? NULL : e) < 0 || got < 0 ? -1 : 0;
	}
	/* flushed for each: whoever reads it may rely on it */
	char text[QUEUE_ID_SIZE + 1];
	int n = snprintf(text, sizeof(text), "%s\n", id);
	return fd_write_all(STDOUT_FILENO, span_make(text, (size_t)n), e) < 0
		   ? err_prefix(e, "%s: ", _("standard output"))
		   : 0;
}

/* Whoever was not told the ID keeps the message, and would send it twice. */
static void take_back(struct adding *a, const char *id)
{
	struct queue_name n;
	if (queue_find(&a->q, id, &n, NULL) > 0 && n.claim == QUEUE_FREE &&
	    queue_remove(&a->q, &n, false, NULL) == 0)
		queue_sync(&a->q, NULL);
}

static int set_recipients(
    struct adding *a, struct submit_message *m, struct queue_envelope *env, struct err *e)
{
	struct submit_recipients own = {0}, *to = &a->to;
	int r = 0;
	if (a->o->submit.read_recipients) {
		r = submit_recipients_header(&own, &m->header, e);
		to = &own;
		if (r == 0 && !own.list.n)
			r = err_set(e, EX_DATAERR, _("no recipient in To, Cc or Bcc"));
	}
	for (size_t i = 0; r == 0 && i < to->list.n; i++)
		submit_envelope_add(&a->o->submit, env, to->list.v[i]);
	submit_recipients_release(&own);
	return r;
}

static void free_recipients(struct queue_envelope *env)
{
	struct queue_envelope only = {
	    .recipients = env->recipients, .recipient_count = env->recipient_count};
	queue_envelope_release(&only);
}

static int add_message(struct adding *a, struct submit_message *m, struct err *e)
{
	struct queue_envelope env = a->env;
	struct submit_source from;
	char id[QUEUE_ID_SIZE];
	int r = submit_message_ready(m, e);
	if (r == 0)
		r = set_recipients(a, m, &env, e);
	if (r == 0) {
		submit_source_init(&from, m);
		r = a->group ? queue_group_add(a->group, &env, &from.source, e)
			     : queue_add(&a->q, &env, &from.source, id, e);
	}
	if (r == 0 && a->group)
		a->recipients[queue_group_count(a->group) - 1] = env.recipient_count;
	else if (r == 0 && (r = print_id(a->o, id, env.recipient_count, e)) < 0)
		take_back(a, id);
	free_recipients(&env);
	return r;
}

static int add_one(struct adding *a, struct err *e)
{
	struct submit_message m;
	if (submit_message_fd(&m, STDIN_FILENO, e) < 0)
		return -1;
	int r = add_message(a, &m, e);
	submit_message_release(&m);
	return r;
}

/* --- a stream of messages --- */

static int accept_group(struct adding *a, struct err *e)
{
	size_t n = queue_group_count(a->group);
	if (queue_group_accept(a->group, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (print_id(a->o, queue_group_id(a->group, i), a->recipients[i], e) < 0) {
			queue_group_take_back(a->group, i);
			return -1;
		}
	queue_group_clear(a->group);
	return 0;
}

/* Standard input; before it has to be waited for, what came already is accepted: who writes slowly does not wait for company. */
struct patient {
	struct source source;
	struct source_fd in;
	struct adding *adding;
	bool failed; /* it was the accepting that did */
};

static ssize_t read_patiently(struct source *s, char *p, size_t n, struct err *e)
{
	struct patient *from = (struct patient *)s;
	struct pollfd ready = {.fd = from->in.fd, .events = POLLIN};
	if (queue_group_count(from->adding->group) && sys_poll(&ready, 1, 0) == 0 &&
	    accept_group(from->adding, e) < 0) {
		from->failed = true;
		return -1;
	}
	return from->in.source.read(&from->in.source, p, n, e);
}

/* One that is refused is told, with its number, and the others go on; only the stream itself or the spool can stop it. */
static int add_each(struct adding *a, struct mbox_reader *mbox, struct patient *in, struct err *e)
{
	struct source *each;
	int got, code = 0;
	for (size_t number = 1; (got = mbox_reader_next(mbox, &each, e)) > 0; number++) {
		struct submit_message m;
		struct err why = ERR_INIT;
		int r = submit_message_source(&m, each, &why);
		if (r == 0) {
			r = add_message(a, &m, &why);
			submit_message_release(&m);
		}
		if (r == 0 && queue_group_is_full(a->group))
			r = accept_group(a, &why);
		if (r == 0)
			continue;
		if (!in->failed)
			err_prefix(&why, _("message %zu: "), number);
		if (why.code != EX_DATAERR)
			return err_copy(e, &why);
		code = cli_fail(a->o->program, &why);
	}
	return got < 0 ? -1 : code;
}

static int add_mbox(struct adding *a, struct err *e)
{
	struct patient in = {.source = {read_patiently}, .adding = a};
	struct err why = ERR_INIT;
	source_fd_init(&in.in, STDIN_FILENO);
	struct mbox_reader *mbox = mbox_reader_new(&in.source);
	a->group = queue_group_new(&a->q);
	int code = add_each(a, mbox, &in, e);
	/* what came before something failed was whole */
	if (!in.failed && accept_group(a, code < 0 ? &why : e) < 0)
		code = -1;
	queue_group_free(a->group);
	mbox_reader_free(mbox);
	return code;
}

static int check_recipients(struct adding *a, const struct strv *recipients, struct err *e)
{
	bool both = recipients->n && a->o->submit.read_recipients;
	if (both || (!recipients->n && !a->o->submit.read_recipients))
		return err_set(e, EX_USAGE,
		    both ? _("recipients, or -t, not both")
			 : _("no recipient: name them, or give -t"));
	for (size_t i = 0; i < recipients->n; i++)
		if (submit_recipients_add(&a->to, span_of(recipients->v[i]), e) < 0)
			return -1;
	return 0;
}

static int settle(struct adding *a, struct err *e)
{
	struct options *o = a->o;
	const struct submit_context context = {&o->submit, &o->account, o->program, &o->common, o};
	bool guessed;
	if (submit_envelope(&o->submit, &o->account, &a->env, e) < 0)
		return -1;
	if (submit_settle(&context, &a->env.route, &guessed, e) < 0)
		return -1;
	if (a->env.route
		.server) { /* now, while somebody is there to be told, and not at every attempt */
		struct submit_server server;
		if (submit_server_parse(&server, a->env.route.server, e) < 0)
			return -1;
		submit_server_release(&server);
	}
	if (guessed)
		cli_warn(o->program, &o->common, _("no server was named: %s listens, it gets it"),
		    a->env.route.server);
	return 0;
}

int add(struct options *o, const struct strv *recipients, struct err *e)
{
	struct adding a = {.o = o, .q = {.dirfd = -1}};
	int r = check_recipients(&a, recipients, e);
	if (r == 0)
		r = settle(&a, e);
	if (r == 0)
		r = open_spool(o, QUEUE_CREATE, &a.q, e);
	if (r == 0)
		r = o->mbox ? add_mbox(&a, e) : add_one(&a, e);
	queue_close(&a.q);
	queue_envelope_release(&a.env);
	submit_recipients_release(&a.to);
	return r;
}
