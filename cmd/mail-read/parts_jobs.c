/*
 * A ring of jobs: those from `first` to `next` are wanted, of which the threads have taken those before `taken`. The caller fills and empties it and is the
 * only one that writes; a thread owns the job it has taken until it says that it is done.
 */
#include "parts_jobs.h"

#include "base/alloc.h"
#include "base/intl.h"
#include "full.h"

#include <pthread.h>
#include <stdlib.h>

/* Jobs in the ring for each thread: one large message does not stop the others. Fewer where each may keep its text. */
static size_t jobs_ahead(int what)
{
	return what & PARTS_CHECK ? 64 : what & PARTS_TEXT ? 4 : 16;
}

struct ring {
	struct read *r;
	int what;
	parts_job_done *done;
	void *ctx;
	struct parts_job *v;
	bool *is_done;
	size_t cap;
	uint64_t first, taken, next; /* never wrap: modulo cap */
	bool over;
	uint64_t awaited; /* the caller sleeps until this one is done; UINT64_MAX: it does not */
	size_t idle;      /* threads that sleep */
	pthread_mutex_t mutex;
	pthread_cond_t work, result;
	pthread_t threads[PARTS_JOBS_MAX];
	size_t started;
};

/* --- a thread --- */

static void do_job(struct parts_job *job, int what)
{
	struct store_message m;
	job->code = store_message_open(&m, span_of(job->name), &job->why);
	job->opened = job->code == 0;
	if (!job->opened)
		return;
	job->code = parts_read(&job->parts, m.source, what, &job->why);
	if (what & PARTS_CHECK) { /* nothing is wanted of it but that */
		parts_release(&job->parts);
		job->parts = (struct parts){0};
	}
	store_message_free(&m);
}

static void *worker(void *arg)
{
	struct ring *ring = arg;
	pthread_mutex_lock(&ring->mutex);
	for (;;) {
		ring->idle++;
		while (ring->taken == ring->next && !ring->over)
			pthread_cond_wait(&ring->work, &ring->mutex);
		ring->idle--;
		if (ring->taken == ring->next)
			break;
		uint64_t n = ring->taken++;
		size_t i = (size_t)(n % ring->cap);
		pthread_mutex_unlock(&ring->mutex);
		do_job(&ring->v[i], ring->what);
		pthread_mutex_lock(&ring->mutex);
		ring->is_done[i] = true;
		if (n == ring->awaited)
			pthread_cond_signal(&ring->result);
	}
	pthread_mutex_unlock(&ring->mutex);
	return NULL;
}

/* --- the caller --- */

static void release(struct parts_job *job)
{
	if (job->opened && job->parts.parser.state)
		parts_release(&job->parts);
	free(job->name);
	*job = (struct parts_job){0};
}

/* A fault of one message among several is said, and they go on. */
static int settle(struct ring *ring, struct parts_job *job, struct err *e)
{
	struct err why = ERR_INIT;
	int code = ring->done(ring->ctx, job, &why);
	if (code == -1 && job->opened)
		err_prefix(&why, "%s: ", job->name);
	if (code >= 0)
		return code;
	if (!ring->r->several || code == OUT_FAILED || check_stop(NULL) < 0) {
		err_copy(e, &why);
		return code;
	}
	note_failure(ring->r, &why);
	return 0;
}

static void wait_for(struct ring *ring, uint64_t n)
{
	pthread_mutex_lock(&ring->mutex);
	ring->awaited = n;
	while (!ring->is_done[n % ring->cap])
		pthread_cond_wait(&ring->result, &ring->mutex);
	ring->awaited = UINT64_MAX;
	pthread_mutex_unlock(&ring->mutex);
}

/* The oldest n, when they are done. The last of them is waited for first: then most are, and the caller wakes once. */
static int take(struct ring *ring, uint64_t n, struct err *e)
{
	int code = 0;
	wait_for(ring, ring->first + n - 1);
	for (; code == 0 && n; n--) {
		size_t i = (size_t)(ring->first % ring->cap);
		wait_for(ring, ring->first);
		code = settle(ring, &ring->v[i], e);
		release(&ring->v[i]);
		ring->is_done[i] = false; /* nobody looks at it until it is wanted again */
		ring->first++;
	}
	return code;
}

static int add(struct ring *ring, const char *name, struct err *e)
{
	if (ring->next - ring->first == ring->cap) {
		int code = take(ring, ring->cap / 2, e);
		if (code != 0)
			return code;
	}
	struct parts_job *job = &ring->v[ring->next % ring->cap];
	*job = (struct parts_job){.name = str_dup(name), .why = ERR_INIT};
	pthread_mutex_lock(&ring->mutex);
	ring->next++;
	bool wake = ring->idle > 0;
	pthread_mutex_unlock(&ring->mutex);
	if (wake)
		pthread_cond_signal(&ring->work);
	return 0;
}

static int visit(void *ctx, const char *name, enum name_kind kind, struct err *e)
{
	struct ring *ring = ctx;
	if (check_stop(e) < 0)
		return -1;
	switch (kind) {
	case NAME_MESSAGE: return add(ring, name, e);
	case NAME_MAILBOX: ring->r->several = true; return full_each(ring->r, name, visit, ring, e);
	case NAME_STDIN: break;
	}
	return err_set(e, EX_USAGE, _("--jobs is for stored messages, not for standard input"));
}

static int start(struct ring *ring, size_t jobs, struct err *e)
{
	ring->cap = jobs * jobs_ahead(ring->what);
	ring->awaited = UINT64_MAX;
	ring->v = mem_new(ring->cap, sizeof(*ring->v));
	ring->is_done = mem_new(ring->cap, sizeof(*ring->is_done));
	pthread_mutex_init(&ring->mutex, NULL);
	pthread_cond_init(&ring->work, NULL);
	pthread_cond_init(&ring->result, NULL);
	while (ring->started < jobs &&
	       pthread_create(&ring->threads[ring->started], NULL, worker, ring) == 0)
		ring->started++;
	/* fewer than were asked for do the same work */
	return ring->started ? 0 : err_set(e, EX_OSERR, _("no thread can be started"));
}

static void stop(struct ring *ring)
{
	pthread_mutex_lock(&ring->mutex);
	ring->over = true;
	ring->next = ring->taken; /* what nobody has taken is not wanted any more */
	pthread_cond_broadcast(&ring->work);
	pthread_mutex_unlock(&ring->mutex);
	for (size_t i = 0; i < ring->started; i++)
		pthread_join(ring->threads[i], NULL);
	for (size_t i = 0; i < ring->cap; i++)
		release(&ring->v[i]);
	pthread_mutex_destroy(&ring->mutex);
	pthread_cond_destroy(&ring->work);
	pthread_cond_destroy(&ring->result);
	free(ring->v);
	free(ring->is_done);
}

int parts_jobs_each(struct read *r, const struct strv *operands, int what, parts_job_done *done,
    void *ctx, struct err *e)
{
	struct ring ring = {.r = r, .what = what, .done = done, .ctx = ctx};
	int code = start(&ring, (size_t)r->o->jobs, e);
	if (code == 0)
		code = names_each(r, operands, visit, &ring, e);
	while (code == 0 && ring.first < ring.next)
		code = take(&ring, ring.next - ring.first, e);
	stop(&ring);
	return code < 0 ? code : 0;
}
