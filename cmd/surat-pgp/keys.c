#include "base/intl.h"
#include "pgp.h"

const char *key_validity(gpgme_validity_t v)
{
	switch (v) {
	case GPGME_VALIDITY_UNDEFINED: return "undefined";
	case GPGME_VALIDITY_NEVER: return "never";
	case GPGME_VALIDITY_MARGINAL: return "marginal";
	case GPGME_VALIDITY_FULL: return "full";
	case GPGME_VALIDITY_ULTIMATE: return "ultimate";
	default: return "unknown";
	}
}

/* Who says that a key is whose it says. */
static const char *trust_text(gpgme_validity_t v)
{
	switch (v) {
	case GPGME_VALIDITY_ULTIMATE: return _("a key of your own");
	case GPGME_VALIDITY_FULL: return _("certified by you or by keys you trust");
	case GPGME_VALIDITY_MARGINAL: return _("certified by keys you trust a little");
	case GPGME_VALIDITY_NEVER: return _("you said not to trust it");
	default: return _("certified by nobody you trust");
	}
}

json_t *key_user_ids(gpgme_key_t key)
{
	json_t *all = json_array();
	for (gpgme_user_id_t u = key ? key->uids : NULL; u; u = u->next) {
		if (u->revoked || u->invalid || !u->address || !*u->address)
			continue;
		json_t *id = json_pack("{s:s,s:s,s:s}", "address", u->address, "validity",
		    key_validity(u->validity), "trust", trust_text(u->validity));
		if (!id)
			continue; /* not UTF-8: nobody can be told who that is */
		json_object_set_new(id, "id", json_string(u->uid ? u->uid : u->address));
		json_array_append_new(all, id);
	}
	return all;
}

static bool is_fingerprint(const char *name)
{
	size_t n = strspn(name, "0123456789abcdefABCDEF");
	return !name[n] && (n == 40 || n == 64);
}

/* Is one of its ids that address, and does somebody vouch for it? */
static bool has_address(gpgme_key_t key, const char *address, bool vouched)
{
	for (gpgme_user_id_t u = key->uids; u; u = u->next)
		if (!u->revoked && !u->invalid && u->address &&
		    span_eq_nocase(span_of(u->address), span_of(address)) &&
		    (!vouched || u->validity >= GPGME_VALIDITY_FULL))
			return true;
	return false;
}

/* Whoever names a key by its whole fingerprint says which one he means; an address must be vouched for, or anybody's key would do. */
static const char *unfit(gpgme_key_t key, const char *name, bool secret)
{
	if (key->revoked || key->disabled || key->invalid)
		return _("revoked or disabled");
	if (key->expired)
		return _("expired");
	if (!(secret ? key->can_sign : key->can_encrypt))
		return secret ? _("it cannot sign") : _("it cannot encrypt");
	if (is_fingerprint(name) || secret)
		return NULL;
	if (!has_address(key, name, false))
		return _("it is another address's");
	return has_address(key, name, true) ? NULL
					    : _("nobody you trust vouches for it: certify it (gpg "
						"--lsign-key), or name its fingerprint");
}

/* The first of that name that serves; else why the last did not. */
static int look(gpgme_ctx_t ctx, const char *name, bool secret, gpgme_key_t *key, const char **why)
{
	gpgme_key_t k;
	char pattern[400];
	bool address = strchr(name, '@') && name[0] != '<';
	snprintf(pattern, sizeof(pattern), address ? "<%s>" : "%s", name);
	*key = NULL;
	gpgme_error_t g = gpgme_op_keylist_start(ctx, pattern, secret);
	while (!g && !*key && !(g = gpgme_op_keylist_next(ctx, &k))) {
		*why = unfit(k, name, secret);
		if (*why)
			gpgme_key_unref(k);
		else
			*key = k;
	}
	gpgme_op_keylist_end(ctx);
	return *key ? 0 : -1;
}

int key_find(gpgme_ctx_t ctx, const char *name, bool secret, gpgme_key_t *key, struct err *e)
{
	const char *why = NULL;
	if (!*name || name[0] == '-')
		return err_set(e, EX_USAGE, _("key %s: no fingerprint and no address"), name);
	if (look(ctx, name, secret, key, &why) == 0)
		return 0;
	if (why)
		return err_set(e, EX_UNAVAILABLE, _("key %s: %s"), name, why);
	return err_set(
	    e, EX_NOUSER, secret ? _("there is no secret key %s") : _("there is no key %s"), name);
}
