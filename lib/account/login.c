/* An access token of mail-login's, which is run for it: so no program that sends or fetches has OAuth in it, and one lock keeps them all apart. */
#include "account/internal.h"
#include "base/alloc.h"
#include "base/intl.h"
#include "io/child.h"

#include <stdlib.h>

enum { MOST_BYTES = 64 * 1024, MOST_MS = 300 * 1000 };

/* The name the sign-in goes by: the account's; in a file without accounts, who signs in. */
static const char *name_of(const struct account *a, const char *user)
{
	return a->name ? a->name : user ? user : "";
}

static void make_argv(
    const struct account *a, const char *user, const char *refused, struct strv *argv)
{
	strv_add(argv, "mail-login");
	strv_add(argv, "token");
	strv_add(argv, "--quiet");
	if (refused)
		strv_add(argv, "--refused");
	if (a->have_config)
		strv_take(argv, str_printf("--config=%s", a->config.path));
	strv_add(argv, "--");
	strv_add(argv, name_of(a, user));
}

/* "mail-login: home: sign-in expired: mail-login home": who and which account is for our caller to say. */
static int failed(const char *name, struct span said, int status, struct err *e)
{
	struct span line = SPAN("");
	char *account = str_printf("%s: ", name);
	while (said.len && !span_starts(line, "mail-login: "))
		span_line(&said, &line);
	line = span_skip(line, strlen("mail-login: "));
	if (span_starts(line, account))
		line = span_skip(line, strlen(account));
	free(account);
	bool usual = status >= EX__BASE && status <= EX__MAX;
	if (!line.len)
		return err_set(
		    e, usual ? status : EX_NOPERM, _("mail-login ended with exit code %d"), status);
	return err_set(e, usual ? status : EX_NOPERM, "%.*s", SPAN_ARG(line));
}

static int take_token(struct span said, char **out, struct err *e)
{
	struct span line;
	if (!span_line(&said, &line) || !line.len)
		return err_set(e, EX_NOPERM, _("mail-login printed no token"));
	*out = span_dup(line);
	return 0;
}

int account_login_token(
    const struct account *a, const char *user, const char *refused, char **out, struct err *e)
{
	struct strv argv = {0};
	struct buf said = BUF_INIT(MOST_BYTES), input = BUF_INIT(MOST_BYTES);
	int status = 0;
	said.secret = input.secret = true;
	make_argv(a, user, refused, &argv);
	if (refused)
		buf_addf(&input, "%s\n", refused);
	int r = child_ask(argv.v, NULL, buf_span(&input), &said, MOST_MS, &status, e);
	if (r == 0)
		r = status ? failed(name_of(a, user), buf_span(&said), status, e)
			   : take_token(buf_span(&said), out, e);
	strv_release(&argv);
	buf_wipe(&input);
	buf_wipe(&said);
	return r;
}
