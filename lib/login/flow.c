#include "login/flow.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "login/form.h"
#include "login/pkce.h"

#include <stdlib.h>

enum { FORM_MAX = 128 * 1024, SLOWER_S = 5, SLOWEST_S = 300 };

/* --- asking --- */

/* RFC 6749 2.3.1: name and secret are form-encoded before they become a user name and a password. */
static char *basic_of(const struct login_client *c)
{
	struct buf b = BUF_INIT(16 * 1024);
	if (!c->secret || !c->provider->basic)
		return NULL;
	b.secret = true;
	form_escape(&b, span_of(c->id));
	buf_addc(&b, ':');
	form_escape(&b, span_of(c->secret));
	return buf_detach(&b);
}

static void form_begin(struct buf *b)
{
	buf_init(b, FORM_MAX);
	b->secret = true;
}

/* Who asks, and the request; the form is gone afterwards. */
static int post(const struct login_client *c, const char *url, struct buf *form,
    struct login_reply *r, struct err *e)
{
	char *basic = basic_of(c);
	form_add(form, "client_id", c->id);
	if (!basic)
		form_add(form, "client_secret", c->secret);
	int done = form->over ? err_set(e, EX_DATAERR, _("the request is too long"))
			      : login_web_ask(c->web, url, buf_cstr(form), basic, r, e);
	str_wipe_free(basic);
	buf_wipe(form);
	return done;
}

static int named(const char *url, struct err *e)
{
	return err_prefix(e, "%.*s: ", (int)(8 + strcspn(url + 8, "/?")), url);
}

/* 1 tokens, 0 the person has not said yes (or too often: *slower), -1. */
static int ask_token(const struct login_client *c, struct buf *form, struct login_token *t,
    bool *slower, struct err *e)
{
	struct login_reply r;
	struct err why = ERR_INIT;
	int done = -1;
	if (post(c, c->provider->token, form, &r, e) < 0)
		return -1;
	if (r.status == 200) {
		done = login_token_parse(t, buf_span(&r.body), clock_real_s(), &why) < 0 ? -1 : 1;
	} else {
		enum login_refusal refusal = login_refusal_parse(r.status, buf_span(&r.body), &why);
		*slower = refusal == LOGIN_SLOW_DOWN;
		done = refusal == LOGIN_REFUSED ? -1 : 0;
	}
	login_reply_release(&r);
	if (done <= 0) {
		err_copy(e, &why);
		named(c->provider->token, e);
	}
	return done;
}

static int ask_token_now(
    const struct login_client *c, struct buf *form, struct login_token *t, struct err *e)
{
	bool slower;
	int r = ask_token(c, form, t, &slower, e);
	if (r == 0 && e) /* not its time to say that */
		e->code = EX_PROTOCOL;
	return r > 0 ? 0 : -1;
}

/* --- metadata --- */

/* 1, 0 there is none in that place, -1. */
static int try_metadata(const struct login_web *w, struct login_provider *p, char *url,
    const char *issuer, struct err *e)
{
	struct login_reply r;
	int done = login_web_ask(w, url, NULL, NULL, &r, e);
	if (done == 0) {
		if (r.status == 200)
			done =
			    login_provider_metadata(p, buf_span(&r.body), issuer, e) < 0 ? -1 : 1;
		else if (r.status / 100 == 5)
			done = err_set(
			    e, EX_TEMPFAIL, _("%.200s: the server answers %ld"), url, r.status);
		login_reply_release(&r);
	}
	free(url);
	return done;
}

int login_discover(
    const struct login_web *w, struct login_provider *p, const char *issuer, struct err *e)
{
	if (!login_is_url(issuer) || strchr(issuer, '?'))
		return err_set(e, EX_USAGE, _("%.200s: no https URL of a provider"), issuer);
	int r = try_metadata(w, p, login_metadata_url(issuer), issuer, e);
	if (r == 0)
		r = try_metadata(w, p, login_openid_url(issuer), issuer, e);
	if (r == 0)
		return err_set(e, EX_PROTOCOL,
		    _("%.200s: it tells neither OAuth's nor OpenID's metadata"), issuer);
	return r < 0 ? -1 : 0;
}

/* --- by the browser --- */

void login_authorize_url(const struct login_client *c, const char *redirect, const char *state,
    const char *verifier, const char *hint, struct buf *out)
{
	struct buf challenge = BUF_INIT(64);
	const struct login_provider *p = c->provider;
	pkce_challenge(&challenge, verifier);
	buf_adds(out, p->authorize);
	if (!strchr(p->authorize, '?'))
		buf_addc(out, '?');
	form_add(out, "response_type", "code");
	form_add(out, "client_id", c->id);
	form_add(out, "redirect_uri", redirect);
	form_add(out, "scope", c->scope);
	form_add(out, "state", state);
	form_add(out, "code_challenge", buf_cstr(&challenge));
	form_add(out, "code_challenge_method", "S256");
	form_add(out, "login_hint", hint);
	if (p->extra)
		buf_addf(out, "&%s", p->extra);
	buf_release(&challenge);
}

int login_exchange(const struct login_client *c, const char *code, const char *redirect,
    const char *verifier, struct login_token *t, struct err *e)
{
	struct buf form;
	form_begin(&form);
	form_add(&form, "grant_type", "authorization_code");
	form_add(&form, "code", code);
	form_add(&form, "redirect_uri", redirect);
	form_add(&form, "code_verifier", verifier);
	return ask_token_now(c, &form, t, e);
}

/* --- by a code that is typed elsewhere --- */

int login_device_begin(const struct login_client *c, struct login_device *d, struct err *e)
{
	struct login_reply r;
	struct buf form;
	form_begin(&form);
	form_add(&form, "scope", c->scope);
	if (post(c, c->provider->device, &form, &r, e) < 0)
		return -1;
	int done =
	    r.status == 200 ? login_device_parse(d, buf_span(&r.body), clock_real_s(), e) : -1;
	if (r.status != 200)
		login_refusal_parse(r.status, buf_span(&r.body), e);
	login_reply_release(&r);
	return done < 0 ? named(c->provider->device, e) : 0;
}

/* RFC 8628 3.5: five seconds more for who asked too often; twice the time for who was not answered at all. */
int login_device_poll(
    const struct login_client *c, struct login_device *d, struct login_token *t, struct err *e)
{
	struct err why = ERR_INIT;
	struct buf form;
	bool slower = false;
	form_begin(&form);
	form_add(&form, "grant_type", "urn:ietf:params:oauth:grant-type:device_code");
	form_add(&form, "device_code", d->device_code);
	int r = ask_token(c, &form, t, &slower, &why);
	if (r < 0 && why.code == EX_TEMPFAIL) {
		d->interval_s *= 2;
		r = 0;
	} else if (slower) {
		d->interval_s += SLOWER_S;
	}
	if (d->interval_s > SLOWEST_S)
		d->interval_s = SLOWEST_S;
	return r < 0 ? err_copy(e, &why) : r;
}

/* --- later --- */

int login_refresh(
    const struct login_client *c, const char *refresh, struct login_token *t, struct err *e)
{
	struct buf form;
	form_begin(&form);
	form_add(&form, "grant_type", "refresh_token");
	form_add(&form, "refresh_token", refresh);
	return ask_token_now(c, &form, t, e);
}

int login_revoke(const struct login_client *c, const char *token, struct err *e)
{
	struct login_reply r;
	struct buf form;
	form_begin(&form);
	form_add(&form, "token", token);
	form_add(&form, "token_type_hint", "refresh_token");
	if (post(c, c->provider->revoke, &form, &r, e) < 0)
		return -1;
	bool done = r.status == 200;
	if (!done)
		login_refusal_parse(r.status, buf_span(&r.body), e);
	login_reply_release(&r);
	return done ? 0 : named(c->provider->revoke, e);
}
