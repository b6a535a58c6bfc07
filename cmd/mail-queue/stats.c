/* Domains by age: where mail piles up, and since when. */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "mail_queue.h"
#include "queue/scan.h"

#include <errno.h>
#include <stdlib.h>

enum { AGES = 7, BAR = 24 };
static const int64_t limits[AGES - 1] = {
    600, 3600, 4 * 3600, 24 * 3600, 3 * 24 * 3600, 5 * 24 * 3600};

static const struct report_column columns[] = {
    {"domain", N_("DOMAIN"), REPORT_BOLD},
    {"recipients", N_("ALL"), REPORT_RIGHT},
    {"under_10m", "10m", REPORT_RIGHT},
    {"under_1h", "1h", REPORT_RIGHT},
    {"under_4h", "4h", REPORT_RIGHT},
    {"under_1d", "1d", REPORT_RIGHT},
    {"under_3d", "3d", REPORT_RIGHT},
    {"under_5d", "5d", REPORT_RIGHT},
    {"over_5d", N_("OLDER"), REPORT_RIGHT},
    {"held", N_("HELD"), REPORT_RIGHT},
    {"bar", "", REPORT_TEXT_ONLY},
};

struct domain {
	char *name;
	int64_t all, held, ages[AGES];
	struct domain *chain;
};
struct domains {
	struct domain *table[1024];
	struct domain **v;
	size_t n, cap;
};

static struct domain *find(struct domains *all, const char *name)
{
	uint32_t hash = 2166136261u; /* FNV-1a */
	for (const char *c = name; *c; c++)
		hash = (hash ^ (unsigned char)*c) * 16777619u;
	struct domain **at = &all->table[hash % ARRAY_LEN(all->table)];
	for (struct domain *d = *at; d; d = d->chain)
		if (strcmp(d->name, name) == 0)
			return d;
	struct domain *d = mem_new(1, sizeof(*d));
	d->name = str_dup(name);
	d->chain = *at;
	*at = d;
	if (all->n == all->cap) {
		all->cap = all->cap ? all->cap * 2 : 64;
		all->v = mem_resize(all->v, all->cap, sizeof(struct domain *));
	}
	return all->v[all->n++] = d;
}

static void count(struct domains *all, const struct queue_message *m, const char *only)
{
	int64_t age = clock_real_s() - m->arrived_s;
	size_t slot = 0;
	while (slot < AGES - 1 && age >= limits[slot])
		slot++;
	for (size_t i = 0; i < m->envelope.recipient_count; i++) {
		if (queue_status_is_final(m->progress[i].status))
			continue;
		char *name = queue_domain(m->envelope.recipients[i].address);
		if (!only || span_eq_nocase(span_of(name), span_of(only))) {
			struct domain *d = find(all, name);
			d->all++;
			d->held += m->name.held;
			d->ages[slot]++;
		}
		free(name);
	}
}

static int count_all(
    struct options *o, struct queue *q, struct domains *all, int *code, struct err *e)
{
	struct queue_scan s;
	struct queue_name n;
	int r;
	if (queue_scan_open(&s, q, e) < 0)
		return -1;
	while ((r = queue_scan_next(&s, &n, e)) > 0) {
		struct queue_message m;
		struct err why = ERR_INIT;
		int got = queue_message_open(q, &n, &m, &why);
		if (got < 0)
			*code = cli_fail(o->program, &why);
		if (got <= 0)
			continue;
		if (filter_takes(&o->filter, &m))
			count(all, &m, o->filter.domain);
		queue_message_close(&m);
	}
	queue_scan_close(&s);
	return r;
}

static int by_size(const void *a, const void *b)
{
	const struct domain *x = *(struct domain *const *)a, *y = *(struct domain *const *)b;
	if (x->all != y->all)
		return x->all < y->all ? 1 : -1;
	return strcmp(x->name, y->name);
}

static int print(const struct options *o, const struct domains *all, struct err *e)
{
	static const char blocks[] = "########################";
	struct report *r = report_new(columns, ARRAY_LEN(columns),
	    o->common.json ? REPORT_JSON : REPORT_AUTO, o->common.color);
	int got = 0;
	for (size_t i = 0; i < all->n && got == 0; i++) {
		const struct domain *d = all->v[i];
		size_t bar = (size_t)((d->all * BAR + all->v[0]->all - 1) / all->v[0]->all);
		report_text(r, 0, span_of(d->name));
		report_number(r, 1, d->all);
		for (size_t k = 0; k < AGES; k++)
			report_number(r, 2 + k, d->ages[k]);
		report_number(r, 2 + AGES, d->held);
		report_shown(r, 3 + AGES, span_make(blocks, bar));
		got = report_row(r, e);
	}
	return report_close(r, got < 0 ? NULL : e) < 0 || got < 0 ? -1 : 0;
}

int stats(struct options *o, struct err *e)
{
	struct queue q;
	struct domains *all;
	int code = 0;
	if (open_spool(o, 0, &q, e) < 0)
		return e->sys == ENOENT ? (err_clear(e), 0) : -1;
	all = mem_new(1, sizeof(*all));
	int r = count_all(o, &q, all, &code, e);
	if (r == 0) {
		qsort(all->v, all->n, sizeof(struct domain *), by_size);
		r = print(o, all, e);
	}
	for (size_t i = 0; i < all->n; i++) {
		free(all->v[i]->name);
		free(all->v[i]);
	}
	free(all->v);
	free(all);
	queue_close(&q);
	return r < 0 ? -1 : code;
}
