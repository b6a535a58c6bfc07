/* Where a password comes from, in this order: the command line, the configuration, the service manager, ~/.netrc, the person; a token from mail-login instead of
 * the last two. */
#include "account/internal.h"
#include "base/alloc.h"
#include "base/intl.h"
#include "io/child.h"
#include "io/file.h"
#include "net/addr.h"
#include "sasl/sasl.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOST_BYTES = 64 * 1024, COMMAND_MS = 120 * 1000 };

/* The first line, wherever it came from; the rest is wiped. */
static int first_line(struct buf *b, const char *where, char **out, struct err *e)
{
	struct span rest = buf_span(b), line = SPAN("");
	bool any = span_line(&rest, &line) && line.len;
	bool nul = span_index(line, '\0') >= 0;
	if (any && !nul)
		*out = span_dup(line);
	buf_wipe(b);
	if (nul)
		return err_set(e, EX_NOPERM, _("%s: a NUL in the password"), where);
	return any ? 0 : err_set(e, EX_NOPERM, _("%s: the first line is empty"), where);
}

int account_line_of_command(
    const char *what, const char *command, char *const env[], char **out, struct err *e)
{
	struct buf b = BUF_INIT(MOST_BYTES);
	struct err why = ERR_INIT;
	b.secret = true;
	if (child_output(command, env, SPAN(""), &b, COMMAND_MS, &why) < 0) {
		buf_wipe(&b);
		why.code = EX_NOPERM;
		err_prefix(&why, "%s: ", what);
		return err_copy(e, &why);
	}
	return first_line(&b, what, out, e);
}

int account_line_of_file(const char *what, const char *path, char **out, struct err *e)
{
	struct buf b = BUF_INIT(MOST_BYTES);
	struct err why = ERR_INIT;
	b.secret = true;
	if (file_read(path, &b, &why) < 0) {
		buf_wipe(&b);
		why.code = EX_NOPERM;
		err_prefix(&why, "%s: ", what);
		return err_copy(e, &why);
	}
	return first_line(&b, path, out, e);
}

static int from_command(const struct account *a, const char *command, const char *host,
    const char *user, char **out, struct err *e)
{
	char *env[] = {str_printf("SURAT_HOST=%s", host),
	    str_printf("SURAT_USER=%s", user ? user : ""),
	    str_printf("SURAT_ACCOUNT=%s", a->name ? a->name : ""), NULL};
	int r = account_line_of_command("password-command", command, env, out, e);
	for (size_t i = 0; env[i]; i++)
		free(env[i]);
	return r;
}

static int from_file(const char *path, char **out, struct err *e)
{
	return account_line_of_file("password-file", path, out, e);
}

/* Is the server of this URL that host? */
static bool names_host(const char *url, const char *host)
{
	struct net_url u;
	if (!url || net_url_parse(&u, span_of(url), "smtp", NULL) < 0)
		return false;
	bool same = u.host && span_eq_nocase(span_of(u.host), span_of(host));
	same = same || (u.socket && strcmp(u.socket, host) == 0);
	net_url_release(&u);
	return same;
}

/* A configured secret is for the configured servers: no other host is told it because somebody named that host. */
static bool is_for(const struct account *a, const char *host)
{
	return a->by_name || (!a->server && !a->fetch) || names_host(a->server, host) ||
	       names_host(a->fetch, host);
}

static int from_account(
    const struct account *a, const char *host, const char *user, char **out, struct err *e)
{
	if (a->password_command)
		return from_command(a, a->password_command, host, user, out, e);
	char *path;
	if (account_expand_home(a->password_file, &path, e) < 0)
		return -1;
	int r = from_file(path, out, e);
	free(path);
	return r;
}

/* A file USER@HOST or HOST in $CREDENTIALS_DIRECTORY. 1, 0 none, -1. */
static int from_credentials(const char *host, const char *user, char **out, struct err *e)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	if (!folder || *folder != '/' || strchr(host, '/') || (user && strchr(user, '/')))
		return 0;
	char *names[] = {user ? str_printf("%s/%s@%s", folder, user, host) : NULL,
	    str_printf("%s/%s", folder, host)};
	int r = 0;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct err why = ERR_INIT;
		if (names[i] && r == 0) {
			r = from_file(names[i], out, &why) < 0 ? -1 : 1;
			if (r < 0 && why.sys == ENOENT)
				r = 0;
			else if (r < 0)
				err_copy(e, &why);
		}
		free(names[i]);
	}
	return r;
}

static int ask(const char *host, const char *user, char **out, struct err *e)
{
	struct buf question = BUF_INIT(1000);
	buf_addf(&question, _("Password for %s%s%s: "), user ? user : "", user ? "@" : "", host);
	int r = account_prompt(buf_cstr(&question), out, e);
	buf_release(&question);
	return r;
}

/* What somebody named: 1, 0 nobody did, -1. */
static int from_named(const struct account *a, const struct cli_secrets *s, const char *host,
    const char *user, char **out, struct err *e)
{
	int r = 0;
	if (s->password_command)
		r = from_command(a, s->password_command, host, user, out, e);
	else if (s->password_file)
		r = from_file(s->password_file, out, e);
	else if ((a->password_command || a->password_file) && is_for(a, host))
		r = from_account(a, host, user, out, e);
	else
		return from_credentials(host, user, out, e);
	return r < 0 ? -1 : 1;
}

/* --- tokens --- */

bool account_wants_token(const struct cli_secrets *s)
{
	return s->auth && sasl_takes_token(s->auth);
}

/* A sign-in is for the servers of its account, as its password would be. */
static int from_login(const struct account *a, const char *host, const char *user,
    const char *refused, char **out, struct err *e)
{
	if (!is_for(a, host))
		return err_set(e, EX_NOPERM,
		    _("%s is no server of the account %s, whose sign-in is not for it"), host,
		    a->name ? a->name : "");
	return account_login_token(a, user, refused, out, e);
}

int account_token_again(const struct account *a, const struct cli_secrets *s, const char *host,
    const char *user, const char *refused, char **out, struct err *e)
{
	char *again = NULL;
	/* a command that has nothing more to say leaves the server's refusal to be told */
	int r = from_named(a, s, host, user, &again, NULL);
	if (r < 0)
		return 0;
	if (r == 0)
		r = from_login(a, host, user, refused, &again, e) < 0 ? -1 : 1;
	if (r < 0 && a->name)
		err_prefix(e, "%s: ", a->name);
	if (r > 0 && strcmp(again, refused) == 0) {
		str_wipe_free(again);
		return 0;
	}
	if (r > 0)
		*out = again;
	return r;
}

/* --- all of it --- */

int account_secret(const struct account *a, const struct cli_secrets *s, const char *host,
    const char *user, char **out, struct err *e)
{
	int r = from_named(a, s, host, user, out, e);
	if (r == 0 && account_wants_token(s))
		return from_login(a, host, user, NULL, out, e);
	if (r == 0)
		r = account_netrc(host, user, out, e);
	if (r == 0)
		r = ask(host, user, out, e);
	if (r == 0)
		return err_set(e, EX_NOPERM,
		    _("no password for %s%s%s: give --password-command, or configure one"),
		    user ? user : "", user ? "@" : "", host);
	return r < 0 ? -1 : 0;
}
