/* pop3.c - what is new in a POP3 maildrop. */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "fetch/take.h"
#include "mime/date.h"

#include <stdio.h>
#include <stdlib.h>

enum { AHEAD = 8 /* RETRs on their way when the server can pipeline */, HEAD = 64 << 10 };

struct walk {
	struct fetch_session *session;
	struct take *take;
	struct pop3_listing list;
	size_t *fresh, fresh_n; /* indexes into list */
	uint32_t *gone;         /* numbers */
	size_t gone_n;
};

/* --- a header, looked at without the message --- */

struct look {
	struct sink sink;
	struct digest digest;
	struct buf head; /* its beginning */
};

static int look_put(struct sink *s, struct span bytes, struct err *e)
{
	struct look *l = (struct look *)s;
	(void)e;
	digest_add(&l->digest, bytes);
	buf_add(&l->head, span_take(bytes, l->head.max - l->head.len));
	return 0;
}

/* 0; 1 the server refused; -1. The digest is to be ended or released by the caller. */
static int look_at(struct walk *w, uint32_t number, struct look *l, struct err *e)
{
	*l = (struct look){.sink = {look_put, NULL}, .head = BUF_INIT(HEAD)};
	digest_init(&l->digest, DIGEST_SHA256);
	int r = pop3_client_top(&w->session->pop3, number, &l->sink, e);
	if (r > 0)
		err_clear(e);
	return r < 0 ? -1 : r > 0;
}

static void look_release(struct look *l)
{
	digest_release(&l->digest);
	buf_release(&l->head);
}

/* --- names --- */

/* Without UIDL a message is known by its header and size; where there is no TOP either, uidl stays NULL. */
static int name_by_header(struct walk *w, struct pop3_entry *entry, struct err *e)
{
	struct look l;
	unsigned char sum[DIGEST_MAX];
	struct buf b = BUF_INIT(200);
	int r = look_at(w, entry->number, &l, e);
	if (r == 0) {
		size_t n = digest_final(&l.digest, sum);
		buf_adds(&b, "top:");
		digest_hex(&b, sum, n);
		buf_addf(&b, ":%llu", (unsigned long long)entry->size);
		entry->uidl = buf_detach(&b);
	}
	look_release(&l);
	return r < 0 ? -1 : 0;
}

static int by_name(const void *a, const void *b)
{
	const struct pop3_entry *x = *(const struct pop3_entry *const *)a,
				*y = *(const struct pop3_entry *const *)b;
	int order = strcmp(x->uidl, y->uidl);
	return order ? order : x->number < y->number ? -1 : x->number > y->number;
}

/* There are servers that give two messages one unique id: the second is told apart by its place, with a blank, which no id has. */
static void tell_apart(struct pop3_listing *l)
{
	struct pop3_entry **v = mem_new(l->n + 1, sizeof(struct pop3_entry *));
	size_t n = 0;
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].uidl)
			v[n++] = &l->v[i];
	if (n)
		qsort(v, n, sizeof(struct pop3_entry *), by_name);
	for (size_t i = 0, same; i < n; i += same) {
		for (same = 1; i + same < n && strcmp(v[i]->uidl, v[i + same]->uidl) == 0; same++)
			;
		for (size_t k = 1; k < same; k++) {
			char *name = str_printf("%s #%zu", v[i + k]->uidl, k + 1);
			free(v[i + k]->uidl);
			v[i + k]->uidl = name;
		}
	}
	free(v);
}

static int give_names(struct walk *w, struct err *e)
{
	for (size_t i = 0; i < w->list.n; i++) {
		struct pop3_entry *entry = &w->list.v[i];
		if (!entry->uidl && w->session->pop3.top && name_by_header(w, entry, e) < 0)
			return -1;
	}
	tell_apart(&w->list);
	return 0;
}

/* --- which --- */

static int sort_out(struct walk *w, struct err *e)
{
	for (size_t i = 0; i < w->list.n; i++) {
		struct pop3_entry *entry = &w->list.v[i];
		enum record_status status = RECORD_NONE;
		int64_t done_s = 0;
		if (entry->uidl &&
		    records_find(w->take->records, entry->uidl, &status, &done_s, NULL, e) < 0)
			return -1;
		if (status != RECORD_DONE)
			w->fresh[w->fresh_n++] = i;
		else if (take_is_due(w->take, done_s))
			w->gone[w->gone_n++] = entry->number;
	}
	return 0;
}

/* When it came: the first Received field, which is our server's; else its Date. 0: it does not say. */
static int64_t came_at(struct span header)
{
	struct buf field = BUF_INIT(HEAD);
	struct date d = {0};
	struct span line, next;
	bool found = false;
	while (!found && span_line(&header, &line) && line.len) {
		buf_reset(&field);
		buf_add(&field, line);
		for (next = header; span_line(&next, &line) && line.len && is_wsp(line.ptr[0]);
		     header = next)
			buf_add(&field, line);
		struct span all = buf_span(&field);
		const char *semicolon = all.len ? memrchr(all.ptr, ';', all.len) : NULL;
		if (span_starts_nocase(all, "Received:") && semicolon)
			found = date_parse(
			    span_trim(span_skip(all, (size_t)(semicolon - all.ptr) + 1)), &d);
		else if (span_starts_nocase(all, "Date:"))
			found = date_parse(span_trim(span_skip(all, 5)), &d);
	}
	buf_release(&field);
	return found ? d.s : 0;
}

/* A message that does not say when it came is taken. */
static int only_since(struct walk *w, struct err *e)
{
	size_t kept = 0;
	if (!w->take->job->since_s)
		return 0;
	if (w->fresh_n && !w->session->pop3.top)
		return err_set(
		    e, EX_UNAVAILABLE, _("the server cannot tell when a message came (no TOP)"));
	for (size_t i = 0; i < w->fresh_n; i++) {
		struct look l;
		int r = look_at(w, w->list.v[w->fresh[i]].number, &l, e);
		int64_t when = r == 0 ? came_at(buf_span(&l.head)) : 0;
		look_release(&l);
		if (r < 0)
			return -1;
		if (!when || when >= w->take->job->since_s)
			w->fresh[kept++] = w->fresh[i];
	}
	w->fresh_n = kept;
	return 0;
}

/* --- fetching --- */

static void failed(struct walk *w, const struct pop3_entry *entry, struct err *e)
{
	char which[40];
	snprintf(which, sizeof(which), _("message %u"), entry->number);
	take_failed(w->take, which, e);
}

static int take_one(struct walk *w, const struct pop3_entry *entry, struct err *e)
{
	struct sink *to = take_begin(w->take, e);
	if (!to)
		return -1;
	int r = pop3_client_retr(&w->session->pop3, to, e);
	if (r == 0) {
		struct take_meta meta = {.uid = entry->uidl, .size = entry->size};
		r = take_message(w->take, &meta, e);
		if (r == 0 && take_is_due(w->take, clock_real_s()))
			w->gone[w->gone_n++] = entry->number;
	} else if (r == 1) { /* our own disk, not this message */
		return -1;
	}
	if (r < 0)
		return -1;
	if (r > 0)
		failed(w, entry, e);
	return fetch_may_go_on(w->take->job, e);
}

static int take_all(struct walk *w, struct err *e)
{
	size_t ahead = w->session->pop3.pipelining ? AHEAD : 1, sent = 0;
	for (size_t i = 0; i < w->fresh_n; i++) {
		for (; sent < w->fresh_n && sent < i + ahead; sent++)
			pop3_client_retr_send(&w->session->pop3, w->list.v[w->fresh[sent]].number);
		if (take_one(w, &w->list.v[w->fresh[i]], e) < 0)
			return -1;
	}
	return 0;
}

static int delete_fetched(struct walk *w, struct err *e)
{
	for (size_t i = 0; i < w->gone_n; i++)
		if (pop3_client_dele(&w->session->pop3, w->gone[i], e) < 0)
			return -1;
	w->take->result->deleted += w->gone_n;
	return 0;
}

static int run(struct walk *w, struct err *e)
{
	const struct fetch_job *job = w->take->job;
	if (pop3_client_listing(&w->session->pop3, &w->list, e) < 0)
		return -1;
	w->fresh = mem_new(w->list.n + 1, sizeof(*w->fresh));
	w->gone = mem_new(w->list.n + 1, sizeof(*w->gone));
	if (give_names(w, e) < 0 || sort_out(w, e) < 0 || only_since(w, e) < 0)
		return -1;
	w->take->result->there = w->list.n;
	w->take->result->fresh = w->fresh_n;
	if (job->look_only)
		return 0;
	bool whole = !job->since_s && !(job->limit && w->fresh_n > (size_t)job->limit);
	if (job->limit && w->fresh_n > (size_t)job->limit)
		w->fresh_n = (size_t)job->limit;
	if (take_all(w, e) < 0)
		return -1;
	if (job->out)
		return 0;
	if (take_settle(w->take, e) < 0 ||
	    (whole ? records_finish : records_flush)(w->take->records, e) < 0)
		return -1;
	return delete_fetched(w, e);
}

int fetch_get_pop3(struct fetch_session *s, struct take *t, struct err *e)
{
	struct walk w = {.session = s, .take = t};
	int r = run(&w, e);
	free(w.fresh);
	free(w.gone);
	pop3_listing_release(&w.list);
	return r;
}
