#include "account/account.h"

#include "account/internal.h"
#include "base/alloc.h"
#include "base/intl.h"

#include <stdlib.h>

/* "mail-send" -> "send" */
static const char *section_of(const struct cli_program *p)
{
	return strncmp(p->name, "mail-", 5) == 0 ? p->name + 5 : "";
}

const struct config_entry *account_find(
    const struct account *a, const struct cli_program *p, const char *key)
{
	const struct config_entry *at = NULL;
	if (a->name)
		at = config_get(&a->config, "account", a->name, key);
	if (!at)
		at = config_get(&a->config, section_of(p), "", key);
	return at ? at : config_get(&a->config, "", "", key);
}

static void fill(struct account *a, const struct cli_program *p)
{
	struct {
		char **field;
		const char *key;
	} fields[] = {{&a->from, "from"}, {&a->server, "server"}, {&a->fetch, "fetch"},
	    {&a->mailbox, "mailbox"}, {&a->auth, "auth"}, {&a->preset, "preset"},
	    {&a->password_command, "password-command"}, {&a->password_file, "password-file"}};
	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		const struct config_entry *at = account_find(a, p, fields[i].key);
		if (at && *at->value)
			*fields[i].field = str_dup(at->value);
	}
}

/* --- the keys as options --- */

bool account_is_secret(const char *key)
{
	return strcmp(key, "password-command") == 0 || strcmp(key, "password-file") == 0;
}

static bool given(const struct cli_common *common, const struct cli_option *o)
{
	char letter[2] = {o->letter, '\0'};
	return strv_has(&common->given, o->name) || (o->letter && strv_has(&common->given, letter));
}

static bool has_accounts(const struct config *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (strcmp(c->v[i].section, "account") == 0)
			return true;
	return false;
}

/* What is said of the account's own server: in its section, or at the top of a file without accounts. */
static bool is_of_server(const struct account *a, const struct config_entry *at)
{
	bool account = strcmp(at->section, "account") == 0;
	return (account_key(at->key) & KEY_ROUTE) &&
	       (account || (!*at->section && !has_accounts(&a->config)));
}

/* Whether the command line silences this key. */
static bool silenced(
    const struct account *a, const struct cli_common *common, const struct config_entry *at)
{
	if (a->elsewhere && is_of_server(a, at))
		return true;
	/* --mx and --server are two answers to one question */
	return (strcmp(at->key, "server") == 0 && strv_has(&common->given, "mx")) ||
	       (strcmp(at->key, "mx") == 0 && strv_has(&common->given, "server"));
}

struct account_origin *account_origin_of(const struct account *a, const char *name)
{
	for (size_t i = 0; i < a->origin_count; i++)
		if (strcmp(a->origins[i].name, name) == 0)
			return &a->origins[i];
	return NULL;
}

static void remember(struct account *a, const char *name, const struct config_entry *at)
{
	struct account_origin *o = account_origin_of(a, name);
	if (!o) {
		a->origins = mem_resize(a->origins, a->origin_count + 1, sizeof(*a->origins));
		o = &a->origins[a->origin_count++];
	}
	*o = (struct account_origin){name, at};
}

static int set_option(const struct account *a, const struct cli_program *p, void *opts,
    const struct config_entry *at, struct err *e)
{
	char *value;
	struct err why = ERR_INIT;
	int r = 0;
	if (account_is_secret(at->key)) /* not for every host: account_secret decides */
		return 0;
	if (account_key(at->key) & KEY_PATH)
		r = account_expand_home(at->value, &value, &why);
	else
		value = str_dup(at->value);
	if (r == 0) {
		r = cli_set(p, opts, span_of(at->key), span_of(value), &why);
		free(value);
	}
	return r < 0 ? config_error(&a->config, at, e, "%s", why.text) : 0;
}

/* One level of the file: what a higher one said, or the command line, stays. Keys of a list add up within their level. */
static int apply(struct account *a, const struct cli_program *p, void *opts,
    const struct cli_common *common, const char *section, const char *label, struct err *e)
{
	size_t known = a->origin_count;
	for (size_t i = 0; i < a->config.n; i++) {
		const struct config_entry *at = &a->config.v[i];
		const struct cli_option *o = cli_find(p, span_of(at->key));
		if (strcmp(at->section, section) || strcmp(at->label, label) || !o ||
		    (o->flags & CLI_COMMAND_LINE) || given(common, o) || silenced(a, common, at))
			continue;
		struct account_origin *earlier = account_origin_of(a, o->name);
		if (earlier && earlier < a->origins + known)
			continue;
		if (set_option(a, p, opts, at, e) < 0)
			return -1;
		remember(a, o->name, at);
	}
	return 0;
}

static int apply_all(struct account *a, const struct cli_program *p, void *opts,
    const struct cli_common *common, struct err *e)
{
	if (a->name && apply(a, p, opts, common, "account", a->name, e) < 0)
		return -1;
	if (*section_of(p) && apply(a, p, opts, common, section_of(p), "", e) < 0)
		return -1;
	return apply(a, p, opts, common, "", "", e);
}

/* What the provider's name stands for, where the file does not say it itself. */
static int apply_preset(struct account *a, const struct cli_program *p, void *opts,
    const struct cli_common *common, struct err *e)
{
	const struct config_entry *at = account_find(a, p, "preset");
	char *server, *fetch;
	if (!a->preset)
		return 0;
	if (account_preset(a->preset, a->from, &server, &fetch, e) < 0)
		return config_error(&a->config, at, e, "preset: %s", e->text);
	const struct cli_option *o = cli_find(p, SPAN("server"));
	int r = 0;
	if (o && !a->server && !a->elsewhere && !given(common, o) &&
	    !strv_has(&common->given, "mx")) {
		r = cli_set(p, opts, SPAN("server"), span_of(server), e);
		remember(a, o->name, at);
	}
	if (a->server)
		free(server);
	else
		a->server = server;
	if (a->fetch)
		free(fetch);
	else
		a->fetch = fetch;
	return r;
}

static int load(struct account *a, const struct cli_program *p, void *opts,
    struct cli_common *common, const char *sender, struct err *e)
{
	if (account_read(&a->config, common->config, &a->have_config, e) < 0 ||
	    account_choose(a, common, sender, e) < 0)
		return -1;
	a->elsewhere =
	    !a->by_name && (strv_has(&common->given, "server") || strv_has(&common->given, "mx"));
	fill(a, p);
	if (apply_all(a, p, opts, common, e) < 0 || apply_preset(a, p, opts, common, e) < 0)
		return -1;
	return common->show_config ? account_show(a, p, opts, common, e) : 0;
}

int account_load(struct account *a, const struct cli_program *p, void *opts,
    struct cli_common *common, const char *sender, struct err *e)
{
	struct account new = {0};
	int r = load(&new, p, opts, common, sender, e);
	if (r < 0)
		account_release(&new);
	else
		*a = new;
	return r;
}

void account_release(struct account *a)
{
	config_release(&a->config);
	free(a->name);
	free(a->from);
	free(a->server);
	free(a->fetch);
	free(a->mailbox);
	free(a->auth);
	free(a->preset);
	free(a->password_command);
	free(a->password_file);
	free(a->origins);
	*a = (struct account){0};
}
