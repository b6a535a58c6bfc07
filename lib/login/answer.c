#include "login/answer.h"

#include "base/alloc.h"
#include "base/intl.h"
#include "login/provider.h"

#include <jansson.h>
#include <stdlib.h>

enum {
	LIFE_MAX_S = 10 * 365 * 86400,
	CODE_MAX = 4096,
	USER_CODE_MAX = 100,
	INTERVAL_S = 5, /* RFC 8628 3.2: where nothing is said */
	INTERVAL_MAX_S = 300,
};

static json_t *load(struct span json, struct err *e)
{
	json_t *o = json_loadb(json.ptr, json.len, JSON_REJECT_DUPLICATES, NULL);
	if (json_is_object(o))
		return o;
	json_decref(o);
	err_set(e, EX_PROTOCOL, _("the answer is no JSON object"));
	return NULL;
}

static bool is_printable(const char *s, char lowest, size_t max)
{
	size_t n = s ? strlen(s) : 0;
	for (size_t i = 0; i < n; i++)
		if (s[i] < lowest || s[i] > '~')
			return false;
	return n > 0 && n <= max;
}

bool login_is_token(const char *s)
{
	return is_printable(s, '!', LOGIN_TOKEN_MAX);
}

/* Seconds, as a number or, from some, as a string. -1: none. */
static int64_t seconds(const json_t *o, const char *key, int64_t max)
{
	const json_t *v = json_object_get(o, key);
	uint64_t n = 0;
	if (json_is_string(v) && span_to_u64(span_of(json_string_value(v)), INT32_MAX, &n))
		return (int64_t)n < max ? (int64_t)n : max;
	if (json_is_number(v) && json_number_value(v) >= 0)
		return json_number_value(v) < (double)max ? (int64_t)json_number_value(v) : max;
	return -1;
}

/* --- tokens --- */

static int read_token(struct login_token *t, const json_t *o, int64_t now_s, struct err *e)
{
	const char *type = json_string_value(json_object_get(o, "token_type"));
	const char *access = json_string_value(json_object_get(o, "access_token"));
	const char *scope = json_string_value(json_object_get(o, "scope"));
	const json_t *refresh = json_object_get(o, "refresh_token");
	int64_t life = seconds(o, "expires_in", LIFE_MAX_S);
	if (!login_is_token(access))
		return err_set(
		    e, EX_PROTOCOL, _("the answer has no access token, or one that is none"));
	/* RFC 6749 5.1 demands it; who leaves it out means what everybody means */
	if (type && !span_is_nocase(span_of(type), "Bearer"))
		return err_set(e, EX_PROTOCOL, _("the token is no bearer token"));
	if (json_is_string(refresh) && !login_is_token(json_string_value(refresh)))
		return err_set(e, EX_PROTOCOL, _("the refresh token is none"));
	t->access = str_dup(access);
	if (json_is_string(refresh))
		t->refresh = str_dup(json_string_value(refresh));
	if (is_printable(scope, ' ', CODE_MAX))
		t->scope = str_dup(scope);
	t->expires_s = life >= 0 ? now_s + life : 0;
	return 0;
}

int login_token_parse(struct login_token *out, struct span json, int64_t now_s, struct err *e)
{
	struct login_token t = {NULL};
	json_t *o = load(json, e);
	int r = o ? read_token(&t, o, now_s, e) : -1;
	json_decref(o);
	if (r < 0) {
		login_token_release(&t);
		return -1;
	}
	*out = t;
	return 0;
}

void login_token_release(struct login_token *t)
{
	str_wipe_free(t->access);
	str_wipe_free(t->refresh);
	free(t->scope);
	*t = (struct login_token){NULL};
}

/* --- a device's code --- */

static int read_device(struct login_device *d, const json_t *o, int64_t now_s, struct err *e)
{
	const char *code = json_string_value(json_object_get(o, "device_code"));
	const char *user = json_string_value(json_object_get(o, "user_code"));
	const char *uri = json_string_value(json_object_get(o, "verification_uri"));
	const char *complete = json_string_value(json_object_get(o, "verification_uri_complete"));
	int64_t life = seconds(o, "expires_in", 86400),
		every = seconds(o, "interval", INTERVAL_MAX_S);
	if (!uri) /* Google's name, from before there was a standard */
		uri = json_string_value(json_object_get(o, "verification_url"));
	if (!is_printable(code, '!', CODE_MAX) || !is_printable(user, ' ', USER_CODE_MAX))
		return err_set(e, EX_PROTOCOL, _("the answer has no code for this device"));
	if (!login_is_url(uri))
		return err_set(e, EX_PROTOCOL, _("the page to go to is no https URL"));
	*d = (struct login_device){.device_code = str_dup(code),
	    .user_code = str_dup(user),
	    .verification_uri = str_dup(uri),
	    .complete = login_is_url(complete) ? str_dup(complete) : NULL,
	    .expires_s = now_s + (life >= 0 ? life : 600),
	    .interval_s = every > 0    ? every
			  : every == 0 ? 1
				       : INTERVAL_S};
	return 0;
}

int login_device_parse(struct login_device *d, struct span json, int64_t now_s, struct err *e)
{
	json_t *o = load(json, e);
	int r = o ? read_device(d, o, now_s, e) : -1;
	json_decref(o);
	return r;
}

void login_device_release(struct login_device *d)
{
	str_wipe_free(d->device_code);
	free(d->user_code);
	free(d->verification_uri);
	free(d->complete);
	*d = (struct login_device){NULL};
}

/* --- errors --- */

static const struct {
	const char *error;
	enum login_refusal refusal;
	int code;
	const char *text;
} refusals[] = {
    {"authorization_pending", LOGIN_PENDING, EX_TEMPFAIL, N_("nobody has said yes yet")},
    {"slow_down", LOGIN_SLOW_DOWN, EX_TEMPFAIL, N_("asked too often")},
    {"access_denied", LOGIN_REFUSED, EX_NOPERM, N_("the sign-in was refused")},
    {"expired_token", LOGIN_REFUSED, EX_NOPERM, N_("the code has expired")},
    {"invalid_grant", LOGIN_REFUSED, EX_NOPERM, N_("the sign-in is not valid any more")},
    {"invalid_client", LOGIN_REFUSED, EX_CONFIG,
	N_("the client id or its secret is not known there")},
    {"unauthorized_client", LOGIN_REFUSED, EX_CONFIG, N_("this client may not sign in that way")},
    {"unsupported_grant_type", LOGIN_REFUSED, EX_CONFIG,
	N_("this way to sign in is not known there")},
    {"invalid_scope", LOGIN_REFUSED, EX_CONFIG,
	N_("the scope is not known there, or not for this way to sign in")},
    {"temporarily_unavailable", LOGIN_REFUSED, EX_TEMPFAIL, N_("not available now")},
    {"server_error", LOGIN_REFUSED, EX_TEMPFAIL, N_("an error of the server")},
};

/* "the sign-in was refused (access_denied: the user pressed No)" */
static void say(struct err *e, int code, const char *text, const char *error, const json_t *o)
{
	const char *more = json_string_value(json_object_get(o, "error_description"));
	err_set(e, code, "%s (%.60s%s%.200s)", text, error, more && *more ? ": " : "",
	    more ? more : "");
}

static enum login_refusal read_refusal(const json_t *o, const char *error, int code, struct err *e)
{
	for (size_t i = 0; i < ARRAY_LEN(refusals); i++)
		if (strcmp(refusals[i].error, error) == 0) {
			say(e, refusals[i].code, _(refusals[i].text), error, o);
			return refusals[i].refusal;
		}
	say(e, code, _("refused"), error, o);
	return LOGIN_REFUSED;
}

enum login_refusal login_refusal_parse(long status, struct span body, struct err *e)
{
	json_t *o = json_loadb(body.ptr, body.len, 0, NULL);
	const char *error = json_string_value(json_object_get(o, "error"));
	bool busy = status / 100 == 5 || status == 429;
	int code = busy ? EX_TEMPFAIL : EX_PROTOCOL;
	enum login_refusal r = LOGIN_REFUSED;
	if (error && *error)
		r = read_refusal(o, error, code, e);
	else
		err_set(e, code, _("the server answers %ld"), status);
	json_decref(o);
	return r;
}
