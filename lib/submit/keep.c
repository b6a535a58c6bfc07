#include "submit/keep.h"

#include "base/alloc.h"
#include "base/intl.h"

#include <stdlib.h>

static bool is_kept(const struct submit_keep *k, size_t i)
{
	return !k->results || k->results[i].answer.status == k->status;
}

/* "mx1.example.net: 451 4.7.1 greylisted", as mail-queue list shows it. */
static void last_answer(const struct submit_result *r, struct buf *out)
{
	if (r->via)
		buf_addf(out, "%s: ", r->via->host);
	if (r->answer.code)
		buf_addf(out, "%d ", r->answer.code);
	if (r->answer.enhanced[0])
		buf_addf(out, "%s ", r->answer.enhanced);
	buf_adds(out, r->answer.text);
}

static int store(
    const struct submit_keep *k, const struct queue_envelope *env, char *id, struct err *e)
{
	struct queue q;
	struct submit_source in;
	char *path = NULL;
	if (!k->spool && account_state_path("queue", &path, e) < 0)
		return -1;
	int r = queue_open(&q, k->spool ? k->spool : path, QUEUE_CREATE, e);
	free(path);
	if (r < 0)
		return -1;
	submit_source_init(&in, k->message);
	r = queue_add(&q, env, &in.source, id, e);
	queue_close(&q);
	return r;
}

int submit_keep(const struct submit_keep *k, char id[QUEUE_ID_SIZE], struct err *e)
{
	struct queue_envelope env = *k->env; /* strings are borrowed */
	struct buf answer = BUF_INIT(4096);
	size_t n = 0;
	env.recipients = mem_new(env.recipient_count, sizeof(*env.recipients));
	for (size_t i = 0; i < k->env->recipient_count; i++) {
		if (!is_kept(k, i))
			continue;
		if (n == 0 && k->results)
			last_answer(&k->results[i], &answer);
		env.recipients[n++] = k->env->recipients[i];
	}
	env.recipient_count = n;
	env.held = k->held;
	env.last_answer = answer.len ? buf_cstr(&answer) : NULL;
	int r = n ? store(k, &env, id, e) : 0;
	free(env.recipients);
	buf_release(&answer);
	return r < 0 ? err_prefix(e, _("the spool: ")) : (int)n;
}
