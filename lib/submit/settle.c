/* settle.c - which way a message goes, in the words in which a queue keeps it. */
#include "base/alloc.h"
#include "base/intl.h"
#include "io/sys.h"
#include "net/connect.h"
#include "submit/options.h"

#include <jansson.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PROBE_MS = 1000 };

void submit_route_release(struct queue_route *r)
{
	char *all[] = {r->account, r->server, r->mx, r->tls, r->auth, r->user, r->helo, r->smtputf8,
	    r->priority, r->deliver_by, r->options};
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		free(all[i]);
	*r = (struct queue_route){0};
}

/* --- options that go along --- */

/* Those of other groups that decide where a message goes and whom it trusts; is it a file's name? */
static const struct {
	const char *name;
	bool path;
} carried[] = {
    {"bind", false},
    {"ca-file", true},
    {"cert", true},
    {"connect", false},
    {"dns-data", true},
    {"dnssec", false},
    {"fingerprint", false},
    {"key", true},
    {"password-command", false},
    {"password-file", true},
    {"resolver", false},
    {"smtp-port", false},
    {"timeout", false},
    {"trust-anchor", true},
};

static char *absolute(const char *path)
{
	char *here = *path == '/' ? NULL : getcwd(NULL, 0);
	char *all = here ? str_printf("%s/%s", here, path) : str_dup(path);
	free(here);
	return all;
}

static json_t *list_value(const struct strv *l)
{
	json_t *array = json_array();
	for (size_t i = 0; i < l->n; i++)
		json_array_append_new(array, json_string(l->v[i]));
	return array;
}

static json_t *value_of(const struct cli_slot *slot, const void *opts, bool path)
{
	const void *field = (const char *)opts + slot->offset;
	if (slot->option->kind == CLI_KIND_LIST)
		return list_value(field);
	struct buf b = BUF_INIT(64 << 10);
	cli_value_text(slot, opts, &b);
	char *text = path ? absolute(buf_cstr(&b)) : str_dup(buf_cstr(&b));
	json_t *value = json_string(text);
	free(text);
	buf_release(&b);
	return value;
}

static void carry(const struct submit_context *c, const struct cli_slot *slot, json_t *to)
{
	const char *name = slot->option->name;
	for (size_t i = 0; name && i < ARRAY_LEN(carried); i++)
		if (strcmp(name, carried[i].name) == 0 && strv_has(&c->common->given, name)) {
			json_t *value = value_of(slot, c->opts, carried[i].path);
			if (value)
				json_object_set_new(to, name, value);
		}
}

/* NULL when there is none. */
static char *carried_options(const struct submit_context *c)
{
	json_t *all = json_object();
	struct cli_slot slot;
	for (size_t at = 0; cli_each(c->program, &at, &slot);)
		carry(c, &slot, all);
	char *text = json_object_size(all) ? json_dumps(all, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
	json_decref(all);
	return text;
}

/* --- which way --- */

static bool given(const struct submit_context *c, const char *name)
{
	return strv_has(&c->common->given, name);
}

static char *copy(const char *s)
{
	return s && *s ? str_dup(s) : NULL;
}

static bool somebody_listens(void)
{
	struct net_addrs to = {0};
	struct net_addr a;
	struct net_connect_options o = {.timeout_ms = PROBE_MS};
	int fd = -1;
	if (net_addr_parse(SPAN("127.0.0.1"), 25, &a)) {
		net_addrs_add(&to, &a);
		fd = net_connect(&to, &o, NULL, NULL);
	}
	net_addrs_release(&to);
	if (fd >= 0)
		sys_close(fd);
	return fd >= 0;
}

static int choose(
    const struct submit_context *c, struct queue_route *r, bool *guessed, struct err *e)
{
	const struct submit_options *o = c->options;
	const char *env = getenv("SURAT_SERVER");
	bool by_mx = o->mx && (given(c, "mx") || !(o->server || c->account->server));
	if (given(c, "mx") && given(c, "server"))
		return err_set(e, EX_USAGE, _("either --server or --mx"));
	*guessed = false;
	if (by_mx && !given(c, "server")) {
		r->use_mx = true;
		r->mx = copy(o->mx);
	} else if (o->server || c->account->server) {
		r->server = copy(o->server ? o->server : c->account->server);
	} else if (env && *env) {
		r->server = str_dup(env);
	} else if (somebody_listens()) {
		r->server = str_dup("smtp://127.0.0.1:25");
		*guessed = true;
	} else {
		return err_set(e, EX_CONFIG,
		    _("no server: give --server or --mx, configure an account with \"server\", or "
		      "set "
		      "$SURAT_SERVER"));
	}
	return 0;
}

static void fill(const struct submit_context *c, struct queue_route *r)
{
	static const char *const tls[] = {
	    NULL, "none", "may", "encrypt", "fingerprint", "verify", "dane", "dane-only"};
	static const char *const utf8[] = {NULL, "always", "never"};
	const struct submit_options *o = c->options;
	/* what the command line sends elsewhere is none of the account's business, its secret least of all */
	r->account = c->account->elsewhere ? NULL : copy(c->account->name);
	r->tls = copy(tls[o->tls]);
	r->smtputf8 = copy(utf8[o->smtputf8]);
	r->auth = copy(o->secrets.auth);
	r->user = copy(o->secrets.user);
	r->helo = copy(o->helo);
	r->priority = copy(o->priority);
	r->deliver_by = copy(o->deliver_by);
	r->require_tls = o->require_tls;
	r->options = carried_options(c);
}

int submit_settle(
    const struct submit_context *c, struct queue_route *out, bool *guessed, struct err *e)
{
	struct queue_route r = {0};
	bool guess = false;
	if (choose(c, &r, &guess, e) < 0)
		return -1;
	fill(c, &r);
	*out = r;
	*guessed = guess;
	return 0;
}
