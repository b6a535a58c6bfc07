#include "dns/stub.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "dns/kept.h"
#include "dns/name.h"
#include "dns/packet.h"
#include "dns/record.h"
#include "dns/stub_net.h"

#include <errno.h>
#include <stdlib.h>

enum {
	TRIES_EACH = 8,
	CHAIN_MAX = 16,
	UDP_TRIES = 2,
	TCP_MS = 10000,
	READS_MAX = 64,
	TCP_AT_ONCE = 64,
	PARKED_MS = 10,
	SILENT_MAX = 3
};

/* A question as it goes over the wire: several of the caller's may wait for its answer. */
struct dns_pending {
	struct dns_pending *next, **link;
	struct dns_stub *stub;
	char *name;
	unsigned type;
	struct dns_question *waiting; /* by q->mate */
	unsigned server, tries;
	bool edns;            /* it was asked with it */
	bool parked;          /* it waits for a connection to become free */
	bool truncated;       /* a whole answer comes over TCP only */
	unsigned refused;     /* a bit for each server that said no */
	struct dns_answer no; /* and what the last of them said */
	int64_t sent_ms, until_ms;
	struct stub_way way; /* where it is under way */
};
struct dns_stub {
	struct stub_net net;
	struct dns_pending *pending;
	struct kept *kept;
	dns_engine_done *done;
	unsigned best;         /* the server that is asked first */
	size_t late;           /* of the pending, those that went out more than once */
	unsigned char *packet; /* what was read last: PACKET_MAX octets, too many for a stack */
};

int dns_stub_new(struct dns_stub **out, const struct strv *resolvers, bool with_signatures,
    dns_engine_done *done, struct err *e)
{
	struct dns_stub *s = mem_new(1, sizeof(*s));
	s->done = done;
	s->kept = kept_new();
	s->packet = mem_resize(NULL, PACKET_MAX, 1);
	s->net.with_signatures = with_signatures;
	if (stub_net_init(&s->net, resolvers, e) < 0) {
		dns_stub_free(s);
		return -1;
	}
	*out = s;
	return 0;
}

static void pending_free(struct dns_pending *p)
{
	*p->link = p->next;
	if (p->next)
		p->next->link = p->link;
	if (p->tries > 1)
		p->stub->late--;
	stub_way_close(&p->stub->net, &p->way);
	dns_answer_release(&p->no);
	free(p->name);
	free(p);
}

void dns_stub_free(struct dns_stub *s)
{
	if (!s)
		return;
	while (s->pending)
		pending_free(s->pending);
	stub_net_release(&s->net);
	kept_free(s->kept);
	free(s->packet);
	free(s);
}

/* --- sending --- */

static void fail_all(struct dns_pending *p);

static bool is_tcp(const struct dns_pending *p)
{
	return p->way.kind == STUB_TCP;
}

static size_t count_tcp(const struct dns_stub *s)
{
	size_t n = 0;
	for (const struct dns_pending *p = s->pending; p; p = p->next)
		n += is_tcp(p);
	return n;
}

/* So many connections, and no more: the others wait until one is done. */
static bool park(struct dns_pending *p, unsigned server)
{
	if (count_tcp(p->stub) < TCP_AT_ONCE)
		return false;
	stub_way_close(&p->stub->net, &p->way);
	p->parked = true;
	p->server = server;
	p->until_ms = clock_mono_ms() + PARKED_MS;
	return true;
}

static void send_to(struct dns_pending *p, unsigned server, bool tcp)
{
	struct dns_stub *s = p->stub;
	struct stub_server *to = &s->net.servers[server];
	if (tcp && park(p, server))
		return;
	stub_way_close(&s->net, &p->way);
	p->server = server;
	if (p->tries++ == 1)
		s->late++;
	p->sent_ms = clock_mono_ms();
	int64_t patience = tcp ? TCP_MS : stub_patience_ms(to, (p->tries - 1) / s->net.n);
	p->until_ms = p->sent_ms + patience;
	p->edns = !to->no_edns;
	/* what cannot be sent has no time: dns_stub_process goes on with it */
	if (stub_send(&s->net, &p->way, server, tcp, p->name, p->type) < 0) {
		stub_way_close(&s->net, &p->way);
		p->until_ms = p->sent_ms;
	}
}

static bool is_out(const struct dns_pending *p, unsigned server)
{
	return p->refused & 1u << server;
}

/* A server that answers others and was silent twice drops packets (a limit on rates, fragments that are lost), and one that is quick as a rule
 * need not be silent twice. TCP does not drop them. */
static bool prefers_tcp(const struct dns_pending *p, unsigned server)
{
	const struct stub_server *to = &p->stub->net.servers[server];
	unsigned tries = p->tries / p->stub->net.n;
	return to->known && !to->no_tcp && tries >= (stub_is_quick(to) ? 1 : UDP_TRIES);
}

/* The next server that has not said no; the question goes to it, or is over. */
static void send_on(struct dns_pending *p)
{
	const struct dns_stub *s = p->stub;
	unsigned next = p->server;
	if (p->tries >= TRIES_EACH * s->net.n) {
		fail_all(p);
		return;
	}
	for (unsigned i = 0; i < s->net.n; i++) {
		next = (next + 1) % s->net.n;
		if (!is_out(p, next)) {
			send_to(p, next, prefers_tcp(p, next));
			return;
		}
	}
	fail_all(p);
}

/* --- answering --- */

static void follow(struct dns_stub *s, struct dns_question *q, const char *name);

static void finish(struct dns_stub *s, struct dns_question *q)
{
	q->pending = NULL;
	s->done(q, false);
}

static void take(struct dns_stub *s, struct dns_question *q, const char *name, struct span wire)
{
	struct dns_answer a = {0};
	unsigned id = (unsigned char)wire.ptr[0] * 256u + (unsigned char)wire.ptr[1];
	enum packet_says says = packet_read(wire, id, name, q->type, &a);
	if (says == PACKET_ALIAS && ++q->links <= CHAIN_MAX && dns_is_name(span_of(a.canonical))) {
		follow(s, q, a.canonical);
		dns_answer_release(&a);
		return;
	}
	if (says != PACKET_ANSWER)
		dns_answer_fail(&a, DNS_FAILED, _("a chain of CNAMEs that leads nowhere"));
	q->answer = a;
	q->wire = wire;
	finish(s, q);
}

/* Those that wait are answered; the pending question is gone before, as an alias may lead back to its name. */
static void answer_all(struct dns_pending *p, struct span wire)
{
	struct dns_stub *s = p->stub;
	struct dns_question *q = p->waiting, *next;
	char *name = p->name;
	p->name = NULL;
	p->waiting = NULL;
	pending_free(p);
	for (; q; q = next) {
		next = q->mate;
		take(s, q, name, wire);
	}
	free(name);
}

static void fail_all(struct dns_pending *p)
{
	struct dns_stub *s = p->stub;
	struct dns_question *q = p->waiting, *next;
	char *why = *p->no.why ? str_printf(_("no answer from %s that can be used (%s)"),
				     s->net.names, p->no.why)
			       : str_printf(_("no answer in time from %s"), s->net.names);
	p->waiting = NULL;
	pending_free(p);
	for (; q; q = next) {
		next = q->mate;
		dns_answer_fail(&q->answer, DNS_FAILED, "%s", why);
		finish(s, q);
	}
	free(why);
}

static void say_no(struct dns_pending *p, const char *why)
{
	dns_answer_fail(&p->no, DNS_FAILED, "%s", why);
	p->refused |= 1u << p->server;
	send_on(p);
}

/* --- asking --- */

static struct dns_pending *find_pending(const struct dns_stub *s, const char *name, unsigned type)
{
	for (struct dns_pending *p = s->pending; p; p = p->next)
		if (p->type == type && strcmp(p->name, name) == 0)
			return p;
	return NULL;
}

static struct dns_pending *new_pending(struct dns_stub *s, const char *name, unsigned type)
{
	struct dns_pending *p = mem_new(1, sizeof(*p));
	*p = (struct dns_pending){.stub = s,
	    .name = str_dup(name),
	    .type = type,
	    .next = s->pending,
	    .link = &s->pending};
	if (p->next)
		p->next->link = &p->next;
	s->pending = p;
	return p;
}

static void follow(struct dns_stub *s, struct dns_question *q, const char *name)
{
	struct span wire = kept_find(s->kept, name, q->type);
	struct dns_pending *p;
	if (wire.len) {
		take(s, q, name, wire);
		return;
	}
	p = find_pending(s, name, q->type);
	bool ask = !p;
	if (!p)
		p = new_pending(s, name, q->type);
	q->pending = p;
	q->mate = p->waiting;
	p->waiting = q;
	if (ask)
		send_to(p, s->best, false);
}

void dns_stub_ask(struct dns_stub *s, struct dns_question *q)
{
	q->engine = NULL;
	q->links = 0;
	follow(s, q, q->name);
}

void dns_stub_cancel(struct dns_question *q)
{
	struct dns_question **at = &q->pending->waiting;
	while (*at != q)
		at = &(*at)->mate;
	*at = q->mate;
	if (!q->pending->waiting)
		pending_free(q->pending);
	q->pending = NULL;
}

/* --- what comes --- */

static void ask_by_tcp(struct dns_pending *p)
{
	p->truncated = true;
	send_to(p, p->server, true);
}

/* It was not to be had over TCP: where that was only to be sure, UDP still may do. */
static void tcp_failed(struct dns_pending *p, const char *why)
{
	if (p->truncated) {
		say_no(p, why);
		return;
	}
	p->stub->net.servers[p->server].no_tcp = true;
	send_on(p);
}

static void take_packet(struct dns_pending *p, struct span wire)
{
	struct dns_stub *s = p->stub;
	struct stub_server *from = &s->net.servers[p->server];
	struct dns_answer a = {0};
	enum packet_says says = packet_read(wire, p->way.id, p->name, p->type, &a);
	/* Karn: of a question that went out twice nobody knows which one was answered */
	if (says != PACKET_FOREIGN && !is_tcp(p) && p->tries == 1)
		stub_server_answered(from, clock_mono_ms() - p->sent_ms);
	else if (says != PACKET_FOREIGN)
		from->silent = 0;
	switch (says) {
	case PACKET_FOREIGN: break;
	case PACKET_TRUNCATED:
		if (is_tcp(p))
			say_no(p, _("truncated, over TCP too"));
		else
			ask_by_tcp(p);
		break;
	case PACKET_NO_EDNS:
		if (!p->edns) {
			say_no(p, "FORMERR");
		} else {
			from->no_edns = true;
			send_to(p, p->server, false);
		}
		break;
	case PACKET_FAILED: say_no(p, a.why); break;
	case PACKET_ALIAS:
	case PACKET_ANSWER:
		kept_add(s->kept, p->name, p->type, wire, says == PACKET_ALIAS ? 0 : a.ttl);
		answer_all(p, wire);
		break;
	}
	dns_answer_release(&a);
}

/* id: -1: any. */
static struct dns_pending *find_udp(const struct dns_stub *s, size_t socket, int id)
{
	for (struct dns_pending *p = s->pending; p; p = p->next)
		if (p->way.kind == STUB_UDP && p->way.socket == socket &&
		    (id < 0 || p->way.id == (unsigned)id))
			return p;
	return NULL;
}

/* Nobody listens there: that is the answer to all that went out by this socket. */
static void refuse_all(struct dns_stub *s, size_t socket, const char *why)
{
	for (struct dns_pending *p; (p = find_udp(s, socket, -1));)
		say_no(p, why);
}

/* What is there now, and no more: who floods us does not keep us here. */
static void read_udp(struct dns_stub *s, size_t socket)
{
	unsigned char *packet = s->packet;
	ssize_t got;
	for (int i = 0; i < READS_MAX && (got = stub_receive(&s->net, socket, packet)) != 0; i++) {
		if (got < 0) {
			refuse_all(s, socket, strerror(errno));
			return;
		}
		struct dns_pending *p =
		    got < 2 ? NULL : find_udp(s, socket, packet[0] << 8 | packet[1]);
		if (p)
			take_packet(p, span_make((const char *)packet, (size_t)got));
	}
}

static void read_tcp(struct dns_pending *p)
{
	struct span wire;
	int r = stub_tcp_work(&p->way, &wire);
	if (r < 0) {
		tcp_failed(p, strerror(errno));
	} else if (r > 0) {
		/* the packet outlives the connection that it is read from */
		char *copy = (char *)mem_dup(wire.ptr, wire.len);
		struct dns_answer a = {0};
		if (packet_read(span_make(copy, wire.len), p->way.id, p->name, p->type, &a) ==
		    PACKET_FOREIGN)
			say_no(p, _("the answer to another question"));
		else
			take_packet(p, span_make(copy, wire.len));
		dns_answer_release(&a);
		free(copy);
	}
}

nfds_t dns_stub_polls(const struct dns_stub *s, struct pollfd *fds)
{
	nfds_t n = 0;
	for (size_t i = 0; i < STUB_SOCKETS_MAX; i++)
		if (s->net.sockets[i].fd >= 0 && s->net.sockets[i].out)
			fds[n++] = (struct pollfd){.fd = s->net.sockets[i].fd, .events = POLLIN};
	for (const struct dns_pending *p = s->pending; p && n < STUB_POLLS_MAX; p = p->next)
		if (is_tcp(p))
			fds[n++] = (struct pollfd){.fd = stub_tcp_fd(&p->way),
			    .events = stub_tcp_wants_write(&p->way) ? POLLOUT : POLLIN};
	return n;
}

int64_t dns_stub_until_ms(const struct dns_stub *s)
{
	int64_t until = 0;
	for (const struct dns_pending *p = s->pending; p; p = p->next)
		if (!until || p->until_ms < until)
			until = p->until_ms;
	return until;
}

size_t dns_stub_late(const struct dns_stub *s)
{
	return s->late;
}

static void take_ready(struct dns_stub *s, int fd)
{
	for (size_t i = 0; i < STUB_SOCKETS_MAX; i++)
		if (s->net.sockets[i].fd == fd) {
			read_udp(s, i);
			return;
		}
	for (struct dns_pending *p = s->pending; p; p = p->next)
		if (is_tcp(p) && stub_tcp_fd(&p->way) == fd) {
			read_tcp(p);
			return;
		}
}

/* A server that was silent three times is no longer the first to be asked. */
static void time_is_up(struct dns_pending *p)
{
	struct dns_stub *s = p->stub;
	struct stub_server *to = &s->net.servers[p->server];
	if (p->parked) {
		p->parked = false;
		send_to(p, p->server, true);
	} else if (p->way.kind == STUB_NONE) {
		say_no(p, _("it cannot be reached"));
	} else if (is_tcp(p)) {
		tcp_failed(p, _("no answer over TCP"));
	} else {
		if (++to->silent >= SILENT_MAX && s->best == p->server)
			s->best = (s->best + 1) % s->net.n;
		send_on(p);
	}
}

void dns_stub_process(struct dns_stub *s, const struct pollfd *fds, nfds_t n)
{
	int64_t now = clock_mono_ms();
	for (nfds_t i = 0; i < n; i++)
		if (fds[i].revents)
			take_ready(s, fds[i].fd);
	/* each one that is touched gets a later time or goes, so this ends */
	for (struct dns_pending *p = s->pending; p;) {
		if (p->until_ms > now) {
			p = p->next;
			continue;
		}
		time_is_up(p);
		p = s->pending;
	}
}
