/* session.c - from a server's name to a conversation that is signed in. */
#include "base/alloc.h"
#include "base/intl.h"
#include "fetch/fetch.h"
#include "fetch/lookup.h"
#include "fetch/trace.h"
#include "net/connect.h"

#include <stdlib.h>

static void trace(void *ctx, bool ours, struct span bytes)
{
	struct fetch_session *s = ctx;
	bool secret = s->server->pop3 ? s->pop3.secret : s->imap.secrecy == IMAP_WIRE_SECRET;
	fetch_trace_put(s->trace, ours, secret, bytes);
}

static int dial_host(struct fetch_session *s, struct err *e)
{
	struct net_addrs to = {0};
	struct net_connect_options o = {.bind = s->link->bind, .timeout_ms = s->link->timeout_ms};
	size_t which;
	int fd = -1;
	if (fetch_lookup(s->server, s->link, &to, &s->plan, e) == 0)
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
	s->stream.end_ms = s->link->deadline_ms;
	return 0;
}

/* --- TLS --- */

static enum fetch_tls demand(const struct fetch_session *s)
{
	if (s->link->tls != FETCH_TLS_AUTO)
		return s->link->tls;
	return s->server->loopback && !s->server->implicit_tls ? FETCH_TLS_MAY : FETCH_TLS_VERIFY;
}

/* The plan's pins as TLS wants them; the names that a certificate may show by usage 2 (RFC 7672 3.2). */
static void add_pins(const struct fetch_session *s, struct tls_options *o, struct tls_pin *pins)
{
	const struct route_host *h = &s->plan->hosts[0];
	o->verify = TLS_VERIFY_DANE;
	for (size_t i = 0; i < h->pin_count; i++)
		pins[i] = (struct tls_pin){.usage = h->pins[i].usage,
		    .selector = h->pins[i].selector,
		    .matching = h->pins[i].matching,
		    .data = span_make((const char *)h->pins[i].data, h->pins[i].len)};
	o->pins = pins;
	o->pin_count = h->pin_count;
	for (size_t i = 0; i < h->names.n && i < ARRAY_LEN(o->names) - 1; i++)
		o->names[i] = h->names.v[i];
}

static int choose_check(
    struct fetch_session *s, struct tls_options *o, struct tls_pin **pins, struct err *e)
{
	enum fetch_tls level = demand(s);
	bool pinned = s->plan && s->plan->hosts[0].tls == ROUTE_TLS_DANE;
	if (level == FETCH_TLS_VERIFY || level == FETCH_TLS_DANE)
		o->verify = TLS_VERIFY_CA;
	else if (level == FETCH_TLS_FINGERPRINT)
		o->verify = TLS_VERIFY_FINGERPRINT;
	if (level < FETCH_TLS_DANE)
		return 0;
	if (!pinned && level == FETCH_TLS_DANE_ONLY)
		return err_set(e, EX_TEMPFAIL, _("there is no TLSA record to trust"));
	if (!pinned)
		return 0;
	*pins = mem_new(s->plan->hosts[0].pin_count, sizeof(**pins));
	add_pins(s, o, *pins);
	return 0;
}

static int handshake(struct fetch_session *s, struct err *e)
{
	struct tls_pin *pins = NULL;
	struct tls_options o = {.host = s->server->host,
	    .verify = TLS_VERIFY_NONE,
	    .fingerprints = s->link->fingerprints,
	    .ca_file = s->link->network->ca_file,
	    .cert_file = s->link->network->cert,
	    .key_file = s->link->network->key};
	stream_timeout(&s->stream, s->link->timeout_ms);
	int r = choose_check(s, &o, &pins, e);
	if (r == 0)
		r = tls_start_client(&s->stream, &o, &s->tls, e);
	free(pins);
	s->secure = r == 0;
	return r;
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

static int present(struct fetch_session *s, const struct sasl_credentials *cred, const char *auth,
    bool safe, struct err *e)
{
	return s->server->pop3 ? pop3_client_sign_in(&s->pop3, cred, auth, safe, e)
			       : imap_client_sign_in(&s->imap, cred, auth, safe, e);
}

/* A token may be withdrawn before its time: the server's word counts for more than the date on it. Once; 1: cred has another one. */
static int another_token(struct fetch_session *s, struct sasl_credentials *cred, struct err *e)
{
	struct err why = ERR_INIT;
	bool refused = s->server->pop3 ? s->pop3.refused : s->imap.refused;
	if (!refused || !cred->is_token || !cred->password || !s->link->renew ||
	    e->code != EX_NOPERM)
		return -1;
	int r = s->link->renew(s->link->renew_ctx, cred->password, &cred->password, &why);
	if (r > 0)
		err_clear(e);
	else if (r < 0)
		err_copy(e, &why);
	return r > 0 ? 1 : -1;
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
	int r = present(s, &cred, auth, safe, e);
	if (r < 0 && (r = another_token(s, &cred, e)) > 0)
		r = present(s, &cred, auth, safe, e);
	return r < 0 ? -1 : 0;
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
	if (dial(s, e) < 0) {
		route_plan_free(s->plan);
		return named(sv, e);
	}
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
	route_plan_free(s->plan);
	s->plan = NULL;
}
