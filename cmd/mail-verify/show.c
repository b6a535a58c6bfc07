/* show.c - records as lines, with the steps behind them where they are asked for, or as JSON. */
#include "base/alloc.h"
#include "base/intl.h"
#include "codec/inert.h"
#include "verify.h"

#include <stdio.h>

enum {
	METHOD,
	RESULT,
	DOMAIN,
	SELECTOR,
	REASON,
	NAME,
	MESSAGE,
	PART,
	PROPERTIES,
	DETAILS,
	STEPS,
	COLUMNS
};
/* Which message it is of, where there are several, stands behind what there always is. */
#define ALL_COLUMNS(name, message)                                                                 \
	[METHOD] = {"method", N_("METHOD"), 0}, [RESULT] = {"result", N_("RESULT"), REPORT_BOLD},  \
	[DOMAIN] = {"domain", N_("DOMAIN"), 0}, [SELECTOR] = {"selector", N_("SELECTOR"), 0},      \
	[REASON] = {"reason", N_("REASON"), 0}, [NAME] = {"name", name, 0},                        \
	[MESSAGE] = {"message", message, 0}, [PART] = {"part", NULL, 0},                           \
	[PROPERTIES] = {"properties", NULL, 0}, [DETAILS] = {"details", NULL, 0},                  \
	[STEPS] = {"steps", NULL, 0}
static const struct report_column of_one[] = {ALL_COLUMNS(NULL, NULL)},
				  of_several[] = {ALL_COLUMNS(N_("NAME"), N_("MESSAGE"))};

struct report *verify_report(const struct verify_options *o, bool several)
{
	return report_new(several ? of_several : of_one, COLUMNS,
	    o->common.json ? REPORT_JSON : REPORT_AUTO, o->common.color);
}

static json_t *steps(const struct strv *l)
{
	json_t *all = json_array();
	for (size_t i = 0; i < l->n; i++)
		json_array_append_new(all, report_json_text(span_of(l->v[i])));
	return all;
}

static void text(struct report *r, size_t column, const char *s)
{
	if (s)
		report_text(r, column, span_of(s));
}

static int row(
    struct verify *v, const struct verify_message *m, const struct verify_record *f, struct err *e)
{
	struct report *r = v->report;
	report_text(r, METHOD, span_of(f->method));
	text(r, RESULT, f->result);
	text(r, DOMAIN, f->domain);
	text(r, SELECTOR, f->selector);
	text(r, REASON, f->reason);
	text(r, NAME, m->name);
	text(r, PART, f->part);
	if (m->index)
		report_number(r, MESSAGE, (int64_t)m->index);
	if (f->properties)
		report_json(r, PROPERTIES, json_incref(f->properties));
	if (f->details)
		report_json(r, DETAILS, json_incref(f->details));
	if (f->steps.n)
		report_json(r, STEPS, steps(&f->steps));
	return report_row(r, e);
}

/* --- with every step --- */

static void line(const char *indent, const char *s)
{
	struct buf b = BUF_INIT(64 * 1024);
	inert_add(&b, span_of(s), 0);
	printf("%s%s\n", indent, buf_cstr(&b));
	buf_release(&b);
}

static void explain(const struct verify_record *f)
{
	char *head = str_printf("%s: %s%s%s%s%s%s%s", f->method, f->result, f->domain ? " " : "",
	    f->domain ? f->domain : "", f->selector ? " " : "", f->selector ? f->selector : "",
	    f->reason ? ": " : "", f->reason ? f->reason : "");
	line("", head);
	for (size_t i = 0; i < f->steps.n; i++)
		line("    ", f->steps.v[i]);
	free(head);
}

/* A person looks at one message; a script, and who looks through many, wants a line each. */
bool verify_for_person(const struct verify_options *o)
{
	return !o->common.json && !o->explain && !o->mbox && !o->spf_only && !o->add_header &&
	       !o->secure.decrypt && (o->common.verbose || report_terminal_width());
}

static void explain_which(const struct verify_message *m)
{
	char *which = m->index ? str_printf(_("%s%smessage %llu"), m->name ? m->name : "",
				     m->name ? ": " : "", (unsigned long long)m->index)
			       : str_dup(m->name ? m->name : "-");
	line("", which);
	free(which);
}

int verify_show(struct verify *v, const struct verify_message *m, struct err *e)
{
	if (verify_for_person(v->o)) {
		if (v->screens++)
			line("", "");
		verify_person(v, m);
		return 0;
	}
	if (v->several && v->o->explain && !v->o->common.json)
		explain_which(m);
	for (size_t i = 0; i < m->records.n; i++) {
		const struct verify_record *f = &m->records.v[i];
		if (v->o->explain && !v->o->common.json)
			explain(f);
		else if (row(v, m, f, e) < 0)
			return -1;
	}
	return 0;
}
