#include "submit/submit.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "submit/host.h"
#include "submit/tlsrpt.h"

#include <stdlib.h>

/* --- the route, parsed --- */

static void fill_link(struct submit *s)
{
	const struct cli_network *n = s->settings.network;
	s->link = (struct submit_link){.timeout_ms = n->timeout_s * 1000,
	    .final_timeout_ms = s->settings.final_timeout_ms,
	    .deadline_ms = s->settings.deadline_ms,
	    .family = n->only4   ? AF_INET
		      : n->only6 ? AF_INET6
				 : AF_UNSPEC,
	    .ca_file = n->ca_file,
	    .cert_file = n->cert,
	    .key_file = n->key,
	    .connects = &n->connects,
	    .helo = s->settings.route->helo,
	    .trace = s->settings.trace,
	    .trace_ctx = s->settings.trace_ctx};
}

/* Without a home they last for the run. */
static void open_sessions(struct submit *s)
{
	char *folder = NULL;
	if (account_state_path("tls", &folder, NULL) < 0)
		folder = NULL;
	s->link.sessions = tls_sessions_new(folder);
	free(folder);
}

static int parse_bind(struct submit *s, struct err *e)
{
	const char *text = s->settings.network->bind;
	if (!text)
		return 0;
	if (!net_addr_parse(span_of(text), 0, &s->bind))
		return err_set(e, EX_USAGE, _("--bind: \"%.100s\" is no address"), text);
	s->link.bind = &s->bind;
	return 0;
}

static int parse_levels(struct submit *s, struct err *e)
{
	const struct queue_route *r = s->settings.route;
	if (r->tls && !submit_tls_by_name(r->tls, &s->tls))
		return err_set(e, EX_USAGE, _("--tls: \"%.60s\" is no level"), r->tls);
	if (r->smtputf8)
		s->utf8 = strcmp(r->smtputf8, "always") == 0  ? SUBMIT_UTF8_ALWAYS
			  : strcmp(r->smtputf8, "never") == 0 ? SUBMIT_UTF8_NEVER
							      : SUBMIT_UTF8_AUTO;
	if (s->tls == SUBMIT_TLS_FINGERPRINT && !s->settings.fingerprints->n)
		return err_set(e, EX_USAGE, _("--tls=fingerprint wants a --fingerprint"));
	if (s->tls == SUBMIT_TLS_AUTO && s->settings.fingerprints->n)
		s->tls = SUBMIT_TLS_FINGERPRINT;
	if (r->require_tls && s->tls == SUBMIT_TLS_NONE)
		return err_set(e, EX_USAGE, _("--require-tls cannot go with --tls=none"));
	return 0;
}

/* A mechanism that needs no secret, or a certificate that stands for one. */
static bool can_do_without(const struct submit *s)
{
	const char *auth = s->settings.route->auth;
	return s->link.cert_file ||
	       (auth && (strcasecmp(auth, "external") == 0 || strcasecmp(auth, "anonymous") == 0));
}

static int get_secret(struct submit *s, struct err *e)
{
	const char *auth = s->settings.route->auth;
	const char *at = s->server.host ? s->server.host : s->server.socket;
	struct err why = ERR_INIT;
	s->user = s->settings.route->user ? s->settings.route->user : s->server.user;
	if (!s->user || s->settings.ask_no_secret || (auth && strcasecmp(auth, "off") == 0))
		return 0;
	if (account_secret(
		s->settings.account, s->settings.secrets, at, s->user, &s->password, &why) == 0 ||
	    can_do_without(s))
		return 0;
	if (account_wants_token(s->settings.secrets) && s->settings.account->name)
		err_prefix(&why, "%s: ", s->settings.account->name);
	return err_copy(e, &why);
}

static int renew(void *ctx, const char *refused, const char **out, struct err *e)
{
	struct submit *s = ctx;
	const char *at = s->server.host ? s->server.host : s->server.socket;
	char *new = NULL;
	int r = account_token_again(
	    s->settings.account, s->settings.secrets, at, s->user, refused, &new, e);
	if (r <= 0)
		return r;
	str_wipe_free(s->password);
	s->target.password = s->password = new;
	*out = new;
	return 1;
}

static void open_planner(struct submit *s, unsigned port)
{
	s->planner = (struct submit_planner){.network = s->settings.network,
	    .config = s->settings.config,
	    .tls = s->settings.route->tls,
	    .port = port,
	    .require_tls = s->settings.route->require_tls,
	    .deadline_ms = s->settings.deadline_ms};
}

static int open_server(struct submit *s, struct err *e)
{
	if (submit_server_parse(&s->server, s->settings.route->server, e) < 0)
		return -1;
	if (s->server.socket && s->tls > SUBMIT_TLS_MAY)
		return err_set(e, EX_USAGE, _("TLS cannot be demanded of a socket"));
	if (get_secret(s, e) < 0)
		return -1;
	open_planner(s, s->server.port);
	s->target = (struct submit_target){.protocol = s->server.protocol,
	    .host = s->server.host,
	    .socket = s->server.socket,
	    .port = s->server.port,
	    .implicit_tls = s->server.implicit_tls,
	    .tls = submit_server_tls(&s->server, s->tls),
	    .fingerprints = (const char *const *)s->settings.fingerprints->v,
	    .user = s->user,
	    .password = s->password,
	    .auth = s->settings.route->auth,
	    .renew = renew,
	    .renew_ctx = s};
	return 0;
}

int submit_open(struct submit *s, const struct submit_settings *settings, struct err *e)
{
	*s = (struct submit){.settings = *settings};
	int r;
	fill_link(s);
	open_sessions(s);
	if (parse_bind(s, e) < 0 || parse_levels(s, e) < 0)
		r = -1;
	else if (settings->route->use_mx) {
		const struct cli_network *n = settings->network;
		open_planner(s, n->smtp_port ? (unsigned)n->smtp_port : 25);
		r = 0;
	} else
		r = open_server(s, e);
	if (r < 0)
		submit_release(s);
	return r;
}

void submit_release(struct submit *s)
{
	submit_ride_release(s);
	submit_session_close(&s->session);
	submit_tlsrpt_flush(s);
	submit_planner_release(&s->planner);
	submit_server_release(&s->server);
	tls_sessions_free(s->link.sessions);
	str_wipe_free(s->password);
	free(s->pins);
	while (s->vias) {
		struct submit_via *next = s->vias->next;
		free(s->vias->host);
		free(s->vias);
		s->vias = next;
	}
	*s = (struct submit){.via = NULL};
}

/* --- delivering --- */

/* A named server is looked up like any host, unless DANE is asked for: then by the one who can validate. */
static bool wants_dane(const struct submit *s)
{
	return s->server.host && (s->tls == SUBMIT_TLS_DANE || s->tls == SUBMIT_TLS_DANE_ONLY);
}

static void by_server(struct submit_work *w, const size_t *which, size_t n)
{
	if (wants_dane(w->s))
		submit_by_dane(w, which, n);
	else
		submit_host_try(w, which, n);
	for (size_t i = 0; i < n; i++)
		if (submit_host_is_open(&w->job->results[which[i]]))
			submit_settled(w, which[i]); /* there is no other host */
}

/* All whose fate may still change. */
static void deliver(struct submit_work *w)
{
	size_t n = 0, *which = mem_new(w->job->env->recipient_count, sizeof(*which));
	for (size_t i = 0; i < w->job->env->recipient_count; i++)
		if (submit_host_is_open(&w->job->results[i]))
			which[n++] = i;
	if (w->s->settings.route->use_mx)
		submit_by_mx(w, which, n);
	else
		by_server(w, which, n);
	free(which);
	if (w->seven) {
		submit_message_release(w->seven);
		free(w->seven);
	}
}

void submit_deliver(struct submit *s, struct submit_job *job)
{
	struct submit_work w = {.s = s, .job = job, .began_ms = clock_mono_ms()};
	for (size_t i = 0; i < job->env->recipient_count; i++)
		job->results[i] = (struct submit_result){.via = NULL};
	deliver(&w);
	submit_ride_where(&w);
}

void submit_deliver_rest(struct submit *s, struct submit_job *job)
{
	struct submit_work w = {.s = s, .job = job, .began_ms = clock_mono_ms(), .rest = true};
	deliver(&w);
	submit_ride_where(&w);
}

/* --- what to say --- */

static bool all_alike(const struct submit_result *r, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (r[i].answer.phase >= SMTP_MAIL || r[i].answer.exit != r[0].answer.exit)
			return false;
	return n > 0;
}

int submit_exit_code(const struct submit_result *r, size_t n)
{
	bool later = false, refused = false;
	if (n == 1 || all_alike(r, n))
		return r[0].answer.exit;
	for (size_t i = 0; i < n; i++) {
		later = later || r[i].answer.status == SMTP_DEFERRED ||
			r[i].answer.status == SMTP_UNKNOWN;
		refused = refused || r[i].answer.status == SMTP_REFUSED;
	}
	return later ? EX_TEMPFAIL : refused ? EX_UNAVAILABLE : EX_OK;
}

static void add_where(const struct submit_via *v, struct buf *out)
{
	if (!*v->ip && v->host[0] == '/')
		buf_addf(out, "%s: ", v->host);
	else if (*v->ip && strcmp(v->ip, v->host) != 0)
		buf_addf(out, "%s[%s]:%u: ", v->host, v->ip, v->port);
	else
		buf_addf(out, "%s:%u: ", v->host, v->port);
}

void submit_explain(const struct submit_result *r, const char *address, struct buf *out)
{
	const struct smtp_answer *a = &r->answer;
	if (r->via)
		add_where(r->via, out);
	if (address)
		buf_addf(
		    out, a->code && a->phase == SMTP_RCPT ? "RCPT TO <%s>: " : "<%s>: ", address);
	if (a->code && a->phase != SMTP_RCPT)
		buf_addf(out, "%s: ", smtp_phase_name(a->phase));
	if (a->code)
		buf_addf(out, "%d ", a->code);
	if (a->enhanced[0])
		buf_addf(out, "%s ", a->enhanced);
	buf_adds(out, a->text);
}
