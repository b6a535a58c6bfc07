#include "dns/stub_net.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/intl.h"
#include "base/random.h"
#include "dns/packet.h"
#include "io/sys.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>

enum { SOCKETS_EACH = 4, USES_MAX = 128, QUICK_US = 30000 };
enum { PATIENCE_FIRST_MS = 500, PATIENCE_MIN_MS = 60, PATIENCE_MAX_MS = 8000 };

struct stub_tcp {
	int fd;
	unsigned char out[2 + PACKET_QUESTION_MAX];
	size_t out_len, sent;
	struct buf in;
};

/* --- servers --- */

static int read_server(struct stub_server *s, const char *text, struct err *e)
{
	const struct addrinfo hints = {
	    .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_DGRAM};
	struct addrinfo *found = NULL;
	const char *at = strchr(text, '@');
	char *host = span_dup(span_make(text, at ? (size_t)(at - text) : strlen(text)));
	int r = getaddrinfo(host, at ? at + 1 : "53", &hints, &found);
	free(host);
	if (r != 0)
		return err_set(e, EX_USAGE, _("resolver %s: %s"), text, gai_strerror(r));
	*s = (struct stub_server){.len = found->ai_addrlen};
	memcpy(&s->sa, found->ai_addr, found->ai_addrlen);
	freeaddrinfo(found);
	return 0;
}

int stub_net_init(struct stub_net *n, const struct strv *resolvers, struct err *e)
{
	struct buf names = BUF_INIT(4096);
	int r = 0;
	for (size_t i = 0; i < STUB_SOCKETS_MAX; i++)
		n->sockets[i].fd = -1;
	for (size_t i = 0; r == 0 && i < resolvers->n && n->n < STUB_SERVERS_MAX; i++) {
		r = read_server(&n->servers[n->n], resolvers->v[i], e);
		buf_addf(&names, "%s%s", n->n++ ? ", " : "", resolvers->v[i]);
	}
	n->names = str_dup(buf_cstr(&names));
	buf_release(&names);
	return r;
}

void stub_net_release(struct stub_net *n)
{
	for (size_t i = 0; i < STUB_SOCKETS_MAX; i++)
		if (n->names && n->sockets[i].fd >= 0)
			sys_close(n->sockets[i].fd);
	free(n->names);
}

void stub_server_answered(struct stub_server *s, int64_t took_ms)
{
	int64_t took = took_ms * 1000,
		off = took > s->smooth_us ? took - s->smooth_us : s->smooth_us - took;
	/* RFC 6298 2 */
	s->varies_us = s->known ? (s->varies_us * 3 + off) / 4 : took / 2;
	s->smooth_us = s->known ? (s->smooth_us * 7 + took) / 8 : took;
	s->known = true;
	s->silent = 0;
}

bool stub_is_quick(const struct stub_server *s)
{
	return s->known && s->smooth_us + s->varies_us * 4 < QUICK_US;
}

int64_t stub_patience_ms(const struct stub_server *s, unsigned round)
{
	int64_t ms = s->known ? (s->smooth_us + s->varies_us * 4) / 1000 : PATIENCE_FIRST_MS;
	if (ms < PATIENCE_MIN_MS)
		ms = PATIENCE_MIN_MS;
	for (; round && ms < PATIENCE_MAX_MS; round--)
		ms *= 2;
	return ms < PATIENCE_MAX_MS ? ms : PATIENCE_MAX_MS;
}

/* --- UDP --- */

static int open_connected(const struct stub_server *s, int type)
{
	int fd = sys_socket(s->sa.ss_family, type, 0);
	if (fd < 0)
		return -1;
	/* the kernel gives it a port at random */
	if (sys_connect(fd, (const struct sockaddr *)&s->sa, s->len) < 0 && errno != EINPROGRESS) {
		int saved = errno;
		sys_close(fd);
		errno = saved;
		return -1;
	}
	return fd;
}

static void close_if_worn(struct stub_socket *s)
{
	if (s->out || s->uses < USES_MAX)
		return;
	sys_close(s->fd);
	s->fd = -1;
}

/* One of a few open ones, at random, or a new one. -1: errno. */
static ptrdiff_t choose_socket(struct stub_net *n, unsigned server)
{
	size_t fresh[STUB_SOCKETS_MAX], count = 0, unused = STUB_SOCKETS_MAX,
					worn = STUB_SOCKETS_MAX;
	for (size_t i = 0; i < STUB_SOCKETS_MAX; i++) {
		const struct stub_socket *s = &n->sockets[i];
		if (s->fd < 0)
			unused = i;
		else if (s->server == server && s->uses < USES_MAX)
			fresh[count++] = i;
		else if (s->server == server)
			worn = i;
	}
	if (count == SOCKETS_EACH || (count && unused == STUB_SOCKETS_MAX))
		return (ptrdiff_t)fresh[random_below((uint32_t)count)];
	if (unused == STUB_SOCKETS_MAX) {
		errno = EMFILE;
		return worn < STUB_SOCKETS_MAX ? (ptrdiff_t)worn : -1;
	}
	int fd = open_connected(&n->servers[server], SOCK_DGRAM);
	if (fd < 0)
		return -1;
	n->sockets[unused] = (struct stub_socket){.fd = fd, .server = server};
	return (ptrdiff_t)unused;
}

static unsigned random_id(void)
{
	uint16_t id;
	random_bytes(&id, sizeof(id));
	return id;
}

static enum packet_how how(const struct stub_net *n, unsigned server)
{
	return n->servers[server].no_edns ? PACKET_PLAIN
	       : n->with_signatures       ? PACKET_SIGNED
					  : PACKET_EDNS;
}

static int send_udp(
    struct stub_net *n, struct stub_way *w, unsigned server, const char *name, unsigned type)
{
	unsigned char packet[PACKET_QUESTION_MAX];
	ptrdiff_t at = choose_socket(n, server);
	if (at < 0)
		return -1;
	struct stub_socket *s = &n->sockets[at];
	*w = (struct stub_way){.kind = STUB_UDP, .socket = (size_t)at, .id = random_id()};
	s->uses++;
	s->out++;
	size_t len = packet_ask(packet, w->id, name, type, how(n, server));
	/* a queue that is full is as good as a packet that was lost */
	return sys_write(s->fd, packet, len) < 0 && errno != EAGAIN && errno != ENOBUFS ? -1 : 0;
}

ssize_t stub_receive(const struct stub_net *n, size_t socket, unsigned char out[STUB_RECEIVE_MAX])
{
	int fd = n->sockets[socket].fd;
	ssize_t got = fd < 0 ? 0 : sys_read(fd, out, STUB_RECEIVE_MAX);
	if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return 0;
	return got == 0 && fd >= 0 ? 1 : got; /* an empty datagram is one that says nothing */
}

/* --- TCP --- */

static int send_tcp(
    struct stub_net *n, struct stub_way *w, unsigned server, const char *name, unsigned type)
{
	int fd = open_connected(&n->servers[server], SOCK_STREAM);
	if (fd < 0)
		return -1;
	struct stub_tcp *t = mem_new(1, sizeof(*t));
	t->fd = fd;
	buf_init(&t->in, 2 + STUB_RECEIVE_MAX);
	*w = (struct stub_way){.kind = STUB_TCP, .id = random_id(), .tcp = t};
	size_t len = packet_ask(t->out + 2, w->id, name, type, how(n, server));
	t->out[0] = (unsigned char)(len >> 8);
	t->out[1] = (unsigned char)len;
	t->out_len = 2 + len;
	return 0;
}

int stub_tcp_fd(const struct stub_way *w)
{
	return w->tcp->fd;
}

bool stub_tcp_wants_write(const struct stub_way *w)
{
	return w->tcp->sent < w->tcp->out_len;
}

static bool is_later(ssize_t r)
{
	return r < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOTCONN);
}

/* What is still wanted of the answer: its length first (RFC 1035 4.2.2). */
static size_t wanted(const struct buf *in)
{
	const unsigned char *p = (const unsigned char *)in->ptr;
	return (in->len < 2 ? 2 : 2 + (size_t)(p[0] << 8 | p[1])) - in->len;
}

int stub_tcp_work(struct stub_way *w, struct span *wire)
{
	struct stub_tcp *t = w->tcp;
	ssize_t r;
	while (t->sent < t->out_len) {
		r = sys_write(t->fd, t->out + t->sent, t->out_len - t->sent);
		if (r < 0)
			return is_later(r) ? 0 : -1;
		t->sent += (size_t)r;
	}
	while (t->in.len < 2 || wanted(&t->in)) {
		size_t n = wanted(&t->in);
		char *room = buf_room(&t->in, n);
		ENSURE(room);
		r = sys_read(t->fd, room, n);
		if (r <= 0) {
			errno = r == 0 ? ECONNRESET : errno;
			return is_later(r) ? 0 : -1;
		}
		buf_grew(&t->in, (size_t)r);
	}
	*wire = span_skip(buf_span(&t->in), 2);
	return 1;
}

/* --- both --- */

int stub_send(struct stub_net *n, struct stub_way *w, unsigned server, bool tcp, const char *name,
    unsigned type)
{
	return tcp ? send_tcp(n, w, server, name, type) : send_udp(n, w, server, name, type);
}

void stub_way_close(struct stub_net *n, struct stub_way *w)
{
	if (w->kind == STUB_UDP) {
		n->sockets[w->socket].out--;
		close_if_worn(&n->sockets[w->socket]);
	} else if (w->kind == STUB_TCP) {
		sys_close(w->tcp->fd);
		buf_release(&w->tcp->in);
		free(w->tcp);
	}
	*w = (struct stub_way){.kind = STUB_NONE};
}
