/* The keys of the configuration: the long options of all programs and a few words of its own. Each program has only its own table, but a
 * misspelt key must be found by whichever program reads the file first; tests/house/keys.t holds this list against the programs. */
#include "account/internal.h"
#include "base/alloc.h"
#include "base/intl.h"

#include <stdlib.h>

struct key {
	const char *name;
	int flags;
};
/* sorted */
static const struct key keys[] = {
    {"8bit", 0},
    {"aliases", KEY_PATH},
    {"all", 0},
    {"attach", 0},
    {"attach-archive", 0},
    {"auth", KEY_ROUTE},
    {"authserv-id", 0},
    {"bcc", 0},
    {"bind", 0},
    {"body", KEY_PATH},
    {"boundary-seed", 0},
    {"ca-file", KEY_PATH},
    {"canon", 0},
    {"cc", 0},
    {"cert", KEY_PATH | KEY_ROUTE},
    {"charset", 0},
    {"check-dns", 0},
    {"client-id", 0},
    {"client-ip", 0},
    {"client-secret-command", KEY_COMMAND},
    {"color", 0},
    {"connect", 0},
    {"connections", 0},
    {"crlf", 0},
    {"date", 0},
    {"deadline", 0},
    {"default-account", KEY_ACCOUNT},
    {"delay-warning", 0},
    {"delete", 0},
    {"delete-after", 0},
    {"deliver-by", 0},
    {"dir", 0},
    {"dkim", 0},
    {"dkim-allow-sha1", 0},
    {"dkim-key", KEY_PATH},
    {"dkim-min-bits", 0},
    {"dns-data", KEY_PATH},
    {"dnssec", 0},
    {"domain-rate", 0},
    {"domains", 0},
    {"dry-run", 0},
    {"dsn-notify", 0},
    {"dsn-ret", 0},
    {"envid", 0},
    {"expire", KEY_ACCOUNT},
    {"expire-after", 0},
    {"explain", 0},
    {"fetch", KEY_ACCOUNT},
    {"fingerprint", KEY_ROUTE},
    {"format", 0},
    {"format-flowed", 0},
    {"from", 0},
    {"header", 0},
    {"helo", 0},
    {"hold-until", 0},
    {"html", KEY_PATH},
    {"https-port", 0},
    {"inline", 0},
    {"jobs", 0},
    {"json", 0},
    {"keep", 0},
    {"key", KEY_PATH | KEY_ROUTE},
    {"limit", 0},
    {"listen", 0},
    {"lmtp", KEY_COMMAND},
    {"mailbox", KEY_ACCOUNT},
    {"map", KEY_PATH},
    {"max-archive", 0},
    {"max-reports", 0},
    {"max-size", 0},
    {"mbox", 0},
    {"message-id", 0},
    {"mx", KEY_ROUTE},
    {"no-keep", 0},
    {"oversign", 0},
    {"password-command", KEY_COMMAND | KEY_ROUTE},
    {"password-file", KEY_PATH | KEY_COMMAND | KEY_ROUTE},
    {"per-domain", 0},
    {"pgp-encrypt", 0},
    {"pgp-sign", 0},
    {"plan", 0},
    {"preset", KEY_ACCOUNT},
    {"priority", 0},
    {"protect-headers", 0},
    {"provider", 0},
    {"quarantine", 0},
    {"queue", 0},
    {"quiet", 0},
    {"quota", 0},
    {"quote", 0},
    {"rate", 0},
    {"read-recipients", 0},
    {"receipt", 0},
    {"recipient", 0},
    {"reject-on-dmarc", 0},
    {"reply-to", 0},
    {"report", 0},
    {"require-tls", KEY_ROUTE},
    {"resolver", 0},
    {"retry", 0},
    {"retry-max", 0},
    {"scan", 0},
    {"scan-limits", 0},
    {"scan-policy", 0},
    {"scope", 0},
    {"selector", 0},
    {"sender", 0},
    {"server", KEY_ROUTE},
    {"short", 0},
    {"sign-headers", 0},
    {"since", 0},
    {"smime-allow-unauthenticated", 0},
    {"smime-cert", KEY_PATH},
    {"smime-certs", KEY_PATH},
    {"smime-chain", KEY_PATH},
    {"smime-cipher", 0},
    {"smime-crl", KEY_PATH},
    {"smime-encrypt", 0},
    {"smime-key", KEY_PATH},
    {"smime-learn", 0},
    {"smime-opaque", 0},
    {"smime-passphrase-command", KEY_COMMAND},
    {"smime-sign", 0},
    {"smtp", 0},
    {"smtp-port", 0},
    {"smtputf8", 0},
    {"sort", 0},
    {"spool", KEY_PATH},
    {"state", KEY_PATH},
    {"subject", 0},
    {"timeout", 0},
    {"tls", KEY_ROUTE},
    {"to", 0},
    {"token-store", KEY_COMMAND},
    {"totp-command", KEY_COMMAND},
    {"totp-file", KEY_PATH | KEY_COMMAND},
    {"trace", KEY_PATH},
    {"transport", KEY_COMMAND},
    {"transport-timeout", 0},
    {"trust-anchor", KEY_PATH},
    {"unknown", 0},
    {"unordered", 0},
    {"unsubscribe", 0},
    {"user", KEY_ROUTE},
    {"utf8-headers", 0},
    {"verbose", 0},
    {"verify", 0},
};

static int compare(const void *name, const void *key)
{
	return strcmp(name, ((const struct key *)key)->name);
}

int account_key(const char *name)
{
	const struct key *k = bsearch(name, keys, ARRAY_LEN(keys), sizeof(*keys), compare);
	return k ? k->flags : -1;
}

static bool is_program(const char *section)
{
	static const char *const programs[] = {"compose", "deliver", "fetch", "login", "mx",
	    "queue", "read", "send", "sign", "verify"};
	for (size_t i = 0; i < ARRAY_LEN(programs); i++)
		if (strcmp(section, programs[i]) == 0)
			return true;
	return false;
}

static int check_section(const struct config *c, const struct config_entry *at, struct err *e)
{
	if (!*at->section)
		return 0;
	if (strcmp(at->section, "account") == 0)
		return *at->label
			   ? 0
			   : config_error(c, at, e, _("the section says no name: [account NAME]"));
	if (!is_program(at->section))
		return config_error(c, at, e, _("in an unknown section [%.60s]"), at->section);
	return *at->label ? config_error(c, at, e, _("[%s] takes no name"), at->section) : 0;
}

int account_check(const struct config *c, struct err *e)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct config_entry *at = &c->v[i];
		if (check_section(c, at, e) < 0)
			return -1;
		if (account_key(at->key) < 0)
			return config_error(c, at, e, _("unknown key \"%.60s\""), at->key);
	}
	return 0;
}
