#include "route/helper.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "io/child.h"
#include "io/stream.h"

#include <stdio.h>
#include <stdlib.h>

enum {
	LINE_MAX_BYTES = 1 << 20, /* a policy of 64 KiB, however it is escaped */
	WAITING_MAX = 64 << 20,
	LINE_MS = 5000,  /* for the rest of a line that has begun */
	GRACE_MS = 1000, /* the helper keeps its own time */
};

struct request {
	struct request *next;
	json_int_t n;
	int64_t until_ms;
	void *owner;
};
struct helper {
	const struct route_web *o;
	struct child child;
	struct stream stream;
	bool running;
	json_int_t asked;
	struct request *requests;
	struct err problem; /* of those that are left when it has failed */
};

struct helper *helper_new(const struct route_web *o)
{
	struct helper *h = mem_new(1, sizeof(*h));
	h->o = o;
	return h;
}

/* Who has nothing more to answer ends by himself when his input does. */
static void stop(struct helper *h)
{
	int status;
	if (!h->running)
		return;
	h->running = false;
	stream_release(&h->stream);
	if (h->requests)
		child_kill(&h->child);
	else
		child_wait(&h->child, GRACE_MS, &status, NULL);
}

void helper_free(struct helper *h)
{
	struct request *next;
	if (!h)
		return;
	stop(h);
	for (struct request *r = h->requests; r; r = next) {
		next = r->next;
		free(r);
	}
	free(h);
}

static void fail(struct helper *h)
{
	err_prefix(&h->problem, "surat-https: ");
	stop(h);
}

static int start(struct helper *h, struct err *e)
{
	struct strv argv = {0};
	strv_add(&argv, "surat-https");
	strv_add(&argv, "policies");
	strv_take(&argv, str_printf("--https-port=%u", h->o->port));
	if (h->o->cache)
		strv_take(&argv, str_printf("--cache=%s", h->o->cache));
	if (h->o->ca_file)
		strv_take(&argv, str_printf("--ca-file=%s", h->o->ca_file));
	for (size_t i = 0; h->o->connects && i < h->o->connects->n; i++)
		strv_take(&argv, str_printf("--connect=%s", h->o->connects->v[i]));
	int r = child_start(&h->child, argv.v, NULL, CHILD_STDIN | CHILD_STDOUT, e);
	strv_release(&argv);
	if (r < 0)
		return -1;
	stream_init_fd(&h->stream, h->child.out, h->child.in);
	h->stream.in_max = WAITING_MAX;
	h->running = true;
	return 0;
}

static char *question(
    const struct request *r, const char *domain, const char *id, const struct strv *addresses)
{
	json_t *o = json_object(), *list = json_array();
	int64_t left = r->until_ms - GRACE_MS - clock_mono_ms();
	json_object_set_new(o, "v", json_integer(1));
	json_object_set_new(o, "n", json_integer(r->n));
	json_object_set_new(o, "domain", json_string(domain));
	json_object_set_new(o, "now", json_integer(clock_real_s()));
	if (id)
		json_object_set_new(o, "id", json_string(id));
	for (size_t i = 0; i < addresses->n; i++)
		json_array_append_new(list, json_string(addresses->v[i]));
	json_object_set_new(o, "addresses", list);
	json_object_set_new(o, "timeout_ms", json_integer(left > 1 ? left : 1));
	char *text = json_dumps(o, JSON_COMPACT);
	json_decref(o);
	return text;
}

void helper_ask(struct helper *h, const char *domain, const char *id, const struct strv *addresses,
    int64_t deadline_ms, void *owner)
{
	struct request *r = mem_new(1, sizeof(*r));
	*r = (struct request){h->requests, ++h->asked, deadline_ms + GRACE_MS, owner};
	h->requests = r;
	if (h->problem.code)
		return;
	if (!h->running && start(h, &h->problem) < 0)
		return;
	char *text = question(r, domain, id, addresses);
	stream_timeout(&h->stream, LINE_MS);
	stream_puts(&h->stream, text);
	stream_puts(&h->stream, "\n");
	if (stream_flush(&h->stream, &h->problem) < 0)
		fail(h);
	free(text);
}

int helper_fd(const struct helper *h)
{
	return h && h->running && h->requests ? h->child.out : -1;
}

int64_t helper_until_ms(const struct helper *h)
{
	int64_t until = 0;
	for (const struct request *r = h ? h->requests : NULL; r; r = r->next)
		if (!until || r->until_ms < until)
			until = r->until_ms;
	return until;
}

static bool remove_request(struct helper *h, json_int_t n, void **owner)
{
	for (struct request **at = &h->requests; *at; at = &(*at)->next) {
		struct request *r = *at;
		if (r->n != n)
			continue;
		*owner = r->owner;
		*at = r->next;
		free(r);
		return true;
	}
	return false;
}

/* 1: a line. */
static int read_line(struct helper *h, json_t **out, struct err *e)
{
	struct span line;
	int r = stream_ready(&h->stream, e);
	if (r <= 0)
		return r;
	stream_timeout(&h->stream, LINE_MS);
	r = stream_line(&h->stream, &line, LINE_MAX_BYTES, e);
	if (r <= 0)
		return r < 0 ? -1 : err_set(e, EX_TEMPFAIL, _("it ended without an answer"));
	*out = json_loadb(line.ptr, line.len, JSON_REJECT_DUPLICATES, NULL);
	return json_is_object(*out) ? 1 : err_set(e, EX_PROTOCOL, _("an answer that is none"));
}

/* Everything that is still asked gets the same reason. */
static bool take_failure(struct helper *h, void **owner, json_t **answer, struct err *e)
{
	if (!h->requests) {
		err_clear(&h->problem); /* the next question may have better luck */
		return false;
	}
	remove_request(h, h->requests->n, owner);
	*answer = NULL;
	err_copy(e, &h->problem);
	return true;
}

bool helper_take(struct helper *h, void **owner, json_t **answer, struct err *e)
{
	if (!h)
		return false;
	while (h->running && h->requests) {
		json_t *o = NULL;
		int r = read_line(h, &o, &h->problem);
		int64_t until = helper_until_ms(h);
		if (r == 0 && clock_mono_ms() >= until)
			r = err_set(&h->problem, EX_TEMPFAIL, _("no answer in time"));
		if (r < 0) {
			json_decref(o);
			fail(h);
			break;
		}
		if (r == 0)
			return false;
		if (remove_request(h, json_integer_value(json_object_get(o, "n")), owner)) {
			*answer = o;
			return true;
		}
		json_decref(o);
	}
	return h->problem.code && take_failure(h, owner, answer, e);
}
