#include "auth/verify.h"

#include "auth/dkim_key.h"
#include "auth/tags.h"
#include "base/alloc.h"
#include "base/intl.h"

#include <stdlib.h>

enum { RECORDS_MAX = 4, BITS_MIN = 1024, BITS_MAX = 16384, CLOCK_SKEW_S = 300 };

static bool lists(struct span list, const char *word)
{
	struct span one;
	if (!list.len)
		return true;
	while (auth_list_next(&list, ':', &one))
		if (span_is_nocase(one, word))
			return true;
	return false;
}

/* Does the record allow this signature? RFC 6376 6.1.2 */
static bool record_fits(
    const struct dkim_key *k, const struct auth_signature *s, struct auth_result *r)
{
	enum dkim_key_type type = s->key == SIGN_RSA ? DKIM_KEY_RSA : DKIM_KEY_ED25519;
	if (!k->key.len)
		auth_say(r, AUTH_PERMERROR, _("the key was revoked"));
	else if (k->type != type)
		auth_say(r, AUTH_PERMERROR, _("the key is of another kind than the signature"));
	else if (!lists(k->hashes, s->digest == DIGEST_SHA1 ? "sha1" : "sha256"))
		auth_say(r, AUTH_PERMERROR, _("the key does not allow this hash (h=%.*s)"),
		    SPAN_ARG(span_take(k->hashes, 40)));
	else if (!lists(k->services, "email"))
		auth_say(r, AUTH_PERMERROR, _("the key is not for mail (s=%.*s)"),
		    SPAN_ARG(span_take(k->services, 40)));
	else
		return true;
	return false;
}

/* RFC 8301 3.2: what is too short proves nothing. */
static bool bits_fit(
    const struct sign_key *k, const struct auth_key_policy *policy, struct auth_result *r)
{
	unsigned bits = sign_key_bits(k), min = policy->min_bits ? policy->min_bits : BITS_MIN;
	if (sign_key_kind(k) == SIGN_ED25519)
		return true;
	if (bits < min)
		auth_say(
		    r, AUTH_POLICY, _("an RSA key of %u bits; at least %u are wanted"), bits, min);
	else if (bits > BITS_MAX)
		auth_say(r, AUTH_POLICY, _("an RSA key of %u bits; at most %u are looked at"), bits,
		    (unsigned)BITS_MAX);
	else
		return true;
	return false;
}

/* The keys of an answer, each read once. */
struct kept {
	struct sign_key *v[RECORDS_MAX];
};

static void release_kept(void *p)
{
	struct kept *k = p;
	for (size_t i = 0; i < RECORDS_MAX; i++)
		sign_key_free(k->v[i]);
	free(k);
}

static const struct sign_key *public_key(const struct dns_answer *a, size_t i,
    const struct dkim_key *record, enum sign_kind kind, struct err *why)
{
	struct kept *k = auth_ask_kept(a);
	if (!k) {
		k = mem_new(1, sizeof(*k));
		auth_ask_keep(a, k, release_kept);
	}
	if (!k->v[i] && sign_key_public(&k->v[i], kind, buf_span(&record->key), why) < 0)
		return NULL;
	return k->v[i];
}

static bool read_record(const struct dns_answer *a, size_t i, const struct auth_signature *s,
    const struct auth_key_policy *policy, struct auth_key *out, struct auth_result *r)
{
	struct dkim_key record;
	struct err why = ERR_INIT;
	if (dkim_key_parse(&record, auth_ask_text(&a->v[i]), &why) < 0) {
		auth_say(r, AUTH_PERMERROR, _("the key cannot be read: %s"), why.text);
		return false;
	}
	struct auth_key k = {.testing = record.testing, .strict_domain = record.strict_domain};
	bool good = record_fits(&record, s, r);
	if (good && !(k.key = public_key(a, i, &record, s->key, &why))) {
		auth_say(r, AUTH_PERMERROR, "%s", why.text);
		good = false;
	}
	dkim_key_release(&record);
	if (good && bits_fit(k.key, policy, r)) {
		*out = k;
		return true;
	}
	return false;
}

static const char *status_text(const struct dns_answer *a)
{
	switch (a->status) {
	case DNS_NO_NAME: return _("no such name");
	case DNS_NO_DATA: return _("no TXT record");
	case DNS_BOGUS:
	case DNS_FAILED: return a->why;
	default: return _("no record");
	}
}

int auth_key_get(struct auth_ask *ask, const struct auth_signature *s,
    const struct auth_key_policy *policy, struct auth_key *out, struct auth_result *r,
    struct err *e)
{
	char *name = auth_signature_key_name(s);
	const struct dns_answer *a = auth_ask(ask, name, DNS_TXT, e);
	int found = a ? 0 : -1;
	if (a && auth_ask_failed(a)) {
		auth_say(r, AUTH_TEMPERROR, _("the key at %s: %s"), name, status_text(a));
	} else if (a && !a->n) {
		auth_say(r, AUTH_PERMERROR, _("no key at %s: %s"), name, status_text(a));
	}
	for (size_t i = 0; found == 0 && i < a->n && i < RECORDS_MAX; i++) {
		auth_step(r, "%s TXT \"%.*s\"", name, SPAN_ARG(auth_ask_text(&a->v[i])));
		found = read_record(a, i, s, policy, out, r);
	}
	free(name);
	return found;
}

bool auth_verify_before(const struct auth_signature *s, const struct auth_key_policy *policy,
    const struct auth_body_hash *body, struct auth_result *r)
{
	if (s->digest == DIGEST_SHA1 && !policy->allow_sha1)
		auth_say(r, AUTH_POLICY, _("SHA-1 proves nothing any more (RFC 8301)"));
	else if (s->expires_s >= 0 && s->expires_s < policy->now_s)
		auth_say(r, AUTH_FAIL, _("the signature expired"));
	else if (s->time_s > policy->now_s + CLOCK_SKEW_S)
		auth_say(r, AUTH_FAIL, _("the signature was made in the future (t=%lld)"),
		    (long long)s->time_s);
	else if (body && s->length != UINT64_MAX && s->length > body->seen)
		auth_say(r, AUTH_FAIL, _("l= is longer than the body"));
	else if (body && !digest_equal(span_make((const char *)body->sum, body->len),
			     buf_span(&s->body_hash)))
		auth_say(r, AUTH_FAIL, _("the body was changed (its hash differs)"));
	else
		return true;
	return false;
}

bool auth_verify_digest(const struct auth_signature *s, const struct auth_key *k,
    const unsigned char *digest, struct auth_result *r)
{
	struct span sum = span_make((const char *)digest, digest_size(s->digest));
	bool good = sign_check(k->key, s->digest, sum, buf_span(&s->signature));
	if (good)
		auth_say(r, AUTH_PASS, NULL);
	else
		auth_say(r, AUTH_FAIL,
		    _("the signature does not fit the header: a field was changed, or the key is "
		      "another one"));
	return good;
}
