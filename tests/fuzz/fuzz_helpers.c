/* What goes between mail-mx and its helpers. The first octet tells what the rest is: 'q' a question to surat-probe, 'w' one to surat-https (a line, and
 * behind it what the web server would give), 'a' surat-https's answer, 'p' what surat-probe saw. The web and the cache are played here. */
#include "../../cmd/mail-mx/mx.h"
#include "../../cmd/surat-https/answer.h"
#include "../../cmd/surat-probe/probe.h"
#include "base/alloc.h"
#include "route/job.h"

#include "../unit/script.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* --- what surat-https leans on --- */

static struct span body;

void fetch_start(struct fetch_all *all, struct fetch *f)
{
	struct answerer *a = (struct answerer *)(void *)all;
	buf_add(&f->body, body);
	answer_fetched(a, f);
}

void fetch_release(struct fetch *f)
{
	free(f->host);
	free(f->path);
	strv_release(&f->addresses);
	buf_release(&f->body);
}

const char *cache_problem(struct cache *c)
{
	(void)c;
	return NULL;
}

bool cache_find(struct cache *c, const char *domain, int64_t now_s, struct cached *out)
{
	(void)c;
	if (domain[0] != 'c')
		return false;
	*out = (struct cached){str_dup("1"), span_dup(body), now_s, now_s};
	return true;
}

void cached_release(struct cached *p)
{
	free(p->id);
	free(p->text);
	*p = (struct cached){NULL};
}

void cache_keep(struct cache *c, const char *domain, const struct cached *p)
{
	(void)c, (void)domain;
	if (!p->text || !p->id)
		abort();
}

void cache_keep_failure(
    struct cache *c, const char *domain, const char *id, int64_t now_s, const char *why)
{
	(void)c, (void)domain, (void)id, (void)now_s;
	if (!*why)
		abort();
}

char *cache_find_failure(struct cache *c, const char *domain, const char *id, int64_t now_s)
{
	(void)c, (void)domain, (void)id, (void)now_s;
	return NULL;
}

/* A line of JSON, and one of it back for each that is a question. */
static void policy_question(struct span text)
{
	struct script sc = {.says = "", .len = 0};
	struct stream out;
	struct span line;
	struct err e = ERR_INIT;
	script_open(&sc, &out);
	span_cut(&text, '\n', &line);
	body = text;
	struct answerer a = {.all = (struct fetch_all *)(void *)&a, .out = &out};
	int r = answer_line(&a, line, &e);
	stream_flush(&out, NULL);
	struct span heard = buf_span(&sc.heard);
	if ((r == 0) != (heard.len > 0) || (r < 0 && e.code != EX_DATAERR))
		abort();
	json_t *o = heard.len ? json_loadb(heard.ptr, heard.len - 1, 0, NULL) : NULL;
	if (heard.len && (!json_is_object(o) || heard.ptr[heard.len - 1] != '\n'))
		abort();
	json_decref(o);
	stream_release(&out);
	buf_release(&sc.heard);
}

static void probe_question(const json_t *o)
{
	struct target t = {.host = NULL};
	struct err e = ERR_INIT;
	if (target_read(&t, o, &e) < 0) {
		if (e.code != EX_DATAERR)
			abort();
	} else if (!t.host || (t.pin_count && !t.pins[t.pin_count - 1].data.len)) {
		abort();
	}
	target_release(&t);
}

/* --- what mail-mx leans on --- */

void mx_verdict(const struct route_host *h, struct buf *out)
{
	(void)h;
	buf_adds(out, "undeliverable");
}

const char *mx_verified_word(const struct route_host *h)
{
	(void)h;
	return "verified";
}

/* A domain with one host: what the policy makes of it can be written, and read back. */
static void policy_answer(const json_t *o)
{
	struct route_options options = {.explain = true};
	struct route_plan *p = mem_new(1, sizeof(*p)), *back;
	struct err e = ERR_INIT;
	p->domain = str_dup("a.test");
	p->hosts = mem_new(1, sizeof(*p->hosts));
	p->host_count = 1;
	p->hosts[0].name = str_dup("mx.a.test");
	struct job j = {.plan = p, .o = &options};
	sts_job_answered(&j, o, NULL);
	sts_job_apply(&j);
	json_t *plan = route_plan_json(p);
	char *line = json_dumps(plan, JSON_COMPACT);
	if (!line)
		abort();
	if (route_plan_read(&back, span_of(line), 25, &e) == 0)
		route_plan_free(back);
	free(line);
	json_decref(plan);
	route_plan_free(p);
}

static void probe_answer(const json_t *o)
{
	static const enum route_tls levels[] = {
	    ROUTE_TLS_MAY, ROUTE_TLS_ENCRYPT, ROUTE_TLS_VERIFY, ROUTE_TLS_DANE};
	for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
		struct route_host h = {.name = (char *)(uintptr_t) "mx.a.test",
		    .tls = levels[i],
		    .sts = ROUTE_STS_MATCH};
		struct route_plan p = {.hosts = &h, .host_count = 1, .require_tls = i == 3};
		json_t *copy = json_deep_copy(o), *all = json_pack("[[o]]", copy);
		bool usable;
		mx_probe_judge(all, &p, &usable);
		const json_t *cells = json_object_get(copy, "cells");
		if (!json_array_size(cells) && json_is_object(copy) &&
		    !json_is_string(json_object_get(copy, "verdict")))
			abort();
		json_decref(all);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = span_make((const char *)data + 1, size ? size - 1 : 0);
	if (!size)
		return 0;
	if (data[0] == 'w') {
		policy_question(text);
		return 0;
	}
	json_t *o = json_loadb(text.ptr, text.len, JSON_REJECT_DUPLICATES, NULL);
	if (json_is_object(o) && data[0] == 'q')
		probe_question(o);
	else if (json_is_object(o) && data[0] == 'a')
		policy_answer(o);
	else if (json_is_object(o) && data[0] == 'p')
		probe_answer(o);
	json_decref(o);
	return 0;
}
