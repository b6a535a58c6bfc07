/* --lint: findings on standard error, or with --json on standard output. */
#include "compose/lint.h"
#include "account/message.h"
#include "base/clock.h"
#include "base/intl.h"
#include "io/spool.h"
#include "options.h"
#include "report/report.h"

#include <unistd.h>

enum { LEVEL, CODE, TEXT, COLUMNS };
static const struct report_column columns[COLUMNS] = {
    {"level", NULL, 0}, {"code", NULL, 0}, {"text", NULL, 0}};

struct findings {
	const struct options *o;
	struct report *json;
	unsigned errors;
};

static int finding(
    void *ctx, enum lint_level level, const char *code, const char *text, struct err *e)
{
	struct findings *f = ctx;
	const char *word = level == LINT_ERROR ? "error" : "warning";
	f->errors += level == LINT_ERROR;
	if (!f->json) {
		cli_warn(&program, &f->o->common, "%s: %s: %s", word, code, text);
		return 0;
	}
	report_text(f->json, LEVEL, span_of(word));
	report_text(f->json, CODE, span_of(code));
	report_text(f->json, TEXT, span_of(text));
	return report_row(f->json, e);
}

int full_lint(const struct options *o, const struct spool *message, struct err *e)
{
	struct findings f = {.o = o};
	struct source_spool in;
	source_spool_init(&in, message);
	if (lint_message(&in.source, clock_real_s(), finding, &f, e) < 0)
		return -1;
	if (!f.errors)
		return 0;
	return err_set(e, EX_DATAERR, _("%u errors: the message is not written"), f.errors);
}

static int judge(const struct options *o, struct source *in, struct err *e)
{
	struct findings f = {.o = o};
	if (o->common.json)
		f.json = report_new(columns, COLUMNS, REPORT_JSON, 0);
	int r = lint_message(in, clock_real_s(), finding, &f, e);
	if (f.json && report_close(f.json, r == 0 ? e : NULL) < 0)
		r = -1;
	return r < 0 ? -1 : f.errors ? EX_DATAERR : 0;
}

int full_lint_message(const struct options *o, const struct account *a, struct err *e)
{
	struct store_message m;
	struct source_fd in;
	if (strcmp(o->lint_message, "-") == 0) {
		source_fd_init(&in, STDIN_FILENO);
		return judge(o, &in.source, e);
	}
	if (account_message_open(a, o->lint_message, &m, e) < 0)
		return -1;
	int r = judge(o, m.source, e);
	store_message_free(&m);
	return r;
}
