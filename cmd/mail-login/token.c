/* token.c - token: an access token that is good now; forget: the end of a sign-in. */
#include "login.h"

#include "base/alloc.h"
#include "base/intl.h"
#include "io/file.h"
#include "io/stream.h"
#include "io/sys.h"
#include "report/report.h"

#include <stdlib.h>
#include <unistd.h>

enum column { ACCOUNT, ACCESS, TYPE, EXPIRES };
static const struct report_column columns[] = {
    [ACCOUNT] = {"account", NULL, 0},
    [ACCESS] = {"access_token", NULL, 0},
    [TYPE] = {"token_type", NULL, 0},
    [EXPIRES] = {"expires", NULL, 0},
};

/* The first line of standard input. */
static int read_refused(char **out, struct err *e)
{
	struct stream s;
	struct span line;
	stream_init_fd(&s, STDIN_FILENO, -1);
	s.in.secret = true;
	int r = stream_line(&s, &line, LOGIN_TOKEN_MAX, e);
	if (r > 0)
		*out = span_dup(line);
	buf_wipe(&s.in);
	stream_release(&s);
	if (r < 0)
		return err_prefix(e, _("standard input: "));
	return r ? 0 : err_set(e, EX_USAGE, _("--refused: no token on standard input"));
}

static int print_json(const struct login *l, const char *token, int64_t expires_s, struct err *e)
{
	struct report *r = report_new(columns, ARRAY_LEN(columns), REPORT_JSON, l->o->common.color);
	report_text(r, ACCOUNT, span_of(l->name));
	report_text(r, ACCESS, span_of(token));
	report_text(r, TYPE, SPAN("Bearer"));
	if (expires_s)
		report_time(r, EXPIRES, expires_s);
	int bad = report_row(r, e);
	return report_close(r, bad < 0 ? NULL : e) < 0 || bad < 0 ? -1 : 0;
}

static int print(const char *token, struct err *e)
{
	struct buf b = BUF_INIT(LOGIN_TOKEN_MAX + 1);
	b.secret = true;
	buf_adds(&b, token);
	buf_addc(&b, '\n');
	int r = fd_write_all(STDOUT_FILENO, buf_span(&b), e);
	buf_wipe(&b);
	return r < 0 ? err_prefix(e, _("standard output: ")) : 0;
}

int login_token(struct login *l, struct err *e)
{
	char *refused = NULL, *token = NULL;
	if (l->o->refused && read_refused(&refused, e) < 0)
		return -1;
	struct login_fresh f = {.store = &l->store,
	    .web = &l->web,
	    .secret = login_client_secret,
	    .ctx = l,
	    .refused = refused};
	int64_t expires_s = 0;
	int r = login_token_fresh(&f, &token, &expires_s, e);
	if (r == 0)
		r = l->o->common.json ? print_json(l, token, expires_s, e) : print(token, e);
	str_wipe_free(refused);
	str_wipe_free(token);
	return r;
}

/* --- forget --- */

static int end_there(struct login *l, const struct login_record *r, struct err *e)
{
	struct login_client c = {.web = &l->web, .provider = &r->provider, .id = r->client_id};
	char *secret = NULL;
	if (!r->provider.revoke || r->over)
		return 0;
	if (login_client_secret(l, &secret, e) < 0)
		return -1;
	c.secret = secret;
	int done = login_revoke(&c, r->token.refresh ? r->token.refresh : r->token.access, e);
	str_wipe_free(secret);
	return done;
}

/* Forgotten here in any case; whether the provider knows it too is the exit code. */
static int forget(struct login *l, struct err *e)
{
	struct login_record r = {.over = true};
	struct err why = ERR_INIT;
	int found = login_record_get(&l->store, &r, &why);
	int revoked = found > 0 ? end_there(l, &r, &why) : 0;
	login_record_release(&r);
	if (login_store_erase(&l->store, "token", e) < 0)
		return -1;
	if (l->o->totp && login_store_erase(&l->store, "totp", e) < 0)
		return -1;
	if (revoked < 0) {
		err_copy(e, &why);
		return err_prefix(e, _("forgotten here, but not at the provider: "));
	}
	return found || l->o->totp ? 0 : err_set(e, EX_NOINPUT, _("there is no sign-in to forget"));
}

int login_forget(struct login *l, struct err *e)
{
	int lock = login_store_lock(&l->store, e);
	if (lock < 0)
		return -1;
	int r = forget(l, e);
	sys_close(lock);
	return r;
}
