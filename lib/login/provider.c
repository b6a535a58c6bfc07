#include "login/provider.h"

#include "base/alloc.h"
#include "base/intl.h"

#include <stdlib.h>

enum { URL_MAX = 2000 };

/* What mail needs of the large ones. Their client ids belong to whoever registered a program there: one must be given. */
static const struct {
	const char *name, *issuer, *authorize, *token, *device, *revoke, *scope, *extra, *loopback;
} presets[] = {
    {"fastmail", NULL, "https://api.fastmail.com/oauth/authorize",
	"https://api.fastmail.com/oauth/refresh", NULL, "https://api.fastmail.com/oauth/revoke",
	"https://www.fastmail.com/dev/protocol-imap https://www.fastmail.com/dev/protocol-pop "
	"https://www.fastmail.com/dev/protocol-smtp offline_access",
	NULL, "127.0.0.1"},
    /* without prompt=consent a second sign-in gets no refresh token; mail is no scope of Google's device flow */
    {"google", "https://accounts.google.com", "https://accounts.google.com/o/oauth2/v2/auth",
	"https://oauth2.googleapis.com/token", NULL, "https://oauth2.googleapis.com/revoke",
	"https://mail.google.com/", "access_type=offline&prompt=consent", "127.0.0.1"},
    /* "common" answers in the name of the tenant the person belongs to, so there is no issuer to compare with */
    {"microsoft", NULL, "https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
	"https://login.microsoftonline.com/common/oauth2/v2.0/token",
	"https://login.microsoftonline.com/common/oauth2/v2.0/devicecode", NULL,
	"https://outlook.office.com/IMAP.AccessAsUser.All "
	"https://outlook.office.com/POP.AccessAsUser.All https://outlook.office.com/SMTP.Send "
	"offline_access",
	NULL, "localhost"},
    {"yahoo", NULL, "https://api.login.yahoo.com/oauth2/request_auth",
	"https://api.login.yahoo.com/oauth2/get_token", NULL, NULL, "mail-w", NULL, "127.0.0.1"},
};

static char *copy(const char *s)
{
	return s ? str_dup(s) : NULL;
}

bool login_provider_preset(struct login_provider *p, const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(presets); i++)
		if (strcmp(presets[i].name, name) == 0) {
			*p = (struct login_provider){.name = str_dup(name),
			    .issuer = copy(presets[i].issuer),
			    .authorize = copy(presets[i].authorize),
			    .token = copy(presets[i].token),
			    .device = copy(presets[i].device),
			    .revoke = copy(presets[i].revoke),
			    .scope = copy(presets[i].scope),
			    .extra = copy(presets[i].extra),
			    .loopback = copy(presets[i].loopback)};
			return true;
		}
	return false;
}

const char *login_provider_names(void)
{
	return "fastmail, google, microsoft, yahoo";
}

void login_provider_release(struct login_provider *p)
{
	char *all[] = {p->name, p->issuer, p->authorize, p->token, p->device, p->revoke, p->scope,
	    p->extra, p->loopback};
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		free(all[i]);
	*p = (struct login_provider){NULL};
}

bool login_is_url(const char *url)
{
	struct span s = span_of(url), rest, authority;
	if (!url || s.len > URL_MAX || !span_starts(s, "https://"))
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] <= ' ' || s.ptr[i] > '~' || strchr("\"#<>\\^`{|}", s.ptr[i]))
			return false;
	rest = span_skip(s, strlen("https://"));
	authority = span_take(rest, strcspn(rest.ptr, "/?"));
	return authority.len && *authority.ptr != ':' && span_index(authority, '@') < 0;
}

/* --- metadata --- */

/* A member that must be such a URL where it is there. */
static int take_url(const json_t *o, const char *key, bool needed, char **out, struct err *e)
{
	const json_t *value = json_object_get(o, key);
	const char *s = json_string_value(value);
	if (!value || json_is_null(value))
		return needed ? err_set(e, EX_PROTOCOL, _("no %s"), key) : 0;
	if (!s || !login_is_url(s))
		return err_set(e, EX_PROTOCOL, _("%s is no https URL"), key);
	*out = str_dup(s);
	return 0;
}

static bool lists(const json_t *o, const char *key, const char *word)
{
	const json_t *list = json_object_get(o, key);
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *s = json_string_value(json_array_get(list, i));
		if (s && strcmp(s, word) == 0)
			return true;
	}
	return false;
}

static struct span without_slash(struct span url)
{
	return url.len && url.ptr[url.len - 1] == '/' ? span_take(url, url.len - 1) : url;
}

/* RFC 8414 3.3: identical, or somebody answers in another's name. A slash at the end is no other name. */
static int check_issuer(const json_t *o, const char *issuer, struct err *e)
{
	const char *said = json_string_value(json_object_get(o, "issuer"));
	if (!said)
		return err_set(e, EX_PROTOCOL, _("no issuer"));
	if (!span_eq(without_slash(span_of(said)), without_slash(span_of(issuer))))
		return err_set(e, EX_PROTOCOL, _("they are %.200s's"), said);
	return 0;
}

static int read_metadata(
    struct login_provider *p, const json_t *o, const char *issuer, struct err *e)
{
	const char *methods = "code_challenge_methods_supported";
	if (check_issuer(o, issuer, e) < 0 ||
	    take_url(o, "token_endpoint", true, &p->token, e) < 0 ||
	    take_url(o, "authorization_endpoint", false, &p->authorize, e) < 0 ||
	    take_url(o, "device_authorization_endpoint", false, &p->device, e) < 0 ||
	    take_url(o, "revocation_endpoint", false, &p->revoke, e) < 0)
		return -1;
	if (json_object_get(o, methods) && !lists(o, methods, "S256"))
		return err_set(e, EX_PROTOCOL, _("no S256 among the %s"), methods);
	/* RFC 8414 2: without a word client_secret_basic is meant */
	p->basic = !lists(o, "token_endpoint_auth_methods_supported", "client_secret_post");
	if (lists(o, "scopes_supported", "offline_access"))
		p->scope = str_dup("offline_access");
	p->issuer = copy(json_string_value(json_object_get(o, "issuer")));
	p->tells_issuer =
	    json_is_true(json_object_get(o, "authorization_response_iss_parameter_supported"));
	p->name = str_dup(issuer);
	p->loopback = str_dup("127.0.0.1");
	return 0;
}

int login_provider_metadata(
    struct login_provider *out, struct span json, const char *issuer, struct err *e)
{
	struct login_provider p = {NULL};
	json_t *o = json_loadb(json.ptr, json.len, JSON_REJECT_DUPLICATES, NULL);
	int r = json_is_object(o) ? read_metadata(&p, o, issuer, e)
				  : err_set(e, EX_PROTOCOL, _("no JSON object"));
	json_decref(o);
	if (r < 0) {
		login_provider_release(&p);
		return err_prefix(e, _("the metadata of %.200s: "), issuer);
	}
	*out = p;
	return 0;
}

/* RFC 8414 3.1: between host and path. */
char *login_metadata_url(const char *issuer)
{
	struct span url = without_slash(span_of(issuer));
	size_t host = strlen("https://");
	host += strcspn(issuer + host, "/");
	struct span path = span_skip(url, host);
	return str_printf(
	    "%.*s/.well-known/oauth-authorization-server%.*s", (int)host, issuer, SPAN_ARG(path));
}

/* OpenID Connect Discovery 4: behind the path. */
char *login_openid_url(const char *issuer)
{
	return str_printf(
	    "%.*s/.well-known/openid-configuration", SPAN_ARG(without_slash(span_of(issuer))));
}

/* --- kept with a sign-in --- */

struct member {
	const char *key;
	size_t offset;
	bool url;
};
static const struct member members[] = {
    {"name", offsetof(struct login_provider, name), false},
    {"issuer", offsetof(struct login_provider, issuer), false},
    {"authorization_endpoint", offsetof(struct login_provider, authorize), true},
    {"token_endpoint", offsetof(struct login_provider, token), true},
    {"device_authorization_endpoint", offsetof(struct login_provider, device), true},
    {"revocation_endpoint", offsetof(struct login_provider, revoke), true},
};

static char **field(struct login_provider *p, const struct member *m)
{
	return (char **)(void *)((char *)p + m->offset);
}

json_t *login_provider_json(const struct login_provider *p)
{
	json_t *o = json_object();
	struct login_provider all = *p;
	for (size_t i = 0; i < ARRAY_LEN(members); i++) {
		const char *s = *field(&all, &members[i]);
		if (s)
			json_object_set_new(o, members[i].key, json_string(s));
	}
	json_object_set_new(o, "basic", json_boolean(p->basic));
	if (p->tells_issuer)
		json_object_set_new(o, "tells_issuer", json_true());
	return o;
}

int login_provider_read(struct login_provider *out, const json_t *o, struct err *e)
{
	struct login_provider p = {.basic = json_is_true(json_object_get(o, "basic")),
	    .tells_issuer = json_is_true(json_object_get(o, "tells_issuer"))};
	for (size_t i = 0; i < ARRAY_LEN(members); i++) {
		const char *s = json_string_value(json_object_get(o, members[i].key));
		if (s && (!members[i].url || login_is_url(s)))
			*field(&p, &members[i]) = str_dup(s);
	}
	if (!p.token) {
		login_provider_release(&p);
		return err_set(e, EX_DATAERR, _("it names no token endpoint"));
	}
	*out = p;
	return 0;
}
