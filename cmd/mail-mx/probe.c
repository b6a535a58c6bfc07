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

enum { AT_ONCE = 16, ANSWER_MAX = 4 << 20, GRACE_MS = 3000, READ_CHUNK = 65536 };

struct work { /* one address */
	const struct route_host *host;
	const struct net_addr *address;
	struct child child;
	bool running;
	int64_t until_ms;
	struct buf out;
	json_t *result;
};
struct works {
	struct mx *m;
	struct work *v;
	size_t n, started, running;
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

static char *question(const struct works *w, const struct work *k)
{
	char address[64];
	json_t *o = json_object();
	net_addr_text(k->address, address, sizeof(address));
	json_object_set_new(o, "v", json_integer(1));
	json_object_set_new(o, "host", report_json_text(span_of(k->host->name)));
	json_object_set_new(o, "address", json_string(address));
	json_object_set_new(o, "port", json_integer(net_addr_port(k->address)));
	json_object_set_new(o, "timeout_ms", json_integer(w->m->o->network.timeout_s * 1000));
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

static int start(struct works *w, struct work *k, struct err *e)
{
	const struct cli_network *n = &w->m->o->network;
	struct strv argv = {0};
	strv_add(&argv, "surat-probe");
	option(&argv, "ca-file", n->ca_file);
	option(&argv, "cert", n->cert);
	option(&argv, "key", n->key);
	option(&argv, "bind", n->bind);
	int r = child_start(&k->child, argv.v, NULL, CHILD_STDIN | CHILD_STDOUT, e);
	strv_release(&argv);
	if (r < 0)
		return -1;
	char *text = question(w, k);
	/* it reads all of it before it does anything, so this cannot wait for long */
	ssize_t put = sys_write(k->child.in, text, strlen(text));
	free(text);
	if (put > 0)
		put = sys_write(k->child.in, "\n", 1);
	sys_close(k->child.in);
	k->child.in = -1;
	k->running = true;
	k->until_ms = clock_mono_ms() + n->timeout_s * 1000 + GRACE_MS;
	w->running++;
	return put < 0 ? err_sys(e, EX_OSERR, "surat-probe") : 0;
}

static json_t *failed(const struct work *k, const char *why)
{
	char address[64];
	net_addr_text(k->address, address, sizeof(address));
	return json_pack("{sss{sisS}s[]}", "address", address, "error", "code", EX_TEMPFAIL, "text",
	    why, "cells");
}

static void finish(struct works *w, struct work *k, const char *why)
{
	int status;
	k->running = false;
	w->running--;
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
}

static void take_output(struct works *w, struct work *k)
{
	char *room = buf_room(&k->out, READ_CHUNK);
	ssize_t got = room ? sys_read(k->child.out, room, READ_CHUNK) : 0;
	if (got > 0)
		buf_grew(&k->out, (size_t)got);
	else
		finish(
		    w, k, got < 0 || !room ? _("surat-probe: no answer that can be read") : NULL);
}

/* Until the next one is done. */
static int wait_some(struct works *w, struct err *e)
{
	struct pollfd fds[AT_ONCE];
	struct work *of[AT_ONCE];
	nfds_t n = 0;
	int64_t now = clock_mono_ms(), next = now + 60000;
	for (size_t i = 0; i < w->started; i++) {
		struct work *k = &w->v[i];
		if (!k->running)
			continue;
		of[n] = k;
		fds[n++] = (struct pollfd){.fd = k->child.out, .events = POLLIN};
		next = k->until_ms < next ? k->until_ms : next;
	}
	int ready = sys_poll(fds, n, next > now ? (int)(next - now) : 0);
	if (signals_stop())
		return err_set(e, EX_TEMPFAIL, _("stopped by a signal"));
	if (ready < 0 && errno != EINTR)
		return err_sys(e, EX_OSERR, "poll");
	now = clock_mono_ms();
	for (nfds_t i = 0; i < n; i++)
		if (ready > 0 && fds[i].revents)
			take_output(w, of[i]);
		else if (of[i]->until_ms <= now)
			finish(w, of[i], _("surat-probe: no answer in time"));
	return 0;
}

static int start_some(struct works *w, struct err *e)
{
	while (w->started < w->n && w->running < AT_ONCE) {
		struct work *k = &w->v[w->started++];
		if (start(w, k, e) < 0)
			return -1;
	}
	return 0;
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

/* Every answer of one round of questions. */
static int collect(struct mx *m, void (*take)(struct work *, struct dns_question *), struct err *e)
{
	struct dns_question *q;
	int r;
	while ((r = dns_batch_wait(m->reverse, NULL, &q, e)) == DNS_ANSWERED) {
		take(q->owner, q);
		dns_question_free(q);
	}
	return r == DNS_IDLE ? 0 : -1;
}

static void take_ptr(struct work *k, struct dns_question *q)
{
	json_t *names = json_array();
	for (size_t i = 0; q->answer.status == DNS_OK && i < q->answer.n && i < 8; i++)
		if (q->answer.v[i].name)
			json_array_append_new(
			    names, report_json_text(span_of(q->answer.v[i].name)));
	json_object_set_new(k->result, "ptr", names);
	json_object_set_new(k->result, "ptr_confirmed", json_false());
}

static void take_forward(struct work *k, struct dns_question *q)
{
	for (size_t i = 0; q->answer.status == DNS_OK && i < q->answer.n; i++)
		if (is_address(&q->answer.v[i], k->address))
			json_object_set_new(k->result, "ptr_confirmed", json_true());
}

static int name_addresses(struct works *w, struct err *e)
{
	struct mx *m = w->m;
	int64_t deadline = clock_mono_ms() + m->o->network.timeout_s * 1000;
	if (!m->reverse && mx_open_dns(m->o, DNS_DNSSEC_OFF, &m->reverse, e) < 0)
		return -1;
	for (size_t i = 0; i < w->n; i++) {
		char *name = reverse_name(w->v[i].address);
		dns_batch_add(m->reverse, name, DNS_PTR, deadline, &w->v[i]);
		free(name);
	}
	if (collect(m, take_ptr, e) < 0)
		return -1;
	for (size_t i = 0; i < w->n; i++) {
		const json_t *names = json_object_get(w->v[i].result, "ptr");
		unsigned type = w->v[i].address->sa.ss_family == AF_INET ? DNS_A : DNS_AAAA;
		for (size_t k = 0; k < json_array_size(names); k++)
			dns_batch_add(m->reverse, json_string_value(json_array_get(names, k)), type,
			    deadline, &w->v[i]);
	}
	return collect(m, take_forward, e);
}

/* --- all of it --- */

static void list_addresses(struct works *w, const struct route_plan *p)
{
	for (size_t i = 0; i < p->host_count; i++)
		w->n += p->hosts[i].addresses.n;
	w->v = mem_new(w->n + 1, sizeof(*w->v));
	w->n = 0;
	for (size_t i = 0; i < p->host_count; i++)
		for (size_t k = 0; k < p->hosts[i].addresses.n; k++)
			w->v[w->n++] = (struct work){.host = &p->hosts[i],
			    .address = &p->hosts[i].addresses.v[k],
			    .out = BUF_INIT(ANSWER_MAX)};
}

static json_t *by_host(struct works *w, const struct route_plan *p)
{
	json_t *all = json_array();
	size_t at = 0;
	for (size_t i = 0; i < p->host_count; i++) {
		json_t *list = json_array();
		for (size_t k = 0; k < p->hosts[i].addresses.n; k++, at++)
			json_array_append(list, w->v[at].result);
		json_array_append_new(all, list);
	}
	return all;
}

json_t *mx_probe(struct mx *m, const struct route_plan *p, struct err *e)
{
	struct works w = {.m = m};
	list_addresses(&w, p);
	int r = start_some(&w, e);
	while (r == 0 && w.running) {
		r = wait_some(&w, e);
		if (r == 0)
			r = start_some(&w, e);
	}
	if (r == 0)
		r = name_addresses(&w, e);
	json_t *all = r == 0 ? by_host(&w, p) : NULL;
	for (size_t i = 0; i < w.n; i++) {
		if (w.v[i].running)
			child_kill(&w.v[i].child);
		buf_release(&w.v[i].out);
		json_decref(w.v[i].result);
	}
	free(w.v);
	return all;
}
