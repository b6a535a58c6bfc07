#include "sasl/mechanism.h"

#include "base/alloc.h"
#include "base/intl.h"
#include "crypto/digest.h"

#include <stdio.h>

/* Strongest first. */
static const struct sasl_mechanism mechanisms[] = {
    {"SCRAM-SHA-256-PLUS", SASL_PASSWORD | SASL_BINDING | SASL_PROVES, sasl_scram_begin,
	sasl_scram_step, sasl_scram_release, DIGEST_SHA256},
    {"SCRAM-SHA-1-PLUS", SASL_PASSWORD | SASL_BINDING | SASL_PROVES, sasl_scram_begin,
	sasl_scram_step, sasl_scram_release, DIGEST_SHA1},
    {"SCRAM-SHA-256", SASL_PASSWORD | SASL_PROVES, sasl_scram_begin, sasl_scram_step,
	sasl_scram_release, DIGEST_SHA256},
    {"SCRAM-SHA-1", SASL_PASSWORD | SASL_PROVES, sasl_scram_begin, sasl_scram_step,
	sasl_scram_release, DIGEST_SHA1},
    {"OAUTHBEARER", SASL_TOKEN | SASL_SHOWS, sasl_oauthbearer_begin, sasl_oauthbearer_step, NULL,
	0},
    {"XOAUTH2", SASL_TOKEN | SASL_SHOWS, sasl_xoauth2_begin, sasl_xoauth2_step, NULL, 0},
    {"CRAM-MD5", SASL_PASSWORD, NULL, sasl_cram_md5_step, NULL, 0},
    {"PLAIN", SASL_PASSWORD | SASL_SHOWS, sasl_plain_begin, NULL, NULL, 0},
    {"LOGIN", SASL_PASSWORD | SASL_SHOWS, NULL, sasl_login_step, NULL, 0},
    {"EXTERNAL", SASL_CERTIFICATE, sasl_external_begin, NULL, NULL, 0},
    {"ANONYMOUS", SASL_NAMED, sasl_anonymous_begin, NULL, NULL, 0},
};

static const struct sasl_mechanism *find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(mechanisms); i++)
		if (span_is_nocase(span_of(name), mechanisms[i].name))
			return &mechanisms[i];
	return NULL;
}

static bool is_offered(struct span offered, const struct sasl_mechanism *m)
{
	struct span word;
	while (span_word(&offered, &word))
		if (span_is_nocase(word, m->name))
			return true;
	return false;
}

static bool can_bind(const struct sasl_credentials *cred)
{
	return cred->exporter.len || cred->end_point.len;
}

/* Have we got what it takes? */
static bool suits(const struct sasl_mechanism *m, const struct sasl_credentials *cred)
{
	bool password = cred->password && !cred->is_token, token = cred->password && cred->is_token;
	if ((m->flags & SASL_PASSWORD && !password) || (m->flags & SASL_TOKEN && !token))
		return false;
	if (m->flags & (SASL_PASSWORD | SASL_TOKEN) && !cred->user)
		return false;
	if (m->flags & SASL_CERTIFICATE && (password || token || !cred->has_certificate))
		return false;
	return !(m->flags & SASL_BINDING) || can_bind(cred);
}

static const struct sasl_mechanism *strongest(
    struct span offered, const struct sasl_credentials *cred, bool allow_plain)
{
	for (size_t i = 0; i < ARRAY_LEN(mechanisms); i++) {
		const struct sasl_mechanism *m = &mechanisms[i];
		if (m->flags & SASL_NAMED || (m->flags & SASL_SHOWS && !allow_plain))
			continue;
		if (suits(m, cred) && is_offered(offered, m))
			return m;
	}
	return NULL;
}

/* Why there is none. */
static int none_fits(
    struct span offered, const struct sasl_credentials *cred, bool allow_plain, struct err *e)
{
	offered = span_trim(offered);
	if (!offered.len)
		return err_set(e, EX_NOPERM, _("the server offers no way to sign in"));
	if (!allow_plain && strongest(offered, cred, true))
		return err_set(e, EX_NOPERM,
		    _("the server offers %.*s; without TLS that would show the %s to everybody"),
		    SPAN_ARG(offered), cred->is_token ? _("token") : _("password"));
	return err_set(e, EX_NOPERM, _("the server offers %.*s; none of them takes %s"),
	    SPAN_ARG(offered),
	    !cred->password  ? _("who has no password")
	    : cred->is_token ? _("a token")
			     : _("a password"));
}

static int named(const struct sasl_mechanism **out, struct span offered, const char *wanted,
    const struct sasl_credentials *cred, bool allow_plain, struct err *e)
{
	const struct sasl_mechanism *m = find(wanted);
	if (!m)
		return err_set(e, EX_USAGE, _("%s is no sign-in mechanism we know"), wanted);
	offered = span_trim(offered);
	if (!is_offered(offered, m))
		return err_set(e, EX_NOPERM, _("the server does not offer %s (it offers %.*s)"),
		    m->name, SPAN_ARG(offered.len ? offered : SPAN("nothing")));
	if (m->flags & SASL_SHOWS && !allow_plain)
		return err_set(
		    e, EX_NOPERM, _("%s without TLS would show the secret to everybody"), m->name);
	if (m->flags & SASL_BINDING && !can_bind(cred))
		return err_set(e, EX_NOPERM, _("%s needs TLS"), m->name);
	if (m->flags & (SASL_PASSWORD | SASL_TOKEN) && (!cred->user || !cred->password))
		return err_set(e, EX_NOPERM, _("%s needs a user and a secret"), m->name);
	*out = m;
	return 0;
}

bool sasl_takes_token(const char *name)
{
	const struct sasl_mechanism *m = find(name);
	return m && m->flags & SASL_TOKEN;
}

bool sasl_fits(
    struct span offered, const char *wanted, const struct sasl_credentials *cred, bool allow_plain)
{
	const struct sasl_mechanism *m = NULL;
	struct err ignored = ERR_INIT;
	if (span_is_nocase(span_of(wanted), "auto"))
		return strongest(offered, cred, allow_plain) != NULL;
	return named(&m, offered, wanted, cred, allow_plain, &ignored) == 0;
}

int sasl_start(struct sasl *s, struct span offered, const char *wanted,
    const struct sasl_credentials *cred, bool allow_plain, struct buf *initial, bool *has_initial,
    struct err *e)
{
	const struct sasl_mechanism *m = NULL;
	if (span_is_nocase(span_of(wanted), "auto"))
		m = strongest(offered, cred, allow_plain);
	else if (named(&m, offered, wanted, cred, allow_plain, e) < 0)
		return -1;
	if (!m)
		return none_fits(offered, cred, allow_plain, e);
	struct sasl made = {.mechanism = m, .cred = cred, .name = m->name};
	made.proven = !(m->flags & SASL_PROVES);
	made.allow_plain = allow_plain;
	made.plus_offered = is_offered(offered, find("SCRAM-SHA-256-PLUS")) ||
			    is_offered(offered, find("SCRAM-SHA-1-PLUS"));
	if (m->begin && m->begin(&made, initial, e) < 0) {
		sasl_release(&made);
		return err_prefix(e, "%s: ", m->name);
	}
	*has_initial = m->begin != NULL;
	*s = made;
	return 0;
}

int sasl_step(struct sasl *s, struct span challenge, struct buf *response, struct err *e)
{
	if (!s->mechanism->step)
		return err_set(
		    e, EX_PROTOCOL, _("%s: a challenge where there is nothing to ask"), s->name);
	if (s->mechanism->step(s, challenge, response, e) < 0)
		return err_prefix(e, "%s: ", s->name);
	s->step++;
	return 0;
}

int sasl_finish(struct sasl *s, struct err *e)
{
	if (s->proven)
		return 0;
	return err_set(
	    e, EX_PROTOCOL, _("%s: the server did not prove that it knows the password"), s->name);
}

void sasl_explain(const struct sasl *s, struct err *e)
{
	struct err server = *e;
	if (*s->detail)
		err_set(e, server.code, "%s (%s)", server.text, s->detail);
}

void sasl_release(struct sasl *s)
{
	if (s->mechanism && s->mechanism->release)
		s->mechanism->release(s);
	*s = (struct sasl){0};
}
