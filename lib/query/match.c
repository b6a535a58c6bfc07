#include "base/alloc.h"
#include "query/run.h"

#include <stdlib.h>

enum { REPLAY_MAX = 16 << 20 }; /* a header is never so long */

static enum query_answer answer(bool yes)
{
	return yes ? QUERY_YES : QUERY_NO;
}

/* --- the tree: what is not known yet stays open unless the rest decides --- */

enum query_answer query_eval(struct query_run *run, const struct query_node *n)
{
	if (n->kind == QUERY_TERM)
		return query_term_answer(run, n);
	if (n->kind == QUERY_NOT) {
		enum query_answer a = query_eval(run, n->first);
		return a == QUERY_UNKNOWN ? a : answer(a == QUERY_NO);
	}
	enum query_answer decides = answer(n->kind == QUERY_OR), r = answer(n->kind == QUERY_AND);
	for (const struct query_node *c = n->first; c; c = c->next) {
		enum query_answer a = query_eval(run, c);
		if (a == decides)
			return a;
		if (a == QUERY_UNKNOWN)
			r = a;
	}
	return r;
}

/* --- one message --- */

static void begin(struct query_run *run, const struct query_message *m)
{
	run->m = m;
	if (run->have_header)
		header_release(&run->header);
	run->header = (struct header)HEADER_INIT;
	run->have_header = run->have_parts = false;
	memset(run->folded_ok, 0, sizeof(run->folded_ok));
	memset(run->hit, 0, run->q->part_terms * sizeof(*run->hit));
	if (run->q->has_in) {
		buf_reset(&run->mailbox);
		query_fold(&run->mailbox, m->mailbox);
	}
}

enum query_answer query_known(struct query_run *run, const struct query_message *m)
{
	begin(run, m);
	return query_eval(run, run->q->top);
}

int query_read(
    struct query_run *run, const struct query_message *m, struct source *in, struct err *e)
{
	struct source_replay again;
	enum query_answer a = query_known(run, m);
	if (a != QUERY_UNKNOWN)
		return a == QUERY_YES;
	source_replay_init(&again, in, REPLAY_MAX);
	int r = query_read_header(run, &again.source, e);
	if (r == 0 && (a = query_eval(run, run->q->top)) == QUERY_UNKNOWN) {
		r = source_replay_rewind(&again, e) < 0 ? -1
							: query_read_parts(run, &again.source, e);
		a = query_eval(run, run->q->top);
	}
	source_replay_release(&again);
	return r < 0 ? -1 : a == QUERY_YES;
}

/* --- setting up --- */

static size_t collect_texts(const struct query_node *n, const struct query_node **out)
{
	size_t found = 0;
	if (n->kind == QUERY_TERM && (n->field == QUERY_ANY || n->field == QUERY_BODY))
		out[found++] = n;
	for (const struct query_node *c = n->first; c; c = c->next)
		found += collect_texts(c, out + found);
	return found;
}

struct query_run *query_run_new(const struct query *q)
{
	struct query_run *run = mem_new(1, sizeof(*run));
	run->q = q;
	run->hit = mem_new(q->part_terms + 1, sizeof(*run->hit));
	run->texts = mem_new(q->part_terms + 1, sizeof(*run->texts));
	collect_texts(q->top, run->texts);
	text_search_init(&run->search, run->texts, q->longest, run->hit);
	for (int i = 0; i < TEXT_COUNT; i++)
		buf_init(&run->folded[i], 4 * FIELD_TEXT_MAX);
	buf_init(&run->mailbox, 64 * 1024);
	return run;
}

void query_run_free(struct query_run *run)
{
	if (!run)
		return;
	if (run->have_header)
		header_release(&run->header);
	for (int i = 0; i < TEXT_COUNT; i++)
		buf_release(&run->folded[i]);
	text_search_release(&run->search);
	buf_release(&run->mailbox);
	free(run->hit);
	free(run->texts);
	free(run);
}
