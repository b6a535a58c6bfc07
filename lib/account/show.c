/* --show-config: each setting and where it came from. */
#include "account/internal.h"
#include "base/alloc.h"
#include "base/intl.h"
#include "report/report.h"

enum { NAME, ORIGIN, VALUE };
static const struct report_column columns[] = {
    {"name", N_("SETTING"), 0}, {"origin", N_("FROM"), 0}, {"value", N_("VALUE"), 0}};

struct listing {
	const struct account *account;
	const struct cli_program *program;
	const void *opts;
	const struct cli_common *common;
	struct report *report;
};

/* origin: in words, where it is no line of the file. */
static int row(const struct listing *l, const char *name, const char *value,
    const struct config_entry *at, const char *origin, struct err *e)
{
	struct buf where = BUF_INIT(8192);
	if (at)
		buf_addf(&where, "%s:%u", l->account->config.path, at->line);
	else
		buf_adds(&where, origin);
	report_text(l->report, NAME, span_of(name));
	report_text(l->report, ORIGIN, buf_span(&where));
	report_text(l->report, VALUE, span_of(value));
	buf_release(&where);
	return report_row(l->report, e);
}

static int option_row(const struct listing *l, const struct cli_slot *slot, struct err *e)
{
	const struct account_origin *o = account_origin_of(l->account, slot->option->name);
	bool given = strv_has(&l->common->given, slot->option->name);
	struct buf value = BUF_INIT(1024 * 1024);
	/* what a function took, and secrets, are not in opts */
	if (o && (slot->option->kind == CLI_KIND_CALL || account_is_secret(slot->option->name)))
		buf_adds(&value, o->entry->value);
	else
		cli_value_text(slot, l->opts, &value);
	int r = row(l, slot->option->name, buf_cstr(&value), o ? o->entry : NULL,
	    given ? _("command line") : _("default"), e);
	buf_release(&value);
	return r;
}

/* What the account says that is no option of this program. */
static int account_rows(const struct listing *l, struct err *e)
{
	static const char *const words[] = {"from", "server", "fetch", "mailbox", "preset"};
	const struct account *a = l->account;
	if (row(l, "config", a->have_config ? a->config.path : "", NULL,
		!a->have_config     ? _("there is none")
		: l->common->config ? _("command line")
				    : _("default"),
		e) < 0 ||
	    row(l, "account", a->name ? a->name : "", NULL,
		a->by_name ? _("command line")
		: a->name  ? _("chosen")
			   : _("none chosen"),
		e) < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		const struct config_entry *at = account_find(a, l->program, words[i]);
		if (at && !cli_find(l->program, span_of(words[i])) &&
		    row(l, words[i], at->value, at, NULL, e) < 0)
			return -1;
	}
	return 0;
}

static int all_rows(const struct listing *l, struct err *e)
{
	struct cli_slot slot;
	if (account_rows(l, e) < 0)
		return -1;
	for (size_t at = 0; cli_each(l->program, &at, &slot);) {
		const struct cli_option *o = slot.option;
		if (o->name && !(o->flags & (CLI_COMMAND_LINE | CLI_HIDDEN)) &&
		    option_row(l, &slot, e) < 0)
			return -1;
	}
	return 0;
}

int account_show(const struct account *a, const struct cli_program *p, const void *opts,
    const struct cli_common *common, struct err *e)
{
	struct listing l = {a, p, opts, common, NULL};
	l.report = report_new(
	    columns, ARRAY_LEN(columns), common->json ? REPORT_JSON : REPORT_AUTO, common->color);
	struct err late = ERR_INIT;
	int r = all_rows(&l, e);
	if (report_close(l.report, &late) < 0 && r == 0)
		r = err_copy(e, &late);
	return r < 0 ? -1 : cli_end(e);
}
