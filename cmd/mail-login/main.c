/*
 * mail-login - a sign-in with two factors, once: OAuth 2.0 by browser or device code, its tokens kept and renewed; one-time passwords.
 */
#include "login.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "io/confine.h"
#include "login/secrets.h"

#include <stdlib.h>

static const struct cli_option sign_in_options[] = {
    CLI_STRING(0, "provider", N_("NAME|URL"), struct login_options, provider,
	N_("who signs you in: fastmail, google, microsoft, yahoo, or the https URL of another "
	   "one")),
    CLI_STRING(0, "client-id", "ID", struct login_options, client_id,
	N_("the program that was registered there")),
    CLI_STRING(0, "client-secret-command", N_("COMMAND"), struct login_options,
	client_secret_command, N_("prints its secret, where the provider wants one")),
    CLI_STRING(0, "scope", N_("WORDS"), struct login_options, scope,
	N_("what is asked for, instead of the provider's usual")),
    {0, "device", NULL, CLI_KIND_FLAG, offsetof(struct login_options, device),
	N_("sign in with a code that is typed on another device"), CLI_COMMAND_LINE},
};
static const struct cli_option token_options[] = {
    {0, "token", NULL, CLI_KIND_FLAG, offsetof(struct login_options, token),
	N_("the same as the command token"), CLI_COMMAND_LINE},
    {0, "refused", NULL, CLI_KIND_FLAG, offsetof(struct login_options, refused),
	N_("the token on standard input was not taken by a server: print another one"),
	CLI_COMMAND_LINE},
    CLI_STRING(0, "token-store", N_("COMMAND"), struct login_options, token_store,
	N_("keeps what is secret, instead of files")),
};
static const struct cli_option totp_options[] = {
    CLI_STRING(0, "totp-command", N_("COMMAND"), struct login_options, totp_command,
	N_("prints the secret or otpauth: URI")),
    CLI_STRING(0, "totp-file", N_("FILE"), struct login_options, totp_file,
	N_("the secret or otpauth: URI is its first line")),
    {0, "import", NULL, CLI_KIND_FLAG, offsetof(struct login_options, import),
	N_("totp: keep the secret or otpauth: URI on standard input"), CLI_COMMAND_LINE},
    {0, "totp", NULL, CLI_KIND_FLAG, offsetof(struct login_options, totp),
	N_("forget: the secret that was kept so, too"), CLI_COMMAND_LINE},
};
static const struct cli_option network_options[] = {
    CLI_SPAN(0, "timeout", N_("SECONDS"), struct login_options, timeout_s,
	N_("longest wait for one whole reply")),
    CLI_SPAN(0, "deadline", N_("SECONDS"), struct login_options, deadline_s,
	N_("longest time for the whole run")),
    CLI_STRING(0, "ca-file", N_("FILE"), struct login_options, ca_file,
	N_("trusted certificates, instead of the system's")),
    CLI_FLAG('4', NULL, struct login_options, only4, N_("IPv4 only")),
    CLI_FLAG('6', NULL, struct login_options, only6, N_("IPv6 only")),
    CLI_LIST(0, "connect", "HOST=ADDR:PORT", struct login_options, connects,
	N_("connect there when HOST is meant, for laboratories")),
};
static const struct cli_group groups[] = {
    {N_("Signing in"), sign_in_options, ARRAY_LEN(sign_in_options), 0, 0},
    {N_("Tokens"), token_options, ARRAY_LEN(token_options), 0, 0},
    {N_("One-time passwords"), totp_options, ARRAY_LEN(totp_options), 0, 0},
    {N_("The network"), network_options, ARRAY_LEN(network_options), 0, 0},
};
static const struct cli_command commands[] = {
    {"sign-in", "[ACCOUNT]", N_("sign in, with the browser (also without a command)"), SIGN_IN,
	NULL},
    {"token", "[ACCOUNT]", N_("print an access token that is good now"), TOKEN, NULL},
    {"totp", "[ACCOUNT]", N_("print the one-time password of this moment"), TOTP, NULL},
    {"forget", "[ACCOUNT]", N_("end the sign-in, here and at the provider"), FORGET, NULL},
    {"list", "", N_("the sign-ins there are"), LIST, NULL},
};
static const struct cli_program program = {
    .name = "mail-login",
    .synopsis = N_("[COMMAND] [options] [ACCOUNT]"),
    .summary = N_("Signs in with two factors, and prints tokens and one-time passwords for whoever "
		  "sends and fetches mail."),
    .groups = groups,
    .group_count = ARRAY_LEN(groups),
    .commands = commands,
    .command_count = ARRAY_LEN(commands),
    .common_offset = offsetof(struct login_options, common),
};

/* --- which account --- */

/* An operand that the configuration knows is the same as -A; another is a name for who needs no configuration. */
static int choose(struct login *l, const struct strv *operands, struct err *e)
{
	struct cli_common *c = &l->o->common;
	const char *operand = operands->n ? operands->v[0] : NULL;
	bool known = false;
	if (operands->n > 1)
		return err_set(e, EX_USAGE,
		    _("\"%s\" and \"%s\": one account at a time; the commands are in --help"),
		    operand, operands->v[1]);
	if (operand && c->account)
		return err_set(e, EX_USAGE, _("one account at a time"));
	if (operand && account_is_known(c, operand, &known, e) < 0)
		return -1;
	if (known)
		c->account = str_dup(operand);
	if (account_load(&l->account, l->program, l->o, c, NULL, e) < 0)
		return -1;
	l->name = operand ? operand : l->account.name;
	if (!l->name)
		return err_set(e, EX_USAGE, _("which account?"));
	return 0;
}

int login_folder(char **out, struct err *e)
{
	return account_state_path("login", out, e);
}

static int open_store(struct login *l, struct err *e)
{
	char *folder;
	if (login_folder(&folder, e) < 0)
		return -1;
	int r = login_store_open(&l->store, folder, l->o->token_store, l->name, e);
	free(folder);
	return r;
}

static void set_web(struct login *l)
{
	const struct login_options *o = l->o;
	l->web = (struct login_web){.ca_file = o->ca_file,
	    .connects = &o->connects,
	    .timeout_ms = o->timeout_s * 1000,
	    .only4 = o->only4,
	    .only6 = o->only6};
	if (!o->deadline_s)
		return;
	l->deadline_ms = clock_mono_ms() + o->deadline_s * 1000;
	if (o->deadline_s < o->timeout_s)
		l->web.timeout_ms = o->deadline_s * 1000;
}

int login_client_secret(void *ctx, char **out, struct err *e)
{
	struct login *l = ctx;
	const char *command = l->o->client_secret_command;
	if (!command)
		return 0;
	char *env[] = {str_printf("SURAT_ACCOUNT=%s", l->name), NULL};
	int r = account_line_of_command("client-secret-command", command, env, out, e);
	free(env[0]);
	return r;
}

/* --- the run --- */

static int one_account(
    struct login *l, enum login_command command, const struct strv *operands, struct err *e)
{
	static int (*const runs[])(struct login *, struct err *) = {
	    [SIGN_IN] = login_sign_in,
	    [TOKEN] = login_token,
	    [TOTP] = login_totp,
	    [FORGET] = login_forget,
	};
	if (choose(l, operands, e) < 0)
		return -1;
	set_web(l);
	int r = open_store(l, e);
	if (r == 0)
		r = runs[command](l, e);
	return r < 0 ? err_prefix(e, "%s: ", l->name) : r;
}

static int check(const struct login_options *o, int command, struct err *e)
{
	if (o->token && command >= 0 && command != TOKEN)
		return err_set(e, EX_USAGE, _("--token and another command: one of them"));
	if (o->refused && command != TOKEN && !o->token)
		return err_set(e, EX_USAGE, _("--refused is for token"));
	if (o->import && command != TOTP)
		return err_set(e, EX_USAGE, _("--import is for totp"));
	if (o->totp && command != FORGET)
		return err_set(e, EX_USAGE, _("--totp is for forget"));
	return 0;
}

static int run(void *opts, struct cli_args *args, struct err *e)
{
	struct login_options *o = opts;
	struct login l = {.o = o, .program = &program, .store = {.dirfd = -1}};
	int command = o->token && args->command < 0 ? TOKEN : args->command;
	if (check(o, args->command, e) < 0)
		return -1;
	confine(CONFINE_FILES | CONFINE_NETWORK | CONFINE_SPAWN);
	login_wipe_json();
	if (command == LIST && !o->common.show_config)
		return args->operands.n ? err_set(e, EX_USAGE, _("list: no operand is expected"))
					: login_list(o, &program, e);
	int r = one_account(
	    &l, command < 0 ? SIGN_IN : (enum login_command)command, &args->operands, e);
	login_store_close(&l.store);
	account_release(&l.account);
	return r;
}

int main(int argc, char **argv)
{
	struct login_options o = {.timeout_s = 60};
	return cli_main(&program, argc, argv, &o, run);
}
