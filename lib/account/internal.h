/*
 * internal.h - what the files of this room share.
 */
#ifndef SURAT_ACCOUNT_INTERNAL_H
#define SURAT_ACCOUNT_INTERNAL_H

#include "account/account.h"

enum {
	KEY_PATH = 1,    /* "~/" in front is the home folder */
	KEY_COMMAND = 2, /* runs something, or names a secret: the file must be ours alone */
	KEY_ROUTE = 4,   /* tells how to speak to the account's server: not for another one */
	KEY_ACCOUNT = 8, /* no option of any program */
};
/* The flags of a key, or -1 where no program knows it. */
int account_key(const char *name);
/* Keys and sections, each in its line. */
int account_check(const struct config *c, struct err *e);
/* Finds, reads and checks the file. *found false: there is none. */
int account_read(struct config *c, const char *path, bool *found, struct err *e);
/* Chooses the account. */
int account_choose(
    struct account *a, const struct cli_common *common, const char *sender, struct err *e);
/* The address of "Ana <ana@example.org>" alone; NULL when the text is not exactly one. malloc'ed. */
char *account_bare_address(const char *text);
/* The servers of a provider as URLs with the user's name (the address in `from`) in them; malloc'ed. EX_CONFIG. */
int account_preset(const char *name, const char *from, char **server, char **fetch, struct err *e);
/* A key for this program: the account, the program's section, the top. NULL where it is not said. */
const struct config_entry *account_find(
    const struct account *a, const struct cli_program *p, const char *key);
/* Where an option came from in the file, or NULL. */
struct account_origin *account_origin_of(const struct account *a, const char *option);
/* password-command and password-file: never set as options, since they are not for every host. */
bool account_is_secret(const char *key);
/* Prints, and ends the run. */
int account_show(const struct account *a, const struct cli_program *p, const void *opts,
    const struct cli_common *common, struct err *e);
/* $HOME, absolute; EX_CONFIG. Not owned. */
const char *account_home(struct err *e);
/* "~/x" made absolute, others copied; malloc'ed. */
int account_expand_home(const char *path, char **out, struct err *e);
/* An access token of mail-login's; refused: one that a server did not take, or NULL. */
int account_login_token(
    const struct account *a, const char *user, const char *refused, char **out, struct err *e);
/* The same in a text, into an empty secret buffer. */
bool account_netrc_find(struct span text, const char *host, const char *user, struct buf *password);
/* The password in ~/.netrc: 1, 0 there is none, -1. */
int account_netrc(const char *host, const char *user, char **out, struct err *e);
/* Asks on the terminal, without echo. 1, 0 there is no terminal, -1. */
int account_prompt(const char *question, char **out, struct err *e);

#endif
