/* remote.c - the server that the command line and the configuration mean. */
#include "fetch.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "net/addr.h"

#include <stdlib.h>

enum { JUST_NOW_MS = 30 * 1000 };

bool remote_is_url(const char *operand)
{
	static const char *const schemes[] = {"imap:/", "imaps:/", "pop3:/", "pop3s:/"};
	for (size_t i = 0; i < ARRAY_LEN(schemes); i++)
		if (span_starts_nocase(span_of(operand), schemes[i]))
			return true;
	return strstr(operand, "://") != NULL;
}

/* --- the account --- */

/* An account's name wins over the default one; -A wins over the operand. With a URL, what an account says of its own server is not for that
 * one: the same rule as for --server elsewhere. */
static int load_account(struct remote *r, struct opts *o, const char *where, struct err *e)
{
	if (where && remote_is_url(where)) {
		if (!strv_has(&o->common.given, "server"))
			strv_add(&o->common.given, "server");
	} else if (where && !o->common.account) {
		o->common.account = str_dup(where);
	}
	return account_load(&r->account, &program, o, &o->common, NULL, e);
}

static int find_server(struct remote *r, const struct opts *o, const char *where, struct err *e)
{
	const char *url = where && remote_is_url(where) ? where : r->account.fetch;
	if (!url && r->account.name)
		return err_set(e, EX_CONFIG, _("[account %s] says no \"fetch\" (imaps://...)"),
		    r->account.name);
	if (!url)
		return err_set(e, EX_CONFIG,
		    _("from where? Name an account or a URL, or configure default-account"));
	return fetch_server_parse(&r->server, span_of(url), o->secrets.user, e);
}

/* --- names --- */

static void add_encoded(struct buf *b, struct span s, const char *keep)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];
		if (is_alpha((char)c) || is_digit((char)c) || c >= 0x80 || (c && strchr(keep, c)))
			buf_addc(b, (char)c);
		else
			buf_addf(b, "%%%02X", c);
	}
}

static char *place_of(const struct remote *r, bool is_url)
{
	struct buf b = BUF_INIT(8192);
	const struct fetch_server *sv = &r->server;
	if (!is_url) {
		buf_addf(&b, "%s:", r->account.name);
		return buf_detach(&b);
	}
	buf_addf(&b, "%s%s://", sv->pop3 ? "pop3" : "imap", sv->implicit_tls ? "s" : "");
	if (sv->user) {
		add_encoded(&b, span_of(sv->user), "@._-+=");
		buf_addc(&b, '@');
	}
	buf_addf(&b, strchr(sv->host, ':') ? "[%s]" : "%s", sv->host);
	buf_addf(&b, ":%u/", sv->port);
	return buf_detach(&b);
}

static char *label_of(const struct remote *r, bool is_url)
{
	const struct fetch_server *sv = &r->server;
	if (!is_url)
		return str_dup(r->account.name);
	return sv->user ? str_printf("%s@%s", sv->user, sv->host) : str_dup(sv->host);
}

/* --- the secret --- */

static bool wants_password(const struct remote *r)
{
	const char *auth = r->link.auth;
	if (strcasecmp(auth, "off") == 0 || strcasecmp(auth, "external") == 0 ||
	    strcasecmp(auth, "anonymous") == 0)
		return false;
	return true;
}

static int find_password(struct remote *r, const struct opts *o, struct err *e)
{
	if (!wants_password(r))
		return 0;
	if (!r->server.user)
		return err_set(e, EX_USAGE, _("who signs in? %s://USER@%s, or --user"),
		    r->server.pop3 ? "pop3s" : "imaps", r->server.host);
	const char *host = r->server.socket ? r->server.socket : r->server.host;
	if (account_secret(&r->account, &o->secrets, host, r->server.user, &r->password, e) < 0)
		return err_prefix(e, "%s: ", r->label);
	r->link.password = r->password;
	return 0;
}

/* Folders that are fetched side by side are refused side by side: what one of them got a moment ago is good for the others. What was refused stays until the
 * end, as somebody may be showing it right now. */
static int renew_token(struct remote *r, const char *refused, const char **out, struct err *e)
{
	const char *host = r->server.socket ? r->server.socket : r->server.host;
	char *new = NULL;
	bool just_now = r->renewed_ms && clock_mono_ms() - r->renewed_ms < JUST_NOW_MS;
	if (!just_now || strcmp(r->password, refused) == 0) {
		int done = account_token_again(
		    &r->account, r->secrets, host, r->server.user, r->password, &new, e);
		if (done <= 0)
			return done;
		strv_take(&r->refused, r->password);
		r->password = new;
		r->renewed_ms = clock_mono_ms();
	}
	*out = r->password;
	return 1;
}

static int renew(void *ctx, const char *refused, const char **out, struct err *e)
{
	struct remote *r = ctx;
	pthread_mutex_lock(&r->renewing);
	int done = renew_token(r, refused, out, e);
	pthread_mutex_unlock(&r->renewing);
	return done;
}

/* --- the way --- */

static int make_link(struct remote *r, const struct opts *o, struct err *e)
{
	const struct cli_network *n = &o->network;
	struct fetch_link *l = &r->link;
	*l = (struct fetch_link){.tls = (enum fetch_tls)o->tls,
	    .auth = o->secrets.auth ? o->secrets.auth : "auto",
	    .timeout_ms = n->timeout_s * 1000,
	    .deadline_ms = r->deadline_ms,
	    .network = n};
	l->is_token = sasl_takes_token(l->auth);
	l->renew = renew;
	l->renew_ctx = r;
	r->secrets = &o->secrets;
	if (o->fingerprints.n) {
		l->fingerprints = (const char *const *)o->fingerprints.v;
		if (l->tls == FETCH_TLS_AUTO)
			l->tls = FETCH_TLS_FINGERPRINT;
	} else if (l->tls == FETCH_TLS_FINGERPRINT) {
		return err_set(e, EX_USAGE, _("--tls=fingerprint needs --fingerprint"));
	}
	if (n->bind) {
		if (!net_addr_parse(span_of(n->bind), 0, &r->bind))
			return err_set(e, EX_USAGE, _("--bind: %s is no address"), n->bind);
		l->bind = &r->bind;
	}
	if (n->trace) {
		if (!(r->trace = cli_trace_open(n->trace, e)))
			return -1;
		l->trace = cli_trace_line;
		l->trace_ctx = r->trace;
	}
	return 0;
}

static int check_tls(const struct remote *r, struct err *e)
{
	if (r->server.implicit_tls && r->link.tls == FETCH_TLS_NONE)
		return err_set(e, EX_USAGE, _("--tls=none and a URL that says TLS"));
	return 0;
}

int remote_open(struct remote *r, struct opts *o, const char *where, struct err *e)
{
	*r = (struct remote){0};
	pthread_mutex_init(&r->renewing, NULL);
	if (load_account(r, o, where, e) < 0)
		return -1;
	bool is_url = !r->account.name || (where && remote_is_url(where));
	if (o->network.deadline_s)
		r->deadline_ms = clock_mono_ms() + o->network.deadline_s * 1000;
	if (find_server(r, o, where, e) < 0 || make_link(r, o, e) < 0 || check_tls(r, e) < 0)
		return -1;
	r->label = label_of(r, is_url);
	r->place = place_of(r, is_url);
	return find_password(r, o, e);
}

void remote_release(struct remote *r)
{
	account_release(&r->account);
	fetch_server_release(&r->server);
	str_wipe_free(r->password);
	for (size_t i = 0; i < r->refused.n; i++)
		mem_wipe(r->refused.v[i], strlen(r->refused.v[i]));
	strv_release(&r->refused);
	pthread_mutex_destroy(&r->renewing);
	free(r->label);
	free(r->place);
	cli_trace_close(r->trace);
	*r = (struct remote){0};
}

int remote_of_operands(
    struct remote *r, struct opts *o, struct strv *operands, size_t *folders_at, struct err *e)
{
	const char *first = operands->n ? operands->v[0] : NULL;
	bool taken = first && (remote_is_url(first) || !o->common.account);
	*folders_at = taken;
	return remote_open(r, o, taken ? first : NULL, e);
}

int remote_needs_imap(const struct remote *r, const char *for_what, struct err *e)
{
	return r->server.pop3 ? err_set(e, EX_USAGE, _("%s needs IMAP; POP3 cannot"), for_what) : 0;
}
