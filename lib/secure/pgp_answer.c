/* What surat-pgp says about a message, in our words. It is a program of ours, but it lives with hostile data: its answer is read as a stranger's. */
#include "base/alloc.h"
#include "base/intl.h"
#include "secure/cert.h"
#include "secure/pgp.h"

#include <jansson.h>
#include <stdlib.h>

enum { SIGNATURES_MAX = 16 };

static const char *text(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));
	return s ? s : "";
}

static char *text_or_null(const json_t *o, const char *key)
{
	const char *s = text(o, key);
	return *s ? str_dup(s) : NULL;
}

static int rank(const char *validity)
{
	static const char *const words[] = {"undefined", "marginal", "full", "ultimate"};
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (!strcmp(validity, words[i]))
			return (int)i;
	return -1;
}

/* The user id that is an author's, the most valid of them: another id's validity says nothing about this one, as anybody can add ids to his key. */
static const json_t *of_an_author(const json_t *ids, const struct strv *authors)
{
	const json_t *best = NULL, *id;
	for (size_t i = 0; i < json_array_size(ids); i++) {
		id = json_array_get(ids, i);
		for (size_t j = 0; j < authors->n; j++)
			if (cert_same_address(
				span_of(text(id, "address")), span_of(authors->v[j])) &&
			    (!best || rank(text(id, "validity")) > rank(text(best, "validity"))))
				best = id;
	}
	return best;
}

/* A good signature: by whom, and who says so? */
static void judge(const json_t *s, const struct strv *authors, struct secure_finding *f)
{
	const json_t *ids = json_object_get(s, "user_ids"), *mine = of_an_author(ids, authors);
	const json_t *shown = mine ? mine : json_array_get(ids, 0);
	const char *validity = text(shown, "validity"), *hash = text(s, "hash");
	f->signer = text_or_null(shown, "id");
	f->address = text_or_null(shown, "address");
	f->trust = text_or_null(shown, "trust");
	f->trusted = mine && rank(validity) >= 2;
	const char *who = f->address ? f->address : f->fingerprint ? f->fingerprint : _("nobody");
	if (!mine)
		secure_finding_say(f, SECURE_FAIL,
		    _("the key is %s's, the message says it is from %s"), who,
		    authors->n ? authors->v[0] : _("nobody"));
	else if (!strcmp(validity, "never"))
		secure_finding_say(f, SECURE_FAIL, _("you do not trust the key of %s"), who);
	else if (!f->trusted)
		secure_finding_say(f, SECURE_POLICY,
		    _("nobody you trust vouches that the key is %s's (validity: %s)"), who,
		    *validity ? validity : "unknown");
	else if (!strcmp(hash, "sha1") || !strcmp(hash, "md5"))
		secure_finding_say(
		    f, SECURE_POLICY, _("signed with %s, which can be forged"), hash);
	else
		secure_finding_say(
		    f, SECURE_PASS, _("signed by %s, %s"), who, f->trust ? f->trust : validity);
}

static void signature(const json_t *s, const struct strv *authors, struct secure_finding *f)
{
	const char *status = text(s, "status");
	f->fingerprint = text_or_null(s, "fingerprint");
	f->algorithm = text_or_null(s, "hash");
	f->signed_s = json_integer_value(json_object_get(s, "signed"));
	f->expires_s = json_integer_value(json_object_get(s, "expires"));
	if (!strcmp(status, "good"))
		judge(s, authors, f);
	else if (!strcmp(status, "bad"))
		secure_finding_say(f, SECURE_FAIL, _("changed since it was signed"));
	else if (!strcmp(status, "revoked-key"))
		secure_finding_say(f, SECURE_FAIL, _("the key was revoked"));
	else if (!strcmp(status, "expired-key") || !strcmp(status, "expired-signature"))
		secure_finding_say(f, SECURE_POLICY,
		    !strcmp(status, "expired-key") ? _("the key has expired")
						   : _("the signature has expired"));
	else if (!strcmp(status, "no-key"))
		secure_finding_say(f, SECURE_PERMERROR,
		    _("the key %s is not here, and is not looked for elsewhere"),
		    f->fingerprint ? f->fingerprint : "");
	else
		secure_finding_say(
		    f, SECURE_NEUTRAL, _("cannot be checked: %s"), *status ? status : "unknown");
}

static void decryption(const json_t *d, struct secure_finding *f)
{
	const char *why = text(d, "reason");
	f->algorithm = text_or_null(d, "algorithm");
	if (!strcmp(text(d, "status"), "ok") && json_is_true(json_object_get(d, "integrity")))
		secure_finding_say(
		    f, SECURE_PASS, _("decrypted, %s"), f->algorithm ? f->algorithm : "OpenPGP");
	else if ((f->no_key = !strcmp(text(d, "status"), "no-key")))
		secure_finding_say(
		    f, SECURE_PERMERROR, _("encrypted for others, not for a key of ours"));
	else if (!strcmp(text(d, "status"), "no-data"))
		secure_finding_say(f, SECURE_PERMERROR, _("there is nothing encrypted in it"));
	else
		secure_finding_say(
		    f, SECURE_FAIL, "%s", *why ? why : _("its integrity is not known"));
}

int pgp_answer_read(struct span line, const struct strv *authors, const char *part,
    struct secure_findings *found, uint64_t *bytes, ptrdiff_t *decrypted, struct err *e)
{
	json_t *o = json_loadb(line.ptr ? line.ptr : "", line.len, 0, NULL);
	json_t *d = json_object_get(o, "decryption"), *all = json_object_get(o, "signatures"), *s;
	struct secure_finding *f = NULL;
	size_t i;
	*bytes = 0;
	*decrypted = -1;
	if (json_integer_value(json_object_get(o, "v")) != 1 || *text(o, "error")) {
		err_set(e, EX_UNAVAILABLE, "OpenPGP: %s",
		    *text(o, "error") ? text(o, "error") : _("surat-pgp answered something else"));
		json_decref(o);
		return -1;
	}
	if (json_is_object(d) &&
	    (f = secure_findings_add(found, SECURE_PGP, SECURE_ENCRYPTION, part))) {
		decryption(d, f);
		*decrypted = (ptrdiff_t)found->n - 1;
	}
	bool whole = !json_is_object(d) || (f && f->result == SECURE_PASS);
	json_array_foreach(
	    all, i, s) if (i < SIGNATURES_MAX && whole &&
			   (f = secure_findings_add(found, SECURE_PGP, SECURE_SIGNATURE, part)))
	    signature(s, authors, f);
	found->over = found->over || json_array_size(all) > SIGNATURES_MAX;
	json_int_t n = json_integer_value(json_object_get(o, "bytes"));
	if (whole && n > 0)
		*bytes = (uint64_t)n;
	json_decref(o);
	return 0;
}
