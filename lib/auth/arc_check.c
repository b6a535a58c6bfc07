/* arc_check.c - the signatures of a chain: RFC 8617 5.2. */
#include "auth/arc.h"
#include "auth/tags.h"
#include "base/alloc.h"
#include "base/intl.h"

#include <stdio.h>
#include <stdlib.h>

static void expect_key(const struct auth_signature *s, struct auth_ask *ask)
{
	char *name = auth_signature_key_name(s);
	auth_ask_expect(ask, name, DNS_TXT);
	free(name);
}

void arc_expect(const struct arc *a, struct auth_ask *ask)
{
	for (size_t i = 0; !a->broken.code && i < a->n; i++) {
		expect_key(&a->v[i].message, ask);
		expect_key(&a->v[i].seal, ask);
	}
}

static bool names_seal(const struct auth_signature *s)
{
	struct span rest = s->names, name;
	while (auth_list_next(&rest, ':', &name))
		if (span_is_nocase(name, "ARC-Seal"))
			return true;
	return false;
}

/* The result holds why where it fails. 1 good, 0 not, -1. */
static int check_message(const struct arc *a, size_t i, struct auth_ask *ask,
    const struct auth_key_policy *policy, struct auth_result *r, struct err *e)
{
	const struct auth_signature *s = &a->v[i].message;
	unsigned char digest[DIGEST_MAX];
	struct auth_key k = {0};
	if (names_seal(s)) { /* 4.1.2 */
		auth_say(r, AUTH_FAIL, _("ARC-Seal must not be signed"));
		return 0;
	}
	if (!auth_verify_before(s, policy, &a->message->body.v[a->v[i].hash], r))
		return 0;
	int found = auth_key_get(ask, s, policy, &k, r, e);
	if (found <= 0)
		return found;
	auth_signature_digest(
	    s->digest, s->header, &a->message->fields, s->names, s->field->raw, digest);
	bool good = auth_verify_digest(s, &k, digest, r);
	return good;
}

static int check_seal(const struct arc *a, size_t i, struct auth_ask *ask,
    const struct auth_key_policy *policy, struct auth_result *r, struct err *e)
{
	const struct auth_signature *s = &a->v[i].seal;
	unsigned char digest[DIGEST_MAX];
	struct auth_key k = {0};
	if (!auth_verify_before(s, policy, NULL, r))
		return 0;
	int found = auth_key_get(ask, s, policy, &k, r, e);
	if (found <= 0)
		return found;
	arc_seal_digest(a, i + 1, false, s->field->raw, digest);
	bool good = auth_verify_digest(s, &k, digest, r);
	return good;
}

/* A chain knows pass and fail (RFC 8617 4.4), and whoever asks may be told that the DNS failed. */
static void say_broken(struct auth_result *r, const char *what, size_t i, const char *domain)
{
	char *why = r->reason ? str_dup(r->reason) : str_dup("");
	auth_say(r, r->code == AUTH_TEMPERROR ? AUTH_TEMPERROR : AUTH_FAIL,
	    _("%s of instance %zu, %s: %s"), what, i + 1, domain, why);
	free(why);
}

/* The oldest instance from which on nothing was changed; 0: since the first one. */
static int oldest_pass(const struct arc *a, struct auth_ask *ask,
    const struct auth_key_policy *policy, size_t *out, struct err *e)
{
	size_t i = a->n - 1;
	while (i > 0) {
		struct auth_result r = {.method = ""};
		int good = check_message(a, i - 1, ask, policy, &r, e);
		free(r.reason);
		if (good < 0)
			return -1;
		if (!good)
			break;
		i--;
	}
	*out = i ? i + 1 : 0;
	return 0;
}

static void describe(const struct arc *a, struct auth_result *r)
{
	for (size_t i = a->n; i-- > 0;) {
		struct buf said = BUF_INIT(4096);
		canon_field(&said, CANON_RELAXED, a->v[i].results->raw);
		auth_step(r, _("%s, instance %zu, says: %s"), a->v[i].seal.domain, i + 1,
		    buf_cstr(&said));
		buf_release(&said);
	}
}

static int check_chain(const struct arc *a, struct auth_ask *ask,
    const struct auth_key_policy *policy, struct auth_result *r, struct err *e)
{
	size_t last = a->n - 1, oldest;
	char text[16];
	int good = check_message(a, last, ask, policy, r, e);
	if (good == 0)
		say_broken(r, _("the message"), last, a->v[last].message.domain);
	for (size_t i = a->n; good > 0 && i-- > 0;) {
		good = check_seal(a, i, ask, policy, r, e);
		if (good == 0)
			say_broken(r, _("the seal"), i, a->v[i].seal.domain);
	}
	if (good > 0)
		good = oldest_pass(a, ask, policy, &oldest, e) < 0 ? -1 : 1;
	if (good <= 0)
		return good;
	const char *from = oldest ? a->v[oldest - 1].seal.domain : a->v[0].seal.domain;
	if (a->n == 1)
		auth_say(r, AUTH_PASS, _("one hop, %s; the message is as %s got it"),
		    a->v[last].seal.domain, from);
	else
		auth_say(r, AUTH_PASS, _("%zu hops, the last one %s; the message is as %s got it"),
		    a->n, a->v[last].seal.domain, from);
	snprintf(text, sizeof(text), "%zu", oldest);
	auth_property(r, "header.oldest-pass", span_of(text));
	return 0;
}

int arc_check(const struct arc *a, struct auth_ask *ask, const struct auth_key_policy *policy,
    struct auth_results *all, struct err *e)
{
	struct auth_result *r = auth_results_add(all, "arc");
	if (!a->v) {
		auth_say(r, AUTH_NONE, _("no chain"));
		return 0;
	}
	if (a->broken.code) {
		auth_say(r, AUTH_FAIL, "%s", a->broken.text);
		return 0;
	}
	r->domain = str_dup(a->v[a->n - 1].seal.domain);
	r->selector = str_dup(a->v[a->n - 1].seal.selector);
	describe(a, r);
	return check_chain(a, ask, policy, r, e) < 0 ? -1 : 0;
}
