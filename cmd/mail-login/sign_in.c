/* sign_in.c - sign-in: who, by which way, and what is kept of it. */
#include "login.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "io/child.h"
#include "io/sys.h"
#include "login/pkce.h"
#include "login/redirect.h"
#include "report/report.h"

#include <stdlib.h>

enum { BROWSER_MS = 15 * 60 * 1000, SLICE_MS = 200, URL_MAX = 16 * 1024 };

struct sign_in {
	struct login *l;
	struct login_record
	    before; /* what was kept: who signs in again need not say everything again */
	bool again;
	struct login_record record;
	struct login_client client;
	char *secret;
	struct report *report; /* --json */
};

/* --- whom to ask --- */

static int choose_provider(struct sign_in *s, struct err *e)
{
	const struct login_options *o = s->l->o;
	const char *name = o->provider ? o->provider : s->l->account.preset;
	struct login_provider *p = &s->record.provider;
	if (!name && s->again) {
		*p = s->before.provider;
		s->before.provider = (struct login_provider){NULL};
		if (!p->name || !login_provider_preset(p, p->name))
			p->loopback = str_dup("127.0.0.1");
		return 0;
	}
	if (!name)
		return err_set(e, EX_CONFIG,
		    _("who signs you in? --provider with one of %s, or with an https URL; or "
		      "configure one"),
		    login_provider_names());
	if (login_provider_preset(p, name))
		return 0;
	if (span_starts(span_of(name), "https://"))
		return login_discover(&s->l->web, p, name, e);
	return err_set(e, EX_CONFIG, _("\"%.100s\" is none of %s, and no https URL"), name,
	    login_provider_names());
}

static int choose_client(struct sign_in *s, struct err *e)
{
	const struct login_options *o = s->l->o;
	const struct login_provider *p = &s->record.provider;
	const char *id = o->client_id ? o->client_id : s->again ? s->before.client_id : NULL;
	const char *scope = o->scope ? o->scope : p->scope;
	if (!scope && s->again)
		scope = s->before.scope;
	if (!id)
		return err_set(e, EX_CONFIG,
		    _("%s wants the id of a program that was registered there: --client-id"),
		    p->name);
	s->record.client_id = str_dup(id);
	s->record.scope = scope ? str_dup(scope) : NULL;
	if (login_client_secret(s->l, &s->secret, e) < 0)
		return -1;
	s->client = (struct login_client){.web = &s->l->web,
	    .provider = p,
	    .id = s->record.client_id,
	    .secret = s->secret,
	    .scope = s->record.scope};
	return 0;
}

/* --- telling --- */

enum column { ACCOUNT, PROVIDER, URL, CODE, EXPIRES, RENEWABLE };
static const struct report_column columns[] = {
    [ACCOUNT] = {"account", NULL, 0},
    [PROVIDER] = {"provider", NULL, 0},
    [URL] = {"verification_uri", NULL, 0},
    [CODE] = {"user_code", NULL, 0},
    [EXPIRES] = {"expires", NULL, 0},
    [RENEWABLE] = {"renewable", NULL, 0},
};

/* A person has to do something: said with -q too. */
static int tell_page(
    struct sign_in *s, const char *url, const char *code, int64_t expires_s, struct err *e)
{
	if (code)
		cli_warn(s->l->program, NULL, _("go to %s and type the code %s"), url, code);
	else
		cli_warn(s->l->program, NULL, _("sign in at %s"), url);
	if (!s->report)
		return 0;
	report_text(s->report, ACCOUNT, span_of(s->l->name));
	report_text(s->report, URL, span_of(url));
	if (code)
		report_text(s->report, CODE, span_of(code));
	if (expires_s)
		report_time(s->report, EXPIRES, expires_s);
	return report_row(s->report, e) < 0 ? -1 : report_flush(s->report, e);
}

static int tell_done(struct sign_in *s, struct err *e)
{
	const struct login_record *r = &s->record;
	if (!r->token.refresh)
		cli_warn(s->l->program, &s->l->o->common,
		    _("%s: %s gave nothing to renew the sign-in with: it ends when the token does"),
		    s->l->name, r->provider.name);
	if (!s->report) {
		cli_warn(s->l->program, &s->l->o->common, _("%s: signed in"), s->l->name);
		return 0;
	}
	report_text(s->report, ACCOUNT, span_of(s->l->name));
	report_text(s->report, PROVIDER, span_of(r->provider.name));
	if (r->token.expires_s)
		report_time(s->report, EXPIRES, r->token.expires_s);
	report_bool(s->report, RENEWABLE, r->token.refresh != NULL);
	return report_row(s->report, e);
}

/* --- with the browser --- */

static int64_t until(const struct login *l, int64_t most_ms)
{
	int64_t at = clock_mono_ms() + most_ms;
	return l->deadline_ms && l->deadline_ms < at ? l->deadline_ms : at;
}

/* The redirect is open before the browser is sent on its way. */
static int come_back(struct sign_in *s, struct login_redirect *at, const char *redirect,
    const char *state, const char *verifier, char **code, struct err *e)
{
	struct buf url = BUF_INIT(URL_MAX);
	char *hint = account_address(&s->l->account);
	login_authorize_url(&s->client, redirect, state, verifier, hint, &url);
	free(hint);
	int r = url.over ? err_set(e, EX_DATAERR, _("the request is too long"))
			 : tell_page(s, buf_cstr(&url), NULL, 0, e);
	if (r == 0) {
		if (!login_open_browser(buf_cstr(&url)))
			cli_warn(s->l->program, &s->l->o->common,
			    _("no browser could be started: open that page on this machine%s"),
			    s->record.provider.device ? _(", or use --device") : "");
		r = login_redirect_wait(at, state,
		    (struct login_issuer){
			s->record.provider.issuer, s->record.provider.tells_issuer},
		    until(s->l, BROWSER_MS), code, e);
	}
	buf_release(&url);
	return r;
}

static int by_browser(struct sign_in *s, struct err *e)
{
	struct login_redirect at;
	char *state = pkce_secret(), *verifier = pkce_secret(), *code = NULL;
	int r = login_redirect_open(&at, e);
	if (r == 0) {
		char *redirect = str_printf("http://%s:%u/", s->record.provider.loopback, at.port);
		r = come_back(s, &at, redirect, state, verifier, &code, e);
		login_redirect_close(&at);
		if (r == 0)
			r = login_exchange(
			    &s->client, code, redirect, verifier, &s->record.token, e);
		free(redirect);
	}
	str_wipe_free(state);
	str_wipe_free(verifier);
	str_wipe_free(code);
	return r;
}

/* --- with a code on another device --- */

static int pause_s(const struct login *l, int64_t seconds, struct err *e)
{
	int64_t end = until(l, seconds * 1000);
	for (int64_t left; (left = end - clock_mono_ms()) > 0;) {
		sys_poll(NULL, 0, (int)(left < SLICE_MS ? left : SLICE_MS));
		if (signals_stop())
			return err_set(e, EX_TEMPFAIL, _("stopped by a signal"));
	}
	if (l->deadline_ms && clock_mono_ms() >= l->deadline_ms)
		return err_set(e, EX_TEMPFAIL, _("nobody signed in in time"));
	return 0;
}

static int poll_device(struct sign_in *s, struct login_device *d, struct err *e)
{
	int64_t end_ms = clock_mono_ms() + (d->expires_s - clock_real_s()) * 1000;
	int r = 0;
	while (r == 0) {
		if (pause_s(s->l, d->interval_s, e) < 0)
			return -1;
		if (clock_mono_ms() >= end_ms)
			return err_set(e, EX_NOPERM, _("the code has expired"));
		r = login_device_poll(&s->client, d, &s->record.token, e);
	}
	return r < 0 ? -1 : 0;
}

static int by_device(struct sign_in *s, struct err *e)
{
	struct login_device d;
	if (login_device_begin(&s->client, &d, e) < 0)
		return -1;
	int r = tell_page(s, d.verification_uri, d.user_code, d.expires_s, e);
	if (r == 0)
		r = poll_device(s, &d, e);
	login_device_release(&d);
	return r;
}

/* --- the whole --- */

static int sign_in(struct sign_in *s, struct err *e)
{
	const struct login_provider *p = &s->record.provider;
	bool device = s->l->o->device || (!p->authorize && p->device);
	if (device && !p->device)
		return err_set(e, EX_UNAVAILABLE,
		    _("%s lets nobody sign in to mail with a code on another device"), p->name);
	if (!device && !p->authorize)
		return err_set(e, EX_UNAVAILABLE, _("%s has no page to sign in at"), p->name);
	return device ? by_device(s, e) : by_browser(s, e);
}

static int keep(struct sign_in *s, struct err *e)
{
	int lock = login_store_lock(&s->l->store, e);
	if (lock < 0)
		return -1;
	s->record.obtained_s = clock_real_s();
	int r = login_record_put(&s->l->store, &s->record, e);
	sys_close(lock);
	return r;
}

static int run(struct sign_in *s, struct err *e)
{
	struct err ignored = ERR_INIT; /* what cannot be read is written anew */
	s->again = login_record_get(&s->l->store, &s->before, &ignored) > 0;
	if (choose_provider(s, e) < 0 || choose_client(s, e) < 0 || sign_in(s, e) < 0 ||
	    keep(s, e) < 0)
		return -1;
	return tell_done(s, e);
}

int login_sign_in(struct login *l, struct err *e)
{
	struct sign_in s = {.l = l};
	if (l->o->common.json)
		s.report = report_new(columns, ARRAY_LEN(columns), REPORT_JSON, l->o->common.color);
	int r = run(&s, e);
	if (s.report && report_close(s.report, r < 0 ? NULL : e) < 0)
		r = -1;
	login_record_release(&s.before);
	login_record_release(&s.record);
	str_wipe_free(s.secret);
	return r;
}
