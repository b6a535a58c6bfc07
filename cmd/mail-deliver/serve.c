#include "base/alloc.h"
#include "base/intl.h"
#include "deliver.h"
#include "deliver/listen.h"
#include "deliver/session.h"
#include "io/sys.h"
#include "net/addr.h"
#include "net/connect.h"
#include "net/tls.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	SESSION_MAX_SIZE = 100 << 20
}; /* where --max-size says nothing: a stranger must not fill the disk */

struct server {
	struct deliver_program *p;
	struct report *report;
	char name[256];
	const char *client;
};

/* Who we are: the machine's name where it is a full one. */
static void own_name(char *out, size_t size)
{
	if (gethostname(out, size) < 0 || !*out)
		snprintf(out, size, "localhost");
	out[size - 1] = '\0';
}

/* --- what became of each recipient --- */

static void note(void *ctx, const struct deliver_to *to, const struct deliver_receipt *receipt,
    const struct err *why)
{
	struct server *s = ctx;
	const char *client = s->client ? s->client : "-";
	struct err ignored = ERR_INIT;
	/* a stranger's wrong address is no news; a message that we could not take is */
	if (!receipt && ((s->p->listen && to->mailbox) || s->p->common.verbose))
		cli_warn(s->p->program, &s->p->common, _("%s: <%s> to <%s>: %s"), client,
		    to->sender, to->recipient, why->text);
	else if (receipt && s->p->common.verbose)
		cli_warn(s->p->program, &s->p->common,
		    _("%s: <%s> to <%s>: delivered to %s, %llu bytes"), client, to->sender,
		    to->recipient, to->mailbox, (unsigned long long)receipt->bytes);
	/* the message is safe whether or not somebody can read of it: a failing standard output is no reason to refuse it */
	if (receipt && s->report && show_receipt(s->report, to, receipt, &ignored) == 0)
		report_flush(s->report, &ignored);
}

/* --- a session --- */

/* Read anew for each: a change counts from the next session on. */
static int session(struct server *s, int rfd, int wfd, struct err *e)
{
	struct deliver_program *p = s->p;
	struct deliver_local local;
	struct stream stream;
	if (deliver_local_read(&local, &p->account, p->domains, p->map, p->mailbox, e) < 0)
		return -1;
	struct deliver_session o = {.local = &local,
	    .options = &p->options,
	    .server = {.lmtp = p->lmtp,
		.name = s->name,
		.size_max = p->options.max_size,
		.timeout_ms = p->timeout_s * 1000,
		.cert_file = p->cert,
		.key_file = p->key},
	    .client_ip = s->client,
	    .verify = p->verify ? &p->verifier : NULL,
	    .scan = p->scans ? &p->scanner : NULL,
	    .note = note,
	    .ctx = s};
	stream_init_fd(&stream, rfd, wfd);
	int r = deliver_session(&o, &stream, e);
	stream_release(&stream);
	deliver_local_release(&local);
	return r;
}

static int in_child(void *ctx, int fd, const char *client_ip)
{
	struct server *s = ctx;
	struct err e = ERR_INIT;
	s->client = client_ip;
	s->report = show_new(s->p);
	int r = session(s, fd, fd, &e);
	if (r < 0 && s->p->common.verbose)
		cli_warn(s->p->program, &s->p->common, "%s: %s", client_ip, e.text);
	if (s->report)
		report_close(s->report, NULL);
	sys_close(fd);
	return r < 0 ? e.code : 0;
}

static int listen_for_all(struct server *s, struct err *e)
{
	char at[128];
	struct deliver_listen l = {.max = (size_t)s->p->connections, .serve = in_child, .ctx = s};
	l.fd = net_listen(span_of(s->p->listen), e);
	if (l.fd < 0)
		return -1;
	deliver_listen_name(l.fd, at, sizeof(at));
	if (s->p->common.verbose)
		cli_warn(s->p->program, &s->p->common, _("listening on %s"), at);
	int r = deliver_listen(&l, e);
	sys_close(l.fd);
	return r;
}

/* Started by inetd or a socket unit, standard input is the connection. */
static void peer_of_stdin(struct server *s, char *out, size_t size)
{
	struct net_addr peer = {.len = sizeof(peer.sa)};
	if (s->p->client_ip) {
		s->client = s->p->client_ip;
	} else if (getpeername(STDIN_FILENO, (struct sockaddr *)&peer.sa, &peer.len) == 0 &&
		   (peer.sa.ss_family == AF_INET || peer.sa.ss_family == AF_INET6)) {
		net_addr_text(&peer, out, size);
		s->client = out;
	}
}

int deliver_serve(struct deliver_program *p, struct err *e)
{
	struct server s = {.p = p};
	char peer[64];
	own_name(s.name, sizeof(s.name));
	if (!p->options.max_size)
		p->options.max_size = SESSION_MAX_SIZE;
	if (p->cert && tls_check_server(p->cert, p->key, e) < 0)
		return -1;
	if (p->listen)
		return listen_for_all(&s, e);
	peer_of_stdin(&s, peer, sizeof(peer));
	return session(&s, STDIN_FILENO, STDOUT_FILENO, e);
}
