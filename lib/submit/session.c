#include "submit/session.h"

#include "base/clock.h"
#include "base/intl.h"
#include "io/sys.h"
#include "net/connect.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* --- who and where, for errors --- */

/* Takes the failure down as it is, then says where it was. */
static int at(struct submit_session *s, struct err *e)
{
	bool said = s->open && e->smtp;
	if (said)
		smtp_answer_reply(&s->failure, s->client.phase, &s->client.reply);
	else
		smtp_answer_err(&s->failure, s->open ? s->client.phase : SMTP_CONNECT, e);
	s->failure.exit = e->code;
	const struct submit_target *t = s->target;
	if (!t->host)
		return err_prefix(e, "%s: ", t->socket);
	if (!*s->ip || strcmp(s->ip, t->host) == 0)
		return err_prefix(e, "%s:%u: ", t->host, s->port ? s->port : t->port);
	return err_prefix(e, "%s[%s]:%u: ", t->host, s->ip, s->port);
}

/* --- addresses --- */

static int addresses(const struct submit_session *s, struct net_addrs *to, struct err *e)
{
	const struct net_addrs *known = s->target->addresses;
	int r = net_connects_find(s->link->connects, s->target->host, to, e);
	if (r != 0)
		return r < 0 ? -1 : 0;
	if (!known)
		return net_lookup(s->target->host, s->target->port, s->link->family, to, e);
	for (size_t i = 0; i < known->n; i++)
		if (s->link->family == AF_UNSPEC || s->link->family == known->v[i].sa.ss_family)
			net_addrs_add(to, &known->v[i]);
	return to->n ? 0
		     : err_set(e, EX_TEMPFAIL, _("%s: no address of the family asked for"),
			   s->target->host);
}

/* --- the stages --- */

static int64_t time_left(const struct submit_session *s)
{
	int64_t left = s->link->timeout_ms;
	if (s->link->deadline_ms) {
		int64_t until = s->link->deadline_ms - clock_mono_ms();
		left = until < left ? until : left;
	}
	return left > 0 ? left : 1;
}

static void talk(struct submit_session *s, int fd)
{
	stream_init_fd(&s->stream, fd, fd);
	s->stream.own_fds = true;
	if (s->link->trace) {
		s->stream.trace = submit_session_trace;
		s->stream.trace_ctx = s;
	}
	buf_init(&s->heard, 4096);
	smtp_client_init(&s->client, &s->stream, s->target->protocol, s->link->timeout_ms);
	s->client.final_timeout_ms = s->link->final_timeout_ms;
	s->client.deadline_ms = s->link->deadline_ms;
	s->open = true;
}

static bool must_encrypt(const struct submit_target *t)
{
	return t->implicit_tls || t->tls > SUBMIT_TLS_MAY;
}

static int handshake(struct submit_session *s, struct err *e)
{
	const struct submit_target *t = s->target;
	struct tls_options o = {.host = t->host,
	    .verify = t->tls == SUBMIT_TLS_VERIFY        ? TLS_VERIFY_CA
		      : t->tls == SUBMIT_TLS_DANE        ? TLS_VERIFY_DANE
		      : t->tls == SUBMIT_TLS_FINGERPRINT ? TLS_VERIFY_FINGERPRINT
							 : TLS_VERIFY_NONE,
	    .pins = t->pins,
	    .pin_count = t->pin_count,
	    .fingerprints = t->fingerprints,
	    .ca_file = s->link->ca_file,
	    .cert_file = s->link->cert_file,
	    .key_file = s->link->key_file,
	    .port = s->port,
	    .sessions = s->link->sessions};
	memcpy(o.names, t->names, sizeof(o.names));
	stream_timeout(&s->stream, time_left(s));
	s->tls.failure = TLS_FAILURE_NONE;
	if (tls_start_client(&s->stream, &o, &s->tls, e) < 0)
		return -1;
	smtp_client_secured(&s->client);
	return 0;
}

/* The name for EHLO: RFC 5321 4.1.4 wants one that is fully qualified, or the address as a literal. */
static void my_name(struct submit_session *s, char *out, size_t size)
{
	struct net_addr me = {.len = sizeof(me.sa)};
	char host[256] = "";
	gethostname(host, sizeof(host) - 1);
	bool known = getsockname(s->stream.rfd, (struct sockaddr *)&me.sa, &me.len) == 0;
	if (known && me.sa.ss_family != AF_UNIX)
		net_addr_text(&me, s->my_ip, sizeof(s->my_ip));
	if (s->link->helo)
		snprintf(out, size, "%s", s->link->helo);
	else if (strchr(host, '.') && !strchr(host, ' '))
		snprintf(out, size, "%s", host);
	else if (*s->my_ip)
		snprintf(out, size, me.sa.ss_family == AF_INET6 ? "[IPv6:%s]" : "[%s]", s->my_ip);
	else
		snprintf(out, size, "localhost");
}

/* "454 TLS not available now": where TLS may be, but need not. A handshake that fails is another matter. */
static bool may_go_on(const struct submit_session *s, struct err *e)
{
	if (must_encrypt(s->target) || !e->smtp || e->smtp == 421 || e->code == EX_PROTOCOL)
		return false;
	err_clear(e);
	return true;
}

static int start_tls(struct submit_session *s, const char *name, struct err *e)
{
	bool offered = smtp_client_can(&s->client, SMTP_STARTTLS_OFFERED);
	if (s->target->tls == SUBMIT_TLS_NONE || (!offered && !must_encrypt(s->target)))
		return 0;
	s->civil = !offered;
	if (smtp_client_starttls(&s->client, e) < 0)
		return may_go_on(s, e) ? 0 : -1;
	if (handshake(s, e) < 0)
		return -1;
	return smtp_client_hello(&s->client, name, e);
}

/* A token may be withdrawn before its time: the server's word counts for more than the date on it. Once; 1: cred has another one. */
static int another_token(struct submit_session *s, struct sasl_credentials *cred, struct err *e)
{
	const struct submit_target *t = s->target;
	struct err why = ERR_INIT;
	if (!s->client.refused || !cred->is_token || !cred->password || !t->renew)
		return -1;
	int r = t->renew(t->renew_ctx, cred->password, &cred->password, &why);
	if (r > 0)
		err_clear(e);
	else if (r < 0)
		err_copy(e, &why);
	return r > 0 ? 1 : -1;
}

static int sign_in(struct submit_session *s, struct err *e)
{
	const struct submit_target *t = s->target;
	const char *auth = t->auth ? t->auth : "auto";
	bool named = strcasecmp(auth, "auto") != 0;
	if (strcasecmp(auth, "off") == 0 || (!t->user && !named))
		return 0;
	struct sasl_credentials cred = {.user = t->user,
	    .password = t->password,
	    .is_token = named && sasl_takes_token(auth),
	    .has_certificate = s->tls.own_certificate,
	    .host = t->host,
	    .port = s->port,
	    .exporter = span_make((const char *)s->tls.exporter, s->tls.exporter_len),
	    .end_point = span_make((const char *)s->tls.end_point, s->tls.end_point_len)};
	bool safe = s->client.tls || s->local;
	s->signed_in = true;
	int r = smtp_client_auth(&s->client, &cred, auth, safe, e);
	if (r < 0 && (r = another_token(s, &cred, e)) > 0)
		r = smtp_client_auth(&s->client, &cred, auth, safe, e);
	return r < 0 ? -1 : 0;
}

/* What a stage took; the next one begins now. */
static void took(int64_t *since, int64_t *ms)
{
	int64_t now = clock_mono_ms();
	*ms = now - *since;
	*since = now;
}

/* 0 ready, 1 as far as it should go, -1. */
static int converse(struct submit_session *s, enum submit_stop stop, struct err *e)
{
	char name[256];
	int64_t since = clock_mono_ms();
	my_name(s, name, sizeof(name));
	if (s->target->implicit_tls && handshake(s, e) < 0)
		return -1;
	if (s->target->implicit_tls)
		took(&since, &s->times.tls);
	if (smtp_client_greeting(&s->client, e) < 0)
		return -1;
	took(&since, &s->times.greeting);
	if (stop == SUBMIT_STOP_CONNECT)
		return 1;
	if (smtp_client_hello(&s->client, name, e) < 0)
		return -1;
	took(&since, &s->times.hello);
	if (stop == SUBMIT_STOP_EHLO)
		return 1;
	if (!s->client.tls && start_tls(s, name, e) < 0)
		return -1;
	if (s->client.tls && !s->target->implicit_tls)
		took(&since, &s->times.tls);
	if (stop == SUBMIT_STOP_TLS)
		return 1;
	if (sign_in(s, e) < 0)
		return -1;
	if (s->signed_in)
		took(&since, &s->times.auth);
	return stop == SUBMIT_STOP_AUTH;
}

/* --- one address after the other --- */

static void forget_address(struct net_addrs *l, size_t i)
{
	memmove(&l->v[i], &l->v[i + 1], (l->n - i - 1) * sizeof(*l->v));
	l->n--;
}

/* Another address may do better than the one that failed this way. */
static bool is_of_address(const struct submit_session *s, const struct err *e)
{
	return e->code == EX_TEMPFAIL ? s->client.phase < SMTP_AUTH
				      : s->client.phase <= SMTP_HELLO && e->code != EX_USAGE;
}

/* Who said no in so many words is told goodbye; to who broke the protocol there is nothing more to say. */
static void leave(struct submit_session *s, const struct err *e)
{
	if (s->open && (s->civil || (e->code != EX_PROTOCOL && e->smtp != 421)) &&
	    !s->stream.err.code && !s->stream.eof)
		submit_session_close(s);
	else
		submit_session_drop(s);
}

static const struct submit_times none = {-1, -1, -1, -1, -1};

static int by_socket(struct submit_session *s, enum submit_stop stop, struct err *e)
{
	int fd = net_connect_unix(s->target->socket, e);
	if (fd < 0) {
		smtp_answer_err(&s->failure, SMTP_CONNECT, e);
		return -1;
	}
	s->local = true;
	talk(s, fd);
	int r = converse(s, stop, e);
	return r < 0 ? at(s, e) : r;
}

static int by_address(
    struct submit_session *s, struct net_addrs *to, enum submit_stop stop, struct err *e)
{
	struct net_connect_options o = {.bind = s->link->bind, .timeout_ms = time_left(s)};
	size_t which;
	int64_t since = clock_mono_ms();
	s->times = none;
	int fd = net_connect(to, &o, &which, e);
	took(&since, &s->times.connect);
	if (fd < 0) {
		to->n = 0; /* all were tried */
		return at(s, e);
	}
	net_addr_text(&to->v[which], s->ip, sizeof(s->ip));
	s->port = net_addr_port(&to->v[which]);
	s->local = net_addr_is_loopback(&to->v[which]);
	forget_address(to, which);
	talk(s, fd);
	int r = converse(s, stop, e);
	return r < 0 ? at(s, e) : r;
}

static int by_host(struct submit_session *s, enum submit_stop stop, struct err *e)
{
	struct net_addrs to = {0};
	int r = addresses(s, &to, e);
	if (r < 0)
		smtp_answer_err(&s->failure, SMTP_CONNECT, e);
	while (r == 0) {
		r = by_address(s, &to, stop, e);
		if (r >= 0 || !s->open || !to.n || !is_of_address(s, e))
			break;
		leave(s, e);
		*s->ip = '\0';
		s->port = 0;
		r = 0;
	}
	net_addrs_release(&to);
	return r;
}

int submit_session_open(struct submit_session *s, const struct submit_target *t,
    const struct submit_link *link, enum submit_stop stop, struct err *e)
{
	*s = (struct submit_session){.target = t, .link = link, .times = none};
	int r = t->host ? by_host(s, stop, e) : by_socket(s, stop, e);
	if (r < 0)
		leave(s, e);
	else if (r > 0)
		submit_session_close(s);
	return r;
}

bool submit_session_alive(struct submit_session *s)
{
	return s->open && stream_ready(&s->stream, NULL) == 0;
}

bool submit_session_is_full(const struct submit_session *s)
{
	return s->client.mail_max && s->mails >= s->client.mail_max;
}

void submit_session_drop(struct submit_session *s)
{
	if (!s->open)
		return;
	s->open = false;
	smtp_client_release(&s->client);
	stream_release(&s->stream);
	buf_release(&s->heard);
}

void submit_session_close(struct submit_session *s)
{
	if (s->open)
		smtp_client_quit(&s->client);
	submit_session_drop(s);
}
