#include "submit/batch.h"

#include "base/alloc.h"
#include "base/intl.h"
#include "report/report.h"

#include <stdlib.h>

/* --- a job --- */

struct text_field {
	const char *key;
	size_t offset; /* in struct queue_envelope */
};
static const struct text_field fields[] = {
    {"envid", offsetof(struct queue_envelope, envid)},
    {"ret", offsetof(struct queue_envelope, ret)},
    {"account", offsetof(struct queue_envelope, route.account)},
    {"server", offsetof(struct queue_envelope, route.server)},
    {"mx", offsetof(struct queue_envelope, route.mx)},
    {"tls", offsetof(struct queue_envelope, route.tls)},
    {"auth", offsetof(struct queue_envelope, route.auth)},
    {"user", offsetof(struct queue_envelope, route.user)},
    {"helo", offsetof(struct queue_envelope, route.helo)},
    {"smtputf8", offsetof(struct queue_envelope, route.smtputf8)},
    {"priority", offsetof(struct queue_envelope, route.priority)},
    {"deliver_by", offsetof(struct queue_envelope, route.deliver_by)},
};

static int bad(struct err *e, const char *what)
{
	return err_set(e, EX_PROTOCOL, _("a job with a bad \"%s\""), what);
}

/* Absent: NULL stays. What is there must be a text without control characters. */
static int take_text(const json_t *o, const char *key, char **to, struct err *e)
{
	const json_t *v = json_object_get(o, key);
	const char *s = json_string_value(v);
	if (!v || json_is_null(v))
		return 0;
	if (!s)
		return bad(e, key);
	for (const char *p = s; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 127)
			return bad(e, key);
	*to = str_dup(s);
	return 0;
}

static int take_recipients(const json_t *list, struct queue_envelope *env, struct err *e)
{
	size_t n = json_array_size(list);
	if (!n)
		return bad(e, "recipients");
	env->recipients = mem_new(n, sizeof(*env->recipients));
	for (size_t i = 0; i < n; i++) {
		const json_t *o = json_array_get(list, i);
		struct queue_recipient *r = &env->recipients[env->recipient_count++];
		if (take_text(o, "address", &r->address, e) < 0 ||
		    take_text(o, "notify", &r->notify, e) < 0 ||
		    take_text(o, "orcpt", &r->orcpt, e) < 0)
			return -1;
		if (!r->address || address_envelope_check(span_of(r->address), false, e) < 0)
			return bad(e, "address");
	}
	return 0;
}

static int take_route(const json_t *o, struct queue_route *r, struct err *e)
{
	const json_t *options = json_object_get(o, "options");
	r->require_tls = json_is_true(json_object_get(o, "require_tls"));
	r->use_mx = r->mx != NULL;
	if (r->mx && !*r->mx) {
		free(r->mx);
		r->mx = NULL;
	}
	if (options && !json_is_object(options))
		return bad(e, "options");
	r->options = options ? json_dumps(options, JSON_COMPACT) : NULL;
	return 0;
}

static int take_numbers(const json_t *o, struct submit_batch_job *job, struct err *e)
{
	json_int_t offset = json_integer_value(json_object_get(o, "offset"));
	json_int_t size = json_integer_value(json_object_get(o, "size"));
	if (offset < 0 || size <= 0 || offset > INT64_MAX - size)
		return bad(e, "size");
	job->offset = offset;
	job->size = (uint64_t)size;
	return 0;
}

static int take_job(const json_t *o, struct submit_batch_job *job, struct err *e)
{
	if (json_integer_value(json_object_get(o, "v")) != 1)
		return err_set(e, EX_PROTOCOL, _("a job of a version that is not known"));
	if (take_text(o, "id", &job->id, e) < 0 || take_text(o, "path", &job->path, e) < 0 ||
	    take_text(o, "sender", &job->env.sender, e) < 0 || take_numbers(o, job, e) < 0)
		return -1;
	if (!job->id || !job->path || !job->env.sender)
		return err_set(e, EX_PROTOCOL, _("a job without \"id\", \"path\" or \"sender\""));
	if (address_envelope_check(span_of(job->env.sender), true, e) < 0)
		return bad(e, "sender");
	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		char **to = (char **)(void *)((char *)&job->env + fields[i].offset);
		if (take_text(o, fields[i].key, to, e) < 0)
			return -1;
	}
	if (take_route(o, &job->env.route, e) < 0)
		return -1;
	return take_recipients(json_object_get(o, "recipients"), &job->env, e);
}

void submit_batch_job_release(struct submit_batch_job *job)
{
	free(job->id);
	free(job->path);
	queue_envelope_release(&job->env);
	*job = (struct submit_batch_job){.id = NULL};
}

int submit_batch_read(struct stream *in, struct submit_batch_job *out, char **id, struct err *e)
{
	struct span line;
	struct submit_batch_job job = {.id = NULL};
	*id = NULL;
	stream_timeout(in, 0);
	int r = stream_line(in, &line, SUBMIT_BATCH_LINE, e);
	if (r <= 0)
		return r;
	json_t *o = json_loadb(line.ptr, line.len, JSON_REJECT_DUPLICATES, NULL);
	r = json_is_object(o) ? take_job(o, &job, e)
			      : err_set(e, EX_PROTOCOL, _("a line that is no job"));
	json_decref(o);
	if (r < 0) {
		*id = job.id;
		job.id = NULL;
		submit_batch_job_release(&job);
		return -1;
	}
	*out = job;
	return 1;
}

/* --- answers --- */

static void put(json_t *o, const char *key, const char *s)
{
	if (s && *s)
		json_object_set_new(o, key, report_json_text(span_of(s)));
}

static int write_line(struct stream *out, json_t *o, struct err *e)
{
	char *text = json_dumps(o, JSON_COMPACT);
	json_decref(o);
	stream_puts(out, text ? text : "{}");
	stream_puts(out, "\n");
	free(text);
	return stream_flush(out, e);
}

static int status(struct stream *out, const char *id, const char *word, struct err *e)
{
	json_t *o = json_object();
	put(o, "id", id);
	put(o, "status", word);
	return write_line(out, o, e);
}

int submit_batch_sending(struct stream *out, const char *id, struct err *e)
{
	return status(out, id, "sending", e);
}

int submit_batch_done(struct stream *out, const char *id, struct err *e)
{
	return status(out, id, "done", e);
}

int submit_batch_settled(struct stream *out, const char *id, const char *address,
    const struct submit_result *r, struct err *e)
{
	const struct smtp_answer *a = &r->answer;
	json_t *o = json_object();
	put(o, "id", id);
	put(o, "address", address);
	put(o, "status", smtp_status_name(a->status));
	if (a->code)
		json_object_set_new(o, "code", json_integer(a->code));
	put(o, "enhanced", a->enhanced);
	put(o, "text", a->text);
	if (r->via)
		put(o, "host", r->via->host);
	put(o, "queue_id", r->queue_id);
	if (r->via && r->via->dsn && a->status == SMTP_SENT)
		json_object_set_new(o, "dsn", json_true());
	return write_line(out, o, e);
}
