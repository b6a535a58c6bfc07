/*
 * login.h - what the files of mail-login share.
 */
#ifndef SURAT_MAIL_LOGIN_LOGIN_H
#define SURAT_MAIL_LOGIN_LOGIN_H

#include "account/account.h"
#include "login/token.h"

enum login_command { SIGN_IN, TOKEN, TOTP, FORGET, LIST };

struct login_options {
	struct cli_common common;
	char *provider, *client_id, *client_secret_command, *scope, *token_store;
	char *totp_command, *totp_file;
	bool device, token, refused, import, totp;
	int64_t timeout_s, deadline_s;
	char *ca_file;
	struct strv connects;
	bool only4, only6;
};

struct login { /* one run */
	struct login_options *o;
	const struct cli_program *program;
	struct account account;
	const char *name;
	struct login_store store;
	struct login_web web;
	int64_t deadline_ms; /* clock_mono_ms, 0: none */
};

int login_sign_in(struct login *l, struct err *e);
int login_token(struct login *l, struct err *e);
int login_totp(struct login *l, struct err *e);
int login_forget(struct login *l, struct err *e);
int login_list(const struct login_options *o, const struct cli_program *p, struct err *e);
/* The client's secret, by its command; *out stays NULL where none is configured. ctx: the struct login. */
int login_client_secret(void *ctx, char **out, struct err *e);
/* Shows the page to the person. False: there is no browser to be had. */
bool login_open_browser(const char *url);
/* Where sign-ins are kept; malloc'ed. */
int login_folder(char **out, struct err *e);

#endif
