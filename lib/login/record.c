/* record.c - a sign-in as it is kept: JSON with a version. */
#include "base/alloc.h"
#include "base/intl.h"
#include "login/token.h"

#include <stdlib.h>

enum { RECORD_VERSION = 1, MARGIN_S = 60 };

void login_record_release(struct login_record *r)
{
	login_provider_release(&r->provider);
	login_token_release(&r->token);
	free(r->client_id);
	free(r->scope);
	*r = (struct login_record){.over = false};
}

static char *text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));
	return s ? str_dup(s) : NULL;
}

static int read_record(struct login_record *r, const json_t *o, struct err *e)
{
	if (json_integer_value(json_object_get(o, "v")) != RECORD_VERSION)
		return err_set(e, EX_DATAERR, _("of another version"));
	if (login_provider_read(&r->provider, json_object_get(o, "provider"), e) < 0)
		return -1;
	r->token.access = text_of(o, "access_token");
	r->token.refresh = text_of(o, "refresh_token");
	r->token.expires_s = json_integer_value(json_object_get(o, "expires"));
	r->obtained_s = json_integer_value(json_object_get(o, "obtained"));
	r->client_id = text_of(o, "client_id");
	r->scope = text_of(o, "scope");
	r->over = json_is_true(json_object_get(o, "over"));
	if (!r->client_id || !login_is_token(r->token.access) ||
	    (r->token.refresh && !login_is_token(r->token.refresh)))
		return err_set(e, EX_DATAERR, _("it has no client id, or no token"));
	return 0;
}

int login_record_parse(struct login_record *out, struct span text, struct err *e)
{
	struct login_record r = {.over = false};
	json_t *o = json_loadb(text.ptr, text.len, JSON_REJECT_DUPLICATES, NULL);
	int done = json_is_object(o) ? read_record(&r, o, e)
				     : err_set(e, EX_DATAERR, _("it is no JSON object"));
	json_decref(o);
	if (done < 0) {
		login_record_release(&r);
		return err_prefix(e, _("the sign-in that is kept: "));
	}
	*out = r;
	return 0;
}

static void set_text(json_t *o, const char *key, const char *s)
{
	if (s)
		json_object_set_new(o, key, json_string(s));
}

void login_record_write(const struct login_record *r, struct buf *out)
{
	json_t *o = json_object();
	json_object_set_new(o, "v", json_integer(RECORD_VERSION));
	json_object_set_new(o, "provider", login_provider_json(&r->provider));
	set_text(o, "client_id", r->client_id);
	set_text(o, "scope", r->scope);
	set_text(o, "access_token", r->token.access);
	set_text(o, "refresh_token", r->token.refresh);
	json_object_set_new(o, "expires", json_integer(r->token.expires_s));
	json_object_set_new(o, "obtained", json_integer(r->obtained_s));
	if (r->over)
		json_object_set_new(o, "over", json_true());
	char *text = json_dumps(o, JSON_COMPACT);
	ENSURE(text);
	buf_adds(out, text);
	buf_addc(out, '\n');
	str_wipe_free(text);
	json_decref(o);
}

int login_record_get(struct login_store *s, struct login_record *r, struct err *e)
{
	struct buf text = BUF_INIT(LOGIN_RECORD_MAX);
	text.secret = true;
	int found = login_store_get(s, "token", &text, e);
	if (found > 0 && login_record_parse(r, buf_span(&text), e) < 0)
		found = -1;
	buf_wipe(&text);
	return found;
}

int login_record_put(struct login_store *s, const struct login_record *r, struct err *e)
{
	struct buf text = BUF_INIT(LOGIN_RECORD_MAX);
	text.secret = true;
	login_record_write(r, &text);
	int done = text.over ? err_set(e, EX_DATAERR, _("the sign-in is too long to be kept"))
			     : login_store_put(s, "token", buf_span(&text), e);
	buf_wipe(&text);
	return done;
}

/* A minute before its end it is old, as what is done with it takes time; of one that lives shortly, a tenth of its life. */
bool login_record_is_fresh(const struct login_record *r, int64_t now_s)
{
	int64_t life = r->token.expires_s - r->obtained_s;
	int64_t margin = life / 10 < MARGIN_S ? life / 10 : MARGIN_S;
	if (r->over)
		return false;
	return !r->token.expires_s || now_s < r->token.expires_s - margin;
}
