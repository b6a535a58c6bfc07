/*
 * provider.h - who signs people in: the endpoints of an OAuth 2.0 provider, from a few presets or from its own metadata (RFC 8414, OpenID Connect Discovery).
 *
 *	struct login_provider p;
 *	if (login_provider_preset(&p, "google")) ...
 *	else login_discover(&web, &p, "https://id.example.org", e);	// flow.h
 *	login_provider_release(&p);
 *
 * Every endpoint is an https URL that was checked: it goes to a browser and to the HTTPS helper.
 */
#ifndef SURAT_LOGIN_PROVIDER_H
#define SURAT_LOGIN_PROVIDER_H

#include "base/err.h"
#include "base/span.h"

#include <jansson.h>

struct login_provider { /* all owned; NULL: it has none */
	char *name;     /* of a preset, or the issuer's URL */
	char *issuer;
	char *authorize, *token, *device, *revoke;
	char *scope; /* what mail needs, where nobody says otherwise */
	char *extra; /* further parameters of the authorization request, as they stand in a query */
	char *loopback;    /* how the redirect names this machine: "127.0.0.1", or "localhost" */
	bool tells_issuer; /* in the answer to an authorization, RFC 9207 3 */
	bool basic; /* a client secret goes into the Authorization header, not into the form */
};
/* False: there is no preset of that name. */
bool login_provider_preset(struct login_provider *p, const char *name);
/* "fastmail, google..." */
const char *login_provider_names(void);
void login_provider_release(struct login_provider *p);
/* The metadata of that issuer. EX_PROTOCOL: no JSON, another issuer (RFC 8414 3.3), an endpoint that is no https URL, no S256. */
int login_provider_metadata(
    struct login_provider *p, struct span json, const char *issuer, struct err *e);
/* Where the metadata are: in RFC 8414's place, and in OpenID's. malloc'ed. */
char *login_metadata_url(const char *issuer);
char *login_openid_url(const char *issuer);
/* "https://", a host, printable ASCII that no shell, browser or terminal can take for something else, no user, no fragment, at most 2000 bytes. */
bool login_is_url(const char *url);
/* Kept with a sign-in, and read again. */
json_t *login_provider_json(const struct login_provider *p);
int login_provider_read(struct login_provider *p, const json_t *o, struct err *e);

#endif
