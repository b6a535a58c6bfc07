/*
 * account.h - what the configuration means: which account, which defaults, which secret.
 *
 *	struct account a;
 *	account_load(&a, &program, &opts, &opts.common, e);	// reads the file, checks every key, applies keys as options not given on the command line
 *	...
 *	account_secret(&a, &opts.secrets, "smtp", host, user, &password, e);
 *
 * Choice of the account: -A, else the account whose `from` is the sender, else default-account, else none.
 * Where a key is said more than once: the command line, [account NAME], the program's section ([send], [queue]...), what stands before any section.
 * With --server or --mx on the command line and no -A, what the account says of its own server (TLS, user, secret...) does not count: it is for that
 * server. A secret of an account goes to the hosts of its `server` and `fetch` only, unless -A named it.
 */
#ifndef SURAT_ACCOUNT_ACCOUNT_H
#define SURAT_ACCOUNT_ACCOUNT_H

#include "cli/cli.h"
#include "config/config.h"

struct account {
	struct config config;
	bool have_config;
	char *name; /* NULL: none */
	char *from; /* "Ana <ana@example.org>" */
	char *server, *fetch, *mailbox, *auth, *preset, *password_command, *password_file;
	bool by_name;   /* -A named it */
	bool elsewhere; /* the command line names another server */
	/* for --show-config */
	struct account_origin {
		const char *name; /* of the option */
		const struct config_entry *entry;
	} * origins;
	size_t origin_count;
};
/* Reads --config FILE, $XDG_CONFIG_HOME/surat/config (default ~/.config), else SYSCONFDIR/surat/config; none is fine unless --config named it. Every key of every
 * section is checked (against all programs' known keys). Applies the keys to opts where common->given has not the name. sender may be NULL. With --show-config it
 * prints them and ends the run (cli_end). EX_CONFIG "file:line: why"; a file that others may write and that names commands or secrets is refused. */
int account_load(struct account *a, const struct cli_program *p, void *opts,
    struct cli_common *common, const char *sender, struct err *e);
void account_release(struct account *a);
/* The addresses that are "me": of all accounts' from. */
void account_own_addresses(const struct account *a, struct strv *out);
/* The address in the account's from, alone; NULL where there is none. malloc'ed. */
char *account_address(const struct account *a);
/* The sender: explicit, the account's from, $EMAIL; else EX_CONFIG. As written (maybe with a name); malloc'ed. */
int account_sender(const struct account *a, const char *explicit_sender, char **out, struct err *e);
/* The default mailbox: account, $MAIL, ~/Maildir, /var/mail/$USER. malloc'ed. */
int account_mailbox(const struct account *a, char **out, struct err *e);
/* "+Name" and "~" in a mailbox name made a path of the configured store; others copied. malloc'ed. */
int account_mailbox_expand(const struct account *a, const char *name, char **out, struct err *e);
/* $XDG_STATE_HOME/surat[/name], made 0700 (default ~/.local/state). EX_CONFIG without HOME. malloc'ed. */
int account_state_path(const char *name, char **out, struct err *e);
int account_cache_path(const char *name, char **out, struct err *e);

struct cli_secrets { /* options of the programs that sign in */
	char *auth, *user, *password_command, *password_file;
};
struct cli_group cli_secrets_group(size_t offset);
/* The password: --password-command or --password-file, the account's, a file HOST or USER@HOST in $CREDENTIALS_DIRECTORY, ~/.netrc, a prompt on the terminal. The first
 * line of what the command or the file says. The command finds SURAT_ACCOUNT, SURAT_HOST and SURAT_USER in its environment. EX_NOPERM. malloc'ed; str_wipe_free it. */
int account_secret(const struct account *a, const struct cli_secrets *s, const char *host,
    const char *user, char **out, struct err *e);
/* Whether --auth names a mechanism that takes an access token. Then, where no command and no file is named, account_secret asks mail-login(1), and neither
 * ~/.netrc nor a person, who have passwords only. */
bool account_wants_token(const struct cli_secrets *s);
/* A server did not take that token: 1 another one, 0 there is no other, -1. str_wipe_free it. */
int account_token_again(const struct account *a, const struct cli_secrets *s, const char *host,
    const char *user, const char *refused, char **out, struct err *e);
/* The first line that a command prints or a file has, for other secrets; what: the option's name, for errors. EX_NOPERM. str_wipe_free it. */
int account_line_of_command(
    const char *what, const char *command, char *const env[], char **out, struct err *e);
int account_line_of_file(const char *what, const char *path, char **out, struct err *e);
/* Is there an [account NAME]? EX_CONFIG: the file is wrong. */
int account_is_known(const struct cli_common *common, const char *name, bool *known, struct err *e);

#endif
