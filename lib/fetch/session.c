/* session.c - from a server's name to a conversation that is signed in. */
#include "base/alloc.h"
#include "base/intl.h"
#include "fetch/fetch.h"
#include "fetch/trace.h"
#include "net/connect.h"

#include <stdlib.h>

static void trace(void *ctx, bool ours, struct span bytes)
{
	struct fetch_session *s = ctx;
	bool secret = s->server->pop3 ? s->pop3.secret : s->imap.secrecy == IMAP_WIRE_SECRET;
	fetch_trace_put(s->trace, ours, secret, bytes);
}

/* --- addresses --- */

/* HOST=ADDR:PORT of --connect. 1 when it was this host. */
static int overridden(const struct fetch_session *s, struct net_addrs *to, struct err *e)
{
	for (size_t i = 0; s->link->connects && i < s->link->connects->n; i++) {
		struct span rest = span_of(s->link->connects->v[i]), host;
		struct net_url u;
		struct net_addr a;
		if (!span_cut(&rest, '=', &host) || !span_is_nocase(host, s->server->host))
			continue;
		if (net_url_parse(&u, rest, "tcp", e) < 0)
			return err_prefix(e, "--connect: ");
		bool good = u.host && u.port && net_addr_parse(span_of(u.host), u.port, &a);
		net_url_release(&u);
		if (!good)
			return err_set(e, EX_USAGE, _("--connect: HOST=ADDR:PORT was expected"));
		net_addrs_add(to, &a);
		return 1;
	}
	return 0;
}

static int dial_host(struct fetch_session *s, struct err *e)
{
	struct net_addrs to = {0};
	struct net_addr literal;
	struct net_connect_options o = {.bind = s->link->bind, .timeout_ms = s->link->timeout_ms};
	size_t which;
	int fd = -1, r = overridden(s, &to, e);
	if (r == 0 && net_addr_parse(span_of(s->server->host), s->server->port, &literal))
		net_addrs_add(&to, &literal);
	else if (r == 0)
		r = net_lookup(s->server->host, s->server->port, s->link->family, &to, e);
	if (r >= 0)
		fd = net_connect(&to, &o, &which, e);
	net_addrs_release(&to);
	return fd;
}

static int dial(struct fetch_session *s, struct err *e)
{
	int fd = s->server->socket ? net_connect_unix(s->server->socket, e) : dial_host(s, e);
	if (fd < 0)
		return -1;
	stream_init_fd(&s->stream, fd, fd);
	s->stream.own_fds = true;
	return 0;
}

/* --- TLS --- */

static enum fetch_tls demand(const struct fetch_session *s)
{
	if (s->link->tls != FETCH_TLS_AUTO)
		return s->link->tls;
	return s->server->loopback && !s->server->implicit_tls ? FETCH_TLS_MAY : FETCH_TLS_VERIFY;
}

static int handshake(struct fetch_session *s, struct err *e)
{
	enum fetch_tls level = demand(s);
	struct tls_options o = {.host = s->server->host,
	    .verify = level == FETCH_TLS_VERIFY        ? TLS_VERIFY_CA
		      : level == FETCH_TLS_FINGERPRINT ? TLS_VERIFY_FINGERPRINT
						       : TLS_VERIFY_NONE,
	    .fingerprints = s->link->fingerprints,
	    .ca_file = s->link->ca_file,
	    .cert_file = s->link->cert_file,
	    .key_file = s->link->key_file};
	stream_timeout(&s->stream, s->link->timeout_ms);
	if (tls_start_client(&s->stream, &o, &s->tls, e) < 0)
		return -1;
	s->secure = true;
	return 0;
}

static int greet(struct fetch_session *s, bool tls_required, struct err *e)
{
	if (s->server->pop3)
		return pop3_client_greeting(&s->pop3, e);
	return imap_client_greeting(&s->imap, tls_required, e);
}

static int start_tls(struct fetch_session *s, bool required, struct err *e)
{
	bool offered;
	if ((s->server->pop3 ? pop3_client_capa(&s->pop3, e)
			     : imap_client_capability(&s->imap, e)) < 0)
		return -1;
	offered = s->server->pop3 ? s->pop3.stls : imap_client_can(&s->imap, "STARTTLS");
	if (!offered && !required)
		return 0;
	if (s->server->pop3) {
		if (pop3_client_stls(&s->pop3, e) < 0 || handshake(s, e) < 0)
			return -1;
		pop3_client_secured(&s->pop3);
	} else {
		if (imap_client_starttls(&s->imap, e) < 0 || handshake(s, e) < 0)
			return -1;
		imap_client_secured(&s->imap);
	}
	return 0;
}

static int sign_in(struct fetch_session *s, struct err *e)
{
	const char *auth = s->link->auth ? s->link->auth : "auto";
	bool safe = s->secure || s->server->loopback;
	if (strcmp(auth, "off") == 0 || (!s->server->pop3 && s->imap.signed_in))
		return 0;
	struct sasl_credentials cred = {.user = s->server->user,
	    .password = s->link->password,
	    .is_token = s->link->is_token,
	    .has_certificate = s->tls.own_certificate,
	    .host = s->server->host,
	    .port = s->server->port,
	    .exporter = span_make((const char *)s->tls.exporter, s->tls.exporter_len),
	    .end_point = span_make((const char *)s->tls.end_point, s->tls.end_point_len)};
	return s->server->pop3 ? pop3_client_sign_in(&s->pop3, &cred, auth, safe, e)
			       : imap_client_sign_in(&s->imap, &cred, auth, safe, e);
}

static int converse(struct fetch_session *s, struct err *e)
{
	enum fetch_tls level = demand(s);
	bool required = level > FETCH_TLS_MAY;
	if (s->server->implicit_tls && handshake(s, e) < 0)
		return -1;
	if (greet(s, required && !s->secure, e) < 0)
		return -1;
	if (!s->secure && level != FETCH_TLS_NONE && start_tls(s, required, e) < 0)
		return -1;
	return sign_in(s, e);
}

static int named(const struct fetch_server *sv, struct err *e)
{
	return sv->socket ? err_prefix(e, "%s: ", sv->socket)
			  : err_prefix(e, "%s:%u: ", sv->host, sv->port);
}

int fetch_connect(struct fetch_session *s, const struct fetch_server *sv,
    const struct fetch_link *link, struct err *e)
{
	*s = (struct fetch_session){.server = sv, .link = link};
	if (dial(s, e) < 0)
		return named(sv, e);
	s->open = true;
	if (link->trace) {
		s->trace = fetch_trace_new(sv->pop3, link->trace, link->trace_ctx);
		s->stream.trace = trace;
		s->stream.trace_ctx = s;
	}
	imap_client_init(&s->imap, &s->stream, link->timeout_ms);
	pop3_client_init(&s->pop3, &s->stream, link->timeout_ms);
	if (converse(s, e) < 0) {
		fetch_abort(s);
		return named(sv, e);
	}
	return 0;
}

int fetch_disconnect(struct fetch_session *s, struct err *e)
{
	if (!s->open)
		return 0;
	int r = s->server->pop3 ? pop3_client_quit(&s->pop3, e) : imap_client_logout(&s->imap, e);
	fetch_abort(s);
	return r < 0 ? named(s->server, e) : 0;
}

void fetch_abort(struct fetch_session *s)
{
	if (!s->open)
		return;
	s->open = false;
	imap_client_release(&s->imap);
	stream_release(&s->stream);
	fetch_trace_free(s->trace);
	s->trace = NULL;
}
