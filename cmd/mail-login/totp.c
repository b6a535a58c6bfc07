/* totp.c - totp: the one-time password of this moment. */
#include "login.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "io/stream.h"
#include "io/sys.h"
#include "login/totp.h"
#include "report/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { SECRET_MAX = 4096 };

/* --- where the secret is --- */

static int from_store(struct login *l, char **out, struct err *e)
{
	struct buf b = BUF_INIT(LOGIN_RECORD_MAX);
	b.secret = true;
	int r = login_store_get(&l->store, "totp", &b, e);
	if (r > 0)
		*out = span_dup(span_trim(buf_span(&b)));
	buf_wipe(&b);
	if (r == 0)
		return err_set(e, EX_NOPERM,
		    _("no secret for one-time passwords: --totp-command, --totp-file, or totp "
		      "--import"));
	return r < 0 ? -1 : 0;
}

static int find(struct login *l, char **out, struct err *e)
{
	const struct login_options *o = l->o;
	char *env[] = {str_printf("SURAT_ACCOUNT=%s", l->name), NULL};
	int r = o->totp_command
		    ? account_line_of_command("totp-command", o->totp_command, env, out, e)
		: o->totp_file ? account_line_of_file("totp-file", o->totp_file, out, e)
			       : from_store(l, out, e);
	free(env[0]);
	return r;
}

/* --- the code --- */

enum column { ACCOUNT, CODE, EXPIRES };
static const struct report_column columns[] = {
    [ACCOUNT] = {"account", NULL, 0},
    [CODE] = {"code", NULL, 0},
    [EXPIRES] = {"expires", NULL, 0},
};

static int print(const struct login *l, const char *code, int64_t until_s, struct err *e)
{
	if (!l->o->common.json)
		return puts(code) < 0 ? err_sys(e, EX_IOERR, _("standard output")) : 0;
	struct report *r = report_new(columns, ARRAY_LEN(columns), REPORT_JSON, l->o->common.color);
	report_text(r, ACCOUNT, span_of(l->name));
	report_text(r, CODE, span_of(code));
	report_time(r, EXPIRES, until_s);
	int bad = report_row(r, e);
	return report_close(r, bad < 0 ? NULL : e) < 0 || bad < 0 ? -1 : 0;
}

static int show(struct login *l, struct err *e)
{
	char *text = NULL, code[TOTP_SIZE];
	struct totp t;
	int64_t now = clock_real_s();
	if (find(l, &text, e) < 0)
		return -1;
	int r = totp_parse(&t, span_of(text), e);
	str_wipe_free(text);
	if (r < 0)
		return -1;
	totp_code(&t, now, code);
	r = print(l, code, totp_until_s(&t, now), e);
	mem_wipe(code, sizeof(code));
	totp_release(&t);
	return r;
}

/* --- import --- */

/* Only what gives codes is kept. */
static int put(struct login *l, struct span line, struct err *e)
{
	struct totp t;
	if (totp_parse(&t, line, e) < 0)
		return -1;
	totp_release(&t);
	int lock = login_store_lock(&l->store, e);
	if (lock < 0)
		return -1;
	struct buf b = BUF_INIT(SECRET_MAX + 1);
	b.secret = true;
	buf_add(&b, span_trim(line));
	buf_addc(&b, '\n');
	int r = login_store_put(&l->store, "totp", buf_span(&b), e);
	buf_wipe(&b);
	sys_close(lock);
	return r;
}

static int import(struct login *l, struct err *e)
{
	struct stream s;
	struct span line = SPAN("");
	stream_init_fd(&s, STDIN_FILENO, -1);
	s.in.secret = true;
	int r = stream_line(&s, &line, SECRET_MAX, e);
	if (r < 0)
		err_prefix(e, _("standard input: "));
	else
		r = put(l, line, e);
	buf_wipe(&s.in);
	stream_release(&s);
	return r;
}

int login_totp(struct login *l, struct err *e)
{
	return l->o->import ? import(l, e) : show(l, e);
}
