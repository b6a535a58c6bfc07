/* probe.c - a helper (surat-probe) for each address of each host, some at a time, and meanwhile the names of the addresses. */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "io/child.h"
#include "io/sys.h"
#include "mx.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { AT_ONCE = 32, ANSWER_MAX = 4 << 20, GRACE_MS = 3000, READ_CHUNK = 65536, PTR_MAX = 8 };

struct mx_work { /* one address */
	struct mx_owner owner;
	struct mx_work *next;
	const struct route_host *host;
	const struct net_addr *address;
	struct child child;
	int64_t until_ms;
	struct buf out;
	json_t *result;
	json_t *names; /* of the address */
	bool confirmed;
	size_t waiting; /* for the helper and for answers about its names */
};
struct mx_pool {
	struct mx_work *first, **last; /* in line */
	struct mx_work *running[AT_ONCE];
	size_t n;
	struct mx_item *done; /* all their addresses are */
};

/* --- the helpers --- */

static void put_plan(json_t *o, const struct route_host *h)
{
	json_t *names = json_array(), *pins = json_array();
	for (size_t i = 0; i < h->names.n; i++)
		json_array_append_new(names, report_json_text(span_of(h->names.v[i])));
	for (size_t i = 0; i < h->pin_count; i++) {
		struct buf hex = BUF_INIT(256 * 1024);
		const struct route_pin *p = &h->pins[i];
		for (size_t k = 0; k < p->len; k++)
			buf_addf(&hex, "%02x", p->data[k]);
		json_array_append_new(
		    pins, json_pack("{sisisiss}", "usage", p->usage, "selector", p->selector,
			      "matching", p->matching, "data", buf_cstr(&hex)));
		buf_release(&hex);
	}
	json_object_set_new(o, "names", names);
	json_object_set_new(o, "pins", pins);
}

static char *question(const struct mx_work *k, int64_t timeout_ms)
{
	char address[64];
	json_t *o = json_object();
	net_addr_text(k->address, address, sizeof(address));
	json_object_set_new(o, "v", json_integer(1));
	json_object_set_new(o, "host", report_json_text(span_of(k->host->name)));
	json_object_set_new(o, "address", json_string(address));
	json_object_set_new(o, "port", json_integer(net_addr_port(k->address)));
	json_object_set_new(o, "timeout_ms", json_integer(timeout_ms));
	put_plan(o, k->host);
	char *text = json_dumps(o, JSON_COMPACT);
	json_decref(o);
	return text;
}

static void option(struct strv *argv, const char *name, const char *value)
{
	if (value)
		strv_take(argv, str_printf("--%s=%s", name, value));
}

/* How long one address may take. */
static int64_t time_allowed(const struct mx *m)
{
	int64_t allowed = m->o->network.timeout_s * 1000, left = m->deadline_ms - clock_mono_ms();
	return !m->deadline_ms || allowed < left ? allowed : left > 1 ? left : 1;
}

static int spawn(const struct mx *m, struct mx_work *k, struct err *e)
{
	const struct cli_network *n = &m->o->network;
	struct strv argv = {0};
	strv_add(&argv, "surat-probe");
	option(&argv, "ca-file", n->ca_file);
	option(&argv, "cert", n->cert);
	option(&argv, "key", n->key);
	option(&argv, "bind", n->bind);
	int r = child_start(&k->child, argv.v, NULL, CHILD_STDIN | CHILD_STDOUT, e);
	strv_release(&argv);
	return r;
}

/* It reads all of it before it does anything, so this cannot wait for long. One that does not will not answer either. */
static void put_question(struct mx_work *k, int64_t timeout_ms)
{
	char *text = question(k, timeout_ms);
	size_t len = strlen(text), at = 0;
	text[len++] = '\n';
	while (at < len) {
		ssize_t put = sys_write(k->child.in, text + at, len - at);
		if (put < 0)
			break;
		at += (size_t)put;
	}
	free(text);
	sys_close(k->child.in);
	k->child.in = -1;
}

static json_t *failed(const struct mx_work *k, const char *why)
{
	char address[64];
	net_addr_text(k->address, address, sizeof(address));
	return json_pack("{sss{siss}s[]}", "address", address, "error", "code", EX_TEMPFAIL, "text",
	    why, "cells");
}

/* One thing less to wait for. */
static void less(struct mx_pool *pool, struct mx_work *k)
{
	struct mx_item *item = k->owner.item;
	if (--k->waiting || --item->waiting)
		return;
	item->next_done = pool->done;
	pool->done = item;
}

/* What the helper said; why: it was ended without having said all. */
static void finish(struct mx_pool *pool, size_t at, const char *why)
{
	struct mx_work *k = pool->running[at];
	int status;
	pool->running[at] = pool->running[--pool->n];
	if (why)
		child_kill(&k->child);
	else
		child_wait(&k->child, GRACE_MS, &status, NULL);
	k->result = json_loadb(k->out.ptr ? k->out.ptr : "", k->out.len, 0, NULL);
	if (!json_is_object(k->result)) {
		json_decref(k->result);
		k->result = failed(k, why ? why : _("surat-probe ended without an answer"));
	}
	buf_release(&k->out);
	less(pool, k);
}

/* False: nothing more comes. */
static bool take_output(struct mx_pool *pool, size_t at)
{
	struct mx_work *k = pool->running[at];
	char *room = buf_room(&k->out, READ_CHUNK);
	ssize_t got = room ? sys_read(k->child.out, room, READ_CHUNK) : -1;
	if (got > 0)
		buf_grew(&k->out, (size_t)got);
	else
		finish(pool, at, got < 0 ? _("surat-probe: no answer that can be read") : NULL);
	return got > 0;
}

/* Who has something to say, and who has had his time. */
static int take_outputs(struct mx_pool *pool, struct err *e)
{
	struct pollfd fds[AT_ONCE];
	for (size_t i = 0; i < pool->n; i++)
		fds[i] = (struct pollfd){.fd = pool->running[i]->child.out, .events = POLLIN};
	int ready = pool->n ? sys_poll(fds, pool->n, 0) : 0;
	if (ready < 0 && errno != EINTR)
		return err_sys(e, EX_OSERR, "poll");
	/* from the end, as the last one takes the place of one that is done */
	for (size_t i = pool->n; i > 0; i--) {
		if (ready > 0 && fds[i - 1].revents)
			take_output(pool, i - 1);
		else if (pool->running[i - 1]->until_ms <= clock_mono_ms())
			finish(pool, i - 1, _("surat-probe: no answer in time"));
	}
	return 0;
}

static int start_next(struct mx *m, struct err *e)
{
	struct mx_pool *pool = m->pool;
	struct mx_work *k = pool->first;
	int64_t timeout_ms = time_allowed(m);
	if (spawn(m, k, e) < 0)
		return -1;
	if (!(pool->first = k->next))
		pool->last = &pool->first;
	k->until_ms = clock_mono_ms() + timeout_ms + GRACE_MS;
	pool->running[pool->n++] = k;
	put_question(k, timeout_ms);
	return 0;
}

int mx_pool_work(struct mx *m, struct err *e)
{
	if (take_outputs(m->pool, e) < 0)
		return -1;
	while (m->pool->first && m->pool->n < AT_ONCE)
		if (start_next(m, e) < 0)
			return -1;
	return 0;
}

void mx_pool_watch(const struct mx_pool *pool, struct dns_watch *w)
{
	for (size_t i = 0; i < pool->n; i++) {
		const struct mx_work *k = pool->running[i];
		w->fds[w->n++] = k->child.out;
		if (!w->until_ms || k->until_ms < w->until_ms)
			w->until_ms = k->until_ms;
	}
}

struct mx_item *mx_pool_done(struct mx_pool *pool)
{
	struct mx_item *item = pool->done;
	if (item)
		pool->done = item->next_done;
	return item;
}

struct mx_pool *mx_pool_new(void)
{
	struct mx_pool *pool = mem_new(1, sizeof(*pool));
	pool->last = &pool->first;
	return pool;
}

void mx_pool_free(struct mx_pool *pool)
{
	if (!pool)
		return;
	for (size_t i = 0; i < pool->n; i++)
		child_kill(&pool->running[i]->child);
	free(pool);
}

/* --- names of addresses --- */

static char *reverse_name(const struct net_addr *a)
{
	struct buf b = BUF_INIT(128);
	if (a->sa.ss_family == AF_INET) {
		const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)&a->sa;
		const unsigned char *p = (const unsigned char *)&in->sin_addr;
		buf_addf(&b, "%u.%u.%u.%u.in-addr.arpa", p[3], p[2], p[1], p[0]);
	} else {
		const struct sockaddr_in6 *in = (const struct sockaddr_in6 *)(const void *)&a->sa;
		for (int i = 15; i >= 0; i--)
			buf_addf(&b, "%x.%x.", in->sin6_addr.s6_addr[i] & 15,
			    in->sin6_addr.s6_addr[i] >> 4);
		buf_adds(&b, "ip6.arpa");
	}
	return buf_detach(&b);
}

static bool is_address(const struct dns_record *r, const struct net_addr *a)
{
	struct net_addr b;
	char x[64], y[64];
	if (!route_address(r, 0, &b))
		return false;
	net_addr_text(a, x, sizeof(x));
	net_addr_text(&b, y, sizeof(y));
	return strcmp(x, y) == 0;
}

static void ask(struct mx *m, struct mx_work *k, const char *name, unsigned type)
{
	k->waiting++;
	route_batch_ask(m->batch, name, type, k->owner.item->deadline_ms, &k->owner);
}

static void take_names(struct mx *m, struct mx_work *k, const struct dns_answer *a)
{
	unsigned type = k->address->sa.ss_family == AF_INET ? DNS_A : DNS_AAAA;
	for (size_t i = 0; a->status == DNS_OK && i < a->n && i < PTR_MAX; i++) {
		if (!a->v[i].name)
			continue;
		json_array_append_new(k->names, report_json_text(span_of(a->v[i].name)));
		ask(m, k, a->v[i].name, type);
	}
}

void mx_probe_answered(struct mx *m, struct mx_work *k, struct dns_question *q)
{
	if (q->type == DNS_PTR)
		take_names(m, k, &q->answer);
	else
		for (size_t i = 0; q->answer.status == DNS_OK && i < q->answer.n; i++)
			k->confirmed |= is_address(&q->answer.v[i], k->address);
	dns_question_free(q);
	less(m->pool, k);
}

/* --- a domain's --- */

static void put_in_line(struct mx *m, struct mx_item *item, struct mx_work *k)
{
	char *name = reverse_name(k->address);
	k->owner = (struct mx_owner){.item = item, .work = k};
	buf_init(&k->out, ANSWER_MAX);
	k->names = json_array();
	k->waiting = 1;
	item->waiting++;
	*m->pool->last = k;
	m->pool->last = &k->next;
	ask(m, k, name, DNS_PTR);
	free(name);
}

void mx_probe_begin(struct mx *m, struct mx_item *item)
{
	const struct route_plan *p = item->plan;
	size_t n = 0;
	for (size_t i = 0; i < p->host_count; i++)
		n += p->hosts[i].addresses.n;
	item->probe = mem_new(n + 1, sizeof(*item->probe));
	for (size_t i = 0; i < p->host_count; i++)
		for (size_t k = 0; k < p->hosts[i].addresses.n; k++) {
			struct mx_work *w = &item->probe[item->probe_count++];
			w->host = &p->hosts[i];
			w->address = &p->hosts[i].addresses.v[k];
			put_in_line(m, item, w);
		}
}

void mx_probe_end(struct mx_item *item)
{
	const struct route_plan *p = item->plan;
	const struct mx_work *w = item->probe;
	bool usable;
	item->probes = json_array();
	for (size_t i = 0; i < p->host_count; i++) {
		json_t *list = json_array();
		for (size_t k = 0; k < p->hosts[i].addresses.n; k++, w++) {
			json_object_set(w->result, "ptr", w->names);
			json_object_set_new(w->result, "ptr_confirmed", json_boolean(w->confirmed));
			json_array_append(list, w->result);
		}
		json_array_append_new(item->probes, list);
	}
	mx_probe_judge(item->probes, p, &usable);
	item->unusable = !usable;
}

void mx_probe_release(struct mx_item *item)
{
	for (size_t i = 0; i < item->probe_count; i++) {
		buf_release(&item->probe[i].out);
		json_decref(item->probe[i].result);
		json_decref(item->probe[i].names);
	}
	free(item->probe);
}
