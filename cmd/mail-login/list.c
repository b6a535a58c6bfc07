/* list.c - list: the sign-ins there are. */
#include "login.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "report/report.h"

#include <stdlib.h>

enum column { ACCOUNT, PROVIDER, STATE, EXPIRES, RENEWABLE, CLIENT, SCOPE };
static const struct report_column columns[] = {
    [ACCOUNT] = {"account", N_("ACCOUNT"), 0},
    [PROVIDER] = {"provider", N_("PROVIDER"), 0},
    [STATE] = {"state", N_("STATE"), 0},
    [EXPIRES] = {"expires", N_("TOKEN UNTIL"), 0},
    [RENEWABLE] = {"renewable", NULL, 0},
    [CLIENT] = {"client_id", NULL, 0},
    [SCOPE] = {"scope", NULL, 0},
};

static const char *state_of(const struct login_record *r)
{
	bool fresh = login_record_is_fresh(r, clock_real_s());
	return fresh || (r->token.refresh && !r->over) ? "valid" : "expired";
}

static int row(struct report *out, const char *account, const struct login_record *r, struct err *e)
{
	report_text(out, ACCOUNT, span_of(account));
	report_text(out, PROVIDER, span_of(r->provider.name));
	report_text(out, STATE, span_of(state_of(r)));
	if (r->token.expires_s)
		report_time(out, EXPIRES, r->token.expires_s);
	report_bool(out, RENEWABLE, r->token.refresh && !r->over);
	report_text(out, CLIENT, span_of(r->client_id));
	if (r->scope)
		report_text(out, SCOPE, span_of(r->scope));
	return report_row(out, e);
}

/* --- the store of each account --- */

struct store_options {
	struct cli_common common;
	char *token_store;
};
static const struct cli_option store_option[] = {
    CLI_STRING(0, "token-store", N_("COMMAND"), struct store_options, token_store, ""),
};
static const struct cli_group store_group[] = {{NULL, store_option, 1, 0, 0}};
static const struct cli_program store_program = {.name = "mail-login",
    .groups = store_group,
    .group_count = 1,
    .common_offset = offsetof(struct store_options, common)};

static int store_of(
    const struct login_options *o, const char *account, char **command, struct err *e)
{
	struct store_options s = {.common = {.config = o->common.config}};
	struct account a;
	bool known = false;
	if (account_is_known(&s.common, account, &known, e) < 0)
		return -1;
	s.common.account = known ? (char *)(uintptr_t)account : NULL;
	if (account_load(&a, &store_program, &s, &s.common, NULL, e) < 0) {
		free(s.token_store);
		return -1;
	}
	account_release(&a);
	*command = s.token_store;
	return 0;
}

static int one(const struct login_options *o, const char *folder, const char *account,
    struct report *out, struct err *e)
{
	struct login_store s;
	struct login_record r;
	char *command = NULL;
	if (!o->token_store && store_of(o, account, &command, e) < 0)
		return -1;
	const char *store = o->token_store ? o->token_store : command;
	int found = login_store_open(&s, folder, store, account, e);
	if (found == 0) {
		found = login_record_get(&s, &r, e);
		login_store_close(&s);
	}
	if (found > 0) {
		found = row(out, account, &r, e);
		login_record_release(&r);
	}
	free(command);
	return found < 0 ? err_prefix(e, "%s: ", account) : 0;
}

/* One that cannot be read does not hide the others. */
static int all(const struct login_options *o, const struct cli_program *p, const char *folder,
    const struct strv *accounts, struct err *e)
{
	struct report *out = report_new(columns, ARRAY_LEN(columns),
	    o->common.json ? REPORT_JSON : REPORT_AUTO, o->common.color);
	int code = 0;
	for (size_t i = 0; i < accounts->n; i++) {
		struct err why = ERR_INIT;
		if (one(o, folder, accounts->v[i], out, &why) < 0)
			code = cli_fail(p, &why);
	}
	return report_close(out, e) < 0 ? -1 : code;
}

int login_list(const struct login_options *o, const struct cli_program *p, struct err *e)
{
	struct strv accounts = {0};
	char *folder;
	if (login_folder(&folder, e) < 0)
		return -1;
	int r = login_store_accounts(folder, &accounts, e);
	if (r == 0)
		r = all(o, p, folder, &accounts, e);
	strv_release(&accounts);
	free(folder);
	return r;
}
