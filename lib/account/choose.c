/* Which account, which addresses are "me". */
#include "account/internal.h"
#include "base/alloc.h"
#include "base/intl.h"
#include "mime/address.h"

#include <stdlib.h>

char *account_bare_address(const char *text)
{
	struct arena arena = ARENA_INIT(64 * 1024);
	struct address one;
	char *bare = NULL;
	if (address_parse_one(&arena, span_of(text), &one, NULL) == 0)
		bare = span_dup(one.spec);
	arena_release(&arena);
	return bare;
}

static bool has_account(const struct config *c, const char *name)
{
	for (size_t i = 0; i < c->n; i++)
		if (strcmp(c->v[i].section, "account") == 0 && strcmp(c->v[i].label, name) == 0)
			return true;
	return false;
}

int account_is_known(const struct cli_common *common, const char *name, bool *known, struct err *e)
{
	struct config c = {0};
	bool found;
	if (account_read(&c, common->config, &found, e) < 0)
		return -1;
	*known = found && has_account(&c, name);
	config_release(&c);
	return 0;
}

static int take(struct account *a, const char *name, const struct config_entry *said, struct err *e)
{
	if (has_account(&a->config, name)) {
		a->name = str_dup(name);
		return 0;
	}
	if (said)
		return config_error(&a->config, said, e, _("there is no [account %.100s]"), name);
	if (!a->have_config)
		return err_set(
		    e, EX_CONFIG, _("no account \"%.100s\": there is no configuration file"), name);
	return err_set(e, EX_CONFIG, _("%s: there is no [account %.100s]"), a->config.path, name);
}

/* The first account whose `from` is this address: without case, as no server tells Ana from ana. */
static const char *by_sender(const struct account *a, const char *sender)
{
	const char *name = NULL;
	char *wanted = account_bare_address(sender);
	for (size_t i = 0; wanted && !name && i < a->config.n; i++) {
		const struct config_entry *at = &a->config.v[i];
		if (strcmp(at->section, "account") != 0 || strcmp(at->key, "from") != 0)
			continue;
		char *from = account_bare_address(at->value);
		if (from && span_eq_nocase(span_of(from), span_of(wanted)))
			name = at->label;
		free(from);
	}
	free(wanted);
	return name;
}

int account_choose(
    struct account *a, const struct cli_common *common, const char *sender, struct err *e)
{
	a->by_name = common->account != NULL;
	if (a->by_name)
		return take(a, common->account, NULL, e);
	const char *name = sender ? by_sender(a, sender) : NULL;
	if (name)
		return take(a, name, NULL, e);
	const struct config_entry *at = config_get(&a->config, "", "", "default-account");
	return at ? take(a, at->value, at, e) : 0;
}

void account_own_addresses(const struct account *a, struct strv *out)
{
	for (size_t i = 0; i < a->config.n; i++) {
		if (strcmp(a->config.v[i].key, "from") != 0)
			continue;
		char *bare = account_bare_address(a->config.v[i].value);
		if (bare && !strv_has(out, bare))
			strv_take(out, bare);
		else
			free(bare);
	}
	const char *email = getenv("EMAIL");
	char *bare = email ? account_bare_address(email) : NULL;
	if (bare && !strv_has(out, bare))
		strv_take(out, bare);
	else
		free(bare);
}

char *account_address(const struct account *a)
{
	return a->from ? account_bare_address(a->from) : NULL;
}

int account_sender(const struct account *a, const char *explicit_sender, char **out, struct err *e)
{
	const char *email = getenv("EMAIL");
	if (explicit_sender)
		*out = str_dup(explicit_sender);
	else if (a->from)
		*out = str_dup(a->from);
	else if (email && *email)
		*out = str_dup(email);
	else
		return err_set(e, EX_CONFIG,
		    _("no sender: name one with -f, set $EMAIL, or configure an account with "
		      "\"from\""));
	return 0;
}

int account_preset(const char *name, const char *from, char **server, char **fetch, struct err *e)
{
	static const struct {
		const char *name, *smtp, *imap;
	} presets[] = {
	    {"fastmail", "smtp.fastmail.com", "imap.fastmail.com"},
	    {"google", "smtp.gmail.com", "imap.gmail.com"},
	    {"icloud", "smtp.mail.me.com", "imap.mail.me.com"},
	    {"microsoft", "smtp.office365.com", "outlook.office365.com"},
	    {"yahoo", "smtp.mail.yahoo.com", "imap.mail.yahoo.com"},
	};
	size_t i = 0;
	while (i < ARRAY_LEN(presets) && strcmp(presets[i].name, name) != 0)
		i++;
	if (i == ARRAY_LEN(presets))
		return err_set(e, EX_CONFIG,
		    _("\"%.60s\" is none of fastmail, google, icloud, microsoft, yahoo"), name);
	char *user = from ? account_bare_address(from) : NULL;
	if (!user)
		return err_set(e, EX_CONFIG,
		    _("it needs \"from\" with one address, which is the name to sign in with"));
	*server = str_printf("smtp://%s@%s", user, presets[i].smtp);
	*fetch = str_printf("imaps://%s@%s/INBOX", user, presets[i].imap);
	free(user);
	return 0;
}
