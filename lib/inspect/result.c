#include "inspect/result.h"

#include "base/alloc.h"
#include "base/intl.h"
#include "codec/inert.h"

#include <stdlib.h>

enum { ARENA_MAX = 4 << 20 };

void inspect_result_init(struct inspect_result *r)
{
	*r = (struct inspect_result){.readings = 1};
	arena_init(&r->arena, ARENA_MAX);
}

void inspect_result_release(struct inspect_result *r)
{
	arena_release(&r->arena);
	free(r->v);
	r->v = NULL;
	r->n = r->cap = 0;
}

static struct span keep(struct inspect_result *r, struct span s)
{
	struct span copy = arena_dup(&r->arena, span_take(s, INSPECT_TEXT_MAX));
	return copy.ptr ? copy : SPAN("");
}

static bool has(const struct inspect_result *r, const struct inspect_finding *f)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->v[i].rule == f->rule && span_eq(r->v[i].part, f->part) &&
		    span_eq(r->v[i].name, span_take(f->name, INSPECT_TEXT_MAX)) &&
		    span_eq(r->v[i].detail, span_take(f->detail, INSPECT_TEXT_MAX)))
			return true;
	return false;
}

static void put(struct inspect_result *r, const struct inspect_finding *f)
{
	if (r->n == r->cap) {
		r->cap = r->cap ? 2 * r->cap : 16;
		r->v = mem_resize(r->v, r->cap, sizeof(*r->v));
	}
	r->v[r->n++] = *f;
}

/* What says more than what is kept: malware, of which one is enough. */
static void put_over(struct inspect_result *r, const struct inspect_finding *f)
{
	if (r->n == INSPECT_FINDINGS_MAX)
		put(r, &(struct inspect_finding){
			   INSPECT_LIMIT_FINDINGS, SPAN(""), SPAN(""), SPAN("")});
	if (inspect_rule_kind(f->rule) == INSPECT_INFECTED && r->n == INSPECT_FINDINGS_MAX + 1)
		put(r, f);
}

void inspect_add(struct inspect_result *r, enum inspect_rule rule, struct span part,
    struct span name, struct span detail)
{
	struct inspect_finding f = {rule, part, name, detail};
	if (has(r, &f))
		return;
	f = (struct inspect_finding){rule, keep(r, part), keep(r, name), keep(r, detail)};
	if (r->n < INSPECT_FINDINGS_MAX)
		put(r, &f);
	else
		put_over(r, &f);
}

void inspect_found(const struct inspect_place *at, enum inspect_rule rule, struct span detail)
{
	inspect_add(at->result, rule, at->part, at->name, detail);
}

/* --- the verdict --- */

enum inspect_verdict inspect_result_verdict(const struct inspect_result *r,
    const struct inspect_policy *p, const struct inspect_finding **first)
{
	const struct inspect_finding *heaviest = NULL;
	for (size_t i = 0; i < r->n; i++) {
		enum inspect_kind kind = inspect_rule_kind(r->v[i].rule);
		if (kind == INSPECT_POLICY && p->actions[r->v[i].rule] == INSPECT_PASS)
			continue;
		if (!heaviest || kind > inspect_rule_kind(heaviest->rule))
			heaviest = &r->v[i];
	}
	if (first)
		*first = heaviest;
	return heaviest ? (enum inspect_verdict)(
			      inspect_rule_kind(heaviest->rule) + (int)INSPECT_UNWANTED)
			: INSPECT_CLEAN;
}

/* Of two that ask for the same, the one of the heavier kind tells why. */
static bool is_heavier(const struct inspect_policy *p, const struct inspect_finding *f,
    const struct inspect_finding *than)
{
	if (!than || p->actions[f->rule] != p->actions[than->rule])
		return !than || p->actions[f->rule] > p->actions[than->rule];
	return inspect_rule_kind(f->rule) > inspect_rule_kind(than->rule);
}

enum inspect_action inspect_result_action(const struct inspect_result *r,
    const struct inspect_policy *p, const struct inspect_finding **first)
{
	const struct inspect_finding *heaviest = NULL;
	for (size_t i = 0; i < r->n; i++)
		if (p->actions[r->v[i].rule] != INSPECT_PASS && is_heavier(p, &r->v[i], heaviest))
			heaviest = &r->v[i];
	if (first)
		*first = heaviest;
	return heaviest ? p->actions[heaviest->rule] : INSPECT_PASS;
}

const char *inspect_verdict_name(enum inspect_verdict v)
{
	static const char *const names[] = {"clean", "policy", "not-fully-inspected", "infected"};
	return (size_t)v < ARRAY_LEN(names) ? names[v] : "";
}

/* --- for people, and in fields --- */

static void add_part(struct buf *b, const struct inspect_finding *f)
{
	if (f->part.len)
		buf_addf(b, _("part %.*s"), SPAN_ARG(f->part));
	if (f->part.len && f->name.len)
		buf_addc(b, ' ');
	inert_add(b, f->name, 0);
	if (!f->part.len && !f->name.len)
		buf_adds(b, _("the message"));
}

void inspect_finding_text(struct buf *b, const struct inspect_finding *f)
{
	if (inspect_rule_kind(f->rule) == INSPECT_INFECTED)
		inert_add(b, f->detail, 0);
	else
		buf_adds(b, inspect_rule_text(f->rule));
	buf_adds(b, ": ");
	add_part(b, f);
	if (inspect_rule_kind(f->rule) == INSPECT_INFECTED || !f->detail.len)
		return;
	buf_adds(b, " (");
	inert_add(b, f->detail, 0);
	buf_addc(b, ')');
}

/* Printable ASCII without what a comment gives a meaning: whatever a file calls itself. */
static void add_word(struct buf *b, struct span s)
{
	for (size_t i = 0; i < s.len && i < 200; i++)
		buf_addc(b, s.ptr[i] >= ' ' && s.ptr[i] <= '~' && !strchr("()\\\"<", s.ptr[i])
				? s.ptr[i]
				: '?');
}

static void add_status(struct buf *b, enum inspect_verdict v, const struct inspect_finding *first)
{
	static const char *const words[] = {"Clean", "Policy", "Not fully inspected", "Infected"};
	buf_addf(b, "X-Virus-Status: %s", words[v]);
	if (first) {
		buf_adds(b, " (");
		add_word(b,
		    v == INSPECT_MALWARE ? first->detail : span_of(inspect_rule_name(first->rule)));
		if (first->part.len) {
			buf_adds(b, "; part ");
			add_word(b, first->part);
		}
		if (first->name.len) {
			buf_adds(b, "\n\t");
			add_word(b, first->name);
		}
		buf_addc(b, ')');
	}
	buf_addc(b, '\n');
}

void inspect_result_fields(struct buf *b, const struct inspect_result *r,
    const struct inspect_policy *p, const char *scanners)
{
	const struct inspect_finding *first;
	enum inspect_verdict v = inspect_result_verdict(r, p, &first);
	buf_addf(b, "X-Virus-Scanned: surat (%s)\n", scanners);
	add_status(b, v, first);
}

bool inspect_is_field(struct span name)
{
	return span_is_nocase(name, "X-Virus-Scanned") || span_is_nocase(name, "X-Virus-Status");
}
