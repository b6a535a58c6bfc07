/* policy.c - what the domain publishes (--policy), and what is wrong with it (--lint). */
#include "base/alloc.h"
#include "base/intl.h"
#include "codec/inert.h"
#include "mx.h"

#include <stdio.h>

enum { TEXT_MAX = 64 * 1024 };

static const struct report_column columns[] = {
    {"domain", N_("DOMAIN"), 0},
    {"level", N_("LEVEL"), 0},
    {"subject", N_("SUBJECT"), REPORT_BOLD},
    {"what", N_("WHAT"), 0},
    {"why", N_("WHY"), 0},
    {"publish", N_("PUBLISH"), 0},
};

/* --lint is silent where all is well. */
static bool is_shown(const struct mx *m, const struct policy_finding *f)
{
	return m->o->policy || f->level != POLICY_FACT;
}

static void say(const char *before, const char *text, const char *after)
{
	struct buf b = BUF_INIT(TEXT_MAX);
	inert_add(&b, span_of(text), 0);
	printf("%s%s%s\n", before, buf_cstr(&b), after);
	buf_release(&b);
}

static void show_finding(const struct policy_finding *f)
{
	char head[64];
	snprintf(head, sizeof(head),
	    "  %-8s %s: ", f->level == POLICY_FACT ? "" : policy_level_word(f->level), f->subject);
	say(head, f->what, "");
	if (f->why)
		say("           ", f->why, "");
	if (f->publish)
		say(_("           publish: "), f->publish, "");
}

static void show_for_people(
    const struct mx *m, const struct route_plan *p, const struct policy *found)
{
	bool headed = false;
	for (size_t i = 0; i < found->n; i++) {
		if (!is_shown(m, &found->v[i]))
			continue;
		if (!headed)
			say("", p->domain, _(": what is published"));
		headed = true;
		show_finding(&found->v[i]);
	}
	fflush(stdout);
}

static int show_row(
    struct report *r, const struct route_plan *p, const struct policy_finding *f, struct err *e)
{
	const char *const texts[] = {p->domain, policy_level_word(f->level), f->subject, f->what,
	    f->why ? f->why : "-", f->publish ? f->publish : "-"};
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		report_text(r, i, span_of(texts[i]));
	return report_row(r, e);
}

int mx_policy_show(
    struct mx *m, const struct route_plan *p, const struct policy *found, struct err *e)
{
	int result = 0;
	if (report_terminal_width()) {
		show_for_people(m, p, found);
		return 0;
	}
	fflush(stdout);
	struct report *r = report_new(columns, ARRAY_LEN(columns), REPORT_TABS, m->o->common.color);
	for (size_t i = 0; result == 0 && i < found->n; i++)
		if (is_shown(m, &found->v[i]))
			result = show_row(r, p, &found->v[i], e);
	return report_close(r, result == 0 ? e : NULL) < 0 ? -1 : result;
}

json_t *mx_policy_json(const struct mx *m, const struct policy *found)
{
	json_t *o = json_object(), *list = json_array();
	json_object_set_new(o, "spf_lookups", json_integer(found->spf_lookups));
	json_object_set_new(o, "spf_void_lookups", json_integer(found->spf_voids));
	for (size_t i = 0; i < found->n; i++) {
		const struct policy_finding *f = &found->v[i];
		if (!is_shown(m, f))
			continue;
		json_t *one = json_object();
		json_object_set_new(one, "level", json_string(policy_level_word(f->level)));
		json_object_set_new(one, "subject", json_string(f->subject));
		json_object_set_new(one, "what", report_json_text(span_of(f->what)));
		if (f->why)
			json_object_set_new(one, "why", report_json_text(span_of(f->why)));
		if (f->publish)
			json_object_set_new(one, "publish", report_json_text(span_of(f->publish)));
		json_array_append_new(list, one);
	}
	json_object_set_new(o, "findings", list);
	return o;
}
